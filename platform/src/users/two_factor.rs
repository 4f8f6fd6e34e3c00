//! Second factors: codes by time, each good once, and recovery codes for a lost one.
//!
//! The secret is stored nowhere: it follows from a random nonce and from a key that follows from the pepper, so that the
//! database alone makes no codes.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use qrcode::QrCode;
use qrcode::render::svg;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, TransactionTrait};
use sha2::Sha256;

use super::auth_log::{AuthAction, AuthEvent};
use super::error::AuthError;
use super::sessions::{digest, hex};
use super::{Origin, User, UserId, Users, totp};
use crate::database::{now, recovery_code, two_factor};

/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;

/// Codes that may be tried in [`TRIES_WITHIN`].
const TRIES_MAX: u32 = 5;
const TRIES_WITHIN: Duration = Duration::from_secs(300);

/// Bytes of a secret: as many as SHA-1 gives (RFC 4226, section 4).
const SECRET_LEN: usize = 20;

/// Bytes of a recovery code: 120 bits, 24 characters.
const RECOVERY_LEN: usize = 15;

/// What a user needs to set an authenticator program up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TwoFactorOffer {
    /// For the program, as a link.
    pub otpauth_uri: String,
    /// For the program, to be typed.
    pub secret: String,
    /// The link as a picture.
    pub qr_svg: String,
}

/// How many codes each user has tried lately.
#[derive(Debug, Default)]
pub(super) struct CodeTries(Mutex<HashMap<UserId, (u32, Instant)>>);

impl CodeTries {
    /// Counts a try before the code is looked at.
    fn begin(&self, user: UserId, now: Instant) -> Result<(), AuthError> {
        let mut tries = self.0.lock();
        tries.retain(|_, (_, since)| now.saturating_duration_since(*since) < TRIES_WITHIN);
        let (count, since) = tries.entry(user).or_insert((0, now));
        if *count >= TRIES_MAX {
            return Err(AuthError::Wait(TRIES_WITHIN.saturating_sub(now.saturating_duration_since(*since))));
        }
        *count += 1;
        Ok(())
    }

    fn succeeded(&self, user: UserId) {
        self.0.lock().remove(&user);
    }
}

impl Users {
    /// Offers a new secret, which counts for nothing until [`Users::confirm_two_factor`] has seen a code of it. Refused
    /// while a second factor is on.
    pub async fn offer_two_factor(&self, user: &User) -> Result<TwoFactorOffer, AuthError> {
        if self.has_two_factor(user.id).await? {
            return Err(AuthError::TwoFactorUnchanged);
        }
        let mut nonce = [0_u8; 16];
        getrandom::fill(&mut nonce).map_err(|_| AuthError::Hashing)?;
        let nonce = hex(&nonce);
        let row = two_factor::Model {
            user_id: user.id.0,
            nonce: nonce.clone(),
            pepper: Some(self.two_factor_keys.name().to_owned()),
            kind: "totp".to_owned(),
            enabled: false,
            last_step: 0,
            created_at: now(),
            updated_at: now(),
        };
        let changing = [
            two_factor::Column::Nonce,
            two_factor::Column::Pepper,
            two_factor::Column::LastStep,
            two_factor::Column::UpdatedAt,
        ];
        // Whoever has enabled it meanwhile keeps what is enabled.
        let mut known = OnConflict::column(two_factor::Column::UserId);
        known.update_columns(changing).action_and_where(two_factor::Column::Enabled.eq(false));
        let row: two_factor::ActiveModel = row.into();
        two_factor::Entity::insert(row.reset_all()).on_conflict(known).exec_without_returning(&self.database).await?;
        let secret = secret_of(self.two_factor_keys.first(), user.id, &nonce);
        let otpauth_uri = totp::uri(&user.email, &secret);
        let code = QrCode::new(otpauth_uri.as_bytes()).map_err(|_| AuthError::Hashing)?;
        let qr_svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
        Ok(TwoFactorOffer { otpauth_uri, secret: totp::base32(&secret), qr_svg })
    }

