//! What users say of themselves, and what they prefer.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use papertape_platform::{PICTURE_MAX, ProfileEdit};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::door::user_failure;
use super::users::user_of;
use super::{OwnProblems, PlainProblems, step_up};
use crate::app::App;
use crate::edge::body::{JsonBody, QueryOf, RawBody};
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::errors::Failure;
use crate::translate::users::{Expand, UserMessage};

/// What is to be changed; what is left out stays, and null empties.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"display_name": "Ada Lovelace", "phone_number": "+49301234567"}))]
pub(crate) struct ProfileBody {
    /// 1 to 80 visible characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    display_name: Option<Option<String>>,
    /// A plus sign, the country, and the rest: 7 to 15 digits.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    phone_number: Option<Option<String>>,
    /// 3 to 32 letters, digits, dots, hyphens and underscores; needs `password`.
    #[serde(default)]
    username: Option<String>,
    /// Needs `password`.
    #[serde(default)]
    email: Option<String>,
    /// The password, where a name to log in with is changed.
    #[serde(default)]
    password: Option<String>,
    /// The second factor with it, where there is one.
    #[serde(default)]
    code: Option<String>,
}

/// Tells null from what is left out.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

/// How the page looks.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ThemeWord {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// As the device has it.
    System,
}

/// What a user prefers. It goes with the user to every browser.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"theme": "dark", "default_symbol": "BTC-USD", "confirm_orders": true, "locale": "en-GB"}))]
pub(crate) struct Preferences {
    /// How the page looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    theme: Option<ThemeWord>,
    /// The market that is shown first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_symbol: Option<String>,
    /// Whether the page asks before it sends an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirm_orders: Option<bool>,
    /// How numbers and dates are written: a tag of BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    /// The zone that times are shown in, such as `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
}

impl Preferences {
    fn checked(self, app: &App) -> Result<serde_json::Value, Failure> {
        let plain = |text: &Option<String>, most: usize| {
            let fits = |text: &String| {
                let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/+".contains(&byte);
                (1..=most).contains(&text.len()) && text.bytes().all(known)
            };
            text.as_ref().is_none_or(fits)
        };
        if !plain(&self.locale, 35) {
            return Err(Failure::field("locale", "must be a tag such as en-GB"));
        }
        if !plain(&self.time_zone, 64) {
            return Err(Failure::field("time_zone", "must be a zone such as Europe/Berlin"));
        }
        if let Some(symbol) = &self.default_symbol {
            crate::translate::find(&app.views.read(), symbol)?;
        }
        serde_json::to_value(&self).map_err(Failure::internal)
    }
}

/// Oneself, in full.
#[utoipa::path(get, path = "/api/v1/users/me", tag = "users", summary = "My profile", security(("bearer" = [])),
    params(Expand), responses((status = 200, description = "The user.", body = UserMessage), OwnProblems),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    QueryOf(expand): QueryOf<Expand>,
) -> Result<Json<UserMessage>, Failure> {
    let user = user_of(&app, caller).await?;
    expand.show(&app, &user).await.map(Json)
}

/// Changes one's profile. Names to log in with are changed by whoever shows the password (`WRONG_PASSWORD`,
/// `TWO_FACTOR_NEEDED`).
#[utoipa::path(patch, path = "/api/v1/users/me", tag = "users", summary = "Change my profile",
    security(("bearer" = [])), request_body = ProfileBody,
    responses(
        (status = 200, description = "As it is now.", body = UserMessage),
        (status = 403, description = "`WRONG_PASSWORD`, `TWO_FACTOR_NEEDED`, `WRONG_CODE`.", body = crate::errors::Problem, content_type = "application/problem+json"),
        OwnProblems,
    ),
)]
pub(crate) async fn edit(
    State(app): State<Arc<App>>,
    caller: Caller,
    from: From,
    JsonBody(body): JsonBody<ProfileBody>,
) -> Result<Json<UserMessage>, Failure> {
    let users = app.platform.users();
    if body.username.is_some() || body.email.is_some() {
        let password = body.password.as_deref().ok_or_else(|| Failure::field("password", "missing"))?;
        step_up::shown(&app, caller, &from, (password, body.code.as_deref())).await?;
    }
    let edit = ProfileEdit {
        display_name: body.display_name,
        phone_number: body.phone_number,
        username: body.username,
        email: body.email,
    };
    let user = users.edit_profile(caller.user, edit, &from.origin).await.map_err(user_failure)?;
    Ok(Json(UserMessage::of(&user)))
}

/// Sets what one prefers, all of it.
#[utoipa::path(put, path = "/api/v1/users/me/preferences", tag = "users", summary = "My preferences",
    security(("bearer" = [])), request_body = Preferences,
    responses((status = 200, description = "The user, with them.", body = UserMessage), OwnProblems),
)]
pub(crate) async fn prefer(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<Preferences>,
) -> Result<Json<UserMessage>, Failure> {
    let preferences = body.checked(&app)?;
    let user = app.platform.users().set_preferences(caller.user, preferences).await.map_err(user_failure)?;
    Ok(Json(UserMessage::of(&user)))
}

/// Sets one's picture: PNG, JPEG or WebP, at most 256 KiB. It is seen by whoever knows its path, which nobody can guess and
/// which changes with the picture.
#[utoipa::path(put, path = "/api/v1/users/me/picture", tag = "users", summary = "Set my picture",
    security(("bearer" = [])), request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "The user, with its path.", body = UserMessage), OwnProblems),
)]
pub(crate) async fn set_picture(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawBody(bytes): RawBody<PICTURE_MAX>,
) -> Result<Json<UserMessage>, Failure> {
    let user = app.platform.users().set_picture(caller.user, bytes.to_vec()).await.map_err(user_failure)?;
    Ok(Json(UserMessage::of(&user)))
}

/// Takes one's picture away.
#[utoipa::path(delete, path = "/api/v1/users/me/picture", tag = "users", summary = "Remove my picture",
    security(("bearer" = [])), responses((status = 200, description = "The user.", body = UserMessage), OwnProblems),
)]
pub(crate) async fn remove_picture(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<UserMessage>, Failure> {
    let user = app.platform.users().remove_picture(caller.user).await.map_err(user_failure)?;
    Ok(Json(UserMessage::of(&user)))
}

/// A user's picture.
#[utoipa::path(get, path = "/pictures/{name}", tag = "users", summary = "A picture",
    params(("name" = String, Path, description = "As in `profile_picture`.")),
    responses(
        (status = 200, description = "The picture.", content_type = "image/png"),
        (status = 404, description = "There is none of this name.", body = crate::errors::Detail),
        PlainProblems,
    ),
)]
pub(crate) async fn picture(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, Failure> {
    let found = app.platform.users().picture(&name).await.map_err(Failure::internal)?;
    let picture = found.ok_or_else(|| Failure::not_found("There is no such picture."))?;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(picture.content_type)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400, immutable")),
    ];
    Ok((headers, picture.bytes))
}
