//! The log of what was acknowledged: a line a command, flushed before the next answer is looked at.
//!
//! ```text
//! user load-1764000000-0@example.com load-1764000000-0
//! place load-1764000000-0-1 4711
//! cancel load-1764000000-0-1
//! ```

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::exit::Failure;

/// Writes the log, from all connections.
#[derive(Clone, Default)]
pub(crate) struct AckLog(Option<Arc<Mutex<File>>>);

impl AckLog {
    /// Begins the file anew; `None` logs nothing.
    pub(crate) fn create(path: Option<&Path>) -> Result<Self, Failure> {
        let open =
            |path: &Path| File::create(path).map_err(|error| Failure::refused(format!("{}: {error}", path.display())));
        Ok(Self(path.map(open).transpose()?.map(|file| Arc::new(Mutex::new(file)))))
    }

    /// Writes one line.
    pub(crate) fn line(&self, line: &str) -> Result<(), Failure> {
        let Some(file) = &self.0 else { return Ok(()) };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}").map_err(|error| Failure::io(format!("the log of acknowledgements: {error}")))
    }
}

/// What a log says was acknowledged.
#[derive(Default, Debug)]
pub(crate) struct Acknowledged {
    /// Orders of each user: name and venue's number.
    pub(crate) placed: Vec<(String, Vec<(String, String)>)>,
    /// Names of cancelled orders.
    pub(crate) cancelled: Vec<String>,
}

impl Acknowledged {
    /// Reads a log. Orders follow their user: `NAME-N` is of whoever has this name in this run.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let refused = |line: usize, what: &str| Failure::refused(format!("{}:{line}: {what}", path.display()));
        let file = File::open(path).map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
        let mut log = Self::default();
        let mut users = HashMap::new();
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.map_err(|error| refused(number, &error.to_string()))?;
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["user", email, name] => {
                    users.insert(name.to_owned(), log.placed.len());
                    log.placed.push((email.to_owned(), Vec::new()));
                }
                ["place", name, order] => {
                    let user = name.rsplit_once('-').and_then(|(user, _)| users.get(user));
                    let user = *user.ok_or_else(|| refused(number, "an order of a user that is not named before"))?;
                    log.placed[user].1.push((name.to_owned(), order.to_owned()));
                }
                ["cancel", name] => log.cancelled.push(name.to_owned()),
                _ => return Err(refused(number, "neither user, place nor cancel")),
            }
        }
        Ok(log)
    }
}
