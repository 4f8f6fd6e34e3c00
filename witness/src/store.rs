//! Where statements are kept: `DATA/checkpoints`, and the key in `DATA/secrets`.

use crate::error::CheckpointError;
use crate::keys::Signer;
use crate::statement::{Checkpoint, KeyStatement};
use papertape_journal::{Folder, Link, link};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};

/// A venue's statements and its key.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    data: PathBuf,
}

impl Checkpoints {
    /// Those of the venue in `data`; nothing is created.
    pub fn of(data: impl Into<PathBuf>) -> Checkpoints {
        Checkpoints { data: data.into() }
    }

    /// The statements' directory.
    pub fn dir(&self) -> PathBuf {
        self.data.join("checkpoints")
    }

    /// The venue's journal.
    pub fn journal(&self) -> PathBuf {
        self.data.join("journal")
    }

    /// The file of the key that signs now.
    pub fn key_file(&self) -> PathBuf {
        self.data.join("secrets").join("checkpoint.key")
    }

    /// The checkpoints by seq, oldest first, unchecked.
    pub fn list(&self) -> Result<Vec<(PathBuf, Checkpoint)>, CheckpointError> {
        self.read_all("", |name| name.len() == 25)
    }

    /// The keys by number, oldest first, unchecked.
    pub fn keys(&self) -> Result<Vec<(PathBuf, KeyStatement)>, CheckpointError> {
        self.read_all("key-", |_| true)
    }

    fn read_all<T: DeserializeOwned>(
        &self,
        prefix: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<(PathBuf, T)>, CheckpointError> {
        let dir = self.dir();
        if !dir.exists() {
            return Ok(Vec::new());
        }
        let io = |source| CheckpointError::Io { op: "list", path: dir.clone(), source };
        let mut names = Vec::new();
        for entry in fs::read_dir(&dir).map_err(io)? {
            names.extend(entry.map_err(io)?.file_name().into_string());
        }
        let numbered = |name: &String| {
            let digits = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".json"));
            digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
        };
        names.retain(|name| numbered(name) && wanted(name));
        names.sort_unstable();
        names.into_iter().map(|name| self.read(&dir.join(name))).collect()
    }

    fn read<T: DeserializeOwned>(&self, path: &Path) -> Result<(PathBuf, T), CheckpointError> {
        let statement = read_statement(path)?;
        Ok((path.to_path_buf(), statement))
    }

    /// The key that signs; the first one is made, and said to be it.
    pub fn signer(&self, deployment: [u8; 16]) -> Result<Signer, CheckpointError> {
        let path = self.key_file();
        if path.exists() {
            return Signer::load(&path);
        }
        let signer = Signer::generate()?;
        self.make_secrets()?;
        signer.save(&path)?;
        let number = self.keys()?.last().map_or(1, |(_, key)| key.number + 1);
        self.write(&format!("key-{number:08}.json"), &signer.introduce(deployment, number, 0, &signer))?;
        Ok(signer)
    }

    fn make_secrets(&self) -> Result<(), CheckpointError> {
        let dir = self.data.join("secrets");
        fs::create_dir_all(&dir).map_err(|source| CheckpointError::Io { op: "make", path: dir, source })
    }

    /// Has another key sign from now on. The one before stays in `secrets/`, under its number, until somebody removes it.
    pub fn rotate(&self) -> Result<KeyStatement, CheckpointError> {
        let last = self.list()?.last().map_or(0, |(_, checkpoint)| checkpoint.seq);
        let deployment = match self.keys()?.last() {
            Some((_, key)) => key.deployment,
            None => link(&self.journal(), 1)?.ok_or(CheckpointError::Empty)?.deployment,
        };
        let previous = self.signer(deployment)?;
        let number = self.keys()?.last().map_or(1, |(_, key)| key.number) + 1;
        let signer = Signer::generate()?;
        let kept = self.data.join("secrets").join(format!("checkpoint-{:08}.key", number - 1));
        let next = self.data.join("secrets").join("checkpoint.key.new");
        // A new key that a crash left behind has signed nothing.
        let _ = fs::remove_file(&next);
        signer.save(&next)?;
        let statement = signer.introduce(deployment, number, last, &previous);
        self.write(&format!("key-{number:08}.json"), &statement)?;
        let path = self.key_file();
        let io = |source| CheckpointError::Io { op: "rename", path: path.clone(), source };
        fs::rename(&path, kept).and_then(|()| fs::rename(next, &path)).map_err(io)?;
        Ok(statement)
    }

    /// Signs that the journal comes to `link` and the state after it to `state_hash`.
    pub fn sign(&self, link: &Link, state_hash: [u8; 32]) -> Result<Checkpoint, CheckpointError> {
        let signer = self.signer(link.deployment)?;
        let previous = self.list()?.last().map_or([0; 32], |(_, checkpoint)| checkpoint.hash());
        let checkpoint = signer.sign(Checkpoint {
            deployment: link.deployment,
            seq: link.seq,
            time_ns: link.time_ns,
            chain_hash: link.hash,
            state_hash,
            previous,
            public_key: [0; 32],
            signature: [0; 64],
        });
        self.write(&format!("{:020}.json", link.seq), &checkpoint)?;
        Ok(checkpoint)
    }

    fn write(&self, name: &str, statement: &impl Serialize) -> Result<(), CheckpointError> {
        let mut text = serde_json::to_vec_pretty(statement)
            .map_err(|error| CheckpointError::Format { path: self.dir().join(name), why: error.to_string() })?;
        text.push(b'\n');
        Ok(Folder::from(&self.dir()).write(name, &text)?)
    }
}

/// Reads one statement from a file.
pub(crate) fn read_statement<T: DeserializeOwned>(path: &Path) -> Result<T, CheckpointError> {
    let text = fs::read(path).map_err(|source| CheckpointError::Io { op: "read", path: path.to_path_buf(), source })?;
    let format =
        |error: serde_json::Error| CheckpointError::Format { path: path.to_path_buf(), why: error.to_string() };
    serde_json::from_slice(&text).map_err(format)
}

/// Signs the journal at `seq`, if that is beyond the last checkpoint. Gives nothing where it is not.
pub fn sign_newest(
    checkpoints: &Checkpoints,
    seq: u64,
    state_hash: [u8; 32],
) -> Result<Option<Checkpoint>, CheckpointError> {
    if checkpoints.list()?.last().is_some_and(|(_, last)| last.seq >= seq) {
        return Ok(None);
    }
    let link = link(&checkpoints.journal(), seq)?.ok_or(CheckpointError::Empty)?;
    checkpoints.sign(&link, state_hash).map(Some)
}
