//! A real server, a real venue and a real database, seen through sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod admin;
mod attacks;
mod attributes;
mod channels;
mod charts;
mod contract;
#[path = "../../../platform/tests/platform/database_url.rs"]
mod database_url;
mod drain;
mod durability;
mod edge;
mod fees;
mod fills;
mod icebergs;
mod lists;
mod mail;
mod margin;
mod metrics;
mod orders;
mod phases;
mod plain;
mod rules;
mod security;
mod self_trade;
mod socket;
mod story;
mod stream;
mod support;
mod switches;
mod tcp;
#[path = "../../../platform/tests/platform/totp_code.rs"]
mod totp_code;
mod triggers;
