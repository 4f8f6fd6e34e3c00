//! `/trade`, `/portfolio`, `/trades`: the plain routes, over the real book.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use papertape_engine::Command;
use papertape_platform::HISTORY_PAGE_MAX;

use super::{AnswerAt, PlainProblems};
use crate::app::App;
use crate::edge::acknowledged::{Acknowledged, Answered};
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::errors::Failure;
use crate::translate::number::Number;
use crate::translate::plain::{self, PortfolioRow, TradeOut, TradeRow};
use crate::translate::requests::TradeBody;
use crate::translate::{commands, find, time};
use crate::venue::orders::about;

/// Trades at `price` or better, at once, as much as there is. Nothing is left in the book.
#[utoipa::path(post, path = "/trade", tag = "plain", summary = "Trade now", security(("bearer" = [])),
    request_body = TradeBody, params(AnswerAt), responses(
    (status = 200, description = "Traded, all or in part.", body = TradeOut), PlainProblems,
))]
pub(crate) async fn trade(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<TradeBody>,
) -> Result<Answered<TradeOut>, Failure> {
    trade_now(&app, caller, &body).await.map_err(Failure::as_bad_request)
}

async fn trade_now(app: &App, caller: Caller, body: &TradeBody) -> Result<Answered<TradeOut>, Failure> {
    let asker = caller.asker()?;
    app.orders.check(asker.account, Instant::now())?;
    let (command, instrument) = {
        let views = app.views.read();
        let (id, instrument) = find(&views, &body.symbol)?;
        (commands::trade(asker.account, id, instrument, body)?, instrument.clone())
    };
    let reply = app.desk.submit_for(asker, Command::Place(command)).await?;
    let trade = plain::trade(&instrument, about(&reply)?)?;
    Ok(Answered(Acknowledged::to(asker, reply.seq), trade))
}

/// What the user holds from buying.
#[utoipa::path(get, path = "/portfolio", tag = "plain", summary = "My holdings", security(("bearer" = [])), responses(
    (status = 200, description = "One row for each market in which something is held.", body = Vec<PortfolioRow>),
    PlainProblems,
))]
pub(crate) async fn portfolio(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<PortfolioRow>>, Failure> {
    app.rows_are_current().await;
    let rows = app.platform.history().portfolio(caller.user).await.map_err(Failure::internal)?;
    let rows = rows.into_iter().map(|row| PortfolioRow {
        id: row.id,
        user_id: row.user_id,
        symbol: row.symbol,
        quantity: Number::new(&row.quantity_text),
        avg_price: Number::new(&row.avg_price_text),
    });
    Ok(Json(rows.collect()))
}

/// The user's fills.
#[utoipa::path(get, path = "/trades", tag = "plain", summary = "My trades", security(("bearer" = [])), responses(
    (status = 200, description = "Newest first, at most 500.", body = Vec<TradeRow>), PlainProblems,
))]
pub(crate) async fn trades(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<TradeRow>>, Failure> {
    app.rows_are_current().await;
    let rows = app.platform.history().trades(caller.user, HISTORY_PAGE_MAX).await.map_err(Failure::internal)?;
    let rows = rows.into_iter().map(|row| TradeRow {
        id: row.id,
        user_id: row.user_id,
        symbol: row.symbol,
        trade_type: row.trade_type,
        quantity: Number::new(&row.quantity_text),
        price: Number::new(&row.price_text),
        timestamp: time::rfc3339(u64::try_from(row.timestamp.unix_timestamp_nanos()).unwrap_or_default()),
    });
    Ok(Json(rows.collect()))
}
