//! The writer: appends, rolls, closes.

use crate::ahead::{Ahead, WINDOW};
use crate::cursor::{DurableCursor, Progress};
use crate::cut::TornTail;
use crate::disk::Folder;
use crate::error::{Error, Failure};
use crate::header::{Previous, SegmentHeader};
use crate::kind::{Epoch, Kind};
use crate::layout::{DATA_START, RECORD_HEADER, padded};
use crate::lock::DirLock;
use crate::mark::Marker;
use crate::open::Place;
use crate::options::{Durability, Hands, Identity, Options};
use crate::record::RecordHeader;
use crate::scan::Chain;
use crate::stage::{Sealing, Staged, Stager};
use crate::sync::Committer;
use std::sync::Arc;
use std::sync::atomic::{Ordering, compiler_fence};

/// The one writer of a journal.
///
/// Dropping it without [`Journal::close`] syncs where records are synced as they come, and leaves no seal, as if the process had
/// ended.
pub struct Journal {
    active: Staged,
    offset: usize,
    /// Where the writer stops to look: at the end of the segment, or where it asks for more pages. Not less than
    /// `offset`.
    limit: usize,
    seed: u32,
    chain: Chain,
    max_payload: usize,
    progress: Arc<Progress>,
    sync: Committer,
    marker: Option<Arc<Marker>>,
    header: SegmentHeader,
    /// When the journal was created; the salts follow from it.
    created_ns: u64,
    identity: Identity,
    generation: u64,
    stager: Stager,
    /// Who prepares pages, where nothing is synced unless somebody asks; elsewhere the next sync would undo that.
    ahead: Option<Ahead>,
    _lock: DirLock,
}

/// A record's kind with the version of its schema and its flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// The kind; the journal's own are refused.
    pub kind: Kind,
    /// The version of the kind's schema.
    pub version: u8,
    /// Opaque.
    pub flags: u8,
}

/// A piece of the work that the writer does not wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chore {
    /// One commit: syncs what is published.
    Sync,
    /// Seals the segment that ended, or makes the next one ready.
    Stage,
}

impl Journal {
    pub(crate) fn start(
        lock: DirLock,
        dir: &Folder,
        options: Options,
        identity: Identity,
        hands: Hands,
        place: Place,
    ) -> Result<Journal, Error> {
        let Place { header, active, offset, chain, created_ns, generation } = place;
        let progress = Arc::new(Progress::new(options.durability, chain.last_seq()));
        let marker = match options.durability {
            Durability::GroupMark => {
                let marker = Marker::open(dir, &header, generation)?;
                // What was found is durable from now on, and may be told so.
                marker.set(chain.last_seq()).map_err(Error::Poisoned)?;
                Some(Arc::new(marker))
            }
            Durability::Memory | Durability::Process | Durability::Interval { .. } | Durability::Group => None,
        };
        let sync = Committer::start(Arc::clone(&progress), Arc::clone(&active.sync_file), marker.clone(), hands);
        let sync = sync.map_err(|error| Error::io("start the sync thread of", &dir.path, error))?;
        let stager = Stager::start(dir, header.clone(), options.segment_bytes, Arc::clone(&progress), hands);
        let stager = stager.map_err(|error| Error::io("start the staging thread of", &dir.path, error))?;
        let prepares = options.durability.syncs_when_asked() && hands == Hands::Threads;
        let ahead = prepares.then(|| Ahead::start(Arc::clone(&progress))).transpose();
        let ahead = ahead.map_err(|error| Error::io("start the thread that prepares pages of", &dir.path, error))?;
        Ok(Journal {
            offset: offset as usize,
            limit: offset as usize,
            seed: header.crc_seed(),
            active,
            chain,
            max_payload: options.max_payload(),
            progress,
            sync,
            marker,
            header,
            created_ns,
            identity,
            generation,
            stager,
            ahead,
            _lock: lock,
        })
    }

