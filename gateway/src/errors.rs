//! Why a request failed: one table from reasons to status codes and wire codes, and the two shapes they are told in.
//!
//! A handler returns a [`Failure`]; which shape it takes on the wire is decided once, at the edge, by the path.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use papertape_engine::Reason;
use serde::Serialize;
use utoipa::ToSchema;

/// A request that failed: HTTP status, stable code, and a sentence for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// HTTP status, 400 to 599.
    pub status: StatusCode,
    /// Stable `UPPER_SNAKE` name.
    pub code: &'static str,
    /// What was wrong, in words; names the field where there is one.
    pub detail: Cow<'static, str>,
    /// Seconds after which the same request may succeed.
    pub retry_after: Option<u32>,
}

impl Failure {
    /// A failure with this status, code and sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), retry_after: None }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 400 `INVALID_FIELD`: this field's value cannot be taken.
    pub fn field(name: &str, problem: impl std::fmt::Display) -> Self {
        Self::bad_request("INVALID_FIELD", format!("{name}: {problem}"))
    }

    /// 401: no valid token came with the request.
    pub fn unauthenticated(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", detail)
    }

    /// 404: nothing is there, or it is somebody else's.
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail)
    }

    /// 503 `BUSY`: the venue's inbox is full; nothing was done.
    pub fn busy() -> Self {
        let sentence = "The venue takes no more at this moment. Nothing was done; try again.";
        Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "BUSY", sentence) }
    }

    /// 503 `STOPPING`: the venue is stopping or has failed; nothing was done.
    pub fn stopping() -> Self {
        let sentence = "The venue is stopping. Nothing was done.";
        Self { retry_after: Some(5), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "STOPPING", sentence) }
    }

    /// 504 `OUTCOME_UNKNOWN`: the command was taken, but no answer came in time. It may still be carried out.
    pub fn outcome_unknown() -> Self {
        let sentence = "No answer came in time. The command may have been carried out: look it up before a retry.";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "OUTCOME_UNKNOWN", sentence)
    }

    /// 429 `RATE_LIMITED`, to be tried again after so many seconds.
    pub fn rate_limited(retry_after: u32) -> Self {
        let sentence = "Too many requests from this address.";
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", sentence) }
    }

    /// 500: a fault of ours. The cause goes to the log, not to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "The venue could not answer this request.")
    }

    /// The failure that stands for a bare status, as the router gives for unknown paths and methods.
    pub fn of_status(status: StatusCode) -> Self {
        let (code, sentence) = match status {
            StatusCode::NOT_FOUND => ("NOT_FOUND", "There is nothing at this path."),
            StatusCode::METHOD_NOT_ALLOWED => ("METHOD_NOT_ALLOWED", "This path does not take this method."),
            StatusCode::REQUEST_TIMEOUT => ("BODY_TOO_SLOW", "The body did not come in time; nothing was done."),
            StatusCode::PAYLOAD_TOO_LARGE => ("BODY_TOO_LARGE", "The body is larger than 64 KiB."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("UNSUPPORTED_MEDIA_TYPE", "The body's content type is not taken."),
            status if status.is_server_error() => ("INTERNAL", "The venue could not answer this request."),
            _ => ("BAD_REQUEST", "The request cannot be understood."),
        };
        Self::new(status, code, sentence)
    }

    /// The same with status 400 where the rules refused: the plain routes know no finer one.
    pub fn as_bad_request(self) -> Self {
        let refused =
            matches!(self.status, StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY);
        if refused { Self { status: StatusCode::BAD_REQUEST, ..self } } else { self }
    }

    /// The problem document of `/api/v1`.
    pub fn problem(&self, request_id: &str) -> Problem {
        Problem {
            kind: "about:blank".into(),
            title: self.status.canonical_reason().unwrap_or("Error").into(),
            status: self.status.as_u16(),
            code: self.code.into(),
            detail: self.detail.clone().into_owned(),
            request_id: request_id.into(),
        }
    }

    /// The short form of the plain routes.
    pub fn detail(&self) -> Detail {
        Detail { detail: self.detail.clone().into_owned(), code: self.code.into() }
    }

    /// The form inside WebSocket replies.
    pub fn wire(&self) -> WireError {
        WireError { code: self.code.into(), detail: self.detail.clone().into_owned() }
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        let retry_after = (reason == Reason::OrderRate).then_some(1);
        Self { retry_after, ..Self::new(status_of(reason), reason.name(), reason.sentence()) }
    }
}

