//! The rules, one by one, with numbers that were worked out by hand.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod amend;
mod auction;
mod cancel;
mod fee_tiers;
mod fees;
mod icebergs;
mod ledger;
mod lifetimes;
mod limits;
mod margin;
mod names;
mod order_lists;
mod orders;
mod positions;
mod pro_rata;
mod self_trade;
mod settings;
mod snapshot;
mod support;
mod waiting;
