//! Listings in words: what an instrument is, clause by clause, with defaults that limit nothing and cost nothing.

use std::fmt::Write;

use papertape_engine::{
    AmendPriority, Amount, AssetId, FeeAsset, Filters, InstrumentSpec, Phase, PostOnlyRule, Ppm, Price, Purpose, Qty,
    RuleBook, Schedule, SelfTradePrevention, Stage, Symbol, TriggerAtEntry, TriggerSource,
};

use super::allocation::{must_mode, pro_rata, show_allocation, show_mode};
use super::names::Names;
use super::words::{Words, number};

/// One tick is one unit of quote for one base, one lot is one unit of base, no fees, no limits, continuous trading.
pub(super) fn plain(symbol: Symbol, base: AssetId, quote: AssetId) -> InstrumentSpec {
    InstrumentSpec { self_trade_prevention: SelfTradePrevention::None, ..InstrumentSpec::new(symbol, base, quote) }
}

pub(super) fn symbol(words: &mut Words<'_>) -> Result<Symbol, String> {
    let wanted = "a symbol (1 to 20 of A-Z a-z 0-9 - . _)";
    let complaint = words.expected(wanted);
    Symbol::new(words.next(wanted)?).ok_or(complaint)
}

pub(super) fn phase(words: &mut Words<'_>) -> Result<Phase, String> {
    let wanted = "a phase: continuous, auction, halted or closed";
    let complaint = words.expected(wanted);
    let word = words.next(wanted)?;
    let all = [Phase::Continuous, Phase::Auction, Phase::Halted, Phase::Closed];
    all.into_iter().find(|phase| show_phase(*phase) == word).ok_or(complaint)
}

pub(super) fn show_phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Continuous => "continuous",
        Phase::Auction => "auction",
        Phase::Halted => "halted",
        Phase::Closed => "closed",
    }
}

/// `auction for opening until 500`: a phase, what an auction is for, and when it ends by itself.
pub(super) fn stage(words: &mut Words<'_>) -> Result<Stage, String> {
    let mut stage = Stage::from(phase(words)?);
    if words.take("for") {
        let wanted = "what an auction is for: intraday, opening, closing or volatility";
        let complaint = words.expected(wanted);
        let word = words.next(wanted)?;
        stage.purpose = Purpose::ALL.into_iter().find(|purpose| purpose.name() == word).ok_or(complaint)?;
    }
    if words.take("until") {
        stage.until_ns = Some(words.number("the venue's time when it ends")?);
    }
    Ok(stage)
}

/// `pre-open 10 open 20 closing 30 close 40`, or `none`.
pub(super) fn schedule(words: &mut Words<'_>) -> Result<Option<Schedule>, String> {
    if words.take("none") {
        return Ok(None);
    }
    let time = |words: &mut Words<'_>, word| {
        words.must(word)?;
        words.number("nanoseconds of the day")
    };
    Ok(Some(Schedule {
        pre_open_ns: time(words, "pre-open")?,
        open_ns: time(words, "open")?,
        closing_ns: time(words, "closing")?,
        close_ns: time(words, "close")?,
    }))
}

/// What [`schedule`] reads.
pub(super) fn show_schedule(schedule: Option<Schedule>) -> String {
    let Some(Schedule { pre_open_ns, open_ns, closing_ns, close_ns }) = schedule else { return "none".to_owned() };
    format!("pre-open {pre_open_ns} open {open_ns} closing {closing_ns} close {close_ns}")
}

/// What [`stage`] reads.
pub(super) fn show_stage(stage: Stage) -> String {
    let Stage { phase, purpose, until_ns } = stage;
    let purpose = if purpose == Purpose::Intraday { String::new() } else { format!(" for {}", purpose.name()) };
    let until = until_ns.map_or_else(String::new, |until_ns| format!(" until {until_ns}"));
    format!("{}{purpose}{until}", show_phase(phase))
}

/// `, maker 100 ppm, quantities 1 to 50` and so on, to the end of the line.
pub(super) fn clauses(words: &mut Words<'_>, spec: &mut InstrumentSpec) -> Result<(), String> {
    while words.take(",") {
        clause(words, spec)?;
    }
    words.end()
}

