//! Names: what the program sees, and what the disk holds of it.

use super::random::Chance;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files' names and the directories.
#[derive(Default)]
pub(crate) struct Names {
    now: BTreeMap<PathBuf, usize>,
    held: BTreeMap<PathBuf, usize>,
    /// What the disk does not hold yet, oldest first.
    pending: Vec<Change>,
    dirs: BTreeSet<PathBuf>,
}

/// A change of a directory.
#[derive(Clone)]
pub(crate) enum Change {
    Link(PathBuf, usize),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

impl Change {
    /// The path that changes.
    fn path(&self) -> &Path {
        match self {
            Change::Link(path, _) | Change::Rename(_, path) | Change::Remove(path) => path,
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Change::Link(path, node) => drop(names.insert(path.clone(), *node)),
            Change::Rename(from, to) => {
                if let Some(node) = names.remove(from) {
                    names.insert(to.clone(), node);
                }
            }
            Change::Remove(path) => drop(names.remove(path)),
        }
    }
}

impl Names {
    pub(crate) fn now(&self) -> impl Iterator<Item = (&PathBuf, usize)> {
        self.now.iter().map(|(path, &node)| (path, node))
    }

    pub(crate) fn find(&self, path: &Path) -> Option<usize> {
        self.now.get(path).copied()
    }

    pub(crate) fn list(&self, dir: &Path) -> Vec<String> {
        let inside = self.now.keys().chain(&self.dirs).filter(|path| path.parent() == Some(dir));
        inside.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
    }

    pub(crate) fn is_dir(&self, path: &Path) -> bool {
        self.dirs.contains(path)
    }

    /// Directories are held at once: only what is in them may be lost.
    pub(crate) fn create_dir(&mut self, dir: &Path) {
        self.dirs.extend(dir.ancestors().map(Path::to_path_buf));
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

    /// A file system with a log holds changes in their order: some of the first are there.
    pub(crate) fn crash(&mut self, chance: &mut Chance) {
        let kept = chance.below(self.pending.len() as u64 + 1) as usize;
        for change in self.pending.drain(..).take(kept) {
            change.apply(&mut self.held);
        }
        self.now.clone_from(&self.held);
    }
}
