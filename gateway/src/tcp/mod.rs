//! Binary order entry over TCP: `docs/protocol-tcp.md`.
//!
//! One thread serves all connections and hears the venue itself, so that nothing is handed from thread to thread between the
//! core's event and the socket: it polls the sockets and the venue's ring in turn, and sleeps when both have been silent for a
//! while ([`server`]). Messages are numbered and kept by account ([`streams`]), as far as the core has come; each session is
//! sent those that its level lets leave.

mod accept;
mod bucket;
mod config;
mod connection;
mod heard;
mod login;
mod reading;
mod refill;
mod requests;
mod server;
mod snapshot;
mod streams;
mod upkeep;
mod writing;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use papertape_pipeline::{Subscriber, VenueDir};
use papertape_platform::Told;

use crate::app::App;
pub use config::TcpConfig;
use server::Server;

/// Where the venue stood when the subscriber began.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    /// The last command.
    pub(crate) seq: u64,
    /// How many messages each account had been told.
    pub(crate) told: Told,
    /// Where the journal is, if it is known.
    pub(crate) data: Option<VenueDir>,
}

/// Starts to serve this port, on a thread of its own, until the gateway stops.
pub(crate) fn start(
    app: Arc<App>,
    listener: std::net::TcpListener,
    subscriber: Subscriber,
    begun: &Begun,
    config: &TcpConfig,
) -> io::Result<JoinHandle<()>> {
    let mut server = Server::new(app, listener, subscriber, begun, config)?;
    std::thread::Builder::new().name("tcp".into()).spawn(move || server.run())
}
