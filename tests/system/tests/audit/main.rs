//! What the command tells of journals: in words, as statements, as differences, as forks; over journals that random
//! streams and scenarios wrote.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod account;
mod diff;
mod export;
mod fork;
mod golden;
mod order;
mod reader;
mod repair;
mod show;
mod venue;
