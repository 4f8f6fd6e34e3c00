//! Writes a journal of opaque records, for whoever wants to measure what reads it.
//!
//!     cargo run --release -p papertape-journal --example fill -- DIR RECORDS [SEGMENT_BYTES]
//!
//! `DIR/journal` gets records of the sizes that commands have, always the same ones.

use papertape_journal::{Durability, Identity, Kind, Options, open};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let usage = "fill DIR RECORDS [SEGMENT_BYTES]";
    let dir = args.next().ok_or(usage)?;
    let records: u64 = args.next().ok_or(usage)?.parse()?;
    let segment_bytes = args.next().map_or(Ok(16 << 20), |bytes| bytes.parse())?;
    let options = Options { segment_bytes, durability: Durability::Process };
    let identity = Identity { deployment: *b"a filled journal", now_ns: 1, ..Identity::default() };
    std::fs::create_dir_all(&dir)?;
    let mut journal = open(&Path::new(&dir).join("journal"), options, identity)?.journal;
    let (mut chance, mut payload) = (1_u64, [0_u8; 128]);
    for number in 1..=records {
        // Splitmix64: the same bytes on every machine.
        chance = chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (chance ^ (chance >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        for (place, word) in (0_u32..).zip(payload.as_chunks_mut::<8>().0) {
            *word = (mixed ^ (mixed >> 31)).rotate_left(place).to_le_bytes();
        }
        let length = 24 + (mixed % 73) as usize;
        journal.append(number * 1_000, Kind(1), number, &payload[..length])?;
    }
    journal.close()?;
    Ok(())
}
