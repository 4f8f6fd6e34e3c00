//! A segment's header: who wrote it, where it stands in the journal, and what seeds its checksums.

use crate::disk::DiskFile;
use crate::error::Error;
use crate::layout::{FORMAT_MAJOR, FORMAT_MINOR, HEADER_BYTES, HEADER_COPIES, SEGMENT_MAGIC, segment as at};
use std::io;
use std::path::Path;

/// A segment's header, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) number: u64,
    pub(crate) first_seq: u64,
    pub(crate) generation: u64,
    pub(crate) created_ns: u64,
    pub(crate) deployment: [u8; 16],
    pub(crate) salt: u64,
    pub(crate) segment_bytes: u64,
    pub(crate) previous: Previous,
    pub(crate) rules: [u8; 32],
    pub(crate) schema: [u8; 32],
}

/// How the segment before this one ends. All zero in the first segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Previous {
    pub(crate) tail: u64,
    pub(crate) time_ns: u64,
    pub(crate) crc: u32,
    /// Absent until the segment before has been synced and hashed.
    pub(crate) hash: Option<[u8; 32]>,
}

/// What a segment's file has for a header.
pub(crate) enum HeaderRead {
    /// Both copies are all zero: the segment is staged and not begun (or its first page never reached the disk).
    Absent,
    /// Neither copy is intact.
    Lost,
    /// At least one copy is intact.
    Intact { header: SegmentHeader, copies: Copies },
}

/// How the two copies of a header compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copies {
    Equal,
    /// The second copy lacks the previous segment's hash and is the same otherwise: it is written last.
    Behind,
    /// The copy at this offset is damaged, or differs.
    Damaged(u64),
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let out = &mut bytes[..];
        at::MAGIC.put_bytes(out, &SEGMENT_MAGIC);
        at::MAJOR.put(out, u64::from(FORMAT_MAJOR));
        at::MINOR.put(out, u64::from(FORMAT_MINOR));
        at::SEALED.put(out, u64::from(self.previous.hash.is_some()));
        at::NUMBER.put(out, self.number);
        at::FIRST_SEQ.put(out, self.first_seq);
        at::GENERATION.put(out, self.generation);
        at::CREATED.put(out, self.created_ns);
        at::DEPLOYMENT.put_bytes(out, &self.deployment);
        at::SALT.put(out, self.salt);
        at::SEGMENT_BYTES.put(out, self.segment_bytes);
        at::PREVIOUS_TAIL.put(out, self.previous.tail);
        at::PREVIOUS_TIME.put(out, self.previous.time_ns);
        at::PREVIOUS_CRC.put(out, u64::from(self.previous.crc));
        at::PREVIOUS_HASH.put_bytes(out, &self.previous.hash.unwrap_or_default());
        at::RULES.put_bytes(out, &self.rules);
        at::SCHEMA.put_bytes(out, &self.schema);
        let crc = crc32c::crc32c(&out[..at::CRC.at]);
        at::CRC.put(out, u64::from(crc));
        bytes
    }

    /// The header, if the copy is intact and consistent in itself.
    fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<SegmentHeader> {
        let whole = at::CRC.get_u32(bytes) == crc32c::crc32c(&bytes[..at::CRC.at]);
        let sealed = at::SEALED.get(bytes);
        if !whole || at::MAGIC.get_bytes(bytes) != SEGMENT_MAGIC || sealed > 1 {
            return None;
        }
        Some(SegmentHeader {
            number: at::NUMBER.get(bytes),
            first_seq: at::FIRST_SEQ.get(bytes),
            generation: at::GENERATION.get(bytes),
            created_ns: at::CREATED.get(bytes),
            deployment: at::DEPLOYMENT.get_bytes(bytes),
            salt: at::SALT.get(bytes),
            segment_bytes: at::SEGMENT_BYTES.get(bytes),
            previous: Previous {
                tail: at::PREVIOUS_TAIL.get(bytes),
                time_ns: at::PREVIOUS_TIME.get(bytes),
                crc: at::PREVIOUS_CRC.get_u32(bytes),
                hash: (sealed == 1).then(|| at::PREVIOUS_HASH.get_bytes(bytes)),
            },
            rules: at::RULES.get_bytes(bytes),
            schema: at::SCHEMA.get_bytes(bytes),
        })
    }

    fn compare(&self, second: &SegmentHeader) -> Copies {
        let mut unsealed = self.clone();
        unsealed.previous.hash = None;
        match second {
            second if second == self => Copies::Equal,
            second if *second == unsealed => Copies::Behind,
            _ => Copies::Damaged(HEADER_COPIES[1]),
        }
    }

    /// Stores both copies, each synced before the next is touched, so that one is intact at every moment.
    pub(crate) fn write(&self, file: &dyn DiskFile) -> io::Result<()> {
        let encoded = self.encode();
        for offset in HEADER_COPIES {
            file.write_all_at(&encoded, offset)?;
            file.sync()?;
        }
        Ok(())
    }

    /// The salt of segment `number`: it follows from the deployment and the time the journal was created, so that the
    /// records of a segment whose header was lost can still be told from older bytes.
    pub(crate) fn salt_for(deployment: &[u8; 16], journal_created_ns: u64, number: u64) -> u64 {
        let mut hasher = blake3::Hasher::new_derive_key("papertape journal 1 segment salt");
        hasher.update(deployment).update(&journal_created_ns.to_le_bytes()).update(&number.to_le_bytes());
        let mut salt = [0; 8];
        salt.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        u64::from_le_bytes(salt)
    }

    /// Where the checksums of the segment's records start from.
    pub(crate) fn crc_seed(&self) -> u32 {
        crc_seed(self.salt)
    }
}

