//! Money in, out and between accounts.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use papertape_engine::{AccountId, Command, LedgerEntry};

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::translate::admin::fields::account_of;
use crate::translate::admin::money::{self, EntryBody, EntryMessage, TransferBody};
use crate::venue::admin::carry_out;

async fn enter(
    app: &App,
    operator: Operator,
    what: &'static str,
    (entry, command): (LedgerEntry, Command),
    accounts: &[AccountId],
) -> Result<Json<EntryMessage>, Failure> {
    let reply = carry_out(app, operator, what, command).await?;
    let message = money::message(&app.views.read(), &entry, accounts, (reply.seq, &reply.events));
    message.map(Json).ok_or_else(|| Failure::internal("an entry of an asset that is not listed"))
}

/// Brings money into an account; a correction in its favour is one, too. Refused with `INVALID_AMOUNT`,
/// `BALANCE_TOO_LARGE`, `DUPLICATE_REFERENCE`, `RESERVED_ACCOUNT`.
#[utoipa::path(post, path = "/api/v1/admin/accounts/{account_id}/deposits", tag = "admin", summary = "Deposit",
    security(("operator" = [])), params(("account_id" = u32, Path, description = "The account's number.")),
    request_body = EntryBody,
    responses((status = 200, description = "What the account has now.", body = EntryMessage), AdminProblems),
)]
pub(crate) async fn deposit(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(account): Path<String>,
    JsonBody(body): JsonBody<EntryBody>,
) -> Result<Json<EntryMessage>, Failure> {
    let account = account_of(&account)?;
    let entry = body.entry(&app.views.read(), account)?;
    enter(&app, operator, "deposit", (entry, Command::Deposit(entry)), &[account]).await
}

/// Takes money out of an account; a correction to its debit is one, too. Refused with `INSUFFICIENT_FUNDS`, of accounts that
/// owe with `INSUFFICIENT_MARGIN`, with `ACCOUNT_SUSPENDED`, `INVALID_AMOUNT`, `DUPLICATE_REFERENCE`.
#[utoipa::path(post, path = "/api/v1/admin/accounts/{account_id}/withdrawals", tag = "admin", summary = "Withdraw",
    security(("operator" = [])), params(("account_id" = u32, Path, description = "The account's number.")),
    request_body = EntryBody,
    responses((status = 200, description = "What the account has now.", body = EntryMessage), AdminProblems),
)]
pub(crate) async fn withdraw(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(account): Path<String>,
    JsonBody(body): JsonBody<EntryBody>,
) -> Result<Json<EntryMessage>, Failure> {
    let account = account_of(&account)?;
    let entry = body.entry(&app.views.read(), account)?;
    enter(&app, operator, "withdraw", (entry, Command::Withdraw(entry)), &[account]).await
}

/// Moves money between two accounts. Refused as a withdrawal of the one and a deposit of the other, and with `SAME_ACCOUNT`.
#[utoipa::path(post, path = "/api/v1/admin/transfers", tag = "admin", summary = "Transfer", security(("operator" = [])),
    request_body = TransferBody,
    responses((status = 200, description = "What both have now, the payer first.", body = EntryMessage), AdminProblems),
)]
pub(crate) async fn transfer(
    State(app): State<Arc<App>>,
    operator: Operator,
    JsonBody(body): JsonBody<TransferBody>,
) -> Result<Json<EntryMessage>, Failure> {
    let (from, to) = (body.entry(&app.views.read())?, AccountId(body.to));
    enter(&app, operator, "transfer", (from, Command::Transfer { from, to }), &[from.account, to]).await
}
