//! The folder that the journal is made in. It gets its final name only when the import is done; until then it is a
//! sibling with a name of its own, so that what is half done never looks finished.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::ImportError;

const GIVE_NEW: &str = "give a folder that is new or empty, in a folder that exists";

/// A folder that is removed when it is dropped, unless it was kept.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Where the venue works.
    working: PathBuf,
    /// Where it belongs in the end, if anybody wants it.
    wanted: Option<PathBuf>,
}

impl Folder {
    /// Makes the working folder: beside `wanted`, or among the system's temporary files. Refuses a `wanted` that has
    /// anything in it.
    pub(crate) fn prepare(wanted: Option<&Path>) -> Result<Self, ImportError> {
        let working = match wanted {
            Some(dir) => prepare_sibling(dir)?,
            None => create_unused(&std::env::temp_dir(), "papertape-import")
                .map_err(|error| refused(&std::env::temp_dir(), format!("no folder can be made here ({error})")))?,
        };
        Ok(Folder { working, wanted: wanted.map(Path::to_owned) })
    }

    /// Whether it stays when the import is done.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    /// Where the venue works.
    pub(crate) fn working(&self) -> &Path {
        &self.working
    }

    /// The import is done: the folder gets its name, if one was wanted, and is on disk under it.
    pub(crate) fn finish(mut self) -> Result<(), ImportError> {
        let Some(wanted) = self.wanted.take() else { return Ok(()) };
        let failed = |error: io::Error| refused(&wanted, format!("the finished journal cannot be put here ({error})"));
        fs::rename(&self.working, &wanted).map_err(failed)?;
        // Nothing is left under the old name, so that the drop finds nothing to remove.
        File::open(parent(&wanted)).and_then(|dir| dir.sync_all()).map_err(failed)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing can be done about a temporary folder that refuses to go; its name says what it is.
        let _ = fs::remove_dir_all(&self.working);
    }
}

fn prepare_sibling(dir: &Path) -> Result<PathBuf, ImportError> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(true) if dir.join("lock").exists() => {
            return Err(refused(dir, "holds a venue's data, and a venue may be using it".to_owned()));
        }
        Ok(true) => return Err(refused(dir, "is not empty".to_owned())),
        Ok(false) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(refused(dir, format!("cannot be used ({error})"))),
    }
    let name = dir.file_name().ok_or_else(|| refused(dir, "has no name of its own".to_owned()))?;
    let prefix = format!(".{}.importing", name.to_string_lossy());
    create_unused(parent(dir), &prefix).map_err(|error| refused(dir, format!("no folder can be made here ({error})")))
}

/// The folder that a path is in.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder under a name that nobody has.
fn create_unused(parent: &Path, prefix: &str) -> io::Result<PathBuf> {
    let mut number = 0_u32;
    loop {
        let dir = parent.join(format!("{prefix}-{}-{number}", std::process::id()));
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < u32::MAX => number += 1,
            Err(error) => return Err(error),
            Ok(()) => return Ok(dir),
        }
    }
}

fn refused(dir: &Path, problem: String) -> ImportError {
    ImportError::Folder { dir: dir.to_owned(), problem, advice: GIVE_NEW }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> Folder {
        Folder::prepare(None).unwrap()
    }

    fn names(dir: &Path) -> Vec<String> {
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_folder_gets_its_name_only_when_the_import_is_done() {
        let scratch = scratch();
        let wanted = scratch.working().join("data");
        let folder = Folder::prepare(Some(&wanted)).unwrap();
        fs::write(folder.working().join("journal"), "x").unwrap();
        assert!(!wanted.exists());
        folder.finish().unwrap();
        assert_eq!(names(scratch.working()), ["data"]);
        assert_eq!(names(&wanted), ["journal"]);
    }

    #[test]
    fn a_dropped_folder_leaves_nothing() {
        let scratch = scratch();
        drop(Folder::prepare(Some(&scratch.working().join("data"))).unwrap());
        assert!(names(scratch.working()).is_empty());
        let path = scratch.working().to_owned();
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_with_anything_in_it_is_refused_and_an_empty_one_is_taken() {
        let scratch = scratch();
        let wanted = scratch.working().join("data");
        fs::create_dir(&wanted).unwrap();
        Folder::prepare(Some(&wanted)).unwrap().finish().unwrap();
        fs::write(wanted.join("lock"), "").unwrap();
        let error = Folder::prepare(Some(&wanted)).unwrap_err().to_string();
        assert!(error.contains("holds a venue's data") && error.contains("new or empty"), "{error}");
        let nowhere = scratch.working().join("missing/data");
        assert!(Folder::prepare(Some(&nowhere)).is_err());
        assert_eq!(names(scratch.working()), ["data"]);
    }
}
