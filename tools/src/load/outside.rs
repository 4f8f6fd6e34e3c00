//! Load over a network: users of their own, each with one connection, over one of the venue's protocols.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use papertape_client::Key;

use super::acked::AckLog;
use super::client::Http;
use super::drive::{self, Connection};
use super::echo::EchoServer;
use super::hostile::{Set, Target};
use super::known;
use super::link::{EchoLink, Link, RestLink, TcpLink, WsLink, find_market};
use super::logins::{Logins, USERS};
use super::report::{Beside, Disturbed, Report};
use super::{LoadArgs, Via};
use crate::exit::Failure;

/// How long a connection may take until it is logged in.
const SET_UP_WITHIN: Duration = Duration::from_secs(20);

/// Measures the venue, and the floor before and after it if that is asked for.
pub(super) fn run(args: &LoadArgs) -> Result<Report, Failure> {
    let half = args.seconds as f64 / 2.0;
    let before = if args.beside_echo { Some(floor(args, half)?) } else { None };
    let mut report = venue(args)?;
    if let Some(mut floor_report) = before {
        floor_report.add(&floor(args, half)?);
        report.floor = Some(Box::new(floor_report));
    }
    Ok(report)
}

fn floor(args: &LoadArgs, seconds: f64) -> Result<Report, Failure> {
    let server = EchoServer::start().map_err(Failure::io)?;
    let mut connections = Vec::new();
    for n in 0..args.connections {
        let stream = TcpStream::connect(server.address).map_err(Failure::io)?;
        connections.push(Connection::new(stream, EchoLink::default(), format!("echo-{n}"))?);
    }
    drive::run("echo", args, seconds, &mut connections, &AckLog::default())
}

fn venue(args: &LoadArgs) -> Result<Report, Failure> {
    let http = Http::new(&args.url)?;
    http.require_market(&args.symbol)?;
    let log = AckLog::create(args.acked.as_deref())?;
    let run = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let users = users(args, &http, run, &log)?;
    let disturbance = disturbance(args, &http, run)?;
    match args.via {
        Via::Ws => measured("websocket", args, sessions(args, &http, users)?, &log, disturbance),
        Via::Rest => measured("rest", args, requests(args, &http, users)?, &log, disturbance),
        Via::Tcp => {
            let mut report = measured("tcp", args, order_entry(args, &http, users)?, &log, disturbance)?;
            report.durability = http.durability()?;
            Ok(report)
        }
    }
}

/// Who trades: a name that begins those of his orders in this run, and a token. All but one are users of earlier runs,
/// where those are kept.
fn users(args: &LoadArgs, http: &Http, run: u128, log: &AckLog) -> Result<Users, Failure> {
    let kept = known::read(args.users.as_deref())?;
    let (mut users, mut known) = (Vec::new(), Vec::new());
    for n in 0..args.connections {
        let name = format!("load-{run}-{n}");
        let (email, token) = match n.checked_sub(1).and_then(|n| kept.get(n as usize)) {
            Some((email, _)) => (email.clone(), known::token(http, &kept, email)?),
            None => {
                let email = format!("{name}@example.com");
                let token = http.sign_up(&email)?;
                (email, token)
            }
        };
        log.line(&format!("user {email} {name}"))?;
        users.push((name, token.clone()));
        known.push((email, token));
        known::write(args.users.as_deref(), &known)?;
    }
    Ok(users)
}

/// What a run may be measured beside; it begins when everybody is connected.
enum Disturbance {
    /// Clients that mean no good.
    Hostile(Target),
    /// Users who log in so many times a second, and do nothing else.
    Logins { http: Http, emails: Vec<String>, per_second: u64 },
}

/// The same, while it goes on.
enum Going {
    Hostile(Set),
    Logins(Logins, u64),
}

fn disturbance(args: &LoadArgs, http: &Http, run: u128) -> Result<Option<Disturbance>, Failure> {
    if args.beside_hostile {
        return Target::new(args, http, args.via == Via::Tcp).map(|target| Some(Disturbance::Hostile(target)));
    }
    let Some(per_second) = args.beside_logins else { return Ok(None) };
    // None of those who trade: a user's oldest session ends when there are many.
    let emails: Vec<String> = (0..USERS).map(|n| format!("load-{run}-logins-{n}@example.com")).collect();
    for email in &emails {
        http.sign_up(email)?;
    }
    Ok(Some(Disturbance::Logins { http: http.clone(), emails, per_second }))
}

impl Disturbance {
    fn start(self) -> Result<Going, Failure> {
        match self {
            Disturbance::Hostile(target) => Set::start(target).map(Going::Hostile).map_err(Failure::io),
            Disturbance::Logins { http, emails, per_second } => {
                Logins::start(&http, &emails, per_second).map(|logins| Going::Logins(logins, per_second))
            }
        }
    }
}

