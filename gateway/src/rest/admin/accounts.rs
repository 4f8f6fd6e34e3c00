//! Accounts: who there is, and what each may do.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use papertape_engine::{AccountId, Command, Event, KillScope, OrderRef, TradeGroup};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::{JsonBody, QueryOf};
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::rest::market::limit;
use crate::translate::admin::accounts::{
    self, AccountBody, AccountDone, AdminAccountMessage, MarginBody, SuspensionBody, TradeGroupBody,
};
use crate::translate::admin::fields::{account_of, known_account, reference};
use crate::translate::orders::{OrderMessage, order};
use crate::translate::requests::{KillSwitchBody, SideWord};
use crate::translate::{commands, find};
use crate::venue::admin::{carry_out, orders_ended};
use crate::venue::tickets::Reply;

/// Which accounts to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountsQuery {
    /// Only those with a greater number: the last one of the page before.
    #[serde(default)]
    after: Option<u32>,
    /// At most this many, 1 to 1000.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
}

/// Which orders of an account are meant.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrdersQuery {
    /// Only in this market.
    #[serde(default)]
    #[param(example = "BTC-USD")]
    symbol: Option<String>,
    /// Only on this side.
    #[serde(default)]
    #[param(inline)]
    side: Option<SideWord>,
}

/// What the operator cancelled.
#[derive(Serialize, ToSchema)]
pub(crate) struct CancelledDone {
    /// The command's number in the journal.
    seq: u64,
    /// The orders, as they ended.
    cancelled: Vec<OrderMessage>,
}

/// Sends what is asked of an account, and shows it as it is then.
async fn set(
    app: &App,
    operator: Operator,
    what: &'static str,
    account: &str,
    command: impl FnOnce(AccountId) -> Command,
) -> Result<Json<AccountDone>, Failure> {
    let account = account_of(account)?;
    let reply = carry_out(app, operator, what, command(account)).await?;
    Ok(Json(done(app, account, &reply)))
}

fn done(app: &App, account: AccountId, reply: &Reply) -> AccountDone {
    let account = accounts::message(&app.views.read(), account);
    AccountDone { seq: reply.seq, orders_ended: orders_ended(&reply.events), account }
}

/// The accounts, users' and others, with what they have and owe and whether they may trade.
#[utoipa::path(get, path = "/api/v1/admin/accounts", tag = "admin", summary = "Accounts", security(("operator" = [])),
    params(AccountsQuery),
    responses((status = 200, description = "By number.", body = Vec<AdminAccountMessage>), AdminProblems),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    QueryOf(query): QueryOf<AccountsQuery>,
) -> Result<Json<Vec<AdminAccountMessage>>, Failure> {
    let (limit, views) = (limit(query.limit)?, app.views.read());
    let first = query.after.map_or(0, |after| after.saturating_add(1));
    let numbers = (first..views.account_count()).take(limit);
    Ok(Json(numbers.map(|number| accounts::message(&views, AccountId(number))).collect()))
}

/// Opens an account that is no user's. The same reference gives the same account.
#[utoipa::path(post, path = "/api/v1/admin/accounts", tag = "admin", summary = "Open an account",
    security(("operator" = [])), request_body = AccountBody,
    responses((status = 201, description = "The account.", body = AccountDone), AdminProblems),
)]
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    operator: Operator,
    JsonBody(body): JsonBody<AccountBody>,
) -> Result<(StatusCode, Json<AccountDone>), Failure> {
    let reference = reference(&body.reference)?;
    let reply = carry_out(&app, operator, "open an account", Command::OpenAccount { reference }).await?;
    let opened = reply.events.iter().find_map(|event| match event {
        Event::AccountOpened { account, .. } => Some(*account),
        _ => None,
    });
    let account = opened.ok_or_else(|| Failure::internal("an opening without an account"))?;
    Ok((StatusCode::CREATED, Json(done(&app, account, &reply))))
}

