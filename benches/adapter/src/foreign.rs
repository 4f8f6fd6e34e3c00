//! The benchmark's own queue.

use std::ffi::c_void;

use crate::abi::Transport;
use crate::matcher::Sink;
use crate::report::Report;

/// The matcher's end of the benchmark's queue.
pub(crate) struct Out {
    transport: Transport,
    queue: *mut c_void,
}

impl Out {
    /// # Safety
    /// `queue` came from this transport's `create`, and outlives the session.
    pub(crate) unsafe fn new(transport: *const Transport, queue: *mut c_void) -> Self {
        // SAFETY: the benchmark gives a transport to every session.
        Self { transport: unsafe { *transport }, queue }
    }

    #[inline]
    pub(crate) fn sink(&mut self) -> &mut Self {
        self
    }
}

impl Sink for Out {
    #[inline]
    fn push(&mut self, report: Report) {
        let wire = report.to_wire();
        // SAFETY: the queue is the transport's, and this is its only writer.
        while unsafe { (self.transport.push)(self.queue, &raw const wire) } == 0 {
            std::hint::spin_loop();
        }
    }

    fn show(&mut self) {}
}
