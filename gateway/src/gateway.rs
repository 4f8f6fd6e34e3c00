//! A gateway: the dispatcher thread, the routes, and their beginning and end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::extract::DefaultBodyLimit;
use axum::{Extension, Router, middleware};
use papertape_pipeline::{Client, DurableCursor, Subscriber};
use papertape_platform::{Accounts, Platform, Projections, Projector, Views};
use parking_lot::{Mutex, RwLock};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::{App, Course};
use crate::archive::{self, Archive, Question};
use crate::config::GatewayConfig;
use crate::edge::acknowledged;
use crate::edge::body::BODY_MAX;
use crate::edge::listen::{self, Limits};
use crate::hub::{FanOut, Hub};
use crate::metrics::{Metrics, Opened, SocketKind};
use crate::openapi::Encoded;
use crate::tcp::{self, Begun, TcpConfig};
use crate::venue::ahead::ViewsAhead;
use crate::venue::dispatcher::Dispatcher;
use crate::venue::{Desk, Tickets};
use crate::{assets, audit, edge, housekeeper, openapi, rest};

/// How long requests and WebSockets together may take to end when the gateway stops, after its drain.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Between two looks at whether anybody is connected, in a drain.
const DRAIN_LOOK: Duration = Duration::from_millis(10);

/// Connections to the port of those who watch over the venue.
const WATCHERS_MAX: usize = 16;

/// What a gateway stands on. Views and projector have seen everything that the subscriber will not tell.
pub struct Parts {
    /// Users and what the database keeps.
    pub platform: Platform,
    /// Opens accounts for new users.
    pub accounts: Accounts,
    /// Writes to the database.
    pub projector: Projector,
    /// How far it has written.
    pub projections: Projections,
    /// What can be read.
    pub views: Arc<RwLock<Views>>,
    /// Where commands go in.
    pub client: Client,
    /// Where events come out.
    pub subscriber: Subscriber,
}

/// A running gateway. It hears the venue from [`Gateway::start`] to [`Gateway::finish`], and serves in between.
pub struct Gateway {
    app: Arc<App>,
    limits: Limits,
    course: watch::Sender<Course>,
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    begun: Begun,
    tcp: Mutex<Option<JoinHandle<()>>>,
}

impl Gateway {
    /// Starts to hear the venue, on threads of its own.
    pub fn start(config: &GatewayConfig, parts: Parts) -> io::Result<Self> {
        let (course, stopping) = watch::channel(Course::Runs);
        let Parts { platform, accounts, projector, projections, views, client, subscriber } = parts;
        let tickets = Arc::new(Tickets::new(subscriber.summons(), config.shared_dispatcher));
        let begun = Begun { seq: views.read().seq(), told: projector.told().clone(), data: config.data.clone() };
        let metrics = Arc::new(Metrics::new(openapi::templates()));
        let desk = Desk::new(client.clone(), Arc::clone(&tickets), config, Arc::clone(&metrics));
        let archive = archive_of(config, client.durable(), Arc::clone(&views))?;
        let (hub, requests, fan_out) = Hub::new(Arc::clone(&metrics), begun.told.clone())?;
        let (ahead, durable, heard) = (ViewsAhead::default(), client.durable(), client.clone());
        let app = App::new(
            config,
            (platform, accounts, projections),
            (Arc::clone(&views), Arc::clone(&ahead)),
            (client, desk, archive),
            (requests, fan_out.runtime().clone(), metrics),
            stopping,
        );
        let dispatcher = Dispatcher { subscriber, views, ahead, client: heard, durable, projector, tickets, hub };
        let is_over = Arc::<AtomicBool>::default();
        let threads = start(dispatcher, fan_out, &is_over, config.shared_dispatcher)?;
        let (connections_max, per_address) = (config.connections_max, config.connections_per_address);
        let (head_within, trusted) = (config.head_within, config.trusted_proxies.clone().into());
        let limits = Limits { connections_max, per_address, trusted, head_within };
        Ok(Self { app: Arc::new(app), limits, course, is_over, threads, begun, tcp: Mutex::default() })
    }

    /// Asks the venue as the routes do: for what has to be done before they open, such as finishing sign-ups.
    pub fn desk(&self) -> &Desk {
        &self.app.desk
    }

    /// Serves binary order entry on this port, on a thread of its own, until the gateway stops. `subscriber` is one that nobody
    /// has read: it tells everything since the venue began, and is read from here on. Inside of a runtime, uses of API keys
    /// are noted. A second port is not opened.
    pub fn open_tcp(
        &self,
        listener: std::net::TcpListener,
        subscriber: Subscriber,
        config: &TcpConfig,
    ) -> io::Result<()> {
        let mut tcp = self.tcp.lock();
        if tcp.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        *tcp = Some(tcp::start(Arc::clone(&self.app), listener, subscriber, &self.begun, config)?);
        Ok(())
    }

