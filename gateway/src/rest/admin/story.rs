//! Looking back, as the operator: any order's life, and the state after any record.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use papertape_story::Eyes;
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};

use crate::app::App;
use crate::archive::{Question, beyond};
use crate::edge::body::QueryOf;
use crate::edge::operator::Operator;
use crate::errors::{Failure, Problem};
use crate::rest::story::{PendingMessage, look_back};
use crate::translate::admin::fields::known_account;
use crate::translate::admin::state::StateMessage;
use crate::translate::story::StoryMessage;
use crate::translate::{commands, find};

/// Which state is wanted, and what of it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateQuery {
    /// The record after which; the last durable one, if absent.
    #[serde(default)]
    #[param(minimum = 1)]
    seq: Option<u64>,
    /// A market whose book is wanted, too.
    #[serde(default)]
    #[param(example = "BTC-USD")]
    symbol: Option<String>,
    /// An account whose balances and open orders are wanted, too.
    #[serde(default)]
    account: Option<u32>,
}

/// What the operator's routes that look back answer besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the failures themselves are made in `errors`")]
pub(crate) enum BackProblems {
    /// The answer is being made: ask again after `Retry-After` seconds.
    #[response(status = 202)]
    Pending(PendingMessage),
    /// The request cannot be understood; `detail` names the field.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No key, or a wrong one (`WWW-Authenticate: Bearer`).
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(Problem),
    /// `FORBIDDEN`: the token is a user's.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// `UNKNOWN_ORDER`, `UNKNOWN_ACCOUNT`; `UNKNOWN_RECORD`: the journal is not durable so far.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// `RATE_LIMITED`: too many wrong keys from this address (`Retry-After`).
    #[response(status = 429, content_type = "application/problem+json")]
    TooManyTries(Problem),
    /// The journal cannot be read.
    #[response(status = 500, content_type = "application/problem+json")]
    Unreadable(Problem),
    /// `NO_JOURNAL`: this venue does not look back.
    #[response(status = 501, content_type = "application/problem+json")]
    NoJournal(Problem),
    /// `BUSY`: too many look back at this moment (`Retry-After`); or the venue is stopping.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// The life of any order, with everybody's orders and accounts: as `papertape audit order` tells it.
#[utoipa::path(get, path = "/api/v1/admin/orders/{order_id}/story", tag = "admin", summary = "The life of an order",
    security(("operator" = [])), params(("order_id" = String, Path, description = "The venue's number.")),
    responses((status = 200, description = "What happened to it.", body = StoryMessage), BackProblems),
)]
pub(crate) async fn story(
    State(app): State<Arc<App>>,
    _: Operator,
    Path(order_id): Path<String>,
) -> Result<Response, Failure> {
    let order = commands::order_id_of(&order_id)?;
    look_back(&app, &Question::Story { order, eyes: Eyes::All }, None).await
}

/// The venue as it was right after a record of its journal: the hash of its state, what all accounts had together, and if
/// they are named a market's book and an account. It is replayed from the newest snapshot that is not after the record.
#[utoipa::path(get, path = "/api/v1/admin/state", tag = "admin", summary = "The state after a record",
    security(("operator" = [])), params(StateQuery),
    responses((status = 200, description = "As of `seq`.", body = StateMessage), BackProblems),
)]
pub(crate) async fn state(
    State(app): State<Arc<App>>,
    _: Operator,
    QueryOf(query): QueryOf<StateQuery>,
) -> Result<Response, Failure> {
    let durable = app.client.durable().get();
    match query.seq {
        Some(0) => return Err(Failure::field("seq", "records are numbered from 1")),
        Some(seq) if seq > durable => return Err(beyond(durable)),
        _ => {}
    }
    let question = {
        let views = app.views.read();
        let market = query.symbol.as_deref().map(|symbol| find(&views, symbol).map(|(id, _)| id)).transpose()?;
        let account = query.account.map(|account| known_account(&views, &account.to_string())).transpose()?;
        Question::State { seq: query.seq, market, account }
    };
    look_back(&app, &question, None).await
}
