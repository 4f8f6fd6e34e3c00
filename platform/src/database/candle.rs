//! `candles`: bars of one minute. A minute without a trade has no row.

use sea_orm::entity::prelude::*;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "candles")]
pub struct Model {
    /// Where.
    #[sea_orm(primary_key, auto_increment = false)]
    pub instrument_id: i32,
    /// First second of the minute, since 1970-01-01 UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub start_s: i64,
    /// First price, in ticks.
    pub open: i64,
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Last price.
    pub close: i64,
    /// Lots traded, as text: a sum may exceed 64 bits.
    pub volume: String,
}

/// Stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
