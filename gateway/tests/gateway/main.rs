//! A real server, a real venue and a real database, seen through sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod admin;
mod attributes;
mod channels;
mod charts;
mod drain;
mod durability;
mod edge;
mod fees;
mod fills;
mod icebergs;
mod lists;
mod margin;
mod metrics;
mod orders;
mod phases;
mod plain;
mod rules;
mod self_trade;
mod socket;
mod story;
mod stream;
mod support;
mod switches;
mod tcp;
mod triggers;
