//! What happened, as those outside know it: every record, what it did, and which of them were acknowledged.

use papertape_engine::Event;
use papertape_pipeline::Output;

/// All records so far, by seq.
#[derive(Default)]
pub(crate) struct History {
    entries: Vec<Entry>,
    /// The highest seq that was acknowledged as durable: a returned sync covered it.
    pub(crate) acknowledged: u64,
}

struct Entry {
    events: Vec<Event>,
    state: [u8; 32],
}

impl History {
    /// The last seq.
    pub(crate) fn last(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Remembers the next record. One of the journal's own does nothing.
    pub(crate) fn push(&mut self, seq: u64, events: Vec<Event>, state: [u8; 32]) -> Result<(), String> {
        if seq != self.last() + 1 {
            return Err(format!("record {seq} came after record {}", self.last()));
        }
        self.entries.push(Entry { events, state });
        Ok(())
    }

    /// Remembers a record of the journal's own.
    pub(crate) fn push_internal(&mut self, seq: u64, state: [u8; 32]) -> Result<(), String> {
        self.push(seq, Vec::new(), state)
    }

    /// Compares what came back with what is known: `kept` records at least `required` of them, the state after them,
    /// and the events of those that were shown. Then forgets the records that are gone.
    pub(crate) fn compare(
        &mut self,
        kept: u64,
        required: u64,
        state: &[u8; 32],
        shown: &[Output],
        shown_after: u64,
    ) -> Result<(), String> {
        if kept < required {
            return Err(format!("records up to {required} were to be there, {kept} are"));
        }
        if kept > self.last() {
            return Err(format!("{kept} records are there, {} were written", self.last()));
        }
        let known = if kept == 0 { None } else { self.entries.get(kept as usize - 1) };
        if known.is_some_and(|entry| entry.state != *state) {
            return Err(format!("the state after record {kept} is another one"));
        }
        self.compare_events(kept, shown, shown_after)?;
        self.entries.truncate(kept as usize);
        self.acknowledged = self.acknowledged.min(kept);
        Ok(())
    }

    fn compare_events(&self, kept: u64, shown: &[Output], shown_after: u64) -> Result<(), String> {
        let mut shown = shown.iter().filter(|output| output.seq <= kept).peekable();
        for seq in shown_after + 1..=kept {
            let mut events = Vec::new();
            while let Some(output) = shown.next_if(|output| output.seq == seq) {
                events.push(output.event);
            }
            if self.entries.get(seq as usize - 1).is_none_or(|entry| entry.events != events) {
                return Err(format!("the events of record {seq} are others"));
            }
        }
        match shown.next() {
            Some(output) => Err(format!("record {} was shown out of its turn", output.seq)),
            None => Ok(()),
        }
    }
}
