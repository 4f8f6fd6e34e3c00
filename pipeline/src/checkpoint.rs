//! What the venue states of itself in its journal: after so many records, and in a quiet second, what the state was, what
//! had been told, and what all accounts had together. Whoever replays the journal comes to the same, or something is wrong.

use papertape_engine::{AssetSum, Outputs};

/// Bytes before the sums.
const HEAD: usize = 88;
const SUM: usize = 16;

/// A statement about an earlier record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The record.
    pub seq: u64,
    /// The hash of the state after it.
    pub state_hash: [u8; 32],
    /// What was told is hashed from the record after this one on.
    pub outputs_after: u64,
    /// The hash of what was told of the records after that one, up to the one that this is about.
    pub outputs_hash: [u8; 32],
    /// How events become bytes for that: [`Outputs::VERSION`] of the program that wrote it.
    pub outputs_version: u32,
    /// What all accounts have together of each asset (free and held, the venue's fees included), by the asset's number;
    /// of the first [`Checkpoint::TOTALS_MAX`].
    pub totals: Vec<i128>,
}

impl Checkpoint {
    /// Assets whose sums are stated at most: the first ones, as many as a record has room for.
    pub const TOTALS_MAX: usize = 2_048;

    pub(crate) fn new(
        seq: u64,
        state_hash: [u8; 32],
        (outputs_after, outputs): (u64, &Outputs),
        sums: &[AssetSum],
    ) -> Self {
        let totals = sums.iter().take(Self::TOTALS_MAX).map(|sum| sum.total().0).collect();
        let (outputs_hash, outputs_version) = (outputs.hash(), Outputs::VERSION);
        Self { seq, state_hash, outputs_after, outputs_hash, outputs_version, totals }
    }

    /// The payload of a record of the kind [`papertape_journal::Kind::CHECKPOINT`], little-endian.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + SUM * self.totals.len());
        bytes.extend_from_slice(&self.seq.to_le_bytes());
        bytes.extend_from_slice(&self.state_hash);
        bytes.extend_from_slice(&self.outputs_after.to_le_bytes());
        bytes.extend_from_slice(&self.outputs_hash);
        bytes.extend_from_slice(&self.outputs_version.to_le_bytes());
        bytes.extend_from_slice(&(self.totals.len() as u32).to_le_bytes());
        self.totals.iter().for_each(|total| bytes.extend_from_slice(&total.to_le_bytes()));
        bytes
    }

    /// Reads a payload; `None` if it is none.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let (head, sums) = payload.split_first_chunk::<HEAD>()?;
        let number = |at: usize| head[at..].first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
        let word = |at: usize| head[at..].first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes));
        let hash = |at: usize| head[at..].first_chunk::<32>().copied();
        let count = word(84)? as usize;
        let (sums, rest) = sums.as_chunks::<SUM>();
        (rest.is_empty() && sums.len() == count && count <= Self::TOTALS_MAX).then_some(())?;
        Some(Self {
            seq: number(0)?,
            state_hash: hash(8)?,
            outputs_after: number(40)?,
            outputs_hash: hash(48)?,
            outputs_version: word(80)?,
            totals: sums.iter().map(|sum| i128::from_le_bytes(*sum)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_comes_back_whole_or_not_at_all() {
        let checkpoint = Checkpoint {
            seq: 65_536,
            state_hash: [1; 32],
            outputs_after: 7,
            outputs_hash: [2; 32],
            outputs_version: 1,
            totals: vec![-5, i128::MAX, 0],
        };
        let bytes = checkpoint.encode();
        assert_eq!(Checkpoint::decode(&bytes), Some(checkpoint));
        for length in 0..bytes.len() {
            assert_eq!(Checkpoint::decode(&bytes[..length]), None, "{length}");
        }
        assert_eq!(Checkpoint::decode(&[bytes, vec![0; 16]].concat()), None, "more than it says");
    }
}
