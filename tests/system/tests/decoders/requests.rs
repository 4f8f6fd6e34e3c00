//! What strangers send to the gateway: frames of WebSockets, JSON, queries, and texts in fields and headers.

use papertape_gateway::probe;

use crate::inputs;
use crate::mutator::Mutator;
use crate::samples::{JSON, PAIRS, TEXTS, WORDS};

/// A frame as a client sends it, under a mask of zeros or another one.
fn frame(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        length @ 0..126 => out.push(0x80 | length as u8),
        length => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
    }
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    out
}

#[test]
fn frames_of_websockets_in_any_parts() {
    let mut frames: Vec<_> = JSON.iter().map(|text| frame(0x81, text.as_bytes(), [1, 2, 3, 4])).collect();
    frames.push(frame(0x89, b"are you there", [0; 4]));
    frames.push(frame(0x88, &[3, 232], [9; 4]));
    frames.push([frame(0x01, b"zw", [0; 4]), frame(0x80, b"ei", [0; 4])].concat());
    frames.push(frame(0x81, &[b'x'; 300], [7; 4]));
    let mut mutator = Mutator::new(frames, &[]);
    let (mut heard, mut refused) = (0, 0);
    for _ in 0..inputs() {
        let input = mutator.input();
        let (first, second) = input.split_at(mutator.below(input.len() + 1));
        let (count, goes_on) = probe::websocket(first, second);
        // However bytes were cut, they say the same.
        assert_eq!((count, goes_on), probe::websocket(&input, &[]), "{input:?}");
        heard += count as u64;
        refused += u64::from(!goes_on);
    }
    assert!(heard > inputs() / 10 && refused > inputs() / 10, "{heard} heard, {refused} refused");
}

/// Feeds readers that take turns; each must take some of what it is fed with, and refuse some.
fn feed(readers: &[fn(&[u8]) -> bool], samples: &[&str]) {
    let mut mutator = Mutator::new(samples.iter().map(|sample| sample.as_bytes()), &WORDS);
    let mut taken = vec![0_u64; readers.len()];
    for sample in samples {
        readers.iter().zip(&mut taken).for_each(|(reads, taken)| *taken += u64::from(reads(sample.as_bytes())));
    }
    let whole: u64 = taken.iter().sum();
    assert!(whole >= samples.len() as u64, "{taken:?}: each sample is something to somebody");
    for _ in 0..inputs() {
        let (at, input) = (mutator.below(readers.len()), mutator.input());
        taken[at] += u64::from(readers[at](&input));
    }
    let all: u64 = taken.iter().sum();
    assert!(all - whole < inputs(), "{taken:?}");
}

#[test]
fn messages_and_bodies() {
    feed(&probe::BODIES, &JSON);
}

#[test]
fn queries_and_forms() {
    feed(&probe::PAIRS, &PAIRS);
}

#[test]
fn texts_in_fields_and_headers() {
    assert!(TEXTS.iter().all(|text| probe::text(text)));
    let mut mutator = Mutator::new(TEXTS.iter().map(|text| text.as_bytes()), &WORDS);
    let known = (0..inputs()).filter(|_| probe::text(&String::from_utf8_lossy(&mutator.input()))).count() as u64;
    assert!(known > inputs() / 10, "{known} of {} were known", inputs());
}
