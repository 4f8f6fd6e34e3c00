//! Hash maps for look-ups only. Their order is never asked for: nothing in the engine iterates over one.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// Keys that clients choose. SipHash with a fixed key is the same in every run; somebody who computes collisions
/// offline slows down nobody but himself, because keys begin with the account and each account's are bounded.
pub(crate) type TextMap<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// FNV-1a over bytes: tells a repeat of a command from another command under the same name.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
