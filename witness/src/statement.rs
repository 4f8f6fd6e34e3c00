//! What is signed, and which bytes of it.

use crate::hex;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

const CHECKPOINT: &[u8; 24] = b"papertape checkpoint v1\0";
const KEY: &[u8; 24] = b"papertape witness key 1\0";

/// A journal at one record, signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The venue's id, as in the journal's segments.
    #[serde(with = "hex")]
    pub deployment: [u8; 16],
    /// The record.
    pub seq: u64,
    /// Its time in nanoseconds since 1970.
    pub time_ns: u64,
    /// What stands for the journal up to there: [`papertape_journal::Link::hash`].
    #[serde(with = "hex")]
    pub chain_hash: [u8; 32],
    /// The hash of the state after it.
    #[serde(with = "hex")]
    pub state_hash: [u8; 32],
    /// BLAKE3 of the bytes that the checkpoint before signed; zero in the first.
    #[serde(with = "hex")]
    pub previous: [u8; 32],
    /// Who signed.
    #[serde(with = "hex")]
    pub public_key: [u8; 32],
    /// Ed25519 over [`Checkpoint::signed_bytes`].
    #[serde(with = "hex")]
    pub signature: [u8; 64],
}

/// A key that signs from now on, signed by itself and by the one before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyStatement {
    /// The venue's id.
    #[serde(with = "hex")]
    pub deployment: [u8; 16],
    /// Counted from 1.
    pub number: u64,
    /// Checkpoints after this record are signed by it, and no longer by the one before.
    pub after_seq: u64,
    /// The key.
    #[serde(with = "hex")]
    pub public_key: [u8; 32],
    /// The key before it; its own where it is the first.
    #[serde(with = "hex")]
    pub previous_key: [u8; 32],
    /// By the key: who names it also has it.
    #[serde(with = "hex")]
    pub own_signature: [u8; 64],
    /// By the key before it.
    #[serde(with = "hex")]
    pub previous_signature: [u8; 64],
}

impl Checkpoint {
    /// What the signature covers: a name, then the fields in their order, numbers little endian.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = CHECKPOINT.to_vec();
        bytes.extend_from_slice(&self.deployment);
        bytes.extend_from_slice(&self.seq.to_le_bytes());
        bytes.extend_from_slice(&self.time_ns.to_le_bytes());
        [self.chain_hash, self.state_hash, self.previous, self.public_key]
            .iter()
            .for_each(|field| bytes.extend_from_slice(field));
        bytes
    }

    /// What the next checkpoint names.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.signed_bytes()).as_bytes()
    }

    /// Whether the key that it names signed it.
    pub fn is_signed(&self) -> bool {
        is_signed(&self.public_key, &self.signed_bytes(), &self.signature)
    }
}

impl KeyStatement {
    /// What both signatures cover.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = KEY.to_vec();
        bytes.extend_from_slice(&self.deployment);
        bytes.extend_from_slice(&self.number.to_le_bytes());
        bytes.extend_from_slice(&self.after_seq.to_le_bytes());
        bytes.extend_from_slice(&self.public_key);
        bytes.extend_from_slice(&self.previous_key);
        bytes
    }

    /// Whether both keys signed it.
    pub fn is_signed(&self) -> bool {
        let bytes = self.signed_bytes();
        is_signed(&self.public_key, &bytes, &self.own_signature)
            && is_signed(&self.previous_key, &bytes, &self.previous_signature)
    }
}

fn is_signed(public_key: &[u8; 32], bytes: &[u8], signature: &[u8; 64]) -> bool {
    let key = VerifyingKey::from_bytes(public_key);
    key.is_ok_and(|key| key.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok())
}
