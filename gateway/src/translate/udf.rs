//! TradingView's Universal Data Feed: its shapes, in which numbers are numbers.

use papertape_engine::{Instrument, Price};
use papertape_platform::{Candle, Interval, Ticker};
use serde::Serialize;
use utoipa::ToSchema;

use super::market;
use super::number::Number;

/// What the venue is called before the colon of a full name.
pub(crate) const EXCHANGE: &str = "PAPERTAPE";

/// What kind of markets there are.
pub(crate) const KIND: &str = "spot";

/// Every resolution and the interval that it names. Seconds and minutes are counted, and so are days, weeks and months.
const RESOLUTIONS: [(&str, Interval); Interval::ALL.len()] = [
    ("1S", Interval::Second1),
    ("1", Interval::Minute1),
    ("3", Interval::Minutes3),
    ("5", Interval::Minutes5),
    ("15", Interval::Minutes15),
    ("30", Interval::Minutes30),
    ("60", Interval::Hour1),
    ("120", Interval::Hours2),
    ("240", Interval::Hours4),
    ("360", Interval::Hours6),
    ("480", Interval::Hours8),
    ("720", Interval::Hours12),
    ("1D", Interval::Day1),
    ("3D", Interval::Days3),
    ("1W", Interval::Week1),
    ("1M", Interval::Month1),
];

fn resolutions(wanted: impl Fn(Interval) -> bool) -> Vec<&'static str> {
    RESOLUTIONS.into_iter().filter(|(_, interval)| wanted(*interval)).map(|(name, _)| name).collect()
}

/// The interval of a resolution; `S`, `D`, `W` and `M` are one of each.
pub(crate) fn interval(resolution: &str) -> Option<Interval> {
    let name = match resolution {
        "S" => "1S",
        "D" => "1D",
        "W" => "1W",
        "M" => "1M",
        name => name,
    };
    RESOLUTIONS.into_iter().find(|(known, _)| *known == name).map(|(_, interval)| interval)
}

/// What this feed can do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UdfConfig {
    /// It has `/udf/search`.
    supports_search: bool,
    /// Symbols are resolved one by one.
    supports_group_request: bool,
    /// There are no marks on bars.
    supports_marks: bool,
    /// Nor on the time scale.
    supports_timescale_marks: bool,
    /// It has `/udf/time`.
    supports_time: bool,
    /// Lengths of bars: minutes, or days and weeks.
    supported_resolutions: Vec<&'static str>,
    /// What the exchange filter of a search offers.
    exchanges: Vec<UdfExchange>,
    /// What the type filter of a search offers.
    symbols_types: Vec<UdfType>,
}

/// An exchange that can be searched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UdfExchange {
    /// What goes into `exchange`; empty: all.
    value: &'static str,
    /// Its name.
    name: &'static str,
    /// Its description.
    desc: &'static str,
}

/// A kind of market that can be searched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UdfType {
    /// Its name.
    name: &'static str,
    /// What goes into `type`; empty: all.
    value: &'static str,
}

/// What this feed can do.
pub(crate) fn config() -> UdfConfig {
    let exchange = |value, name| UdfExchange { value, name, desc: name };
    UdfConfig {
        supports_search: true,
        supports_group_request: false,
        supports_marks: false,
        supports_timescale_marks: false,
        supports_time: true,
        supported_resolutions: resolutions(|_| true),
        exchanges: vec![exchange("", "All"), exchange(EXCHANGE, "Papertape")],
        symbols_types: vec![UdfType { name: "All", value: "" }, UdfType { name: "Spot", value: KIND }],
    }
}

