//! What happens at the door is written down: for the user, and for those who watch over the venue.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};
use serde_json::Value;

use super::{Origin, UserId, Users};
use crate::database::{auth_log, now};

/// Most rows of a page.
pub const AUTH_LOG_PAGE_MAX: u64 = 500;

/// What is written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthAction {
    /// A user signed up.
    Register,
    /// A session began.
    Login,
    /// A log-in was refused.
    FailedLogin,
    /// A session was ended by its user.
    Logout,
    /// All sessions were ended by their user.
    LogoutEverywhere,
    /// A session was ended from another one.
    SessionEnded,
    /// A refresh token came a second time: its session was ended.
    RefreshReused,
    /// The password was changed.
    PasswordChange,
    /// A link for a new password was asked for.
    PasswordResetRequested,
    /// The password was set by such a link.
    PasswordReset,
    /// The e-mail address or the user name was changed.
    LoginNameChange,
    /// A second factor was turned on.
    TwoFactorEnabled,
    /// A second factor was turned off.
    TwoFactorDisabled,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// The user was suspended.
    Suspended,
    /// The suspension was lifted, or came to its end.
    SuspensionLifted,
    /// The user got another role.
    RoleChange,
    /// The user was made active or inactive.
    ActiveChange,
    /// An API key was made.
    ApiKeyCreated,
    /// An API key was changed.
    ApiKeyChanged,
    /// An API key was ended.
    ApiKeyRevoked,
    /// A good API key came from where it may not, or asked for what it may not.
    ApiKeyRefused,
    /// The private key of a wallet was shown.
    WalletExported,
    /// A session has shown again who it is.
    StepUp,
}

impl AuthAction {
    /// As it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            AuthAction::Register => "register",
            AuthAction::Login => "login",
            AuthAction::FailedLogin => "failed_login",
            AuthAction::Logout => "logout",
            AuthAction::LogoutEverywhere => "logout_everywhere",
            AuthAction::SessionEnded => "session_ended",
            AuthAction::RefreshReused => "refresh_reused",
            AuthAction::PasswordChange => "password_change",
            AuthAction::PasswordResetRequested => "password_reset_requested",
            AuthAction::PasswordReset => "password_reset",
            AuthAction::LoginNameChange => "login_name_change",
            AuthAction::TwoFactorEnabled => "two_factor_enabled",
            AuthAction::TwoFactorDisabled => "two_factor_disabled",
            AuthAction::RecoveryCodeUsed => "recovery_code_used",
            AuthAction::Suspended => "suspended",
            AuthAction::SuspensionLifted => "suspension_lifted",
            AuthAction::RoleChange => "role_change",
            AuthAction::ActiveChange => "active_change",
            AuthAction::ApiKeyCreated => "api_key_created",
            AuthAction::ApiKeyChanged => "api_key_changed",
            AuthAction::ApiKeyRevoked => "api_key_revoked",
            AuthAction::ApiKeyRefused => "api_key_refused",
            AuthAction::WalletExported => "wallet_exported",
            AuthAction::StepUp => "step_up",
        }
    }
}

/// One event, as it happens.
#[derive(Clone, Debug)]
pub struct AuthEvent<'a> {
    /// Whose.
    pub user: Option<UserId>,
    /// What.
    pub action: AuthAction,
    /// Whether it was done; else it was refused.
    pub done: bool,
    /// Where from.
    pub origin: &'a Origin,
    /// More about it.
    pub details: Option<Value>,
}

impl<'a> AuthEvent<'a> {
    /// Something that was done.
    pub fn done(user: UserId, action: AuthAction, origin: &'a Origin) -> Self {
        Self { user: Some(user), action, done: true, origin, details: None }
    }

    /// Something that was refused, and why.
    pub fn refused(user: Option<UserId>, action: AuthAction, origin: &'a Origin, why: &str) -> Self {
        Self { user, action, done: false, origin, details: Some(serde_json::json!({ "reason": why })) }
    }

    /// The same, with more about it.
    pub fn with(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }

    pub(super) async fn write(self, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        let row = auth_log::ActiveModel {
            user_id: Set(self.user.map(|user| user.0)),
            action: Set(self.action.name().to_owned()),
            status: Set(if self.done { "success" } else { "failure" }.to_owned()),
            ip_address: Set(self.origin.address()),
            user_agent: Set(self.origin.program()),
            details: Set(self.details),
            created_at: Set(now()),
            ..Default::default()
        };
        auth_log::Entity::insert(row).exec_without_returning(connection).await?;
        Ok(())
    }
}

/// Which rows are asked for.
#[derive(Clone, Debug, Default)]
pub struct AuthLogFilter {
    /// Only rows with smaller numbers than this.
    pub before: Option<i64>,
    /// Only this action.
    pub action: Option<String>,
    /// Only what was refused (`false`) or done (`true`).
    pub done: Option<bool>,
}

impl Users {
    /// Writes an event down.
    pub async fn note(&self, event: AuthEvent<'_>) -> Result<(), DbErr> {
        event.write(&self.database).await
    }

    /// What happened at one user's door, newest first, at most `limit` and [`AUTH_LOG_PAGE_MAX`] rows.
    pub async fn auth_logs(
        &self,
        user: UserId,
        filter: &AuthLogFilter,
        limit: u64,
    ) -> Result<Vec<auth_log::Model>, DbErr> {
        let mine = auth_log::Entity::find().filter(auth_log::Column::UserId.eq(user.0));
        self.page_of_logs(mine, filter, limit).await
    }

    /// The same of everybody, and of nobody: for those who watch over the venue.
    pub async fn all_auth_logs(&self, filter: &AuthLogFilter, limit: u64) -> Result<Vec<auth_log::Model>, DbErr> {
        self.page_of_logs(auth_log::Entity::find(), filter, limit).await
    }

    async fn page_of_logs(
        &self,
        mut query: Select<auth_log::Entity>,
        filter: &AuthLogFilter,
        limit: u64,
    ) -> Result<Vec<auth_log::Model>, DbErr> {
        if let Some(before) = filter.before {
            query = query.filter(auth_log::Column::Id.lt(before));
        }
        if let Some(action) = &filter.action {
            query = query.filter(auth_log::Column::Action.eq(action));
        }
        if let Some(done) = filter.done {
            query = query.filter(auth_log::Column::Status.eq(if done { "success" } else { "failure" }));
        }
        query.order_by_desc(auth_log::Column::Id).limit(limit.min(AUTH_LOG_PAGE_MAX)).all(&self.database).await
    }
}
