//! Random venues and random commands for them, from a seed: mostly sensible, often at the edge, sometimes absurd.
//!
//! A [`Flow`] runs nothing itself. Whoever runs its commands shows it the events, so that it knows which orders it
//! can cancel, amend and trade with.

mod dice;
mod flow;
mod known;
mod margin;
mod orders;
mod profile;
mod tiers;
mod venue;
mod waiting;

pub use dice::Dice;
pub use flow::Flow;
pub use profile::Profile;
