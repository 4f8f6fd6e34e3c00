//! Journals that earlier programs wrote: they are read, verified, replayed and opened for ever. See
//! `tests/golden/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use papertape_engine::{
    AccountId, Amount, AssetId, Command, Event, FeeTier, FeeTiers, InstrumentId, KillScope, LedgerEntry, Leg,
    ListOrders, MarginTerms, OrderKind, Outputs, Phase, PlaceList, Ppm, Price, Purpose, Qty, Reference, Schedule, Side,
    Stage, TimeInForce, TradeGroup, Trigger, TriggerKind,
};
use papertape_journal::{Tail, verify};
use papertape_pipeline::{Boot, Durability, Identity, Replay, Steps, VenueConfig, VenueDir};
use papertape_tests::{Stream, StreamOptions, listings, setting};
use serde::{Deserialize, Serialize};

use crate::reader::read;
use crate::venue::{BEGIN_NS, hex};

/// What the program that wrote a journal said of it.
#[derive(Serialize, Deserialize)]
struct Golden {
    /// Of the data folder.
    data_version: u32,
    segments: u64,
    records: u64,
    tip_hash: String,
    /// By the last record that the state contains.
    state_hashes: BTreeMap<u64, String>,
    /// At the end: how many events were told, how many of them were trades, and what everybody has, free and held. Unlike
    /// the hashes these say nothing of how a state is written.
    events: u64,
    trades: u64,
    balances: Vec<String>,
    /// The hash of all that was told, by `Outputs::VERSION`: if it changes under the same number, the number must change.
    outputs: BTreeMap<u32, String>,
}

/// What a test that fails here has to say.
const ON_PURPOSE: &str = "before the first release, payloads, rules and states may change on purpose: then \
    UPDATE=1 cargo test -p papertape-tests --test audit golden (tests/golden/README.md)";

/// What a journal comes to, whatever a state looks like.
fn sums(venue: &VenueDir) -> (u64, u64, Vec<String>) {
    let (mut events, mut trades) = (0, 0);
    let replayed = Replay::whole(venue.clone()).run(|output| {
        events += 1;
        trades += u64::from(matches!(output.event, Event::Trade(_)));
    });
    let engine = replayed.unwrap().engine;
    let mut balances = Vec::new();
    for account in (0..engine.account_count()).map(AccountId) {
        for (asset, balance) in engine.balances(account) {
            balances.push(format!("account {account} asset {asset}: {} free, {} held", balance.free, balance.held));
        }
    }
    (events, trades, balances)
}

/// The hash of all that is told.
fn outputs(venue: &VenueDir) -> String {
    let mut steps = Steps::open(&Replay::whole(venue.clone())).unwrap();
    let mut outputs = Outputs::new();
    while let Some(step) = steps.next().unwrap() {
        outputs.add(step.stamp, step.events);
    }
    hex(&outputs.hash())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden")
}

/// Unpacks a journal into a venue's folder.
fn unpack(name: &str, into: &Path) -> Golden {
    let from = folder().join(name);
    let journal = into.join("journal");
    std::fs::create_dir_all(&journal).unwrap();
    for entry in std::fs::read_dir(&from).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if let Some(name) = name.strip_suffix(".gz") {
            let mut bytes = Vec::new();
            GzDecoder::new(std::fs::File::open(entry.path()).unwrap()).read_to_end(&mut bytes).unwrap();
            std::fs::write(journal.join(name), bytes).unwrap();
        }
    }
    let golden: Golden = serde_json::from_slice(&std::fs::read(from.join("golden.json")).unwrap()).unwrap();
    std::fs::write(into.join("VERSION"), format!("{}\n", golden.data_version)).unwrap();
    golden
}

#[test]
fn journals_of_earlier_programs_are_what_they_were() {
    if setting("UPDATE", 0) == 1 {
        write("v1");
    }
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().is_dir())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.contains(&"v1".to_owned()), "{names:?}");
    for name in names {
        check(&name);
    }
}