/// One account.
#[utoipa::path(get, path = "/api/v1/admin/accounts/{account_id}", tag = "admin", summary = "One account",
    security(("operator" = [])), params(("account_id" = u32, Path, description = "The account's number.")),
    responses((status = 200, description = "The account.", body = AdminAccountMessage), AdminProblems),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    _: Operator,
    Path(account): Path<String>,
) -> Result<Json<AdminAccountMessage>, Failure> {
    let views = app.views.read();
    Ok(Json(accounts::message(&views, known_account(&views, &account)?)))
}

/// Stops the trading of one account, or allows it again: as the venue's kill switch, for this account alone. It is the same
/// switch as the user's own.
#[utoipa::path(put, path = "/api/v1/admin/accounts/{account_id}/kill-switch", tag = "admin",
    summary = "Stop an account's trading", security(("operator" = [])),
    params(("account_id" = u32, Path, description = "The account's number.")), request_body = KillSwitchBody,
    responses((status = 200, description = "The account.", body = AccountDone), AdminProblems),
)]
pub(crate) async fn kill_switch(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(account): Path<String>,
    JsonBody(body): JsonBody<KillSwitchBody>,
) -> Result<Json<AccountDone>, Failure> {
    let engaged = body.engaged;
    let command = |account| Command::SetKillSwitch { scope: KillScope::Account(account), engaged };
    set(&app, operator, "kill switch of an account", &account, command).await
}

/// Suspends an account, or lifts it. Suspending it ends its orders (`cancel_reason` is `SUSPENDED`); until it is
/// lifted it can neither trade nor move money out (`ACCOUNT_SUSPENDED`). Refused with `SWITCH_UNCHANGED`, and for the venue's
/// own account with `RESERVED_ACCOUNT`.
#[utoipa::path(put, path = "/api/v1/admin/accounts/{account_id}/suspension", tag = "admin", summary = "Suspend an account",
    security(("operator" = [])), params(("account_id" = u32, Path, description = "The account's number.")),
    request_body = SuspensionBody,
    responses((status = 200, description = "The account.", body = AccountDone), AdminProblems),
)]
pub(crate) async fn suspension(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(account): Path<String>,
    JsonBody(body): JsonBody<SuspensionBody>,
) -> Result<Json<AccountDone>, Failure> {
    let suspended = body.suspended;
    set(&app, operator, "suspension", &account, |account| Command::SetSuspended { account, suspended }).await
}

/// Lets an account borrow, or no longer. Refused with `SWITCH_UNCHANGED`, with `ACCOUNT_OWES` while it owes something, and for
/// the venue's own account with `RESERVED_ACCOUNT`.
#[utoipa::path(put, path = "/api/v1/admin/accounts/{account_id}/margin", tag = "admin", summary = "Let an account borrow",
    security(("operator" = [])), params(("account_id" = u32, Path, description = "The account's number.")),
    request_body = MarginBody,
    responses((status = 200, description = "The account.", body = AccountDone), AdminProblems),
)]
pub(crate) async fn margin(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(account): Path<String>,
    JsonBody(body): JsonBody<MarginBody>,
) -> Result<Json<AccountDone>, Failure> {
    let margin = body.margin;
    set(&app, operator, "borrowing", &account, |account| Command::SetMarginAccount { account, margin }).await
}

/// Puts an account into a trade group: accounts of one group are one for self-trade prevention.
#[utoipa::path(put, path = "/api/v1/admin/accounts/{account_id}/trade-group", tag = "admin",
    summary = "Put an account into a trade group", security(("operator" = [])),
    params(("account_id" = u32, Path, description = "The account's number.")), request_body = TradeGroupBody,
    responses((status = 200, description = "The account.", body = AccountDone), AdminProblems),
)]
pub(crate) async fn trade_group(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(account): Path<String>,
    JsonBody(body): JsonBody<TradeGroupBody>,
) -> Result<Json<AccountDone>, Failure> {
    let group = Some(TradeGroup(body.group));
    set(&app, operator, "trade group", &account, |account| Command::SetTradeGroup { account, group }).await
}

