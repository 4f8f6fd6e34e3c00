//! The byte tables of `docs/protocol-tcp.md` are those of the code.

use std::fmt::Write as _;

use papertape_wire::codes::{CAUSES, CODES};
use papertape_wire::{FROM_CLIENT, FROM_VENUE, Layout};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol-tcp.md");

fn frames(layouts: &[Layout]) -> String {
    let mut text = String::new();
    for layout in layouts {
        writeln!(text, "\n### `0x{:02x}` {}\n\n{}\n", layout.kind, layout.name, layout.says.trim()).unwrap();
        writeln!(text, "{} bytes.", layout.len).unwrap();
        let columns = (layout.columns)();
        if columns.is_empty() {
            continue;
        }
        text +=
            "\n| Offset | Size | Type | Field | Unit | Null | Since | Meaning |\n|---|---|---|---|---|---|---|---|\n";
        for column in columns {
            let kind = match column.kind {
                "Name" | "Text<36>" => "text",
                "Signature" | "[u8; 16]" | "[u8; 32]" => "bytes",
                number => number,
            };
            let (offset, size, name) = (column.offset, column.size, column.name);
            let (unit, null, since, says) = (column.unit, column.null, column.since, column.says);
            writeln!(text, "| {offset} | {size} | {kind} | `{name}` | {unit} | {null} | {since} | {says} |").unwrap();
        }
    }
    text
}

fn codes() -> String {
    let mut text = "\n| Number | Name | Class | Meaning |\n|---|---|---|---|\n".to_owned();
    for code in CODES {
        let class = match code.class {
            papertape_wire::codes::Class::Retryable => "retryable",
            papertape_wire::codes::Class::Final => "final",
            papertape_wire::codes::Class::OutcomeUnknown => "outcome unknown",
        };
        writeln!(text, "| {} | `{}` | {class} | {} |", code.number, code.name, code.says).unwrap();
    }
    text
}

fn causes() -> String {
    let mut text = "\n| Number | Name | Meaning |\n|---|---|---|\n".to_owned();
    for cause in CAUSES {
        writeln!(text, "| {} | `{}` | {} |", cause.number, cause.name, cause.says).unwrap();
    }
    text
}

#[test]
fn the_document_has_the_tables_of_the_code() {
    let mut document = std::fs::read_to_string(PATH).unwrap();
    let tables = [
        ("from-client", frames(FROM_CLIENT)),
        ("from-venue", frames(FROM_VENUE)),
        ("codes", codes()),
        ("causes", causes()),
        ("transcript", crate::transcript::written()),
    ];
    for (name, table) in tables {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("\n<!-- end of {name} -->"));
        let from = document.find(&begin).unwrap_or_else(|| panic!("{begin}")) + begin.len();
        let until = document.find(&end).unwrap_or_else(|| panic!("{end}"));
        if std::env::var_os("PAPERTAPE_WRITE_GOLDEN").is_some() {
            document.replace_range(from..until, &table);
            std::fs::write(PATH, &document).unwrap();
        } else {
            assert_eq!(&document[from..until], table, "{name}: write it with PAPERTAPE_WRITE_GOLDEN=1");
        }
    }
}
