//! What the benchmarks share: flows that are made before the clock starts, what runs them, and figures as tables and
//! plots.

mod flow;
mod latency;

mod message;
mod tally;

mod generated;
mod shanghai;

mod funded;
mod matching;

pub mod plot;
mod served;
mod spread;

pub use flow::{BookOp, book_flow, funded_engine, orders, step};
pub use funded::FundedEngine;
pub use generated::{Shape, generate};
pub use latency::Latencies;
pub use matching::BareBooks;
pub use message::{Action, Flow, Message, Print, prints_of};
pub use served::{Served, User, memory};
pub use shanghai::shanghai;
pub use spread::{Spread, digits, ratio};
pub use tally::{Prints, Tally};
