//! The byte tables of `docs/protocol-ws.md` say what the layouts are.

use papertape_wire::feed;

/// Name, size, and offset, size and name of each field.
type Table = (&'static str, usize, Vec<(usize, usize, &'static str)>);

fn tables() -> Vec<Table> {
    macro_rules! tables {
        ($($name:ident),*) => { vec![$( (stringify!($name), feed::$name::SIZE, feed::$name::columns()) ),*] };
    }
    tables!(
        Header,
        Trades,
        Trade,
        L1,
        Book,
        Level,
        L3,
        ChangedOrder,
        AddedOrder,
        Ticker,
        Candles,
        Bar,
        Status,
        Orders,
        Order,
        Balances,
        AssetBalance,
        Positions,
        Position
    )
}

#[test]
fn every_field_is_in_its_table() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol-ws.md");
    let text = std::fs::read_to_string(document).expect("the document is there");
    for (name, size, columns) in tables() {
        let head = format!("**`{name}`** ({size} bytes)");
        let at = text.find(&head).unwrap_or_else(|| panic!("{head} is missing"));
        let body = &text[at..];
        let rows: Vec<&str> = body.lines().skip(4).take_while(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), columns.len(), "rows of {name}");
        for (row, (offset, size, field)) in rows.iter().zip(columns) {
            let begin = format!("| {offset} | {size} | `{field}` | ");
            assert!(row.starts_with(&begin), "{name}: {row} should begin with {begin}");
        }
    }
}
