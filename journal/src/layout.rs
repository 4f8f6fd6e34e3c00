//! The bytes: one table per structure, little endian. `docs/journal-format.md` shows the same tables, and a test
//! compares the two.

/// The major version this program writes and reads. Another major is refused.
pub const FORMAT_MAJOR: u16 = 1;
/// The minor version this program writes. Minor versions only use what was reserved and zero.
pub const FORMAT_MINOR: u16 = 0;
/// The largest payload of a record, in bytes (a small segment may hold less).
pub const MAX_PAYLOAD: usize = 64 * 1024;

/// What a segment begins with.
pub(crate) const SEGMENT_MAGIC: [u8; 8] = *b"PTAPEJNL";
/// The two copies lie on two pages, so that one torn page leaves the other copy.
pub(crate) const HEADER_COPIES: [u64; 2] = [0, 4096];
/// Bytes of one copy of a segment's header.
pub(crate) const HEADER_BYTES: usize = 256;
/// What the watermark begins with.
pub(crate) const MARK_MAGIC: [u8; 8] = *b"PTAPEMRK";
/// The watermark's two slots lie on two pages.
pub(crate) const MARK_SLOTS: [u64; 2] = [0, 4096];
/// Bytes of one slot of the watermark.
pub(crate) const MARK_BYTES: usize = 64;
/// Where a segment's records begin.
pub(crate) const DATA_START: u64 = 8192;
/// Bytes of a record's header.
pub(crate) const RECORD_HEADER: usize = 48;
/// Records begin at multiples of this; the bytes between are zero.
pub(crate) const RECORD_ALIGN: usize = 8;

/// A field of a structure.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Offset in bytes.
    pub at: usize,
    /// Size in bytes.
    pub bytes: usize,
    /// Its name in the documentation.
    pub name: &'static str,
}

const fn field(at: usize, bytes: usize, name: &'static str) -> Field {
    Field { at, bytes, name }
}

/// A record's header.
pub mod record {
    use super::{Field, field};

    /// Header and payload together in bytes, without padding; stored last, with release: it publishes the record.
    pub const LENGTH: Field = field(0, 4, "length");
    /// CRC-32C, seeded by the salt, over the payload and then this header with zero in this field.
    pub const CRC: Field = field(4, 4, "crc");
    /// The record's number, dense from 1 over the whole journal.
    pub const SEQ: Field = field(8, 8, "seq");
    /// Nanoseconds, never less than the record before.
    pub const TIME: Field = field(16, 8, "time_ns");
    /// The highest seq that was proven durable when this record was written.
    pub const DURABLE: Field = field(24, 8, "durable_seq");
    /// Idempotency or correlation key; opaque.
    pub const KEY: Field = field(32, 8, "key");
    /// The checksum of the record before it.
    pub const PREVIOUS_CRC: Field = field(40, 4, "previous_crc");
    /// The kind; 0xff00 and above belong to the journal.
    pub const KIND: Field = field(44, 2, "kind");
    /// The version of the kind's schema.
    pub const VERSION: Field = field(46, 1, "version");
    /// Opaque.
    pub const FLAGS: Field = field(47, 1, "flags");

    /// All of them, in order.
    pub const ALL: [Field; 10] = [LENGTH, CRC, SEQ, TIME, DURABLE, KEY, PREVIOUS_CRC, KIND, VERSION, FLAGS];
}

/// A segment's header.
pub mod segment {
    use super::{Field, field};

    /// `PTAPEJNL`.
    pub const MAGIC: Field = field(0, 8, "magic");
    /// Format major.
    pub const MAJOR: Field = field(8, 2, "format_major");
    /// Format minor.
    pub const MINOR: Field = field(10, 2, "format_minor");
    /// 1 once the previous segment's hash is here, else 0.
    pub const SEALED: Field = field(12, 4, "previous_sealed");
    /// The segment's number, from 1.
    pub const NUMBER: Field = field(16, 8, "segment_number");
    /// The seq of its first record.
    pub const FIRST_SEQ: Field = field(24, 8, "first_seq");
    /// How many times a writer had opened the journal.
    pub const GENERATION: Field = field(32, 8, "writer_generation");
    /// When it was begun, in nanoseconds.
    pub const CREATED: Field = field(40, 8, "created_ns");
    /// The venue's id.
    pub const DEPLOYMENT: Field = field(48, 16, "deployment_id");
    /// Seeds the checksums of its records.
    pub const SALT: Field = field(64, 8, "salt");
    /// The file's length.
    pub const SEGMENT_BYTES: Field = field(72, 8, "segment_bytes");
    /// Where the previous segment's records end.
    pub const PREVIOUS_TAIL: Field = field(80, 8, "previous_tail");
    /// Time of the previous segment's last record.
    pub const PREVIOUS_TIME: Field = field(88, 8, "previous_time_ns");
    /// Checksum of the previous segment's last record.
    pub const PREVIOUS_CRC: Field = field(96, 4, "previous_crc");
    /// Zero.
    pub const RESERVED_A: Field = field(100, 4, "reserved");
    /// BLAKE3 of the previous segment.
    pub const PREVIOUS_HASH: Field = field(104, 32, "previous_hash");
    /// Hash of the rules' version.
    pub const RULES: Field = field(136, 32, "rules_hash");
    /// Hash of the schema's version.
    pub const SCHEMA: Field = field(168, 32, "schema_hash");
    /// Zero.
    pub const RESERVED_B: Field = field(200, 52, "reserved");
    /// CRC-32C over everything before it.
    pub const CRC: Field = field(252, 4, "crc");

