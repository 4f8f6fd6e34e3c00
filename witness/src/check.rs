//! Checking: from a key that is trusted to what a journal must be.

use crate::error::{CheckpointError, Flaw};
use crate::statement::{Checkpoint, KeyStatement};
use papertape_journal::link;
use std::path::{Path, PathBuf};

/// A key that may sign, and for which records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key {
    /// The key.
    pub public_key: [u8; 32],
    /// Checkpoints after this record,
    pub after_seq: u64,
    /// and up to this one.
    pub until_seq: u64,
    /// Of this venue alone; of any, where no statement introduces it.
    pub deployment: Option<[u8; 16]>,
}

/// What was found to be true.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Checked {
    /// Checkpoints that were checked.
    pub checkpoints: u64,
    /// The record of the last of them.
    pub last_seq: u64,
    /// The hash of the state after it, as signed.
    pub state_hash: [u8; 32],
}

/// Follows the keys from one that is trusted: each is named by the one before it. Without a trusted one the first is, and
/// then nobody but the folder itself vouches for it.
pub fn check_keys(
    statements: &[(PathBuf, KeyStatement)],
    trusted: Option<[u8; 32]>,
) -> Result<Vec<Key>, CheckpointError> {
    let mut keys: Vec<Key> = Vec::new();
    let mut before: Option<&KeyStatement> = None;
    for (path, statement) in statements {
        let fails = |flaw| CheckpointError::False { path: path.clone(), flaw };
        if !statement.is_signed() {
            return Err(fails(Flaw::Signature));
        }
        let follows = match before {
            None => statement.previous_key == statement.public_key || trusted == Some(statement.previous_key),
            Some(before) => {
                statement.previous_key == before.public_key
                    && statement.number == before.number + 1
                    && statement.after_seq >= before.after_seq
            }
        };
        if !follows {
            return Err(fails(Flaw::Previous));
        }
        if before.is_some_and(|before| before.deployment != statement.deployment) {
            return Err(fails(Flaw::Deployment));
        }
        if let Some(last) = keys.last_mut() {
            last.until_seq = statement.after_seq;
        }
        let (public_key, after_seq) = (statement.public_key, statement.after_seq);
        keys.push(Key { public_key, after_seq, until_seq: u64::MAX, deployment: Some(statement.deployment) });
        before = Some(statement);
    }
    let Some(trusted) = trusted else { return Ok(keys) };
    if let Some(first) = keys.iter().position(|key| key.public_key == trusted) {
        return Ok(keys.split_off(first));
    }
    // Nothing in the folder introduces it. It may sign until it names another, or alone.
    let first = statements.first().map(|(_, statement)| statement).filter(|first| first.previous_key == trusted);
    let until_seq = first.map_or(u64::MAX, |first| first.after_seq);
    let deployment = first.map(|first| first.deployment);
    let root = Key { public_key: trusted, after_seq: 0, until_seq, deployment };
    Ok(std::iter::once(root).chain(keys.into_iter().filter(|_| first.is_some())).collect())
}

/// Checks checkpoints, oldest first: each signed by a key that may, each continuing the one before, each true of the
/// journal in `dir`. The state is not looked at; [`papertape_journal::verify`] looks at what lies before each.
pub fn check(dir: &Path, checkpoints: &[(PathBuf, Checkpoint)], keys: &[Key]) -> Result<Checked, CheckpointError> {
    let mut checked = Checked::default();
    let mut before: Option<&Checkpoint> = None;
    for (path, checkpoint) in checkpoints {
        let fails = |flaw| CheckpointError::False { path: path.clone(), flaw };
        if !checkpoint.is_signed() {
            return Err(fails(Flaw::Signature));
        }
        let may = |key: &Key| {
            key.public_key == checkpoint.public_key && key.after_seq < checkpoint.seq && checkpoint.seq <= key.until_seq
        };
        let Some(key) = keys.iter().find(|key| may(key)) else {
            return Err(fails(Flaw::Key { key: checkpoint.public_key }));
        };
        if key.deployment.is_some_and(|deployment| deployment != checkpoint.deployment) {
            return Err(fails(Flaw::Deployment));
        }
        if let Some(before) = before
            && (checkpoint.previous != before.hash() || checkpoint.seq <= before.seq)
        {
            return Err(fails(Flaw::Previous));
        }
        let Some(found) = link(dir, checkpoint.seq)? else { return Err(fails(Flaw::Missing { seq: checkpoint.seq })) };
        if found.deployment != checkpoint.deployment {
            return Err(fails(Flaw::Deployment));
        }
        if found.hash != checkpoint.chain_hash {
            return Err(fails(Flaw::Chain { signed: checkpoint.chain_hash, found: found.hash }));
        }
        if found.time_ns != checkpoint.time_ns {
            return Err(fails(Flaw::Time { signed: checkpoint.time_ns, found: found.time_ns }));
        }
        checked.checkpoints += 1;
        (checked.last_seq, checked.state_hash) = (checkpoint.seq, checkpoint.state_hash);
        before = Some(checkpoint);
    }
    Ok(checked)
}
