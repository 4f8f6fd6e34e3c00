//! The story of an order, as text or as JSON.

use std::io::{self, Write};

use papertape_story::order::{Fee, Head, Line, Listener, Sum};
use serde::Serialize;

use crate::audit::{Stop, StoryFormat};
use crate::words::{count, utc};

/// Writes the story as it goes on.
pub(super) struct Lines<'a, W: Write> {
    format: StoryFormat,
    with_queue: bool,
    out: &'a mut W,
    written: u64,
}

impl<'a, W: Write> Lines<'a, W> {
    pub(super) fn new(format: StoryFormat, with_queue: bool, out: &'a mut W) -> Self {
        Self { format, with_queue, out, written: 0 }
    }
}

impl<W: Write> Listener for Lines<'_, W> {
    type Error = Stop;

    fn head(&mut self, head: Head) -> Result<(), Stop> {
        let Head { order_id, account, terms, .. } = &head;
        match self.format {
            StoryFormat::Text => writeln!(self.out, "order {order_id} of account {account}: {terms}")?,
            StoryFormat::Json => write!(self.out, "{{\"order\":{},\"lines\":[", json(&head)?)?,
        }
        Ok(())
    }

    fn line(&mut self, time_ns: u64, line: Line) -> Result<(), Stop> {
        if line.what == "ahead" && !self.with_queue {
            return Ok(());
        }
        self.written += 1;
        match self.format {
            StoryFormat::Text => {
                writeln!(self.out, "{}  record {:<8} {:<10} {}", utc(time_ns), line.seq, line.what, line.text)?;
            }
            StoryFormat::Json => {
                let comma = if self.written > 1 { "," } else { "" };
                write!(self.out, "{comma}{}", json(&line)?)?;
            }
        }
        Ok(())
    }

    fn sum(&mut self, sum: Sum) -> Result<(), Stop> {
        if self.format == StoryFormat::Json {
            writeln!(self.out, "],\"sum\":{}}}", json(&sum)?)?;
            return Ok(());
        }
        let fills = count(sum.fills, "fill");
        write!(self.out, "{}: {} in {fills}", sum.state, sum.filled_qty)?;
        if let (Some(price), Some(value)) = (&sum.average_price, &sum.value) {
            write!(self.out, ", {price} on average, {value} in all")?;
        }
        for Fee { asset, amount } in &sum.fees {
            write!(self.out, ", fees {amount} {asset}")?;
        }
        writeln!(self.out, "; read up to record {}", sum.seq)?;
        Ok(())
    }
}

fn json(part: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(part)?)
}
