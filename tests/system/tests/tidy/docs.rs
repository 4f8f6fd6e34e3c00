//! Documents that are true: links lead somewhere, dependencies are accounted for, decisions are numbered.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{files, read, root};

#[test]
fn links_in_documents_lead_somewhere() {
    let mut links = 0;
    for path in files(&[".md"]) {
        let text = read(&path);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or(target);
            if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            links += 1;
            let full = root().join(path.parent().unwrap_or(Path::new(""))).join(file);
            assert!(full.exists(), "{}: the link to {target} leads nowhere", path.display());
        }
    }
    assert!(links > 5, "only {links} links: does this test still find them?");
}

#[test]
fn every_dependency_is_accounted_for() {
    let document = read(Path::new("docs/dependencies.md"));
    let mut missing = BTreeSet::new();
    for manifest in files(&["Cargo.toml"]) {
        let mut is_list = false;
        for line in read(&manifest).lines() {
            if line.starts_with('[') {
                is_list = line.ends_with("dependencies]") && !line.contains("workspace");
            } else if is_list && let Some((name, _)) = line.split_once(['=', '.']) {
                let name = name.trim();
                if !name.starts_with("papertape") && !document.contains(&format!("`{name}`")) {
                    missing.insert(format!("{name} ({})", manifest.display()));
                }
            }
        }
    }
    let package = read(Path::new("web/package.json"));
    let lists = package.split("ependencies\": {").skip(1).filter_map(|rest| rest.split('}').next());
    for name in lists.flat_map(str::lines).filter_map(|line| line.trim().split('"').nth(1)) {
        if !document.contains(&format!("`{name}`")) {
            missing.insert(format!("{name} (web/package.json)"));
        }
    }
    assert!(missing.is_empty(), "docs/dependencies.md says nothing about {missing:?}: what does each save and bring?");
}

#[test]
fn every_test_that_a_document_promises_is_there() {
    let document = read(Path::new("docs/security.md"));
    let is_name = |word: &&str| word.contains("attack_") || word.contains("_attack") || word.starts_with("u18_");
    let is_plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let promised: BTreeSet<&str> = document.split('`').filter(is_name).filter(is_plain).collect();
    let mut found = BTreeSet::new();
    for path in files(&[".rs"]) {
        let text = read(&path);
        found.extend(promised.iter().filter(|name| text.contains(&format!("fn {name}("))).copied());
    }
    assert!(promised.len() >= 20, "only {promised:?}: does this test still find them?");
    let missing: Vec<_> = promised.difference(&found).collect();
    assert!(missing.is_empty(), "docs/security.md names tests that are not there: {missing:?}");
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let mut numbers: Vec<usize> = std::fs::read_dir(root().join("docs/adr"))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_string_lossy().split('-').next()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "docs/adr");
}
