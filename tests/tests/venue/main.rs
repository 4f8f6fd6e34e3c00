//! The engine against itself: fast book and reference book, live and restored, bytes and commands.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod books;
mod corrupt;
mod hostile;
