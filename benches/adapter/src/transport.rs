//! The reports' way to the draining thread: the venue's outbox ring, or the queue that the benchmark brings.

use papertape_pipeline::ring::{RingReader, RingWriter, ring};

use crate::abi::WireReport;
use crate::matcher::Sink;
use crate::report::Report;

/// Reports that the matcher may keep from the draining thread before it shows them together.
const PUBLISH_EVERY: u64 = match option_env!("PUBL") { Some(s) => { let b = s.as_bytes(); let mut i = 0; let mut n = 0; while i < b.len() { n = n * 10 + (b[i] - b'0') as u64; i += 1; } n } None => 32 };

/// Both ends of the venue's ring: the matcher takes one, the draining thread reads the other.
pub struct Queue {
    /// The matcher's end, until it takes it.
    pub writer: Option<RingWriter<Report>>,
    /// The draining thread's end.
    pub reader: RingReader<Report>,
}

impl Queue {
    /// A ring for at least so many reports.
    pub fn new(capacity: u32) -> Self {
        let (writer, mut readers) = ring(capacity as usize, 1, Report::BLANK);
        Self { writer: Some(writer), reader: readers.pop().expect("one reader was asked for") }
    }
}

/// Takes out what there is, as far as it fits, and returns how much that was.
pub fn drain(reader: &mut RingReader<Report>, out: &mut [WireReport]) -> u32 {
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
