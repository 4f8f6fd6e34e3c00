//! What an authenticator program shows. Written apart from the platform's own.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};

/// The code of the step that is now, or of one beside it, from a secret in base 32.
pub(crate) fn code_of(secret: &str, beside: i64) -> String {
    let digit = |byte: u8| if byte < b'A' { byte - b'2' + 26 } else { byte - b'A' };
    let bits: String = secret.bytes().map(|byte| format!("{:05b}", digit(byte))).collect();
    let byte = |bits: &[u8]| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap();
    let key: Vec<u8> = bits.as_bytes().chunks_exact(8).map(byte).collect();
    let step = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64 / 30 + beside;
    let mac = Hmac::<sha1::Sha1>::new_from_slice(&key).unwrap().chain_update(step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}
