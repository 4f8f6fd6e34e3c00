//! Files that a test makes, and what an import says about them.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use papertape::import::{ImportError, Outcome};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A folder of one test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder; `test` is a name that no other test uses.
    pub(crate) fn new(test: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("papertape-test-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Scratch(dir)
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, and gives its path.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The names of what is in it.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.0)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The names of what is in a folder, in order.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Compresses with gzip.
pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Packs files into a zip archive.
pub(crate) fn zip_of(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// What an import answered and wrote.
pub(crate) struct Told {
    pub(crate) result: Result<Outcome, ImportError>,
    pub(crate) text: String,
}

impl Told {
    /// Runs an import.
    pub(crate) fn by(run: impl FnOnce(&mut Vec<u8>) -> Result<Outcome, ImportError>) -> Self {
        let mut out = Vec::new();
        let result = run(&mut out);
        Told { result, text: String::from_utf8(out).unwrap() }
    }

    /// The exit status of an import that was done.
    pub(crate) fn exit_code(&self) -> u8 {
        self.result.as_ref().unwrap_or_else(|error| panic!("{error}")).exit_code()
    }

    /// Why the import was refused.
    pub(crate) fn refusal(&self) -> String {
        self.result.as_ref().map(|_| &self.text).unwrap_err().to_string()
    }

    /// The last lines, this many.
    pub(crate) fn last(&self, count: usize) -> Vec<&str> {
        let lines: Vec<_> = self.text.lines().collect();
        lines[lines.len().saturating_sub(count)..].to_vec()
    }
}
