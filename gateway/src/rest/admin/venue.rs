//! The venue as a whole: whose trading is stopped.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use papertape_engine::{AccountId, Command, InstrumentId, KillScope};
use papertape_platform::Views;
use serde::Serialize;
use utoipa::ToSchema;

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::translate::requests::KillSwitchBody;
use crate::venue::admin::{carry_out, orders_ended};

/// Whose trading is stopped.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"seq": 90001, "kill_switch": false, "stopped_instruments": ["BTC-USD"], "stopped_accounts": [7],
    "suspended_accounts": []}))]
pub(crate) struct VenueMessage {
    /// The last command that is in it.
    seq: u64,
    /// Whether the kill switch of the whole venue is engaged.
    kill_switch: bool,
    /// The markets whose own kill switch is engaged.
    stopped_instruments: Vec<String>,
    /// The accounts whose own kill switch is engaged.
    stopped_accounts: Vec<u32>,
    /// The accounts that are suspended.
    suspended_accounts: Vec<u32>,
}

fn message(views: &Views) -> VenueMessage {
    let accounts = || (0..views.account_count()).map(AccountId);
    let killed = |account: &AccountId| views.is_killed(KillScope::Account(*account));
    let instrument = |id: InstrumentId| views.is_killed(KillScope::Instrument(id));
    let stopped = views.instruments().filter(|(id, _)| instrument(*id));
    VenueMessage {
        seq: views.seq(),
        kill_switch: views.is_killed(KillScope::Venue),
        stopped_instruments: stopped.map(|(_, instrument)| instrument.spec.symbol.to_string()).collect(),
        stopped_accounts: accounts().filter(killed).map(|account| account.0).collect(),
        suspended_accounts: accounts().filter(|account| views.is_suspended(*account)).map(|of| of.0).collect(),
    }
}

/// Whose trading is stopped: by the venue's kill switch, those of markets and accounts, and suspensions.
#[utoipa::path(get, path = "/api/v1/admin/venue", tag = "admin", summary = "Whose trading is stopped",
    security(("operator" = [])),
    responses((status = 200, description = "As of `seq`.", body = VenueMessage), AdminProblems),
)]
pub(crate) async fn venue(State(app): State<Arc<App>>, _: Operator) -> Json<VenueMessage> {
    Json(message(&app.views.read()))
}

/// The venue after its kill switch was set.
#[derive(Serialize, ToSchema)]
pub(crate) struct VenueDone {
    /// The command's number in the journal.
    seq: u64,
    /// How many orders ended by it.
    orders_ended: usize,
    /// Whose trading is stopped now.
    venue: VenueMessage,
}

/// Stops everybody's trading, or allows it again. Engaging it ends all open orders (`cancel_reason` is `KILL_SWITCH`); until
/// it is released new orders, lists and amends are refused with `KILL_SWITCH_ENGAGED`, cancels are not. Releasing it brings
/// nothing back, and leaves the switches of markets and accounts as they are. What is so already is refused with
/// `SWITCH_UNCHANGED`.
#[utoipa::path(put, path = "/api/v1/admin/kill-switch", tag = "admin", summary = "Stop all trading",
    security(("operator" = [])), request_body = KillSwitchBody,
    responses((status = 200, description = "Whose trading is stopped now.", body = VenueDone), AdminProblems),
)]
pub(crate) async fn kill_switch(
    State(app): State<Arc<App>>,
    operator: Operator,
    JsonBody(body): JsonBody<KillSwitchBody>,
) -> Result<Json<VenueDone>, Failure> {
    let command = Command::SetKillSwitch { scope: KillScope::Venue, engaged: body.engaged };
    let reply = carry_out(&app, operator, "kill switch of the venue", command).await?;
    let (seq, orders_ended) = (reply.seq, orders_ended(&reply.events));
    Ok(Json(VenueDone { seq, orders_ended, venue: message(&app.views.read()) }))
}
