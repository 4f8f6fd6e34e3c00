//! An account as it is: open orders, balances, and which of its messages they contain.

use papertape_engine::AccountId;
use papertape_wire::{SnapshotBegin, SnapshotEnd, codes};

use super::server::Server;
use crate::translate::wire as translate;

/// Most open orders of a snapshot.
const ORDERS_MAX: usize = 100_000;

/// What became of the wish for one.
enum Made {
    /// Frames, and the sequence that they are at.
    Whole(Vec<u8>, u64),
    /// The read models and the messages have not come to the same yet.
    NotYet,
    /// It would be too large.
    TooLarge,
}

impl Server {
    /// Makes the snapshots that can be made.
    pub(super) fn make_snapshots(&mut self) {
        if self.snapshots.is_empty() {
            return;
        }
        for (at, id, reference) in std::mem::take(&mut self.snapshots) {
            let Some(mut connection) = self.connections.get_mut(at).and_then(Option::take) else { continue };
            let account = connection.session().filter(|session| session.id == id).map(|session| session.account);
            match account.map(|account| self.snapshot(account, reference)) {
                None => {}
                Some(Made::NotYet) => self.snapshots.push((at, id, reference)),
                // Whoever asks has been told more than the read models know: an answer does not take that back.
                Some(Made::Whole(_, sequence))
                    if connection.session().is_some_and(|session| session.is_past(sequence)) =>
                {
                    self.snapshots.push((at, id, reference));
                }
                Some(Made::TooLarge) => self.end(&mut connection, at, codes::SNAPSHOT_TOO_LARGE),
                Some(Made::Whole(frames, sequence)) => {
                    connection.out.extend_from_slice(&frames);
                    if let Some(session) = connection.session().filter(|session| session.begins_with_snapshot) {
                        session.begins_with_snapshot = false;
                        session.next = sequence + 1;
                    }
                }
            }
            self.put_back(at, connection);
            self.flush(at);
        }
    }

    /// The read models are folded by another thread: it is waited for until that has folded whole commands, and until
    /// what this one has heard reaches as far.
    fn snapshot(&self, account: AccountId, reference: u64) -> Made {
        let views = self.app.views.read();
        let journal_seq = views.seq();
        if !views.is_whole() || self.heard.seq < journal_seq {
            return Made::NotYet;
        }
        let Some(sequence) = self.heard.streams.sequence_at(account, journal_seq) else { return Made::NotYet };
        if views.open_order_count(account) > ORDERS_MAX {
            return Made::TooLarge;
        }
        let orders = views.open_orders(account, None);
        let balances: Vec<_> = views
            .balances(account)
            .into_iter()
            .filter_map(|balance| Some(translate::balance(&balance, views.asset(balance.asset)?)))
            .collect();
        drop(views);
        let mut out = Vec::new();
        let (order_count, balance_count) = (orders.len() as u32, balances.len() as u32);
        SnapshotBegin { reference, sequence, journal_seq, orders: order_count, balances: balance_count }
            .write(&mut out);
        // Oldest first.
        orders.iter().rev().for_each(|order| translate::open_order(order).write(&mut out));
        balances.iter().for_each(|balance| balance.write(&mut out));
        SnapshotEnd { reference, sequence }.write(&mut out);
        Made::Whole(out, sequence)
    }
}