fn check(name: &str) {
    let dir = tempfile::tempdir().unwrap();
    let golden = unpack(name, dir.path());
    let venue = VenueDir::new(dir.path());
    let report = verify(venue.journal()).unwrap();
    assert_eq!(
        (report.segments, report.records, hex(&report.tip_hash), report.tail),
        (golden.segments, golden.records, golden.tip_hash.clone(), Tail::Clean),
        "{name}"
    );
    if let Some(said) = read(&[dir.path().to_owned()]) {
        let (records, hash) = (golden.records, &golden.tip_hash);
        assert!(said[0].contains(&format!("seq 1 to {records}\nhash {hash}\n")), "{name}: {}", said[0]);
    }
    for (seq, hash) in &golden.state_hashes {
        let replay = Replay { dir: venue.clone(), until: Some(*seq), skip_to: None };
        let state_hash = hex(&replay.run(|_| {}).unwrap().engine.state_hash());
        assert_eq!(state_hash, *hash, "{name}, record {seq}; {ON_PURPOSE}");
    }
    assert_eq!(sums(&venue), (golden.events, golden.trades, golden.balances), "{name}; {ON_PURPOSE}");
    if let Some(hash) = golden.outputs.get(&Outputs::VERSION) {
        assert_eq!(outputs(&venue), *hash, "{name}; if events have other fields now: another Outputs::VERSION");
    }
    // Opened, it goes on.
    let (last, hash) = golden.state_hashes.last_key_value().unwrap();
    assert_eq!(*last, golden.records, "{name}");
    let config =
        VenueConfig { durability: Durability::Process, segment_bytes: 64 << 10, ..VenueConfig::new(dir.path()) };
    let mut core = Boot::open(config).unwrap().into_core();
    assert_eq!(hex(&core.engine().state_hash()), *hash, "{name}");
    let mut events = Vec::new();
    core.apply(2 * BEGIN_NS, &Command::OpenAccount { reference: Reference(u64::MAX) }, &mut events).unwrap();
    assert!(!events.is_empty());
    core.close().unwrap();
    assert!(verify(venue.journal()).unwrap().records > golden.records, "{name}");
}

