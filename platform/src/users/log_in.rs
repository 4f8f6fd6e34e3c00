//! Logging in: the password, then whether the user may come in, then the second factor. What is refused is written down.

use std::time::Instant;

use sea_orm::entity::prelude::*;

use super::auth_log::{AuthAction, AuthEvent};
use super::error::AuthError;
use super::password::{Hashed, PASSWORD_LEN_MAX};
use super::{EMAIL_LEN_MAX, Origin, User, UserId, Users};
use crate::database::{session, user};

/// What somebody logs in with.
#[derive(Clone, Copy)]
pub struct LogIn<'a> {
    /// E-mail address or user name, as typed.
    pub login: &'a str,
    /// As typed.
    pub password: &'a str,
    /// Code of the second factor, or a recovery code.
    pub code: Option<&'a str>,
}

/// Somebody who has shown all that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedIn {
    /// The user.
    pub user: User,
    /// Whether a second factor was among it.
    pub second_factor: bool,
}

impl Users {
    /// Looks at password, standing and second factor. An unknown login takes as long as a wrong password, and waits as one.
    pub async fn log_in(&self, with: LogIn<'_>, origin: &Origin) -> Result<LoggedIn, AuthError> {
        let login = with.login.trim().to_ascii_lowercase();
        // No name holds a NUL, and one of the databases cannot be asked for one.
        if with.password.len() > PASSWORD_LEN_MAX || login.len() > EMAIL_LEN_MAX || login.contains('\0') {
            return Err(AuthError::WrongCredentials);
        }
        let row = self.row_of_login(&login).await?;
        let id = row.as_ref().map(|row| UserId(row.id));
        // However the user is named, it is one user who is guessed at.
        let counted = row.as_ref().map_or_else(|| login.clone(), |row| row.email.clone());
        let is_known = self.has_come_from(id, origin).await?;
        if let Err(wait) = self.lockout.begin(&counted, origin.ip, is_known, Instant::now()) {
            self.refuse(id, origin, "too_many_tries").await?;
            return Err(AuthError::Wait(wait));
        }
        let stored = row.as_ref().map(hashed);
        let equal = match self.hasher.verify(with.password, stored.as_ref()).await {
            Ok(equal) => equal,
            Err(error) => {
                self.lockout.take_back(&counted, origin.ip);
                return Err(error.into());
            }
        };
        let Some(user) = row.filter(|_| equal).map(User::from) else {
            self.refuse(id, origin, if id.is_some() { "wrong_password" } else { "unknown_user" }).await?;
            return Err(AuthError::WrongCredentials);
        };
        let logged_in = self.let_in(user, with.code, (&counted, origin)).await?;
        if let Some(stored) = &stored {
            self.hash_again(logged_in.user.id, with.password, stored).await;
        }
        Ok(logged_in)
    }

    /// The password was right.
    async fn let_in(
        &self,
        user: User,
        code: Option<&str>,
        (counted, origin): (&str, &Origin),
    ) -> Result<LoggedIn, AuthError> {
        self.lockout.succeeded(counted, origin.ip);
        if !user.is_active {
            self.refuse(Some(user.id), origin, "inactive").await?;
            return Err(AuthError::Inactive);
        }
        if let Some(suspension) = &user.suspension {
            self.refuse(Some(user.id), origin, "suspended").await?;
            return Err(AuthError::Suspended(suspension.clone()));
        }
        let second_factor = self.has_two_factor(user.id).await?;
        if second_factor {
            let code = code.map(str::trim).filter(|code| !code.is_empty()).ok_or(AuthError::TwoFactorNeeded)?;
            if let Err(error) = self.check_code(user.id, code, origin).await {
                self.refuse(Some(user.id), origin, "wrong_code").await?;
                return Err(error);
            }
        }
        Ok(LoggedIn { user, second_factor })
    }

    async fn refuse(&self, user: Option<UserId>, origin: &Origin, why: &str) -> Result<(), DbErr> {
        self.note(AuthEvent::refused(user, AuthAction::FailedLogin, origin, why)).await
    }

    async fn row_of_login(&self, login: &str) -> Result<Option<user::Model>, DbErr> {
        let column = if login.contains('@') { user::Column::Email } else { user::Column::Username };
        self.find_by(column, login).await
    }

    /// Whether the user has had a session from this address.
    async fn has_come_from(&self, user: Option<UserId>, origin: &Origin) -> Result<bool, DbErr> {
        let (id, address) = (user.map_or(0, |user| user.0), origin.address().unwrap_or_default());
        let from_there = session::Entity::find().filter(session::Column::UserId.eq(id));
        Ok(from_there.filter(session::Column::IpAddress.eq(address)).one(&self.database).await?.is_some())
    }
}

fn hashed(row: &user::Model) -> Hashed {
    Hashed { text: row.hashed_password.clone(), pepper: row.pepper.clone() }
}
