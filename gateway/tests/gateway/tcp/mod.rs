//! Binary order entry, over real sockets.

mod client;
mod crash;
mod hostile;
mod keys;
mod limits;
mod lists;
mod login;
mod orders;
mod resume;
mod sessions;
