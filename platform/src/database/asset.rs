//! `assets`: what was listed, so that rows can be read without the venue.

use sea_orm::entity::prelude::*;

/// One asset.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assets")]
pub struct Model {
    /// The venue's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Its code.
    pub symbol: String,
    /// Decimals of its smallest unit.
    pub decimals: i32,
}

/// Stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
