//! What runs for every order allocates nothing once it is warm. A counting allocator replaces the system's in this
//! binary, and counts by thread.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

use std::hint::black_box;

use allocation_counter::measure;
use papertape_engine::{
    AmendOrder, Command, Engine, Event, LadderBook, OrderBook, OrderId, OrderKind, PlaceOrder, Price, Qty, Side, Slot,
    Stamp, TimeInForce,
};
use papertape_tests::{Stream, StreamOptions, open_market};

const WARM: usize = 300_000;
const COUNTED: usize = 500_000;

/// Runs commands through an engine, into the same list of events again and again.
struct Runner {
    engine: Engine,
    seq: u64,
    events: Vec<Event>,
    told: [usize; 5],
}

impl Runner {
    fn run(&mut self, commands: &[Command]) {
        for command in commands {
            self.seq += 1;
            self.events.clear();
            self.engine.apply(Stamp { seq: self.seq, time_ns: self.seq }, command, &mut self.events);
            for event in &self.events {
                match event {
                    Event::Accepted(_) => self.told[0] += 1,
                    Event::Trade(_) => self.told[1] += 1,
                    Event::Cancelled(_) => self.told[2] += 1,
                    Event::Amended(_) => self.told[3] += 1,
                    Event::Rejected { .. } => self.told[4] += 1,
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn the_counter_counts() {
    let mut list = Vec::new();
    let pushed = measure(|| list.push(black_box(1_u64)));
    assert_eq!((pushed.count_total, pushed.count_current), (1, 1), "the first push into a list allocates");
    let room = list.capacity() - list.len();
    let within = measure(|| list.extend(std::iter::repeat_n(black_box(2), room)));
    assert_eq!(within.count_total, 0, "a push within the capacity does not");
    let beyond = measure(|| list.push(black_box(3)));
    assert_eq!(beyond.count_total, 1, "a list that grows allocates");
}

#[test]
fn a_warm_engine_allocates_nothing() {
    let stream = Stream::new(17, StreamOptions { wild: false, width: 40 });
    let commands: Vec<Command> = open_market().into_iter().chain(stream.take(WARM + COUNTED)).collect();
    let (warm, counted) = commands.split_at(commands.len() - COUNTED);
    check_variety(counted);
    let mut runner = Runner { engine: Engine::new(), seq: 0, events: Vec::with_capacity(4_096), told: [0; 5] };
    runner.run(warm);
    runner.told = [0; 5];
    let info = measure(|| runner.run(counted));
    assert_eq!((info.count_total, info.bytes_total), (0, 0), "over {COUNTED} commands");
    let [accepted, trades, cancelled, amended, rejected] = runner.told;
    let enough = accepted > 200_000 && trades > 80_000 && cancelled > 80_000 && amended > 20_000 && rejected > 10_000;
    assert!(enough, "{:?}", runner.told);
}

/// A count over commands that all do the same would prove little.
fn check_variety(commands: &[Command]) {
    let count = |wanted: fn(&Command) -> bool| commands.iter().filter(|command| wanted(command)).count();
    let placed = |wanted: fn(&PlaceOrder) -> bool| {
        commands.iter().filter(|command| matches!(command, Command::Place(order) if wanted(order))).count()
    };
    assert!(count(|command| matches!(command, Command::Cancel { .. })) > 50_000);
    assert!(count(|command| matches!(command, Command::Amend(AmendOrder { .. }))) > 20_000);
    assert!(count(|command| matches!(command, Command::CancelAll { .. })) > 200);
    assert!(placed(|order| matches!(order.kind, OrderKind::Market { .. })) > 10_000);
    assert!(placed(|order| matches!(order.kind, OrderKind::MarketQuote { .. })) > 10_000);
    assert!(placed(|order| order.time_in_force == TimeInForce::Fok) > 10_000);
    assert!(placed(|order| order.client_order_id.is_some()) > 50_000);
    for instrument in 0..3 {
        let there = |command: &&Command| matches!(command, Command::Place(order) if order.instrument.0 == instrument);
        assert!(commands.iter().filter(there).count() > 50_000, "instrument {instrument}");
    }
}

#[test]
fn a_warm_book_allocates_nothing() {
    let mut book = LadderBook::default();
    let mut live: Vec<(Slot, OrderId)> = Vec::with_capacity(2_048);
    let (mut state, mut number, mut trades) = (41_u64, 0, 0);
    let mut step = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = state >> 33;
        number += 1;
        let side = if random & 1 == 0 { Side::Buy } else { Side::Sell };
        match random % 7 {
            _ if live.len() < 1_000 => {
                let away = 1 + (random >> 3) % 300;
                let price = Price(if side == Side::Buy { 100_000 - away } else { 100_000 + away });
                live.push((book.rest(side, price, Qty(1 + random % 50), OrderId(number)), OrderId(number)));
            }
            0 => {
                if let Some(front) = book.front(side) {
                    book.take(front.slot, front.leaves_qty.min(Qty(20)));
                    trades += 1;
                }
            }
            _ => {
                // The order may have traded, and another one be in its slot.
                let (slot, id) = live.swap_remove(random as usize % live.len());
                if book.id_at(slot) == Some(id) {
                    book.remove(slot);
                }
            }
        }
    };
    (0..WARM).for_each(|_| step());
    let info = measure(|| (0..COUNTED).for_each(|_| step()));
    assert_eq!((info.count_total, info.bytes_total), (0, 0), "over {COUNTED} operations");
    assert!(trades > 50_000, "{trades} trades");
}
