//! The routes. Each is registered once, with its documentation: a route without a description cannot exist.

// The macro that documents a route writes paths out in full.
#![expect(unused_qualifications, reason = "written by utoipa's macros")]

mod account;
mod admin;
mod api_keys;
mod api_keys_v2;
mod door;
mod fills;
mod health;
mod lists;
mod margin;
mod market;
mod orders;
mod probe;
mod profile;
mod security;
mod sessions;
mod setup;
mod step_up;
mod story;
mod trading;
mod udf;
mod users;
mod wallets;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use papertape_platform::PICTURE_MAX;
use utoipa::{IntoParams, IntoResponses};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::errors::{Detail, Problem};
use crate::ws;
pub(crate) use probe::{PAIRS, reads_account_body, reads_key_body};
pub(crate) use story::PendingMessage;

/// Every route of the gateway but the page and the document itself.
pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(users::sign_up))
        .routes(routes!(users::log_in))
        .routes(routes!(users::me))
        .routes(routes!(trading::trade))
        .routes(routes!(trading::portfolio))
        .routes(routes!(trading::trades))
        .routes(routes!(ws::ticker::feed))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        .routes(routes!(health::status))
        .routes(routes!(market::instruments))
        .routes(routes!(market::depth))
        .routes(routes!(market::trades))
        .routes(routes!(market::candles))
        .routes(routes!(market::tickers))
        .routes(routes!(udf::config))
        .routes(routes!(udf::time))
        .routes(routes!(udf::symbols))
        .routes(routes!(udf::search))
        .routes(routes!(udf::history))
        .routes(routes!(udf::charting_history))
        .routes(routes!(udf::quotes))
        .routes(routes!(account::account))
        .routes(routes!(account::fees))
        .routes(routes!(margin::margin))
        .routes(routes!(margin::borrow))
        .routes(routes!(margin::repay))
        .routes(routes!(account::kill_switch))
        .routes(routes!(api_keys::create, api_keys::list))
        .routes(routes!(api_keys::edit, api_keys::revoke))
        .routes(routes!(api_keys_v2::create, api_keys_v2::list))
        .routes(routes!(api_keys_v2::revoke))
        .routes(routes!(wallets::create, wallets::list))
        .routes(routes!(wallets::get, wallets::edit))
        .routes(routes!(wallets::export))
        .routes(routes!(fills::list))
        .routes(routes!(orders::place, orders::list, orders::cancel_all))
        .routes(routes!(orders::get, orders::amend, orders::cancel))
        .routes(routes!(story::story))
        .routes(routes!(lists::place))
        .routes(routes!(lists::get))
        .routes(routes!(ws::session::open))
        .merge(users_routes())
        .merge(admin::routes())
}

/// What users do with their own names, sessions and second factors.
fn users_routes() -> OpenApiRouter<Arc<App>> {
    // A picture is larger than any other body.
    let pictures = OpenApiRouter::new()
        .routes(routes!(profile::set_picture, profile::remove_picture))
        .layer(DefaultBodyLimit::max(PICTURE_MAX));
    OpenApiRouter::new()
        .routes(routes!(sessions::open, sessions::list, sessions::end_all))
        .routes(routes!(sessions::refresh))
        .routes(routes!(sessions::end))
        .routes(routes!(profile::get, profile::edit))
        .routes(routes!(profile::prefer))
        .merge(pictures)
        .routes(routes!(profile::picture))
        .routes(routes!(step_up::step_up))
        .routes(routes!(security::auth_logs))
        .routes(routes!(security::change_password))
        .routes(routes!(security::request_reset))
        .routes(routes!(security::reset))
        .routes(routes!(security::two_factor))
        .routes(routes!(security::enable_two_factor))
        .routes(routes!(security::disable_two_factor))
        .routes(routes!(setup::setup))
}

/// The routes of a port of their own, for whoever watches over the venue.
pub(crate) fn watching() -> axum::Router<Arc<App>> {
    use axum::routing::get;
    axum::Router::new()
        .route("/metrics", get(health::open_metrics))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
}

/// The header of requests that bring a command.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; `edge::caller` reads it")]
pub(crate) struct AnswerAt {
    /// What the answer waits for: `memory`, `process`, `interval:MS`, `group` or `group+mark`. Without it: what the venue
    /// does for everybody (`durability` of `/api/v1/status`). `DURABILITY_UNAVAILABLE`: this venue has no watermark.
    #[param(rename = "papertape-durability", required = false, example = "process")]
    durability: Option<String>,
}

/// What every route under `/api/v1` may answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the failures themselves are made in `errors`")]
pub(crate) enum Problems {
    /// The request cannot be understood; `detail` names the field.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// The venue takes no more at this moment (`Retry-After`), or is stopping. Nothing was done.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// What routes answer besides that take a body and no token.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the failures themselves are made in `errors`")]
pub(crate) enum BodyProblems {
    /// The request cannot be understood; `detail` names the field.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// The body did not come within 8 seconds.
    #[response(status = 408, content_type = "application/problem+json")]
    TooSlow(Problem),
    /// The body is larger than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body is not sent as JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(Problem),
    /// The venue takes no more at this moment (`Retry-After`), or is stopping. Nothing was done.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
    /// `OUTCOME_UNKNOWN`: no answer in time. Look before a retry.
    #[response(status = 504, content_type = "application/problem+json")]
    OutcomeUnknown(Problem),
}

/// What routes for users answer besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the failures themselves are made in `errors`")]
pub(crate) enum OwnProblems {
    /// The request cannot be understood; `detail` names the field.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No valid token (`WWW-Authenticate: Bearer`).
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(Problem),
    /// There is no such order of this account.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The body did not come within 8 seconds.
    #[response(status = 408, content_type = "application/problem+json")]
    TooSlow(Problem),
    /// Not possible in the present state of the market, the order or the account.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// The body is larger than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body is not sent as JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(Problem),
    /// Beyond a limit of the market or the account.
    #[response(status = 422, content_type = "application/problem+json")]
    Refused(Problem),
    /// `ORDER_RATE`: the market takes no more orders and amends of this account in this second; `RATE_LIMITED`: beyond a limit
    /// of the venue (`Retry-After`).
    #[response(status = 429, content_type = "application/problem+json")]
    TooFast(Problem),
    /// The venue takes no more at this moment (`Retry-After`), or is stopping. Nothing was done.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
    /// `OUTCOME_UNKNOWN`: no answer in time. Look the order up before a retry.
    #[response(status = 504, content_type = "application/problem+json")]
    OutcomeUnknown(Problem),
}

/// What the plain routes for users answer besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the failures themselves are made in `errors`")]
pub(crate) enum PlainProblems {
    /// Refused; `detail` says why.
    #[response(status = 400)]
    BadRequest(Detail),
    /// No valid token (`WWW-Authenticate: Bearer`).
    #[response(status = 401)]
    Unauthenticated(Detail),
    /// The body did not come within 8 seconds.
    #[response(status = 408)]
    TooSlow(Detail),
    /// The body is larger than 64 KiB.
    #[response(status = 413)]
    TooLarge(Detail),
    /// The body is not sent as JSON.
    #[response(status = 415)]
    MediaType(Detail),
    /// `ORDER_RATE`: the market takes no more orders of this account in this second (`Retry-After`).
    #[response(status = 429)]
    TooFast(Detail),
    /// The venue takes no more at this moment (`Retry-After`), or is stopping. Nothing was done.
    #[response(status = 503)]
    Unavailable(Detail),
    /// `OUTCOME_UNKNOWN`: no answer in time. Look before a retry.
    #[response(status = 504)]
    OutcomeUnknown(Detail),
}
