//! A market that moves: simulated makers, takers and small traders, who trade through the inbox like everybody else.
//!
//! [`Crowd`] decides and knows neither threads nor clocks: the same seed and the same events give the same commands.
//! [`Simulator`] runs it on a thread of its own.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use papertape_engine::{Command, Engine, Event, InstrumentId};
use papertape_pipeline::{Client, Subscriber, Ticket, now_ns};

use crate::demo;
use crate::venue::AskError;

mod crowd;
mod fair;
mod flow;
mod funds;
mod grid;
mod maker;
mod orders;
mod random;

pub use crowd::{Crowd, STEP_NS, SimulatedMarket};
pub use funds::Call;

/// How long the venue may take to answer at the start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who is late by more than this does not catch up.
const LAG_MAX: Duration = Duration::from_secs(1);

/// Settings of the simulator.
#[derive(Clone, Debug)]
pub struct SimulatorConfig {
    /// Gives the traders' decisions.
    pub seed: u64,
    /// How much faster than the clock their time runs: 0.01 to 100. At 1 they send up to 500 commands a second.
    pub speed: f64,
    /// Where they trade.
    pub markets: Vec<SimulatedMarket>,
}

impl SimulatorConfig {
    /// The demonstration's markets among those that are listed, each from its last price on.
    pub fn demo(engine: &Engine, seed: u64) -> Self {
        let markets = engine.instruments().enumerate().filter_map(|(index, instrument)| {
            let id = InstrumentId(u16::try_from(index).ok()?);
            Some(SimulatedMarket {
                id,
                instrument: instrument.clone(),
                phase: engine.phase(id)?,
                start: demo::start_price(instrument.spec.symbol.as_str())?.into(),
                last_price: engine.last_trade(id).map(|(_, price)| price),
            })
        });
        Self { seed, speed: 1.0, markets: markets.collect() }
    }
}

/// Why the simulator did not start.
#[derive(Debug)]
pub enum SimulatorError {
    /// The venue did not answer.
    Venue(AskError),
    /// An account was not opened.
    NoAccount {
        /// Whose.
        name: String,
    },
    /// The system gives no thread.
    Thread(std::io::Error),
}

impl fmt::Display for SimulatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SimulatorError::Venue(_) => write!(f, "the venue did not answer the simulator"),
            SimulatorError::NoAccount { name } => write!(f, "the simulator's account {name} was not opened"),
            SimulatorError::Thread(_) => write!(f, "the simulator's thread could not be started"),
        }
    }
}

impl std::error::Error for SimulatorError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SimulatorError::Venue(error) => Some(error),
            SimulatorError::Thread(error) => Some(error),
            SimulatorError::NoAccount { .. } => None,
        }
    }
}

impl Call for Client {
    fn call(&mut self, command: Command) -> Result<Vec<Event>, SimulatorError> {
        Client::call(self, command, PATIENCE).map_err(|error| SimulatorError::Venue(error.into()))
    }
}

#[derive(Debug, Default)]
struct Switches {
    stops: AtomicBool,
    pauses: AtomicBool,
}

/// A running simulator. Dropping it leaves it running; its orders rest until the next start.
#[derive(Debug)]
pub struct Simulator {
    switches: Arc<Switches>,
    thread: JoinHandle<()>,
}

impl Simulator {
    /// Opens or finds the traders' accounts, ends what an earlier run left open, and lets them trade. Blocks until
    /// they can; needs a venue that was started with calls.
    pub fn start(config: &SimulatorConfig, mut client: Client, subscriber: Subscriber) -> Result<Self, SimulatorError> {
        let crowd = Crowd::open(&mut client, &config.markets, config.seed, now_ns())?;
        let interval = Duration::from_nanos((STEP_NS as f64 / config.speed.clamp(0.01, 100.0)) as u64);
        let switches = Arc::new(Switches::default());
        let shared = Arc::clone(&switches);
        let run = move || run(crowd, &client, subscriber, interval, &shared);
        let thread = std::thread::Builder::new().name("papertape-sim".to_owned()).spawn(run);
        Ok(Self { switches, thread: thread.map_err(SimulatorError::Thread)? })
    }

    /// While paused nobody asks for anything; orders stay.
    pub fn pause(&self, is_paused: bool) {
        self.switches.pauses.store(is_paused, Ordering::Relaxed);
    }

    /// Ends the thread.
    pub fn stop(self) {
        self.switches.stops.store(true, Ordering::Relaxed);
        // A thread that panicked has stopped as well.
        let _ = self.thread.join();
    }
}

fn run(mut crowd: Crowd, client: &Client, mut subscriber: Subscriber, interval: Duration, switches: &Switches) {
    let mut next = Instant::now();
    while !switches.stops.load(Ordering::Relaxed) {
        subscriber.poll(|output| crowd.fold(output));
        let now = Instant::now();
        if now < next {
            subscriber.wait(next - now);
            continue;
        }
        next = (next + interval).max(now.checked_sub(LAG_MAX).unwrap_or(now));
        if switches.pauses.load(Ordering::Relaxed) {
            continue;
        }
        for command in crowd.step(now_ns()) {
            if client.submit(Ticket::default(), command).is_err() {
                crowd.not_taken(&command);
            }
        }
    }
}
