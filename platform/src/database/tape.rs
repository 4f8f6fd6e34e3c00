//! `tape`: the last trades of each instrument.

use sea_orm::entity::prelude::*;

/// One public trade.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tape")]
pub struct Model {
    /// Where.
    #[sea_orm(primary_key, auto_increment = false)]
    pub instrument_id: i32,
    /// Its number in the instrument.
    #[sea_orm(primary_key, auto_increment = false)]
    pub trade_id: i64,
    /// Ticks.
    pub price: i64,
    /// Lots.
    pub qty: i64,
    /// `buy` or `sell`; null in an auction.
    pub taker_side: Option<String>,
    /// Venue time in nanoseconds.
    pub time_ns: i64,
}

/// Stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
