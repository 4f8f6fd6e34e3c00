//! Codes by time (RFC 6238): HMAC-SHA-1, six digits, thirty seconds. What authenticator programs agree on.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Seconds of a step.
const STEP_S: u64 = 30;

/// Steps before and after this one whose codes are taken, for clocks that differ.
const SKEW: u64 = 1;

/// The code of a step.
pub(super) fn code_at(secret: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    // RFC 4226, section 5.3: the last four bits say where the number begins.
    let offset = usize::from(digest[19] & 0x0f);
    let word = digest.iter().skip(offset).take(4).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// The step of a moment, in seconds since 1970.
pub(super) fn step_of(now_s: u64) -> u64 {
    now_s / STEP_S
}

/// The step whose code this is, among those that are near. All are looked at, whichever it is.
pub(super) fn step_of_code(secret: &[u8], code: &str, now_s: u64) -> Option<u64> {
    let now = step_of(now_s);
    let mut found = None;
    for step in now.saturating_sub(SKEW)..=now.saturating_add(SKEW) {
        let differs = code_at(secret, step).bytes().zip(code.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
        if differs == 0 && code.len() == 6 {
            found = Some(step);
        }
    }
    found
}

/// What an authenticator program reads from the QR code.
pub(super) fn uri(account: &str, secret: &[u8]) -> String {
    let secret = base32(secret);
    let account: String = account.bytes().map(escaped).collect();
    format!("otpauth://totp/Papertape:{account}?secret={secret}&issuer=Papertape&algorithm=SHA1&digits=6&period=30")
}

fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// RFC 4648, section 6, without padding: as authenticator programs want it.
pub(super) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let word = (0..5).fold(0_u64, |word, at| word << 8 | u64::from(chunk.get(at).copied().unwrap_or(0)));
        let digits = (chunk.len() * 8).div_ceil(5);
        text.extend((0..digits).map(|at| char::from(ALPHABET[(word >> (35 - 5 * at) & 31) as usize])));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn u14_codes_are_those_of_the_rfc() {
        for (now_s, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(b"12345678901234567890", step_of(now_s)), code, "{now_s}");
        }
    }

    #[test]
    fn u14_codes_of_the_steps_beside_are_taken_and_no_others() {
        let secret = b"12345678901234567890";
        let code = code_at(secret, 1_000);
        for (now_s, expected) in
            [(29_969, None), (29_970, Some(1_000)), (30_000, Some(1_000)), (30_059, Some(1_000)), (30_060, None)]
        {
            assert_eq!(step_of_code(secret, &code, now_s), expected, "{now_s}");
        }
        assert_eq!(step_of_code(secret, &code[..5], 30_000), None);
        assert_eq!(step_of_code(secret, &format!("{code}0"), 30_000), None);
        assert_eq!(step_of_code(secret, "", 30_000), None);
    }

    /// RFC 4648, section 10.
    #[test]
    fn u14_secrets_are_written_in_base_32() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        let shown = uri("ada lovelace@x.com", b"foobar");
        assert!(
            shown.starts_with("otpauth://totp/Papertape:ada%20lovelace%40x.com?secret=MZXW6YTBOI&issuer=Papertape")
        );
    }
}
