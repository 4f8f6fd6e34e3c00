//! The gateway's side of the venue: commands go in through the [`Desk`], what was told comes out through the
//! [`dispatcher`], and [`Tickets`] lead replies back to who waits for them.

mod desk;
pub mod dispatcher;
pub mod orders;
mod tickets;

pub use desk::Desk;
pub use tickets::{Reply, Tickets};
