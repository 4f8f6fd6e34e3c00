//! `portfolio`: what users hold from buying. A row disappears when nothing is held.

use sea_orm::entity::prelude::*;

/// One holding.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "portfolio")]
pub struct Model {
    /// Number of the row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The owner.
    #[sea_orm(unique_key = "holding")]
    pub user_id: i64,
    /// The instrument's code.
    #[sea_orm(unique_key = "holding")]
    pub symbol: String,
    /// Quantity held, for readers of numbers.
    pub quantity: f64,
    /// Average price paid, for readers of numbers.
    pub avg_price: f64,
    /// Quantity held, exact.
    pub quantity_text: String,
    /// Average price paid, rounded down to the quote asset's decimals.
    pub avg_price_text: String,
    /// Realised profit in quote, exact.
    pub realized_text: String,
    /// The command that last changed it.
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
