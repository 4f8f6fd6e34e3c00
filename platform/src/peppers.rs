//! The peppers of a venue: they go into passwords, and secrets that are stored nowhere follow from them. The first one is for
//! what is new, and each for what was made with it, which names it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::api_keys::hex;
use crate::secrets::{SECRET_LEN_MIN, SecretsError};

/// Bytes of a pepper's name.
const NAME_LEN: usize = 8;

/// Key material. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Peppers {
    first: Vec<u8>,
    older: Vec<Vec<u8>>,
}

impl fmt::Debug for Peppers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Peppers({})", 1 + self.older.len())
    }
}

impl Peppers {
    /// The one for what is new, and those before it, the oldest one last.
    pub fn new(first: Vec<u8>, older: Vec<Vec<u8>>) -> Self {
        Self { first, older }
    }

    /// One on each line; what has one line, or is no text, is one as it is. `place` is the file or the variable.
    pub(crate) fn parse(text: &[u8], place: &str) -> Result<Self, SecretsError> {
        let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let mut lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
        if lines.len() < 2 || std::str::from_utf8(text).is_err() {
            lines = vec![text];
        }
        if let Some(short) = lines.iter().find(|line| line.len() < SECRET_LEN_MIN) {
            return Err(SecretsError::TooShort { place: place.to_owned(), len: short.len() });
        }
        let mut lines = lines.into_iter().map(<[u8]>::to_vec);
        let first = lines.next().ok_or(SecretsError::TooShort { place: place.to_owned(), len: 0 })?;
        Ok(Self { first, older: lines.collect() })
    }

    /// The names of all of them.
    pub(crate) fn names(&self) -> Vec<String> {
        std::iter::once(&self.first).chain(&self.older).map(|pepper| name_of(pepper)).collect()
    }

    /// The name of the oldest one.
    pub(crate) fn oldest(&self) -> String {
        name_of(self.older.last().unwrap_or(&self.first))
    }

    /// What follows from each of them.
    pub(crate) fn derive<K>(&self, make: impl Fn(&[u8]) -> K) -> Derived<K> {
        let of = |pepper: &Vec<u8>| (name_of(pepper), make(pepper));
        Derived { first: of(&self.first), older: self.older.iter().map(of).collect() }
    }
}

/// Keys that follow from peppers, by their names.
#[derive(Clone, Debug)]
pub(crate) struct Derived<K> {
    first: (String, K),
    older: Vec<(String, K)>,
}

impl<K> Derived<K> {
    /// The name that what is new has.
    pub(crate) fn name(&self) -> &str {
        &self.first.0
    }

    /// The key for what is new.
    pub(crate) fn first(&self) -> &K {
        &self.first.1
    }

    /// The key of what was made with the pepper of this name; none, if it is forgotten. What has no name is older than names,
    /// and was made with the oldest.
    pub(crate) fn named(&self, name: Option<&str>) -> Option<&K> {
        let Some(name) = name else { return Some(&self.older.last().unwrap_or(&self.first).1) };
        std::iter::once(&self.first).chain(&self.older).find(|(known, _)| known == name).map(|(_, key)| key)
    }

    /// Whether it was made with the first one.
    pub(crate) fn is_first(&self, name: Option<&str>) -> bool {
        name.map_or(self.older.is_empty(), |name| name == self.first.0)
    }
}

/// Names a pepper in rows, and says nothing of it.
fn name_of(pepper: &[u8]) -> String {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(pepper).expect("HMAC takes keys of any length");
    let name = mac.chain_update(b"name of a pepper").finalize().into_bytes();
    hex(name.get(..NAME_LEN).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u1_each_line_is_a_pepper_and_the_first_one_is_for_what_is_new() {
        let (new, old) = ("n".repeat(32), "o".repeat(40));
        let read = |text: &str| Peppers::parse(text.as_bytes(), "here");
        let peppers = read(&format!("{new}\n\n{old}\r\n")).unwrap();
        assert_eq!(peppers, Peppers::new(new.clone().into(), vec![old.clone().into()]));
        assert_eq!(format!("{peppers:?}"), "Peppers(2)");
        let keys = peppers.derive(<[u8]>::to_vec);
        let alone = read(&old).unwrap().derive(<[u8]>::to_vec);
        assert_eq!((keys.first(), alone.first()), (&new.into_bytes(), &old.clone().into_bytes()));
        assert_ne!(keys.name(), alone.name());
        assert_eq!(keys.named(Some(alone.name())), Some(&old.into_bytes()));
        assert_eq!(keys.named(None), keys.named(Some(alone.name())), "what is older than names");
        assert_eq!(keys.named(Some("0123456789abcdef")), None, "one that is forgotten");
        assert!(keys.is_first(Some(keys.name())) && !keys.is_first(Some(alone.name())) && !keys.is_first(None));
        assert!(alone.is_first(None));
        for short in ["", "\n", "short", &format!("{}\nshort", "n".repeat(32))] {
            assert!(matches!(read(short), Err(SecretsError::TooShort { .. })), "{short}");
        }
        // Random bytes may hold what ends a line.
        let bytes = [[0xff_u8; 16], [b'\n'; 16]].concat();
        assert_eq!(Peppers::parse(&bytes, "here").unwrap(), Peppers::new(bytes, Vec::new()));
    }
}
