//! Borrowing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use papertape_engine::{Command, LedgerEntry};

use super::{AnswerAt, OwnProblems};
use crate::app::App;
use crate::edge::acknowledged::{Acknowledged, Answered};
use crate::edge::body::JsonBody;
use crate::edge::caller::Caller;
use crate::errors::Failure;
use crate::translate::margin::{self, LoanBody, LoanMessage, MarginMessage};
use crate::venue::level::Asker;

/// How the caller stands as a borrower, and what can be borrowed. Whether an account may borrow is the operator's to say.
#[utoipa::path(get, path = "/api/v1/account/margin", tag = "account", summary = "My margin", security(("bearer" = [])),
    responses((status = 200, description = "At the prices of the moment.", body = MarginMessage), OwnProblems),
)]
pub(crate) async fn margin(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<MarginMessage>, Failure> {
    let account = caller.account()?;
    Ok(Json(margin::margin(&app.views.read(), account)))
}

/// Borrows: the money is in the balance at once, and is owed. Refused with `NOT_A_MARGIN_ACCOUNT`, `NOT_BORROWABLE`,
/// `BORROW_LIMIT`, `NO_REFERENCE_PRICE`, or `INSUFFICIENT_MARGIN` where collateral and loan together would not leave the
/// initial margin over all debts. An account that falls below its maintenance margin is liquidated: its orders end
/// (`LIQUIDATION`), what it has is sold, and what it owes is bought and paid back.
#[utoipa::path(post, path = "/api/v1/account/borrow", tag = "account", summary = "Borrow", security(("bearer" = [])),
    request_body = LoanBody, params(AnswerAt),
    responses((status = 200, description = "The loan.", body = LoanMessage), OwnProblems),
)]
pub(crate) async fn borrow(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<LoanBody>,
) -> Result<Answered<LoanMessage>, Failure> {
    let asker = caller.asker()?;
    let entry = body.entry(&app.views.read(), asker.account)?;
    carry_out(&app, asker, &entry, Command::Borrow(entry)).await
}

/// Pays back what is owed of an asset, at most `amount`. Refused with `NOTHING_BORROWED` or `INSUFFICIENT_FUNDS`.
#[utoipa::path(post, path = "/api/v1/account/repay", tag = "account", summary = "Pay back", security(("bearer" = [])),
    request_body = LoanBody, params(AnswerAt),
    responses((status = 200, description = "What was paid back.", body = LoanMessage), OwnProblems),
)]
pub(crate) async fn repay(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<LoanBody>,
) -> Result<Answered<LoanMessage>, Failure> {
    let asker = caller.asker()?;
    let entry = body.entry(&app.views.read(), asker.account)?;
    carry_out(&app, asker, &entry, Command::Repay(entry)).await
}

async fn carry_out(
    app: &App,
    asker: Asker,
    entry: &LedgerEntry,
    command: Command,
) -> Result<Answered<LoanMessage>, Failure> {
    let reply = app.desk.submit_for(asker, command).await?;
    let message = margin::loan(&app.views.read(), entry, &reply.events, reply.seq);
    let answered = message.map(|message| Answered(Acknowledged::to(asker, reply.seq), message));
    answered.ok_or_else(|| Failure::internal("a loan of an asset that is not listed"))
}
