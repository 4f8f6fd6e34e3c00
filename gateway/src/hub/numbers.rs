//! What the venue's own numbering says of a change: its command, and the number of the private message that it is over every
//! wire ([`Told`]).

use papertape_engine::AccountId;
use papertape_pipeline::Output;
use papertape_platform::{Change, Told, told_to};

/// Where something stands in the venue's numbering.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Mark {
    /// The last command that is in it.
    pub seq: u64,
    /// Of a message about an account's orders: the number of the account's message that it is; 0 elsewhere.
    pub sequence: u64,
}

/// A change, and where it stands.
#[derive(Debug)]
pub(crate) struct Numbered {
    /// Where.
    pub mark: Mark,
    /// What.
    pub change: Change,
}

/// Counts the private messages of every account, as everybody does who tells them.
#[derive(Debug)]
pub(crate) struct Numbers(Told);

impl Numbers {
    /// Goes on after what was told before.
    pub(super) fn new(told: Told) -> Self {
        Self(told)
    }

    /// The number of the account's last message.
    pub(super) fn last(&self, account: AccountId) -> u64 {
        self.0.last(account)
    }

    /// Numbers what an event changed. A change of an order is the next message of its account that the event is; one that
    /// follows without an event of its own has the number of the message before it.
    pub(super) fn note(
        &mut self,
        output: &Output,
        changes: impl Iterator<Item = Change>,
        mut take: impl FnMut(Numbered),
    ) {
        let mut messages = [None; 2];
        for (place, (account, _)) in messages.iter_mut().zip(told_to(&output.event)) {
            *place = Some((account, self.0.next(account)));
        }
        for change in changes {
            let sequence = match &change {
                Change::Order { account, .. } | Change::Rejected { account, .. } => {
                    let own = |message: &&mut Option<(AccountId, u64)>| {
                        message.as_ref().is_some_and(|message| message.0 == *account)
                    };
                    let message = messages.iter_mut().find(own).and_then(Option::take);
                    message.map_or_else(|| self.0.last(*account), |(_, sequence)| sequence)
                }
                _ => 0,
            };
            take(Numbered { mark: Mark { seq: output.seq, sequence }, change });
        }
    }
}
