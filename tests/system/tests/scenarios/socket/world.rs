//! A venue behind a gateway on a port of its own, in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use papertape_engine::{Command, Event};
use papertape_gateway::{Gateway, GatewayConfig, Parts};
use papertape_pipeline::{Boot, Client, Clock, Durability, Subscriber, Venue, VenueConfig, are_processors_few};
use papertape_platform::{
    Accounts, OperatorKey, Peppers, Platform, ProjectionWriter, Projector, Secrets, UsersConfig, Views,
};
use parking_lot::RwLock;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::operator::Request;

/// Nothing takes longer than this unless it is broken.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// The key of the operator.
const OPERATOR: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const PASSWORD: &str = "a quite long password 47";

/// A running venue.
pub(super) struct World {
    pub(super) client: Client,
    /// The venue's time is the scenario's.
    clock: Clock,
    /// Sees every event, beside the gateway.
    watcher: Subscriber,
    views: Arc<RwLock<Views>>,
    /// The last command of which [`World::next_command`] has told.
    heard_seq: u64,
    address: SocketAddr,
    http: reqwest::Client,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Arc<Gateway>>,
    venue: Venue,
    writer: ProjectionWriter,
    _dir: tempfile::TempDir,
}

impl World {
    pub(super) async fn start() -> Self {
        let dir = crate::scratch();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("platform.db").display());
        let wallets = papertape_platform::WalletKeys::parse("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
        let secrets = Secrets { jwt: vec![7; 32], peppers: Peppers::new(vec![8; 32], Vec::new()), wallets };
        let users = UsersConfig { bcrypt_cost: 4, ..UsersConfig::default() };
        let platform = Platform::open(&url, &secrets, &users).await.unwrap();
        let (projector, projections, writer) = Projector::start(&platform).await.unwrap();
        let (durability, clock) = (Durability::Process, Clock::manual());
        let config = VenueConfig { durability, segment_bytes: 1 << 20, ..VenueConfig::new(dir.path()) };
        let config = VenueConfig { clock: clock.clone(), lends_core: are_processors_few(), ..config };
        let boot = Boot::open(config).unwrap();
        let views = Views::load(boot.engine(), &platform, boot.last_seq()).await.unwrap();
        let mut venue = boot.with_subscribers(2).start().unwrap();
        let (client, watcher) = (venue.client(), venue.take_subscriber().unwrap());
        let subscriber = venue.take_subscriber().unwrap();
        let views = Arc::new(RwLock::new(views));
        let accounts = Accounts::new(Arc::clone(platform.users()), None);
        let (heard, asked) = (Arc::clone(&views), client.clone());
        let parts = Parts { platform, accounts, projector, projections, views: heard, client: asked, subscriber };
        let config = GatewayConfig {
            logins_per_minute: 0,
            sign_ups_per_minute: 0,
            durability,
            operator_key: Some(OperatorKey::new(OPERATOR.as_bytes()).unwrap()),
            ..GatewayConfig::default()
        };
        let gateway = Arc::new(Gateway::start(&config, parts).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            gateway.serve(listener, async { drop(stopped.await) }).await.unwrap();
            gateway
        });
        let http = reqwest::Client::builder().timeout(DEADLINE).build().unwrap();
        Self { client, clock, watcher, views, heard_seq: 0, address, http, stop, served, venue, writer, _dir: dir }
    }

    /// Stops in the order in which a program would.
    pub(super) async fn stop(self) {
        drop(self.watcher);
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

    /// Waits for all events of the next command, and until the gateway's read models have them too.
    pub(super) fn next_command(&mut self) -> Result<Vec<Event>, String> {
        let (begun, mut events, mut seq) = (Instant::now(), Vec::new(), None);
        while seq.is_none_or(|seq| self.views.read().seq() < seq) {
            if begun.elapsed() > DEADLINE {
                return Err(format!("nothing more was heard after {events:?}"));
            }
            self.watcher.poll(|output| {
                events.push(output.event);
                seq = seq.or(output.last.then_some(output.seq));
            });
            if seq.is_none() {
                self.watcher.wait(Duration::from_millis(5));
            } else {
                std::thread::yield_now();
            }
        }
        self.heard_seq = seq.unwrap_or_default();
        Ok(events)
    }

    /// Whether the venue has told something that nobody has heard: it has, once an answer is there.
    pub(super) fn has_told(&self) -> bool {
        self.views.read().seq() > self.heard_seq
    }

    /// From now on it is this time at the venue.
    pub(super) fn at(&self, time_ns: u64) {
        self.clock.set(time_ns);
    }

    /// Asks something of the operator's; the status and the answer.
    pub(super) async fn operate(&self, request: Request) -> (u16, Value) {
        let Request { method, path, body } = request;
        self.send(method, &path, Some(OPERATOR), body).await
    }

    /// Asks something of a user's.
    pub(super) async fn post(&self, path: &str, token: &str, body: Value) -> (u16, Value) {
        self.send(reqwest::Method::POST, path, Some(token), Some(body)).await
    }

    async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = self.http.request(method, self.url(path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    /// The venue's own door, for commands that no client may send.
    pub(super) fn submit(&self, command: Command) {
        self.client.submit(self.client.next_ticket(), command).unwrap();
    }

    /// Signs up and logs in; the token.
    pub(super) async fn sign_up(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "confirm_password": PASSWORD});
        let response = self.http.post(self.url("/signup")).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 201, "{name} cannot sign up: {}", response.text().await.unwrap_or_default());
        let form = format!("username={}&password={}", email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
        let request = self.http.post(self.url("/login")).header("content-type", "application/x-www-form-urlencoded");
        let token: Value = request.body(form).send().await.unwrap().json().await.unwrap();
        token["access_token"].as_str().unwrap_or_else(|| panic!("{name} cannot log in: {token}")).to_owned()
    }

    /// Reads something of the operator's.
    pub(super) async fn read(&self, path: &str) -> Value {
        self.get(path, Some(OPERATOR)).await
    }

    /// Reads something over REST.
    pub(super) async fn get(&self, path: &str, token: Option<&str>) -> Value {
        self.send(reqwest::Method::GET, path, token, None).await.1
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Opens a trading WebSocket.
    pub(super) async fn socket(&self) -> Socket {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let url = format!("ws://{}/api/v1/ws", self.address);
        let (stream, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        Socket { stream, heard: Vec::new(), asked: 0 }
    }
}

/// One WebSocket, and the pushes that came while it waited for answers.
pub(super) struct Socket {
    stream: WebSocketStream<TcpStream>,
    heard: Vec<Value>,
    asked: u64,
}

impl Socket {
    /// Says something and waits for its answer.
    pub(super) async fn ask(&mut self, mut message: Value) -> Result<Value, String> {
        self.asked += 1;
        let id = json!(self.asked.to_string());
        message["id"] = id.clone();
        self.stream.send(Message::text(message.to_string())).await.map_err(|error| error.to_string())?;
        loop {
            let heard = self.hear().await?;
            if heard.get("op").is_some() && heard["id"] == id {
                return Ok(heard);
            }
            self.heard.push(heard);
        }
    }

    /// Listens to a channel; its snapshot.
    pub(super) async fn subscribe(&mut self, channel: &str, symbol: Option<&str>) -> Result<Value, String> {
        let mut message = json!({"op": "subscribe", "channel": channel});
        if let Some(symbol) = symbol {
            message["symbol"] = json!(symbol);
        }
        let answer = self.ask(message).await?;
        if answer["ok"] != true {
            return Err(format!("cannot listen to {channel}: {answer}"));
        }
        let is_it = |heard: &Value| heard["channel"] == channel && heard["type"] == "snapshot";
        loop {
            if let Some(at) = self.heard.iter().position(is_it) {
                return Ok(self.heard.remove(at));
            }
            let heard = self.hear().await?;
            self.heard.push(heard);
        }
    }

    /// The next push.
    pub(super) async fn push(&mut self) -> Result<Value, String> {
        if self.heard.is_empty() { self.hear().await } else { Ok(self.heard.remove(0)) }
    }

    /// The pushes that came before the answer to a question that is asked now.
    pub(super) async fn rest(&mut self) -> Result<Vec<Value>, String> {
        self.ask(json!({"op": "ping"})).await?;
        Ok(std::mem::take(&mut self.heard))
    }

    async fn hear(&mut self) -> Result<Value, String> {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            let next = tokio::time::timeout_at(deadline, self.stream.next()).await;
            match next.map_err(|_| "nothing was heard in time".to_owned())? {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(text.as_str()).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(format!("the socket was closed: {frame:?}")),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(format!("the socket failed: {error}")),
                None => return Err("the socket ended".to_owned()),
            }
        }
    }
}
