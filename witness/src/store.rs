//! Where statements are kept: `DATA/checkpoints`, and the key in `DATA/secrets`.

use crate::error::CheckpointError;
use crate::keys::{Signer, sync_parent};
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

    /// The key that signs; the first one is made, and said to be it. Another than the one that the statements name, or
    /// none where they name one, is refused: what it signed would be false.
    pub fn signer(&self, deployment: [u8; 16]) -> Result<Signer, CheckpointError> {
        let path = self.key_file();
        let named = self.keys()?.pop().map(|(_, statement)| statement.public_key);
        self.settle(named)?;
        match (named, path.exists()) {
            (Some(named), true) => {
                let signer = Signer::load(&path)?;
                if signer.public_key() == named { Ok(signer) } else { Err(CheckpointError::OtherKey { path }) }
            }
            (Some(_), false) => Err(CheckpointError::OtherKey { path }),
            (None, true) => {
                let signer = Signer::load(&path)?;
                self.write(&key_name(1), &signer.introduce(deployment, 1, 0, &signer))?;
                Ok(signer)
            }
            (None, false) => {
                let signer = Signer::generate()?;
                self.replace_key(&signer, &signer.introduce(deployment, 1, 0, &signer))?;
                Ok(signer)
            }
        }
    }

    /// Where a key lies until a statement names it.
    fn new_key_file(&self) -> PathBuf {
        self.data.join("secrets").join("checkpoint.key.new")
    }

    /// Has a new key sign. It is kept first and named then, so that none is named that is lost; from there on
    /// [`Checkpoints::settle`] goes on, should a crash come.
    fn replace_key(&self, signer: &Signer, statement: &KeyStatement) -> Result<(), CheckpointError> {
        let dir = self.data.join("secrets");
        fs::create_dir_all(&dir).map_err(|source| CheckpointError::Io { op: "make", path: dir, source })?;
        signer.save(&self.new_key_file())?;
        self.write(&key_name(statement.number), statement)?;
        self.settle(Some(statement.public_key))
    }

    /// Puts a new key that is `named` into its place, and the one before aside. One that is not named has signed
    /// nothing, and is removed.
    fn settle(&self, named: Option<[u8; 32]>) -> Result<(), CheckpointError> {
        let (path, next) = (self.key_file(), self.new_key_file());
        let io = |op, path: &Path| {
            let path = path.to_path_buf();
            move |source| CheckpointError::Io { op, path, source }
        };
        if !next.exists() {
            return Ok(());
        }
        let is_named = match Signer::load(&next) {
            Ok(signer) => named == Some(signer.public_key()),
            // A crash came while it was written.
            Err(CheckpointError::NoKey { .. }) => false,
            Err(error) => return Err(error),
        };
        if !is_named {
            return fs::remove_file(&next).map_err(io("remove", &next));
        }
        if path.exists() {
            let number = self.keys()?.last().map_or(1, |(_, key)| key.number).saturating_sub(1);
            let kept = path.with_file_name(format!("checkpoint-{number:08}.key"));
            fs::rename(&path, kept).map_err(io("rename", &path))?;
        }
        fs::rename(&next, &path).map_err(io("rename", &next))?;
        sync_parent(&path).map_err(io("sync the folder of", &path))
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
        let statement = signer.introduce(deployment, number, last, &previous);
        self.replace_key(&signer, &statement)?;
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

fn key_name(number: u64) -> String {
    format!("key-{number:08}.json")
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
