//! The bare book: adds, cancels and takes, beside the reference book. No accounts, no events.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use papertape_benches::{BookOp, book_flow};
use papertape_engine::{Handle, LadderBook, OrderBook, OrderId, ReferenceBook};

/// Runs a flow; handles of what was added are kept outside of the measured book.
fn run<B: OrderBook>(book: &mut B, flow: &[BookOp], handles: &mut Vec<Handle>) -> usize {
    handles.clear();
    let mut done = 0;
    for operation in flow {
        match *operation {
            BookOp::Add(side, price, qty) => handles.push(book.rest(side, price, qty, OrderId(handles.len() as u64))),
            BookOp::Cancel(nth) => done += usize::from(book.remove(handles[nth]).is_some()),
            BookOp::Take(side, qty) => {
                if let Some(front) = book.front(side) {
                    book.take(front.handle, qty.min(front.leaves_qty));
                    done += 1;
                }
            }
        }
    }
    done
}

fn flow_of<B: OrderBook>(criterion: &mut Criterion, name: &str, operations: usize) {
    let flow = book_flow(23, operations);
    let mut group = criterion.benchmark_group(format!("book/{operations} operations"));
    group.throughput(Throughput::Elements(operations as u64)).sample_size(10);
    let mut handles = Vec::with_capacity(operations);
    group.bench_function(name, |bencher| {
        bencher.iter_batched_ref(B::default, |book| run(black_box(book), &flow, &mut handles), BatchSize::LargeInput);
    });
    group.finish();
}

fn book(criterion: &mut Criterion) {
    flow_of::<LadderBook>(criterion, "ladder", 20_000);
    flow_of::<ReferenceBook>(criterion, "reference", 20_000);
    flow_of::<LadderBook>(criterion, "ladder", 1_000_000);
}

criterion_group!(benches, book);
criterion_main!(benches);
