//! What a message costs as the venue grows: more symbols, more resting orders, more accounts.
//!
//! Each case is timed beside the smallest of its kind, in turns, over messages that keep the number of resting orders
//! as it is, in two ways. `like a market`: cancels name one of the last thousand resting orders, and half of the orders
//! come from a sixteenth of the accounts and go to a sixteenth of the symbols. `any`: cancels name any resting order,
//! and any account and symbol is as likely as another; nothing is near to what was touched last, which is the worst
//! that can be asked of a cache.
//!
//!     cargo bench -p papertape-benches --bench growth -- [--rounds N]

use std::hint::black_box;
use std::time::Instant;

use papertape_benches::{BareBooks, Flow, FundedEngine, Message, Shape, Spread, Tally, digits, generate, ratio};
use papertape_engine::LadderBook;

/// Messages in one timing.
const TIMED: usize = 100_000;
/// Resting orders where something else grows.
const LIVE: usize = 10_000;
/// Accounts where something else grows.
const ACCOUNTS: u32 = 64;

/// Cancels like a market's name one of this many.
const RECENT: usize = 1_000;

#[derive(Clone, Copy)]
struct Case {
    like_a_market: bool,
    symbols: u16,
    live: usize,
    accounts: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Book,
    Engine,
}

/// What is timed.
#[allow(clippy::large_enum_variant)] // There are two of them.
enum Subject {
    Book(BareBooks<LadderBook>),
    Engine(FundedEngine<LadderBook>),
}

impl Subject {
    fn run(&mut self, messages: &[Message]) -> Tally {
        let mut tally = Tally::default();
        match self {
            Subject::Book(books) => books.run(messages, &mut tally),
            Subject::Engine(engine) => engine.run(messages, &mut tally),
        }
        tally
    }
}

/// A case that holds its resting orders, and the messages that come next.
struct Grown {
    subject: Subject,
    flow: Flow,
    next: usize,
    bytes: u64,
}

impl Grown {
    fn new(kind: Kind, case: Case, rounds: usize) -> Self {
        let Case { like_a_market: skewed, symbols: books, live, accounts } = case;
        let messages = (rounds + 1) * TIMED;
        let recent = if skewed { RECENT } else { usize::MAX };
        let shape = Shape { seed: 31, books, skewed, live, width: 200, crosses: false, recent, messages };
        let (flow, filled) = generate("growth", shape);
        let mut subject = None;
        let allocated = allocation_counter::measure(|| {
            let mut made = match kind {
                Kind::Book => Subject::Book(BareBooks::new(flow.books)),
                Kind::Engine => Subject::Engine(FundedEngine::new(flow.books, accounts).skewed(skewed)),
            };
            made.run(&flow.messages[..filled]);
            subject = Some(made);
        });
        let subject = subject.expect("the closure ran");
        let bytes = allocated.bytes_current.unsigned_abs();
        let mut grown = Grown { subject, flow, next: filled, bytes };
        // The first messages after filling are not timed.
        grown.timing();
        grown
    }

    /// Nanoseconds a message, over the next messages.
    fn timing(&mut self) -> f64 {
        let messages = &self.flow.messages[self.next..self.next + TIMED];
        self.next += TIMED;
        let begin = Instant::now();
        black_box(self.subject.run(messages));
        begin.elapsed().as_nanos() as f64 / TIMED as f64
    }
}

fn main() {
    let rounds = rounds();
    let cache = l3_bytes();
    println!("{rounds} rounds; {} MiB of L3", cache >> 20);
    println!("| what | | memory | in L3 | ns a message, median (min to max) | times the smallest case |");
    println!("|---|---|---|---|---|---|");
    for (kind, name) in [(Kind::Book, "book"), (Kind::Engine, "engine")] {
        for (like_a_market, way) in [(true, "like a market"), (false, "any")] {
            let base = Case { like_a_market, symbols: 1, live: LIVE, accounts: ACCOUNTS };
            let symbols = [1, 10, 100, 1_000].map(|symbols| (usize::from(symbols), Case { symbols, ..base }));
            let live = [3, 4, 5, 6, 7].map(|power| 10_usize.pow(power)).map(|live| (live, Case { live, ..base }));
            let accounts = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
            let accounts = accounts.map(|accounts| (accounts as usize, Case { accounts, ..base }));
            table(&format!("{name}, symbols, {way}"), kind, &symbols, (rounds, cache));
            table(&format!("{name}, resting orders, {way}"), kind, &live, (rounds, cache));
            if kind == Kind::Engine {
                table(&format!("{name}, accounts, {way}"), kind, &accounts, (rounds, cache));
            }
        }
    }
}

/// Times each case and the first one in turns.
fn table(what: &str, kind: Kind, cases: &[(usize, Case)], (rounds, cache): (usize, u64)) {
    for (value, case) in cases {
        let mut small = Grown::new(kind, cases[0].1, rounds);
        let mut grown = Grown::new(kind, *case, rounds);
        let (mut small_ns, mut grown_ns) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            small_ns.push(small.timing());
            grown_ns.push(grown.timing());
        }
        let fits = if grown.bytes <= cache { "yes" } else { "no" };
        let memory = digits(grown.bytes as f64 / f64::from(1 << 20));
        let times = ratio(&grown_ns, &small_ns);
        println!("| {what} | {value} | {memory} MiB | {fits} | {} | {times} |", Spread::of(grown_ns));
    }
}

/// The third level's size as Linux tells it, or 32 MiB.
fn l3_bytes() -> u64 {
    let told = std::fs::read_to_string("/sys/devices/system/cpu/cpu0/cache/index3/size");
    let kibibytes = told.ok().and_then(|text| text.trim().strip_suffix('K')?.parse::<u64>().ok());
    kibibytes.unwrap_or(32 << 10) << 10
}

fn rounds() -> usize {
    let words: Vec<String> = std::env::args().collect();
    let value = words.iter().position(|word| word == "--rounds").and_then(|at| words.get(at + 1));
    value.map_or(11, |value| value.parse().expect("--rounds takes a number"))
}
