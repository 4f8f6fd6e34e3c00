//! The messages of each account, numbered, as bytes: written once, and copied to every session of the account that reaches
//! them. Bounded for an account and in all; the oldest page goes first. Nothing here knows a socket, so that other wires can
//! tell the same messages under the same numbers.

use std::collections::{BTreeMap, VecDeque};

use papertape_engine::AccountId;
use papertape_platform::Told;
use papertape_wire::FromVenue;
use rustc_hash::{FxHashMap, FxHashSet};

/// A page that has more bytes is followed by a new one.
const PAGE: usize = 8 << 10;

/// The request that led to a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Origin {
    /// The session that it came in; 0: none that is known.
    pub session: u64,
    /// Its own number there.
    pub reference: u64,
    /// Whether the message is its answer, and not another consequence.
    pub answers: bool,
}

/// Where one message of a page ends.
#[derive(Clone, Copy, Debug)]
struct Mark {
    end: u32,
    seq: u64,
    origin: Origin,
}

/// Consecutive messages of one account.
#[derive(Debug, Default)]
struct Page {
    /// Numbers pages of all accounts by their age.
    number: u64,
    /// The sequence of its first message.
    first: u64,
    bytes: Vec<u8>,
    marks: Vec<Mark>,
}

impl Page {
    fn message(&self, at: usize) -> Option<(&Mark, &[u8])> {
        let begin = at.checked_sub(1).map_or(Some(0), |before| self.marks.get(before).map(|mark| mark.end as usize))?;
        let mark = self.marks.get(at)?;
        Some((mark, self.bytes.get(begin..mark.end as usize)?))
    }

    fn size(&self) -> usize {
        self.bytes.len() + self.marks.len() * size_of::<Mark>()
    }
}

#[derive(Debug, Default)]
struct Stream {
    pages: VecDeque<Page>,
    size: usize,
    listeners: Vec<usize>,
}

/// All accounts' messages.
#[derive(Debug)]
pub(super) struct Streams {
    told: Told,
    streams: FxHashMap<AccountId, Stream>,
    ages: BTreeMap<u64, AccountId>,
    next_page: u64,
    size: usize,
    per_account: usize,
    in_all: usize,
    /// The highest command of which a message is kept no more.
    evicted_seq: u64,
}

/// What a session wants copied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The sequence of the first message.
    pub next: u64,
    /// That of the last one at most.
    pub until: u64,
    /// Messages of later commands may not leave yet.
    pub gate: u64,
    /// Whose requests' references are filled in.
    pub session: u64,
    /// No more than so many bytes and a message.
    pub room: usize,
}

/// What was copied.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Copied {
    /// The sequence of the message that comes next.
    pub next: u64,
    /// Answers among them to requests of the session.
    pub answers: u32,
    /// The command of a message that may not leave yet.
    pub held: Option<u64>,
    /// There are more, and no room.
    pub more: bool,
}

/// Messages that were asked for are kept no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Lost;

impl Streams {
    /// Goes on after the messages that were told before.
    pub(super) fn new(told: Told, per_account: usize, in_all: usize) -> Self {
        let (streams, ages) = (FxHashMap::default(), BTreeMap::new());
        Self { told, streams, ages, next_page: 0, size: 0, per_account, in_all, evicted_seq: 0 }
    }

    /// The sequence of the account's last message; 0 before the first.
    pub(super) fn last(&self, account: AccountId) -> u64 {
        self.told.last(account)
    }

    /// Bytes that are kept.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Numbers a message that nobody will ask for.
    pub(super) fn count(&mut self, account: AccountId) {
        self.told.next(account);
    }

    /// Adds a message, which `write` appends as a frame of this sequence. Gives who listens.
    pub(super) fn add(
        &mut self,
        account: AccountId,
        seq: u64,
        origin: Origin,
        write: impl FnOnce(u64, &mut Vec<u8>),
    ) -> &[usize] {
        let sequence = self.told.next(account);
        let stream = self.streams.entry(account).or_default();
        if stream.pages.back().is_none_or(|page| page.bytes.len() >= PAGE) {
            self.next_page += 1;
            self.ages.insert(self.next_page, account);
            let bytes = Vec::with_capacity(if stream.pages.is_empty() { 512 } else { PAGE + 512 });
            stream.pages.push_back(Page { number: self.next_page, first: sequence, bytes, marks: Vec::new() });
        }
        if let Some(page) = stream.pages.back_mut() {
            let before = page.size();
            write(sequence, &mut page.bytes);
            page.marks.push(Mark { end: page.bytes.len() as u32, seq, origin });
            let more = page.size() - before;
            (stream.size, self.size) = (stream.size + more, self.size + more);
        }
        if stream.size > self.per_account && stream.pages.len() > 1 {
            self.evict(account);
        }
        while self.size > self.in_all {
            let Some((_, oldest)) = self.ages.first_key_value() else { break };
            self.evict(*oldest);
        }
        self.streams.get(&account).map(|stream| stream.listeners.as_slice()).unwrap_or_default()
    }

    /// Lets go of an account's oldest page.
    fn evict(&mut self, account: AccountId) {
        let Some(stream) = self.streams.get_mut(&account) else { return };
        let Some(page) = stream.pages.pop_front() else { return };
        self.ages.remove(&page.number);
        self.evicted_seq = self.evicted_seq.max(page.marks.last().map_or(0, |mark| mark.seq));
        (stream.size, self.size) = (stream.size - page.size(), self.size - page.size());
        if stream.pages.is_empty() && stream.listeners.is_empty() {
            self.streams.remove(&account);
        }
    }

    /// From now on `listener` is named when the account has a new message.
    pub(super) fn listen(&mut self, account: AccountId, listener: usize) {
        self.streams.entry(account).or_default().listeners.push(listener);
    }

