//! Witnesses: signs how far a journal had come, and checks what was signed, without a venue.
//!
//! The chain in the journal shows that nothing in it was altered by itself. Whoever can write the files can write all of
//! them anew, and cut the end off. A checkpoint is a statement, signed and kept elsewhere, of what the journal was at one
//! record: rewriting what lies before it takes the key, and cutting is seen. `docs/checkpoints.md` has the bytes.

mod check;
mod error;
mod hex;
mod keys;
mod statement;
mod store;

pub use check::{Checked, Key, check, check_keys};
pub use error::{CheckpointError, Flaw};
pub use hex::{from_hex, to_hex};
pub use keys::Signer;
pub use statement::{Checkpoint, KeyStatement};
pub use store::{Checkpoints, sign_newest};
