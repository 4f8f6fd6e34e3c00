//! What the engine told, as one number: who replays commands can compare what they lead to without keeping it.

use std::hash::{Hash, Hasher};

use crate::command::Stamp;
use crate::event::Event;

/// Hashes events in their order, each with the stamp of its command. Two runs that were told the same commands come to the
/// same hash if, and only if, they told the same.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    hasher: blake3::Hasher,
    bytes: Bytes,
}

impl Outputs {
    /// How events become bytes. It is another number whenever an event has other fields, or a field other values: hashes
    /// of different versions cannot be compared.
    pub const VERSION: u32 = 1;

    /// Nothing was told.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what a command led to.
    pub fn add(&mut self, stamp: Stamp, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        self.bytes.0.clear();
        self.bytes.write_u64(stamp.seq);
        self.bytes.write_u64(stamp.time_ns);
        events.iter().for_each(|event| event.hash(&mut self.bytes));
        self.hasher.update(&self.bytes.0);
    }

    /// The hash of all that was taken in.
    pub fn hash(&self) -> [u8; 32] {
        *self.hasher.finalize().as_bytes()
    }
}

/// What `Hash` tells, as bytes: little-endian, whatever the machine.
#[derive(Clone, Debug, Default)]
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn write_u16(&mut self, value: u16) {
        self.write(&value.to_le_bytes());
    }

    fn write_u32(&mut self, value: u32) {
        self.write(&value.to_le_bytes());
    }

    fn write_u64(&mut self, value: u64) {
        self.write(&value.to_le_bytes());
    }

    fn write_u128(&mut self, value: u128) {
        self.write(&value.to_le_bytes());
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_i16(&mut self, value: i16) {
        self.write_u16(value as u16);
    }

    fn write_i32(&mut self, value: i32) {
        self.write_u32(value as u32);
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }

    fn write_i128(&mut self, value: i128) {
        self.write_u128(value as u128);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Reference;
    use crate::ids::AccountId;

    fn opened(account: u32) -> Event {
        Event::AccountOpened { account: AccountId(account), reference: Reference(7) }
    }

    fn told(commands: &[(u64, &[Event])]) -> [u8; 32] {
        let mut outputs = Outputs::new();
        commands.iter().for_each(|&(seq, events)| outputs.add(Stamp { seq, time_ns: 5 }, events));
        outputs.hash()
    }

    #[test]
    fn order_number_and_command_of_an_event_all_count() {
        let both = [opened(1), opened(2)];
        let all = told(&[(1, &both)]);
        assert_eq!(all, told(&[(1, &both), (2, &[])]), "a command that told nothing leaves no trace");
        for other in [
            told(&[(2, &both)]),
            told(&[(1, &[opened(2), opened(1)])]),
            told(&[(1, &both[..1])]),
            told(&[(1, &both[..1]), (2, &both[1..])]),
            told(&[]),
        ] {
            assert_ne!(all, other);
        }
    }
}
