//! Starts a venue with the demonstration's markets on a free port, and speaks to it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use papertape_engine::{AccountId, Command, Event, InstrumentSpec, RuleBook};
use papertape_gateway::{Gateway, GatewayConfig, Parts, TcpConfig};
use papertape_pipeline::{
    Boot, Client, Clock, Disk, Durability, RealDisk, Venue, VenueConfig, VenueDir, are_processors_few,
};
use papertape_platform::{
    Accounts, OperatorKey, Peppers, Platform, ProjectionWriter, Projector, Secrets, SignUpCredit, UsersConfig, Views,
    demo,
};
use parking_lot::RwLock;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::database_url::new_database;
use crate::socket::Socket;

/// Nothing here takes longer than this unless it is broken.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A password that nobody refuses.
pub(crate) const PASSWORD: &str = "a quite long password 47";

/// The key of the operator of every venue here.
pub(crate) const OPERATOR: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Seals the private keys of wallets.
pub(crate) const WALLET_KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

/// Limits high enough for tests, and an operator.
pub(crate) fn open_config() -> GatewayConfig {
    let operator_key = Some(OperatorKey::new(OPERATOR.as_bytes()).unwrap());
    let config = GatewayConfig { logins_per_minute: 0, sign_ups_per_minute: 0, ..GatewayConfig::default() };
    // Tests hold sockets that hear nothing any more.
    let goodbye_within = Duration::from_millis(200);
    GatewayConfig { operator_key, operator_tries_per_minute: 0, goodbye_within, ..config }
}

/// A running venue behind a gateway.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    http: reqwest::Client,
    pub(crate) gateway: Arc<Gateway>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
    venue: Venue,
    writer: ProjectionWriter,
    dir: tempfile::TempDir,
    /// Of binary order entry, if it is open.
    pub(crate) tcp: Option<SocketAddr>,
}

/// A user who is logged in.
pub(crate) struct Trader {
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) account: AccountId,
}

impl World {
    /// With limits high enough for tests.
    pub(crate) async fn start() -> Self {
        Self::start_with(open_config(), ("USD", "100000.00"), |spec| spec).await
    }

    /// The same, with markets of other rules.
    pub(crate) async fn start_ruled(ruled: fn(InstrumentSpec) -> InstrumentSpec) -> Self {
        Self::start_with(open_config(), ("USD", "100000.00"), ruled).await
    }

    pub(crate) async fn start_with(
        config: GatewayConfig,
        credit: (&str, &str),
        ruled: fn(InstrumentSpec) -> InstrumentSpec,
    ) -> Self {
        Self::start_on(Arc::new(RealDisk::default()), config, credit, ruled).await
    }

    /// At a level, and on a disk of the test's own.
    pub(crate) async fn start_at(durability: Durability, disk: Arc<dyn Disk>) -> Self {
        Self::start_on(disk, GatewayConfig { durability, ..open_config() }, ("USD", "100000.00"), |spec| spec).await
    }

    async fn start_on(
        disk: Arc<dyn Disk>,
        config: GatewayConfig,
        credit: (&str, &str),
        ruled: fn(InstrumentSpec) -> InstrumentSpec,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = Some(VenueDir::new(dir.path()));
        Self::start_in((dir, disk), GatewayConfig { data, ..config }, credit, ruled).await
    }

    /// In a folder that the gateway knows only if the config says so.
    pub(crate) async fn start_in(
        (dir, disk): (tempfile::TempDir, Arc<dyn Disk>),
        config: GatewayConfig,
        credit: (&str, &str),
        ruled: fn(InstrumentSpec) -> InstrumentSpec,
    ) -> Self {
        Self::open((dir, disk), Clock::default(), config, None, credit, ruled).await
    }

    /// Whose core reads the time from there.
    pub(crate) async fn start_by(clock: Clock) -> Self {
        let (dir, disk) = (tempfile::tempdir().unwrap(), Arc::new(RealDisk::default()));
        Self::open((dir, disk), clock, open_config(), None, ("USD", "100000.00"), |spec| spec).await
    }

    /// With binary order entry.
    pub(crate) async fn start_tcp(config: GatewayConfig, tcp: TcpConfig) -> Self {
        Self::start_tcp_in(tempfile::tempdir().unwrap(), config, tcp).await
    }

    /// The same, in a folder that may have a past.
    pub(crate) async fn start_tcp_in(dir: tempfile::TempDir, config: GatewayConfig, tcp: TcpConfig) -> Self {
        let config = GatewayConfig { data: Some(VenueDir::new(dir.path())), ..config };
        let disk = Arc::new(RealDisk::default());
        Self::open((dir, disk), Clock::default(), config, Some(tcp), ("USD", "100000.00"), |spec| spec).await
    }

