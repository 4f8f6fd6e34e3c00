//! `orders`: the orders of users, open and ended, as they were after the cursor's command. Prices are ticks and
//! quantities lots of the instrument; money is a whole number of its asset's smallest unit, as text.

use sea_orm::entity::prelude::*;

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    /// The venue's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The owner.
    #[sea_orm(indexed)]
    pub user_id: i64,
    /// The owner's account.
    pub account_id: i64,
    /// Where.
    pub instrument_id: i32,
    /// `buy` or `sell`.
    pub side: String,
    /// `limit`, `market`, `market_quote` or `market_to_limit`, and `imbalance_only` of a limit order that is.
    pub kind: String,
    /// `gtc`, `ioc`, `fok`, `day`, `gtd`, `at_open` or `at_close`.
    pub time_in_force: String,
    /// When an order that is `gtd` ends, in nanoseconds of venue time.
    pub expires_ns: Option<i64>,
    /// Whether it may not take.
    pub post_only: bool,
    /// Whether it may only reduce its account's position.
    pub reduce_only: bool,
    /// `primary`, `market` or `mid`, if its price follows one.
    pub peg_to: Option<String>,
    /// How many ticks are added to that.
    pub peg_offset: Option<i32>,
    /// The limit beyond which it does not follow, in ticks.
    pub peg_limit: Option<i64>,
    /// Lots that an iceberg shows at a time.
    pub display_qty: Option<i64>,
    /// Lots that had to trade when it came.
    pub min_qty: Option<i64>,
    /// `none`, `cancel_taker`, `cancel_maker`, `cancel_both` or `decrement`.
    pub self_trade_prevention: String,
    /// `stop` or `take_profit`, if it waits for a trigger, or waited.
    pub trigger_kind: Option<String>,
    /// What its trigger waits for, in ticks; none if it trails from where the reference was.
    pub trigger_price: Option<i64>,
    /// How far it trails, in ticks.
    pub trail_ticks: Option<i64>,
    /// How far it trails, in hundredths of a percent.
    pub trail_bps: Option<i64>,
    /// The reference price that fired its trigger, in ticks.
    pub triggered_price: Option<i64>,
    /// The list that it came in: the number of the list's first order.
    pub list_id: Option<i64>,
    /// The client's name for it.
    pub client_order_id: Option<String>,
    /// Limit price in ticks; of an order that the venue has priced the one that it got.
    pub price: Option<i64>,
    /// Total quantity in lots.
    pub qty: Option<i64>,
    /// Budget in quote units.
    pub budget: Option<String>,
    /// Lots traded.
    pub filled_qty: i64,
    /// Their value in quote units.
    pub filled_quote: String,
    /// Lots that it lost where it would have traded with its own side.
    pub prevented_qty: i64,
    /// Lots that can still trade.
    pub leaves_qty: i64,
    /// `pending_new`, `waiting`, `new`, `partially_filled`, `filled` or `cancelled`.
    #[sea_orm(indexed)]
    pub status: String,
    /// Code of the cause, if it was cancelled.
    pub cancel_cause: Option<i32>,
    /// Fees paid, in units of `fee_asset_id`.
    pub fee: String,
    /// The asset of the fees.
    pub fee_asset_id: i32,
    /// Venue time of acceptance, in nanoseconds.
    pub created_ns: i64,
    /// Venue time of the last change, in nanoseconds.
    pub updated_ns: i64,
    /// The command of the last change.
    pub seq: i64,
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
