//! What every engine must be able to do to be compared.

use std::time::{Duration, Instant};

use papertape_benches::{Flow, Message, Print, Prints, Tally};

/// An engine behind the plain flow.
pub(crate) trait Contender {
    /// Its books, empty, ready for this flow. Not timed.
    fn new(flow: &Flow) -> Self;

    /// Does what the messages ask, in order. Timed.
    fn run(&mut self, messages: &[Message], prints: &mut impl Prints);

    /// The flow's messages in the order numbers of this engine, where it insists on its own.
    fn messages(flow: &Flow) -> Vec<Message> {
        flow.messages.clone()
    }

    /// Puts prints back into the order numbers of the flow.
    fn renumber(_flow: &Flow, _prints: &mut [Print]) {}
}

/// A contender by name, as the table has it.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// Whether it is ours and drawn in colour.
    pub(crate) ours: bool,
    /// Runs only this many messages of a flow, because the whole would take too long.
    pub(crate) messages_max: usize,
    /// Why it trades otherwise than it should, where we know.
    pub(crate) known: Option<&'static str>,
    pub(crate) messages: fn(&Flow) -> Vec<Message>,
    pub(crate) prints: fn(&Flow, &[Message]) -> Vec<Print>,
    pub(crate) renumber: fn(&Flow, &mut [Print]),
    pub(crate) time: fn(&Flow, &[Message]) -> (Duration, Tally),
}

impl Entry {
    pub(crate) fn of<C: Contender>(name: &'static str, ours: bool, messages_max: usize) -> Self {
        Self {
            name,
            ours,
            messages_max,
            known: None,
            messages: C::messages,
            prints: prints::<C>,
            renumber: C::renumber,
            time: time::<C>,
        }
    }
}

fn prints<C: Contender>(flow: &Flow, messages: &[Message]) -> Vec<Print> {
    let mut prints = Vec::new();
    C::new(flow).run(messages, &mut prints);
    prints
}

/// The time from the first message to the last, in fresh books.
fn time<C: Contender>(flow: &Flow, messages: &[Message]) -> (Duration, Tally) {
    let (mut contender, mut tally) = (C::new(flow), Tally::default());
    let begin = Instant::now();
    contender.run(messages, &mut tally);
    (begin.elapsed(), tally)
}
