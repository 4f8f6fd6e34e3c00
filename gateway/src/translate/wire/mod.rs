//! Frames of binary order entry: numbers become commands, and events become frames. Prices and quantities are ticks and lots
//! on both sides, so that nothing is looked up.

mod commands;
mod events;
mod lists;
mod shown;

pub(crate) use commands::{Invalid, amend, cancel, cancel_all, kill_switch, place};
pub(crate) use events::{Head, bit, write};
pub(crate) use lists::place_list;
pub(crate) use shown::{balance, durability_of, instrument, level_name, open_order};
