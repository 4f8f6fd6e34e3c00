//! Clients that mean no good, while the load goes on: what they are told, and what that costs the others.
//!
//! Each way to do harm has a thread of its own with a pace of its own, so that what is measured is the venue's work and not
//! the attackers' need for a processor; only the flood sends as fast as it is told to.

mod tcp;
mod web;

use std::collections::BTreeMap;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use papertape_client::{Key, Terms};
use serde::Serialize;

use super::LoadArgs;
use super::client::Http;
use super::link::find_market;
use super::outside::connect;
use crate::exit::Failure;

/// How long an attacker waits for what it is told.
const PATIENCE: Duration = Duration::from_secs(2);

/// An attacker looks at least so often at whether it is over.
const LOOK: Duration = Duration::from_millis(50);

/// Where the harm is done, and under whose name.
pub(super) struct Target {
    /// `HOST:PORT` of HTTP and WebSocket.
    host: String,
    /// Of binary order entry; none, where the run does not use it.
    tcp: Option<String>,
    token: String,
    /// The user's own number.
    user: u64,
    /// Key and order of the flood.
    order_entry: Option<(Key, Terms)>,
    per_second: u64,
    flood_per_second: u64,
    is_over: AtomicBool,
}

impl Target {
    /// Signs an attacker up.
    pub(super) fn new(args: &LoadArgs, http: &Http, with_tcp: bool) -> Result<Self, Failure> {
        let run = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let token = http.sign_up(&format!("hostile-{}@example.com", run.map_or(0, |run| run.as_millis())))?;
        let order_entry = if with_tcp {
            let (id, secret) = http.api_key(&token)?;
            let key = Key::hmac(&id, &secret).map_err(Failure::io)?;
            let terms = find_market(&args.tcp, key.clone(), &args.symbol)?;
            Some((key, terms))
        } else {
            None
        };
        Ok(Self {
            host: http.host().to_owned(),
            tcp: with_tcp.then(|| args.tcp.clone()),
            user: http.user(&token)?,
            token,
            order_entry,
            per_second: args.hostile_per_second,
            flood_per_second: args.flood_per_second,
            is_over: AtomicBool::new(false),
        })
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    fn http(&self) -> Option<TcpStream> {
        reach(&self.host)
    }

    fn tcp(&self) -> Option<TcpStream> {
        reach(self.tcp.as_deref()?)
    }

    /// Does something so many times a second, until it is over.
    fn paced(&self, per_second: u64, mut attack: impl FnMut()) {
        let begun = Instant::now();
        for n in 0_u64.. {
            let due = Duration::from_secs_f64(n as f64 / per_second.max(1) as f64);
            while begun.elapsed() < due && !self.is_over() {
                std::thread::sleep(due.saturating_sub(begun.elapsed()).min(LOOK));
            }
            if self.is_over() {
                return;
            }
            attack();
        }
    }
}

fn reach(address: &str) -> Option<TcpStream> {
    let stream = connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    Some(stream)
}

/// What became of one way to do harm.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub(crate) struct Tally {
    /// How often it was tried.
    pub(crate) attempts: u64,
    /// What was answered, by code.
    pub(crate) answers: BTreeMap<String, u64>,
}

impl Tally {
    fn answer(&mut self, name: &str) {
        *self.answers.entry(name.to_owned()).or_default() += 1;
    }
}

/// What became of all, by name.
pub(crate) type Tallies = BTreeMap<&'static str, Tally>;

type Attack = fn(&Target) -> Tally;

/// The whole set.
const ATTACKS: [(&str, Attack); 8] = [
    ("flood", tcp::flood),
    ("half_frames", tcp::half_frames),
    ("giant_lengths", tcp::giant_lengths),
    ("wrong_versions", tcp::wrong_versions),
    ("slow_loris", web::slow_loris),
    ("others_topic", web::others_topic),
    ("json_bombs", web::json_bombs),
    ("giant_frames", web::giant_frames),
];

/// Attackers at work.
pub(super) struct Set {
    target: Arc<Target>,
    threads: Vec<(&'static str, JoinHandle<Tally>)>,
}

impl Set {
    /// Lets them begin.
    pub(super) fn start(target: Target) -> io::Result<Self> {
        let target = Arc::new(target);
        let begin = |(name, attack): (&'static str, Attack)| {
            let target = Arc::clone(&target);
            let thread = std::thread::Builder::new().name(name.into()).spawn(move || attack(&target))?;
            Ok((name, thread))
        };
        let threads = ATTACKS.into_iter().map(begin).collect::<io::Result<_>>()?;
        Ok(Self { target, threads })
    }

    /// Ends them, and says what became of them.
    pub(super) fn end(self) -> Tallies {
        self.target.is_over.store(true, Ordering::Release);
        // An attacker that panicked has nothing to tell.
        self.threads.into_iter().map(|(name, thread)| (name, thread.join().unwrap_or_default())).collect()
    }
}
