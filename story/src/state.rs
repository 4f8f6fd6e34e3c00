//! The state at one record.

use papertape_pipeline::{Replay, Steps, VenueDir};

use crate::Unread;

/// Replays up to a record, from the newest snapshot that is not after it, and stands there. `goes_on` is asked before each
/// record. Record 0 is before the first one.
pub fn at(dir: &VenueDir, seq: u64, mut goes_on: impl FnMut() -> bool) -> Result<Steps, Unread> {
    let skip_to = Some(seq).filter(|seq| *seq > 0);
    let mut steps = Steps::open(&Replay { dir: dir.clone(), until: Some(seq), skip_to })?;
    while goes_on() {
        if steps.next()?.is_none() {
            let last = steps.last_seq();
            return if last < seq { Err(Unread::Ends { last, wanted: seq }) } else { Ok(steps) };
        }
    }
    Err(Unread::Stopped)
}
