//! Snapshots that somebody or something altered: refused, or the very state that their bytes say; never a panic.

use papertape_engine::{Engine, Event, LadderBook, Stamp};
use papertape_tests::{Stream, StreamOptions, cases, share_out};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::books::{commands, step};
use crate::hostile::Hostile;

type Sections = Vec<(u32, Vec<u8>)>;

/// Alters a few bytes, or a few neighbouring ones at once: an edge value in place of a whole number.
fn corrupt(rng: &mut ChaCha8Rng, sections: &mut Sections) {
    for _ in 0..1 + rng.next_u64() % 3 {
        let at = (rng.next_u64() % sections.len() as u64) as usize;
        let bytes = &mut sections[at].1;
        let place = (rng.next_u64() % bytes.len() as u64) as usize;
        let width = [1, 1, 2, 4, 8, 16][(rng.next_u64() % 6) as usize].min(bytes.len() - place);
        match rng.next_u64() % 6 {
            0 => bytes[place] ^= 1 << (rng.next_u64() % 8),
            1 => bytes[place..place + width].fill(0xff),
            2 => bytes[place..place + width].fill(0x00),
            3 => {
                bytes[place..place + width].fill(0xff);
                bytes[place + width - 1] = 0x7f;
            }
            4 => rng.fill_bytes(&mut bytes[place..place + width]),
            _ => double(rng, bytes),
        }
    }
}

/// Repeats or drops a piece, and says so in the count or does not.
fn double(rng: &mut ChaCha8Rng, bytes: &mut Vec<u8>) {
    let count = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    if count == 0 {
        return;
    }
    let size = (bytes.len() - 8) / count as usize;
    let from = 8 + size * (rng.next_u64() % count) as usize;
    let piece = bytes[from..(from + size).min(bytes.len())].to_vec();
    match rng.next_u64() % 3 {
        0 => bytes.truncate(from),
        1 => bytes.extend_from_slice(&piece),
        _ => {
            bytes.extend_from_slice(&piece);
            bytes[..8].copy_from_slice(&count.wrapping_add(1).to_le_bytes());
        }
    }
}

#[test]
fn a_corrupted_snapshot_is_refused_or_is_another_whole_state() {
    share_out(600..600 + cases(), |seeds| seeds.for_each(corrupt_snapshots_of));
}

fn corrupt_snapshots_of(seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut engine = Engine::new();
    let mut hostile = Hostile::new(seed);
    let polite: Vec<_> = commands(seed).take(1_500).collect();
    for seq in 1..=1_500 {
        let command = if seed.is_multiple_of(2) { polite[seq as usize - 1].1 } else { hostile.next().unwrap() };
        hostile.learn(&step(&mut engine, seq, &command));
    }
    let whole = engine.snapshot();
    let mut refused = 0;
    for round in 0..400 {
        let mut sections = whole.clone();
        corrupt(&mut rng, &mut sections);
        match Engine::<LadderBook>::restore(&sections) {
            Err(_) => refused += 1,
            Ok(restored) => {
                assert_eq!(restored.snapshot(), sections, "seed {seed}, round {round}");
                go_on(restored, seed);
            }
        }
    }
    assert!(refused > 200, "seed {seed}: only {refused} refused");
}

/// What was restored can be traded on.
fn go_on(mut engine: Engine, seed: u64) {
    let mut events: Vec<Event> = Vec::new();
    for (seq, command) in (1..).zip(Stream::new(seed, StreamOptions::default()).take(100)) {
        events.clear();
        engine.apply(Stamp { seq, time_ns: seq }, &command, &mut events);
    }
}
