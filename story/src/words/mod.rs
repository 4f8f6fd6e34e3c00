//! Commands and events in words that a support engineer reads: names of symbols, decimals by the instruments' scales,
//! time as UTC.

mod asked;
mod names;
mod order;
mod settings;
mod told;
mod utc;

pub use names::{Names, account as account_words, count, order_ref as order_words};
pub use utc::{utc, utc_iso};