impl Going {
    fn end(self) -> Disturbed {
        match self {
            Going::Hostile(set) => Disturbed::Hostile(set.end()),
            Going::Logins(logins, per_second) => Disturbed::Logins { per_second, answers: logins.stop() },
        }
    }
}

/// Measures, and once more beside a disturbance, if there is one: without it before and after.
fn measured<L: Link>(
    transport: &'static str,
    args: &LoadArgs,
    mut connections: Vec<Connection<L>>,
    log: &AckLog,
    disturbance: Option<Disturbance>,
) -> Result<Report, Failure> {
    let whole = args.seconds as f64;
    let Some(disturbance) = disturbance else { return drive::run(transport, args, whole, &mut connections, log) };
    let mut quiet = drive::run(transport, args, whole / 2.0, &mut connections, log)?;
    let going = disturbance.start()?;
    let report = drive::run(transport, args, whole, &mut connections, log);
    let disturbed = going.end();
    quiet.add(&drive::run(transport, args, whole / 2.0, &mut connections, log)?);
    quiet.beside = Some(Box::new(Beside { report: report?, disturbed }));
    Ok(quiet)
}

type Users = Vec<(String, String)>;

fn sessions(args: &LoadArgs, http: &Http, users: Users) -> Result<Vec<Connection<WsLink>>, Failure> {
    let open = |(name, token): (String, String)| {
        let mut stream = connect(http.host())?;
        upgrade(&mut stream, http.host())?;
        let link = ready(&mut stream, WsLink::new(&args.symbol, &token), WsLink::is_ready)?;
        Connection::new(stream, link, name)
    };
    users.into_iter().map(open).collect()
}

fn requests(args: &LoadArgs, http: &Http, users: Users) -> Result<Vec<Connection<RestLink>>, Failure> {
    let open = |(name, token): (String, String)| {
        Connection::new(connect(http.host())?, RestLink::new(http.host(), &args.symbol, &token), name)
    };
    users.into_iter().map(open).collect()
}

fn order_entry(args: &LoadArgs, http: &Http, users: Users) -> Result<Vec<Connection<TcpLink>>, Failure> {
    let mut terms = None;
    let mut connections = Vec::new();
    for (name, token) in users {
        let (id, secret) = http.api_key(&token)?;
        let key = Key::hmac(&id, &secret).map_err(Failure::io)?;
        let terms = match terms {
            Some(terms) => terms,
            None => *terms.insert(find_market(&args.tcp, key.clone(), &args.symbol)?),
        };
        let mut stream = connect(&args.tcp)?;
        let link = ready(&mut stream, TcpLink::new(key, terms, Instant::now()), TcpLink::is_ready)?;
        connections.push(Connection::new(stream, link, name)?);
    }
    Ok(connections)
}

pub(super) fn connect(address: &str) -> Result<TcpStream, Failure> {
    let found: Option<SocketAddr> =
        address.to_socket_addrs().map_err(|error| Failure::refused(format!("{address}: {error}")))?.next();
    let found = found.ok_or_else(|| Failure::refused(format!("{address}: no such address")))?;
    let stream = TcpStream::connect_timeout(&found, SET_UP_WITHIN);
    let stream = stream.map_err(|error| Failure::io(format!("{address}: {error}; is the venue running?")))?;
    stream.set_nodelay(true).map_err(Failure::io)?;
    stream.set_read_timeout(Some(SET_UP_WITHIN)).map_err(Failure::io)?;
    Ok(stream)
}

/// HTTP becomes a WebSocket.
pub(super) fn upgrade(stream: &mut TcpStream, host: &str) -> Result<(), Failure> {
    let head = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).map_err(Failure::io)?;
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).map_err(Failure::io)?;
        answer.extend_from_slice(&byte);
    }
    if answer.starts_with(b"HTTP/1.1 101") {
        return Ok(());
    }
    Err(Failure::io(format!("{host}: no WebSocket: {}", String::from_utf8_lossy(&answer))))
}

/// Writes and reads until the link says that it may ask.
fn ready<L: Link>(stream: &mut TcpStream, mut link: L, is_ready: impl Fn(&L) -> bool) -> Result<L, Failure> {
    let mut buffer = [0; 4_096];
    while !is_ready(&link) {
        let length = link.output().len();
        stream.write_all(link.output()).map_err(Failure::io)?;
        link.written(length, Instant::now());
        let read = stream.read(&mut buffer).map_err(Failure::io)?;
        if read == 0 {
            return Err(Failure::io("the venue closed the connection before it was logged in"));
        }
        link.take(buffer.get(..read).unwrap_or_default(), Instant::now())?;
    }
    Ok(link)
}
