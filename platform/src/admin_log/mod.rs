//! What administrators, the operator and the venue itself did to what is nobody's own, as a chain: each row has the hash of
//! the one before it, so that whoever alters, removes or inserts one alters everything after it. Who acted is given the hash
//! of his row: a chain that was written anew does not have it.

mod chain;
mod verify;

use std::sync::Arc;

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, QueryOrder, QuerySelect};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::api_keys::hex;
use crate::database::{admin_log, now};
use crate::users::{Origin, UserId};

pub use chain::{InvalidReceipt, Receipt};
pub use verify::{Broken, Fault, Verified, has, verify};

/// Most rows of a page.
pub const ADMIN_LOG_PAGE_MAX: u64 = 500;

/// Most bytes of what is kept of a request or of a state.
const TEXT_MAX: usize = 16 << 10;

/// Who acted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Actor {
    /// Whoever has the operator's key.
    Operator,
    /// An administrator.
    Admin(UserId),
    /// Whoever had the token that makes the first administrator.
    Setup,
    /// The venue, by time.
    Venue,
}

impl Actor {
    /// As it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Actor::Operator => "operator",
            Actor::Admin(_) => "admin",
            Actor::Setup => "setup",
            Actor::Venue => "venue",
        }
    }

    const fn user(self) -> Option<UserId> {
        match self {
            Actor::Admin(user) => Some(user),
            Actor::Operator | Actor::Setup | Actor::Venue => None,
        }
    }
}

/// An action, as it is over.
#[derive(Clone, Debug)]
pub struct AdminEvent<'a> {
    /// Who.
    pub actor: Actor,
    /// Where from.
    pub origin: &'a Origin,
    /// What.
    pub action: &'a str,
    /// To what.
    pub object: &'a str,
    /// The code of a refusal; none, if it was done.
    pub refused: Option<&'a str>,
    /// What was asked, without what is secret.
    pub request: Option<Value>,
    /// What changed, as it was.
    pub before: Option<Value>,
    /// The same as it is since.
    pub after: Option<Value>,
}

/// Which rows are asked for.
#[derive(Clone, Debug, Default)]
pub struct AdminLogFilter {
    /// Only rows with smaller numbers than this.
    pub before: Option<i64>,
    /// Only those of this administrator.
    pub user: Option<UserId>,
    /// Only this object, such as `user 7`.
    pub object: Option<String>,
    /// Only what ended like this: one of [`ADMIN_LOG_STATUSES`].
    pub status: Option<String>,
}

/// The log. One process writes it: a database belongs to one venue.
#[derive(Clone, Debug)]
pub struct AdminLog {
    database: DatabaseConnection,
    /// The newest row, as this process wrote or found it: a row that goes away meanwhile leaves a gap.
    head: Arc<Mutex<Receipt>>,
}

impl AdminLog {
    pub(crate) async fn load(database: DatabaseConnection) -> Result<Self, DbErr> {
        let newest = admin_log::Entity::find().order_by_desc(admin_log::Column::Id).one(&database).await?;
        let head = newest.map(|row| verify::receipt_of(&row)).transpose()?.unwrap_or_default();
        Ok(Self { database, head: Arc::new(Mutex::new(head)) })
    }

    /// Adds a row. Gives what proves later that it was there.
    pub async fn append(&self, event: AdminEvent<'_>) -> Result<Receipt, DbErr> {
        let mut head = self.head.lock().await;
        let mut row = admin_log::Model {
            id: head.id.saturating_add(1),
            created_at: now(),
            actor: event.actor.name().to_owned(),
            user_id: event.actor.user().map(|user| user.0),
            ip_address: event.origin.address(),
            user_agent: event.origin.program(),
            action: event.action.to_owned(),
            object: event.object.to_owned(),
            status: status_of(event.refused).to_owned(),
            code: event.refused.map(str::to_owned),
            request: event.request.as_ref().map(kept),
            state_before: event.before.as_ref().map(kept),
            state_after: event.after.as_ref().map(kept),
            previous_hash: hex(&head.hash),
            hash: String::new(),
        };
        let receipt = Receipt { id: row.id, hash: chain::hash_of(&row) };
        row.hash = hex(&receipt.hash);
        let row: admin_log::ActiveModel = row.into();
        let inserted = admin_log::Entity::insert(row.reset_all()).exec_without_returning(&self.database).await;
        // A database whose answer was lost may have the row.
        if let Err(error) = inserted
            && !has(&self.database, receipt).await.unwrap_or(false)
        {
            return Err(error);
        }
        *head = receipt;
        Ok(receipt)
    }

    /// The newest row; number 0 before the first.
    pub async fn head(&self) -> Receipt {
        *self.head.lock().await
    }

    /// What was done, newest first, at most `limit` and [`ADMIN_LOG_PAGE_MAX`] rows.
    pub async fn page(&self, filter: &AdminLogFilter, limit: u64) -> Result<Vec<admin_log::Model>, DbErr> {
        let mut query = admin_log::Entity::find();
        if let Some(before) = filter.before {
            query = query.filter(admin_log::Column::Id.lt(before));
        }
        if let Some(user) = filter.user {
            query = query.filter(admin_log::Column::UserId.eq(user.0));
        }
        if let Some(object) = &filter.object {
            query = query.filter(admin_log::Column::Object.eq(object));
        }
        if let Some(status) = &filter.status {
            query = query.filter(admin_log::Column::Status.eq(status));
        }
        query.order_by_desc(admin_log::Column::Id).limit(limit.min(ADMIN_LOG_PAGE_MAX)).all(&self.database).await
    }

    /// Looks at the rows after `after`, at most so many, and at what this process knows of the newest one.
    pub async fn verify(&self, after: i64, most: u64) -> Result<Verified, DbErr> {
        verify::verify_to(&self.database, after, most, Some(self.head().await)).await
    }

    /// Whether the log has the row of a receipt, as it was.
    pub async fn has(&self, receipt: Receipt) -> Result<bool, DbErr> {
        has(&self.database, receipt).await
    }
}

/// Whether a failure with this code may have been done: no answer came in time, or the venue failed on the way.
pub fn is_outcome_unknown(code: &str) -> bool {
    matches!(code, "OUTCOME_UNKNOWN" | "INTERNAL")
}

/// How an action may have ended.
pub const ADMIN_LOG_STATUSES: [&str; 3] = [DONE, REFUSED, UNKNOWN];
const DONE: &str = "done";
const REFUSED: &str = "refused";
const UNKNOWN: &str = "unknown";

fn status_of(refused: Option<&str>) -> &'static str {
    match refused {
        None => DONE,
        Some(code) if is_outcome_unknown(code) => UNKNOWN,
        Some(_) => REFUSED,
    }
}

/// As text; what is too long is only named.
fn kept(value: &Value) -> String {
    let text = value.to_string();
    if text.len() <= TEXT_MAX {
        return text;
    }
    let hash = hex(blake3::hash(text.as_bytes()).as_bytes());
    serde_json::json!({ "left_out_bytes": text.len(), "blake3": hash }).to_string()
}
