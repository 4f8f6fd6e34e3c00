//! Mail: written into the database with what it is about, and sent from there. Without a server for it, it stays there, and
//! administrators hand it on.

mod links;
mod smtp;

use std::sync::Arc;

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, DatabaseConnection, QueryOrder, QuerySelect};
use tokio::sync::Notify;

use crate::database::{now, outbox};
use crate::users::User;

pub(crate) use links::Links;
pub use smtp::{MailError, Smtp};

/// Most rows of a page.
pub const OUTBOX_PAGE_MAX: u64 = 500;

/// Tries before a message is given up.
const ATTEMPTS_MAX: i32 = 5;

/// Messages that are read at once.
const AT_ONCE: u64 = 16;

/// Longest reason of a failure that is kept, in characters.
const ERROR_MAX: usize = 300;

/// A message to a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Message {
    user: i64,
    recipient: String,
    subject: &'static str,
    text: String,
}

impl Message {
    pub(crate) fn to(user: &User, subject: &'static str, text: String) -> Self {
        Self { user: user.id.0, recipient: user.email.clone(), subject, text }
    }
}

/// What a round of sending did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sent {
    /// Messages that were taken.
    pub sent: usize,
    /// Messages that were not, this time.
    pub failed: usize,
}

/// The outbox, and whoever takes what is in it.
#[derive(Clone)]
pub struct Mail {
    database: DatabaseConnection,
    smtp: Option<Arc<Smtp>>,
    links: Links,
    wanted: Arc<Notify>,
}

impl Mail {
    pub(crate) fn new(database: DatabaseConnection, smtp: Option<Smtp>, links: Links) -> Self {
        Self { database, smtp: smtp.map(Arc::new), links, wanted: Arc::default() }
    }

    /// What makes the secrets in links.
    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    /// Whether there is a server that takes mail.
    pub fn is_sent(&self) -> bool {
        self.smtp.is_some()
    }

    /// Puts a message into the outbox, in the transaction of what it is about.
    pub(crate) async fn post(&self, connection: &impl ConnectionTrait, message: Message) -> Result<(), DbErr> {
        let row = outbox::ActiveModel {
            user_id: Set(message.user),
            recipient: Set(message.recipient),
            subject: Set(message.subject.to_owned()),
            body: Set(Some(message.text)),
            status: Set("pending".to_owned()),
            attempts: Set(0),
            last_error: Set(None),
            sent_at: Set(None),
            created_at: Set(now()),
            updated_at: Set(now()),
            ..Default::default()
        };
        outbox::Entity::insert(row).exec_without_returning(connection).await?;
        Ok(())
    }

    /// Says that there is something in it.
    pub(crate) fn wake(&self) {
        self.wanted.notify_one();
    }

    /// Completes when something was put into it.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Sends what waits, oldest first. Does nothing without a server.
    pub async fn send_waiting(&self) -> Result<Sent, DbErr> {
        let Some(smtp) = &self.smtp else { return Ok(Sent::default()) };
        let waiting = outbox::Entity::find().filter(outbox::Column::Status.eq("pending"));
        let waiting = waiting.order_by_asc(outbox::Column::Id).limit(AT_ONCE).all(&self.database).await?;
        let mut sent = Sent::default();
        for row in waiting {
            let text = self.links.filled(row.body.as_deref().unwrap_or_default());
            let outcome = smtp.send(&row.recipient, &row.subject, text).await;
            match outcome {
                Ok(()) => sent.sent += 1,
                Err(_) => sent.failed += 1,
            }
            self.settle(&row, outcome).await?;
        }
        Ok(sent)
    }

    /// What was sent loses its text: it may hold a link that lets its reader in.
    async fn settle(&self, row: &outbox::Model, outcome: Result<(), MailError>) -> Result<(), DbErr> {
        let attempts = row.attempts.saturating_add(1);
        let mut changed = outbox::ActiveModel {
            id: Set(row.id),
            attempts: Set(attempts),
            updated_at: Set(now()),
            ..Default::default()
        };
        match outcome {
            Ok(()) => {
                changed.status = Set("sent".to_owned());
                changed.body = Set(None);
                changed.last_error = Set(None);
                changed.sent_at = Set(Some(now()));
            }
            Err(error) => {
                if attempts >= ATTEMPTS_MAX {
                    changed.status = Set("failed".to_owned());
                }
                // A server may say as much as it likes, and what it likes.
                let words = error.to_string();
                let plain = words.chars().filter(|c| !c.is_control()).take(ERROR_MAX);
                changed.last_error = Set(Some(plain.collect()));
            }
        }
        outbox::Entity::update(changed).exec(&self.database).await?;
        Ok(())
    }

    /// What is in it, newest first, at most `limit` and [`OUTBOX_PAGE_MAX`] rows.
    pub async fn page(&self, before: Option<i64>, limit: u64) -> Result<Vec<outbox::Model>, DbErr> {
        let mut query = outbox::Entity::find();
        if let Some(before) = before {
            query = query.filter(outbox::Column::Id.lt(before));
        }
        let query = query.order_by_desc(outbox::Column::Id).limit(limit.min(OUTBOX_PAGE_MAX));
        let mut rows = query.all(&self.database).await?;
        rows.iter_mut().for_each(|row| row.body = row.body.take().map(|text| self.links.filled(&text)));
        Ok(rows)
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail(sent: {})", self.is_sent())
    }
}