fn clause(words: &mut Words<'_>, spec: &mut InstrumentSpec) -> Result<(), String> {
    let wanted = "tick, lot, maker, taker, fees, prices, quantities, market quantities, values, open orders, self-trade, \
                  pro-rata, positions, orders a second, static band, dynamic band, volatility auctions, post-only, amends, triggers, \
                  met triggers, rules or begins";
    let complaint = words.expected(wanted);
    let filters = &mut spec.filters;
    match words.next(wanted)? {
        "tick" => {
            spec.tick_mantissa = words.number("the tick")?;
            if words.take("with") {
                spec.price_decimals = words.number("the decimals of a price")?;
                words.must("decimals")?;
            }
        }
        "lot" => spec.lot = Amount(words.number("units of base")?),
        "maker" => spec.maker_fee = ppm(words)?,
        "taker" => spec.taker_fee = ppm(words)?,
        "fees" => spec.fee_asset = fee_asset(words)?,
        "prices" => (filters.price_min, filters.price_max) = range(words, Price)?,
        "quantities" => (filters.qty_min, filters.qty_max) = range(words, Qty)?,
        "market" => {
            words.must("quantities to")?;
            filters.market_qty_max = Qty(words.number("lots")?);
        }
        "values" => (filters.notional_min, filters.notional_max) = range(words, Amount)?,
        "open" => {
            words.must("orders to")?;
            filters.open_orders_max = words.number("how many orders")?;
        }
        "positions" => {
            words.must("to")?;
            filters.position_max = Amount(words.number("units of base")?);
        }
        "orders" => {
            words.must("a second to")?;
            filters.orders_per_second_max = words.number("how many orders")?;
        }
        "static" => spec.bands.static_points = band(words)?,
        "dynamic" => spec.bands.dynamic_points = band(words)?,
        "volatility" => {
            words.must("auctions of")?;
            spec.volatility_auction_ns = words.number("nanoseconds")?;
        }
        "post-only" => {
            words.must("reprices")?;
            spec.post_only = PostOnlyRule::Reprice;
        }
        "amends" => {
            words.must("lose their place")?;
            spec.amend_priority = AmendPriority::Lose;
        }
        "rules" => *spec = rule_book(words)?.of(*spec),
        "self-trade" => spec.self_trade_prevention = must_mode(words)?,
        "pro-rata" => spec.allocation = pro_rata(words)?,
        "triggers" => spec.trigger_source = trigger_source(words)?,
        "met" => {
            words.must("triggers fire")?;
            spec.trigger_at_entry = TriggerAtEntry::Fire;
        }
        "begins" => spec.phase = phase(words)?,
        _ => return Err(complaint),
    }
    Ok(())
}

/// `band 500bp`.
fn band(words: &mut Words<'_>) -> Result<u32, String> {
    words.must("band")?;
    let wanted = "a width in basis points with `bp`";
    let complaint = words.expected(wanted);
    let points = words.next(wanted)?.strip_suffix("bp").and_then(number);
    points.and_then(|points| u32::try_from(points).ok()).ok_or(complaint)
}

/// `cme-like`.
fn rule_book(words: &mut Words<'_>) -> Result<RuleBook, String> {
    let wanted = "`binance`, `cme-like` or `nasdaq-like`";
    let complaint = words.expected(wanted);
    let word = words.next(wanted)?;
    RuleBook::ALL.into_iter().find(|book| book.name() == word).ok_or(complaint)
}

fn ppm(words: &mut Words<'_>) -> Result<Ppm, String> {
    let rate = words.number("a fee in parts per million")?;
    words.must("ppm")?;
    Ok(Ppm(rate))
}

/// `on mark`.
fn trigger_source(words: &mut Words<'_>) -> Result<TriggerSource, String> {
    words.must("on")?;
    let wanted = "`trade`, `mark` or `middle`";
    let complaint = words.expected(wanted);
    let word = words.next(wanted)?;
    TriggerSource::ALL.into_iter().find(|source| show_source(*source) == word).ok_or(complaint)
}

