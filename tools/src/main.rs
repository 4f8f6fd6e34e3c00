//! The command: serve, import, replay, audit, load.
fn main() {}