    /// Appends a record and gives its seq. Once this returns, the record survives the end of the process; whether it
    /// is durable, [`Journal::durable`] tells.
    ///
    /// `key` is an idempotency or correlation key and opaque. Refused are a payload over 64 KiB (or over what one
    /// segment holds), a time before that of the last record, a kind of the journal's own, and anything after a sync
    /// has failed. A refusal changes nothing.
    ///
    /// It allocates nothing, makes no system call and does not wait, with two exceptions: it wakes the sync thread if
    /// that sleeps, and where the segment is full it waits for the next one, if that is not ready yet.
    #[inline]
    pub fn append(&mut self, time_ns: u64, kind: Kind, key: u64, payload: &[u8]) -> Result<u64, Error> {
        self.append_tagged(time_ns, Tag { kind, version: 1, flags: 0 }, key, payload)
    }

    /// As [`Journal::append`], which gives version 1 and no flags.
    #[inline]
    pub fn append_tagged(&mut self, time_ns: u64, tag: Tag, key: u64, payload: &[u8]) -> Result<u64, Error> {
        if tag.kind.is_reserved() {
            return Err(Error::ReservedKind { kind: tag.kind.0 });
        }
        self.append_any(time_ns, tag, key, payload)
    }

    #[inline]
    fn append_any(&mut self, time_ns: u64, tag: Tag, key: u64, payload: &[u8]) -> Result<u64, Error> {
        if payload.len() > self.max_payload || time_ns < self.chain.time_ns || self.progress.has_failed() {
            return Err(self.refusal(time_ns, payload.len()));
        }
        let size = padded(RECORD_HEADER + payload.len());
        if self.limit - self.offset < size {
            self.make_room(time_ns, size)?;
        }
        let seq = self.chain.next_seq;
        let header = RecordHeader {
            length: (RECORD_HEADER + payload.len()) as u32,
            seq,
            time_ns,
            durable_seq: self.progress.synced(),
            key,
            previous_crc: self.chain.crc,
            tag,
        };
        let (header, crc) = header.seal(self.seed, payload);
        self.active.map.publish(self.offset, &header, payload);
        self.offset += size;
        self.chain = Chain { next_seq: seq + 1, crc, time_ns };
        self.progress.publish(seq);
        // The other half of this handshake, with the fence for both, is in the sync thread's `sleep`.
        compiler_fence(Ordering::SeqCst);
        if self.progress.idle().load(Ordering::Relaxed) {
            self.wake();
        }
        Ok(seq)
    }

    /// The seq that the next `append` will give.
    #[inline]
    pub fn next_seq(&self) -> u64 {
        self.chain.next_seq
    }

    /// The time of the last record in nanoseconds, 0 if there is none: the next may not be earlier.
    #[inline]
    pub fn last_time_ns(&self) -> u64 {
        self.chain.time_ns
    }

    /// The id that the journal was created with.
    pub fn deployment(&self) -> [u8; 16] {
        self.header.deployment
    }

    /// How many times a writer has opened the journal, this time included.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// A cursor on what is durable.
    pub fn durable(&self) -> DurableCursor {
        DurableCursor::new(Arc::clone(&self.progress))
    }

    /// Makes everything durable, appends a seal that says so, makes the seal durable, and ends the threads. The seal
    /// takes a seq; an empty journal gets none.
    pub fn close(mut self) -> Result<(), Error> {
        if self.next_seq() > 1 {
            self.flush()?;
            let tag = Tag { kind: Kind::SEAL, version: 1, flags: 0 };
            self.append_any(self.chain.time_ns, tag, 0, &self.generation.to_le_bytes())?;
            self.flush()?;
        }
        Ok(())
    }

    /// Does a piece of the work that threads would do: for a journal that was opened with [`Hands::Caller`]. Gives
    /// whether there was anything to do.
    pub fn work(&mut self, chore: Chore) -> bool {
        match chore {
            Chore::Sync => self.sync.commit(),
            Chore::Stage => self.stager.step(),
        }
    }

    /// Returns once everything published is on the disk.
    pub fn flush(&mut self) -> Result<(), Error> {
        // Segments that ended are synced when they are sealed.
        self.stager.drain();
        if !self.progress.has_failed() {
            let published = self.progress.published();
            match self.sync_active(published) {
                Ok(()) => self.progress.advance(published),
                Err(failure) => self.progress.fail(failure),
            }
        }
        match self.progress.failure() {
            Some(failure) => Err(Error::Poisoned(failure.clone())),
            None => Ok(()),
        }
    }

