use papertape_wire::{MassCancelDone, read_frame};

use super::*;

const ADA: AccountId = AccountId(1);
const BOB: AccountId = AccountId(2);

fn streams(per_account: usize, in_all: usize) -> Streams {
    Streams::new(Told::default(), per_account, in_all)
}

fn add(streams: &mut Streams, account: AccountId, seq: u64, origin: Origin) {
    streams.add(account, seq, origin, |sequence, out| {
        MassCancelDone { sequence, journal_seq: seq, time_ns: seq * 10, reference: 0, orders: 0 }.write(out);
    });
}

fn told(streams: &Streams, account: AccountId, wanted: Wanted) -> Result<(Vec<MassCancelDone>, Copied), Lost> {
    let mut out = Vec::new();
    let copied = streams.copy(account, &wanted, &mut out)?;
    let (mut rest, mut told) = (out.as_slice(), Vec::new());
    while let Some((frame, length)) = read_frame(rest).unwrap() {
        told.push(MassCancelDone::read(frame).unwrap());
        rest = &rest[length..];
    }
    Ok((told, copied))
}

fn all_from(next: u64) -> Wanted {
    Wanted { next, until: u64::MAX, gate: u64::MAX, session: 9, room: usize::MAX }
}

fn sequences(told: &[MassCancelDone]) -> Vec<u64> {
    told.iter().map(|told| told.sequence).collect()
}

#[test]
fn each_account_has_its_own_numbers_and_references_go_to_who_asked() {
    let mut streams = streams(1 << 20, 1 << 20);
    add(&mut streams, ADA, 5, Origin { session: 9, reference: 77, answers: true });
    add(&mut streams, BOB, 5, Origin::default());
    add(&mut streams, ADA, 6, Origin { session: 8, reference: 78, answers: true });
    let (told_ada, copied) = told(&streams, ADA, all_from(1)).unwrap();
    assert_eq!(sequences(&told_ada), [1, 2]);
    assert_eq!([told_ada[0].reference, told_ada[1].reference], [77, 0]);
    assert_eq!((copied.next, copied.answers, copied.held, copied.more), (3, 1, None, false));
    assert_eq!(sequences(&told(&streams, BOB, all_from(1)).unwrap().0), [1]);
    assert_eq!((streams.time_ns(ADA, 2), streams.time_ns(ADA, 3)), (Some(60), None));
}

#[test]
fn what_may_not_leave_and_what_has_no_room_waits() {
    let mut streams = streams(1 << 20, 1 << 20);
    (1..=3).for_each(|seq| add(&mut streams, ADA, seq, Origin::default()));
    let (some, copied) = told(&streams, ADA, Wanted { gate: 2, ..all_from(1) }).unwrap();
    assert_eq!((sequences(&some), copied.held), (vec![1, 2], Some(3)));
    let (some, copied) = told(&streams, ADA, Wanted { room: MassCancelDone::LEN, ..all_from(1) }).unwrap();
    assert_eq!((sequences(&some), copied.more, copied.next), (vec![1], true, 2));
    let (some, copied) = told(&streams, ADA, Wanted { until: 2, ..all_from(2) }).unwrap();
    assert_eq!((sequences(&some), copied.next), (vec![2], 3));
}

#[test]
fn the_oldest_go_first_and_are_known_to_be_lost() {
    let mut streams = streams(20_000, 1 << 20);
    (1..=1_000).for_each(|seq| add(&mut streams, ADA, seq, Origin::default()));
    let oldest = streams.oldest(ADA);
    assert!(oldest > 1 && streams.size() <= 30_000, "{oldest}, {}", streams.size());
    assert_eq!(told(&streams, ADA, all_from(oldest - 1)), Err(Lost));
    assert_eq!(told(&streams, ADA, all_from(oldest)).unwrap().0.len() as u64, 1_001 - oldest);
    assert_eq!(streams.sequence_at(ADA, 1_000), Some(1_000));
    assert_eq!(streams.sequence_at(ADA, oldest), Some(oldest));
    assert_eq!(streams.sequence_at(ADA, oldest - 2), None, "what was told by then is not known any more");
    assert_eq!(streams.sequence_at(BOB, 1_000), Some(0));
}

#[test]
fn a_limit_over_all_takes_from_the_oldest() {
    let mut streams = streams(1 << 20, 30_000);
    (1..=100).for_each(|seq| add(&mut streams, BOB, seq, Origin::default()));
    (101..=1_000).for_each(|seq| add(&mut streams, ADA, seq, Origin::default()));
    assert!(streams.size() <= 30_000);
    assert_eq!((streams.oldest(BOB), streams.last(BOB)), (101, 100), "all of an account's may go");
    assert_eq!(told(&streams, BOB, all_from(101)).unwrap().0, []);
    add(&mut streams, BOB, 1_001, Origin::default());
    assert_eq!(sequences(&told(&streams, BOB, all_from(101)).unwrap().0), [101]);
}

#[test]
fn what_a_replay_told_comes_before_what_was_told_since() {
    let mut begun = Told::default();
    (0..50).for_each(|_| {
        begun.next(ADA);
    });
    let mut now = Streams::new(begun.clone(), 1 << 20, 1 << 20);
    add(&mut now, ADA, 200, Origin::default());
    now.listen(ADA, 3);
    let mut earlier = streams(1 << 20, 1 << 20);
    (191..=199).for_each(|seq| add(&mut earlier, ADA, seq, Origin::default()));
    now.refill(earlier, &begun);
    let (all, _) = told(&now, ADA, all_from(42)).unwrap();
    assert_eq!(sequences(&all), (42..=51).collect::<Vec<_>>());
    assert_eq!(all.iter().map(|told| told.journal_seq).collect::<Vec<_>>(), (191..=200).collect::<Vec<_>>());
    assert_eq!(told(&now, ADA, all_from(41)), Err(Lost));
    add(&mut now, ADA, 201, Origin::default());
    assert_eq!(sequences(&told(&now, ADA, all_from(51)).unwrap().0), [51, 52]);
    assert_eq!(now.add(ADA, 202, Origin::default(), |_, _| ()), [3]);
}
