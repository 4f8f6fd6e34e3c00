//! Statements that add up.

use std::path::Path;

use papertape::audit::{AccountArgs, AuditCommand, StoryFormat};
use papertape_pipeline::Replay;
use papertape_tests::cases;
use papertape_tests::random::Profile;
use papertape_tests::scenario::Scenario;

use crate::venue::{Venue, among_traders, audit, flow, stream};

fn account(venue: &Venue, account: u32, format: StoryFormat, until: Option<u64>) -> (u8, String) {
    audit(&AuditCommand::Account(AccountArgs { account, data: venue.path().to_owned(), until, format }))
}

fn accounts(venue: &Venue) -> u32 {
    Replay::whole(venue.config.dir.clone()).run(|_| {}).unwrap().engine.account_count()
}

const STATEMENT: &str = "\
ann sells 5 @ 1000
bob buys 3 @ 1001
withdraw 50000 USD from bob reference 3
transfer 100 USD from bob to ann reference 4
bob buys 1 @ 900
";

#[test]
fn a_statement_has_running_balances_and_ends_at_the_state() {
    let venue = Venue::of(&among_traders(STATEMENT), 1);
    let (code, text) = account(&venue, 2, StoryFormat::Text, None);
    let expected = "\
statement of account 2
2026-01-02 03:04:05.000000005 UTC  record 5        opened      reference 8
2026-01-02 03:04:05.000000007 UTC  record 7        deposit     reference 2 | +10000.00 USD, balance 10000.00
2026-01-02 03:04:05.000000009 UTC  record 9        order       order 2: buy 0.03 BTC-USD at 1001, good till cancelled, may trade with own orders
2026-01-02 03:04:05.000000009 UTC  record 9        fill        order 2: bought 0.03 BTC-USD at 1000, fee 0.03 USD; trade 1 with order 1 of account 1 | +0.0300 BTC, balance 0.0300 | -30.03 USD, balance 9969.97
2026-01-02 03:04:05.000000010 UTC  record 10       withdrawal  reference 3 | -500.00 USD, balance 9469.97
2026-01-02 03:04:05.000000011 UTC  record 11       transfer    to account 1 (reference 4) | -1.00 USD, balance 9468.97
2026-01-02 03:04:05.000000012 UTC  record 12       order       order 3: buy 0.01 BTC-USD at 900, good till cancelled, may trade with own orders
at record 13:
  0.0300 BTC (0.0300 free, 0.0000 held; owes 0.0000)
  9468.97 USD (9459.96 free, 9.01 held; owes 0.00)
equal to the replayed state, and after every record to what was told
";
    assert_eq!((code, text.as_str()), (0, expected));
    let (code, json) = account(&venue, 2, StoryFormat::Json, Some(9));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(code, 0);
    assert_eq!(json["end"]["seq"], 9);
    assert_eq!(json["end"]["balances"][1]["balance"], "9969.97");
    assert_eq!(json["entries"][3]["changes"][1]["amount"], "-30.03");
    assert_eq!(json["end"]["is_equal"], true);
    let (_, fees) = account(&venue, 0, StoryFormat::Text, None);
    assert!(fees.contains("fees        trade 1 in BTC-USD: orders 2 and 1 | +0.03 USD, balance 0.03"), "{fees}");
}

#[test]
fn unknown_accounts_and_records_are_a_clear_complaint() {
    let venue = Venue::of(&among_traders(STATEMENT), 1);
    let (code, text) = account(&venue, 3, StoryFormat::Text, None);
    assert_eq!((code, text.as_str()), (2, "papertape: there is no account 3 at record 13: they are 0 to 2\n"));
    let (code, text) = account(&venue, 1, StoryFormat::Text, Some(50));
    assert_eq!(code, 2);
    assert!(text.contains("the journal ends at record 13, before 50"), "{text}");
}

#[test]
fn every_statement_of_random_venues_adds_up() {
    let (mut entries, mut written_off) = (0, 0);
    let wild = (0..cases().min(3)).map(|seed| stream(seed, 2_000));
    let profiles = Profile::ALL.iter().flat_map(|profile| (0..2).map(|seed| flow(*profile, seed, 800)));
    for (number, commands) in wild.chain(profiles).enumerate() {
        let venue = Venue::early(&commands, 2);
        for id in 0..accounts(&venue) {
            let (code, text) = account(&venue, id, StoryFormat::Text, None);
            let tail: Vec<&str> = text.lines().rev().take(4).collect();
            assert_eq!(code, 0, "venue {number}, account {id}: {tail:?}");
            entries += text.lines().count();
            written_off += text.lines().filter(|line| line.contains(" bad debt ")).count();
        }
    }
    assert!(entries > 5_000, "only {entries} lines");
    println!("{entries} lines of statements, {written_off} about bad debts");
}

#[test]
fn statements_of_scenarios_add_up_through_loans_and_bad_debts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let (mut scenarios, mut written_off, mut taken_over) = (0, 0, 0);
    for name in ["margin", "ledger", "fees", "fee-tiers", "self-trade", "auction"] {
        for entry in std::fs::read_dir(folder.join(name)).unwrap().map(Result::unwrap) {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let venue = Venue::after(&Scenario::parse(name, &text).unwrap());
            for id in 0..accounts(&venue) {
                let (code, text) = account(&venue, id, StoryFormat::Text, None);
                assert_eq!(code, 0, "{}, account {id}: {text}", entry.path().display());
                written_off += text.lines().filter(|line| line.contains("bad debt")).count();
                taken_over += text.lines().filter(|line| line.contains("taken over  what a bankrupt")).count();
            }
            scenarios += 1;
        }
    }
    assert!(scenarios > 40, "only {scenarios} scenarios");
    assert!(written_off > 0 && taken_over > 0, "{written_off} bad debts, {taken_over} rests taken over");
}
