//! A venue that goes on from any record of another.

use papertape::audit::{AuditCommand, DiffArgs};
use papertape::fork::{self, ForkArgs};
use papertape_engine::Command;
use papertape_journal::verify;
use papertape_pipeline::{Boot, Replay, VenueConfig, VenueDir};
use papertape_tests::cases;

use crate::venue::{Venue, audit, scenario, stream};

fn fork(venue: &Venue, at: u64, into: &str, amend: Option<&str>) -> (u8, String) {
    let amend = amend.map(|text| {
        let path = venue.beside("amend.json");
        std::fs::write(&path, text).unwrap();
        path
    });
    let args = ForkArgs { data: venue.path().to_owned(), at, into: venue.beside(into), amend, segment_bytes: 64 << 10 };
    let mut out = Vec::new();
    let code = fork::run(&args, &mut out).unwrap_or_else(|failure| {
        out.extend_from_slice(failure.to_string().as_bytes());
        failure.code()
    });
    (code, String::from_utf8(out).unwrap())
}

fn state_hash(dir: VenueDir, until: Option<u64>) -> [u8; 32] {
    Replay { dir, until, skip_to: None }.run(|_| {}).unwrap().engine.state_hash()
}

#[test]
fn a_fork_has_the_state_of_its_origin_and_goes_on() {
    for seed in 0..cases().min(2) {
        let commands = stream(seed, 2_000);
        let venue = Venue::early(&commands[..1_500], 3);
        let last = Replay::whole(venue.config.dir.clone()).run(|_| {}).unwrap().last_seq;
        for at in [1, 2, 24, 333, 502, 503, 504, last / 2, last - 1, last] {
            let name = format!("fork-{at}");
            let (code, text) = fork(&venue, at, &name, None);
            assert_eq!(code, 0, "seed {seed} at {at}: {text}");
            assert!(text.contains("equal; "), "{text}");
            let dir = VenueDir::new(venue.beside(&name));
            let origin = state_hash(venue.config.dir.clone(), Some(at));
            assert_eq!(state_hash(dir.clone(), None), origin, "seed {seed} at {at}");
            let hex: String = origin.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(text.matches(&hex).count(), 2, "{text}");
            let report = verify(dir.journal()).unwrap();
            assert!(report.records <= at + 1, "its closing is its own");
            // It begins from its snapshot, trades on, and is still what its journal says.
            let config = VenueConfig { dir: dir.clone(), ..venue.config.clone() };
            let mut core = Boot::open(config).unwrap().into_core();
            let mut events = Vec::new();
            for command in &commands[1_500..1_600] {
                core.apply(1_000_000, command, &mut events).unwrap();
            }
            let hash = core.engine().state_hash();
            core.close().unwrap();
            assert_eq!(state_hash(dir, None), hash, "seed {seed} at {at}");
            let diff = DiffArgs {
                left: venue.path().to_owned(),
                right: venue.beside(&name),
                ignore_times: false,
                hash_every: 10_000,
            };
            let (code, text) = audit(&AuditCommand::Diff(diff));
            if at < last - 1 {
                assert_eq!(code, 1, "they differ where the fork went on: {text}");
                let copied = (1..=at).count() as u64 - own_records(&venue, at);
                assert!(text.starts_with(&format!("the first difference is in command {}:", copied + 1)), "{text}");
            } else {
                assert_eq!(code, 0, "{text}");
            }
        }
        let deployments: std::collections::BTreeSet<[u8; 16]> =
            [venue.config.dir.clone(), VenueDir::new(venue.beside("fork-333"))]
                .map(|dir| {
                    let bytes = std::fs::read(dir.journal().path().join("00000001.seg")).unwrap();
                    <[u8; 16]>::try_from(&bytes[48..64]).unwrap()
                })
                .into();
        assert_eq!(deployments.len(), 2, "a fork is a deployment of its own");
    }
}

/// Records of the journal's own among the first.
fn own_records(venue: &Venue, until: u64) -> u64 {
    let replay = Replay { dir: venue.config.dir.clone(), until: Some(until), skip_to: None };
    let mut steps = papertape_pipeline::Steps::open(&replay).unwrap();
    let mut own = 0;
    while let Some(step) = steps.next().unwrap() {
        own += u64::from(step.command.is_none());
    }
    own
}

