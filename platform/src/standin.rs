//! Until the pipeline is there.
use papertape_engine::Event;
/// One event.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Seq.
    pub seq: u64,
    /// Time.
    pub time_ns: u64,
    /// Ticket.
    pub ticket: u64,
    /// Index.
    pub index: u32,
    /// Last.
    pub last: bool,
    /// Event.
    pub event: Event,
}
