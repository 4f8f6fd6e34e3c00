//! What is refused, and with which words.

use crate::support::{Data, GROUP, PROCESS, append_many, three_segments};
use papertape_journal::{DirLock, Error, HeaderDamage, Identity, Kind, Options, Reader, open, verify};
use std::error::Error as _;
use std::fs;
use std::path::Path;
use std::process::Command;

fn refused(data: &Data) -> Error {
    open(&data.dir(), GROUP, Identity::default()).unwrap_err()
}

#[test]
fn a_second_writer_is_refused_and_told_who_has_it() {
    let data = Data::new();
    let first = data.open(GROUP);
    let error = refused(&data);
    assert!(matches!(&error, Error::Locked { pid: Some(pid), .. } if *pid == std::process::id()), "{error}");
    assert!(DirLock::acquire(data.root()).is_err());
    drop(first);
    assert_eq!(data.open(GROUP).last_seq, 0);
}

#[test]
fn wrong_arguments_change_nothing() {
    let data = Data::new();
    let mut journal = data.open(PROCESS).journal;
    journal.append(100, Kind(1), 0, b"x").unwrap();
    let error = journal.append(99, Kind(1), 0, b"x").unwrap_err();
    assert_eq!(error.to_string(), "time 99 ns lies before 100 ns, the time of the last record");
    let error = journal.append(100, Kind(1), 0, &[0; 65537]).unwrap_err();
    assert!(matches!(error, Error::PayloadTooLong { length: 65537, max: 57296 }), "{error}");
    let error = journal.append(100, Kind::SEAL, 0, b"").unwrap_err();
    assert_eq!(error.to_string(), "kind 0xff01 is written by the journal itself");
    assert_eq!(journal.append(100, Kind::CHECKPOINT, 0, &[1; 57296]).unwrap(), 2);
    assert_eq!(journal.append(100, Kind(1), 0, b"x").unwrap(), 3);
}

#[test]
fn segment_sizes_out_of_range_are_refused() {
    for segment_bytes in [0, 4096, 65536 + 1, 65536 - 4096, u64::MAX - 4095] {
        let options = Options { segment_bytes, ..GROUP };
        let error = open(&Data::new().dir(), options, Identity::default()).unwrap_err();
        assert!(matches!(error, Error::SegmentBytes { given } if given == segment_bytes));
    }
}

#[test]
fn a_missing_segment_is_named() {
    let data = three_segments();
    fs::remove_file(data.segment(2)).unwrap();
    for error in [refused(&data), verify(&data.dir()).unwrap_err()] {
        assert!(matches!(error, Error::MissingSegment { expected: 2, found: 3, .. }), "{error}");
        assert!(error.is_corruption());
    }
}

#[test]
fn an_unknown_format_is_refused_even_if_only_its_place_is_known() {
    let data = three_segments();
    for number in [1, 3] {
        let mut bytes = data.bytes(number);
        bytes[8] = 2;
        bytes[4096 + 8] = 2;
        let copy = data.copy();
        copy.write(number, &bytes);
        let error = refused(&copy);
        assert!(matches!(error, Error::Format { found: 2, supported: 1, .. }), "{error}");
        assert!(matches!(verify(&copy.dir()), Err(Error::Format { .. })));
    }
}

#[test]
fn one_copy_of_a_header_is_enough_to_open_and_not_to_verify() {
    let data = three_segments();
    for offset in [100, 4096 + 100] {
        let copy = data.copy();
        let mut bytes = copy.bytes(3);
        bytes[offset] ^= 1;
        copy.write(3, &bytes);
        let error = verify(&copy.dir()).unwrap_err();
        let expected = offset as u64 / 4096 * 4096;
        assert!(matches!(&error, Error::Header { offset, damage: HeaderDamage::Copy, .. } if *offset == expected));
        drop(copy.open(GROUP));
        verify(&copy.dir()).unwrap();
    }
}

#[test]
fn segments_of_another_deployment_do_not_mix() {
    let data = three_segments();
    let other = Data::new();
    let identity = Identity { deployment: [8; 16], ..Identity::default() };
    let mut journal = open(&other.dir(), PROCESS, identity).unwrap().journal;
    append_many(&mut journal, 300);
    drop(journal);
    data.write(3, &other.bytes(3));
    assert!(matches!(refused(&data), Error::Header { damage: HeaderDamage::Deployment, .. }));
    assert!(verify(&data.dir()).unwrap_err().is_corruption());
}

#[test]
fn a_reader_of_nothing_says_so() {
    let error = Reader::open(Path::new("/nowhere/at/all"), 1).err().unwrap();
    assert_eq!(error.to_string(), "cannot list /nowhere/at/all");
    assert!(error.source().is_some());
}

/// Mounts a file system of `bytes` at `at`; tells why not where that needs more rights than the test has.
fn mounted(at: &Path, options: &str) -> bool {
    let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
    let done = done.is_ok_and(|output| output.status.success());
    if !done {
        println!("skipped: mounting a tmpfs needs root");
    }
    done
}

struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_an_error_at_the_roll_and_not_a_signal() {
    let data = Data::new();
    if !mounted(data.root(), "size=256k") {
        return;
    }
    let _unmount = Unmount(data.root());
    let mut journal = data.open(PROCESS).journal;
    let mut next = || journal.append(1, Kind(1), 0, &[7; 1000]);
    let error = (0..1000).find_map(|_| next().err()).unwrap();
    assert!(matches!(error, Error::DiskFull { needed: 65536, .. }), "{error}");
    assert!(matches!(next(), Err(Error::DiskFull { .. })), "a second try finds the same");
    let count = verify(&data.dir()).unwrap().records;
    Command::new("mount").args(["-o", "remount,size=1m"]).arg(data.root()).status().unwrap();
    // The attempt that failed last is reported once more at most.
    let seq = next().or_else(|_| next()).unwrap();
    assert_eq!(seq, count + 1, "nothing was written half");
    drop(journal);
    verify(&data.dir()).unwrap();
}

#[test]
fn a_directory_that_may_not_be_written_is_named() {
    let data = Data::new();
    if !mounted(data.root(), "size=1m") {
        return;
    }
    let _unmount = Unmount(data.root());
    drop(data.open(PROCESS));
    Command::new("mount").args(["-o", "remount,ro"]).arg(data.root()).status().unwrap();
    let error = refused(&data);
    assert!(matches!(&error, Error::ReadOnly { path, .. } if path.ends_with("lock")), "{error}");
    verify(&data.dir()).unwrap();
}
