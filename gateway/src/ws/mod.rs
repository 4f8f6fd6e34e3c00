//! WebSockets: `/ws/{ticker}` (the plain tile) and `/api/v1/ws`.

mod connection;
pub(crate) mod protocol;
pub(crate) mod session;
pub(crate) mod ticker;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::edge::origin;
use crate::errors::Failure;

/// Largest message that a client may send.
const MESSAGE_MAX: usize = 16 << 10;

/// Read buffer of one connection. The library's 128 KiB would be zeroed at every read.
const READ_BUFFER: usize = 4 << 10;

/// Bytes after which the library writes to the socket without being told to flush.
const WRITE_BUFFER: usize = 64 << 10;

/// The library refuses more than this in its own buffer; a snapshot and a batch fit well within.
const WRITE_BUFFER_MAX: usize = 4 << 20;

/// Accepts a WebSocket of our own host under the venue's limits, and runs `conversation` on it.
fn upgrade<C, F>(upgrade: WebSocketUpgrade, headers: &HeaderMap, conversation: C) -> Result<Response, Failure>
where
    C: FnOnce(WebSocket) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    if !origin::is_allowed(headers) {
        let sentence = "WebSockets are opened from the venue's own page or from programs.";
        return Err(Failure::new(StatusCode::FORBIDDEN, "FOREIGN_ORIGIN", sentence));
    }
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX);
    Ok(upgrade.on_upgrade(conversation))
}
