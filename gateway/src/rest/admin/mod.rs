//! The operator's routes: everything that can be asked of the venue and is nobody's own. Each is a journalled command like
//! all others, or a read.

mod accounts;
mod listing;
mod log;
mod margin;
mod markets;
mod money;
mod story;
mod users;
mod venue;
mod wallets;

use std::sync::Arc;

use utoipa::IntoResponses;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::errors::Problem;

/// The routes under `/api/v1/admin`.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(venue::venue))
        .routes(routes!(venue::kill_switch))
        .routes(routes!(listing::assets, listing::list_asset))
        .routes(routes!(listing::instruments, listing::list_instrument))
        .routes(routes!(listing::instrument))
        .routes(routes!(markets::phase))
        .routes(routes!(markets::schedule, markets::no_schedule))
        .routes(routes!(markets::uncross))
        .routes(routes!(markets::mark))
        .routes(routes!(markets::fee_tiers))
        .routes(routes!(markets::kill_switch))
        .routes(routes!(accounts::list, accounts::open))
        .routes(routes!(accounts::get))
        .routes(routes!(accounts::kill_switch))
        .routes(routes!(accounts::suspension))
        .routes(routes!(accounts::margin))
        .routes(routes!(accounts::trade_group, accounts::no_trade_group))
        .routes(routes!(accounts::orders, accounts::cancel_all))
        .routes(routes!(accounts::cancel))
        .routes(routes!(story::story))
        .routes(routes!(story::state))
        .routes(routes!(money::deposit))
        .routes(routes!(money::withdraw))
        .routes(routes!(money::transfer))
        .routes(routes!(margin::margin))
        .routes(routes!(margin::set_terms))
        .routes(routes!(users::list))
        .routes(routes!(users::get))
        .routes(routes!(users::suspend, users::lift))
        .routes(routes!(users::set_role))
        .routes(routes!(users::set_active))
        .routes(routes!(users::sessions, users::end_sessions))
        .routes(routes!(users::auth_logs))
        .routes(routes!(users::outbox))
        .routes(routes!(log::list))
        .routes(routes!(log::verification))
        .routes(routes!(wallets::rotate))
}

/// What every route of the operator may answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the failures themselves are made in `errors`")]
pub(crate) enum AdminProblems {
    /// The request cannot be understood, or could never be right; `detail` names the field.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No key, or a wrong one (`WWW-Authenticate: Bearer`).
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(Problem),
    /// `FORBIDDEN`: the token is a user's. `SECOND_FACTOR_NEEDED`: it is an administrator's, whose session began without one.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// There is no such account, user, order or route.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// The body did not come within 8 seconds.
    #[response(status = 408, content_type = "application/problem+json")]
    TooSlow(Problem),
    /// Not possible in the present state.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// The body is larger than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body is not sent as JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(Problem),
    /// Beyond a limit, or what an account has.
    #[response(status = 422, content_type = "application/problem+json")]
    Refused(Problem),
    /// `RATE_LIMITED`: too many wrong keys from this address (`Retry-After`).
    #[response(status = 429, content_type = "application/problem+json")]
    TooManyTries(Problem),
    /// `NOT_WRITTEN_DOWN`: it was done, and could not be written into the log of administrators.
    #[response(status = 500, content_type = "application/problem+json")]
    NotWrittenDown(Problem),
    /// The venue takes no more at this moment (`Retry-After`), or is stopping. Nothing was done.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
    /// `OUTCOME_UNKNOWN`: no answer in time. Look before a retry.
    #[response(status = 504, content_type = "application/problem+json")]
    OutcomeUnknown(Problem),
}
