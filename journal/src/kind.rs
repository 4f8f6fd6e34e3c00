//! What a record is.

/// The kind of a record: opaque to the journal, except for those from `0xff00` on, which are its own or speak about
/// the journal itself. Kinds are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind(pub u16);

impl Kind {
    /// A writer opened an existing journal: from here on its generation writes. Payload: [`Epoch`]. Only the journal
    /// appends it.
    pub const EPOCH: Kind = Kind(0xff00);
    /// A writer closed the journal: everything before was synced. Payload: the writer's generation (u64). Only the
    /// journal appends it.
    pub const SEAL: Kind = Kind(0xff01);
    /// A checkpoint of the state; the embedding program appends it, and its payload is opaque here.
    pub const CHECKPOINT: Kind = Kind(0xff02);

    /// Nothing else was to be appended for a while: its `durable_seq` proves what came before. Payload: the writer's
    /// generation (u64). Only the journal appends it.
    pub const HEARTBEAT: Kind = Kind(0xff03);

    /// Whether the record is about the journal and not a command.
    pub fn is_internal(self) -> bool {
        self.0 >= 0xff00
    }

    /// Whether only the journal may append it.
    #[inline]
    pub(crate) fn is_reserved(self) -> bool {
        self.is_internal() && self != Kind::CHECKPOINT
    }
}

/// The payload of [`Kind::EPOCH`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    /// How many times a writer has opened the journal, this time included.
    pub generation: u64,
    /// The last seq that was found.
    pub last_good_seq: u64,
    /// Bytes that were cut off and copied to the quarantine; 0 if the end was whole.
    pub cut_bytes: u64,
    /// Where they were cut, in the segment that holds this record or the one before; 0 if nothing was.
    pub cut_offset: u64,
}

impl Epoch {
    /// Bytes of the payload.
    pub const BYTES: usize = 32;

    pub(crate) fn encode(&self) -> [u8; Epoch::BYTES] {
        let mut bytes = [0; Epoch::BYTES];
        let words = [self.generation, self.last_good_seq, self.cut_bytes, self.cut_offset];
        for (slot, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *slot = word.to_le_bytes();
        }
        bytes
    }

    /// Reads the payload of an epoch record; `None` if it is not of its size.
    pub fn decode(payload: &[u8]) -> Option<Epoch> {
        let payload: &[u8; Epoch::BYTES] = payload.try_into().ok()?;
        let word = |index: usize| u64::from_le_bytes(payload.as_chunks::<8>().0[index]);
        Some(Epoch { generation: word(0), last_good_seq: word(1), cut_bytes: word(2), cut_offset: word(3) })
    }
}
