//! The reports' way to the draining thread: the venue's outbox ring, or the queue that the benchmark brings.

use papertape_pipeline::ring::{RingReader, RingWriter, ring};

use crate::abi::WireReport;
use crate::matcher::Sink;
use crate::report::Report;

/// Reports that the matcher may keep from the draining thread before it shows them together.
const PUBLISH_EVERY: u64 = 32;
/// Reports for which the draining thread does not wait, and how long it waits for them otherwise.
const PATIENCE: u64 = 256;
const PAUSES: u32 = 64;

/// Both ends of the venue's ring: the matcher takes one, the draining thread reads the other.
pub struct Queue {
    /// The matcher's end, until it takes it.
    pub writer: Option<RingWriter<Report>>,
    /// The draining thread's end.
    pub reader: RingReader<Report>,
}

impl Queue {
    /// A ring for at least so many reports of 64 bytes: in the same memory there is room for more of 40.
    pub fn new(capacity: u32) -> Self {
        let reports = capacity as usize * size_of::<WireReport>() / size_of::<Report>();
        let (writer, mut readers) = ring(reports, 1, Report::BLANK);
        Self { writer: Some(writer), reader: readers.pop().expect("one reader was asked for") }
    }
}

/// Takes out what there is, as far as it fits, and returns how much that was.
pub fn drain(reader: &mut RingReader<Report>, out: &mut [WireReport]) -> u32 {
    // Each look takes the word that says how far it is from the matcher's cache, and lines behind it that the
    // matcher is about to write: so who found little looks again only after a while.
    if reader.ready() < PATIENCE {
        for _ in 0..PAUSES {
            std::hint::spin_loop();
        }
    }
    let mut room = out.iter_mut();
    let taken = reader.read(|report| room.next().map(|place| *place = report.to_wire()).is_some());
    taken as u32
}

impl Sink for RingWriter<Report> {
    #[inline]
    fn push(&mut self, report: Report) {
        while self.write(&report).is_err() {
            self.publish();
            std::hint::spin_loop();
        }
        if self.position().is_multiple_of(PUBLISH_EVERY) {
            self.publish();
        }
    }

    fn show(&mut self) {
        self.publish();
    }
}