/// Where checksums start from under `salt`.
pub(crate) fn crc_seed(salt: u64) -> u32 {
    crc32c::crc32c(&salt.to_le_bytes())
}

/// Reads both copies. Refuses a format that is intact and unknown, and a file too short for a header.
pub(crate) fn read_header(file: &dyn DiskFile, path: &Path) -> Result<HeaderRead, Error> {
    let mut copies = [[0; HEADER_BYTES]; 2];
    for (copy, offset) in copies.iter_mut().zip(HEADER_COPIES) {
        match file.read_exact_at(copy, offset) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let actual = file.length().map_err(|error| Error::io("inspect", path, error))?;
                let expected = crate::layout::DATA_START;
                return Err(Error::Truncated { path: path.to_path_buf(), expected, actual });
            }
            Err(error) => return Err(Error::io("read", path, error)),
        }
    }
    if copies.iter().all(|copy| copy.iter().all(|&byte| byte == 0)) {
        return Ok(HeaderRead::Absent);
    }
    refuse_unknown_format(&copies, path)?;
    Ok(match (SegmentHeader::decode(&copies[0]), SegmentHeader::decode(&copies[1])) {
        (Some(header), Some(second)) => HeaderRead::Intact { copies: header.compare(&second), header },
        (Some(header), None) => HeaderRead::Intact { header, copies: Copies::Damaged(HEADER_COPIES[1]) },
        (None, Some(header)) => HeaderRead::Intact { header, copies: Copies::Damaged(HEADER_COPIES[0]) },
        (None, None) => HeaderRead::Lost,
    })
}

/// Reads both copies of a header that its writer may be storing at this moment: what looks damaged is read again.
pub(crate) fn read_live_header(file: &dyn DiskFile, path: &Path) -> Result<HeaderRead, Error> {
    for _ in 0..64 {
        match read_header(file, path)? {
            HeaderRead::Lost | HeaderRead::Intact { copies: Copies::Damaged(_), .. } => std::thread::yield_now(),
            settled => return Ok(settled),
        }
    }
    read_header(file, path)
}

/// A later format keeps the magic and the place of its major version. Where only one copy names another major, that
/// copy is damaged.
fn refuse_unknown_format(copies: &[[u8; HEADER_BYTES]; 2], path: &Path) -> Result<(), Error> {
    let major = |copy: &[u8; HEADER_BYTES]| at::MAJOR.get(copy) as u16;
    let known = |copy: &[u8; HEADER_BYTES]| at::MAGIC.get_bytes(copy) == SEGMENT_MAGIC;
    let found = major(&copies[0]);
    if copies.iter().all(|copy| known(copy) && major(copy) == found) && found != FORMAT_MAJOR {
        return Err(Error::Format { path: path.to_path_buf(), found, supported: FORMAT_MAJOR });
    }
    Ok(())
}
