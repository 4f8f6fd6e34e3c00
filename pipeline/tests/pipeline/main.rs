//! A venue with its threads and files, without a network.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod checkpoints;
mod embedded;
mod faults;
mod lent;
mod levels;
mod limits;
mod recovery;
mod rest;
mod shadow;
mod support;
