//! What the simulated clients send: a small market with everything that rests, waits, ends and hangs together.

use papertape_engine::{
    AccountId, AmendOrder, Amount, Asset, AssetId, Command, InstrumentId, InstrumentSpec, LedgerEntry, OrderId,
    OrderKind, OrderRef, PlaceOrder, Ppm, Price, Qty, Reference, Side, Symbol, TimeInForce, Trigger, TriggerKind,
};
use papertape_journal::sim_disk::Chance;

const ACCOUNTS: u64 = 3;
const INSTRUMENT: InstrumentId = InstrumentId(0);

/// The commands that begin every simulation.
pub(crate) fn beginning() -> Vec<Command> {
    let mut commands = listings().unwrap_or_default();
    for account in 1..=ACCOUNTS {
        commands.push(Command::OpenAccount { reference: Reference(account) });
        commands.extend((0..2).map(|asset| deposit(account, asset, 10_000_000)));
    }
    commands
}

fn listings() -> Option<Vec<Command>> {
    let asset = |text| Some(Command::ListAsset(Asset { symbol: Symbol::new(text)?, decimals: 2 }));
    let instrument = InstrumentSpec {
        price_decimals: 2,
        lot: Amount(100),
        taker_fee: Ppm(1_000),
        ..InstrumentSpec::new(Symbol::new("TEA-USD")?, AssetId(0), AssetId(1))
    };
    Some(vec![asset("TEA")?, asset("USD")?, Command::ListInstrument(instrument)])
}

fn deposit(account: u64, asset: u16, amount: i128) -> Command {
    Command::Deposit(LedgerEntry {
        account: AccountId(account as u32),
        asset: AssetId(asset),
        amount: Amount(amount),
        reference: Reference(amount as u64),
    })
}

/// One command. `orders` is how many there have been, `time_ns` is now.
pub(crate) fn command(chance: &mut Chance, orders: u64, time_ns: u64) -> Command {
    let account = AccountId(1 + chance.below(ACCOUNTS) as u32);
    let order = OrderRef::Id(OrderId(1 + chance.below(orders)));
    match chance.below(20) {
        0 => deposit(1 + chance.below(ACCOUNTS), 1, 1_000 + i128::from(chance.below(1_000_000))),
        1..=3 => Command::Cancel { account, order },
        4 | 5 => Command::Amend(AmendOrder {
            account,
            order,
            price: (chance.below(2) == 0).then(|| price(chance)),
            qty: Some(Qty(1 + chance.below(20))),
        }),
        6 if chance.below(8) == 0 => Command::CancelAll { account, instrument: None, side: None },
        6 => Command::Tick,
        _ => Command::Place(place(chance, account, time_ns)),
    }
}

fn place(chance: &mut Chance, account: AccountId, time_ns: u64) -> PlaceOrder {
    let side = if chance.below(2) == 0 { Side::Buy } else { Side::Sell };
    let qty = Qty(1 + chance.below(20));
    let kind = match chance.below(8) {
        0 => OrderKind::Market { qty },
        _ => OrderKind::Limit { price: price(chance), qty },
    };
    let plain = PlaceOrder::new(account, INSTRUMENT, side, kind);
    match chance.below(10) {
        0 if matches!(kind, OrderKind::Limit { .. }) => {
            PlaceOrder { time_in_force: TimeInForce::Gtd { until_ns: time_ns + 1 + chance.below(5_000) }, ..plain }
        }
        1 => PlaceOrder { time_in_force: TimeInForce::Ioc, ..plain },
        2 => PlaceOrder { trigger: Some(stop(price(chance))), ..plain },
        3 if matches!(kind, OrderKind::Limit { .. }) => PlaceOrder { display_qty: Some(Qty(1)), ..plain },
        _ => plain,
    }
}

fn stop(price: Price) -> Trigger {
    Trigger { kind: TriggerKind::Stop, price: Some(price), trail: None }
}

fn price(chance: &mut Chance) -> Price {
    Price(90 + chance.below(21))
}
