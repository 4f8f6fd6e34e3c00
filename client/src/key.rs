//! Keys of the API, and what they sign.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use papertape_wire::{Login, Signature, signed_bytes, values};
use sha2::Sha256;

/// A key of the API: its id, and what it signs with. Made over REST (`POST /api/v1/api-keys`).
#[derive(Clone)]
pub struct Key {
    id: [u8; 16],
    secret: Secret,
}

#[derive(Clone)]
enum Secret {
    Hmac([u8; 32]),
    Ed25519(Box<SigningKey>),
}

/// A text that is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyError {
    /// An id has 32 hexadecimal digits.
    Id,
    /// A secret, and the seed of an Ed25519 key, have 64.
    Secret,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyError::Id => "a key's id has 32 hexadecimal digits",
            KeyError::Secret => "a key's secret has 64 hexadecimal digits",
        })
    }
}

impl std::error::Error for KeyError {}

impl Key {
    /// A key of the kind `hmac`: its id and its secret, as the venue showed them.
    pub fn hmac(id: &str, secret: &str) -> Result<Self, KeyError> {
        let secret = Secret::Hmac(bytes_of(secret).ok_or(KeyError::Secret)?);
        Ok(Self { id: bytes_of(id).ok_or(KeyError::Id)?, secret })
    }

    /// A key of the kind `ed25519`: its id, and the 32 bytes of the private half (RFC 8032, 5.1.5), which the venue never saw.
    pub fn ed25519(id: &str, seed: &str) -> Result<Self, KeyError> {
        let seed: [u8; 32] = bytes_of(seed).ok_or(KeyError::Secret)?;
        let secret = Secret::Ed25519(Box::new(SigningKey::from_bytes(&seed)));
        Ok(Self { id: bytes_of(id).ok_or(KeyError::Id)?, secret })
    }

    /// The login with this key's id and its signature over the venue's nonce.
    pub fn signed(&self, nonce: &[u8; 32], login: Login) -> Login {
        let signature_kind = match self.secret {
            Secret::Hmac(_) => values::signature::HMAC_SHA256,
            Secret::Ed25519(_) => values::signature::ED25519,
        };
        let login = Login { signature_kind, key_id: self.id, ..login };
        Login { signature: self.sign(&signed_bytes(nonce, &login)), ..login }
    }

    fn sign(&self, bytes: &[u8]) -> Signature {
        match &self.secret {
            Secret::Ed25519(key) => Signature(key.sign(bytes).to_bytes()),
            Secret::Hmac(secret) => {
                let mut code = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).expect("any length is a key");
                code.update(bytes);
                let mut field = [0; 64];
                field[..32].copy_from_slice(&code.finalize().into_bytes());
                Signature(field)
            }
        }
    }
}

/// Secrets are not shown.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if matches!(self.secret, Secret::Hmac(_)) { "hmac" } else { "ed25519" };
        f.debug_struct("Key").field("kind", &kind).finish_non_exhaustive()
    }
}

fn bytes_of<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let (mut bytes, digits) = ([0; N], hex.as_bytes());
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()?;
    }
    Some(bytes)
}
