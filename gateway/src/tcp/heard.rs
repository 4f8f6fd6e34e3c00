//! What the venue tells, as messages of accounts; and which requests that answers.

use std::sync::Arc;

use papertape_engine::AccountId;
use papertape_pipeline::{Output, Ticket};
use papertape_platform::{Directory, told_to};
use rustc_hash::FxHashMap;

use super::streams::{Origin, Streams};
use crate::translate::wire::{Head, write};

/// A request that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) session: u64,
    pub(super) reference: u64,
    pub(super) account: AccountId,
    /// Its type.
    pub(super) request: u8,
    is_answered: bool,
}

/// The messages, and what is under way.
pub(super) struct Heard {
    pub(super) streams: Streams,
    /// The last command that was heard to its end.
    pub(super) seq: u64,
    asked: FxHashMap<Ticket, Asked>,
    /// Only users log in: messages of others are not kept.
    directory: Arc<Directory>,
    /// Connections that have something new.
    dirty: Vec<usize>,
    is_dirty: Vec<bool>,
}

impl Heard {
    /// Goes on after command `seq`.
    pub(super) fn new(streams: Streams, directory: Arc<Directory>, seq: u64, connections_max: usize) -> Self {
        let (asked, dirty, is_dirty) = (FxHashMap::default(), Vec::new(), vec![false; connections_max]);
        Self { streams, seq, asked, directory, dirty, is_dirty }
    }

    /// Takes in one event.
    pub(super) fn take(&mut self, output: &Output) {
        let (journal_seq, time_ns) = (output.seq, output.time_ns);
        let mut asked = if output.ticket.0 == 0 { None } else { self.asked.get_mut(&output.ticket) };
        for (account, part) in told_to(&output.event) {
            if self.directory.user_of(account).is_none() {
                self.streams.count(account);
                continue;
            }
            let origin = match &mut asked {
                Some(asked) if asked.account == account => {
                    let answers = !std::mem::replace(&mut asked.is_answered, true);
                    Origin { session: asked.session, reference: asked.reference, answers }
                }
                _ => Origin::default(),
            };
            let listeners = self.streams.add(account, journal_seq, origin, |sequence, out| {
                write(&output.event, part, Head { sequence, journal_seq, time_ns }, out);
            });
            for &listener in listeners {
                if let Some(is_dirty) = self.is_dirty.get_mut(listener).filter(|is_dirty| !**is_dirty) {
                    *is_dirty = true;
                    self.dirty.push(listener);
                }
            }
        }
        if output.last {
            self.seq = output.seq;
            if asked.is_some() {
                self.asked.remove(&output.ticket);
            }
        }
    }

    /// A request is about to be handed in.
    pub(super) fn expect(&mut self, ticket: Ticket, session: u64, reference: u64, account: AccountId, request: u8) {
        self.asked.insert(ticket, Asked { session, reference, account, request, is_answered: false });
    }

    /// It was not taken.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        self.asked.remove(&ticket);
    }

    /// Requests of a session that the venue has not answered.
    pub(super) fn unanswered(&self, session: u64) -> impl Iterator<Item = &Asked> {
        self.asked.values().filter(move |asked| asked.session == session && !asked.is_answered)
    }

    /// How many requests are under way.
    pub(super) fn asked(&self) -> usize {
        self.asked.len()
    }

    /// A connection that has something new, each once.
    pub(super) fn next_dirty(&mut self) -> Option<usize> {
        let next = self.dirty.pop()?;
        if let Some(is_dirty) = self.is_dirty.get_mut(next) {
            *is_dirty = false;
        }
        Some(next)
    }
}
