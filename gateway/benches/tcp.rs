//! Binary order entry on the loopback: from the scheduled moment of an order to the moment its acknowledgement is read.
//!
//! Open loop: orders have a schedule, and the time that one waits because those before it were slow counts. Beside it, in the
//! same run and with the same client: a server that sends back what it reads, with the same sockets, frames and way of
//! waiting. The client looks without sleeping; on few processors it takes from the server what it needs, in both runs.

#![allow(clippy::unwrap_used)] // A benchmark stops at the first surprise.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signer, SigningKey};
use mio::{Events, Interest, Poll, Token};
use papertape_engine::{AccountId, Amount, AssetId, Command, LedgerEntry, Reference, RuleBook};
use papertape_gateway::{Gateway, GatewayConfig, Parts, TcpConfig};
use papertape_pipeline::{Boot, Durability, Venue, VenueConfig};
use papertape_platform::{
    Accounts, KeyKind, KeyType, NewApiKey, NewUser, Peppers, Platform, ProjectionWriter, Projector, Secrets,
    SignUpCredit, UsersConfig, Views, demo,
};
use papertape_wire::{
    Challenge, Login, LoginAccepted, OrderAccepted, PROTOCOL, PlaceOrder, Signature, Terms, read_frame, signed_bytes,
    values,
};
use parking_lot::RwLock;
use tokio::runtime::Runtime;

/// Short, and many in turn: whatever else the machine does then falls on both sides.
const RUN: Duration = Duration::from_millis(250);

const ROUNDS: usize = 20;

/// As long as the server of the venue looks for work before it sleeps.
const SPIN: Duration = Duration::from_micros(40);

fn main() {
    println!(
        "{:<40} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "order to acknowledgement, microseconds", "orders/s", "best p50", "p99", "median p50", "p99"
    );
    for rate in [1_000, 10_000, 50_000] {
        let (echo, world) = (Echo::start(), World::start(Durability::Process));
        let (mut plain, mut session) = (connect(echo.address), world.log_in());
        let (mut floor, mut venue) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floor.push(figures(drive(&mut plain, rate, true)));
            venue.push(figures(drive(&mut session, rate, false)));
        }
        print("floor: a mio echo", rate, floor);
        print("venue, process", rate, venue);
        drop((plain, session));
        echo.stop();
        world.stop();
    }
}

/// The 50th and the 99th of a hundred.
fn figures(mut latencies: Vec<u64>) -> (u64, u64) {
    latencies.sort_unstable();
    let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
    (at(50), at(99))
}

/// The best and the median round, each figure by itself.
fn print(what: &str, rate: u64, rounds: Vec<(u64, u64)>) {
    let (mut halves, mut tails): (Vec<u64>, Vec<u64>) = rounds.into_iter().unzip();
    halves.sort_unstable();
    tails.sort_unstable();
    let figures = [halves[0], tails[0], halves[ROUNDS / 2], tails[ROUNDS / 2]];
    let figures = figures.map(|ns| format!("{:10.1}", ns as f64 / 1_000.0));
    println!("{what:<40} {rate:>10} {}", figures.join(" "));
}

