//! Keys in memory: what a log-in needs is looked up without the database.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use tokio::sync::broadcast;

use super::{KeyId, Permissions};
use crate::network::Network;
use crate::users::UserId;

/// Ended keys that a slow listener may be behind; beyond that it looks for itself.
const REVOCATIONS_MAX: usize = 1_024;

/// Between two notes in the database of a key that is used all the time.
const NOTED_EVERY_MS: u64 = 60_000;

/// How a key proves itself.
#[derive(Clone)]
pub(super) enum Proof {
    /// By a secret that both know.
    Hmac([u8; 32]),
    /// By a private key; this is the public one.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    /// By nothing any more: the pepper that its secret followed from is forgotten.
    Lost,
}

/// What is known of a key.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) user: UserId,
    pub(super) proof: Proof,
    pub(super) permissions: Permissions,
    pub(super) is_active: bool,
    pub(super) networks: Arc<[Network]>,
    pub(super) expires_ms: Option<u64>,
}

impl Entry {
    fn is_good(&self, now_ms: u64) -> bool {
        self.is_active && self.expires_ms.is_none_or(|end| now_ms < end)
    }
}

struct Known {
    entry: Entry,
    /// When it was last used, and when that was last noted in the database.
    used_ms: AtomicU64,
    noted_ms: AtomicU64,
}

/// All keys. One row for each, some 150 bytes; filled at boot, changed with the database.
pub(super) struct Directory {
    keys: RwLock<FxHashMap<KeyId, Known>>,
    ended: broadcast::Sender<KeyId>,
}

impl Default for Directory {
    fn default() -> Self {
        Self { keys: RwLock::default(), ended: broadcast::Sender::new(REVOCATIONS_MAX) }
    }
}

impl Directory {
    /// A key as it is from now on. Whoever keeps a session of it looks at it again.
    pub(super) fn put(&self, id: KeyId, entry: Entry) {
        let mut keys = self.keys.write();
        match keys.get_mut(&id) {
            Some(known) => known.entry = entry,
            None => {
                keys.insert(id, Known { entry, used_ms: AtomicU64::new(0), noted_ms: AtomicU64::new(0) });
                return;
            }
        }
        drop(keys);
        self.tell(id);
    }

    pub(super) fn remove(&self, id: KeyId) {
        if self.keys.write().remove(&id).is_some() {
            self.tell(id);
        }
    }

    /// Nobody may be listening.
    fn tell(&self, id: KeyId) {
        let _ = self.ended.send(id);
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<KeyId> {
        self.ended.subscribe()
    }

    /// The key, if it is good at this time.
    pub(super) fn get(&self, id: KeyId, now_ms: u64) -> Option<Entry> {
        let keys = self.keys.read();
        keys.get(&id).map(|known| &known.entry).filter(|entry| entry.is_good(now_ms)).cloned()
    }

    /// Whether the key is good at this time and may come from there.
    pub(super) fn admits(&self, id: KeyId, address: IpAddr, now_ms: u64) -> bool {
        let keys = self.keys.read();
        keys.get(&id).is_some_and(|known| {
            let networks = &known.entry.networks;
            let is_listed = networks.is_empty() || networks.iter().any(|network| network.contains(address));
            is_listed && known.entry.is_good(now_ms)
        })
    }

    /// When the key ends by itself.
    pub(super) fn expires_ms(&self, id: KeyId) -> Option<u64> {
        self.keys.read().get(&id)?.entry.expires_ms
    }

    /// Notes a use; whether the database is to be told.
    pub(super) fn use_at(&self, id: KeyId, now_ms: u64) -> bool {
        let keys = self.keys.read();
        let Some(known) = keys.get(&id) else { return false };
        known.used_ms.fetch_max(now_ms, Ordering::Relaxed);
        let noted_ms = known.noted_ms.load(Ordering::Relaxed);
        let is_due = noted_ms == 0 || now_ms.saturating_sub(noted_ms) >= NOTED_EVERY_MS;
        // Of two at once one tells it.
        is_due && known.noted_ms.compare_exchange(noted_ms, now_ms, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// When it was last used in this run.
    pub(super) fn used_ms(&self, id: KeyId) -> Option<u64> {
        let keys = self.keys.read();
        let used = keys.get(&id)?.used_ms.load(Ordering::Relaxed);
        (used > 0).then_some(used)
    }
}
