//! The outbox: a ring that one thread writes and several read, each every entry, none taking from another.
//!
//! A position counts entries since the beginning; the entry at position `p` lies in slot `p mod capacity`. Two facts
//! make it sound:
//!
//! - The writer touches the slot of position `p` only when every reader has moved past `p - capacity`, and publishes
//!   `p + 1` (release) after the write.
//! - A reader touches the slots of positions below the published one (acquire), and moves its own position past them
//!   (release) only when it no longer reads them.
//!
//! A full ring stops the writer: nothing is dropped, and who reads slowly holds the venue back.

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_utils::CachePadded;

/// A reader that left no longer holds the writer back.
const GONE: u64 = u64::MAX;

struct Shared<T> {
    slots: Box<[UnsafeCell<T>]>,
    published: CachePadded<AtomicU64>,
    /// Where each reader stands.
    readers: Box<[CachePadded<AtomicU64>]>,
}

// SAFETY: slots are written by the one `RingWriter` and read by `RingReader`s under the protocol above, which never
// lets a write meet another access; `T: Copy + Send + Sync` is given by reference to several threads.
unsafe impl<T: Copy + Send + Sync> Sync for Shared<T> {}
// SAFETY: nothing in it belongs to a thread.
unsafe impl<T: Copy + Send + Sync> Send for Shared<T> {}

impl<T> Shared<T> {
    fn slot(&self, position: u64) -> &UnsafeCell<T> {
        &self.slots[position as usize & (self.slots.len() - 1)]
    }
}

/// The writing end.
pub struct RingWriter<T> {
    shared: Arc<Shared<T>>,
    /// The slots that `shared` owns, to be reached without a detour.
    slots: NonNull<UnsafeCell<T>>,
    mask: u64,
    next: u64,
    /// Positions below this one are known to be free for writing.
    free_until: u64,
}

// SAFETY: `slots` points into what `shared` owns, which may be sent; see `Shared`.
unsafe impl<T: Copy + Send + Sync> Send for RingWriter<T> {}

/// The slowest reader has not yet read what would be overwritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full;

/// One reading end.
pub struct RingReader<T> {
    shared: Arc<Shared<T>>,
    index: usize,
    next: u64,
    /// What is known to be published. Asking again takes the word from the writer, so it is not asked before it must.
    published: u64,
}

/// A ring of at least `capacity` entries (a power of two is chosen) and its readers. `blank` fills it: no slot is ever
/// without a value, and every page is touched before the first use.
pub fn ring<T: Copy + Send + Sync>(capacity: usize, readers: usize, blank: T) -> (RingWriter<T>, Vec<RingReader<T>>) {
    let capacity = capacity.max(2).next_power_of_two();
    // A compiler that knew the blank to be all zeros would ask the system for zeroed memory, and touch none of it.
    let blank = std::hint::black_box(blank);
    let shared = Arc::new(Shared {
        slots: (0..capacity).map(|_| UnsafeCell::new(blank)).collect(),
        published: CachePadded::default(),
        readers: (0..readers).map(|_| CachePadded::default()).collect(),
    });
    let readers =
        (0..readers).map(|index| RingReader { shared: Arc::clone(&shared), index, next: 0, published: 0 }).collect();
    let slots = NonNull::from(&*shared.slots).cast();
    let writer = RingWriter { shared, slots, mask: capacity as u64 - 1, next: 0, free_until: 0 };
    (writer, readers)
}

/// Watches a ring from anywhere, without reading or holding back.
#[derive(Clone)]
pub struct RingWatch<T> {
    shared: Arc<Shared<T>>,
}

impl<T> RingWatch<T> {
    /// Entries that the slowest reader has not read yet; 0 when no reader is left.
    pub fn lag(&self) -> u64 {
        // Readers first: what is published never falls behind them, so that the difference is never below zero.
        let slowest = self.shared.readers.iter().map(|reader| reader.load(Ordering::Acquire)).min().unwrap_or(GONE);
        self.shared.published.load(Ordering::Acquire).saturating_sub(slowest)
    }