fn connect(address: SocketAddr) -> std::net::TcpStream {
    let socket = std::net::TcpStream::connect(address).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// Sends orders by schedule and reads what comes. Gives nanoseconds from the scheduled moment to the acknowledgement.
fn drive(socket: &mut std::net::TcpStream, rate: u64, is_echo: bool) -> Vec<u64> {
    socket.set_nonblocking(true).unwrap();
    let (orders, interval) = (rate * RUN.as_millis() as u64 / 1_000, 1_000_000_000 / rate);
    let mut latencies = Vec::with_capacity(orders as usize);
    let (mut out, mut input, mut filled, mut sent) = (Vec::new(), vec![0; 1 << 20], 0, 0_u64);
    let begun = Instant::now();
    while (latencies.len() as u64) < orders {
        let now = begun.elapsed().as_nanos() as u64;
        while sent < orders && sent * interval <= now {
            order(sent).write(&mut out);
            sent += 1;
        }
        if !out.is_empty() {
            match socket.write(&out) {
                Ok(some) => drop(out.drain(..some)),
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
        match socket.read(&mut input[filled..]) {
            Ok(0) => panic!("the server has closed"),
            Ok(some) => filled += some,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        let (mut taken, now) = (0, begun.elapsed().as_nanos() as u64);
        while let Some((frame, length)) = read_frame(&input[taken..filled]).unwrap() {
            taken += length;
            let reference = match frame.kind {
                PlaceOrder::KIND if is_echo => PlaceOrder::read(frame).unwrap().reference,
                OrderAccepted::KIND => OrderAccepted::read(frame).unwrap().reference,
                0xa3 | 0x84 => continue,
                kind => panic!("{kind:#x}"),
            };
            latencies.push(now - reference * interval);
        }
        input.copy_within(taken..filled, 0);
        filled -= taken;
    }
    latencies
}

/// One that finds nobody, and leaves nothing behind.
fn order(reference: u64) -> PlaceOrder {
    let (side, order_type, time_in_force) = (values::side::BUY, values::order_type::LIMIT, values::time_in_force::IOC);
    let terms = Terms { price: 1_000_000, qty: 10, side, order_type, time_in_force, ..Terms::default() };
    PlaceOrder { reference, terms, ..PlaceOrder::default() }
}

/// A server that sends back what it reads.
struct Echo {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Echo {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let is_over = Arc::clone(&stop);
        let thread = std::thread::spawn(move || serve(&listener, &is_over));
        Self { address, stop, thread }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.join().unwrap();
    }
}

fn serve(listener: &std::net::TcpListener, is_over: &AtomicBool) {
    let (socket, _) = listener.accept().unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut socket = mio::net::TcpStream::from_std(socket);
    let (mut poll, mut events, mut bytes) = (Poll::new().unwrap(), Events::with_capacity(16), vec![0; 16 << 10]);
    poll.registry().register(&mut socket, Token(0), Interest::READABLE).unwrap();
    let mut busy_until = Instant::now();
    while !is_over.load(Ordering::Acquire) {
        let wait = if Instant::now() < busy_until { Duration::ZERO } else { Duration::from_millis(50) };
        poll.poll(&mut events, Some(wait)).unwrap();
        for _ in &events {
            while let Ok(some @ 1..) = socket.read(&mut bytes) {
                // What is under way is always less than a socket holds.
                let mut rest = &bytes[..some];
                while !rest.is_empty() {
                    rest = socket.write(rest).map_or(rest, |some| &rest[some..]);
                }
            }
            busy_until = Instant::now() + SPIN;
        }
    }
}

/// A whole venue with its gateway and database.
struct World {
    runtime: Runtime,
    venue: Venue,
    gateway: Gateway,
    writer: ProjectionWriter,
    address: SocketAddr,
    key: ([u8; 16], SigningKey),
    _dir: tempfile::TempDir,
}

impl World {
    fn start(durability: Durability) -> Self {
        let (dir, runtime) = (tempfile::tempdir().unwrap(), Runtime::new().unwrap());
        let _inside = runtime.enter();
        let url = format!("sqlite://{}?mode=rwc", dir.path().join("platform.db").display());
        let wallets = papertape_platform::WalletKeys::parse("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
        let secrets = Secrets { jwt: vec![7; 32], peppers: Peppers::new(vec![8; 32], Vec::new()), wallets };
        let users = UsersConfig { bcrypt_cost: 4, ..UsersConfig::default() };
        let (platform, (projector, projections, writer)) = runtime.block_on(async {
            let platform = Platform::open(&url, &secrets, &users).await.unwrap();
            let started = Projector::start(&platform).await.unwrap();
            (platform, started)
        });
        let boot = Boot::open(VenueConfig { durability, ..VenueConfig::new(dir.path()) }).unwrap();
        writer.follow(boot.durable());
        let views = runtime.block_on(Views::load(boot.engine(), &platform, 0)).unwrap();
        let listing = demo::missing(boot.engine(), RuleBook::Binance);
        let mut venue = boot.with_subscribers(2).start().unwrap();
        let (client, subscriber) = (venue.client(), venue.take_subscriber().unwrap());
        let accounts = Accounts::new(Arc::clone(platform.users()), SignUpCredit::parse(&[], ("USD", "0")));
        let (views, config) = (Arc::new(RwLock::new(views)), GatewayConfig { durability, ..GatewayConfig::default() });
        let parts = Parts {
            platform: platform.clone(),
            accounts: accounts.clone(),
            projector,
            projections,
            views,
            client: client.clone(),
            subscriber,
        };
        let gateway = Gateway::start(&config, parts).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let tcp = TcpConfig {
            orders_per_second: 0,
            in_flight_max: 1 << 20,
            spin: SPIN,
            kept_bytes: 32 << 20,
            ..TcpConfig::default()
        };
        gateway.open_tcp(listener, venue.take_subscriber().unwrap(), &tcp).unwrap();
        let patience = Duration::from_secs(5);
        listing.into_iter().for_each(|command| drop(client.call(command, patience).unwrap()));
        let new = NewUser { email: "ada@example.com".into(), password: "a quite long password 47".into() };
        let user = runtime.block_on(accounts.sign_up(&new, gateway.desk())).unwrap();
        let account = user.account.unwrap_or(AccountId(1));
        let (asset, amount, reference) = (AssetId(0), Amount(10_i128.pow(20)), Reference(1 << 50));
        client.call(Command::Deposit(LedgerEntry { account, asset, amount, reference }), patience).unwrap();
        let private = SigningKey::from_bytes(&[9; 32]);
        let kind = KeyKind::Ed25519 { public_key: private.verifying_key().to_bytes() };
        let permissions = KeyType::Write.into();
        let new = NewApiKey { name: "bench".into(), kind, permissions, networks: Vec::new(), expires_ms: None };
        let (key, _) = runtime.block_on(platform.api_keys().create(user.id, new, 1)).unwrap();
        drop(_inside);
        Self { runtime, venue, gateway, writer, address, key: (key.id.0, private), _dir: dir }
    }

    fn log_in(&self) -> std::net::TcpStream {
        let mut socket = connect(self.address);
        let mut bytes = vec![0; Challenge::LEN];
        socket.read_exact(&mut bytes).unwrap();
        let challenge = Challenge::read(read_frame(&bytes).unwrap().unwrap().0).unwrap();
        let client_time_ns = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        let (signature_kind, key_id) = (values::signature::ED25519, self.key.0);
        let login = Login { protocol: PROTOCOL, signature_kind, key_id, client_time_ns, ..Login::default() };
        let signature = Signature(self.key.1.sign(&signed_bytes(&challenge.nonce, &login)).to_bytes());
        let mut bytes = Vec::new();
        Login { signature, ..login }.write(&mut bytes);
        socket.write_all(&bytes).unwrap();
        bytes.resize(LoginAccepted::LEN, 0);
        socket.read_exact(&mut bytes).unwrap();
        LoginAccepted::read(read_frame(&bytes).unwrap().unwrap().0).unwrap();
        socket
    }

    fn stop(self) {
        let Self { runtime, venue, gateway, writer, .. } = self;
        venue.stop().unwrap();
        gateway.finish();
        runtime.block_on(writer.stop());
    }
}