/// A market, as a chart wants to know it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UdfSymbol {
    /// Canonical symbol.
    name: String,
    /// The same; what the other routes take.
    ticker: String,
    /// With the exchange before it.
    full_name: String,
    /// In words.
    description: String,
    /// Kind of market.
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it trades.
    session: &'static str,
    /// In which zone days begin.
    timezone: &'static str,
    /// The venue.
    exchange: &'static str,
    /// The venue.
    listed_exchange: &'static str,
    /// How prices are written.
    format: &'static str,
    /// A tick is `minmov / pricescale`.
    minmov: u64,
    /// Ten to the decimals of a price.
    pricescale: u64,
    /// None.
    minmove2: u8,
    /// There are bars of seconds.
    has_seconds: bool,
    /// There are bars of minutes.
    has_intraday: bool,
    /// There are bars of days.
    has_daily: bool,
    /// There are bars of weeks and months.
    has_weekly_and_monthly: bool,
    /// Lengths of bars in seconds that need not be built.
    seconds_multipliers: [&'static str; 1],
    /// Lengths of bars in minutes that need not be built.
    intraday_multipliers: Vec<&'static str>,
    /// Lengths of bars in days that need not be built.
    daily_multipliers: [&'static str; 2],
    /// Lengths of bars in weeks that need not be built.
    weekly_multipliers: [&'static str; 1],
    /// Lengths of bars in months that need not be built.
    monthly_multipliers: [&'static str; 1],
    /// Lengths of bars.
    supported_resolutions: Vec<&'static str>,
    /// Decimals of a volume.
    volume_precision: usize,
    /// Bars follow trades at once.
    data_status: &'static str,
    /// What is paid with.
    currency_code: String,
}

/// A market.
pub(crate) fn symbol(instrument: &Instrument) -> UdfSymbol {
    let spec = &instrument.spec;
    let lot = instrument.format_qty(papertape_engine::Qty(1));
    UdfSymbol {
        name: spec.symbol.to_string(),
        ticker: spec.symbol.to_string(),
        full_name: full_name(instrument),
        description: description(instrument),
        kind: KIND,
        session: "24x7",
        timezone: "Etc/UTC",
        exchange: EXCHANGE,
        listed_exchange: EXCHANGE,
        format: "price",
        minmov: spec.tick_mantissa,
        pricescale: 10_u64.saturating_pow(spec.price_decimals.into()),
        minmove2: 0,
        has_seconds: true,
        has_intraday: true,
        has_daily: true,
        has_weekly_and_monthly: true,
        seconds_multipliers: ["1"],
        intraday_multipliers: resolutions(|interval| {
            (Interval::Minute1.seconds()..Interval::Day1.seconds()).contains(&interval.seconds())
        }),
        daily_multipliers: ["1", "3"],
        weekly_multipliers: ["1"],
        monthly_multipliers: ["1"],
        supported_resolutions: resolutions(|_| true),
        volume_precision: lot.split_once('.').map_or(0, |(_, decimals)| decimals.len()),
        data_status: "streaming",
        currency_code: instrument.quote.symbol.to_string(),
    }
}

fn full_name(instrument: &Instrument) -> String {
    format!("{EXCHANGE}:{}", instrument.spec.symbol)
}

fn description(instrument: &Instrument) -> String {
    format!("{} / {}", instrument.base.symbol, instrument.quote.symbol)
}

/// A market that a search found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UdfFound {
    /// Canonical symbol.
    symbol: String,
    /// With the exchange before it.
    full_name: String,
    /// In words.
    description: String,
    /// The venue.
    exchange: &'static str,
    /// What the other routes take.
    ticker: String,
    /// Kind of market.
    #[serde(rename = "type")]
    kind: &'static str,
}

/// A market, if the search means it: its symbol, full name or description holds the words, whatever their case and however
/// its two assets are put together.
pub(crate) fn found(instrument: &Instrument, query: &str) -> Option<UdfFound> {
    let bare = |text: &str| text.replace(['-', '/', '_', ' '], "").to_uppercase();
    let is_meant = bare(&full_name(instrument)).contains(&bare(query));
    is_meant.then(|| UdfFound {
        symbol: instrument.spec.symbol.to_string(),
        full_name: full_name(instrument),
        description: description(instrument),
        exchange: EXCHANGE,
        ticker: instrument.spec.symbol.to_string(),
        kind: KIND,
    })
}

/// Bars, or that there are none, or why there is no answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "s", rename_all = "snake_case")]
#[schema(example = json!({"s": "ok", "t": [1769860800], "o": [60000], "h": [60010.5], "l": [59990], "c": [60005], "v": [12.5]}))]
pub(crate) enum UdfHistory {
    /// Bars, oldest first.
    Ok {
        /// Starts, in seconds since 1970.
        t: Vec<u64>,
        /// First prices.
        o: Vec<Number>,
        /// Highest prices.
        h: Vec<Number>,
        /// Lowest prices.
        l: Vec<Number>,
        /// Last prices.
        c: Vec<Number>,
        /// Traded quantities, in base.
        v: Vec<Number>,
    },
    /// No bar begins within the span.
    NoData {
        /// Start of the newest bar before it, if there is one.
        #[serde(rename = "nextTime", skip_serializing_if = "Option::is_none")]
        next_time: Option<u64>,
    },
    /// The question cannot be answered.
    Error {
        /// Why.
        errmsg: String,
    },
}

/// Bars.
pub(crate) fn history(instrument: &Instrument, bars: &[Candle]) -> UdfHistory {
    let prices = |of: fn(&Candle) -> Price| bars.iter().map(|bar| number(instrument, of(bar))).collect();
    UdfHistory::Ok {
        t: bars.iter().map(|bar| bar.start_s).collect(),
        o: prices(|bar| bar.open),
        h: prices(|bar| bar.high),
        l: prices(|bar| bar.low),
        c: prices(|bar| bar.close),
        v: bars.iter().map(|bar| Number::new(&instrument.format_qty(bar.volume))).collect(),
    }
}

fn number(instrument: &Instrument, price: Price) -> Number {
    Number::new(&instrument.format_price(price))
}

/// Why there is no answer: with status 200, as the feed's charts expect it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes answers; the failures themselves are made in `rest::udf`")]
pub(crate) struct UdfError {
    /// Always `error`.
    s: &'static str,
    /// Why.
    errmsg: String,
}

/// A market, or why there is none.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes answers")]
pub(crate) enum UdfSymbolAnswer {
    /// The market.
    Market(UdfSymbol),
    /// None.
    Error(UdfError),
}

/// What a search found, or why it was none.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes answers")]
pub(crate) enum UdfSearchAnswer {
    /// Markets.
    Markets(Vec<UdfFound>),
    /// None.
    Error(UdfError),
}

/// Quotes, or why there are none.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes answers")]
pub(crate) enum UdfQuotesAnswer {
    /// Quotes.
    Quotes(UdfQuotes),
    /// None.
    Error(UdfError),
}

/// The quotes of some markets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UdfQuotes {
    /// `ok`.
    pub(crate) s: &'static str,
    /// One for each symbol, in the order of the question.
    pub(crate) d: Vec<UdfQuote>,
}

/// The quote of a market.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UdfQuote {
    /// `ok`, or `error` if there is no such market.
    s: &'static str,
    /// The symbol, as it was asked for.
    n: String,
    /// The values; empty if there is no such market.
    v: UdfValues,
}

