//! WebSockets: `/ws/{ticker}` (the plain tile) and `/api/v1/ws`.

mod answers;
mod connection;
mod entered;
pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod protocol;
mod seldom;
pub(crate) mod session;
pub(crate) mod ticker;