/// Takes an account out of its trade group.
#[utoipa::path(delete, path = "/api/v1/admin/accounts/{account_id}/trade-group", tag = "admin",
    summary = "Take an account out of its trade group", security(("operator" = [])),
    params(("account_id" = u32, Path, description = "The account's number.")),
    responses((status = 200, description = "The account.", body = AccountDone), AdminProblems),
)]
pub(crate) async fn no_trade_group(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(account): Path<String>,
) -> Result<Json<AccountDone>, Failure> {
    let command = |account| Command::SetTradeGroup { account, group: None };
    set(&app, operator, "no trade group", &account, command).await
}

/// The open orders of an account, waiting and pending ones included.
#[utoipa::path(get, path = "/api/v1/admin/accounts/{account_id}/orders", tag = "admin", summary = "An account's open orders",
    security(("operator" = [])), params(("account_id" = u32, Path, description = "The account's number."), OrdersQuery),
    responses((status = 200, description = "Newest first.", body = Vec<OrderMessage>), AdminProblems),
)]
pub(crate) async fn orders(
    State(app): State<Arc<App>>,
    _: Operator,
    Path(account): Path<String>,
    QueryOf(query): QueryOf<OrdersQuery>,
) -> Result<Json<Vec<OrderMessage>>, Failure> {
    let views = app.views.read();
    let account = known_account(&views, &account)?;
    let instrument = query.symbol.map(|symbol| find(&views, &symbol).map(|(id, _)| id)).transpose()?;
    let mut open = views.open_orders(account, instrument);
    open.retain(|view| query.side.is_none_or(|side| view.side == side.into()));
    Ok(Json(open.iter().filter_map(|view| order(&*views, view)).collect()))
}

/// Cancels all orders of an account, or those of a market or side.
#[utoipa::path(delete, path = "/api/v1/admin/accounts/{account_id}/orders", tag = "admin",
    summary = "Cancel an account's orders", security(("operator" = [])),
    params(("account_id" = u32, Path, description = "The account's number."), OrdersQuery),
    responses((status = 200, description = "What was cancelled.", body = CancelledDone), AdminProblems),
)]
pub(crate) async fn cancel_all(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(account): Path<String>,
    QueryOf(query): QueryOf<OrdersQuery>,
) -> Result<Json<CancelledDone>, Failure> {
    let account = account_of(&account)?;
    let instrument = query.symbol.map(|symbol| find(&app.views.read(), &symbol).map(|(id, _)| id)).transpose()?;
    let command = Command::CancelAll { account, instrument, side: query.side.map(Into::into) };
    let reply = carry_out(&app, operator, "cancel an account's orders", command).await?;
    Ok(Json(cancelled(&app, &reply)))
}

/// Cancels one order of an account, and the list that it is in. Refused with `UNKNOWN_ORDER`.
#[utoipa::path(delete, path = "/api/v1/admin/accounts/{account_id}/orders/{order_id}", tag = "admin",
    summary = "Cancel an account's order", security(("operator" = [])),
    params(("account_id" = u32, Path, description = "The account's number."),
        ("order_id" = String, Path, description = "The venue's number of the order.")),
    responses((status = 200, description = "What was cancelled.", body = CancelledDone), AdminProblems),
)]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path((account, order)): Path<(String, String)>,
) -> Result<Json<CancelledDone>, Failure> {
    let (account, order) = (account_of(&account)?, OrderRef::Id(commands::order_id_of(&order)?));
    let reply = carry_out(&app, operator, "cancel an order", Command::Cancel { account, order }).await?;
    Ok(Json(cancelled(&app, &reply)))
}

fn cancelled(app: &App, reply: &Reply) -> CancelledDone {
    let views = app.views.read();
    let cancelled = reply.orders.iter().filter_map(|view| order(&*views, view)).collect();
    CancelledDone { seq: reply.seq, cancelled }
}
