//! Rows for other programs.

use papertape::audit::{AuditCommand, ExportArgs, ExportFormat, What};
use papertape_pipeline::Replay;
use papertape_tests::random::Profile;
use serde_json::Value;

use crate::venue::{Venue, among_traders, audit, flow, stream};

fn export(venue: &Venue, what: What, format: ExportFormat, seq: &str) -> (u8, String) {
    audit(&AuditCommand::Export(ExportArgs { source: venue.source(), seq: seq.parse().unwrap(), what, format }))
}

#[test]
fn a_trade_and_its_order_are_rows_with_decimals_as_text() {
    let venue = Venue::of(
        &among_traders(
            "\
ann sells 5 @ 1000 as a1
bob buys 3 @ 1001 ioc
",
        ),
        1,
    );
    let (code, records) = export(&venue, What::Records, ExportFormat::Jsonl, "8..9");
    assert_eq!(code, 0);
    let first = records.lines().next().unwrap();
    let expected = concat!(
        r#"{"seq":8,"time":"2026-01-02T03:04:05.000000008Z","time_ns":"1767323045000000008","durable_seq":0,"kind":1,"#,
        r#""command":"place","account":1,"symbol":"BTC-USD","client_order_id":"a1","side":"sell","type":"limit","#,
        r#""price":"1000","qty":"0.05","time_in_force":"gtc","post_only":false,"events":3,"text":"account 1: sell 0.05 "#,
        r#"BTC-USD at 1000, good till cancelled, named \"a1\"","payload":"#,
    );
    assert!(first.starts_with(expected), "{first}\n{expected}");
    let (_, events) = export(&venue, What::Events, ExportFormat::Jsonl, "9");
    let trade: Value = serde_json::from_str(events.lines().nth(1).unwrap()).unwrap();
    assert_eq!((&trade["event"], &trade["price"], &trade["qty"]), (&"trade".into(), &"1000".into(), &"0.03".into()));
    assert_eq!((&trade["buy_order"], &trade["buy_fee"]), (&2.into(), &"0.03".into()));
    assert_eq!((&trade["sell_fee"], &trade["sell_leaves_qty"]), (&"0.00".into(), &"0.02".into()));
    let (_, table) = export(&venue, What::Events, ExportFormat::Csv, "9");
    assert!(table.starts_with("seq,index,time,time_ns,event,account,symbol,order_id,"), "{table}");
}

#[test]
fn every_event_and_every_record_is_one_row_in_either_format() {
    let venues = [stream(5, 1_500), flow(Profile::Listings, 2, 600), flow(Profile::Edges, 2, 600)];
    for commands in venues {
        let venue = Venue::early(&commands, 2);
        let mut events = 0;
        let replayed = Replay::whole(venue.config.dir.clone()).run(|_| events += 1).unwrap();
        for (what, rows) in [(What::Events, events), (What::Records, replayed.last_seq as usize)] {
            let (code, lines) = export(&venue, what, ExportFormat::Jsonl, "1..");
            assert_eq!((code, lines.lines().count()), (0, rows));
            let (code, table) = export(&venue, what, ExportFormat::Csv, "1..");
            assert_eq!((code, table.lines().count()), (0, rows + 1));
            let columns: Vec<&str> = table.lines().next().unwrap().split(',').collect();
            for line in lines.lines() {
                let row: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
                let foreign = row.keys().find(|key| !columns.contains(&key.as_str()));
                assert_eq!(foreign, None);
                assert!(row.contains_key("text") && row.contains_key("seq"), "{line}");
            }
        }
    }
}

#[test]
fn rows_beyond_the_end_are_a_clear_complaint() {
    let venue = Venue::early(&stream(5, 10), 1);
    let (code, text) = export(&venue, What::Events, ExportFormat::Csv, "5..9000");
    assert_eq!(code, 2);
    assert!(text.contains("before 9000"), "{text}");
}
