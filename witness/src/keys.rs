//! The key that signs.

use crate::error::CheckpointError;
use crate::hex::{from_hex, to_hex};
use crate::statement::{Checkpoint, KeyStatement};
use ed25519_dalek::{Signer as _, SigningKey};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Signs. Never printed.
pub struct Signer {
    key: SigningKey,
}

/// Makes the name of a file durable.
pub(crate) fn sync_parent(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(..)")
    }
}

impl Signer {
    /// A new key.
    pub fn generate() -> Result<Signer, CheckpointError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| CheckpointError::Randomness(error.to_string()))?;
        Ok(Signer { key: SigningKey::from_bytes(&seed) })
    }

    /// Reads the key in `path`: 64 hexadecimal digits, for nobody else to read.
    pub fn load(path: &Path) -> Result<Signer, CheckpointError> {
        let io = |source| CheckpointError::Io { op: "read", path: path.to_path_buf(), source };
        let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(CheckpointError::Exposed { path: path.to_path_buf(), mode });
        }
        let text = fs::read_to_string(path).map_err(io)?;
        let seed = from_hex(text.trim()).ok_or_else(|| CheckpointError::NoKey { path: path.to_path_buf() })?;
        Ok(Signer { key: SigningKey::from_bytes(&seed) })
    }

    /// Keeps the key in a new file, mode 0400, synced, and its name too.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let io = |source| CheckpointError::Io { op: "make", path: path.to_path_buf(), source };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(path).map_err(io)?;
        writeln!(file, "{}", to_hex(&self.key.to_bytes())).and_then(|()| file.sync_all()).map_err(io)?;
        sync_parent(path).map_err(io)
    }

    /// Its public half.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The checkpoint, named and signed by this key.
    pub fn sign(&self, checkpoint: Checkpoint) -> Checkpoint {
        let named = Checkpoint { public_key: self.public_key(), ..checkpoint };
        Checkpoint { signature: self.key.sign(&named.signed_bytes()).to_bytes(), ..named }
    }

    /// Says that this key signs after `after_seq`; `previous` is the key that did before, this one itself where it is the
    /// first.
    pub fn introduce(&self, deployment: [u8; 16], number: u64, after_seq: u64, previous: &Signer) -> KeyStatement {
        let unsigned = KeyStatement {
            deployment,
            number,
            after_seq,
            public_key: self.public_key(),
            previous_key: previous.public_key(),
            own_signature: [0; 64],
            previous_signature: [0; 64],
        };
        let bytes = unsigned.signed_bytes();
        KeyStatement {
            own_signature: self.key.sign(&bytes).to_bytes(),
            previous_signature: previous.key.sign(&bytes).to_bytes(),
            ..unsigned
        }
    }
}
