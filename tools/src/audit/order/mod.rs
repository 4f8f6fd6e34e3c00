//! `papertape audit order`: the life of an order.
//!
//! The journal is replayed from the newest snapshot that is older than the order; only what belongs to the order, and the
//! orders ahead of it in its queue, is kept.

mod ahead;
mod life;
mod line;

use std::io::Write;

use clap::Args;
use papertape_engine::{Event, OrderId};
use papertape_pipeline::Steps;

use self::life::Life;
use self::line::Lines;
use super::{Ran, Source, StoryFormat};
use crate::exit::{self, Failure};

/// Which order
#[derive(Args, Debug)]
pub struct OrderArgs {
    /// The venue's number of the order
    #[arg(value_name = "ID", value_parser = clap::value_parser!(u64).range(1..))]
    pub order: u64,
    /// Which journal
    #[command(flatten)]
    pub source: Source,
    /// How it is told
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = StoryFormat::Text)]
    pub format: StoryFormat,
    /// Leave out what moved it in its queue
    #[arg(long)]
    pub no_queue: bool,
}

/// Where a replay met its first new order.
enum Met {
    /// It stands before the record that accepted the order, or before an older order.
    InTime,
    /// The first order that it met is younger.
    Late,
    /// It met none up to the end.
    Nothing,
}

pub(super) fn run(args: &OrderArgs, out: &mut impl Write) -> Ran {
    let order = OrderId(args.order);
    let mut steps = begin(&args.source, order)?;
    let mut lines = Lines::new(args.format, !args.no_queue, out);
    let mut life = Life::new(order);
    let mut orders = 0;
    while let Some(step) = steps.next()? {
        for event in step.events {
            if let Event::Accepted(accepted) = event {
                orders = accepted.order.0;
            }
        }
        life.step(&step, &mut lines)?;
        if life.is_over() {
            break;
        }
    }
    if !life.has_begun() {
        let known = match orders {
            0 => "the journal accepted none that could be it".to_owned(),
            last => format!("the journal's last order is {last}"),
        };
        let last = steps.last_seq();
        return Err(Failure::refused(format!("there is no order {order} up to record {last}: {known}")).into());
    }
    life.end(&steps, &mut lines)?;
    Ok(exit::OK)
}

/// A replay from the newest snapshot that is older than the order. Orders are numbered in the order of acceptance, so the
/// first one that is accepted after a snapshot says whether it is.
fn begin(source: &Source, order: OrderId) -> Result<Steps, Failure> {
    let mut skip_to = u64::MAX;
    loop {
        let mut steps = source.steps(skip_to, None)?;
        let Some(begun_at) = steps.snapshot().is_some().then(|| steps.last_seq()) else { return Ok(steps) };
        if matches!(first_order(&mut steps, order)?, Met::InTime) {
            return source.steps(begun_at, None);
        }
        skip_to = begun_at - 1;
    }
}

fn first_order(steps: &mut Steps, order: OrderId) -> Result<Met, Failure> {
    while let Some(step) = steps.next()? {
        for event in step.events {
            if let Event::Accepted(accepted) = event {
                return Ok(if accepted.order <= order { Met::InTime } else { Met::Late });
            }
        }
    }
    Ok(Met::Nothing)
}
