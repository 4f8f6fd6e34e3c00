//! What was signed is what was there, and who writes it anew is seen.
#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

use papertape_journal::{Durability, Identity, Kind, Options, link, open, verify};
use papertape_witness::{
    Checked, CheckpointError, Checkpoints, Flaw, Signer, check, check_keys, from_hex, sign_newest, to_hex,
};
use std::fs;
use std::path::Path;

const OPTIONS: Options = Options { segment_bytes: 64 << 10, durability: Durability::Process };

/// Appends records up to `seq`, each of which says `word`, and syncs.
fn journal(data: &Path, until: u64, word: &str) {
    let identity = Identity { deployment: [5; 16], now_ns: 7, ..Identity::default() };
    let mut journal = open(&data.join("journal"), OPTIONS, identity).unwrap().journal;
    while journal.next_seq() <= until {
        let payload = word.repeat(1 + journal.next_seq() as usize % 90);
        journal.append(1_000 + journal.next_seq(), Kind(1), 0, payload.as_bytes()).unwrap();
    }
    journal.flush().unwrap();
}

/// Three segments, with checkpoints in each and a change of keys.
fn signed(data: &Path) -> Checkpoints {
    let checkpoints = Checkpoints::of(data);
    for seq in [100, 250, 400, 600] {
        journal(data, seq, "word");
        sign_newest(&checkpoints, seq, [seq as u8; 32]).unwrap().unwrap();
        if seq == 250 {
            assert_eq!(checkpoints.rotate().unwrap().number, 2);
        }
    }
    assert!(verify(&data.join("journal")).unwrap().segments >= 3);
    checkpoints
}

fn checked(checkpoints: &Checkpoints, trusted: Option<[u8; 32]>) -> Result<Checked, CheckpointError> {
    let keys = check_keys(&checkpoints.keys()?, trusted)?;
    check(&checkpoints.journal(), &checkpoints.list()?, &keys)
}

fn flaw(result: Result<Checked, CheckpointError>) -> Flaw {
    match result.unwrap_err() {
        error @ CheckpointError::False { .. } => {
            assert!(error.is_corruption());
            let CheckpointError::False { flaw, .. } = error else { unreachable!() };
            flaw
        }
        other => panic!("{other}"),
    }
}

#[test]
fn what_was_signed_is_true_as_long_as_nobody_writes_it_anew() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    let first_key = checkpoints.keys().unwrap()[0].1.public_key;
    for trusted in [None, Some(first_key)] {
        let checked = checked(&checkpoints, trusted).unwrap();
        assert_eq!((checked.checkpoints, checked.last_seq, checked.state_hash), (4, 600, [600_u64 as u8; 32]));
    }
    // It goes on being true while the journal grows.
    journal(data.path(), 900, "more");
    assert_eq!(checked(&checkpoints, Some(first_key)).unwrap().checkpoints, 4);
    assert_eq!(sign_newest(&checkpoints, 600, [0; 32]).unwrap(), None, "signed already");
    assert!(matches!(sign_newest(&checkpoints, 5_000, [0; 32]), Err(CheckpointError::Empty)));
}

#[test]
fn a_journal_that_was_written_anew_verifies_and_does_not_stand_before_a_checkpoint() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    fs::remove_dir_all(data.path().join("journal")).unwrap();
    journal(data.path(), 700, "lies");
    assert!(verify(&data.path().join("journal")).is_ok(), "in itself it is in order");
    assert!(matches!(flaw(checked(&checkpoints, None)), Flaw::Chain { .. }));
}

#[test]
fn a_tail_that_was_cut_off_is_missed() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    let other = tempfile::tempdir().unwrap();
    journal(other.path(), 100, "word");
    fs::remove_dir_all(data.path().join("journal")).unwrap();
    fs::create_dir(data.path().join("journal")).unwrap();
    for entry in fs::read_dir(other.path().join("journal")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, data.path().join("journal").join(path.file_name().unwrap())).unwrap();
        }
    }
    assert_eq!(flaw(checked(&checkpoints, None)), Flaw::Missing { seq: 250 });
}

