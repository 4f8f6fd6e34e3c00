//! `trades`: one row for each side of a trade that a user was on.

use sea_orm::entity::prelude::*;

/// One fill.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "trades")]
pub struct Model {
    /// Number of the row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose fill.
    #[sea_orm(indexed)]
    pub user_id: i64,
    /// The instrument's code.
    #[sea_orm(indexed)]
    pub symbol: String,
    /// `BUY` or `SELL`. With `seq` and `event_index` it names the fill, so that writing it again adds nothing.
    #[sea_orm(unique_key = "fill")]
    pub trade_type: String,
    /// Quantity, for readers of numbers.
    pub quantity: f64,
    /// Price, for readers of numbers.
    pub price: f64,
    /// Venue time of the trade.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub timestamp: TimeDateTimeWithTimeZone,
    /// Quantity, exact.
    pub quantity_text: String,
    /// Price, exact.
    pub price_text: String,
    /// Value in quote, exact.
    pub quote_text: String,
    /// Fee, exact; negative is a rebate.
    pub fee_text: String,
    /// Code of the fee's asset.
    pub fee_asset: String,
    /// The order that was filled.
    pub order_id: i64,
    /// Where.
    pub instrument_id: i32,
    /// The trade's number in the instrument.
    pub trade_id: i64,
    /// `maker`, `taker` or `auction`.
    pub liquidity: String,
    /// The command.
    #[sea_orm(unique_key = "fill")]
    pub seq: i64,
    /// The event among the command's events.
    #[sea_orm(unique_key = "fill")]
    pub event_index: i64,
}

/// Whose it is.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The owner.
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
    User,
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
