//! New passwords: changed by whoever knows the old one, or set by a link that was mailed.

use std::time::{Duration, SystemTime};

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, TransactionTrait};

use super::auth_log::{AuthAction, AuthEvent};
use super::error::UserError;
use super::sessions::{SessionId, digest};
use super::{Hashed, Origin, User, UserId, Users, check_strength};
use crate::database::{moment, now, password_reset, user};
use crate::mail::{Links, Message};

/// How long a link works.
const RESET_WITHIN: Duration = Duration::from_secs(3_600);

/// Between two links for one user.
const RESET_EVERY: Duration = Duration::from_secs(60);

impl Users {
    /// Sets another password, and ends all sessions but the one that is kept. Whoever asks has shown the old one.
    pub async fn change_password(
        &self,
        user: &User,
        password: &str,
        kept: Option<SessionId>,
        origin: &Origin,
    ) -> Result<(), UserError> {
        check_strength(password, &user.email)?;
        let hashed = self.hasher.hash(password).await?;
        self.set_password(user.id, hashed, &self.database).await?;
        let event = AuthEvent::done(user.id, AuthAction::PasswordChange, origin);
        self.end_all_sessions(user.id, kept, event).await?;
        self.tell_of_password(user).await?;
        Ok(())
    }

    async fn set_password(&self, id: UserId, hashed: Hashed, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        user::Entity::update_many()
            .col_expr(user::Column::HashedPassword, Expr::value(hashed.text))
            .col_expr(user::Column::Pepper, Expr::value(hashed.pepper))
            .col_expr(user::Column::UpdatedAt, Expr::value(now()))
            .filter(user::Column::Id.eq(id.0))
            .exec(connection)
            .await?;
        // Links that were mailed before are of another password.
        password_reset::Entity::update_many()
            .col_expr(password_reset::Column::UsedAt, Expr::value(now()))
            .filter(password_reset::Column::UserId.eq(id.0))
            .filter(password_reset::Column::UsedAt.is_null())
            .exec(connection)
            .await?;
        Ok(())
    }

    /// Hashes a password that was right with the first pepper, if another one is in it. Whoever logs in is let in all the
    /// same if that does not succeed: the next time will do.
    pub(super) async fn hash_again(&self, user: UserId, password: &str, stored: &Hashed) {
        if self.hasher.is_current(stored) {
            return;
        }
        let Ok(hashed) = self.hasher.hash(password).await else { return };
        // Nobody waits for what the next log-in will do otherwise.
        let _ = user::Entity::update_many()
            .col_expr(user::Column::HashedPassword, Expr::value(hashed.text))
            .col_expr(user::Column::Pepper, Expr::value(hashed.pepper))
            .filter(user::Column::Id.eq(user.0))
            // Another password may have been set meanwhile.
            .filter(user::Column::HashedPassword.eq(&stored.text))
            .exec(&self.database)
            .await;
    }

    /// Mails a link to whoever has this address. Does nothing, and says nothing, where nobody has it, or where the last
    /// link is younger than a minute.
    pub async fn request_password_reset(&self, email: &str, page: &str, origin: &Origin) -> Result<(), UserError> {
        let Some(email) = super::normalise_email(email) else { return Ok(()) };
        let Some(row) = self.find_by(user::Column::Email, &email).await? else {
            let event = AuthEvent::refused(None, AuthAction::PasswordResetRequested, origin, "unknown_user");
            return Ok(self.note(event).await?);
        };
        let user = User::from(row);
        // One at a time: of those that come at once the second one finds the link of the first.
        let _turn = self.links.lock().await;
        let begun = SystemTime::now();
        let mine = password_reset::Entity::find().filter(password_reset::Column::UserId.eq(user.id.0));
        let last = mine.order_by_desc(password_reset::Column::CreatedAt).one(&self.database).await?;
        if last.is_some_and(|row| row.created_at > moment(begun - RESET_EVERY)) {
            let event = AuthEvent::refused(Some(user.id), AuthAction::PasswordResetRequested, origin, "too_soon");
            return Ok(self.note(event).await?);
        }
        let nonce = Links::nonce().ok_or(UserError::Randomness)?;
        let link = password_reset::ActiveModel {
            hash: Set(digest(&self.mail.links().secret(&nonce))),
            user_id: Set(user.id.0),
            expires_at: Set(moment(begun + RESET_WITHIN)),
            used_at: Set(None),
            created_at: Set(moment(begun)),
        };
        let text = format!(
            "Somebody asked for a new password of {}.\n\nTo set one, open this link within an hour; it works once:\n\n\
             {page}/#reset={}\n\nIf it was not you, nothing needs to be done: your password is as it was.\n",
            user.email,
            self.mail.links().placeholder(&nonce)
        );
        let transaction = self.database.begin().await?;
        password_reset::Entity::insert(link).exec_without_returning(&transaction).await?;
        AuthEvent::done(user.id, AuthAction::PasswordResetRequested, origin).write(&transaction).await?;
        self.mail.post(&transaction, Message::to(&user, "A new password", text)).await?;
        transaction.commit().await?;
        self.mail.wake();
        Ok(())
    }

    /// Sets a password by a link: once, and every session ends. The second factor stays as it is.
    pub async fn reset_password(&self, token: &str, password: &str, origin: &Origin) -> Result<(), UserError> {
        let link = password_reset::Entity::find_by_id(digest(token)).one(&self.database).await?;
        let link = link.filter(|link| link.used_at.is_none() && link.expires_at > now()).ok_or(UserError::LinkOver)?;
        let user = self.find(UserId(link.user_id)).await?.ok_or(UserError::LinkOver)?;
        check_strength(password, &user.email)?;
        let hashed = self.hasher.hash(password).await?;
        let transaction = self.database.begin().await?;
        // One statement decides between two that bring the same link at once.
        let used = password_reset::Entity::update_many()
            .col_expr(password_reset::Column::UsedAt, Expr::value(now()))
            .filter(password_reset::Column::Hash.eq(link.hash))
            .filter(password_reset::Column::UsedAt.is_null())
            .exec(&transaction)
            .await?;
        if used.rows_affected == 0 {
            return Err(UserError::LinkOver);
        }
        self.set_password(user.id, hashed, &transaction).await?;
        transaction.commit().await?;
        let event = AuthEvent::done(user.id, AuthAction::PasswordReset, origin);
        self.end_all_sessions(user.id, None, event).await?;
        self.tell_of_password(&user).await?;
        Ok(())
    }

    async fn tell_of_password(&self, user: &User) -> Result<(), DbErr> {
        let text = format!(
            "The password of {} was changed, and other sessions were ended.\n\nIf it was not you, ask for a new password.\n",
            user.email
        );
        self.mail.post(&self.database, Message::to(user, "Your password was changed", text)).await?;
        self.mail.wake();
        Ok(())
    }
}
