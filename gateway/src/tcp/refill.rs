//! What was told before a start: the last stretch of the journal once more, for clients that missed it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use papertape_pipeline::{Replay, VenueDir, give_way};
use papertape_platform::{Directory, Told, told_to};

use super::config::TcpConfig;
use super::streams::{Origin, Streams};
use crate::translate::wire::{Head, write};

/// Starts to replay, on a thread of its own, the records up to `last_seq`. What comes has counted its messages from 1; nothing comes if
/// the journal cannot be read.
pub(super) fn start(
    dir: VenueDir,
    directory: Arc<Directory>,
    last_seq: u64,
    config: &TcpConfig,
) -> std::io::Result<Receiver<Streams>> {
    let (sender, receiver) = sync_channel(1);
    let from = last_seq.saturating_sub(config.refilled_records);
    let mut streams = Streams::new(Told::default(), config.kept_bytes, config.kept_bytes_in_all);
    let run = move || {
        give_way();
        let replay = Replay { dir, until: Some(last_seq), skip_to: Some(from) };
        let replayed = replay.run(|output| {
            let (journal_seq, time_ns) = (output.seq, output.time_ns);
            for (account, part) in told_to(&output.event) {
                if directory.user_of(account).is_none() {
                    streams.count(account);
                    continue;
                }
                streams.add(account, journal_seq, Origin::default(), |sequence, out| {
                    write(&output.event, part, Head { sequence, journal_seq, time_ns }, out);
                });
            }
        });
        match replayed {
            // Whoever does not wait any more is at its end.
            Ok(_) => drop(sender.send(streams)),
            Err(error) => tracing::warn!(%error, "what was told before the start cannot be told again"),
        }
    };
    std::thread::Builder::new().name("tcp-refill".into()).spawn(run)?;
    Ok(receiver)
}
