//! bcrypt (Provos and Mazières, 1999) that pauses between its rounds, of which there are 2^cost. A round takes some sixty
//! microseconds: whoever has a pause in which others may have the processor keeps nobody from it for longer.
//!
//! Blowfish and the parts of a stored hash are libraries' own; they do the rounds in one piece, and so the loop is here.

use base64::Engine as _;
use base64::alphabet::BCRYPT;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use bcrypt::HashParts;
use blowfish::Blowfish;
use subtle::ConstantTimeEq;

use super::password::HashError;

/// What is encrypted.
const TEXT: &[u8; 24] = b"OrpheanBeholderScryDoubt";

/// How often.
const TIMES: usize = 64;

/// Bytes of the result that are kept.
const KEPT: usize = 23;

/// Costs that there are.
const COSTS: std::ops::RangeInclusive<u32> = 4..=31;

/// Bytes of a password, with the zero behind it.
const KEY_MAX: usize = 72;

/// Characters of a stored hash before its result.
const BEFORE_RESULT: usize = "$2b$12$".len() + 22;

const BASE_64: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD);

/// The text to store.
pub(super) fn hash(password: &str, cost: u32, salt: [u8; 16], pause: &dyn Fn()) -> Result<String, HashError> {
    let result = result(password, cost, &salt, pause)?;
    Ok(format!("$2b${cost:02}${}{}", BASE_64.encode(salt), BASE_64.encode(result)))
}

/// Whether it is the password that was hashed.
pub(super) fn verify(password: &str, stored: &str, pause: &dyn Fn()) -> Result<bool, HashError> {
    let parts: HashParts = stored.parse().map_err(|_| HashError::Failed)?;
    let again = hash(password, parts.get_cost(), parts.get_salt_raw(), pause)?;
    let [again, stored] = [&*again, stored].map(|text| text.as_bytes().get(BEFORE_RESULT..));
    let (Some(again), Some(stored)) = (again, stored) else { return Err(HashError::Failed) };
    Ok(again.ct_eq(stored).into())
}

fn result(password: &str, cost: u32, salt: &[u8], pause: &dyn Fn()) -> Result<[u8; KEPT], HashError> {
    let key = [password.as_bytes(), &[0]].concat();
    if key.len() > KEY_MAX || !COSTS.contains(&cost) {
        return Err(HashError::Failed);
    }
    let mut state: Blowfish = Blowfish::bc_init_state();
    state.salted_expand_key(salt, &key);
    for _ in 0..1_u64 << cost {
        state.bc_expand_key(&key);
        state.bc_expand_key(salt);
        pause();
    }
    let mut out = [0; TEXT.len()];
    for (out, block) in out.as_chunks_mut::<8>().0.iter_mut().zip(TEXT.as_chunks::<8>().0) {
        *out = encrypted(&state, *block);
    }
    let mut kept = [0; KEPT];
    kept.copy_from_slice(&out[..KEPT]);
    Ok(kept)
}

fn encrypted(state: &Blowfish, block: [u8; 8]) -> [u8; 8] {
    let block = u64::from_be_bytes(block);
    let mut halves = [(block >> 32) as u32, block as u32];
    for _ in 0..TIMES {
        halves = state.bc_encrypt(halves);
    }
    (u64::from(halves[0]) << 32 | u64::from(halves[1])).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const PASSWORDS: [&str; 5] =
        ["", "a", "correct horse battery staple", "pässwörd", "lKJ5HyF2mZc0bMvQ3x9yTnW8aR7sPdEuGiOqLkJhBzA="];

    #[test]
    fn u13_hashes_are_those_of_everybodys_bcrypt() {
        for (password, n) in PASSWORDS.into_iter().zip(0_u8..) {
            let (cost, salt) = (4 + u32::from(n % 2), std::array::from_fn(|at| (at as u8).wrapping_mul(37) ^ n));
            let ours = hash(password, cost, salt, &|| {}).unwrap();
            let theirs = bcrypt::hash_with_salt(password, cost, salt).unwrap().to_string();
            assert_eq!(ours, theirs, "{password}");
            assert_eq!(verify(password, &theirs, &|| {}), Ok(true));
            assert_eq!(verify("another", &theirs, &|| {}), Ok(false));
        }
    }

    /// Vectors of jBCrypt's tests.
    #[test]
    fn u13_hashes_of_others_are_read() {
        for (password, stored) in [
            ("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
            ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
            ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ] {
            assert_eq!(verify(password, stored, &|| {}), Ok(true), "{stored}");
            assert_eq!(verify(password, &stored.replacen("2a", "2y", 1), &|| {}), Ok(true), "{stored}");
            assert_eq!(verify("b", stored, &|| {}), Ok(false), "{stored}");
        }
    }

    #[test]
    fn u13_there_is_a_pause_in_every_round() {
        let pauses = Cell::new(0);
        hash("a", 5, [7; 16], &|| pauses.set(pauses.get() + 1)).unwrap();
        assert_eq!(pauses.get(), 1 << 5);
    }

    #[test]
    fn u13_what_is_no_hash_is_refused() {
        let good = hash("a", 4, [7; 16], &|| {}).unwrap();
        let (short, cost, noise) = (&good[..59], good.replacen("$04$", "$32$", 1), "é".repeat(30));
        for stored in ["", short, &cost, &good.replacen("$04$", "$00$", 1), &noise] {
            assert_eq!(verify("a", stored, &|| {}), Err(HashError::Failed), "{stored}");
        }
        assert_eq!(
            hash(&"x".repeat(72), 4, [7; 16], &|| {}),
            Err(HashError::Failed),
            "cut off, it would be another one's"
        );
    }
}
