//! The operator's key: whoever has it may do what no user may.
//!
//! It is made at the first start, 256 random bits in a file that only its owner reads; here only a keyed hash of it stays.
//! It is never logged and never journalled.

use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secrets::{SecretsError, make_file, random_hex, read_file};

/// Longest key, in bytes: none that is sent and longer is looked at.
const KEY_LEN_MAX: usize = 512;

/// Proves a key without keeping it.
#[derive(Clone)]
pub struct OperatorKey {
    /// Keyed by chance anew at each start, so that what is compared says nothing of the key.
    hash: Hmac<Sha256>,
    digest: [u8; 32],
}

impl std::fmt::Debug for OperatorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OperatorKey(..)")
    }
}

impl OperatorKey {
    /// The name of the file in the data folder.
    pub const FILE: &'static str = "operator.key";

    /// The key in `given`, which must be there, else that of the data folder, which is made with mode 0600 where it is
    /// missing. Gives the file too, for whoever starts the venue.
    pub fn load(data: &Path, given: Option<&Path>) -> Result<(OperatorKey, PathBuf), SecretsError> {
        let path = given.map_or_else(|| data.join(Self::FILE), Path::to_owned);
        let text = match read_file(&path)? {
            Some(text) => text,
            None if given.is_some() => {
                let source = std::io::Error::from(std::io::ErrorKind::NotFound);
                return Err(SecretsError::File { path, source });
            }
            None => return Ok((Self::made_at(data, &path)?, path)),
        };
        Ok((Self::new(&text)?, path))
    }

    /// The key in a file of the data folder, which is made with mode 0600 where it is missing.
    pub fn made_at(data: &Path, path: &Path) -> Result<OperatorKey, SecretsError> {
        let text = match read_file(path)? {
            Some(text) => text,
            None => {
                let text = random_hex()?;
                make_file(data, path, &text, 0o600)?;
                text
            }
        };
        Self::new(&text)
    }

    /// Of a key's text: at least [`crate::SECRET_LEN_MIN`] bytes, and one that can be sent and is looked at, so that nobody is
    /// locked out by his own file.
    pub fn new(text: &[u8]) -> Result<OperatorKey, SecretsError> {
        if text.len() < crate::SECRET_LEN_MIN {
            return Err(SecretsError::TooShort { place: "the operator's key".to_owned(), len: text.len() });
        }
        let sendable = text.iter().all(|byte| matches!(byte, b' '..=b'~'));
        if text.len() > KEY_LEN_MAX || !sendable {
            return Err(SecretsError::Unsendable { longest: KEY_LEN_MAX });
        }
        let mut chance = [0_u8; 32];
        getrandom::fill(&mut chance).map_err(SecretsError::Randomness)?;
        let hash = <Hmac<Sha256> as KeyInit>::new_from_slice(&chance).expect("HMAC takes keys of any length");
        let digest = hash.clone().chain_update(text).finalize().into_bytes().into();
        Ok(Self { hash, digest })
    }

    /// Whether `text` is the key. Takes as long for one that is nearly right as for any other of its length.
    pub fn is(&self, text: &str) -> bool {
        text.len() <= KEY_LEN_MAX && self.hash.clone().chain_update(text.as_bytes()).verify_slice(&self.digest).is_ok()
    }
}
