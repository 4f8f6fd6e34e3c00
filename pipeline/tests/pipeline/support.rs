//! A small market, and helpers that wait with a deadline.

use std::time::{Duration, Instant};

use papertape_engine::{
    AccountId, Amount, Asset, AssetId, Command, Event, InstrumentId, InstrumentSpec, LedgerEntry, OrderKind,
    PlaceOrder, Ppm, Price, Qty, Reference, SelfTradePrevention, Side, Symbol,
};
use papertape_pipeline::{Client, Durability, VenueConfig};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn config(dir: &tempfile::TempDir, durability: Durability) -> VenueConfig {
    VenueConfig { durability, segment_bytes: 1 << 20, ..VenueConfig::new(dir.path().join("venue")) }
}

pub(crate) fn market() -> Vec<Command> {
    let symbol = |text| Symbol::new(text).unwrap();
    let mut commands = vec![
        Command::ListAsset(Asset { symbol: symbol("TEA"), decimals: 2 }),
        Command::ListAsset(Asset { symbol: symbol("USD"), decimals: 2 }),
        Command::ListInstrument(InstrumentSpec {
            price_decimals: 2,
            lot: Amount(100),
            taker_fee: Ppm(1_000),
            self_trade_prevention: SelfTradePrevention::None,
            ..InstrumentSpec::new(symbol("TEA-USD"), AssetId(0), AssetId(1))
        }),
    ];
    for account in 1..=2 {
        commands.push(Command::OpenAccount { reference: Reference(account) });
        for asset in 0..2 {
            commands.push(Command::Deposit(LedgerEntry {
                account: AccountId(account as u32),
                asset: AssetId(asset),
                amount: Amount(1_000_000_000_000),
                reference: Reference(u64::from(asset)),
            }));
        }
    }
    commands
}

pub(crate) fn order(account: u32, side: Side, price: u64, qty: u64) -> Command {
    let kind = OrderKind::Limit { price: Price(price), qty: Qty(qty) };
    Command::Place(PlaceOrder::new(AccountId(account), InstrumentId(0), side, kind))
}

pub(crate) fn call(client: &Client, command: Command) -> Vec<Event> {
    client.call(command, 10 * SECOND).unwrap()
}

/// Looks until it is so, for ten seconds at most.
pub(crate) fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < 10 * SECOND, "{what} did not happen");
        std::thread::yield_now();
    }
}
