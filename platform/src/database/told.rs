//! `told`: how many private messages each account has been told, as of the cursor. The numbers go on from there.

use sea_orm::entity::prelude::*;

/// One account's count.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "told")]
pub struct Model {
    /// The venue's number of the account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: i64,
    /// The number of its last message.
    pub messages: i64,
}

/// Stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
