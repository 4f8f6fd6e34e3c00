//! Bytes come: read until there are no more, every whole frame obeyed, and what was asked carried out at once.

use std::time::Instant;

use papertape_wire::{FrameError, FromClient, codes, read_frame};

use super::connection::{Connection, Got, State};
use super::server::Server;

/// Reads of one connection in a turn: others are to have theirs.
const READS: usize = 4;

impl Server {
    /// Reads what came, connection by connection, and has the core carry out all of it together.
    pub(super) fn read_all(&mut self) -> bool {
        let readable = std::mem::take(&mut self.readable);
        let worked = !readable.is_empty();
        for at in readable {
            if let Some(Some(connection)) = self.connections.get_mut(at) {
                connection.is_queued = false;
            }
            self.read(at);
        }
        if std::mem::take(&mut self.is_pushed) {
            self.client.carry_out();
        }
        worked
    }

    fn read(&mut self, at: usize) {
        let now = Instant::now();
        for _ in 0..READS {
            let Some(mut connection) = self.connections.get_mut(at).and_then(Option::take) else { return };
            let is_closing = matches!(connection.state, State::Closing { .. });
            // Whoever does not take his answers is not asked for more requests.
            let is_full = connection.waiting() > self.config.waiting_bytes;
            let got = match (is_closing, connection.is_readable && !is_full) {
                (true, _) => {
                    if connection.discard(now) {
                        Got::End
                    } else {
                        Got::Nothing
                    }
                }
                (false, true) => connection.read(now),
                (false, false) => Got::Nothing,
            };
            if got == Got::Bytes {
                self.understand(at, &mut connection, now);
            }
            if got == Got::End {
                return self.drop_connection(at, connection);
            }
            self.put_back(at, connection);
            if got == Got::Nothing {
                break;
            }
        }
        self.flush(at);
    }

    /// Obeys every whole frame.
    fn understand(&mut self, at: usize, connection: &mut Connection, now: Instant) {
        let (mut taken, mut frames) = (0, 0);
        while !matches!(connection.state, State::Closing { .. }) {
            let decoded = match read_frame(connection.input(taken)) {
                Ok(None) => break,
                Err(FrameError::TooShort(_) | FrameError::TooLong(_)) => {
                    self.end(connection, at, codes::MALFORMED);
                    break;
                }
                Ok(Some((frame, length))) => {
                    taken += length;
                    FromClient::decode(frame)
                }
            };
            frames += 1;
            self.obey(at, connection, decoded, now);
        }
        connection.consume(taken);
        self.app.metrics.tcp.received.add(frames);
    }
}
