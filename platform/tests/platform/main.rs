//! The platform as a whole: users, sign-up, read models, projections, the simulator.
#![expect(clippy::unwrap_used, reason = "tests")]

mod database_url;
mod support;
mod totp_code;

mod accounts;
mod admin_log;
mod auth_db;
mod candles;
mod charts;
mod peppers;
mod projections;
mod schema;
mod sign_up;
mod simulator;
mod users;
mod views;
mod wallets;
