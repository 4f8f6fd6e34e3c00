//! The life of an order.
//!
//! The journal is replayed from the newest snapshot that is older than the order; only what belongs to the order, and the
//! orders ahead of it in its queue, is kept.

mod ahead;
mod life;
mod line;
mod whole;

use papertape_engine::OrderId;
use papertape_pipeline::Steps;

pub use life::Life;
pub use line::{Fee, Head, Line, Listener, Sum};
pub use whole::{Story, read};

/// A replay from the newest snapshot that is older than the order: `open` gives one that may skip records up to a number.
/// Orders are numbered in the order of acceptance, so a state says whether the order had come.
pub fn begin<E>(order: OrderId, mut open: impl FnMut(u64) -> Result<Steps, E>) -> Result<Steps, E> {
    let mut skip_to = u64::MAX;
    loop {
        let steps = open(skip_to)?;
        if steps.snapshot().is_none() || steps.engine().order_count() < order.0 {
            return Ok(steps);
        }
        skip_to = steps.last_seq().saturating_sub(1);
    }
}
