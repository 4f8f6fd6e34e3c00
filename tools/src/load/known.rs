//! Users of earlier runs, with the tokens that they were given: a file of lines `EMAIL TOKEN`.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::client::Http;
use crate::exit::Failure;

/// Users: e-mail addresses and tokens.
pub(crate) type Known = [(String, String)];

/// The users that the file names, newest first; nobody, if there is no file.
pub(crate) fn read(path: Option<&Path>) -> Result<Vec<(String, String)>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::refused(format!("{}: {error}", path.display()))),
    };
    let user = |line: &str| line.split_once(' ').map(|(email, token)| (email.to_owned(), token.to_owned()));
    let users: Option<Vec<_>> = text.lines().map(user).collect();
    users.ok_or_else(|| Failure::refused(format!("{}: a line that is not EMAIL TOKEN", path.display())))
}

/// Writes them down for the next run, where nobody else reads them: whoever has a token is its user.
pub(crate) fn write(path: Option<&Path>, users: &Known) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let lines: String = users.iter().map(|(email, token)| format!("{email} {token}\n")).collect();
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(lines.as_bytes()));
    written.map_err(|error| Failure::io(format!("{}: {error}", path.display())))
}

/// A token of a user: the one that is known, while it is good.
pub(crate) fn token(http: &Http, known: &Known, email: &str) -> Result<String, Failure> {
    match known.iter().find(|(name, _)| name == email) {
        Some((_, token)) if http.is_good(token)? => Ok(token.clone()),
        _ => http.log_in(email),
    }
}
