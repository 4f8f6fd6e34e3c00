//! Payloads of the journal's records.

use papertape_engine::Command;
use papertape_journal::Epoch;
use papertape_pipeline::Checkpoint;
use papertape_tests::random::{Flow, Profile};

use crate::inputs;
use crate::mutator::Mutator;

/// Encoded commands of every kind that random streams draw, each behind its kind.
fn commands() -> Vec<Vec<u8>> {
    let mut samples = Vec::new();
    for profile in [Profile::Trading, Profile::Triggers, Profile::Auctions, Profile::Limits] {
        let mut flow = Flow::of(profile, 5);
        for _ in 0..300 {
            let mut bytes = vec![0, 0];
            let kind = flow.next_command().encode(&mut bytes);
            bytes[..2].copy_from_slice(&kind.to_le_bytes());
            samples.push(bytes);
        }
    }
    samples
}

#[test]
fn commands_are_read_or_refused_and_what_is_read_says_the_same_again() {
    let mut mutator = Mutator::new(commands(), &[]);
    let mut read = 0;
    for _ in 0..inputs() {
        let input = mutator.input();
        let Some((kind, payload)) = input.split_first_chunk() else { continue };
        let Ok(command) = Command::decode(u16::from_le_bytes(*kind), payload) else { continue };
        read += 1;
        let mut again = Vec::new();
        let kind = command.encode(&mut again);
        assert_eq!(Command::decode(kind, &again), Ok(command), "{input:?}");
    }
    assert!(read > inputs() / 10 && read < inputs(), "{read} of {} were read", inputs());
}

#[test]
fn checkpoints_and_epochs_are_read_or_refused() {
    let checkpoint = Checkpoint {
        seq: 65_536,
        state_hash: [7; 32],
        outputs_after: 1,
        outputs_hash: [8; 32],
        outputs_version: 1,
        totals: vec![1, -1, i128::MAX],
    };
    let samples = [checkpoint.encode(), vec![0; 64]];
    let mut mutator = Mutator::new(samples, &[]);
    let mut read = 0;
    for _ in 0..inputs() {
        let input = mutator.input();
        if let Some(checkpoint) = Checkpoint::decode(&input) {
            assert_eq!(checkpoint.encode(), input, "what is read is all that there is");
            read += 1;
        }
        let _ = Epoch::decode(&input);
    }
    assert!(read > inputs() / 100 && read < inputs(), "{read} of {} were read", inputs());
}
