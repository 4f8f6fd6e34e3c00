//! `golden/frames.txt`: the bytes of one frame of each type and what they mean, for readers in any language.

use std::fmt::Write as _;

use crate::samples::{Sample, from_client, from_venue};

const HEAD: &str = "\
# Golden vectors of docs/protocol-tcp.md: each block is a name, the type of its frame, its bytes, and its fields.
# Numbers are decimal; fixed bytes are hexadecimal; texts are as they are, and empty where there is none.
";

fn written() -> String {
    let mut text = HEAD.to_owned();
    for sample in from_client().iter().chain(&from_venue()) {
        let (kind, fields) = sample.meaning();
        let hex: String = sample.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        write!(text, "\n[{}]\nframe = {kind}\nhex = {hex}\n", sample.name()).unwrap();
        for (name, value) in fields {
            writeln!(text, "{name} = {value}").unwrap();
        }
    }
    text
}

/// A value of a block of a golden file.
pub(crate) fn value_of(file: &str, block: &str, name: &str) -> String {
    let text = std::fs::read_to_string(format!("{}/golden/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let block = text.split("\n[").find_map(|rest| rest.strip_prefix(&format!("{block}]\n"))).unwrap();
    block.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).unwrap().to_owned()
}

pub(crate) fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn golden_vectors_are_written_and_read_as_they_were() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/frames.txt");
    if std::env::var_os("PAPERTAPE_WRITE_GOLDEN").is_some() {
        std::fs::write(path, written()).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap();
    assert_eq!(golden, written(), "frames have changed: a change of the layout is a new version of the protocol");
    let mut hexes = golden.lines().filter_map(|line| line.strip_prefix("hex = "));
    for sample in from_client().iter().chain(&from_venue()) {
        assert!(sample.is_read_from(&bytes_of(hexes.next().unwrap())), "{}", sample.name());
    }
    assert_eq!(hexes.next(), None);
}

#[test]
fn every_type_has_a_golden_vector() {
    let known = |samples: Vec<Sample>| samples.iter().map(|sample| sample.bytes()[2]).collect::<Vec<_>>();
    for layout in papertape_wire::FROM_CLIENT {
        assert!(known(from_client()).contains(&layout.kind), "{}", layout.name);
    }
    for layout in papertape_wire::FROM_VENUE {
        assert!(known(from_venue()).contains(&layout.kind), "{}", layout.name);
    }
}