    /// All of them, in order.
    pub const ALL: [Field; 20] = [
        MAGIC,
        MAJOR,
        MINOR,
        SEALED,
        NUMBER,
        FIRST_SEQ,
        GENERATION,
        CREATED,
        DEPLOYMENT,
        SALT,
        SEGMENT_BYTES,
        PREVIOUS_TAIL,
        PREVIOUS_TIME,
        PREVIOUS_CRC,
        RESERVED_A,
        PREVIOUS_HASH,
        RULES,
        SCHEMA,
        RESERVED_B,
        CRC,
    ];
}

/// A snapshot's header; sections and a BLAKE3 hash over all of it follow.
pub mod snapshot {
    use super::{Field, field};

    /// `PTAPESNP`.
    pub const MAGIC: Field = field(0, 8, "magic");
    /// Format major.
    pub const MAJOR: Field = field(8, 2, "format_major");
    /// Format minor.
    pub const MINOR: Field = field(10, 2, "format_minor");
    /// How many sections follow.
    pub const SECTIONS: Field = field(12, 4, "sections");
    /// The last seq that the state contains.
    pub const SEQ: Field = field(16, 8, "seq");
    /// Time of that record in nanoseconds.
    pub const TIME: Field = field(24, 8, "time_ns");
    /// Length of the file, hash included.
    pub const FILE_BYTES: Field = field(32, 8, "file_bytes");
    /// Hash of the state, as the caller computes it.
    pub const STATE_HASH: Field = field(40, 32, "state_hash");

    /// All of them, in order.
    pub const ALL: [Field; 8] = [MAGIC, MAJOR, MINOR, SECTIONS, SEQ, TIME, FILE_BYTES, STATE_HASH];
}

/// A slot of the watermark.
pub mod mark {
    use super::{Field, field};

    /// `PTAPEMRK`.
    pub const MAGIC: Field = field(0, 8, "magic");
    /// Format major.
    pub const MAJOR: Field = field(8, 2, "format_major");
    /// Format minor.
    pub const MINOR: Field = field(10, 2, "format_minor");
    /// Zero.
    pub const RESERVED_A: Field = field(12, 4, "reserved");
    /// The venue's id.
    pub const DEPLOYMENT: Field = field(16, 16, "deployment_id");
    /// How many times a writer had opened the journal.
    pub const GENERATION: Field = field(32, 8, "writer_generation");
    /// The seq that was durable.
    pub const SEQ: Field = field(40, 8, "seq");
    /// How many watermarks were written, this one included.
    pub const COUNT: Field = field(48, 8, "count");
    /// Zero.
    pub const RESERVED_B: Field = field(56, 4, "reserved");
    /// CRC-32C over everything before it.
    pub const CRC: Field = field(60, 4, "crc");

    /// All of them, in order.
    pub const ALL: [Field; 10] = [MAGIC, MAJOR, MINOR, RESERVED_A, DEPLOYMENT, GENERATION, SEQ, COUNT, RESERVED_B, CRC];
}

const fn tiles(fields: &[Field], total: usize) -> bool {
    let (mut at, mut i) = (0, 0);
    while i < fields.len() {
        if fields[i].at != at {
            return false;
        }
        at += fields[i].bytes;
        i += 1;
    }
    at == total
}

const _: () = assert!(tiles(&record::ALL, RECORD_HEADER));
const _: () = assert!(tiles(&segment::ALL, HEADER_BYTES));
const _: () = assert!(tiles(&snapshot::ALL, 72));
const _: () = assert!(tiles(&mark::ALL, MARK_BYTES));
const _: () = assert!(RECORD_HEADER.is_multiple_of(RECORD_ALIGN) && DATA_START.is_multiple_of(4096));

/// Bytes that a record of `length` bytes (header included) occupies.
pub(crate) const fn padded(length: usize) -> usize {
    (length + RECORD_ALIGN - 1) & !(RECORD_ALIGN - 1)
}

impl Field {
    /// Reads the field as an unsigned number.
    pub(crate) fn get(self, bytes: &[u8]) -> u64 {
        let mut word = [0; 8];
        word[..self.bytes].copy_from_slice(&bytes[self.at..self.at + self.bytes]);
        u64::from_le_bytes(word)
    }

    /// Reads the field as a 32-bit number; the field is that small.
    pub(crate) fn get_u32(self, bytes: &[u8]) -> u32 {
        self.get(bytes) as u32
    }

    /// Reads the field as bytes.
    pub(crate) fn get_bytes<const N: usize>(self, bytes: &[u8]) -> [u8; N] {
        let mut out = [0; N];
        out.copy_from_slice(&bytes[self.at..self.at + self.bytes]);
        out
    }

    /// Writes the low bytes of `value`.
    pub(crate) fn put(self, bytes: &mut [u8], value: u64) {
        bytes[self.at..self.at + self.bytes].copy_from_slice(&value.to_le_bytes()[..self.bytes]);
    }

    /// Writes bytes of the field's size.
    pub(crate) fn put_bytes(self, bytes: &mut [u8], value: &[u8]) {
        bytes[self.at..self.at + self.bytes].copy_from_slice(value);
    }
}
