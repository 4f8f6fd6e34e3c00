//! WebSockets: `/ws/{ticker}` (the plain tile) and `/api/v1/ws`.

mod connection;
pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod protocol;
pub(crate) mod session;
pub(crate) mod ticker;
