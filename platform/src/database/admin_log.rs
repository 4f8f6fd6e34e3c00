//! `admin_log`: what those did who may do what is nobody's own. Rows are only added, each with the hash of the one before it.

use sea_orm::entity::prelude::*;

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_log")]
pub struct Model {
    /// Place in the chain: from 1, without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// When it was written, to the microsecond.
    pub created_at: TimeDateTimeWithTimeZone,
    /// `operator`, `admin`, `setup` or `venue`.
    pub actor: String,
    /// The administrator.
    #[sea_orm(indexed)]
    pub user_id: Option<i64>,
    /// Where it came from.
    pub ip_address: Option<String>,
    /// The program, as it calls itself.
    pub user_agent: Option<String>,
    /// Method and template of the path, or what the venue did by itself.
    #[sea_orm(column_type = "Text")]
    pub action: String,
    /// What it was done to, such as `user 7`.
    #[sea_orm(column_type = "Text", indexed)]
    pub object: String,
    /// `done` or `refused`.
    pub status: String,
    /// Why it was refused.
    pub code: Option<String>,
    /// What was asked, as JSON, without what is secret.
    #[sea_orm(column_type = "Text", nullable)]
    pub request: Option<String>,
    /// What changed of the object, as it was before, as JSON.
    #[sea_orm(column_type = "Text", nullable)]
    pub state_before: Option<String>,
    /// The same as it is since.
    #[sea_orm(column_type = "Text", nullable)]
    pub state_after: Option<String>,
    /// The hash of the row before it: 64 hexadecimal digits, zeros for the first.
    pub previous_hash: String,
    /// BLAKE3 of all of the above: 64 hexadecimal digits.
    pub hash: String,
}

/// Stands alone: it outlives the users that it names.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
