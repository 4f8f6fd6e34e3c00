//! `instruments`: what was listed, so that ticks and lots can be read without the venue.

use sea_orm::entity::prelude::*;

/// One instrument.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instruments")]
pub struct Model {
    /// The venue's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Its code.
    pub symbol: String,
    /// What is bought and sold.
    pub base_id: i32,
    /// What it is paid with.
    pub quote_id: i32,
    /// One tick is `tick_mantissa * 10^-price_decimals` quote per whole base.
    pub tick_mantissa: i64,
    /// Decimals of a price.
    pub price_decimals: i32,
    /// One lot, in base units.
    pub lot: String,
    /// Whether fees are taken in the asset received; else in quote.
    pub fee_in_received: bool,
}

/// Stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
