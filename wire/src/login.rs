//! What a login signs.

use crate::field::Field;
use crate::from_client::Login;

/// The first bytes of what is signed: a signature for this protocol is good for no other.
const DOMAIN: &[u8; 16] = b"papertape-tcp-1\0";

/// The length of the signed bytes.
pub const SIGNED_LEN: usize = DOMAIN.len() + 32 + Login::LEN - 4 - 64;

/// The bytes that a login's signature covers: a domain, the challenge's nonce, and every field of the login before the
/// signature. An Ed25519 signature fills the field; an HMAC-SHA256 its first 32 bytes, and zeros the rest.
pub fn signed_bytes(nonce: &[u8; 32], login: &Login) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SIGNED_LEN);
    bytes.extend_from_slice(DOMAIN);
    nonce.put(&mut bytes);
    let mut frame = Vec::new();
    login.write(&mut frame);
    bytes.extend(frame.get(4..Login::LEN - 64).unwrap_or_default());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Signature;

    #[test]
    fn all_but_the_signature_is_signed() {
        let nonce = [7; 32];
        let login = Login { grace_ms: 5, resume_after: 9, ..Login::default() };
        let bytes = signed_bytes(&nonce, &login);
        assert_eq!(bytes.len(), SIGNED_LEN);
        assert_eq!(signed_bytes(&nonce, &Login { signature: Signature([1; 64]), ..login }), bytes);
        for other in [
            Login { grace_ms: 6, ..login },
            Login { client_time_ns: 1, ..login },
            Login { resume_after: 8, ..login },
            Login { key_id: [1; 16], ..login },
        ] {
            assert_ne!(signed_bytes(&nonce, &other), bytes);
        }
        assert_ne!(signed_bytes(&[8; 32], &login), bytes);
    }
}
