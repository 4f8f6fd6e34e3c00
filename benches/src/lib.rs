//! What the benchmarks share: flows that are made before the clock starts, and latencies as a table.

mod flow;
mod latency;

pub use flow::{BookOp, book_flow, funded_engine, orders, step};
pub use latency::Latencies;
