//! The floor: messages of the size of an order frame, that come back as they are.

use std::time::Instant;

use papertape_wire::PlaceOrder;

use super::{Answer, Link};
use crate::exit::Failure;
use crate::load::plan::Step;

/// As long as an order over TCP.
const MESSAGE: usize = PlaceOrder::LEN;

/// Counts what comes back.
#[derive(Default)]
pub(crate) struct EchoLink {
    goes: Vec<u8>,
    came: Vec<u8>,
}

impl Link for EchoLink {
    fn ask(&mut self, id: u64, _step: &Step) -> Result<(), Failure> {
        let end = self.goes.len() + MESSAGE;
        self.goes.extend_from_slice(&id.to_le_bytes());
        self.goes.resize(end, 0);
        Ok(())
    }

    fn has_room(&self) -> bool {
        true
    }

    fn output(&self) -> &[u8] {
        &self.goes
    }

    fn written(&mut self, bytes: usize, _now: Instant) {
        self.goes.drain(..bytes);
    }

    fn take(&mut self, bytes: &[u8], _now: Instant) -> Result<Vec<Answer>, Failure> {
        self.came.extend_from_slice(bytes);
        let whole = self.came.len() / MESSAGE * MESSAGE;
        let answer = |message: &[u8]| {
            let id = message.first_chunk().map_or(0, |id| u64::from_le_bytes(*id));
            Answer { id, ok: true, ..Answer::default() }
        };
        let answers = self.came.get(..whole).unwrap_or_default().chunks_exact(MESSAGE).map(answer).collect();
        self.came.drain(..whole);
        Ok(answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_in_whatever_pieces_they_come() {
        let mut link = EchoLink::default();
        for id in 1..=3 {
            link.ask(id, &Step::Cancel("x".into())).unwrap_or_else(|failure| panic!("{failure}"));
        }
        let bytes = link.output().to_vec();
        link.written(bytes.len(), Instant::now());
        let mut found = Vec::new();
        for piece in bytes.chunks(100) {
            found.extend(link.take(piece, Instant::now()).unwrap_or_default().into_iter().map(|answer| answer.id));
        }
        assert_eq!((found, link.output().len()), (vec![1, 2, 3], 0));
    }
}
