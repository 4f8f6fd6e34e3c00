//! The bare book: adds, cancels and takes, beside the reference book. No accounts, no events.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use papertape_benches::{BookOp, book_flow};
use papertape_engine::{Fill, LadderBook, Meet, OrderBook, OrderId, OrderIndex, ReferenceBook, Slot};

/// Runs a flow: orders are named by number, as whoever trades names them.
fn run<B: OrderBook>(book: &mut B, index: &mut OrderIndex<Slot>, flow: &[BookOp]) -> usize {
    let (mut added, mut done) = (0, 0);
    for operation in flow {
        match *operation {
            BookOp::Add(side, price, qty) => {
                index.insert(OrderId(added), book.rest(side, price, qty, OrderId(added)));
                added += 1;
            }
            BookOp::Cancel(nth) => {
                let slot = index.remove(OrderId(nth as u64), |slot| book.id_at(slot).expect("it is indexed"));
                done += usize::from(slot.and_then(|slot| book.remove(slot)).is_some());
            }
            BookOp::Take(side, qty) => {
                book.sweep(side.opposite(), None, qty, |Fill { maker, qty }| {
                    if qty == maker.leaves_qty {
                        index.remove_at(maker.id, maker.slot);
                    }
                    done += 1;
                    Meet::Take
                });
            }
        }
    }
    done
}

fn flow_of<B: OrderBook>(criterion: &mut Criterion, name: &str, operations: usize, empty: fn() -> B) {
    let flow = book_flow(23, operations);
    let mut group = criterion.benchmark_group(format!("book/{operations} operations"));
    group.throughput(Throughput::Elements(operations as u64)).sample_size(10);
    group.bench_function(name, |bencher| {
        let fresh = || (empty(), OrderIndex::default());
        bencher.iter_batched_ref(fresh, |(book, index)| run(black_box(book), index, &flow), BatchSize::LargeInput);
    });
    group.finish();
}

fn book(criterion: &mut Criterion) {
    let ladder = || LadderBook::with_capacity(1 << 18);
    flow_of(criterion, "ladder", 20_000, ladder);
    flow_of(criterion, "reference", 20_000, ReferenceBook::default);
    flow_of(criterion, "ladder", 1_000_000, ladder);
}

criterion_group!(benches, book);
criterion_main!(benches);