    /// How many entries it holds.
    pub fn capacity(&self) -> usize {
        self.shared.slots.len()
    }
}

impl<T: Copy> RingWriter<T> {
    /// Something that watches it.
    pub fn watch(&self) -> RingWatch<T> {
        RingWatch { shared: Arc::clone(&self.shared) }
    }

    /// Writes an entry, which readers see after [`RingWriter::publish`]. Gives it back if the ring is full.
    #[inline]
    pub fn write(&mut self, entry: &T) -> Result<(), Full> {
        if self.is_full() {
            return Err(Full);
        }
        // SAFETY: all readers have passed `next - capacity` (`free_until` says so, and `find_room` loads where they are
        // with acquire), and none reads `next` before it is published. There is one writer, and it is `&mut`. The mask
        // keeps the index below the number of slots.
        unsafe { *(*self.slots.add((self.next & self.mask) as usize).as_ptr()).get() = *entry };
        self.next += 1;
        Ok(())
    }

    /// Whether the slowest reader has not yet read what the next entry would overwrite.
    #[inline]
    pub fn is_full(&mut self) -> bool {
        self.next == self.free_until && !self.find_room()
    }

    /// Looks where the readers are, and says whether there is room for an entry.
    #[cold]
    #[inline(never)]
    fn find_room(&mut self) -> bool {
        let slowest = self.shared.readers.iter().map(|reader| reader.load(Ordering::Acquire)).min().unwrap_or(GONE);
        self.free_until = slowest.min(self.next) + (self.mask + 1);
        self.next < self.free_until
    }

    /// Entries written so far, published or not.
    #[inline]
    pub fn position(&self) -> u64 {
        self.next
    }

    /// Shows readers everything written so far.
    #[inline]
    pub fn publish(&mut self) {
        self.shared.published.store(self.next, Ordering::Release);
    }
}

impl<T: Copy> RingReader<T> {
    /// Shows entries in order for as long as `take` wants them, and returns how many it took.
    pub fn read(&mut self, mut take: impl FnMut(&T) -> bool) -> usize {
        let begin = self.next;
        while self.next < self.published || self.ready() > 0 {
            // SAFETY: the position is published (acquire above), and the writer does not come back to its slot
            // before this reader's position, stored below with release, has passed it.
            let entry = unsafe { &*self.shared.slot(self.next).get() };
            if !take(entry) {
                break;
            }
            self.next += 1;
            // Let the writer in early: a long batch must not hold a whole ring.
            if self.next.is_multiple_of(256) {
                self.shared.readers[self.index].store(self.next, Ordering::Release);
            }
        }
        if self.next > begin {
            self.shared.readers[self.index].store(self.next, Ordering::Release);
        }
        (self.next - begin) as usize
    }

    /// Leaves out what `other`, a reader of the same ring, has read already.
    pub fn skip_to(&mut self, other: &RingReader<T>) {
        if other.next > self.next {
            self.next = other.next;
            // What another reader has read is published; what is known to be published must not be less.
            self.published = self.published.max(self.next);
            self.shared.readers[self.index].store(self.next, Ordering::Release);
        }
    }

    /// Entries that it has read.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// How many entries can be read now.
    #[inline]
    pub fn ready(&mut self) -> u64 {
        self.published = self.shared.published.load(Ordering::Acquire);
        self.published - self.next
    }

    /// The entry that [`RingReader::read`] would show first, if one is published.
    pub fn peek(&self) -> Option<T> {
        let published = self.shared.published.load(Ordering::Acquire);
        // SAFETY: as in `read`.
        (self.next < published).then(|| unsafe { *self.shared.slot(self.next).get() })
    }
}

