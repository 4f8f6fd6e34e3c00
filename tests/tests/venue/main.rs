//! The engine against itself: fast book and reference book, live and restored, bytes and commands.

mod books;
