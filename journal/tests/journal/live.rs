//! Reading and auditing a journal that is being written.

use crate::support::{Data, GROUP, append};
use papertape_journal::{Kind, Reader, Tail, verify};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

#[test]
fn a_reader_follows_the_writer_and_stops_at_the_last_published_record() {
    let data = Data::new();
    let mut journal = data.open(GROUP).journal;
    let mut reader = Reader::open(&data.dir(), 1).unwrap();
    for _ in 0..400 {
        assert_eq!(reader.next().unwrap(), None);
        let seq = append(&mut journal);
        assert_eq!(reader.next().unwrap().unwrap().seq, seq);
    }
    assert_eq!(reader.next().unwrap(), None);
}

#[test]
fn readers_never_see_a_record_half_written() {
    const COUNT: u64 = 60_000;
    let data = Data::new();
    let mut journal = data.open(GROUP).journal;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|number| {
                let data = &data;
                scope.spawn(move || {
                    let reader = Reader::open(&data.dir(), 1).unwrap();
                    // One of them looks beyond the end each time it comes there.
                    let mut reader = if number == 0 { reader } else { reader.to_the_end() };
                    let mut seen = 0;
                    while seen < COUNT {
                        match reader.next().unwrap() {
                            Some(record) => {
                                seen += 1;
                                assert_eq!((record.seq, record.key), (seen, seen * 3));
                                assert!(record.payload.iter().all(|&byte| byte == seen as u8));
                            }
                            None => thread::yield_now(),
                        }
                    }
                })
            })
            .collect();
        let audits = scope.spawn(|| {
            let mut last = 0;
            while !done.load(Ordering::SeqCst) {
                let report = verify(&data.dir()).unwrap();
                assert!(report.last_seq >= last);
                last = report.last_seq;
            }
        });
        for seq in 1..=COUNT {
            let payload = [seq as u8; 96];
            journal.append(seq, Kind(1), seq * 3, &payload[..seq as usize % 96]).unwrap();
        }
        let read: Vec<_> = readers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        // Before anything may fail: the audit goes on until then.
        done.store(true, Ordering::SeqCst);
        read.into_iter().for_each(Result::unwrap);
        audits.join().unwrap();
    });
    journal.close().unwrap();
    let report = verify(&data.dir()).unwrap();
    assert_eq!((report.records, report.tail), (COUNT + 1, Tail::Clean));
}
