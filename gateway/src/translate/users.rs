//! Users, their sessions and their log, as the API tells them.

use papertape_platform::{Opened, Role, SessionId, SessionView, User, database, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::api_keys::ApiKeyMessage;
use super::wallets::WalletMessage;
use crate::app::App;
use crate::errors::Failure;

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"session_id": 7, "access_token": "eyJhbGciOi…", "token_type": "bearer", "expires_in_s": 900,
    "refresh_token": "5f1c…", "renewable_for_s": 2592000}))]
pub(crate) struct OpenedMessage {
    /// The session's number.
    pub session_id: i64,
    /// Goes into `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// How long the access token is good for.
    pub expires_in_s: u64,
    /// Brings the next pair, once; absent where it went into a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// How long the session can be renewed.
    pub renewable_for_s: u64,
}

impl OpenedMessage {
    pub(crate) fn of(opened: Opened) -> Self {
        Self {
            session_id: opened.session.0,
            access_token: opened.token.access_token,
            token_type: "bearer",
            expires_in_s: opened.token.expires_in.as_secs(),
            refresh_token: opened.refresh_token,
            renewable_for_s: opened.renewable_for.as_secs(),
        }
    }
}

/// An open session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionMessage {
    /// Its number.
    pub session_id: i64,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// Where it was last renewed from.
    pub ip_address: Option<String>,
    /// The program, as it calls itself.
    pub user_agent: Option<String>,
    /// Whether it began with a second factor.
    pub second_factor: bool,
    /// When it began, RFC 3339.
    pub created_at: String,
    /// When it was last used.
    pub last_used_at: String,
    /// When it ends at the latest.
    pub expires_at: String,
}

impl SessionMessage {
    pub(crate) fn of(view: SessionView, current: SessionId) -> Self {
        Self {
            session_id: view.id.0,
            is_current: view.id == current,
            ip_address: view.ip_address,
            user_agent: view.user_agent,
            second_factor: view.second_factor,
            created_at: rfc3339(view.created_at),
            last_used_at: rfc3339(view.last_used_at),
            expires_at: rfc3339(view.expires_at),
        }
    }
}

/// What a user may do.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleWord {
    /// Their own business.
    User,
    /// What the operator may, in a session with a second factor.
    Admin,
}

impl From<Role> for RoleWord {
    fn from(role: Role) -> Self {
        match role {
            Role::User => RoleWord::User,
            Role::Admin => RoleWord::Admin,
        }
    }
}

impl From<RoleWord> for Role {
    fn from(role: RoleWord) -> Self {
        match role {
            RoleWord::User => Role::User,
            RoleWord::Admin => Role::Admin,
        }
    }
}

/// A user, in full: for themselves and for administrators.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserMessage {
    /// Number.
    pub id: i64,
    /// Name to log in with.
    pub username: String,
    /// E-mail address, lower case.
    pub email: String,
    /// The name that is shown.
    pub display_name: Option<String>,
    /// The same; the user name where none is set.
    pub name: String,
    /// A number to be reached at.
    pub phone_number: Option<String>,
    /// Path of the picture.
    pub profile_picture: Option<String>,
    /// What the user may do.
    pub role: RoleWord,
    /// Whether the user may log in at all.
    pub is_active: bool,
    /// Whether the user is suspended.
    pub is_suspended: bool,
    /// Why.
    pub suspension_reason: Option<String>,
    /// When the suspension ends by itself, RFC 3339.
    pub suspension_end_date: Option<String>,
    /// The last log-in, RFC 3339.
    pub last_login_at: Option<String>,
    /// The last log-out.
    pub last_logout_at: Option<String>,
    /// What the user prefers.
    #[schema(value_type = Object)]
    pub preferences: serde_json::Value,
    /// The account; none until it is open.
    pub account_id: Option<u32>,
    /// When they signed up.
    pub created_at: String,
    /// When the row last changed.
    pub updated_at: String,
    /// The wallet that stands for the account, if it was asked for (`expand=wallet`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wallet: Option<WalletMessage>,
    /// The API keys, if they were asked for (`expand=api_keys`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_keys: Option<Vec<ApiKeyMessage>>,
}

/// What a user is shown with.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expand {
    /// What to show besides, with commas between: `wallet`, `api_keys`.
    #[serde(default)]
    #[param(example = "wallet,api_keys")]
    expand: Option<String>,
}

impl Expand {
    /// A user with what is asked for.
    pub(crate) async fn show(&self, app: &App, user: &User) -> Result<UserMessage, Failure> {
        let mut message = UserMessage::of(user);
        for part in self.expand.iter().flat_map(|parts| parts.split(',')) {
            match part.trim() {
                "wallet" if message.wallet.is_none() => {
                    let wallet = app.platform.wallets().primary(user.id).await.map_err(Failure::internal)?;
                    message.wallet = Some(WalletMessage::of(app, &wallet));
                }
                "api_keys" if message.api_keys.is_none() => {
                    let keys = app.platform.api_keys().list(user.id).await.map_err(Failure::internal)?;
                    message.api_keys = Some(keys.iter().map(ApiKeyMessage::from).collect());
                }
                "wallet" | "api_keys" => {}
                _ => return Err(Failure::field("expand", "wallet and api_keys can be shown besides")),
            }
        }
        Ok(message)
    }
}

impl UserMessage {
    pub(crate) fn of(user: &User) -> Self {
        let suspension = user.suspension.as_ref();
        Self {
            id: user.id.0,
            username: user.username.clone(),
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            name: user.display_name.clone().unwrap_or_else(|| user.username.clone()),
            phone_number: user.phone_number.clone(),
            profile_picture: user.profile_picture.as_ref().map(|name| format!("/pictures/{name}")),
            role: user.role.into(),
            is_active: user.is_active,
            is_suspended: suspension.is_some(),
            suspension_reason: suspension.map(|suspension| suspension.reason.clone()),
            suspension_end_date: suspension.and_then(|suspension| suspension.ends_at).map(rfc3339),
            last_login_at: user.last_login_at.map(rfc3339),
            last_logout_at: user.last_logout_at.map(rfc3339),
            preferences: user.preferences.clone(),
            account_id: user.account.map(|account| account.0),
            created_at: rfc3339(user.created_at),
            updated_at: rfc3339(user.updated_at),
            wallet: None,
            api_keys: None,
        }
    }
}

/// Something that happened at the door.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthLogMessage {
    /// Number of the row.
    pub id: i64,
    /// The user; null where nobody is known by the name that was given.
    pub user_id: Option<i64>,
    /// What was tried, such as `login`, `failed_login`, `logout`, `register`, `password_reset`.
    pub action: String,
    /// `success` or `failure`.
    pub status: String,
    /// Where it came from.
    pub ip_address: Option<String>,
    /// The program, as it calls itself.
    pub user_agent: Option<String>,
    /// More about it.
    #[schema(value_type = Option<Object>)]
    pub details: Option<serde_json::Value>,
    /// When, RFC 3339.
    pub created_at: String,
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthLogsMessage {
    /// Newest first.
    pub auth_logs: Vec<AuthLogMessage>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

impl AuthLogMessage {
    pub(crate) fn of(row: database::auth_log::Model) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            action: row.action,
            status: row.status,
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            details: row.details,
            created_at: rfc3339(row.created_at),
        }
    }
}
