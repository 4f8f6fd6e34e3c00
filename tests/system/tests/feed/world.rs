//! A venue behind a gateway, in this process, and its users.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_engine::Command;
use papertape_gateway::{Gateway, GatewayConfig, Parts};
use papertape_pipeline::{Boot, Client, Durability, Subscriber, Ticket, Venue, VenueConfig};
use papertape_platform::{
    Accounts, Directory, Peppers, Platform, ProjectionWriter, Projector, Secrets, UsersConfig, Views,
};
use parking_lot::RwLock;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::socket::Socket;

/// Nothing takes longer than this unless it is broken.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// Users of the venue, whose accounts the random orders are of.
pub(super) const USERS: usize = 6;

const PASSWORD: &str = "a quite long password 47";

/// A running venue.
pub(super) struct World {
    client: Client,
    watcher: Option<Subscriber>,
    views: Arc<RwLock<Views>>,
    directory: Arc<Directory>,
    address: SocketAddr,
    http: reqwest::Client,
    tokens: Vec<String>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Arc<Gateway>>,
    venue: Venue,
    writer: ProjectionWriter,
    _dir: tempfile::TempDir,
}

impl World {
    /// With threads of their own for dispatcher and core, or none: then the one shares the thread that writes, and the other is
    /// lent.
    pub(super) async fn start(shared_dispatcher: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("platform.db").display());
        let wallets = papertape_platform::WalletKeys::parse("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
        let secrets = Secrets { jwt: vec![7; 32], peppers: Peppers::new(vec![8; 32], Vec::new()), wallets };
        let platform =
            Platform::open(&url, &secrets, &UsersConfig { bcrypt_cost: 4, ..UsersConfig::default() }).await.unwrap();
        let directory = Arc::clone(platform.users().directory());
        let (projector, projections, writer) = Projector::start(&platform).await.unwrap();
        let durability = Durability::Process;
        let lends_core = shared_dispatcher;
        let config = VenueConfig { durability, lends_core, segment_bytes: 1 << 22, ..VenueConfig::new(dir.path()) };
        let boot = Boot::open(config).unwrap();
        let views = Arc::new(RwLock::new(Views::load(boot.engine(), &platform, boot.last_seq()).await.unwrap()));
        let mut venue = boot.with_subscribers(2).start().unwrap();
        let (client, watcher) = (venue.client(), venue.take_subscriber());
        let subscriber = venue.take_subscriber().unwrap();
        let accounts = Accounts::new(Arc::clone(platform.users()), None);
        let (heard, asked) = (Arc::clone(&views), client.clone());
        let parts = Parts { platform, accounts, projector, projections, views: heard, client: asked, subscriber };
        let usual = GatewayConfig { durability, shared_dispatcher, ..GatewayConfig::default() };
        let config = GatewayConfig { logins_per_minute: 0, sign_ups_per_minute: 0, ..usual };
        let gateway = Arc::new(Gateway::start(&config, parts).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            gateway.serve(listener, async { drop(stopped.await) }).await.unwrap();
            gateway
        });
        let http = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
        let tokens = Vec::new();
        Self { client, watcher, views, directory, address, http, tokens, stop, served, venue, writer, _dir: dir }
    }

    /// Stops in the order in which a program would.
    pub(super) async fn stop(self) {
        self.stop.send(()).unwrap();
        let gateway = tokio::time::timeout(DEADLINE, self.served).await.unwrap().unwrap();
        let venue = self.venue;
        let ended = tokio::task::spawn_blocking(move || {
            venue.stop().unwrap();
            Arc::into_inner(gateway).unwrap().finish();
        });
        ended.await.unwrap();
        self.writer.stop().await;
    }

    pub(super) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory)
    }

    /// Sees every event, beside the gateway.
    pub(super) fn take_watcher(&mut self) -> Subscriber {
        self.watcher.take().unwrap()
    }

    /// The last command so far.
    pub(super) fn accounts_opened(&self) -> u64 {
        self.views.read().seq()
    }

    /// Hands a command in, as soon as there is room.
    pub(super) fn submit(&self, command: Command) -> Ticket {
        let ticket = self.client.next_ticket();
        while self.client.submit(ticket, command).is_err() {
            std::thread::yield_now();
        }
        ticket
    }

    /// Completes when the gateway has folded so much. What it publishes of that comes before whatever it is asked later.
    pub(super) async fn gateway_has_heard(&self, seq: u64) {
        let begun = Instant::now();
        while self.views.read().seq() < seq {
            assert!(begun.elapsed() < DEADLINE, "the gateway hears nothing");
            tokio::task::yield_now().await;
        }
    }

    /// Symbols of everything that is listed.
    pub(super) fn symbols(&self) -> Vec<String> {
        self.views.read().instruments().map(|(_, instrument)| instrument.spec.symbol.to_string()).collect()
    }

    /// Signs the next user up.
    pub(super) async fn sign_up(&mut self, number: usize) {
        let email = format!("user-{number}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "confirm_password": PASSWORD});
        let response = self.http.post(self.url("/signup")).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 201);
        let form = format!("username={}&password={}", email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
        let request = self.http.post(self.url("/login")).header("content-type", "application/x-www-form-urlencoded");
        let token: Value = request.body(form).send().await.unwrap().json().await.unwrap();
        self.tokens.push(token["access_token"].as_str().unwrap().to_owned());
    }

    /// The token of a user.
    pub(super) fn token(&self, user: usize) -> &str {
        &self.tokens[user]
    }

    /// Reads something as a user.
    pub(super) async fn get(&self, user: usize, path: &str) -> Value {
        let request = self.http.get(self.url(path)).bearer_auth(self.token(user));
        request.send().await.unwrap().json().await.unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Opens a WebSocket whose receive buffer holds about so many bytes.
    pub(super) async fn socket(&self, receive_buffer: Option<u32>) -> Socket {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        let stream = socket.connect(self.address).await.unwrap();
        let url = format!("ws://{}/api/v1/ws", self.address);
        let (stream, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        Socket::new(stream, Arc::clone(&self.views))
    }
}
