//! Keys in memory: what a log-in needs is looked up without the database.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use super::{KeyId, Permissions};
use crate::users::UserId;

/// How a key proves itself.
#[derive(Clone)]
pub(super) enum Proof {
    /// By a secret that both know.
    Hmac([u8; 32]),
    /// By a private key; this is the public one.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

/// What is known of a key.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) user: UserId,
    pub(super) proof: Proof,
    pub(super) permissions: Permissions,
    pub(super) expires_ms: Option<u64>,
}

/// All keys. One row for each, some 100 bytes; filled at boot, changed with the database.
#[derive(Default)]
pub(super) struct Directory {
    keys: RwLock<FxHashMap<KeyId, Entry>>,
    revoked: AtomicU64,
}

impl Directory {
    pub(super) fn put(&self, id: KeyId, entry: Entry) {
        self.keys.write().insert(id, entry);
    }

    pub(super) fn remove(&self, id: KeyId) {
        if self.keys.write().remove(&id).is_some() {
            self.revoked.fetch_add(1, Ordering::Release);
        }
    }

    /// The key, if it is good at this time.
    pub(super) fn get(&self, id: KeyId, now_ms: u64) -> Option<Entry> {
        let keys = self.keys.read();
        keys.get(&id).filter(|entry| entry.expires_ms.is_none_or(|end| now_ms < end)).cloned()
    }

    pub(super) fn revoked(&self) -> u64 {
        self.revoked.load(Ordering::Acquire)
    }
}