    async fn open(
        (dir, disk): (tempfile::TempDir, Arc<dyn Disk>),
        clock: Clock,
        config: GatewayConfig,
        tcp: Option<TcpConfig>,
        credit: (&str, &str),
        ruled: fn(InstrumentSpec) -> InstrumentSpec,
    ) -> Self {
        let url = database_of(dir.path()).await;
        let wallets = papertape_platform::WalletKeys::parse(WALLET_KEY).unwrap();
        let secrets = Secrets { jwt: vec![7; 32], peppers: Peppers::new(vec![8; 32], Vec::new()), wallets };
        let users = UsersConfig { bcrypt_cost: 4, ..UsersConfig::default() };
        let platform = Platform::open(&url, &secrets, &users).await.unwrap();
        let (mut projector, projections, writer) = Projector::start(&platform).await.unwrap();
        let durability = config.durability;
        let usual = VenueConfig { lends_core: are_processors_few(), ..VenueConfig::new(dir.path()) };
        let venue_config = VenueConfig { durability, clock, segment_bytes: 1 << 20, ..usual };
        let (mut last_seq, locked) = (platform.cursor().await.unwrap(), Boot::lock(venue_config).unwrap().on(disk));
        let recovered = locked.recover(last_seq, |output| {
            projector.push(output);
            last_seq = output.seq;
        });
        let boot = recovered.unwrap();
        writer.follow(boot.durable());
        projections.watch().wait_for(|flushed| *flushed >= last_seq).await.unwrap();
        let views = Views::load(boot.engine(), &platform, boot.last_seq()).await.unwrap();
        let listing = demo::missing(boot.engine(), RuleBook::Binance);
        let mut venue = boot.with_subscribers(1 + usize::from(tcp.is_some())).start().unwrap();
        let (client, subscriber) = (venue.client(), venue.take_subscriber().unwrap());
        let views = Arc::new(RwLock::new(views));
        let usd = papertape_engine::Asset { symbol: papertape_engine::Symbol::new("USD").unwrap(), decimals: 8 };
        let accounts = Accounts::new(Arc::clone(platform.users()), SignUpCredit::parse(&[usd], credit));
        let parts = Parts { platform, accounts, projector, projections, views, client: client.clone(), subscriber };
        let gateway = Arc::new(Gateway::start(&config, parts).unwrap());
        let tcp = tcp.map(|config| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            gateway.open_tcp(listener, venue.take_subscriber().unwrap(), &config).unwrap();
            address
        });
        for command in listing {
            let command = match command {
                Command::ListInstrument(spec) => Command::ListInstrument(ruled(spec)),
                other => other,
            };
            client.submit(client.next_ticket(), command).unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stop = Some(stop);
        let serving = Arc::clone(&gateway);
        let served = tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            serving.serve(listener, shutdown).await.unwrap();
        });
        // Each request has its own connection: a test that counts connections knows how many there are.
        let http = reqwest::Client::builder().timeout(DEADLINE).pool_max_idle_per_host(0).build().unwrap();
        let world = Self { address, client, http, gateway, stop, served, venue, writer, dir, tcp };
        world.markets_are_listed().await;
        world
    }

    async fn markets_are_listed(&self) {
        eventually("five markets", async || {
            let (_, markets) = self.get("/api/v1/instruments", None).await;
            let listed = markets.as_array().is_some_and(|markets| markets.len() == 5);
            if !listed {
                // On a slow machine this takes a while, and some tests have few requests to give away.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            listed.then_some(())
        })
        .await;
    }

    /// Where its journal is.
    pub(crate) fn data(&self) -> VenueDir {
        VenueDir::new(self.dir.path())
    }

    /// Tells it to stop, and goes on.
    pub(crate) fn begin_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Stops in the order in which a program would.
    pub(crate) async fn stop(self) {
        self.stop_after(async {}).await;
    }

    /// The same; waits for something else that ends with the gateway.
    pub(crate) async fn stop_after(self, other: impl Future<Output = ()>) {
        self.stop_keeping(other).await;
    }

    /// Its threads end as if the process were killed: no snapshot, nothing sealed, nobody told. Gives the folder.
    pub(crate) async fn crash(self) -> tempfile::TempDir {
        self.served.abort();
        let World { venue, gateway, writer, dir, served, .. } = self;
        tokio::task::spawn_blocking(move || drop(venue)).await.unwrap();
        assert!(served.await.is_err());
        tokio::task::spawn_blocking(move || Arc::into_inner(gateway).unwrap().finish()).await.unwrap();
        writer.stop().await;
        dir
    }

    /// The same; gives the folder, for a start after it.
    pub(crate) async fn stop_keeping(mut self, other: impl Future<Output = ()>) -> tempfile::TempDir {
        self.stop.take().into_iter().for_each(|stop| stop.send(()).unwrap());
        tokio::time::timeout(DEADLINE, self.served).await.unwrap().unwrap();
        tokio::time::timeout(DEADLINE, other).await.unwrap();
        let (venue, gateway) = (self.venue, self.gateway);
        tokio::task::spawn_blocking(move || {
            venue.stop().unwrap();
            Arc::into_inner(gateway).unwrap().finish();
        })
        .await
        .unwrap();
        self.writer.stop().await;
        self.dir
    }

    /// Signs up and logs in.
    pub(crate) async fn trader(&self, name: &str) -> Trader {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "confirm_password": PASSWORD});
        let (status, user) = self.post("/signup", None, &body).await;
        assert_eq!(status, 201, "{user}");
        let token = self.log_in(&email).await;
        let (_, account) = self.get("/api/v1/account", Some(&token)).await;
        let account = AccountId(u32::try_from(account["account_id"].as_u64().unwrap()).unwrap());
        Trader { email, token, account }
    }

    pub(crate) async fn log_in(&self, email: &str) -> String {
        let (status, token) = self.form("/login", &[("username", email), ("password", PASSWORD)]).await;
        assert_eq!(status, 200, "{token}");
        assert_eq!(token["token_type"], "bearer");
        token["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> (u16, Value) {
        self.ask(Method::GET, path, token, None).await
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        self.ask(Method::POST, path, token, Some(body)).await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let response = self.raw(method, path, token, body).await;
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> reqwest::Response {
        let mut request = self.http.request(method, self.url(path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let encoded: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
        let request = self.http.post(self.url(path)).header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(encoded.join("&").replace('@', "%40")).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The operator reads something.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let (status, read) = self.get(path, Some(OPERATOR)).await;
        assert_eq!(status, 200, "{path}: {read}");
        read
    }

    /// One number of `/metrics`, if it is told.
    pub(crate) async fn read_metric(&self, sample: &str) -> Option<f64> {
        let text = self.raw(Method::GET, "/metrics", Some(OPERATOR), None).await.text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '))?;
        line.parse().ok()
    }

    /// The operator sets something.
    pub(crate) async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::PUT, path, Some(OPERATOR), Some(&body)).await
    }

    /// Places a limit order of BTC-USD.
    pub(crate) async fn limit(&self, trader: &Trader, side: &str, price: &str, qty: &str) -> Value {
        let body = json!({"symbol": "BTC-USD", "side": side, "type": "limit", "price": price, "qty": qty});
        let (status, order) = self.post("/api/v1/orders", Some(&trader.token), &body).await;
        assert_eq!(status, 201, "{order}");
        order
    }

    /// Gives an account base to sell.
    pub(crate) async fn deposit_btc(&self, trader: &Trader, whole: i128) {
        let client = self.client.clone();
        let entry = papertape_engine::LedgerEntry {
            account: trader.account,
            asset: papertape_engine::AssetId(2),
            amount: papertape_engine::Amount(whole * 100_000_000),
            reference: papertape_engine::Reference(u64::from(trader.account.0) | 1 << 40),
        };
        let events = tokio::task::spawn_blocking(move || client.call(Command::Deposit(entry), DEADLINE)).await.unwrap();
        assert!(matches!(events.unwrap()[0], Event::Deposited { .. }));
    }

    /// Opens a WebSocket.
    pub(crate) async fn socket(&self, path: &str) -> Socket {
        self.socket_with_buffer(path, None).await
    }

    /// Opens a WebSocket whose receive buffer holds about so many bytes.
    pub(crate) async fn socket_with_buffer(&self, path: &str, bytes: Option<u32>) -> Socket {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = bytes {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        let stream = socket.connect(self.address).await.unwrap();
        let url = format!("ws://{}{path}", self.address);
        let (stream, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        Socket::new(stream)
    }

    /// Opens `/api/v1/ws` and says who it is.
    pub(crate) async fn session(&self, trader: &Trader) -> Socket {
        let mut socket = self.socket("/api/v1/ws").await;
        socket.auth(trader).await;
        socket
    }

    /// The same, with answers at a level of its own.
    pub(crate) async fn session_at(&self, trader: &Trader, durability: &str) -> Socket {
        let mut socket = self.socket("/api/v1/ws").await;
        let auth = json!({"op": "auth", "id": "auth", "token": trader.token, "durability": durability});
        let answer = socket.ask(auth).await;
        assert_eq!((&answer["ok"], &answer["durability"]), (&json!(true), &json!(durability)), "{answer}");
        socket
    }
}

/// Asks again and again until there is an answer.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = tokio::time::Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < DEADLINE, "no {what} in time");
        tokio::task::yield_now().await;
    }
}

/// The database of a folder: that of its past, if it has one.
async fn database_of(folder: &Path) -> String {
    let note = folder.join("database-url");
    if let Ok(known) = std::fs::read_to_string(&note) {
        return known;
    }
    let url = new_database(folder, None).await;
    std::fs::write(note, &url).unwrap();
    url
}
