//! The venue's ring as the benchmark's transport.

use std::ffi::c_void;
use std::ptr;

use papertape_pipeline::ring::RingWriter;

use crate::abi::{Transport, WireReport};
use crate::report::Report;
use crate::transport::{Queue, drain};

/// The matcher's end of the ring.
pub(crate) struct Out(RingWriter<Report>);

impl Out {
    /// # Safety
    /// `queue` came from `create`, and no other session writes to it.
    pub(crate) unsafe fn new(_: *const Transport, queue: *mut c_void) -> Self {
        // SAFETY: the draining thread looks at the other field only.
        let writer = unsafe { &mut *ptr::addr_of_mut!((*queue.cast::<Queue>()).writer) };
        Self(writer.take().expect("one session a queue"))
    }

    #[inline]
    pub(crate) fn sink(&mut self) -> &mut RingWriter<Report> {
        &mut self.0
    }
}

extern "C" fn create(capacity: u32) -> *mut c_void {
    Box::into_raw(Box::new(Queue::new(capacity))).cast()
}

/// Never called: the matcher writes to its end of the ring itself.
unsafe extern "C" fn push(_: *mut c_void, _: *const WireReport) -> i32 {
    0
}

unsafe extern "C" fn drain_queue(queue: *mut c_void, out: *mut WireReport, max: u32) -> u32 {
    // SAFETY: `queue` came from `create`, only the draining thread reads, and `out` has room for `max` reports.
    unsafe {
        let reader = &mut *ptr::addr_of_mut!((*queue.cast::<Queue>()).reader);
        drain(reader, std::slice::from_raw_parts_mut(out, max as usize))
    }
}

/// `engine_flush` has shown everything.
unsafe extern "C" fn flush(_: *mut c_void) {}

unsafe extern "C" fn destroy(queue: *mut c_void) {
    // SAFETY: `queue` came from `create`, and both threads are done with it.
    drop(unsafe { Box::from_raw(queue.cast::<Queue>()) });
}

static TRANSPORT: Transport = Transport { create, push, drain: drain_queue, flush, destroy };

/// The ring's functions.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn engine_get_transport() -> *const Transport {
    &raw const TRANSPORT
}
