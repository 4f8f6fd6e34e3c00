//! Reading the outbox: every event, in order, once it is durable.

use std::time::Duration;

use papertape_journal::DurableCursor;

use crate::output::Output;
use crate::ring::RingReader;
use crate::wake::Sleeper;

/// One reader of all events. It must keep reading: a full outbox stops the core. Dropping it is fine.
pub struct Subscriber {
    pub(crate) reader: RingReader<Output>,
    pub(crate) durable: DurableCursor,
    pub(crate) sleeper: Sleeper,
}

impl Subscriber {
    /// Shows all events that are durable and were not shown before, and says how many. Does not wait.
    pub fn poll(&mut self, mut show: impl FnMut(&Output)) -> usize {
        let durable = self.durable.get();
        self.reader.read(|output| {
            let may_leave = output.seq <= durable;
            if may_leave {
                show(output);
            }
            may_leave
        })
    }

    /// Waits until there is something to poll, at most for `timeout`. May come back early.
    pub fn wait(&self, timeout: Duration) {
        self.sleeper.sleep(timeout, || self.reader.peek().is_some_and(|output| output.seq <= self.durable.get()));
    }
}
