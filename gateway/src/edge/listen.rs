//! Connections: how many there may be, how long one may stay without a request, and their end.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower_service::Service;

use super::addresses::{Addresses, Share};
use crate::metrics::{Open, Opened};
use papertape_platform::Network;

/// Pause after the system refused a connection, for instance for want of open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What connections are allowed.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Open at once. Each is an open file, and the journal needs files too: further ones wait at the port.
    pub connections_max: usize,
    /// Open at once from one address; further ones are closed. 0: no limit.
    pub per_address: usize,
    /// Whose connections are everybody's.
    pub trusted: Arc<[Network]>,
    /// How long the head of the next request may take.
    pub head_within: Duration,
}

/// Serves `router` on every connection until `shutdown` completes, and then until what is under way is answered.
/// Each is counted as long as it is open.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    counted: &Arc<Opened>,
    shutdown: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let addresses = Addresses::new(limits.per_address, limits.trusted);
    let (stop, mut shutdown) = (watch::Sender::new(false), pin!(shutdown));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_within);
    loop {
        let (connection, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, (&places, &addresses), counted) => accepted,
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request)
        });
        let serving = http.serve_connection(TokioIo::new(connection), service).with_upgrades();
        let stopping = stop.subscribe();
        tokio::spawn(async move {
            let mut serving = pin!(serving);
            let served = tokio::select! {
                served = &mut serving => served,
                () = stopped(stopping.clone()) => {
                    serving.as_mut().graceful_shutdown();
                    serving.await
                }
            };
            if let Err(error) = served {
                tracing::debug!(%error, %peer, "connection failed");
            }
            drop(stopping);
        });
    }
    drop(listener);
    stop.send_replace(true);
    // Every connection holds a receiver to its end.
    stop.closed().await;
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// The next connection, when there is a place for it.
async fn accept(
    listener: &TcpListener,
    (places, addresses): (&Arc<Semaphore>, &Addresses),
    counted: &Arc<Opened>,
) -> (Connection, SocketAddr) {
    loop {
        let place = Arc::clone(places).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, peer)) => {
                let Ok(share) = addresses.take(peer.ip()) else {
                    tracing::debug!(%peer, "an address has as many connections as it may have");
                    continue;
                };
                // Replies are small and awaited: they are not held back for more.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY was refused");
                }
                let place = Place { _permit: place.ok(), _open: counted.open(), _share: share };
                return (Connection { stream, place }, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A connection with its place.
pub(crate) struct Connection {
    stream: TcpStream,
    place: Place,
}

/// A place among the connections, which one keeps when it becomes a WebSocket.
pub(crate) struct Place {
    /// Nobody closes the semaphore: it is always there.
    _permit: Option<OwnedSemaphorePermit>,
    _open: Open,
    _share: Option<Share>,
}

impl Connection {
    /// The stream, and the place that is given back when it is dropped.
    pub(crate) fn into_parts(self) -> (TcpStream, Place) {
        (self.stream, self.place)
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
