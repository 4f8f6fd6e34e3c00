//! Charts as TradingView's Universal Data Feed. What goes wrong is told as the feed tells it: status 200 and
//! `{s: "error", errmsg}`. Fields of a query that are not known are passed over, because charts send some of their own.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use papertape_engine::{Instrument, InstrumentId};
use papertape_platform::{Span, Views};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Problems;
use crate::app::App;
use crate::edge::body::QueryOf;
use crate::errors::Failure;
use crate::translate::udf::{
    self, EXCHANGE, KIND, UdfConfig, UdfFound, UdfHistory, UdfQuotes, UdfQuotesAnswer, UdfSearchAnswer, UdfSymbol,
    UdfSymbolAnswer,
};
use crate::translate::{find, time};
use crate::venue::charts;

/// Most bars of an answer: of a longer span the newest.
const BARS_MAX: usize = 5_000;

/// Markets that a search finds when no limit is given.
const FOUND_DEFAULT: usize = 30;

/// Most markets that a search finds, and that quotes are given of at once.
const SYMBOLS_MAX: usize = 500;

type Query<T> = Result<QueryOf<T>, Failure>;

/// Why there is no answer, as the feed tells it.
pub(crate) struct Error(String);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Json(UdfHistory::Error { errmsg: self.0 }).into_response()
    }
}

fn error(sentence: impl Into<String>) -> Error {
    Error(sentence.into())
}

fn read<T>(query: Query<T>) -> Result<T, Error> {
    query.map(|QueryOf(query)| query).map_err(|failure| error(failure.detail))
}

/// The market that a chart names, with the exchange before it or without.
fn named<'a>(views: &'a Views, symbol: &str) -> Option<(InstrumentId, &'a Instrument)> {
    let bare = match symbol.split_once(':') {
        Some((exchange, bare)) if exchange.eq_ignore_ascii_case(EXCHANGE) => bare,
        _ => symbol,
    };
    find(views, bare).ok()
}

fn unknown_symbol() -> Error {
    error("unknown_symbol")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SymbolQuery {
    /// The market: `BTC-USD`, also with `PAPERTAPE:` before it.
    #[param(example = "BTC-USD")]
    symbol: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// A part of the symbol; everything, if it is empty.
    #[serde(default)]
    #[param(example = "btc")]
    query: String,
    /// Kind of market; empty: all.
    #[serde(default, rename = "type")]
    kind: String,
    /// Exchange; empty: all.
    #[serde(default)]
    exchange: String,
    /// At most this many; more than 500 are never given.
    #[serde(default)]
    #[param(default = 30, value_type = Option<usize>)]
    limit: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// The market: `BTC-USD`, also with `PAPERTAPE:` before it.
    #[param(example = "BTC-USD")]
    symbol: String,
    /// Length of a bar: one of `supported_resolutions`.
    #[param(example = "5")]
    resolution: String,
    /// No bar that begins before, in seconds since 1970. Means nothing beside `countback`.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    from: Option<String>,
    /// No bar that begins then or later, in seconds since 1970. Without it: up to now, the live bar included.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    to: Option<String>,
    /// So many bars before `to`, wherever they begin.
    #[serde(default)]
    #[param(value_type = Option<usize>)]
    countback: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuotesQuery {
    /// Markets, with commas between them, at most 500.
    #[param(example = "BTC-USD,ETH-USD")]
    symbols: String,
}

/// What the feed can do.
#[utoipa::path(get, path = "/udf/config", tag = "charts", summary = "What the feed can do", responses(
    (status = 200, description = "Exactly one of `supports_search` and `supports_group_request` is true.", body = UdfConfig),
    Problems,
))]
pub(crate) async fn config() -> Json<UdfConfig> {
    Json(udf::config())
}

/// The venue's time.
#[utoipa::path(get, path = "/udf/time", tag = "charts", summary = "The venue's time", responses(
    (status = 200, description = "Seconds since 1970, as text.", body = String, content_type = "text/plain"), Problems,
))]
pub(crate) async fn time() -> String {
    (time::now_ns() / 1_000_000_000).to_string()
}

/// One market.
#[utoipa::path(get, path = "/udf/symbols", tag = "charts", summary = "One market", params(SymbolQuery), responses(
    (status = 200, description = "The market, or `{s: \"error\", errmsg: \"unknown_symbol\"}`.", body = UdfSymbolAnswer),
    Problems,
))]
pub(crate) async fn symbols(State(app): State<Arc<App>>, query: Query<SymbolQuery>) -> Result<Json<UdfSymbol>, Error> {
    let query = read(query)?;
    let views = app.views.read();
    let (_, instrument) = named(&views, &query.symbol).ok_or_else(unknown_symbol)?;
    Ok(Json(udf::symbol(instrument)))
}