#[test]
fn who_has_no_key_can_state_nothing() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    let trusted = checkpoints.keys().unwrap()[0].1.public_key;
    let (path, newest) = checkpoints.list().unwrap().pop().unwrap();
    let write = |statement: &papertape_witness::Checkpoint| {
        fs::write(&path, serde_json::to_vec(statement).unwrap()).unwrap();
    };
    let mut altered = newest;
    altered.state_hash[3] ^= 1;
    write(&altered);
    assert_eq!(flaw(checked(&checkpoints, Some(trusted))), Flaw::Signature);
    let stranger = Signer::generate().unwrap();
    write(&stranger.sign(newest));
    let key = stranger.public_key();
    assert_eq!(flaw(checked(&checkpoints, Some(trusted))), Flaw::Key { key });
    // A key that calls itself the next one is not called that by the one before.
    let introduced = stranger.introduce(newest.deployment, 3, 400, &stranger);
    fs::write(checkpoints.dir().join("key-00000003.json"), serde_json::to_vec(&introduced).unwrap()).unwrap();
    assert_eq!(flaw(checked(&checkpoints, Some(trusted))), Flaw::Previous);
    // A folder whose keys are all a stranger's is one that nobody trusts.
    fs::remove_file(checkpoints.dir().join("key-00000002.json")).unwrap();
    fs::remove_file(checkpoints.dir().join("key-00000003.json")).unwrap();
    let root = stranger.introduce(newest.deployment, 1, 0, &stranger);
    fs::write(checkpoints.dir().join("key-00000001.json"), serde_json::to_vec(&root).unwrap()).unwrap();
    assert!(matches!(flaw(checked(&checkpoints, Some(trusted))), Flaw::Key { .. }));
}

#[test]
fn a_key_signs_no_longer_after_the_next_one_began() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    let old = Signer::load(&data.path().join("secrets/checkpoint-00000001.key")).unwrap();
    let all = checkpoints.list().unwrap();
    fs::write(&all[2].0, serde_json::to_vec(&old.sign(all[2].1)).unwrap()).unwrap();
    assert_eq!(flaw(checked(&checkpoints, None)), Flaw::Key { key: old.public_key() });
}

#[test]
fn a_key_that_the_first_statement_names_signs_until_then() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    let all = checkpoints.keys().unwrap();
    let first = all[0].1.public_key;
    // Whoever trusts the first key needs no statement of its own about it.
    fs::remove_file(&all[0].0).unwrap();
    assert_eq!(checked(&checkpoints, Some(first)).unwrap().checkpoints, 4);
    let old = Signer::load(&data.path().join("secrets/checkpoint-00000001.key")).unwrap();
    let last = checkpoints.list().unwrap().pop().unwrap();
    fs::write(&last.0, serde_json::to_vec(&old.sign(last.1)).unwrap()).unwrap();
    assert_eq!(flaw(checked(&checkpoints, Some(first))), Flaw::Key { key: first });
}

#[test]
fn a_key_of_another_venue_signs_nothing_here() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    let mut keys = check_keys(&checkpoints.keys().unwrap(), None).unwrap();
    keys.iter_mut().for_each(|key| key.deployment = Some([6; 16]));
    assert_eq!(flaw(check(&checkpoints.journal(), &checkpoints.list().unwrap(), &keys)), Flaw::Deployment);
}

#[test]
fn one_that_is_left_out_is_missed() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    fs::remove_file(&checkpoints.list().unwrap()[1].0).unwrap();
    assert_eq!(flaw(checked(&checkpoints, None)), Flaw::Previous);
}

#[test]
fn statements_and_keys_that_are_none_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    let (path, _) = checkpoints.list().unwrap().remove(0);
    for text in ["", "{}", "[1]", "{\"seq\": -1}"] {
        fs::write(&path, text).unwrap();
        assert!(matches!(checkpoints.list(), Err(CheckpointError::Format { .. })), "{text}");
    }
    let key = data.path().join("key");
    fs::write(&key, "00").unwrap();
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert!(matches!(Signer::load(&key), Err(CheckpointError::Exposed { mode: 0o644, .. })));
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(Signer::load(&key), Err(CheckpointError::NoKey { .. })));
    assert_eq!(from_hex::<2>("0aF9"), Some([10, 0xf9]));
    for text in ["", "0aF", "0aF900", "+a+b", "0aé", "zz00"] {
        assert_eq!(from_hex::<2>(text), None, "{text}");
    }
    assert_eq!(to_hex(&[0, 255]), "00ff");
}

