//! Public market data, from the read models.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use papertape_engine::Instrument;
use papertape_platform::{Interval, Span};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Problems;
use crate::app::App;
use crate::edge::body::QueryOf;
use crate::errors::Failure;
use crate::translate::market::{
    self, CandleMessage, DepthMessage, InstrumentMessage, MarketTickerMessage, TradeMessage,
};
use crate::translate::{find, time};
use crate::venue::charts;

/// Rows of an answer when no limit is given.
const LIMIT_DEFAULT: usize = 100;

/// Most rows of an answer.
const LIMIT_MAX: usize = 1_000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarketQuery {
    /// The market: `BTC-USD`, `BTCUSD`, `BTC/USD`, `BTC_USD`, or `BTC` for its USD market.
    #[param(example = "BTC-USD")]
    symbol: String,
    /// At most this many, 1 to 1000.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CandleQuery {
    /// The market.
    #[param(example = "BTC-USD")]
    symbol: String,
    /// Length of a bar: `1s`, `1m`, `3m`, `5m`, `15m`, `30m`, `1h`, `2h`, `4h`, `6h`, `8h`, `12h`, `1d`, `3d`, `1w` or `1M`. Days
    /// and months are UTC's, weeks begin on Monday; of seconds there is the last hour.
    #[serde(default)]
    #[param(example = "1m", default = "1m")]
    interval: Option<String>,
    /// At most this many, 1 to 1000.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
}

/// The limit of a query, 1 to 1000.
pub(super) fn limit(asked: Option<usize>) -> Result<usize, Failure> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) { Ok(limit) } else { Err(Failure::field("limit", "must be 1 to 1000")) }
}

/// The markets and their rules.
#[utoipa::path(get, path = "/api/v1/instruments", tag = "market", summary = "Markets", responses(
    (status = 200, description = "In the order of listing.", body = Vec<InstrumentMessage>), Problems,
))]
pub(crate) async fn instruments(State(app): State<Arc<App>>) -> Json<Vec<InstrumentMessage>> {
    let views = app.views.read();
    let listed = views.instruments();
    let message = |(id, instrument)| {
        Some(market::instrument(instrument, &views.fee_tiers(id), views.stage(id)?, views.schedule(id)))
    };
    Json(listed.filter_map(message).collect())
}

/// The best levels of a market's book.
#[utoipa::path(get, path = "/api/v1/depth", tag = "market", summary = "Order book", params(MarketQuery), responses(
    (status = 200, description = "Best first.", body = DepthMessage), Problems,
))]
pub(crate) async fn depth(
    State(app): State<Arc<App>>,
    QueryOf(query): QueryOf<MarketQuery>,
) -> Result<Json<DepthMessage>, Failure> {
    let limit = limit(query.limit)?;
    let views = app.views.read();
    let (id, instrument) = find(&views, &query.symbol)?;
    Ok(Json(market::depth(instrument, &views.depth(id, limit))))
}

/// The last trades of a market.
#[utoipa::path(get, path = "/api/v1/trades", tag = "market", summary = "Trades", params(MarketQuery), responses(
    (status = 200, description = "Newest first.", body = Vec<TradeMessage>), Problems,
))]
pub(crate) async fn trades(
    State(app): State<Arc<App>>,
    QueryOf(query): QueryOf<MarketQuery>,
) -> Result<Json<Vec<TradeMessage>>, Failure> {
    let limit = limit(query.limit)?;
    let views = app.views.read();
    let (id, instrument) = find(&views, &query.symbol)?;
    Ok(Json(views.trades(id, limit).iter().map(|row| market::trade(instrument, row)).collect()))
}

/// The last bars of a market's chart. A bar without a trade is flat at the close before, with volume 0; before the first
/// trade there are none. Bars of minutes are kept for 90 days, and longer ones are made of them.
#[utoipa::path(get, path = "/api/v1/candles", tag = "market", summary = "Candles", params(CandleQuery), responses(
    (status = 200, description = "Oldest first; the last one is live.", body = Vec<CandleMessage>), Problems,
))]
pub(crate) async fn candles(
    State(app): State<Arc<App>>,
    QueryOf(query): QueryOf<CandleQuery>,
) -> Result<Json<Vec<CandleMessage>>, Failure> {
    let limit = limit(query.limit)?;
    let name = query.interval.as_deref().unwrap_or(Interval::Minute1.name());
    let interval = Interval::parse(name).ok_or_else(|| {
        let names = Interval::ALL.map(Interval::name).join(", ");
        Failure::field("interval", format!("must be one of {names}"))
    })?;
    let (id, instrument) = {
        let views = app.views.read();
        let (id, instrument) = find(&views, &query.symbol)?;
        (id, instrument.clone())
    };
    let candles = charts::bars(&app, id, &Span::newest(interval, limit), time::now_ns()).await?;
    Ok(Json(candles.iter().map(|candle| market::candle(&instrument, candle)).collect()))
}

/// What every market did in the last day, and where it stands.
#[utoipa::path(get, path = "/api/v1/tickers", tag = "market", summary = "Tickers", responses(
    (status = 200, description = "In the order of listing, as of one moment.", body = Vec<MarketTickerMessage>), Problems,
))]
pub(crate) async fn tickers(State(app): State<Arc<App>>) -> Json<Vec<MarketTickerMessage>> {
    let now_ns = time::now_ns();
    let views = app.views.read();
    let message = |(id, instrument): (_, &Instrument)| MarketTickerMessage {
        symbol: instrument.spec.symbol.to_string(),
        ticker: market::ticker(instrument, &views.ticker(id, now_ns), now_ns),
    };
    Json(views.instruments().map(message).collect())
}
