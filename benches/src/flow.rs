//! Seeded flows.

use papertape_engine::{Command, Engine, Event, OrderBook, Price, Qty, Side, Stamp};
use papertape_tests::{Stream, StreamOptions, open_market};

/// One operation on a bare book.
#[derive(Clone, Copy, Debug)]
pub enum BookOp {
    /// Rest an order.
    Add(Side, Price, Qty),
    /// Take out the `n`th of the orders that were added.
    Cancel(usize),
    /// Take this much from the best level's oldest order.
    Take(Side, Qty),
}

/// A flow that rests around a middle price that wanders: half adds, 40 % cancels, 10 % takes, as public
/// matching-engine benchmarks have it. The book holds about a fifth of the adds at its end.
pub fn book_flow(seed: u64, operations: usize) -> Vec<BookOp> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    let (mut middle, mut added) = (1_000_000_u64, 0_usize);
    (0..operations)
        .map(|_| match random(10) {
            0..=4 => {
                middle = middle + random(7) - 3;
                let side = if random(2) == 0 { Side::Buy } else { Side::Sell };
                let away = 1 + random(200);
                let price = if side == Side::Buy { middle - away } else { middle + away };
                added += 1;
                BookOp::Add(side, Price(price), Qty(1 + random(100)))
            }
            5..=8 if added > 0 => BookOp::Cancel(added - 1 - random(added.min(2_000) as u64) as usize),
            _ => BookOp::Take(if random(2) == 0 { Side::Buy } else { Side::Sell }, Qty(1 + random(20))),
        })
        .collect()
}

/// Orders, cancels and amends for the venue of [`funded_engine`], without admin commands.
pub fn orders(seed: u64, count: usize) -> Vec<Command> {
    Stream::new(seed, StreamOptions { wild: false, width: 40 }).take(count).collect()
}

/// An engine with its assets, instruments and funded accounts, all in continuous trading, and the next seq.
pub fn funded_engine<B: OrderBook>() -> (Engine<B>, u64) {
    let mut engine = Engine::default();
    let mut events = Vec::new();
    let mut seq = 0;
    for command in open_market() {
        seq += 1;
        step(&mut engine, seq, &command, &mut events);
    }
    (engine, seq)
}

/// Applies one command; the events replace those before.
#[inline]
pub fn step<B: OrderBook>(engine: &mut Engine<B>, seq: u64, command: &Command, events: &mut Vec<Event>) {
    events.clear();
    engine.apply(Stamp { seq, time_ns: seq }, command, events);
}