fn show_source(source: TriggerSource) -> &'static str {
    match source {
        TriggerSource::LastTrade => "trade",
        TriggerSource::Mark => "mark",
        TriggerSource::Mid => "middle",
    }
}

fn fee_asset(words: &mut Words<'_>) -> Result<FeeAsset, String> {
    words.must("in")?;
    let complaint = words.expected("`quote` or `received`");
    match words.next("`quote` or `received`")? {
        "quote" => Ok(FeeAsset::Quote),
        "received" => Ok(FeeAsset::Received),
        _ => Err(complaint),
    }
}

fn range<N: TryFrom<i128>, T>(words: &mut Words<'_>, unit: fn(N) -> T) -> Result<(T, T), String> {
    let low = unit(words.number("the least")?);
    words.must("to")?;
    Ok((low, unit(words.number("the most")?)))
}

/// What [`clauses`] reads, without what is as in [`plain`].
pub(super) fn show_spec(spec: &InstrumentSpec, names: &Names) -> String {
    let usual = plain(spec.symbol, spec.base, spec.quote);
    let (base, quote) = (names.show_asset(spec.base), names.show_asset(spec.quote));
    let mut text = format!("{} of {base} for {quote}", spec.symbol);
    let mut add = |differs: bool, clause: String| {
        if differs {
            write!(text, ", {clause}").expect("a string takes everything");
        }
    };
    let tick = (spec.tick_mantissa, spec.price_decimals);
    add(tick != (1, 0), format!("tick {} with {} decimals", tick.0, tick.1));
    add(spec.lot != usual.lot, format!("lot {}", spec.lot));
    add(spec.maker_fee != usual.maker_fee, format!("maker {} ppm", spec.maker_fee.0));
    add(spec.taker_fee != usual.taker_fee, format!("taker {} ppm", spec.taker_fee.0));
    add(spec.fee_asset != usual.fee_asset, "fees in received".to_owned());
    let (is, open) = (spec.filters, Filters::OPEN);
    let prices = (is.price_min, is.price_max) != (open.price_min, open.price_max);
    add(prices, format!("prices {} to {}", is.price_min, is.price_max));
    let quantities = (is.qty_min, is.qty_max) != (open.qty_min, open.qty_max);
    add(quantities, format!("quantities {} to {}", is.qty_min, is.qty_max));
    add(is.market_qty_max != open.market_qty_max, format!("market quantities to {}", is.market_qty_max));
    let values = (is.notional_min, is.notional_max) != (open.notional_min, open.notional_max);
    add(values, format!("values {} to {}", is.notional_min, is.notional_max));
    add(is.open_orders_max != open.open_orders_max, format!("open orders to {}", is.open_orders_max));
    add(is.position_max != open.position_max, format!("positions to {}", is.position_max));
    let rate = is.orders_per_second_max;
    add(rate != open.orders_per_second_max, format!("orders a second to {rate}"));
    add(spec.bands.static_points != 0, format!("static band {}bp", spec.bands.static_points));
    add(spec.bands.dynamic_points != 0, format!("dynamic band {}bp", spec.bands.dynamic_points));
    let lasts = spec.volatility_auction_ns;
    add(lasts != 0, format!("volatility auctions of {lasts}"));
    add(spec.post_only == PostOnlyRule::Reprice, "post-only reprices".to_owned());
    add(spec.amend_priority == AmendPriority::Lose, "amends lose their place".to_owned());
    let mode = spec.self_trade_prevention;
    add(mode != usual.self_trade_prevention, format!("self-trade {}", show_mode(mode)));
    add(spec.allocation != usual.allocation, show_allocation(spec.allocation));
    let source = spec.trigger_source;
    add(source != usual.trigger_source, format!("triggers on {}", show_source(source)));
    add(spec.trigger_at_entry != usual.trigger_at_entry, "met triggers fire".to_owned());
    add(spec.phase != usual.phase, format!("begins {}", show_phase(spec.phase)));
    text
}