const WHAT_IF: &str = "\
# What if?
list asset TEA with 0 decimals
list asset USD with 2 decimals
list market TEA-USD of TEA for USD, tick 1 with 2 decimals, lot 1
open account 7 as ann
open account 8 as bob
deposit 10 TEA to ann reference 1
deposit 10_000 USD to bob reference 2
ann sells 5 @ 100
bob buys 3 @ 100
";

fn bob(venue: &Venue, name: &str) -> i128 {
    let replayed = Replay::whole(VenueDir::new(venue.beside(name))).run(|_| {}).unwrap();
    let balances = replayed.engine.balances(papertape_engine::AccountId(2));
    let usd = balances.iter().find(|(asset, _)| asset.0 == 1).unwrap().1;
    usd.free.0 + usd.held.0
}

#[test]
fn one_command_may_be_another_and_the_rest_follows() {
    let venue = Venue::of(&scenario(WHAT_IF), 1);
    let (code, text) = fork(&venue, 9, "as-it-was", None);
    assert_eq!((code, bob(&venue, "as-it-was")), (0, 9_700), "{text}");
    let changed = r#"{"seq": 8, "change": {"price": "0.90", "qty": "2"}}"#;
    let (code, text) = fork(&venue, 9, "cheaper", Some(changed));
    assert_eq!((code, bob(&venue, "cheaper")), (0, 9_820), "{text}");
    assert!(
        text.contains(
            "amended: record 8, \"account 1: sell 5 TEA-USD at 1.00, good till cancelled\", became \
             \"account 1: sell 2 TEA-USD at 0.90, good till cancelled\""
        ),
        "{text}"
    );
    let (code, text) = fork(&venue, 9, "without", Some(r#"{"seq": 8, "leave_out": true}"#));
    assert_eq!((code, bob(&venue, "without")), (0, 10_000), "{text}");
    let instead = r#"{"seq": 7, "instead": {"command": "deposit", "account": 2, "asset": "USD", "amount": "500.00", "reference": 2}}"#;
    let (code, text) = fork(&venue, 9, "rich", Some(instead));
    assert_eq!((code, bob(&venue, "rich")), (0, 49_700), "{text}");
    let place = r#"{"seq": 8, "instead": {"command": "place", "account": 1, "symbol": "TEA-USD", "side": "sell", "qty": "1", "price": "0.50"}}"#;
    let (code, text) = fork(&venue, 9, "one", Some(place));
    assert_eq!((code, bob(&venue, "one")), (0, 9_950), "{text}");
}

#[test]
fn what_cannot_be_forked_is_refused_and_leaves_nothing() {
    let venue = Venue::of(&scenario(WHAT_IF), 1);
    let before = std::fs::read_dir(venue.dir.path()).unwrap().count();
    let refusals = [
        (fork(&venue, 11, "new", None), "the journal ends at record 10, before 11"),
        (fork(&venue, 9, "venue", None), "is there already"),
    ];
    for ((code, text), why) in refusals {
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(why), "{text}");
    }
    assert_eq!(std::fs::read_dir(venue.dir.path()).unwrap().count(), before);
    for (amend, why) in [
        (r#"{"seq": 10, "leave_out": true}"#, "record 10 is to be amended, but the fork ends at 9"),
        (r#"{"seq": 8}"#, "say one of"),
        (r#"{"seq": 8, "leave_out": true, "change": {}}"#, "say one of"),
        (r#"{"seq": 8, "change": {"prise": "1"}}"#, "unknown field `prise`"),
        (r#"{"seq": 8, "change": {"amount": "1"}}"#, "its command has no amount"),
        (r#"{"seq": 8, "change": {"price": "1.001"}}"#, "price \"1.001\": more than 2 decimals"),
        (r#"{"seq": 4, "change": {"price": "1"}}"#, "\"change\" is for orders, money and marks"),
        (r#"{"seq": 8, "instead": {"command": "mark", "symbol": "X", "price": "1"}}"#, "\"X\" is not listed"),
        ("not json", "expected"),
    ] {
        let (code, text) = fork(&venue, 9, "new", Some(amend));
        assert_eq!(code, 2, "{amend}: {text}");
        assert!(text.contains(why), "{amend}: {text}");
        assert!(!venue.beside("new").exists() && !venue.beside("new.unfinished").exists());
    }
}

#[test]
fn a_record_of_the_journals_own_cannot_be_amended() {
    let commands: Vec<Command> = scenario(WHAT_IF);
    let venue = Venue::early(&commands, 2);
    let (code, text) = fork(&venue, 8, "new", Some(r#"{"seq": 6, "leave_out": true}"#));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("record 6 is the journal's own"), "{text}");
}
