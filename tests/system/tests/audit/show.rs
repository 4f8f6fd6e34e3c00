//! Records in words.

use std::path::Path;

use papertape::audit::{AuditCommand, ShowArgs};
use papertape_tests::cases;
use papertape_tests::scenario::Scenario;

use crate::venue::{Venue, among_traders, audit, stream};

const TRADE: &str = "\
ann sells 5 @ 1000 as a1
bob buys 3 @ 1001 ioc
bob amends a1 to 4
ann amends a1 to 4 @ 1000
";

/// What only a programmer reads.
const FOREIGN: [&str; 5] = [" { ", "Some(", "InstrumentId", "AccountId(", "Price("];

fn show(venue: &Venue, seq: &str, balances: bool) -> (u8, String) {
    audit(&AuditCommand::Show(ShowArgs { source: venue.source(), seq: seq.parse().unwrap(), balances }))
}

#[test]
fn a_record_is_told_with_what_it_did() {
    let venue = Venue::of(&among_traders(TRADE), 1);
    let (code, text) = show(&venue, "3..11", false);
    assert_eq!(code, 0, "{text}");
    let expected = "\
3  2026-01-02 03:04:05.000000003 UTC  list BTC-USD (BTC for USD), ticks of 1, lots of 0.0100 BTC, maker 0.0000 % and taker 0.1000 %, oldest first, continuous trading
  3.0  instrument 0 listed: BTC-USD (BTC for USD), ticks of 1, lots of 0.0100 BTC, maker 0.0000 % and taker 0.1000 %, oldest first, continuous trading
4  2026-01-02 03:04:05.000000004 UTC  open an account (reference 7)
  4.0  account 1 is open (reference 7)
5  2026-01-02 03:04:05.000000005 UTC  open an account (reference 8)
  5.0  account 2 is open (reference 8)
6  2026-01-02 03:04:05.000000006 UTC  deposit 2.0000 BTC to account 1 (reference 1)
  6.0  account 1 received 2.0000 BTC (reference 1)
7  2026-01-02 03:04:05.000000007 UTC  deposit 10000.00 USD to account 2 (reference 2)
  7.0  account 2 received 10000.00 USD (reference 2)
8  2026-01-02 03:04:05.000000008 UTC  account 1: sell 0.05 BTC-USD at 1000, good till cancelled, named \"a1\"
  8.0  order 1 of account 1 accepted: sell 0.05 BTC-USD at 1000, good till cancelled, may trade with own orders, named \"a1\"
  8.1  order 1 of account 1 rests: sell 0.05 BTC-USD at 1000
9  2026-01-02 03:04:05.000000009 UTC  account 2: buy 0.03 BTC-USD at 1001, immediate or cancel
  9.0  order 2 of account 2 accepted: buy 0.03 BTC-USD at 1001, immediate or cancel, may trade with own orders
  9.1  trade 1: 0.03 BTC-USD at 1000; order 2 of account 2 buys (leaves 0.00, fee 0.03 USD, took); order 1 of account 1 sells (leaves 0.02, no fee)
10  2026-01-02 03:04:05.000000010 UTC  account 2: amend order \"a1\" to 4 lots
  10.0  refused of order \"a1\" for account 2: The account has no such open order. (UNKNOWN_ORDER)
11  2026-01-02 03:04:05.000000011 UTC  account 1: amend order \"a1\" to 0.04 at 1000
  11.0  order 1 of account 1: 0.02 at 1000 becomes 0.01 of 0.04 at 1000, keeps its place
";
    assert_eq!(text, expected);
    let (_, text) = show(&venue, "9", true);
    assert!(text.contains("  9.6  balance of the fee account: 0.03 USD free, 0.00 USD held\n"), "{text}");
    let (_, text) = show(&venue, "12..", false);
    assert_eq!(text.lines().count(), 1);
    assert!(text.ends_with("(journal) closed\n"), "{text}");
}

#[test]
fn records_beyond_the_end_are_a_clear_complaint() {
    let venue = Venue::of(&among_traders(TRADE), 1);
    let (code, text) = show(&venue, "12..14", false);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(": the journal ends at record 12, before 14"), "{text}");
    let (code, text) = show(&venue, "99", false);
    assert_eq!((code, text.lines().count()), (2, 1), "{text}");
}

#[test]
fn whatever_was_journalled_has_words_and_a_snapshot_changes_none() {
    for seed in 0..cases().min(3) {
        let venue = Venue::early(&stream(seed, 1_500), 3);
        let whole = ShowArgs { source: venue.source(), seq: "1..".parse().unwrap(), balances: true };
        let (code, text) = audit(&AuditCommand::Show(whole));
        assert_eq!(code, 0, "seed {seed}");
        assert!(text.lines().count() > 3_000, "seed {seed}");
        let found = text.lines().find(|line| FOREIGN.iter().any(|foreign| line.contains(foreign)));
        assert!(found.is_none(), "seed {seed}: {found:?}");
        let part = |no_snapshot| {
            let source = papertape::audit::Source { no_snapshot, ..venue.source() };
            audit(&AuditCommand::Show(ShowArgs { source, seq: "1400..1410".parse().unwrap(), balances: true }))
        };
        assert_eq!(part(true), part(false), "seed {seed}");
        assert!(text.contains(&part(true).1), "seed {seed}");
    }
}

#[test]
fn every_scenario_is_told_in_words() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let (mut lines, mut scenarios) = (0, 0);
    for name in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for path in std::fs::read_dir(name).unwrap().map(|entry| entry.unwrap().path()) {
            let text = std::fs::read_to_string(&path).unwrap();
            let venue = Venue::after(&Scenario::parse("here", &text).unwrap());
            let (code, text) = show(&venue, "1..", true);
            assert_eq!(code, 0, "{}", path.display());
            let found = text.lines().find(|line| FOREIGN.iter().any(|foreign| line.contains(foreign)));
            assert!(found.is_none(), "{}: {found:?}", path.display());
            lines += text.lines().count();
            scenarios += 1;
        }
    }
    assert!(scenarios > 200 && lines > 5_000, "{scenarios} scenarios, {lines} lines");
}