#[test]
fn a_link_stands_for_everything_before_it() {
    let data = tempfile::tempdir().unwrap();
    let at = |seq| link(&data.path().join("journal"), seq).unwrap();
    journal(data.path(), 600, "word");
    let before: Vec<_> = [1, 2, 299, 600].map(at).to_vec();
    assert_eq!(before[3].unwrap().seq, 600);
    assert_eq!(before[3].unwrap().hash, verify(&data.path().join("journal")).unwrap().tip_hash);
    assert_eq!(at(601), None);
    journal(data.path(), 900, "more");
    assert_eq!([1, 2, 299, 600].map(at).to_vec(), before, "what comes later changes nothing");
    assert_ne!(at(900), before[3]);
}

/// What a crash can leave of a change of keys: the new key beside, named or not, and the old one in its place or aside.
#[test]
fn a_crash_while_keys_change_costs_no_statement() {
    for (named, old_is_aside) in [(false, false), (true, false), (true, true)] {
        let data = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::of(data.path());
        let secrets = data.path().join("secrets");
        journal(data.path(), 100, "word");
        sign_newest(&checkpoints, 100, [1; 32]).unwrap().unwrap();
        let statement = checkpoints.rotate().unwrap();
        fs::rename(secrets.join("checkpoint.key"), secrets.join("checkpoint.key.new")).unwrap();
        if !old_is_aside {
            fs::rename(secrets.join("checkpoint-00000001.key"), secrets.join("checkpoint.key")).unwrap();
        }
        if !named {
            fs::remove_file(checkpoints.dir().join("key-00000002.json")).unwrap();
        }
        journal(data.path(), 200, "word");
        let signed = sign_newest(&checkpoints, 200, [2; 32]).unwrap().unwrap();
        assert_eq!(signed.public_key == statement.public_key, named);
        assert_eq!(checkpoints.rotate().unwrap().number, if named { 3 } else { 2 });
        journal(data.path(), 300, "word");
        sign_newest(&checkpoints, 300, [3; 32]).unwrap().unwrap();
        let first = checkpoints.keys().unwrap()[0].1.public_key;
        assert_eq!(checked(&checkpoints, Some(first)).unwrap().checkpoints, 3);
        assert!(!secrets.join("checkpoint.key.new").exists());
    }
}

#[test]
fn a_crash_while_the_first_key_is_made_costs_no_statement() {
    for text in [None, Some("")] {
        let data = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::of(data.path());
        let secrets = data.path().join("secrets");
        fs::create_dir(&secrets).unwrap();
        // Not named yet, or not even whole.
        match text {
            None => Signer::generate().unwrap().save(&secrets.join("checkpoint.key")).unwrap(),
            Some(text) => {
                let path = secrets.join("checkpoint.key.new");
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o400)).unwrap();
            }
        }
        journal(data.path(), 100, "word");
        sign_newest(&checkpoints, 100, [1; 32]).unwrap().unwrap();
        assert_eq!(checked(&checkpoints, None).unwrap().checkpoints, 1);
    }
}

#[test]
fn a_key_that_is_lost_or_exchanged_signs_nothing() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = signed(data.path());
    journal(data.path(), 700, "word");
    let key = data.path().join("secrets/checkpoint.key");
    fs::remove_file(&key).unwrap();
    assert!(matches!(sign_newest(&checkpoints, 700, [7; 32]), Err(CheckpointError::OtherKey { .. })));
    Signer::generate().unwrap().save(&key).unwrap();
    assert!(matches!(sign_newest(&checkpoints, 700, [7; 32]), Err(CheckpointError::OtherKey { .. })));
    assert_eq!(checked(&checkpoints, None).unwrap().checkpoints, 4, "what was signed before stays true");
}

#[test]
fn a_time_that_is_not_the_records_is_false() {
    let data = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::of(data.path());
    journal(data.path(), 100, "word");
    let true_link = link(&checkpoints.journal(), 100).unwrap().unwrap();
    checkpoints.sign(&papertape_journal::Link { time_ns: true_link.time_ns + 1, ..true_link }, [1; 32]).unwrap();
    assert!(matches!(flaw(checked(&checkpoints, None)), Flaw::Time { .. }));
}