/// The values of a quote; those are left out that nobody can know: before a first trade, or of an empty side.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct UdfValues {
    /// Change over 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    ch: Option<Number>,
    /// The same in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    chp: Option<Number>,
    /// Canonical symbol.
    #[serde(skip_serializing_if = "Option::is_none")]
    short_name: Option<String>,
    /// The venue.
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<&'static str>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Last price.
    #[serde(skip_serializing_if = "Option::is_none")]
    lp: Option<Number>,
    /// Best ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<Number>,
    /// Best bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    bid: Option<Number>,
    /// Best ask less best bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    spread: Option<Number>,
    /// Price 24 hours ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_price: Option<Number>,
    /// Highest price of 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    high_price: Option<Number>,
    /// Lowest price of 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    low_price: Option<Number>,
    /// Price 24 hours ago: the market has no other close.
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_close_price: Option<Number>,
    /// Traded quantity of 24 hours, in base.
    #[serde(skip_serializing_if = "Option::is_none")]
    volume: Option<Number>,
}

/// The quote of a market.
pub(crate) fn quote(name: &str, instrument: &Instrument, ticker: &Ticker) -> UdfQuote {
    let price = |price: Option<Price>| price.map(|price| number(instrument, price));
    let less = |price: Option<Price>, other: Option<Price>| {
        let (price, other) = price.zip(other)?;
        let (low, high) = (price.min(other), price.max(other));
        let text = instrument.format_price(Price(high.0 - low.0));
        Some(Number::new(&if price < other { format!("-{text}") } else { text }))
    };
    let [bid, ask] = [ticker.best_bid, ticker.best_ask].map(|best| best.map(|(price, _)| price));
    let values = UdfValues {
        ch: less(ticker.price, ticker.open_24h),
        chp: market::change(ticker),
        short_name: Some(instrument.spec.symbol.to_string()),
        exchange: Some(EXCHANGE),
        description: Some(description(instrument)),
        lp: price(ticker.price),
        ask: price(ask),
        bid: price(bid),
        spread: less(ask, bid),
        open_price: price(ticker.open_24h),
        high_price: price(ticker.high_24h),
        low_price: price(ticker.low_24h),
        prev_close_price: price(ticker.open_24h),
        volume: Some(Number::new(&instrument.format_qty(ticker.volume_24h))),
    };
    UdfQuote { s: "ok", n: name.to_owned(), v: values }
}

/// The quote of a market that is not there.
pub(crate) fn no_quote(name: &str) -> UdfQuote {
    UdfQuote { s: "error", n: name.to_owned(), v: UdfValues::default() }
}
