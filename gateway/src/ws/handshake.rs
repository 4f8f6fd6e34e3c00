//! The opening handshake (RFC 6455, 4.2). What follows it runs on the thread that writes to WebSockets, on the bare TCP
//! stream: the connection's bytes go through nothing else.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::TcpStream;
use tungstenite::handshake::derive_accept_key;

use crate::app::App;
use crate::edge::listen::{Connection, Place};
use crate::edge::origin;
use crate::errors::Failure;

/// What the system may hold of a connection: a reader that lags is noticed here, and not a megabyte later.
const SEND_BUFFER: usize = 256 << 10;

/// Bytes that are not sent yet above which the system takes no more: what is newer is merged on our side until then.
const NOT_SENT_MAX: u32 = 32 << 10;

/// How long a peer may leave what was sent to it without an acknowledgement.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(20);

/// A request to open a WebSocket.
pub(crate) struct Handshake {
    headers: HeaderMap,
    upgrade: Option<OnUpgrade>,
}

/// An open connection, at its first byte.
pub(super) struct Opened {
    /// The stream.
    pub stream: Arc<TcpStream>,
    /// What the client sent after its request without waiting.
    pub early: Vec<u8>,
    /// Its place among the connections, as long as it lasts.
    pub place: Place,
}

impl<S: Sync> FromRequestParts<S> for Handshake {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { headers: parts.headers.clone(), upgrade: parts.extensions.remove::<OnUpgrade>() })
    }
}

impl Handshake {
    /// Accepts a WebSocket of our own host, and runs `conversation` on it.
    pub(super) fn accept<C, F>(self, app: &Arc<App>, conversation: C) -> Result<Response, Failure>
    where
        C: FnOnce(Opened) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        if !origin::is_allowed(&self.headers) {
            let sentence = "WebSockets are opened from the venue's own page or from programs.";
            return Err(Failure::new(StatusCode::FORBIDDEN, "FOREIGN_ORIGIN", sentence));
        }
        let key = accept_key(&self.headers)?;
        let Some(upgrade) = self.upgrade else { return Err(not_a_websocket("This connection cannot become one.")) };
        let runtime = app.feed.clone();
        tokio::spawn(async move {
            let opened = match upgrade.await {
                Ok(upgraded) => bare(upgraded),
                Err(error) => return tracing::debug!(%error, "a handshake was not finished"),
            };
            let Some((stream, early, place)) = opened else { return };
            runtime.spawn(async move {
                match TcpStream::from_std(stream) {
                    Ok(stream) => conversation(Opened { stream: Arc::new(stream), early, place }).await,
                    Err(error) => tracing::warn!(%error, "a WebSocket could not be taken over"),
                }
            });
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, key);
        Ok(response)
    }
}

/// The answer to a client's key, if its request is one for a WebSocket.
fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, Failure> {
    let says = |name, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|said| said.trim().eq_ignore_ascii_case(word))
    };
    if !says(header::CONNECTION, "upgrade") || !says(header::UPGRADE, "websocket") {
        return Err(not_a_websocket("This is a WebSocket: ask for an upgrade."));
    }
    if !says(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(Failure::bad_request("NOT_A_WEBSOCKET", "The version of the protocol is 13."));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let accept = key.and_then(|key| HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok());
    accept.ok_or_else(|| Failure::bad_request("NOT_A_WEBSOCKET", "There is no key."))
}

fn not_a_websocket(sentence: &'static str) -> Failure {
    Failure::new(StatusCode::UPGRADE_REQUIRED, "NOT_A_WEBSOCKET", sentence)
}

/// The stream under an upgraded connection, ready to be given to another runtime.
fn bare(upgraded: Upgraded) -> Option<(std::net::TcpStream, Vec<u8>, Place)> {
    let Ok(parts) = upgraded.downcast::<TokioIo<Connection>>() else {
        tracing::error!("an upgraded connection is not one of this port's");
        return None;
    };
    let (stream, place) = parts.io.into_inner().into_parts();
    let socket = SockRef::from(&stream);
    let set = [
        socket.set_send_buffer_size(SEND_BUFFER),
        socket.set_tcp_notsent_lowat(NOT_SENT_MAX),
        socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX)),
    ];
    set.into_iter().filter_map(Result::err).for_each(|error| tracing::debug!(%error, "a socket option was refused"));
    match stream.into_std() {
        Ok(stream) => Some((stream, parts.read_buf.to_vec(), place)),
        Err(error) => {
            tracing::warn!(%error, "a WebSocket could not be taken over");
            None
        }
    }
}
