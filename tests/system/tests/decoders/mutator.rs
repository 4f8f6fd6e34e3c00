//! Inputs: samples with a few places altered, pieces of two samples, or noise.

/// Numbers that look random and are the same each time (xorshift).
pub(super) struct Mutator {
    state: u64,
    samples: Vec<Vec<u8>>,
    /// Bytes that mean something to what reads them.
    words: &'static [&'static [u8]],
}

/// What a length or a number may not be expected to be.
const EDGES: [u64; 8] = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, i64::MAX as u64, u64::MAX];

impl Mutator {
    pub(super) fn new(samples: impl IntoIterator<Item = impl Into<Vec<u8>>>, words: &'static [&'static [u8]]) -> Self {
        Self { state: crate::seed().max(1), samples: samples.into_iter().map(Into::into).collect(), words }
    }

    pub(super) fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn sample(&mut self) -> Vec<u8> {
        let at = self.below(self.samples.len());
        self.samples[at].clone()
    }

    /// The next input: of eight one is noise, one a sample as it is, one made of two.
    pub(super) fn input(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => (0..self.below(96)).map(|_| self.next() as u8).collect(),
            1 => self.sample(),
            2 => {
                let (mut input, other) = (self.sample(), self.sample());
                input.truncate(self.below(input.len() + 1));
                input.extend_from_slice(&other[self.below(other.len() + 1)..]);
                input
            }
            _ => {
                let mut input = self.sample();
                for _ in 0..=self.below(4) {
                    self.alter(&mut input);
                }
                input
            }
        }
    }

    /// Alters one place.
    pub(super) fn alter(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let to = (at + self.below(16)).min(input.len());
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.next() as u8,
            2 => input.truncate(at),
            3 => drop(input.drain(at..to)),
            4 => {
                let piece = input[at..to].to_vec();
                let place = self.below(input.len() + 1);
                input.splice(place..place, piece);
            }
            5 => {
                let edge = EDGES[self.below(EDGES.len())].to_le_bytes();
                let width = [1, 2, 4, 8][self.below(4)].min(input.len() - at);
                input[at..at + width].copy_from_slice(&edge[..width]);
            }
            6 if !self.words.is_empty() => {
                let word = self.words[self.below(self.words.len())];
                input.splice(at..at, word.iter().copied());
            }
            _ => {
                let byte = self.next() as u8;
                input.insert(at, byte);
            }
        }
    }
}
