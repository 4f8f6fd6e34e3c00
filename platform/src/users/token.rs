//! Access tokens: JWT, HS256, short-lived. Every claim is required, none is optional.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use serde::{Deserialize, Serialize};

use super::UserId;
use super::hs256;
use super::sessions::SessionId;

/// Who issues tokens, and for whom.
const PARTY: &str = "papertape";

/// Clocks may differ by this much.
const LEEWAY_S: u64 = 5;

/// A signed token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The text for `Authorization: Bearer`.
    pub access_token: String,
    /// How long it is good for.
    pub expires_in: Duration,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(.., {:?})", self.expires_in)
    }
}

/// Why a token is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenError {
    /// Not a token of this venue: form, signature, algorithm, issuer or audience are wrong, or a claim is missing.
    Invalid,
    /// Past its time.
    Expired,
    /// Its session was ended, or the user may not come in.
    Revoked,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenError::Invalid => "the token is not valid",
            TokenError::Expired => "the token has expired",
            TokenError::Revoked => "the token was revoked",
        })
    }
}

impl std::error::Error for TokenError {}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    aud: String,
    iat: u64,
    nbf: u64,
    exp: u64,
    epoch: i64,
    sid: i64,
    jti: String,
}

/// What a good token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Subject {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) epoch: i64,
}

/// Issues and checks tokens under one key.
pub(super) struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    lifetime: Duration,
}

impl Tokens {
    pub(super) fn new(secret: &[u8], lifetime: Duration) -> Self {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        validation.set_audience(&[PARTY]);
        validation.set_issuer(&[PARTY]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            validation,
            lifetime,
        }
    }

    pub(super) fn issue(&self, subject: Subject, now: SystemTime) -> Result<Token, TokenError> {
        let now_s = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let claims = Claims {
            sub: subject.user.0.to_string(),
            iss: PARTY.to_owned(),
            aud: PARTY.to_owned(),
            iat: now_s,
            nbf: now_s,
            exp: now_s + self.lifetime.as_secs(),
            epoch: subject.epoch,
            sid: subject.session.0,
            jti: format!("{:016x}", getrandom::u64().map_err(|_| TokenError::Invalid)?),
        };
        let access_token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing);
        Ok(Token { access_token: access_token.map_err(|_| TokenError::Invalid)?, expires_in: self.lifetime })
    }

    pub(super) fn check(&self, token: &str) -> Result<Subject, TokenError> {
        let checked = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation);
        let claims = checked.map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => TokenError::Expired,
            _ => TokenError::Invalid,
        })?;
        let user = claims.claims.sub.parse().map_err(|_| TokenError::Invalid)?;
        let session = SessionId(claims.claims.sid);
        Ok(Subject { user: UserId(user), session, epoch: claims.claims.epoch })
    }
}
