//! `papertape checkpoint`, as an auditor runs it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use papertape_engine::{AccountId, Amount, Asset, AssetId, Command as Order, LedgerEntry, Reference, Symbol};
use papertape_pipeline::{Boot, VenueConfig};
use papertape_witness::{Checkpoints, sign_newest};

/// A venue that stopped cleanly, with `deposits` of money in it.
fn venue(data: &Path, deposits: u64) {
    let config = VenueConfig { segment_bytes: 64 << 10, ..VenueConfig::new(data) };
    let mut boot = Boot::open(config.clone()).unwrap();
    let usd = Order::ListAsset(Asset { symbol: Symbol::new("USD").unwrap(), decimals: 2 });
    let opened = Order::OpenAccount { reference: Reference(1) };
    [usd, opened].iter().for_each(|command| boot.apply(command, |_| {}).unwrap());
    let mut core = boot.into_core();
    for reference in 1..=deposits {
        let (account, asset) = (AccountId(1), AssetId(0));
        let entry = LedgerEntry { account, asset, amount: Amount(100), reference: Reference(reference) };
        core.apply(reference, &Order::Deposit(entry), &mut Vec::new()).unwrap();
    }
    core.snapshot(&config).unwrap();
    core.close().unwrap();
}

fn papertape(words: &[&str], data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papertape"));
    command.arg("checkpoint").args(words).arg("--data").arg(data).output().unwrap()
}

fn says(output: &Output, code: i32) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

#[test]
fn what_was_signed_is_verified_and_what_was_altered_is_refused() {
    let data = tempfile::tempdir().unwrap();
    venue(data.path(), 800);
    assert!(says(&papertape(&["verify"], data.path()), 1).contains("there is no checkpoint in "));
    assert!(says(&papertape(&["sign"], data.path()), 0).starts_with("signed record "));
    assert!(says(&papertape(&["sign"], data.path()), 0).contains("is signed already"));
    let keys = says(&papertape(&["keys"], data.path()), 0);
    let first = keys.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(says(&papertape(&["rotate"], data.path()), 0).starts_with("2 after record "));
    let verified = says(&papertape(&["verify", "--replay", "--key", &first], data.path()), 0);
    assert!(
        verified.starts_with("1 checkpoints, the last at record ") && verified.contains("is the one that was signed")
    );
    assert!(says(&papertape(&["verify"], data.path()), 0).contains("no key was given"));
    assert!(says(&papertape(&["list"], data.path()), 0).contains(" chain "));
    says(&papertape(&["verify", "--key", "00"], data.path()), 2);

    // The same records but one, written anew with everything that a journal has in itself.
    let other = tempfile::tempdir().unwrap();
    venue(other.path(), 801);
    std::fs::remove_dir_all(data.path().join("journal")).unwrap();
    std::fs::rename(other.path().join("journal"), data.path().join("journal")).unwrap();
    let refused = says(&papertape(&["verify", "--key", &first], data.path()), 65);
    assert!(refused.contains("it is about another venue"), "{refused}");
}

#[test]
fn a_state_that_was_signed_and_was_not_is_found_wherever_it_lies() {
    let data = tempfile::tempdir().unwrap();
    venue(data.path(), 100);
    sign_newest(&Checkpoints::of(data.path()), 50, [7; 32]).unwrap().unwrap();
    says(&papertape(&["sign"], data.path()), 0);
    says(&papertape(&["verify"], data.path()), 0);
    let refused = says(&papertape(&["verify", "--replay"], data.path()), 65);
    assert!(refused.contains("00000000000000000050"), "{refused}");
}

#[test]
fn a_folder_without_a_venue_is_refused() {
    let data = tempfile::tempdir().unwrap();
    for words in ["verify", "list", "sign", "rotate", "keys"] {
        says(&papertape(&[words], data.path()), 2);
    }
}
