//! `papertape audit order`: the life of an order.
//!
//! It is followed by `papertape_story`; here it is written.

mod line;

use std::io::Write;

use clap::Args;
use papertape_engine::OrderId;
use papertape_story::Eyes;
use papertape_story::order::{Life, begin};

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

pub(super) fn run(args: &OrderArgs, out: &mut impl Write) -> Ran {
    let order = OrderId(args.order);
    let mut steps = begin(order, |skip_to| args.source.steps(skip_to, None))?;
    let mut lines = Lines::new(args.format, !args.no_queue, out);
    let mut life = Life::new(order, Eyes::All);
    while let Some(step) = steps.next()? {
        life.step(&step, &mut lines)?;
        if life.is_over() {
            break;
        }
    }
    if !life.has_begun() {
        let known = match steps.engine().order_count() {
            0 => "the journal accepted none that could be it".to_owned(),
            last => format!("the journal's last order is {last}"),
        };
        let last = steps.last_seq();
        return Err(Failure::refused(format!("there is no order {order} up to record {last}: {known}")).into());
    }
    life.end(&steps, &mut lines)?;
    Ok(exit::OK)
}
