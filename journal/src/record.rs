//! Encoding a record's header, on the hot path.

use crate::journal::Tag;
use crate::layout::{RECORD_HEADER, record as at};
use crate::scan::record_crc;

/// A record's header before it has its checksum.
pub(crate) struct RecordHeader {
    pub(crate) length: u32,
    pub(crate) seq: u64,
    pub(crate) time_ns: u64,
    pub(crate) durable_seq: u64,
    pub(crate) key: u64,
    pub(crate) previous_crc: u32,
    pub(crate) tag: Tag,
}

impl RecordHeader {
    /// The encoded header, and the checksum in it.
    #[inline]
    pub(crate) fn seal(&self, seed: u32, payload: &[u8]) -> ([u8; RECORD_HEADER], u32) {
        let last = u64::from(self.previous_crc)
            | u64::from(self.tag.kind.0) << 32
            | u64::from(self.tag.version) << 48
            | u64::from(self.tag.flags) << 56;
        let words = [u64::from(self.length), self.seq, self.time_ns, self.durable_seq, self.key, last];
        let mut bytes = [0; RECORD_HEADER];
        for (slot, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *slot = word.to_le_bytes();
        }
        let crc = record_crc(seed, &bytes, payload);
        bytes[at::CRC.at..at::CRC.at + 4].copy_from_slice(&crc.to_le_bytes());
        (bytes, crc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    #[test]
    fn words_lie_where_the_table_says() {
        let tag = Tag { kind: Kind(0x0102), version: 3, flags: 4 };
        let header = RecordHeader { length: 50, seq: 6, time_ns: 7, durable_seq: 5, key: 9, previous_crc: 10, tag };
        let (bytes, crc) = header.seal(11, b"ab");
        let read = |field: crate::layout::Field| field.get(&bytes);
        assert_eq!([read(at::LENGTH), read(at::CRC), read(at::SEQ), read(at::TIME)], [50, u64::from(crc), 6, 7]);
        assert_eq!([read(at::DURABLE), read(at::KEY), read(at::PREVIOUS_CRC)], [5, 9, 10]);
        assert_eq!([read(at::KIND), read(at::VERSION), read(at::FLAGS)], [0x0102, 3, 4]);
    }
}
