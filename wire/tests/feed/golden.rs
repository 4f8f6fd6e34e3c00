//! `golden/feed.txt`: the bytes of one message of each type and what they mean, for readers in any language.

use std::fmt::Write as _;

use crate::samples::{Sample, market, private};

const HEAD: &str = "\
# Golden vectors of the binary messages of docs/protocol-ws.md: each block is a name, a message, and its records with their
# fields. Numbers are decimal; texts are as they are, and empty where there is none.
";

fn samples() -> impl Iterator<Item = Sample> {
    market().into_iter().chain(private())
}

fn written() -> String {
    let mut text = HEAD.to_owned();
    for sample in samples() {
        let hex: String = sample.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        write!(text, "\n[{}]\nhex = {hex}\n", sample.name).unwrap();
        for (record, fields) in &sample.meaning {
            fields.iter().for_each(|(name, value)| writeln!(text, "{record}.{name} = {value}").unwrap());
        }
    }
    text
}

#[test]
fn golden_messages_are_written_and_read_as_they_were() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/feed.txt");
    if std::env::var_os("PAPERTAPE_WRITE_GOLDEN").is_some() {
        std::fs::write(path, written()).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap();
    assert_eq!(golden, written(), "messages have changed: a change of the layout is a new version of them");
    samples().for_each(|sample| assert!(sample.is_read, "{}", sample.name));
}

#[test]
fn every_type_has_a_golden_message() {
    let kinds: Vec<u8> = samples().map(|sample| sample.bytes[0]).collect();
    (1..=10).for_each(|kind| assert!(kinds.contains(&kind), "{kind}"));
}
