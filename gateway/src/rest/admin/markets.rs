//! What is set of a market while it trades.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use papertape_engine::{Command, Instrument, InstrumentId, KillScope};

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::translate::admin::markets::{
    self, FeeTiersBody, InstrumentDone, MarkBody, PhaseBody, ScheduleBody, UncrossBody, UncrossDone,
};
use crate::translate::requests::KillSwitchBody;
use crate::translate::{commands, find};
use crate::venue::admin::{carry_out, orders_ended};

/// Sends what is asked of the market that a path names, and shows it as it is then.
async fn set(
    app: &App,
    operator: Operator,
    what: &'static str,
    symbol: &str,
    command: impl FnOnce(InstrumentId, &Instrument) -> Result<Command, Failure>,
) -> Result<Json<InstrumentDone>, Failure> {
    let (id, command) = {
        let views = app.views.read();
        let (id, instrument) = find(&views, symbol)?;
        (id, command(id, instrument)?)
    };
    let reply = carry_out(app, operator, what, command).await?;
    let instrument = markets::message(&app.views.read(), id)?;
    Ok(Json(InstrumentDone { seq: reply.seq, orders_ended: orders_ended(&reply.events), instrument }))
}

/// Puts a market into a phase. `halted` and `closed` take only cancels; `closed` ends `day` orders; `auction` collects limit
/// orders until it is uncrossed, by its end or by `POST …/uncross`. Refused with `PHASE_UNCHANGED`, `BOOK_CROSSED` (an auction
/// whose book is crossed is uncrossed first), `INVALID_PHASE`.
#[utoipa::path(put, path = "/api/v1/admin/instruments/{symbol}/phase", tag = "admin", summary = "Set a market's phase",
    security(("operator" = [])), params(("symbol" = String, Path, description = "The market.", example = "BTC-USD")),
    request_body = PhaseBody,
    responses((status = 200, description = "The market.", body = InstrumentDone), AdminProblems),
)]
pub(crate) async fn phase(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(symbol): Path<String>,
    JsonBody(body): JsonBody<PhaseBody>,
) -> Result<Json<InstrumentDone>, Failure> {
    let stage = body.stage()?;
    set(&app, operator, "phase", &symbol, |instrument, _| Ok(Command::SetPhase { instrument, stage })).await
}

/// Gives a market a day of phases. Refused with `INVALID_SCHEDULE`.
#[utoipa::path(put, path = "/api/v1/admin/instruments/{symbol}/schedule", tag = "admin", summary = "Set a market's schedule",
    security(("operator" = [])), params(("symbol" = String, Path, description = "The market.", example = "BTC-USD")),
    request_body = ScheduleBody,
    responses((status = 200, description = "The market.", body = InstrumentDone), AdminProblems),
)]
pub(crate) async fn schedule(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(symbol): Path<String>,
    JsonBody(body): JsonBody<ScheduleBody>,
) -> Result<Json<InstrumentDone>, Failure> {
    let schedule = Some(body.schedule()?);
    set(&app, operator, "schedule", &symbol, |instrument, _| Ok(Command::SetSchedule { instrument, schedule })).await
}

/// Takes a market's schedule away; its phase stays as it is.
#[utoipa::path(delete, path = "/api/v1/admin/instruments/{symbol}/schedule", tag = "admin",
    summary = "Take a market's schedule away", security(("operator" = [])),
    params(("symbol" = String, Path, description = "The market.", example = "BTC-USD")),
    responses((status = 200, description = "The market.", body = InstrumentDone), AdminProblems),
)]
pub(crate) async fn no_schedule(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(symbol): Path<String>,
) -> Result<Json<InstrumentDone>, Failure> {
    let command = |instrument, _: &Instrument| Ok(Command::SetSchedule { instrument, schedule: None });
    set(&app, operator, "no schedule", &symbol, command).await
}

