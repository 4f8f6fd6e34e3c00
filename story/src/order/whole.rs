//! A story as a whole, in memory that is bounded.

use papertape_engine::OrderId;
use papertape_pipeline::{Replay, Steps, VenueDir};

use super::begin;
use super::life::Life;
use super::line::{Head, Line, Listener, Sum};
use crate::{Eyes, Unread};

/// Most lines that are kept of one story, its end aside.
const LINES_MAX: usize = 2_000;

/// Most of them about the queue, so that a busy queue leaves room for what happened to the order itself.
const AHEAD_MAX: usize = 1_000;

/// A story as far as it was read.
#[derive(Clone, Debug)]
pub struct Story {
    /// Who the order is.
    pub head: Head,
    /// What happened, in order.
    pub lines: Vec<Line>,
    /// Lines that are not in `lines`, because they would be too many.
    pub left_out: u64,
    /// What it came to.
    pub sum: Sum,
}

/// Reads the life of an order from its beginning to its end, or up to a record that the journal must have. `goes_on` is asked before each record.
pub fn read(
    dir: &VenueDir,
    order: OrderId,
    eyes: Eyes,
    until: u64,
    mut goes_on: impl FnMut() -> bool,
) -> Result<Story, Unread> {
    let mut steps = begin(order, |skip_to| {
        if !goes_on() {
            return Err(Unread::Stopped);
        }
        let skip_to = Some(skip_to.min(until)).filter(|skip_to| *skip_to > 0);
        Ok(Steps::open(&Replay { dir: dir.clone(), until: Some(until), skip_to })?)
    })?;
    let (mut life, mut kept) = (Life::new(order, eyes), Kept::default());
    while goes_on() {
        let Some(step) = steps.next()? else { break };
        life.step(&step, &mut kept)?;
        if life.is_over() {
            break;
        }
    }
    if !goes_on() {
        return Err(Unread::Stopped);
    }
    if !life.is_over() && steps.last_seq() < until {
        return Err(Unread::Ends { last: steps.last_seq(), wanted: until });
    }
    life.end(&steps, &mut kept)?;
    if life.is_over() {
        kept.end();
    }
    let Kept { head, lines, left_out, sum, .. } = kept;
    let whole = head.zip(sum).map(|(head, sum)| Story { head, lines, left_out, sum });
    whole.ok_or(Unread::NoOrder { order, seq: steps.last_seq() })
}

#[derive(Default)]
struct Kept {
    head: Option<Head>,
    lines: Vec<Line>,
    ahead: usize,
    left_out: u64,
    /// The last line, if it was left out.
    last: Option<Line>,
    sum: Option<Sum>,
}

impl Kept {
    /// The last line was the order's end: it is told, however many were.
    fn end(&mut self) {
        if let Some(last) = self.last.take() {
            self.left_out -= 1;
            self.lines.push(last);
        }
    }
}

impl Listener for Kept {
    type Error = Unread;

    fn head(&mut self, head: Head) -> Result<(), Unread> {
        self.head = Some(head);
        Ok(())
    }

    fn line(&mut self, _: u64, line: Line) -> Result<(), Unread> {
        let is_ahead = line.what == "ahead";
        let is_kept = self.lines.len() < LINES_MAX && (!is_ahead || self.ahead < AHEAD_MAX);
        if is_kept {
            self.ahead += usize::from(is_ahead);
            self.lines.push(line);
            self.last = None;
        } else {
            self.left_out += 1;
            self.last = Some(line);
        }
        Ok(())
    }

    fn sum(&mut self, sum: Sum) -> Result<(), Unread> {
        self.sum = Some(sum);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::Stamp;

    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_the_end_is_kept() {
        let mut kept = Kept::default();
        let mut tell = |what, times: usize| {
            for seq in 1..=times as u64 {
                let line = Line::at(Stamp { seq, time_ns: seq }, None, what, String::new());
                kept.line(seq, line).unwrap_or_else(|error| panic!("{error}"));
            }
        };
        tell("ahead", AHEAD_MAX + 5);
        tell("fill", LINES_MAX + 1);
        kept.end();
        kept.end();
        assert_eq!((kept.lines.len(), kept.left_out), (LINES_MAX + 1, AHEAD_MAX as u64 + 5));
        assert_eq!(kept.lines.last().map(|line| (line.what, line.seq)), Some(("fill", LINES_MAX as u64 + 1)));
    }
}
