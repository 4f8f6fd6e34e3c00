//! Secrets in links that are mailed. They are stored nowhere: in the text of a message stands a nonce, and the secret follows
//! from it and from a key that follows from the pepper that is named before it, so that the database alone opens nothing.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::api_keys::{hex, random_bytes};
use crate::peppers::{Derived, Peppers};

/// What stands around a nonce. No address of a user holds a colon, so that none is taken for one.
const OPEN: &str = "{{secret:";
const CLOSE: &str = "}}";

/// Hexadecimal digits of a nonce.
const NONCE_LEN: usize = 32;

/// Makes secrets of nonces.
#[derive(Clone)]
pub(crate) struct Links(Derived<Hmac<Sha256>>);

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Links(..)")
    }
}

impl Links {
    pub(crate) fn new(peppers: &Peppers) -> Self {
        let key = |pepper: &[u8]| keyed(&keyed(pepper).chain_update(b"links in mail").finalize().into_bytes());
        Self(peppers.derive(key))
    }

    /// A new nonce; none if the system gives no randomness.
    pub(crate) fn nonce() -> Option<String> {
        random_bytes::<16>().map(|bytes| hex(&bytes))
    }

    /// The secret of a new nonce: 256 bits, in hexadecimal.
    pub(crate) fn secret(&self, nonce: &str) -> String {
        secret_of(self.0.first(), nonce)
    }

    /// What stands in a text until it leaves.
    pub(crate) fn placeholder(&self, nonce: &str) -> String {
        format!("{OPEN}{}.{nonce}{CLOSE}", self.0.name())
    }

    /// The secret of what stands in a text; none, if the pepper that it names is forgotten. Texts that are older than names
    /// have the nonce alone.
    fn secret_in(&self, placed: &str) -> Option<String> {
        let (pepper, nonce) = placed.split_once('.').map_or((None, placed), |(pepper, nonce)| (Some(pepper), nonce));
        let key = self.0.named(pepper).filter(|_| nonce.len() == NONCE_LEN)?;
        Some(secret_of(key, nonce))
    }

    /// The text with its secrets.
    pub(crate) fn filled(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once(OPEN) else { return text.to_owned() };
        let filled = rest.split_once(CLOSE).and_then(|(placed, after)| Some((self.secret_in(placed)?, after)));
        filled.map_or_else(|| text.to_owned(), |(secret, after)| format!("{before}{secret}{}", self.filled(after)))
    }
}

fn secret_of(key: &Hmac<Sha256>, nonce: &str) -> String {
    hex(&key.clone().chain_update(nonce.as_bytes()).finalize().into_bytes())
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u19_a_secret_stands_in_no_text_until_it_leaves() {
        let of = |peppers: [&[u8]; 2]| Links::new(&Peppers::new(peppers[0].into(), vec![peppers[1].into()]));
        let (links, nonce) = (of([b"pepper", b"older"]), Links::nonce().unwrap());
        let text = format!("open https://v.example/#reset={} soon", links.placeholder(&nonce));
        assert!(!text.contains(&links.secret(&nonce)));
        assert_eq!(links.filled(&text), format!("open https://v.example/#reset={} soon", links.secret(&nonce)));
        let later = of([b"newer", b"pepper"]);
        assert_ne!(later.secret(&nonce), links.secret(&nonce));
        assert_eq!(later.filled(&text), links.filled(&text), "an older pepper is named");
        assert_eq!(of([b"newer", b"older"]).filled(&text), text, "a forgotten one");
        let unnamed = format!("{OPEN}{nonce}{CLOSE}");
        assert_eq!(later.filled(&unnamed), links.secret(&nonce), "older than names");
        for plain in ["", "nothing", "{{secret:", "{{secret:x}}"] {
            assert_eq!(links.filled(plain), plain);
        }
    }
}