/// Trades the orders that an auction has collected, at one price. Refused with `NOT_IN_AUCTION`, `INVALID_PHASE`.
#[utoipa::path(post, path = "/api/v1/admin/instruments/{symbol}/uncross", tag = "admin", summary = "End an auction",
    security(("operator" = [])), params(("symbol" = String, Path, description = "The market.", example = "BTC-USD")),
    request_body = UncrossBody,
    responses((status = 200, description = "What was traded, and the market.", body = UncrossDone), AdminProblems),
)]
pub(crate) async fn uncross(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(symbol): Path<String>,
    JsonBody(body): JsonBody<UncrossBody>,
) -> Result<Json<UncrossDone>, Failure> {
    let (id, command) = {
        let views = app.views.read();
        let (instrument, known) = find(&views, &symbol)?;
        let (reference, then) = body.terms(known)?;
        (instrument, Command::Uncross { instrument, reference, then })
    };
    let reply = carry_out(&app, operator, "uncross", command).await?;
    let views = app.views.read();
    let (_, known) = find(&views, &symbol)?;
    let (price, qty, surplus) = markets::uncrossed(&reply.events);
    Ok(Json(UncrossDone {
        seq: reply.seq,
        price: price.map(|price| known.format_price(price)),
        qty: known.format_qty(qty),
        imbalance_side: surplus.map(|(side, _)| side.into()),
        imbalance_qty: known.format_qty(surplus.map_or_else(Default::default, |(_, qty)| qty)),
        orders_ended: orders_ended(&reply.events),
        instrument: markets::message(&views, id)?,
    }))
}

/// Sets the mark price: the reference of triggers where `trigger_source` is `mark`, and the price of collateral and debts
/// that the market prices. Triggers that it reaches fire, and accounts that it leaves short of margin are liquidated, within
/// the same command.
#[utoipa::path(put, path = "/api/v1/admin/instruments/{symbol}/mark", tag = "admin", summary = "Set a market's mark price",
    security(("operator" = [])), params(("symbol" = String, Path, description = "The market.", example = "BTC-USD")),
    request_body = MarkBody,
    responses((status = 200, description = "The market.", body = InstrumentDone), AdminProblems),
)]
pub(crate) async fn mark(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(symbol): Path<String>,
    JsonBody(body): JsonBody<MarkBody>,
) -> Result<Json<InstrumentDone>, Failure> {
    let command = |instrument, known: &Instrument| {
        Ok(Command::SetMark { instrument, price: commands::price("price", known, &body.price)? })
    };
    set(&app, operator, "mark price", &symbol, command).await
}

/// Gives a market a fee table, or takes it away. Open orders keep the rates with which they were accepted. Refused with
/// `INVALID_FEE_TIERS`, or `REBATE_NOT_COVERED` where an open order's rebate would not be covered any more.
#[utoipa::path(put, path = "/api/v1/admin/instruments/{symbol}/fee-tiers", tag = "admin", summary = "Set a market's fee table",
    security(("operator" = [])), params(("symbol" = String, Path, description = "The market.", example = "BTC-USD")),
    request_body = FeeTiersBody,
    responses((status = 200, description = "The market.", body = InstrumentDone), AdminProblems),
)]
pub(crate) async fn fee_tiers(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(symbol): Path<String>,
    JsonBody(body): JsonBody<FeeTiersBody>,
) -> Result<Json<InstrumentDone>, Failure> {
    let command = |instrument, known: &Instrument| Ok(Command::SetFeeTiers { instrument, tiers: body.table(known)? });
    set(&app, operator, "fee table", &symbol, command).await
}

/// Stops trading in one market, or allows it again: as the venue's kill switch, for this market alone.
#[utoipa::path(put, path = "/api/v1/admin/instruments/{symbol}/kill-switch", tag = "admin",
    summary = "Stop trading in a market", security(("operator" = [])),
    params(("symbol" = String, Path, description = "The market.", example = "BTC-USD")), request_body = KillSwitchBody,
    responses((status = 200, description = "The market.", body = InstrumentDone), AdminProblems),
)]
pub(crate) async fn kill_switch(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(symbol): Path<String>,
    JsonBody(body): JsonBody<KillSwitchBody>,
) -> Result<Json<InstrumentDone>, Failure> {
    let command = |instrument, _: &Instrument| {
        Ok(Command::SetKillSwitch { scope: KillScope::Instrument(instrument), engaged: body.engaged })
    };
    set(&app, operator, "kill switch of a market", &symbol, command).await
}