    fn sync_active(&self, published: u64) -> Result<(), Failure> {
        let failure = |cause| Failure { op: "sync", path: self.active.path.clone(), cause: Arc::new(cause) };
        self.active.file.sync().map_err(failure)?;
        self.marker.as_ref().map_or(Ok(()), |marker| marker.set(published))
    }

    /// Appends a heartbeat: it says nothing but how far the journal was durable, and so proves what came before it.
    /// For a writer that has nothing else to append.
    pub fn append_heartbeat(&mut self, time_ns: u64) -> Result<u64, Error> {
        let tag = Tag { kind: Kind::HEARTBEAT, version: 1, flags: 0 };
        self.append_any(time_ns.max(self.chain.time_ns), tag, 0, &self.generation.to_le_bytes())
    }

    pub(crate) fn append_epoch(&mut self, last_good_seq: u64, torn: Option<&TornTail>) -> Result<(), Error> {
        let epoch = Epoch {
            generation: self.generation,
            last_good_seq,
            cut_bytes: torn.map_or(0, |torn| torn.bytes),
            cut_offset: torn.map_or(0, |torn| torn.offset),
        };
        let time_ns = self.identity.now_ns.max(self.chain.time_ns);
        self.append_any(time_ns, Tag { kind: Kind::EPOCH, version: 1, flags: 0 }, 0, &epoch.encode())?;
        Ok(())
    }

    /// Rolls if the segment has no room for `size` bytes, and has the next pages prepared, a window ahead.
    #[cold]
    fn make_room(&mut self, time_ns: u64, size: usize) -> Result<(), Error> {
        let capacity = |journal: &Journal| journal.active.bytes as usize;
        if capacity(self) - self.offset < size {
            self.roll(time_ns)?;
        }
        self.limit = capacity(self);
        if let Some(ahead) = &self.ahead
            && self.limit - self.offset > size + WINDOW
        {
            self.limit = self.offset + size + WINDOW;
            ahead.request(self.active.pages(), self.limit);
        }
        Ok(())
    }

    /// Ends the segment and goes on in the staged one. The writer's part is small: two headers into the map, and
    /// handing the rest over.
    #[cold]
    fn roll(&mut self, time_ns: u64) -> Result<(), Error> {
        let mut staged = self.stager.take()?;
        let number = self.header.number + 1;
        let header = SegmentHeader {
            number,
            first_seq: self.chain.next_seq,
            generation: self.generation,
            created_ns: time_ns,
            deployment: self.header.deployment,
            salt: SegmentHeader::salt_for(&self.header.deployment, self.created_ns, number),
            segment_bytes: staged.bytes,
            previous: Previous {
                tail: self.offset as u64,
                time_ns: self.chain.time_ns,
                crc: self.chain.crc,
                hash: None,
            },
            rules: self.identity.rules,
            schema: self.identity.schema,
        };
        staged.map.store_header(&header.encode());
        self.sync.push(Arc::clone(&staged.sync_file), header.first_seq);
        let ended = std::mem::replace(&mut self.active, staged);
        self.header = header.clone();
        self.stager.seal(Sealing { ended, tail: self.offset as u64, last_seq: self.chain.last_seq(), next: header });
        self.seed = self.header.crc_seed();
        self.offset = DATA_START as usize;
        self.limit = self.offset;
        Ok(())
    }

    #[cold]
    fn wake(&self) {
        self.sync.wake();
    }

    #[cold]
    fn refusal(&self, time_ns: u64, length: usize) -> Error {
        match self.progress.failure() {
            Some(failure) => Error::Poisoned(failure.clone()),
            None if length > self.max_payload => Error::PayloadTooLong { length, max: self.max_payload },
            None => Error::TimeBackwards { previous: self.chain.time_ns, given: time_ns },
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.sync.stop();
        self.stager.stop();
        self.progress.end();
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("segment", &self.active.path)
            .field("offset", &self.offset)
            .field("next_seq", &self.chain.next_seq)
            .finish_non_exhaustive()
    }
}
