//! A venue inside a program: list a market, open two accounts, let them trade, read what happened.

use std::time::Duration;

use papertape_engine::*;
use papertape_pipeline::{Boot, VenueConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).ok_or("give a folder for the data")?;
    let venue = Boot::open(VenueConfig::new(dir))?.start()?;
    let client = venue.client();
    for command in market().into_iter().chain([order(1, Side::Sell, 3), order(2, Side::Buy, 2)]) {
        for event in client.call(command, Duration::from_secs(5))? {
            println!("{event:?}");
        }
    }
    Ok(venue.stop()?)
}

fn market() -> Vec<Command> {
    let symbol = |text| Symbol::new(text).expect("a plain text");
    let asset = |text| Command::ListAsset(Asset { symbol: symbol(text), decimals: 2 });
    let deposit = |account, asset| {
        let reference = Reference(u64::from(account));
        Command::Deposit(LedgerEntry {
            account: AccountId(account),
            asset: AssetId(asset),
            amount: Amount(100_000),
            reference,
        })
    };
    let instrument = InstrumentSpec {
        price_decimals: 2,
        lot: Amount(100),
        taker_fee: Ppm(1_000),
        self_trade_prevention: SelfTradePrevention::None,
        ..InstrumentSpec::new(symbol("TEA-USD"), AssetId(0), AssetId(1))
    };
    let open = |reference| Command::OpenAccount { reference: Reference(reference) };
    let listing = Command::ListInstrument(instrument);
    vec![asset("TEA"), asset("USD"), listing, open(1), open(2), deposit(1, 0), deposit(2, 1)]
}

fn order(account: u32, side: Side, qty: u64) -> Command {
    let kind = OrderKind::Limit { price: Price(450), qty: Qty(qty) };
    Command::Place(PlaceOrder::new(AccountId(account), InstrumentId(0), side, kind))
}
