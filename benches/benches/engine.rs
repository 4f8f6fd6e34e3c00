//! The engine with accounts, holds, fees, positions and events, over the fast book and over the reference book.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use papertape_benches::{funded_engine, orders, step};
use papertape_engine::{Command, Engine, LadderBook, OrderBook, ReferenceBook};

fn run<B: OrderBook>(engine: &mut Engine<B>, begin: u64, commands: &[Command]) -> usize {
    let mut events = Vec::with_capacity(1_024);
    let mut told = 0;
    for (seq, command) in (begin + 1..).zip(commands) {
        step(engine, seq, command, &mut events);
        told += events.len();
    }
    told
}

fn flow_of<B: OrderBook + Clone>(criterion: &mut Criterion, name: &str, count: usize) {
    let commands = orders(23, count);
    let (engine, seq) = funded_engine::<B>();
    let mut group = criterion.benchmark_group(format!("engine/{count} commands"));
    group.throughput(Throughput::Elements(count as u64)).sample_size(10);
    group.bench_function(name, |bencher| {
        let fresh = || engine.clone();
        bencher.iter_batched_ref(fresh, |engine| run(black_box(engine), seq, &commands), BatchSize::LargeInput);
    });
    group.finish();
}

fn engine(criterion: &mut Criterion) {
    flow_of::<LadderBook>(criterion, "ladder", 20_000);
    flow_of::<ReferenceBook>(criterion, "reference", 20_000);
    flow_of::<LadderBook>(criterion, "ladder", 200_000);
}

criterion_group!(benches, engine);
criterion_main!(benches);
