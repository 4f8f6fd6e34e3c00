//! Names: what the program sees, and what the disk holds of it.

use super::random::Chance;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files' names and the directories.
#[derive(Default)]
pub(crate) struct Names {
    now: Entries,
    held: Entries,
    /// What the disk does not hold yet, oldest first.
    pending: Vec<Change>,
}

#[derive(Default, Clone)]
struct Entries {
    files: BTreeMap<PathBuf, usize>,
    dirs: BTreeSet<PathBuf>,
}

/// A change of a directory.
#[derive(Clone)]
pub(crate) enum Change {
    Link(PathBuf, usize),
    Rename { from: PathBuf, to: PathBuf, node: usize },
    Remove(PathBuf),
    Dir(PathBuf),
}

impl Change {
    /// The path that changes.
    fn path(&self) -> &Path {
        match self {
            Change::Link(path, _) | Change::Rename { to: path, .. } | Change::Remove(path) | Change::Dir(path) => path,
        }
    }

    fn apply(&self, entries: &mut Entries) {
        match self {
            Change::Link(path, node) => drop(entries.files.insert(path.clone(), *node)),
            Change::Rename { from, to, node } => {
                if entries.files.get(from) == Some(node) {
                    entries.files.remove(from);
                }
                entries.files.insert(to.clone(), *node);
            }
            Change::Remove(path) => drop(entries.files.remove(path)),
            Change::Dir(path) => drop(entries.dirs.insert(path.clone())),
        }
    }
}

impl Entries {
    /// A directory without a name is out of reach, and so is what is in it.
    fn drop_unreachable(&mut self) {
        let all = self.dirs.clone();
        let within = |path: &Path| path.ancestors().skip(1).all(|above| is_root(above) || all.contains(above));
        self.dirs.retain(|path| within(path));
        self.files.retain(|path, _| within(path));
    }
}

/// It is always there.
fn is_root(path: &Path) -> bool {
    path.parent().is_none()
}

impl Names {
    pub(crate) fn now(&self) -> impl Iterator<Item = (&PathBuf, usize)> {
        self.now.files.iter().map(|(path, &node)| (path, node))
    }

    pub(crate) fn find(&self, path: &Path) -> Option<usize> {
        self.now.files.get(path).copied()
    }

    pub(crate) fn list(&self, dir: &Path) -> Vec<String> {
        let inside = self.now.files.keys().chain(&self.now.dirs).filter(|path| path.parent() == Some(dir));
        inside.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
    }

    pub(crate) fn is_dir(&self, path: &Path) -> bool {
        is_root(path) || self.now.dirs.contains(path)
    }

    /// Creates a directory and those above it.
    pub(crate) fn create_dir(&mut self, dir: &Path) {
        let missing: Vec<PathBuf> = dir.ancestors().filter(|dir| !self.is_dir(dir)).map(Path::to_path_buf).collect();
        missing.into_iter().rev().for_each(|dir| self.change(Change::Dir(dir)));
    }

    pub(crate) fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.pending.push(change);
    }

    pub(crate) fn sync_dir(&mut self, dir: &Path) {
        let held = &mut self.held;
        self.pending.retain(|change| {
            let inside = change.path().parent() == Some(dir);
            if inside {
                change.apply(held);
            }
            !inside
        });
    }

    /// A file system with a log holds changes in their order: some of the first are there. Others promise no order: any
    /// are there.
    pub(crate) fn crash(&mut self, chance: &mut Chance) {
        let in_order = chance.below(2) == 0;
        let first = chance.below(self.pending.len() as u64 + 1) as usize;
        for (index, change) in self.pending.drain(..).enumerate() {
            if if in_order { index < first } else { chance.below(2) == 0 } {
                change.apply(&mut self.held);
            }
        }
        self.held.drop_unreachable();
        self.now.clone_from(&self.held);
    }
}
