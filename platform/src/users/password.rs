//! Passwords: which are allowed, and how they are kept.
//!
//! `bcrypt(cost, base64(HMAC-SHA256(pepper, password)))`: bcrypt reads 72 bytes and stops at a NUL, the 44 characters
//! of the inner hash avoid both. Which pepper it was is kept beside it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use sha2::Sha256;
use tokio::sync::{Semaphore, oneshot};

use super::bcrypt_in_steps;
use super::workers::Workers;
use crate::peppers::{Derived, Peppers};

/// Fewest characters of a password.
pub const PASSWORD_LEN_MIN: usize = 8;

/// Most bytes of a password.
pub const PASSWORD_LEN_MAX: usize = 1_024;

/// Longest wait for one's turn: whoever waits longer is told to come back, while the request that asked still lives.
const TURN_WITHIN: Duration = Duration::from_secs(5);

/// The most used passwords of at least [`PASSWORD_LEN_MIN`] characters, in lower case, sorted.
const COMMON: &str = include_str!("common_passwords.txt");

/// Why a password is refused at sign-up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WeakPassword {
    /// Fewer than [`PASSWORD_LEN_MIN`] characters.
    TooShort,
    /// More than [`PASSWORD_LEN_MAX`] bytes.
    TooLong,
    /// One of the most used passwords.
    Common,
    /// The same as the e-mail or its local part.
    Email,
}

impl WeakPassword {
    /// One sentence for the person who signs up.
    pub const fn sentence(self) -> &'static str {
        match self {
            WeakPassword::TooShort => "The password must have at least 8 characters.",
            WeakPassword::TooLong => "The password must have at most 1024 bytes.",
            WeakPassword::Common => "This password is among the most used ones.",
            WeakPassword::Email => "The password must not be the e-mail address.",
        }
    }
}

/// Length and the offline list only; no rules of composition (NIST SP 800-63B, section 3.1.1.2).
pub fn check_strength(password: &str, email: &str) -> Result<(), WeakPassword> {
    let lowered = password.to_lowercase();
    let local = email.split('@').next().unwrap_or("");
    if password.chars().count() < PASSWORD_LEN_MIN {
        Err(WeakPassword::TooShort)
    } else if password.len() > PASSWORD_LEN_MAX {
        Err(WeakPassword::TooLong)
    } else if lowered == email || lowered == local {
        Err(WeakPassword::Email)
    } else if COMMON.lines().any(|common| common == lowered) {
        Err(WeakPassword::Common)
    } else {
        Ok(())
    }
}

/// Why a password could not be hashed or compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HashError {
    /// As many are waiting as may wait, or one's turn did not come; try again in a moment.
    Busy,
    /// The stored hash is not a bcrypt text, or the hashing itself failed.
    Failed,
}

/// A hashed password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hashed {
    /// The text to store.
    pub text: String,
    /// Names the pepper that went into it; the oldest one, if it is absent.
    pub pepper: Option<String>,
}

/// Hashes and compares passwords on threads of their own, which run while nobody else wants the processor: a few at a time,
/// a bounded number waiting.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    peppers: Arc<Derived<Hmac<Sha256>>>,
    cost: u32,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    workers: Workers,
}

impl PasswordHasher {
    /// `running` at a time, `waiting` more in line for 5 seconds at most; beyond that [`HashError::Busy`].
    pub fn new(peppers: &Peppers, cost: u32, running: usize, waiting: usize) -> Self {
        Self {
            peppers: Arc::new(peppers.derive(keyed)),
            cost,
            running: Arc::new(Semaphore::new(running)),
            admitted: Arc::new(Semaphore::new(running + waiting)),
            workers: Workers::start(running),
        }
    }

    /// What to store, with the first pepper.
    pub async fn hash(&self, password: &str) -> Result<Hashed, HashError> {
        let (inner, cost) = (inner_hash(self.peppers.first(), password), self.cost);
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| HashError::Failed)?;
        let hash = move |pause: &dyn Fn()| bcrypt_in_steps::hash(&inner, cost, salt, pause);
        Ok(Hashed { text: self.run(hash).await?, pepper: Some(self.peppers.name().to_owned()) })
    }

    /// Whether a hash has the first pepper in it.
    pub(super) fn is_current(&self, stored: &Hashed) -> bool {
        self.peppers.is_first(stored.pepper.as_deref())
    }

    /// Whether `password` is the one that was hashed. Without a stored hash, or one whose pepper is forgotten, it takes the
    /// same time and is `false`.
    pub async fn verify(&self, password: &str, stored: Option<&Hashed>) -> Result<bool, HashError> {
        let found = stored.and_then(|stored| Some((stored, self.peppers.named(stored.pepper.as_deref())?)));
        let inner = inner_hash(found.map_or(self.peppers.first(), |(_, pepper)| pepper), password);
        let known = found.is_some();
        let stored = found.map_or_else(|| self.dummy(), |(stored, _)| stored.text.clone());
        let verify = move |pause: &dyn Fn()| bcrypt_in_steps::verify(&inner, &stored, pause);
        Ok(self.run(verify).await? && known)
    }

    /// Passwords that were hashed or compared.
    pub fn worked(&self) -> u64 {
        self.workers.handed_over()
    }

    /// What no password has been hashed to.
    pub(super) fn nobodys(&self) -> Hashed {
        Hashed { text: self.dummy(), pepper: Some(self.peppers.name().to_owned()) }
    }

    /// A hash of nobody's password, as costly to compare with as a real one.
    fn dummy(&self) -> String {
        format!("$2b${:02}${}", self.cost, ".".repeat(53))
    }

    /// The permits go with the work: a caller who gives up frees nothing early, and a second run holds nothing.
    async fn run<T: Send + 'static>(
        &self,
        work: impl Fn(&dyn Fn()) -> Result<T, HashError> + Send + Sync + 'static,
    ) -> Result<T, HashError> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| HashError::Busy)?;
        let turn = tokio::time::timeout(TURN_WITHIN, Arc::clone(&self.running).acquire_owned()).await;
        let running = turn.map_err(|_| HashError::Busy)?.map_err(|_| HashError::Failed)?;
        let (done, worked) = oneshot::channel();
        let waiting = Mutex::new(Some((done, admitted, running)));
        self.workers.hand_over(move |pause| {
            let result = work(pause);
            if let Some((done, ..)) = waiting.lock().take() {
                // Whoever asked may have given up.
                let _ = done.send(result);
            }
        })?;
        worked.await.map_err(|_| HashError::Failed)?
    }
}

fn keyed(pepper: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(pepper).expect("HMAC takes keys of any length")
}

fn inner_hash(pepper: &Hmac<Sha256>, password: &str) -> String {
    STANDARD.encode(pepper.clone().chain_update(password.as_bytes()).finalize().into_bytes())
}
