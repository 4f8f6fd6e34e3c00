//! Who may know whom. The left crate must not depend on any of the right ones, not even in its tests.

use std::path::Path;

use crate::read;

const FORBIDDEN: [(&str, &[&str]); 11] = [
    ("engine", &["journal", "pipeline", "platform", "gateway", "tools", "benches", "tests"]),
    ("journal", &["engine", "pipeline", "platform", "gateway", "tools", "benches", "tests"]),
    ("pipeline", &["platform", "gateway", "tools", "benches", "tests"]),
    ("sim", &["platform", "gateway", "tools", "benches", "tests"]),
    ("witness", &["engine", "pipeline", "platform", "gateway", "tools", "benches", "tests"]),
    ("story", &["journal", "sim", "witness", "platform", "gateway", "tools", "benches", "tests"]),
    (
        "vfs",
        &[
            "engine", "journal", "pipeline", "sim", "witness", "story", "platform", "gateway", "tools", "benches",
            "tests",
        ],
    ),
    ("platform", &["journal", "gateway", "tools", "benches", "tests"]),
    ("gateway", &["journal", "tools", "benches", "tests"]),
    (
        "client",
        &[
            "engine", "journal", "pipeline", "sim", "witness", "story", "vfs", "platform", "gateway", "tools",
            "benches", "tests",
        ],
    ),
    ("tools", &["benches", "tests"]),
];

/// What each crate must do without, because it would know too much.
const FOREIGN: [(&str, &[&str]); 5] = [
    ("engine", &["serde_json", "tokio", "crossbeam", "memmap2", "rand", "chrono", "time"]),
    ("journal", &["serde", "serde_json", "tokio", "rand"]),
    ("pipeline", &["serde_json", "axum", "sea-orm", "tokio"]),
    ("story", &["serde_json", "axum", "sea-orm", "tokio"]),
    ("sim", &["serde_json", "axum", "sea-orm", "tokio", "rand"]),
];

fn dependencies(folder: &str) -> Vec<String> {
    let manifest = read(&Path::new(folder).join("Cargo.toml"));
    let mut is_list = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_list = line.contains("dependencies");
        } else if is_list && let Some((name, _)) = line.split_once(['=', '.']) {
            names.push(name.trim().to_owned());
        }
    }
    names
}

fn package(folder: &str) -> String {
    if folder == "tools" { "papertape".to_owned() } else { format!("papertape-{folder}") }
}

#[test]
fn crates_know_only_what_they_may() {
    for (folder, forbidden) in FORBIDDEN {
        let known = dependencies(folder);
        assert!(!known.is_empty(), "{folder}: no dependency was found; does this test still read the manifest?");
        for other in forbidden {
            let name = package(other);
            assert!(!known.contains(&name), "{folder}/Cargo.toml names {name}: see docs/ARCHITECTURE.md, \"Crates\"");
        }
    }
}

#[test]
fn the_inner_crates_use_no_library_of_the_outside() {
    for (folder, foreign) in FOREIGN {
        let known = dependencies(folder);
        for name in foreign {
            assert!(
                !known.iter().any(|known| known == name),
                "{folder}/Cargo.toml names {name}, which it must not know"
            );
        }
    }
}

/// The map, the ring and SQLite's files; and, outside of the venue, a C interface and the plain copy that appending is
/// compared with.
const HOMES: [&str; 5] =
    ["journal/src/map.rs", "pipeline/src/ring.rs", "vfs/", "benches/adapter/src", "benches/benches/journal.rs"];

#[test]
fn unsafe_code_has_its_homes() {
    let word = concat!("un", "safe ");
    for path in crate::files(&[".rs"]) {
        let home = HOMES.iter().any(|home| path.starts_with(home));
        let text = read(&path);
        let uses = text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| line.contains(word));
        assert!(home || !uses, "{}: the homes of such code are {HOMES:?}", path.display());
    }
}

#[test]
fn what_programs_of_others_read_stands_alone() {
    assert_eq!(dependencies("wire"), Vec::<String>::new(), "wire/ depends on nothing but the standard library");
}