/// Finds markets.
#[utoipa::path(get, path = "/udf/search", tag = "charts", summary = "Find markets", params(SearchQuery), responses(
    (status = 200, description = "In the order of listing.", body = UdfSearchAnswer), Problems,
))]
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    query: Query<SearchQuery>,
) -> Result<Json<Vec<UdfFound>>, Error> {
    let query = read(query)?;
    let limit = number("limit", query.limit.as_deref())?.map_or(FOUND_DEFAULT, |limit| limit as usize);
    let is_ours = |asked: &str, ours: &str| asked.is_empty() || asked.eq_ignore_ascii_case(ours);
    if !is_ours(&query.kind, KIND) || !is_ours(&query.exchange, EXCHANGE) {
        return Ok(Json(Vec::new()));
    }
    let views = app.views.read();
    let found = views.instruments().filter_map(|(_, instrument)| udf::found(instrument, &query.query));
    Ok(Json(found.take(limit.min(SYMBOLS_MAX)).collect()))
}

/// Bars of a market: at most 5,000, the newest of those that are asked for. A bar without a trade is flat at the close
/// before, with volume 0; before the first trade there are none. Bars of minutes are kept for 90 days, and longer ones are
/// made of them.
#[utoipa::path(get, path = "/udf/history", tag = "charts", summary = "Bars", params(HistoryQuery), responses(
    (status = 200, description = "Oldest first; the last one may be live.", body = UdfHistory), Problems,
))]
pub(crate) async fn history(
    State(app): State<Arc<App>>,
    query: Query<HistoryQuery>,
) -> Result<Json<UdfHistory>, Error> {
    history_of(&app, read(query)?).await.map(Json)
}

/// The same as `/udf/history`.
#[utoipa::path(get, path = "/api/v2/charting/history", tag = "charts", summary = "Bars, as /udf/history gives them",
    params(HistoryQuery), responses(
    (status = 200, description = "Oldest first; the last one may be live.", body = UdfHistory), Problems,
))]
pub(crate) async fn charting_history(
    state: State<Arc<App>>,
    query: Query<HistoryQuery>,
) -> Result<Json<UdfHistory>, Error> {
    history(state, query).await
}

async fn history_of(app: &App, query: HistoryQuery) -> Result<UdfHistory, Error> {
    let span = span(&query)?;
    let (id, instrument) = {
        let views = app.views.read();
        let (id, instrument) = named(&views, &query.symbol).ok_or_else(unknown_symbol)?;
        (id, instrument.clone())
    };
    let now_ns = time::now_ns();
    let failed = |failure: Failure| error(failure.detail);
    let bars = charts::bars(app, id, &span, now_ns).await.map_err(failed)?;
    if !bars.is_empty() {
        return Ok(udf::history(&instrument, &bars));
    }
    let begin_s = if span.from_s == 0 { span.to_s } else { span.from_s.min(span.to_s) };
    let next_time = charts::bar_before(app, id, (span.interval, begin_s), now_ns).await.map_err(failed)?;
    Ok(UdfHistory::NoData { next_time })
}

fn span(query: &HistoryQuery) -> Result<Span, Error> {
    let interval = udf::interval(&query.resolution).ok_or_else(|| error("unknown_resolution"))?;
    let from_s = number("from", query.from.as_deref())?.unwrap_or(0);
    let to_s = number("to", query.to.as_deref())?.unwrap_or(u64::MAX);
    match number("countback", query.countback.as_deref())? {
        Some(0) | None if from_s > to_s => Err(error("from: must not be after to")),
        Some(0) | None => Ok(Span { interval, from_s, to_s, limit: BARS_MAX }),
        Some(bars) => {
            let limit = usize::try_from(bars).unwrap_or(BARS_MAX).min(BARS_MAX);
            Ok(Span { interval, from_s: 0, to_s, limit })
        }
    }
}

/// A whole number; one below zero is zero: charts that are scrolled far back ask for times before 1970.
fn number(name: &str, text: Option<&str>) -> Result<Option<u64>, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let number: i64 = text.parse().map_err(|_| error(format!("{name}: must be a whole number")))?;
    Ok(Some(u64::try_from(number).unwrap_or(0)))
}

/// Quotes of some markets.
#[utoipa::path(get, path = "/udf/quotes", tag = "charts", summary = "Quotes", params(QuotesQuery), responses(
    (status = 200, description = "One for each symbol; of an unknown one `s` is `error`.", body = UdfQuotesAnswer), Problems,
))]
pub(crate) async fn quotes(State(app): State<Arc<App>>, query: Query<QuotesQuery>) -> Result<Json<UdfQuotes>, Error> {
    let query = read(query)?;
    if query.symbols.split(',').count() > SYMBOLS_MAX {
        return Err(error("symbols: must be at most 500"));
    }
    let now_ns = time::now_ns();
    let views = app.views.read();
    let quote = |name: &str| match named(&views, name) {
        Some((id, instrument)) => udf::quote(name, instrument, &views.ticker(id, now_ns)),
        None => udf::no_quote(name),
    };
    let names = query.symbols.split(',').map(str::trim).filter(|name| !name.is_empty());
    Ok(Json(UdfQuotes { s: "ok", d: names.map(quote).collect() }))
}
