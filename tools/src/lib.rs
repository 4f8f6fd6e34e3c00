//! The parts of the command that are worth testing on their own.

pub mod import;
