//! Where a request came from.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use papertape_platform::Origin;

use super::network::{client_of, is_secure};
use crate::app::App;
use crate::errors::Failure;

/// A client's address and program, as the log of the door keeps them.
#[derive(Clone, Debug)]
pub(crate) struct From {
    /// The client's address.
    pub ip: IpAddr,
    /// The same, with the program.
    pub origin: Origin,
    /// Whether a trusted proxy says that the client speaks TLS.
    pub is_secure: bool,
}

impl FromRequestParts<Arc<App>> for From {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, app)
            .await
            .map_err(|_| Failure::internal("a request without an address"))?;
        let ip = client_of(peer.ip(), &parts.headers, &app.trusted_proxies);
        let program = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let is_secure = is_secure(peer.ip(), &parts.headers, &app.trusted_proxies);
        Ok(Self { ip, origin: Origin::new(ip, program), is_secure })
    }
}