    /// No longer.
    pub(super) fn leave(&mut self, account: AccountId, listener: usize) {
        if let Some(stream) = self.streams.get_mut(&account) {
            stream.listeners.retain(|known| *known != listener);
            if stream.pages.is_empty() && stream.listeners.is_empty() {
                self.streams.remove(&account);
            }
        }
    }

    /// The sequence of the account's oldest message that is kept; one more than the last where none is.
    pub(super) fn oldest(&self, account: AccountId) -> u64 {
        let page = self.streams.get(&account).and_then(|stream| stream.pages.front());
        page.map_or_else(|| self.last(account).saturating_add(1), |page| page.first)
    }

    /// The venue's time of a message, if it is kept.
    pub(super) fn time_ns(&self, account: AccountId, sequence: u64) -> Option<u64> {
        let page = self.page_of(account, sequence)?;
        let (_, bytes) = page.message(usize::try_from(sequence.checked_sub(page.first)?).ok()?)?;
        bytes.get(20..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
    }

    /// The sequence of the account's last message that command `seq` or one before it led to; `None` if that is not known
    /// any more.
    pub(super) fn sequence_at(&self, account: AccountId, seq: u64) -> Option<u64> {
        let pages = self.streams.get(&account).map(|stream| &stream.pages);
        for page in pages.into_iter().flatten().rev() {
            if let Some(at) = page.marks.iter().rposition(|mark| mark.seq <= seq) {
                return Some(page.first + at as u64);
            }
        }
        (self.evicted_seq <= seq).then(|| self.oldest(account) - 1)
    }

    fn page_of(&self, account: AccountId, sequence: u64) -> Option<&Page> {
        let pages = &self.streams.get(&account)?.pages;
        let after = pages.partition_point(|page| page.first <= sequence);
        pages.get(after.checked_sub(1)?)
    }

    /// Copies messages to the end of `out`.
    pub(super) fn copy(&self, account: AccountId, wanted: &Wanted, out: &mut Vec<u8>) -> Result<Copied, Lost> {
        let mut copied = Copied { next: wanted.next, ..Copied::default() };
        let (last, end) = (self.last(account).min(wanted.until), out.len().saturating_add(wanted.room));
        while copied.next <= last {
            let page = self.page_of(account, copied.next).ok_or(Lost)?;
            let mut at = (copied.next - page.first) as usize;
            if at >= page.marks.len() {
                return Err(Lost);
            }
            while let Some((mark, bytes)) = page.message(at).filter(|_| copied.next <= last) {
                if mark.seq > wanted.gate {
                    copied.held = Some(mark.seq);
                    return Ok(copied);
                }
                if out.len() >= end {
                    copied.more = true;
                    return Ok(copied);
                }
                let begin = out.len() + FromVenue::REFERENCE_AT;
                out.extend_from_slice(bytes);
                if mark.origin.session == wanted.session {
                    if let Some(place) = out.get_mut(begin..begin + 8) {
                        place.copy_from_slice(&mark.origin.reference.to_le_bytes());
                    }
                    copied.answers += u32::from(mark.origin.answers);
                }
                (copied.next, at) = (copied.next + 1, at + 1);
            }
        }
        Ok(copied)
    }

    /// Puts the messages that a replay told before those that are here: `earlier` has counted them from 1, and its last one
    /// is the last before `begun`, which is how far each account was when this began.
    pub(super) fn refill(&mut self, earlier: Streams, begun: &Told) {
        let mut pages: Vec<(AccountId, Page)> = Vec::new();
        for (account, stream) in earlier.streams {
            // Where the count began later than the journal, as after a database was lost, its first messages have no number.
            let Some(shift) = begun.last(account).checked_sub(earlier.told.last(account)) else { continue };
            pages.extend(stream.pages.into_iter().map(|page| (account, page.shifted(shift))));
        }
        // Oldest last: they are put in front one after the other, and are the first that go.
        pages.sort_unstable_by_key(|(_, page)| std::cmp::Reverse(page.number));
        let moved = self.next_page.max(1) + pages.len() as u64;
        self.ages =
            std::mem::take(&mut self.ages).into_iter().map(|(number, account)| (number + moved, account)).collect();
        self.streams.values_mut().flat_map(|stream| &mut stream.pages).for_each(|page| page.number += moved);
        self.next_page += moved;
        self.evicted_seq = self.evicted_seq.max(earlier.evicted_seq);
        let mut is_over = FxHashSet::default();
        for (number, (account, page)) in (1..=pages.len() as u64).rev().zip(pages) {
            let stream = self.streams.entry(account).or_default();
            let size = page.size();
            let fits = self.size + size <= self.in_all && stream.size + size <= self.per_account;
            // Nothing older than what does not fit: there is to be no gap.
            if !fits || is_over.contains(&account) {
                is_over.insert(account);
                self.evicted_seq = self.evicted_seq.max(page.marks.last().map_or(0, |mark| mark.seq));
                continue;
            }
            (stream.size, self.size) = (stream.size + size, self.size + size);
            self.ages.insert(number, account);
            stream.pages.push_front(Page { number, ..page });
        }
    }
}

impl Page {
    /// The same messages under higher numbers.
    fn shifted(mut self, shift: u64) -> Self {
        self.first += shift;
        let mut begin = 0_usize;
        for (sequence, mark) in (self.first..).zip(&self.marks) {
            let at = begin + FromVenue::SEQUENCE_AT;
            if let Some(place) = self.bytes.get_mut(at..at + 8) {
                place.copy_from_slice(&sequence.to_le_bytes());
            }
            begin = mark.end as usize;
        }
        self
    }
}

#[cfg(test)]
#[path = "streams_tests.rs"]
mod tests;