#[test]
fn the_newest_golden_journal_has_commands_of_all_kinds() {
    if setting("UPDATE", 0) == 1 {
        // It is being written.
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    unpack("v1", dir.path());
    let (mut kinds, mut own) = (BTreeSet::new(), BTreeSet::new());
    let mut steps = Steps::open(&Replay::whole(VenueDir::new(dir.path()))).unwrap();
    while let Some(step) = steps.next().unwrap() {
        let kinds = if step.command.is_some() { &mut kinds } else { &mut own };
        kinds.insert(step.record.kind.0);
    }
    let missing: Vec<u16> = every_kind().difference(&kinds).copied().collect();
    assert!(missing.is_empty(), "commands of the kinds {missing:?} are missing: UPDATE=1 writes it anew");
    assert!(kinds.len() >= 24, "only {} kinds: is one missing in `others` too?", kinds.len());
    assert_eq!(own.len(), 3, "an opening, a closing and a heartbeat");
}

/// One command of each kind that the listings have not.
fn others() -> Vec<Command> {
    let (account, instrument) = (AccountId(1), InstrumentId(0));
    let entry = |amount: i128, number| LedgerEntry {
        account,
        asset: AssetId(2),
        amount: Amount(amount),
        reference: Reference(number),
    };
    let leg = |side, price, trigger: Option<u64>| Leg {
        side,
        kind: OrderKind::Limit { price: Price(price), qty: Qty(10) },
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        trigger: trigger.map(|price| Trigger { kind: TriggerKind::Stop, price: Some(Price(price)), trail: None }),
    };
    let usd = MarginTerms {
        priced_by: None,
        collateral: Ppm(1_000_000),
        initial: Ppm(200_000),
        maintenance: Ppm(100_000),
        borrow_max: Amount(1_000_000_000_000),
    };
    let tiers = FeeTiers::new(&[FeeTier { volume_min: Amount(1_000_000), maker_fee: Ppm(0), taker_fee: Ppm(400) }]);
    let hour = 3_600_000_000_000;
    let day = Schedule { pre_open_ns: hour, open_ns: 2 * hour, closing_ns: 22 * hour, close_ns: 23 * hour };
    vec![
        Command::SetTradeGroup { account, group: Some(TradeGroup(1)) },
        Command::SetTradeGroup { account, group: None },
        Command::SetMark { instrument: InstrumentId(2), price: Price(1_000) },
        Command::SetMarginTerms { asset: AssetId(2), terms: usd },
        Command::SetMarginAccount { account, margin: true },
        Command::Borrow(entry(1_000_000, 101)),
        Command::Repay(entry(400_000, 102)),
        Command::Withdraw(entry(100_000, 103)),
        Command::Transfer { from: entry(5_000, 104), to: AccountId(2) },
        Command::SetFeeTiers { instrument, tiers: tiers.unwrap() },
        Command::SetSchedule { instrument: InstrumentId(1), schedule: Some(day) },
        Command::SetSchedule { instrument: InstrumentId(1), schedule: None },
        Command::SetPhase {
            instrument,
            stage: Stage { phase: Phase::Auction, purpose: Purpose::Intraday, until_ns: None },
        },
        Command::Uncross { instrument, reference: None, then: Phase::Continuous },
        Command::PlaceList(PlaceList {
            account,
            instrument,
            orders: ListOrders::Oto {
                working: leg(Side::Buy, 900, None),
                pending: leg(Side::Sell, 1_100, Some(1_090)),
            },
            self_trade_prevention: None,
            client_order_id: None,
        }),
        Command::CancelAll { account, instrument: None, side: None },
        Command::SetKillSwitch { scope: KillScope::Account(account), engaged: true },
        Command::SetKillSwitch { scope: KillScope::Account(account), engaged: false },
        Command::SetSuspended { account, suspended: true },
        Command::SetSuspended { account, suspended: false },
        Command::Tick,
    ]
}

/// What each command is, and that there are so many kinds of them.
fn every_kind() -> BTreeSet<u16> {
    let stream = Stream::new(1, StreamOptions::default()).take(3_000);
    let commands = listings().into_iter().chain(others()).chain(stream);
    commands.map(|command| command.encode(&mut Vec::new())).collect()
}

/// Writes the journal of the present program.
fn write(name: &str) {
    let dir = tempfile::tempdir().unwrap();
    let config = VenueConfig { durability: Durability::Group, segment_bytes: 64 << 10, ..VenueConfig::new(dir.path()) };
    let commands: Vec<Command> =
        listings().into_iter().chain(others()).chain(Stream::new(1, StreamOptions::default()).take(2_400)).collect();
    let (mut time_ns, mut events) = (BEGIN_NS, Vec::new());
    for part in commands.chunks(commands.len().div_ceil(3)) {
        let identity = Identity { deployment: *b"a golden journal", now_ns: time_ns, ..Identity::default() };
        let mut core = Boot::lock(config.clone()).unwrap().recover_as(identity, u64::MAX, |_| {}).unwrap().into_core();
        for command in part {
            time_ns += 1_000;
            core.apply(time_ns, command, &mut events).unwrap();
        }
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while core.durable().synced() < core.last().seq {
            assert!(std::time::Instant::now() < deadline, "nothing is synced");
            std::thread::yield_now();
        }
        core.prove_last(time_ns).unwrap();
        core.close().unwrap();
    }
    let venue = VenueDir::new(dir.path());
    let report = verify(venue.journal()).unwrap();
    let at = (1..=8).map(|part| report.records * part / 8);
    let hash = |seq| {
        let replay = Replay { dir: venue.clone(), until: Some(seq), skip_to: None };
        (seq, hex(&replay.run(|_| {}).unwrap().engine.state_hash()))
    };
    let (events, trades, balances) = sums(&venue);
    let version = std::fs::read_to_string(venue.version()).unwrap();
    let golden = Golden {
        data_version: version.trim().parse().unwrap(),
        segments: report.segments,
        records: report.records,
        tip_hash: hex(&report.tip_hash),
        state_hashes: at.map(hash).collect(),
        events,
        trades,
        balances,
        outputs: BTreeMap::from([(Outputs::VERSION, outputs(&venue))]),
    };
    let into = folder().join(name);
    std::fs::create_dir_all(&into).unwrap();
    for entry in std::fs::read_dir(venue.journal().path()).unwrap().map(Result::unwrap) {
        let bytes = std::fs::read(entry.path()).unwrap();
        let file = std::fs::File::create(into.join(format!("{}.gz", entry.file_name().to_str().unwrap()))).unwrap();
        let mut packed = GzEncoder::new(file, Compression::best());
        packed.write_all(&bytes).unwrap();
        packed.finish().unwrap();
    }
    let text = serde_json::to_string_pretty(&golden).unwrap();
    std::fs::write(into.join("golden.json"), format!("{text}\n")).unwrap();
}