impl<T> Drop for RingReader<T> {
    fn drop(&mut self) {
        self.shared.readers[self.index].store(GONE, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_sees_every_entry_in_order() {
        const ENTRIES: u64 = 200_000;
        let (mut writer, readers) = ring(64, 3, 0_u64);
        let threads: Vec<_> = readers
            .into_iter()
            .map(|mut reader| {
                std::thread::spawn(move || {
                    let mut expected = 0;
                    while expected < ENTRIES {
                        let took = reader.read(|entry| {
                            assert_eq!(*entry, expected);
                            expected += 1;
                            true
                        });
                        if took == 0 {
                            std::thread::yield_now();
                        }
                    }
                })
            })
            .collect();
        for entry in 0..ENTRIES {
            while writer.write(&entry).is_err() {
                writer.publish();
                std::thread::yield_now();
            }
            if entry % 7 == 0 {
                writer.publish();
            }
        }
        writer.publish();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }

    #[test]
    fn a_full_ring_refuses_until_the_slowest_reader_moves() {
        let (mut writer, mut readers) = ring(4, 2, 0);
        for entry in 0..4 {
            writer.write(&entry).unwrap();
        }
        writer.publish();
        assert_eq!(writer.write(&4), Err(Full));
        assert_eq!(readers[0].read(|_| true), 4);
        assert_eq!(writer.write(&4), Err(Full), "the other reader has not moved");
        let mut seen = Vec::new();
        readers[1].read(|entry| {
            seen.push(*entry);
            seen.len() < 2
        });
        assert_eq!(readers[1].peek(), Some(1), "an entry that was not taken is shown again");
        assert_eq!(writer.write(&4), Ok(()));
    }

    #[test]
    fn a_read_shows_all_that_is_published() {
        let (mut writer, mut readers) = ring(8, 1, 0);
        (0..2).for_each(|entry| writer.write(&entry).unwrap());
        writer.publish();
        assert_eq!(readers[0].read(|entry| *entry < 1), 1);
        (2..4).for_each(|entry| writer.write(&entry).unwrap());
        writer.publish();
        assert_eq!(readers[0].read(|_| true), 3);
    }

    #[test]
    fn a_reader_leaves_out_what_another_has_read() {
        let (mut writer, readers) = ring(4, 2, 0);
        let [mut first, mut second]: [RingReader<i32>; 2] = readers.try_into().ok().unwrap();
        let fill = |writer: &mut RingWriter<i32>, from| {
            (from..from + 4).for_each(|entry| writer.write(&entry).unwrap());
            writer.publish();
        };
        fill(&mut writer, 0);
        assert_eq!(first.read(|entry| *entry < 3), 3);
        second.skip_to(&first);
        assert_eq!(second.peek(), Some(3));
        first.skip_to(&second);
        assert_eq!((first.read(|_| true), second.read(|_| true)), (1, 1));
        fill(&mut writer, 4);
        assert_eq!(second.read(|entry| *entry < 6), 2);
        second.skip_to(&first);
        assert_eq!((second.position(), second.peek()), (6, Some(6)), "nobody goes back");
    }

    #[test]
    fn a_watch_sees_how_far_the_slowest_reader_is_behind() {
        let (mut writer, mut readers) = ring(4, 2, 0);
        let watch = writer.watch();
        (0..3).for_each(|entry| writer.write(&entry).unwrap());
        assert_eq!((watch.lag(), watch.capacity()), (0, 4), "nothing is published");
        writer.publish();
        assert_eq!(readers[0].read(|_| true), 3);
        assert_eq!(watch.lag(), 3);
        readers[1].read(|entry| *entry < 2);
        assert_eq!(watch.lag(), 1);
        drop(readers);
        assert_eq!(watch.lag(), 0, "nobody is behind");
    }

    #[test]
    fn a_reader_that_left_holds_nobody_back() {
        let (mut writer, readers) = ring(2, 1, 0);
        drop(readers);
        for entry in 0..100 {
            writer.write(&entry).unwrap();
        }
    }
}
