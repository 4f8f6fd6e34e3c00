//! The markets of the demonstration: five instruments over five assets, and the prices they start at.

use papertape_engine::{
    Amount, Asset, AssetId, Command, Engine, Filters, InstrumentSpec, Ppm, Price, Qty, RuleBook, Symbol,
};

/// Decimals of every asset's smallest unit.
const DECIMALS: u8 = 8;

/// One whole unit of an asset.
const ONE: i128 = 100_000_000;

/// The assets.
pub const ASSETS: [&str; 5] = ["USD", "USDT", "BTC", "ETH", "SOL"];

/// An instrument of the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct DemoMarket {
    /// What is bought and sold.
    pub base: &'static str,
    /// What it is paid with.
    pub quote: &'static str,
    /// One lot in units of 10^-8 base. A whole base is a whole number of lots.
    pub lot: i128,
    /// Price of the first quotes, in whole quote.
    pub start: u32,
}

/// The instruments. Ticks are 0.01. One lot of each costs less than a dollar, so that five dollars buy something.
pub const MARKETS: [DemoMarket; 5] = [
    DemoMarket { base: "BTC", quote: "USD", lot: 1_000, start: 64_000 },
    DemoMarket { base: "ETH", quote: "USD", lot: 10_000, start: 3_100 },
    DemoMarket { base: "SOL", quote: "USD", lot: 100_000, start: 145 },
    DemoMarket { base: "BTC", quote: "USDT", lot: 1_000, start: 64_000 },
    DemoMarket { base: "ETH", quote: "USDT", lot: 10_000, start: 3_100 },
];

impl DemoMarket {
    /// `BTC-USD`.
    pub fn symbol(&self) -> String {
        format!("{}-{}", self.base, self.quote)
    }

    fn spec(&self, assets: &[Symbol]) -> Option<InstrumentSpec> {
        let number = |code: &str| {
            let index = assets.iter().position(|asset| asset.as_str() == code)?;
            u16::try_from(index).ok().map(AssetId)
        };
        Some(InstrumentSpec {
            price_decimals: 2,
            lot: Amount(self.lot),
            maker_fee: Ppm(200),
            taker_fee: Ppm(500),
            filters: self.filters(),
            ..InstrumentSpec::new(Symbol::new(&self.symbol())?, number(self.base)?, number(self.quote)?)
        })
    }

    /// Prices from one tick to a hundred times the start, orders worth one dollar to ten million.
    fn filters(&self) -> Filters {
        let start_ticks = u64::from(self.start) * 100;
        let qty_max = Qty(u64::try_from(ONE / self.lot).unwrap_or(1).saturating_mul(10_000));
        Filters {
            price_min: Price(1),
            price_max: Price(start_ticks * 100),
            qty_min: Qty(1),
            qty_max,
            market_qty_max: Qty(qty_max.0 / 10),
            notional_min: Amount(ONE),
            notional_max: Amount(10_000_000 * ONE),
            open_orders_max: 1_000,
            ..Filters::OPEN
        }
    }
}

/// The price at which an instrument starts, in whole quote, if it is one of the demonstration's.
pub fn start_price(symbol: &str) -> Option<u32> {
    MARKETS.iter().find(|market| market.symbol() == symbol).map(|market| market.start)
}

/// The commands that list what `engine` has not listed yet, in their order. None on later starts. A market is left out
/// where an asset of that name has other decimals: an imported journal brings its own. `rules` say what the new ones do;
/// those that are listed keep theirs.
pub fn missing(engine: &Engine, rules: RuleBook) -> Vec<Command> {
    let mut listed: Vec<Symbol> = engine.assets().iter().map(|asset| asset.symbol).collect();
    let mut commands = Vec::new();
    for symbol in ASSETS.iter().filter_map(|code| Symbol::new(code)) {
        if !listed.contains(&symbol) {
            commands.push(Command::ListAsset(Asset { symbol, decimals: DECIMALS }));
            listed.push(symbol);
        }
    }
    let known: Vec<Symbol> = engine.instruments().map(|instrument| instrument.spec.symbol).collect();
    let differs = |code: &str| engine.assets().iter().any(|a| a.symbol.as_str() == code && a.decimals != DECIMALS);
    let markets = MARKETS.iter().filter(|market| !differs(market.base) && !differs(market.quote));
    let specs = markets.filter_map(|market| market.spec(&listed)).map(|spec| rules.of(spec));
    commands.extend(specs.filter(|spec| !known.contains(&spec.symbol)).map(Command::ListInstrument));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;
    use papertape_engine::{Event, Stamp};

    /// The symbols of the listed markets, after the engine has taken `commands` and what is missing.
    fn listed(commands: Vec<Command>) -> Vec<String> {
        let mut engine = Engine::new();
        let mut seq = 0;
        let mut apply = |engine: &mut Engine, command: &Command| {
            seq += 1;
            let mut events = Vec::new();
            engine.apply(Stamp { seq, time_ns: seq }, command, &mut events);
            assert!(!events.iter().any(|event| matches!(event, Event::Rejected { .. })), "{command:?}: {events:?}");
        };
        commands.iter().for_each(|command| apply(&mut engine, command));
        missing(&engine, RuleBook::Binance).iter().for_each(|command| apply(&mut engine, command));
        assert_eq!(missing(&engine, RuleBook::NasdaqLike), []);
        engine.instruments().map(|instrument| instrument.spec.symbol.to_string()).collect()
    }

    #[test]
    fn every_market_is_listed_once_in_a_new_venue() {
        assert_eq!(listed(Vec::new()), MARKETS.map(|market| market.symbol()));
    }

    #[test]
    fn markets_over_assets_of_other_decimals_are_left_out() {
        let dollars = Command::ListAsset(Asset { symbol: Symbol::new("USD").unwrap(), decimals: 4 });
        assert_eq!(listed(vec![dollars]), ["BTC-USDT", "ETH-USDT"]);
    }
}