    /// Serves HTTP and WebSocket until `shutdown` completes. Then it drains: `/readyz` says no, sessions are told, new
    /// orders are refused, and cancels are taken, for as long as the config says and somebody is connected. Then it accepts
    /// no more, closes every WebSocket with 1001, and lets requests end.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let (course, app) = (self.course.clone(), Arc::clone(&self.app));
        let keeper = tokio::spawn(housekeeper::run(Arc::clone(&self.app)));
        let serving =
            listen::serve(listener, self.router(), self.limits.clone(), &self.app.metrics.connections, async move {
                shutdown.await;
                app.desk.drain();
                course.send_replace(Course::Drains);
                drained(&app).await;
                course.send_replace(Course::Stops);
                app.archive.iter().for_each(Archive::stop);
            });
        let ended = async {
            serving.await;
            self.sockets_end().await;
        };
        tokio::select! {
            () = ended => {}
            () = self.patience() => {}
        }
        keeper.abort();
        Ok(())
    }

    /// Serves `/metrics`, `/healthz` and `/readyz` to everybody who reaches this port, until the gateway stops.
    pub async fn serve_metrics(&self, listener: TcpListener) {
        let router = rest::watching().with_state(Arc::clone(&self.app));
        let (limits, uncounted) =
            (Limits { connections_max: WATCHERS_MAX, ..self.limits.clone() }, Arc::<Opened>::default());
        let serving = listen::serve(listener, router, limits, &uncounted, self.stops());
        tokio::select! {
            () = serving => {}
            () = self.patience() => {}
        }
    }

    /// Hears what is left and ends the threads. Call it when the venue has stopped: it tells nothing more.
    pub fn finish(self) {
        self.course.send_replace(Course::Stops);
        self.is_over.store(true, Ordering::Release);
        self.app.archive.iter().for_each(Archive::stop);
        self.app.archive.iter().for_each(Archive::join);
        for thread in self.threads {
            // One that panicked has been reported by the panic itself; there is nothing left to hear.
            let _ = thread.join();
        }
        if let Some(tcp) = self.tcp.into_inner() {
            let _ = tcp.join();
        }
    }

    fn router(&self) -> Router {
        self.router_of(openapi::documented())
    }

    /// These routes, with what holds for every request.
    fn router_of(&self, (routes, document): (Router<Arc<App>>, Encoded)) -> Router {
        routes
            .fallback(assets::serve)
            .layer(Extension(document))
            .layer(DefaultBodyLimit::max(BODY_MAX))
            .layer(middleware::from_fn_with_state(Arc::clone(&self.app), audit::layer))
            .layer(middleware::from_fn_with_state(Arc::clone(&self.app), acknowledged::of_operator))
            .layer(middleware::from_fn_with_state(Arc::clone(&self.app), edge::signed::verify))
            .layer(middleware::from_fn_with_state(Arc::clone(&self.app), edge::wrap))
            .with_state(Arc::clone(&self.app))
    }

    /// Completes when requests have had their time after the stop.
    async fn patience(&self) {
        self.stops().await;
        tokio::time::sleep(STOP_WITHIN).await;
    }

    /// Completes when the gateway stops.
    fn stops(&self) -> impl Future<Output = ()> + use<> {
        let mut course = self.course.subscribe();
        async move {
            // A sender that is gone has stopped too.
            let _ = course.wait_for(|course| *course == Course::Stops).await;
        }
    }

    /// Waits until every WebSocket and every session of binary order entry has ended.
    async fn sockets_end(&self) {
        let metrics = &self.app.metrics;
        let sockets = || [SocketKind::Session, SocketKind::Ticker].iter().any(|kind| metrics.sockets(*kind).now() > 0);
        let tcp = || self.tcp.lock().as_ref().is_some_and(|thread| !thread.is_finished());
        while sockets() || tcp() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Starts what hears the venue and what writes to WebSockets: on one thread or two.
fn start(
    dispatcher: Dispatcher,
    fan_out: FanOut,
    is_over: &Arc<AtomicBool>,
    is_shared: bool,
) -> io::Result<Vec<JoinHandle<()>>> {
    let over = Arc::clone(is_over);
    let over = move || over.load(Ordering::Acquire);
    if is_shared {
        return Ok(vec![fan_out.start(|| dispatcher.share(over))?]);
    }
    let feed = fan_out.start(|| std::future::ready(()))?;
    let own = std::thread::Builder::new().name("dispatcher".into());
    Ok(vec![own.spawn(move || dispatcher.run(over))?, feed])
}

/// Completes when the time for it is over, nobody is connected any more, or the venue can do nothing for anybody.
async fn drained(app: &App) {
    let begun = Instant::now();
    let connected = || app.metrics.connections.now() + app.metrics.tcp.connections.now() > 0;
    while begun.elapsed() < app.drain && connected() && app.client.failure().is_none() {
        tokio::time::sleep(DRAIN_LOOK.min(app.drain)).await;
    }
}

/// How long the journal may take to have what was told already.
const WRITTEN_WITHIN: Duration = Duration::from_secs(1);

/// What looks back, where the config says at what: each question is read up to what is durable when its turn comes.
fn archive_of(
    config: &GatewayConfig,
    durable: DurableCursor,
    views: Arc<RwLock<Views>>,
) -> io::Result<Option<Archive>> {
    let Some(dir) = config.data.clone() else { return Ok(None) };
    let read = move |question: &Question, goes_on: &dyn Fn() -> bool| {
        let (told, begun) = (views.read().seq(), Instant::now());
        // Under `memory` a command is told a moment before it is written.
        while durable.get() < told && goes_on() && begun.elapsed() < WRITTEN_WITHIN {
            std::thread::sleep(Duration::from_millis(1));
        }
        archive::read(&dir, durable.get(), question, goes_on)
    };
    Archive::start(Box::new(read), config.looks_back_within).map(Some)
}

#[cfg(test)]
#[path = "gateway_tests.rs"]
mod tests;
