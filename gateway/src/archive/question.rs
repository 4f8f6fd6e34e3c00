//! What can be asked, and how it is answered.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use papertape_engine::{AccountId, InstrumentId, OrderId, Reason};
use papertape_pipeline::VenueDir;
use papertape_story::{Eyes, Unread, order, state};
use serde::Serialize;

use super::Outcome;
use crate::errors::Failure;
use crate::translate::admin::state::{self as states, Wanted};
use crate::translate::story::StoryMessage;

/// What only the journal knows. Equal questions have one answer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Question {
    /// The life of an order, as far as it has come.
    Story {
        /// The order.
        order: OrderId,
        /// Who reads it.
        eyes: Eyes,
    },
    /// The state after a record.
    State {
        /// The record; none: the last one that is durable when the thread comes to it.
        seq: Option<u64>,
        /// A market whose book is wanted, too.
        market: Option<InstrumentId>,
        /// An account that is wanted, too.
        account: Option<AccountId>,
    },
}

/// How long an answer is true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lasts {
    /// Nothing can change it.
    ForEver,
    /// Until the order changes: it was read up to this record.
    WhileOrderStays {
        /// Whose order.
        account: AccountId,
        /// Which.
        order: OrderId,
        /// The last record that is in it.
        seq: u64,
    },
    /// As of the moment.
    Once,
}

/// An answer, encoded.
#[derive(Debug)]
pub(crate) struct Answer {
    /// JSON.
    pub body: Bytes,
    /// How long it is true.
    pub lasts: Lasts,
}

impl Answer {
    fn of(message: &impl Serialize, lasts: Lasts) -> Outcome {
        let body = serde_json::to_vec(message).map_err(Failure::internal)?;
        Ok(Arc::new(Self { body: body.into(), lasts }))
    }
}

/// Answers from the journal in a folder, up to what is durable.
pub(crate) fn read(dir: &VenueDir, durable: u64, question: &Question, goes_on: &dyn Fn() -> bool) -> Outcome {
    match *question {
        Question::Story { order, eyes } => {
            let story = order::read(dir, order, eyes, durable, goes_on).map_err(failure)?;
            let (account, seq) = (AccountId(story.head.account), story.sum.seq);
            let is_open = story.sum.state == "open";
            let lasts = if is_open { Lasts::WhileOrderStays { account, order, seq } } else { Lasts::ForEver };
            Answer::of(&StoryMessage::from(story), lasts)
        }
        Question::State { seq, market, account } => {
            let steps = state::at(dir, seq.unwrap_or(durable), goes_on).map_err(failure)?;
            let lasts = if seq.is_some() { Lasts::ForEver } else { Lasts::Once };
            Answer::of(&states::message(&steps, Wanted { market, account })?, lasts)
        }
    }
}

/// The failure where a record is not there.
pub(crate) fn beyond(last: u64) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "UNKNOWN_RECORD", format!("seq: the last durable record is {last}."))
}

fn failure(unread: Unread) -> Failure {
    match unread {
        Unread::Stopped => Failure::stopping(),
        Unread::NoOrder { .. } => Reason::UnknownOrder.into(),
        // It was durable, and is not there.
        unread @ (Unread::Ends { .. } | Unread::Venue(_)) => Failure::internal(unread),
    }
}
