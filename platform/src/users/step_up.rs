//! Asking again who somebody is, before what is hard to undo: for the password, and for the second factor where there is one.
//! A session that has shown them is proven for a while, from its log-in on. That is kept in memory alone.

use std::time::{Duration, Instant};

use sea_orm::entity::prelude::*;

use super::error::AuthError;
use super::log_in::LogIn;
use super::sessions::SessionId;
use super::{Origin, User, UserId, Users};
use crate::database::user;

/// How long a session is proven by what it has shown.
pub const PROVEN_FOR: Duration = Duration::from_secs(300);

/// That a session has shown the password, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Proof {
    at: Instant,
    /// Whether a second factor was shown, too.
    second_factor: bool,
}

impl Proof {
    pub(super) fn new(at: Instant, second_factor: bool) -> Self {
        Self { at, second_factor }
    }

    fn holds_at(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) < PROVEN_FOR
    }
}

impl Users {
    /// Looks at the password of somebody who is logged in, and at the second factor, if there is one: the session is proven
    /// by them. Wrong ones count as wrong log-ins do.
    pub async fn step_up(
        &self,
        (user, session): (UserId, SessionId),
        (password, code): (&str, Option<&str>),
        origin: &Origin,
    ) -> Result<User, AuthError> {
        let row = user::Entity::find_by_id(user.0).one(&self.database).await?.ok_or(AuthError::WrongCredentials)?;
        let logged_in = self.log_in(LogIn { login: &row.email, password, code }, origin).await?;
        // The address may have become somebody else's in between.
        if logged_in.user.id != user {
            return Err(AuthError::WrongCredentials);
        }
        self.directory.prove(user, session, Proof::new(Instant::now(), logged_in.second_factor));
        Ok(logged_in.user)
    }

    /// Whether a user's session has shown lately what [`Users::step_up`] asks for. What was shown before a second factor was
    /// turned on is not enough after it.
    pub async fn is_proven(&self, user: UserId, session: SessionId) -> Result<bool, DbErr> {
        let proof = self.directory.proof_of(user, session).filter(|proof| proof.holds_at(Instant::now()));
        let Some(proof) = proof else { return Ok(false) };
        Ok(proof.second_factor || !self.has_two_factor(user).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u13_a_proof_holds_for_five_minutes() {
        let begun = Instant::now();
        let proof = Proof::new(begun, false);
        assert!(proof.holds_at(begun) && proof.holds_at(begun + PROVEN_FOR - Duration::from_millis(1)));
        assert!(!proof.holds_at(begun + PROVEN_FOR));
    }
}
