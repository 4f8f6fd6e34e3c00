//! Secrets in links that are mailed. They are stored nowhere: in the text of a message stands a nonce, and the secret follows
//! from it and from a key that follows from the pepper, so that the database alone opens nothing.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::api_keys::{hex, random_bytes};

/// What stands around a nonce. No address of a user holds a colon, so that none is taken for one.
const OPEN: &str = "{{secret:";
const CLOSE: &str = "}}";

/// Hexadecimal digits of a nonce.
const NONCE_LEN: usize = 32;

/// Makes secrets of nonces.
#[derive(Clone)]
pub(crate) struct Links(Hmac<Sha256>);

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Links(..)")
    }
}

impl Links {
    pub(crate) fn new(pepper: &[u8]) -> Self {
        let key = keyed(pepper).chain_update(b"links in mail").finalize().into_bytes();
        Self(keyed(&key))
    }

    /// A new nonce; none if the system gives no randomness.
    pub(crate) fn nonce() -> Option<String> {
        random_bytes::<16>().map(|bytes| hex(&bytes))
    }

    /// The secret of a nonce: 256 bits, in hexadecimal.
    pub(crate) fn secret(&self, nonce: &str) -> String {
        hex(&self.0.clone().chain_update(nonce.as_bytes()).finalize().into_bytes())
    }

    /// What stands in a text until it leaves.
    pub(crate) fn placeholder(nonce: &str) -> String {
        format!("{OPEN}{nonce}{CLOSE}")
    }

    /// The text with its secrets.
    pub(crate) fn filled(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once(OPEN) else { return text.to_owned() };
        match rest.split_once(CLOSE) {
            Some((nonce, after)) if nonce.len() == NONCE_LEN => {
                format!("{before}{}{}", self.secret(nonce), self.filled(after))
            }
            _ => text.to_owned(),
        }
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u19_a_secret_stands_in_no_text_until_it_leaves() {
        let (links, nonce) = (Links::new(b"pepper"), Links::nonce().unwrap());
        let text = format!("open https://v.example/#reset={} soon", Links::placeholder(&nonce));
        assert!(!text.contains(&links.secret(&nonce)));
        assert_eq!(links.filled(&text), format!("open https://v.example/#reset={} soon", links.secret(&nonce)));
        assert_ne!(Links::new(b"another").secret(&nonce), links.secret(&nonce));
        for plain in ["", "nothing", "{{secret:", "{{secret:x}}"] {
            assert_eq!(links.filled(plain), plain);
        }
    }
}
