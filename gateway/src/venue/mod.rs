//! The gateway's side of the venue: commands go in through the [`Desk`], what was told comes out through the
//! [`dispatcher`], and [`Tickets`] lead replies back to who waits for them.

pub(crate) mod admin;
pub(crate) mod ahead;
pub(crate) mod charts;
mod desk;
pub(crate) mod dispatcher;
pub(crate) mod level;
pub(crate) mod lists;
pub(crate) mod orders;
pub(crate) mod replies;
pub(crate) mod suspensions;
pub(crate) mod tickets;

pub use desk::Desk;
pub(crate) use tickets::Tickets;
