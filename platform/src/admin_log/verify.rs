//! Whether the log is what was written: every row hashed again, and each bound to the one before it.

use std::fmt;

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, QueryOrder, QuerySelect};

use super::chain::{Receipt, hash_of};
use crate::api_keys::{from_hex, hex};
use crate::database::{admin_log, corrupt};

/// Rows that are read at once.
const PAGE: u64 = 500;

/// What is wrong with a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is not there, and a later one is, or was.
    Missing,
    /// It says something else than was hashed.
    Altered,
    /// It follows another row than the one before it.
    Unchained,
}

impl Fault {
    /// As it is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::Altered => "altered",
            Fault::Unchained => "unchained",
        }
    }
}

/// The first row that is not as it was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which.
    pub id: i64,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            Fault::Missing => write!(f, "row {} is missing", self.id),
            Fault::Altered => write!(f, "row {} was altered", self.id),
            Fault::Unchained => write!(f, "row {} does not follow the one before it", self.id),
        }
    }
}

/// What was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// So many rows are as they were written.
    pub rows: u64,
    /// The last of them.
    pub last: Receipt,
    /// What is wrong behind it.
    pub broken: Option<Broken>,
    /// Whether nothing is left to look at.
    pub is_complete: bool,
}

/// Looks at the rows after `after` (0: from the beginning), at most so many. The row `after` itself counts as good.
pub async fn verify(database: &DatabaseConnection, after: i64, most: u64) -> Result<Verified, DbErr> {
    verify_to(database, after, most, None).await
}

pub(super) async fn verify_to(
    database: &DatabaseConnection,
    after: i64,
    most: u64,
    head: Option<Receipt>,
) -> Result<Verified, DbErr> {
    let broken =
        |rows, last: Receipt, id, fault| Verified { rows, last, broken: Some(Broken { id, fault }), is_complete: true };
    let mut last = match after {
        ..=0 => Receipt::default(),
        _ => match admin_log::Entity::find_by_id(after).one(database).await? {
            Some(row) => receipt_of(&row)?,
            None => return Ok(broken(0, Receipt::default(), after, Fault::Missing)),
        },
    };
    let mut rows = 0;
    while rows < most {
        let page = admin_log::Entity::find().filter(admin_log::Column::Id.gt(last.id));
        let page = page.order_by_asc(admin_log::Column::Id).limit(PAGE.min(most - rows)).all(database).await?;
        if page.is_empty() {
            return Ok(match head {
                Some(head) if head.id > last.id => broken(rows, last, last.id + 1, Fault::Missing),
                _ => Verified { rows, last, broken: None, is_complete: true },
            });
        }
        for row in &page {
            if let Some(fault) = fault_of(row, last) {
                let id = if fault == Fault::Missing { last.id + 1 } else { row.id };
                return Ok(broken(rows, last, id, fault));
            }
            let receipt = receipt_of(row)?;
            // A chain that was written anew is whole, and another one.
            if head.is_some_and(|head| head.id == receipt.id && head != receipt) {
                return Ok(broken(rows, last, row.id, Fault::Altered));
            }
            last = receipt;
            rows += 1;
        }
    }
    Ok(Verified { rows, last, broken: None, is_complete: false })
}

fn fault_of(row: &admin_log::Model, last: Receipt) -> Option<Fault> {
    if row.id != last.id + 1 {
        return Some(Fault::Missing);
    }
    if row.hash != hex(&hash_of(row)) {
        return Some(Fault::Altered);
    }
    (row.previous_hash != hex(&last.hash)).then_some(Fault::Unchained)
}

pub(super) fn receipt_of(row: &admin_log::Model) -> Result<Receipt, DbErr> {
    let hash = from_hex(&row.hash).ok_or_else(|| corrupt("admin_log", "hash", &row.hash))?;
    Ok(Receipt { id: row.id, hash })
}

/// Whether the log has the row of a receipt, with this hash.
pub async fn has(database: &DatabaseConnection, receipt: Receipt) -> Result<bool, DbErr> {
    let row = admin_log::Entity::find_by_id(receipt.id).one(database).await?;
    Ok(row.is_some_and(|row| row.hash == hex(&receipt.hash)))
}
