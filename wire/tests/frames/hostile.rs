//! Bytes that nobody meant: no input makes a reader panic, or read what is not there.

use papertape_wire::{FRAME_MAX, FromClient, FromVenue, read_frame};

use crate::samples::{from_client, from_venue};

/// Numbers that look random and are the same each time (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Reads frame after frame as a session does. Gives how many there were.
fn read_all(mut bytes: &[u8]) -> usize {
    let mut frames = 0;
    while let Ok(Some((frame, length))) = read_frame(bytes) {
        assert!((4..=FRAME_MAX).contains(&length) && frame.bytes.len() == length);
        let (client, venue) = (FromClient::decode(frame), FromVenue::decode(frame));
        assert!(client.is_err() || venue.is_err());
        let mut shown = 0;
        if let Ok(frame) = client {
            frame.show(&mut |_, value| shown += value.len());
        }
        if let Ok(frame) = venue {
            frame.show(&mut |_, value| shown += value.len());
        }
        bytes = &bytes[length..];
        frames += 1;
    }
    frames
}

#[test]
fn a_million_random_and_mutated_inputs() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let samples: Vec<Vec<u8>> = from_client().iter().chain(&from_venue()).map(crate::samples::Sample::bytes).collect();
    let (mut input, mut frames) = (Vec::new(), 0);
    for round in 0..1_000_000 {
        input.clear();
        if round % 4 == 0 {
            let length = random.below(64);
            input.extend((0..length).map(|_| random.next() as u8));
        } else {
            input.extend(&samples[random.below(samples.len())]);
            for _ in 0..=random.below(4) {
                let at = random.below(input.len());
                match random.below(4) {
                    0 => input[at] ^= 1 << random.below(8),
                    1 => input[at] = random.next() as u8,
                    2 => input.truncate(at.max(1)),
                    _ => input.insert(at, random.next() as u8),
                }
            }
        }
        frames += read_all(&input);
    }
    assert!(frames > 100_000, "only {frames} frames were read: does this test still make any?");
}