/// The table. 400: could never be right. 404: not there. 409: not in the present state. 422: beyond a limit. 429: beyond
/// one that the next second lifts.
fn status_of(reason: Reason) -> StatusCode {
    use Reason as R;
    match reason {
        R::UnknownAsset
        | R::UnknownInstrument
        | R::PostOnlyNotResting
        | R::MarketMustBeImmediate
        | R::BudgetCannotBeFok
        | R::NothingToAmend
        | R::InvalidAmount
        | R::SameAccount
        | R::InvalidAsset
        | R::InvalidAssets
        | R::InvalidStep
        | R::InvalidGranularity
        | R::InvalidFees
        | R::InvalidFeeTiers
        | R::InvalidMarginTerms
        | R::NotBorrowable
        | R::InvalidFilters
        | R::InvalidAllocation
        | R::InvalidDisplay
        | R::InvalidReduceOnly
        | R::InvalidMinQty
        | R::InvalidPeg
        | R::InvalidImbalanceOnly
        | R::InvalidBands
        | R::InvalidPhase
        | R::InvalidSchedule
        | R::AtAuctionPlain
        | R::InvalidTrigger
        | R::TriggerNeedsQty
        | R::ListLegsDiffer
        | R::ListLegMustStay
        | R::ListNeedsTrigger
        | R::ListWorkingMustRest
        | R::MarketToLimitStays => StatusCode::BAD_REQUEST,
        R::UnknownAccount | R::UnknownOrder => StatusCode::NOT_FOUND,
        R::InstrumentHalted
        | R::InstrumentClosed
        | R::AuctionOnlyLimit
        | R::BookCrossed
        | R::NotInAuction
        | R::PhaseUnchanged
        | R::TooManyOpenOrders
        | R::BookFull
        | R::PostOnlyWouldTake
        | R::DuplicateClientOrderId
        | R::QtyBelowFilled
        | R::ExpiryNotAhead
        | R::TriggerAlreadyMet
        | R::NoReferencePrice
        | R::OrderWaits
        | R::OrderPegged
        | R::OrderInList
        | R::AccountSuspended
        | R::KillSwitchEngaged
        | R::SwitchUnchanged
        | R::RebateNotCovered
        | R::NotAMarginAccount
        | R::NothingBorrowed
        | R::AccountOwes
        | R::DuplicateReference
        | R::ReservedAccount
        | R::AlreadyListed
        | R::TooManyListed => StatusCode::CONFLICT,
        R::PriceOutOfRange
        | R::PriceOutOfBand
        | R::PositionLimit
        | R::QtyOutOfRange
        | R::NotionalOutOfRange
        | R::AmountTooLarge
        | R::InsufficientFunds
        | R::InsufficientMargin
        | R::BorrowLimit
        | R::ReduceOnly
        | R::BalanceTooLarge => StatusCode::UNPROCESSABLE_ENTITY,
        R::OrderRate => StatusCode::TOO_MANY_REQUESTS,
    }
}

/// RFC 9457 problem document with this venue's code and the request's id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(example = json!({"type": "about:blank", "title": "Unprocessable Entity", "status": 422,
    "code": "INSUFFICIENT_FUNDS", "detail": "The account's free balance does not cover this.",
    "request_id": "8f14e45fceea167a-42"}))]
pub struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable `UPPER_SNAKE` reason.
    pub code: String,
    /// What was wrong.
    pub detail: String,
    /// As in the `X-Request-Id` header.
    pub request_id: String,
}

/// The error of the plain routes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(example = json!({"detail": "The account's free balance does not cover this.", "code": "INSUFFICIENT_FUNDS"}))]
pub struct Detail {
    /// What was wrong.
    pub detail: String,
    /// Stable `UPPER_SNAKE` reason.
    pub code: String,
}

/// The error of a WebSocket reply.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct WireError {
    /// Stable `UPPER_SNAKE` reason.
    pub code: String,
    /// What was wrong.
    pub detail: String,
}

impl IntoResponse for Failure {
    /// Status and headers only; the edge reads the failure out of the extensions and writes the body.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q1_every_refusal_has_a_client_error_status_and_its_own_code() {
        for &reason in Reason::ALL {
            let failure = Failure::from(reason);
            assert!(failure.status.is_client_error(), "{reason:?}");
            assert_eq!(failure.code, reason.name());
            // Whoever sends too fast is told so in every shape, and when to come back.
            let plain = if reason == Reason::OrderRate { failure.status } else { StatusCode::BAD_REQUEST };
            assert_eq!(failure.retry_after.is_some(), reason == Reason::OrderRate);
            assert_eq!(failure.as_bad_request().status, plain);
        }
    }

    #[test]
    fn q1_a_refusal_of_authentication_names_the_scheme() {
        let response = Failure::unauthenticated("no token").into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }

    #[test]
    fn busy_says_when_to_come_back_and_stays_503_in_every_shape() {
        let failure = Failure::busy().as_bad_request();
        assert_eq!(failure.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(failure.into_response().headers()[header::RETRY_AFTER], "1");
    }
}
