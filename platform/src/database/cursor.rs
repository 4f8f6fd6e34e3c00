//! `projection_cursor`: the command up to which the other tables were written. Moves in the same transaction as they.

use sea_orm::entity::prelude::*;

/// The only row's id.
pub const ONLY: i32 = 1;

/// The cursor.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projection_cursor")]
pub struct Model {
    /// Always [`ONLY`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// The last command whose events are in the tables; 0 before the first.
    pub seq: i64,
}

/// Stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
