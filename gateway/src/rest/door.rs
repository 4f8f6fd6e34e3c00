//! What is refused at the door, in the shapes of the API.

use std::time::Duration;

use papertape_platform::{AskError, AuthError, RefreshError, SignUpError, UserError};

use axum::http::StatusCode;

use crate::errors::Failure;

pub(super) fn sign_up_failure(error: SignUpError) -> Failure {
    match error {
        SignUpError::User(error) => user_failure(error),
        SignUpError::Venue(AskError::Busy) => Failure::busy(),
        SignUpError::Venue(AskError::Stopped) => Failure::stopping(),
        SignUpError::Venue(AskError::Timeout) => Failure::outcome_unknown(),
        SignUpError::Refused(reason) => Failure::internal(reason),
        SignUpError::Unexpected => Failure::internal(error),
        SignUpError::Database(error) => Failure::internal(error),
    }
}

pub(super) fn user_failure(error: UserError) -> Failure {
    let sentence = error.to_string();
    let bad = |code| Failure::bad_request(code, sentence.clone());
    match error {
        UserError::InvalidEmail => bad("INVALID_EMAIL"),
        UserError::EmailTaken => bad("EMAIL_TAKEN"),
        UserError::WeakPassword(_) => bad("WEAK_PASSWORD"),
        UserError::InvalidUsername => bad("INVALID_USERNAME"),
        UserError::InvalidDisplayName => bad("INVALID_DISPLAY_NAME"),
        UserError::InvalidPhoneNumber => bad("INVALID_PHONE_NUMBER"),
        UserError::NoPicture => bad("NO_PICTURE"),
        UserError::InvalidReason => bad("INVALID_REASON"),
        UserError::EndIsPast => bad("END_IS_PAST"),
        UserError::LinkOver => bad("LINK_OVER"),
        UserError::UsernameTaken => Failure::new(StatusCode::CONFLICT, "USERNAME_TAKEN", sentence),
        UserError::LoginTaken => Failure::new(StatusCode::CONFLICT, "LOGIN_TAKEN", sentence),
        UserError::PictureTooLarge => Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", sentence),
        UserError::Gone => Failure::not_found(sentence),
        UserError::InvalidBalance => bad("INVALID_BALANCE"),
        UserError::Busy => Failure { detail: sentence.into(), ..Failure::busy() },
        UserError::Hashing | UserError::Randomness => Failure::internal(sentence),
        UserError::Database(error) => Failure::internal(error),
    }
}

pub(super) fn auth_failure(error: AuthError) -> Failure {
    let sentence = error.to_string();
    match error {
        AuthError::WrongCredentials => Failure { code: "WRONG_CREDENTIALS", ..Failure::unauthenticated(sentence) },
        AuthError::TwoFactorNeeded => Failure { code: "TWO_FACTOR_NEEDED", ..Failure::unauthenticated(sentence) },
        AuthError::WrongCode => Failure { code: "WRONG_CODE", ..Failure::unauthenticated(sentence) },
        AuthError::TwoFactorUnchanged => Failure::new(StatusCode::CONFLICT, "TWO_FACTOR_UNCHANGED", sentence),
        AuthError::Suspended(_) => Failure::new(StatusCode::FORBIDDEN, "USER_SUSPENDED", sentence),
        AuthError::Inactive => Failure::new(StatusCode::FORBIDDEN, "USER_INACTIVE", sentence),
        AuthError::Wait(wait) => Failure { detail: sentence.into(), ..Failure::rate_limited(whole_seconds(wait)) },
        AuthError::Busy => Failure { detail: sentence.into(), ..Failure::busy() },
        AuthError::Hashing => Failure::internal(sentence),
        AuthError::Database(error) => Failure::internal(error),
    }
}

/// The same for somebody who is logged in and is asked again: 403, since the session is as good as it was.
pub(super) fn step_up_failure(error: AuthError) -> Failure {
    let is_password = matches!(error, AuthError::WrongCredentials);
    let failure = auth_failure(error);
    if failure.status != StatusCode::UNAUTHORIZED {
        return failure;
    }
    let (code, detail) =
        if is_password { ("WRONG_PASSWORD", "The password is wrong.".into()) } else { (failure.code, failure.detail) };
    Failure::new(StatusCode::FORBIDDEN, code, detail)
}

pub(super) fn refresh_failure(error: RefreshError) -> Failure {
    match error {
        RefreshError::Invalid => Failure::unauthenticated("The session has ended; log in again."),
        RefreshError::Reused => {
            let sentence = "This refresh token was used before: somebody else may have it. The session was ended.";
            Failure { code: "REFRESH_REUSED", ..Failure::unauthenticated(sentence) }
        }
        RefreshError::Database(error) => Failure::internal(error),
        RefreshError::Randomness => Failure::internal("the system gives no randomness"),
    }
}

fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
}
