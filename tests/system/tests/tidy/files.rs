//! Sizes and words.

use crate::{files, read};

/// Above this a file has two subjects.
const LINES_MAX: usize = 900;
/// Written by a program, out of the API's description.
const GENERATED: &str = "web/src/lib/openapi.ts";

#[test]
fn files_have_one_subject() {
    for path in files(&[".rs", ".ts", ".svelte"]) {
        let lines = read(&path).lines().count();
        assert!(
            lines <= LINES_MAX || path.ends_with(GENERATED),
            "{} has {lines} lines: split it by subject",
            path.display()
        );
    }
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("unimpl", "emented!")];
    for path in files(&[".rs", ".ts", ".svelte", ".sh", ".py"]) {
        for (number, line) in (1..).zip(read(&path).lines()) {
            let found =
                marks.iter().find(|mark| line.split(|c: char| !c.is_alphanumeric() && c != '!').any(|w| w == **mark));
            assert!(found.is_none(), "{}:{number}: do it, or leave it out whole", path.display());
        }
    }
}

#[test]
fn no_path_of_a_machine_is_written_down() {
    let marks = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    for path in files(&[".rs", ".ts", ".svelte", ".md", ".toml", ".json", ".sh", "Makefile", "run"]) {
        let text = read(&path);
        for mark in marks {
            assert!(!text.contains(mark), "{} names {mark}…", path.display());
        }
    }
}

#[test]
fn the_lock_file_of_the_page_names_no_host() {
    let text = read(std::path::Path::new("web/package-lock.json"));
    for line in text.lines().filter(|line| line.contains("\"resolved\"")) {
        assert!(line.contains("https://registry.npmjs.org/"), "{line}: set omit-lockfile-registry-resolved in .npmrc");
    }
}
