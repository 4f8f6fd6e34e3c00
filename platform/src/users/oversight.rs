//! What those do to users who watch over the venue: suspend, lift, promote, look.

use std::time::SystemTime;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, TransactionTrait};

use super::auth_log::{AuthAction, AuthEvent};
use super::error::UserError;
use super::standing::{Role, Suspension};
use super::{NewUser, Origin, User, UserId, Users};
use crate::database::{moment, now, user};

/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// Most users of a page.
pub const USERS_PAGE_MAX: u64 = 500;

impl Users {
    /// Suspends a user: all sessions end, and nobody comes in until it is lifted or has come to its end. The account is
    /// the venue's to suspend.
    pub async fn suspend(&self, id: UserId, suspension: &Suspension, origin: &Origin) -> Result<User, UserError> {
        let reason = suspension.reason.trim();
        if !(1..=REASON_MAX).contains(&reason.chars().count()) || reason.contains('\0') {
            return Err(UserError::InvalidReason);
        }
        if !suspension.holds_at(SystemTime::now()) {
            return Err(UserError::EndIsPast);
        }
        let row = user::ActiveModel {
            is_suspended: Set(true),
            suspension_reason: Set(Some(reason.to_owned())),
            suspension_end_date: Set(suspension.ends_at),
            updated_at: Set(now()),
            ..Default::default()
        };
        self.change(id, row).await?;
        let details = serde_json::json!({ "reason": reason, "ends_at": suspension.ends_at.map(super::rfc3339) });
        let event = AuthEvent::done(id, AuthAction::Suspended, origin).with(details);
        self.end_all_sessions(id, None, event).await?;
        self.find(id).await?.ok_or(UserError::Gone)
    }

    /// Lifts a suspension; nothing if there is none.
    pub async fn lift_suspension(&self, id: UserId, origin: &Origin) -> Result<User, UserError> {
        let found = self.find(id).await?.ok_or(UserError::Gone)?;
        if found.suspension.is_none() {
            return Ok(found);
        }
        let row = user::ActiveModel {
            is_suspended: Set(false),
            suspension_reason: Set(None),
            suspension_end_date: Set(None),
            updated_at: Set(now()),
            ..Default::default()
        };
        let user = self.change(id, row).await?;
        self.note(AuthEvent::done(id, AuthAction::SuspensionLifted, origin)).await?;
        Ok(user)
    }

    /// Users whose suspension has come to its end.
    pub async fn suspensions_over(&self) -> Result<Vec<User>, DbErr> {
        let suspended = user::Entity::find().filter(user::Column::IsSuspended.eq(true));
        let rows = suspended.filter(user::Column::SuspensionEndDate.is_not_null()).all(&self.database).await?;
        let at = moment(SystemTime::now());
        Ok(rows
            .into_iter()
            .filter(|row| row.suspension_end_date.is_some_and(|end| end <= at))
            .map(User::from)
            .collect())
    }

    /// Users who are suspended.
    pub async fn suspended(&self) -> Result<Vec<User>, DbErr> {
        let rows = user::Entity::find().filter(user::Column::IsSuspended.eq(true)).all(&self.database).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// Gives a user another role: from the next request on. All sessions end, so that the next one begins with what the
    /// role asks for.
    pub async fn set_role(&self, id: UserId, role: Role, origin: &Origin) -> Result<User, UserError> {
        let row = user::ActiveModel { role: Set(role.name().to_owned()), updated_at: Set(now()), ..Default::default() };
        self.change(id, row).await?;
        let event = AuthEvent::done(id, AuthAction::RoleChange, origin);
        let event = event.with(serde_json::json!({ "role": role.name() }));
        self.end_all_sessions(id, None, event).await?;
        self.find(id).await?.ok_or(UserError::Gone)
    }

    /// Makes a user active, or inactive: who is inactive cannot log in.
    pub async fn set_active(&self, id: UserId, is_active: bool, origin: &Origin) -> Result<User, UserError> {
        let row = user::ActiveModel { is_active: Set(is_active), updated_at: Set(now()), ..Default::default() };
        let user = self.change(id, row).await?;
        let event = AuthEvent::done(id, AuthAction::ActiveChange, origin);
        let event = event.with(serde_json::json!({ "is_active": is_active }));
        if is_active {
            self.note(event).await?;
        } else {
            self.end_all_sessions(id, None, event).await?;
        }
        Ok(user)
    }

    /// Whether somebody is an administrator.
    pub async fn has_admin(&self) -> Result<bool, DbErr> {
        let admins = user::Entity::find().filter(user::Column::Role.eq(Role::Admin.name()));
        Ok(admins.count(&self.database).await? > 0)
    }

    /// Adds the first administrator, who has no account yet, as [`Users::create`] does.
    pub async fn create_admin(&self, new: &NewUser, origin: &Origin) -> Result<User, UserError> {
        let user = self.create_as(new, Role::Admin).await?;
        self.note(AuthEvent::done(user.id, AuthAction::Register, origin)).await?;
        Ok(user)
    }

    /// Users by number, those after `after`, at most `limit` and [`USERS_PAGE_MAX`]. With a text: those whose address or
    /// name contains it.
    pub async fn list(&self, after: i64, text: Option<&str>, limit: u64) -> Result<Vec<User>, DbErr> {
        let mut query = user::Entity::find().filter(user::Column::Id.gt(after));
        if let Some(text) = text.map(str::to_lowercase) {
            let like = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
            let like = || sea_orm::sea_query::LikeExpr::new(like.clone()).escape('\\');
            let named = Condition::any()
                .add(Expr::col(user::Column::Email).like(like()))
                .add(Expr::col(user::Column::Username).like(like()));
            query = query.filter(named);
        }
        let rows =
            query.order_by_asc(user::Column::Id).limit(Ord::min(limit, USERS_PAGE_MAX)).all(&self.database).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    async fn change(&self, id: UserId, row: user::ActiveModel) -> Result<User, UserError> {
        let transaction = self.database.begin().await?;
        user::Entity::update_many().set(row).filter(user::Column::Id.eq(id.0)).exec(&transaction).await?;
        let row = user::Entity::find_by_id(id.0).one(&transaction).await?.ok_or(UserError::Gone)?;
        transaction.commit().await?;
        let user = User::from(row);
        self.directory.put(&user);
        Ok(user)
    }
}