    /// Turns the offered second factor on, and gives the recovery codes, which are shown once.
    pub async fn confirm_two_factor(
        &self,
        user: UserId,
        code: &str,
        origin: &Origin,
    ) -> Result<Vec<String>, AuthError> {
        let offered = two_factor::Entity::find_by_id(user.0).one(&self.database).await?;
        let offered = offered.filter(|row| !row.enabled).ok_or(AuthError::TwoFactorUnchanged)?;
        self.code_tries.begin(user, Instant::now())?;
        let step = self.step_of(&offered, code.trim()).ok_or(AuthError::WrongCode)?;
        let codes: Vec<String> = (0..RECOVERY_CODES).filter_map(|_| random_recovery_code()).collect();
        let rows = codes.iter().map(|code| recovery_code::ActiveModel {
            user_id: Set(user.0),
            hash: Set(digest(&plain(code))),
            used_at: Set(None),
            created_at: Set(now()),
            ..Default::default()
        });
        let transaction = self.database.begin().await?;
        let enabled = two_factor::Entity::update_many()
            .col_expr(two_factor::Column::Enabled, Expr::value(true))
            .col_expr(two_factor::Column::LastStep, Expr::value(step))
            .col_expr(two_factor::Column::UpdatedAt, Expr::value(now()))
            .filter(two_factor::Column::UserId.eq(user.0))
            .filter(two_factor::Column::Nonce.eq(offered.nonce))
            .filter(two_factor::Column::Enabled.eq(false))
            .exec(&transaction)
            .await?;
        if enabled.rows_affected == 0 {
            return Err(AuthError::TwoFactorUnchanged);
        }
        recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::UserId.eq(user.0))
            .exec(&transaction)
            .await?;
        recovery_code::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
        AuthEvent::done(user, AuthAction::TwoFactorEnabled, origin).write(&transaction).await?;
        transaction.commit().await?;
        self.code_tries.succeeded(user);
        Ok(codes)
    }

    /// Turns the second factor off. Whoever asks has shown password and code ([`Users::step_up`]).
    pub async fn disable_two_factor(&self, user: UserId, origin: &Origin) -> Result<(), AuthError> {
        let transaction = self.database.begin().await?;
        let mine = two_factor::Entity::delete_by_id(user.0).filter(two_factor::Column::Enabled.eq(true));
        if mine.exec(&transaction).await?.rows_affected == 0 {
            return Err(AuthError::TwoFactorUnchanged);
        }
        recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::UserId.eq(user.0))
            .exec(&transaction)
            .await?;
        AuthEvent::done(user, AuthAction::TwoFactorDisabled, origin).write(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whether log-in asks for a second factor.
    pub async fn has_two_factor(&self, user: UserId) -> Result<bool, DbErr> {
        Ok(two_factor::Entity::find_by_id(user.0).one(&self.database).await?.is_some_and(|row| row.enabled))
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes_left(&self, user: UserId) -> Result<u64, DbErr> {
        let mine = recovery_code::Entity::find().filter(recovery_code::Column::UserId.eq(user.0));
        mine.filter(recovery_code::Column::UsedAt.is_null()).count(&self.database).await
    }

    /// Takes a code by time or a recovery code, each once.
    pub async fn check_code(&self, user: UserId, code: &str, origin: &Origin) -> Result<(), AuthError> {
        self.code_tries.begin(user, Instant::now())?;
        let row = two_factor::Entity::find_by_id(user.0).one(&self.database).await?;
        let row = row.filter(|row| row.enabled).ok_or(AuthError::WrongCode)?;
        let code = code.trim();
        let taken = match self.step_of(&row, code) {
            Some(step) => self.take_step(user, step).await?,
            None => self.take_recovery_code(user, code, origin).await?,
        };
        if !taken {
            return Err(AuthError::WrongCode);
        }
        self.code_tries.succeeded(user);
        Ok(())
    }

    /// One statement decides between two that bring the same code at once.
    async fn take_step(&self, user: UserId, step: i64) -> Result<bool, DbErr> {
        let taken = two_factor::Entity::update_many()
            .col_expr(two_factor::Column::LastStep, Expr::value(step))
            .filter(two_factor::Column::UserId.eq(user.0))
            .filter(two_factor::Column::LastStep.lt(step))
            .exec(&self.database)
            .await?;
        Ok(taken.rows_affected == 1)
    }

    async fn take_recovery_code(&self, user: UserId, code: &str, origin: &Origin) -> Result<bool, DbErr> {
        let taken = recovery_code::Entity::update_many()
            .col_expr(recovery_code::Column::UsedAt, Expr::value(now()))
            .filter(recovery_code::Column::UserId.eq(user.0))
            .filter(recovery_code::Column::Hash.eq(digest(&plain(code))))
            .filter(recovery_code::Column::UsedAt.is_null())
            .exec(&self.database)
            .await?;
        if taken.rows_affected == 1 {
            self.note(AuthEvent::done(user, AuthAction::RecoveryCodeUsed, origin)).await?;
        }
        Ok(taken.rows_affected == 1)
    }

    /// The step whose code this is; none, if the pepper that the secret follows from is forgotten.
    fn step_of(&self, row: &two_factor::Model, code: &str) -> Option<i64> {
        let key = self.two_factor_keys.named(row.pepper.as_deref())?;
        let step = totp::step_of_code(&secret_of(key, UserId(row.user_id), &row.nonce), code, now_s())?;
        i64::try_from(step).ok()
    }
}

fn secret_of(key: &Hmac<Sha256>, user: UserId, nonce: &str) -> Vec<u8> {
    let mac = key.clone().chain_update(user.0.to_be_bytes()).chain_update(nonce.as_bytes());
    mac.finalize().into_bytes().iter().take(SECRET_LEN).copied().collect()
}

/// The key from which secrets follow.
pub(super) fn key_of(pepper: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(pepper).expect("HMAC takes keys of any length");
    mac.update(b"second factors");
    <Hmac<Sha256> as KeyInit>::new_from_slice(&mac.finalize().into_bytes()).expect("HMAC takes keys of any length")
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Four groups of six characters.
fn random_recovery_code() -> Option<String> {
    let mut random = [0_u8; RECOVERY_LEN];
    getrandom::fill(&mut random).ok()?;
    let text = totp::base32(&random);
    let groups: Vec<&str> = text.as_bytes().chunks(6).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    Some(groups.join("-"))
}

/// As it is compared: however it was typed.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
