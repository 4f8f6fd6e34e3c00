//! Binary order entry, over real sockets.

pub(crate) mod client;
mod crash;
mod hostile;
mod limits;
mod lists;
mod login;
mod orders;
mod resume;
mod sessions;
