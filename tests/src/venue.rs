//! A small venue to send random commands to.

use papertape_engine::{
    AccountId, Allocation, AmendPriority, Amount, Asset, AssetId, Bands, Command, FeeAsset, Filters, InstrumentId,
    InstrumentSpec, LedgerEntry, Phase, PostOnlyRule, Ppm, Price, ProRata, Qty, Reference, SelfTradePrevention, Symbol,
    TriggerAtEntry, TriggerSource,
};

/// Accounts that [`listings`] opens, numbered from 1.
pub const ACCOUNTS: u32 = 6;

/// Commands that list three assets and three instruments (fees in quote with a rebate, whose triggers look at the last
/// trade; fees in the asset received, whose triggers look at the middle, with price bands, post-only orders that are repriced, amends that lose their place, and
/// limits on what an account has and sends; and one that begins in an auction, with hardly any
/// filter, levels shared out by size, a setting for own orders and triggers that look at the mark), and open and fund the
/// accounts.
pub fn listings() -> Vec<Command> {
    let mut commands: Vec<Command> = [("BTC", 8), ("ETH", 18), ("USD", 8)]
        .into_iter()
        .map(|(symbol, decimals)| Command::ListAsset(Asset { symbol: symbol_of(symbol), decimals }))
        .collect();
    commands.extend(instruments().map(Command::ListInstrument));
    for account in 1..=ACCOUNTS {
        commands.push(Command::OpenAccount { reference: Reference(u64::from(account)) });
        let funds = [1_000_000_000_000, 1_000_000_000_000_000_000_000, 1_000_000_000_000_000];
        for (asset, amount) in funds.into_iter().enumerate() {
            // The last account is poor: its orders often lack funds.
            let amount = Amount(if account == ACCOUNTS { amount / 10_000 } else { amount });
            let asset = AssetId(asset as u16);
            let reference = Reference(u64::from(asset.0));
            commands.push(Command::Deposit(LedgerEntry { account: AccountId(account), asset, amount, reference }));
        }
    }
    commands
}

/// As [`listings`], but all levels go by time, own orders trade, triggers are plain, nothing is banded or limited beyond
/// the filters of single orders, an account may have more open orders, and every instrument trades continuously.
pub fn open_market() -> Vec<Command> {
    let open = Command::SetPhase { instrument: InstrumentId(2), stage: Phase::Continuous.into() };
    let plain = |command| match command {
        Command::ListInstrument(spec) => Command::ListInstrument(InstrumentSpec {
            self_trade_prevention: SelfTradePrevention::None,
            allocation: Allocation::Fifo,
            filters: Filters {
                position_max: Amount::MAX,
                open_orders_max: spec.filters.open_orders_max.saturating_mul(2),
                ..spec.filters
            },
            post_only: PostOnlyRule::Reject,
            amend_priority: AmendPriority::KeepIfReduced,
            bands: Bands::NONE,
            volatility_auction_ns: 0,
            trigger_source: TriggerSource::LastTrade,
            trigger_at_entry: TriggerAtEntry::Refuse,
            ..spec
        }),
        other => other,
    };
    listings().into_iter().map(plain).chain([open]).collect()
}

fn symbol_of(text: &str) -> Symbol {
    Symbol::new(text).expect("a short plain text")
}

fn instruments() -> impl Iterator<Item = InstrumentSpec> {
    let filters = Filters {
        price_min: Price(10),
        price_max: Price(100_000),
        qty_min: Qty(2),
        qty_max: Qty(100_000),
        market_qty_max: Qty(50_000),
        notional_min: Amount(1_000),
        notional_max: Amount(1_000_000_000_000_000),
        open_orders_max: 24,
        ..Filters::OPEN
    };
    let quoted = InstrumentSpec {
        price_decimals: 2,
        lot: Amount(1_000),
        maker_fee: Ppm(-75),
        taker_fee: Ppm(333),
        filters,
        self_trade_prevention: SelfTradePrevention::None,
        ..InstrumentSpec::new(symbol_of("BTC-USD"), AssetId(0), AssetId(2))
    };
    let received = InstrumentSpec {
        symbol: symbol_of("ETH-USD"),
        base: AssetId(1),
        lot: Amount(100_000_000_000_000),
        maker_fee: Ppm(1_000),
        taker_fee: Ppm(1_500),
        filters: Filters { open_orders_max: 6, position_max: Amount(1_000_100_000_000_000_000_000), ..filters },
        fee_asset: FeeAsset::Received,
        post_only: PostOnlyRule::Reprice,
        amend_priority: AmendPriority::Lose,
        bands: Bands { static_points: 150, dynamic_points: 100 },
        volatility_auction_ns: 40,
        trigger_source: TriggerSource::Mid,
        trigger_at_entry: TriggerAtEntry::Fire,
        ..quoted
    };
    let wild = InstrumentSpec {
        symbol: symbol_of("ETH-BTC"),
        base: AssetId(1),
        quote: AssetId(0),
        tick_mantissa: 5,
        price_decimals: 4,
        lot: Amount(100_000_000_000_000),
        maker_fee: Ppm(0),
        taker_fee: Ppm(250),
        filters: Filters::OPEN,
        self_trade_prevention: SelfTradePrevention::Decrement,
        allocation: Allocation::ProRata(ProRata { top_max: Qty(20), share_min: Qty(2), leveling: true }),
        trigger_source: TriggerSource::Mark,
        trigger_at_entry: TriggerAtEntry::Fire,
        phase: Phase::Auction,
        ..quoted
    };
    [quoted, received, wild].into_iter()
}
