//! What a run is asked to be.

use std::path::PathBuf;
use std::time::Duration;

/// The command line.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) papertape: PathBuf,
    /// How long everybody trades.
    pub(crate) runs: Duration,
    pub(crate) followers: usize,
    pub(crate) slow: usize,
    pub(crate) stalled: usize,
    pub(crate) sessions: usize,
    /// Commands a second of all sessions together.
    pub(crate) per_second: u64,
    pub(crate) seed: u64,
}

/// How a follower reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Habit {
    /// As fast as messages come.
    Quick,
    /// One message each fifth of a second.
    Slow,
    /// Nothing for most of the time.
    Stalled,
}

impl Settings {
    pub(crate) fn read() -> Self {
        let mut settings = Self {
            papertape: "target/release/papertape".into(),
            runs: Duration::from_secs(1_200),
            followers: 1_000,
            slow: 50,
            stalled: 20,
            sessions: 200,
            per_second: 100,
            seed: 1,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().unwrap_or_else(|| panic!("{word} needs a value"));
            let number = || value.parse().unwrap_or_else(|_| panic!("{word} takes a number"));
            match word.as_str() {
                "--papertape" => settings.papertape = value.into(),
                "--seconds" => settings.runs = Duration::from_secs(number() as u64),
                "--followers" => settings.followers = number(),
                "--slow" => settings.slow = number(),
                "--stalled" => settings.stalled = number(),
                "--sessions" => settings.sessions = number(),
                "--per-second" => settings.per_second = (number() as u64).max(1),
                "--seed" => settings.seed = number() as u64,
                _ => panic!("{word}: see the head of benches/src/bin/soak/main.rs"),
            }
        }
        settings
    }

    /// How the follower of this number reads.
    pub(crate) fn habit(&self, number: usize) -> Habit {
        match number {
            number if number < self.slow => Habit::Slow,
            number if number < self.slow + self.stalled => Habit::Stalled,
            _ => Habit::Quick,
        }
    }
}

/// Numbers that look random and are the same for the same seed (xorshift64*).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }
}
