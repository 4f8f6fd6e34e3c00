//! `wallets`: addresses of users on chains, and their private keys, sealed. What a user has is in the venue.

use sea_orm::entity::prelude::*;

/// One wallet.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wallets")]
pub struct Model {
    /// Number of the row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The owner.
    #[sea_orm(indexed)]
    pub user_id: i64,
    /// What the owner calls it.
    #[sea_orm(indexed)]
    pub name: String,
    /// Where the chain finds it.
    #[sea_orm(unique)]
    pub address: String,
    /// `ethereum`, `bitcoin` or `solana`.
    pub blockchain: String,
    /// Whether it stands for the account: one of a user's does.
    #[sea_orm(default_value = false)]
    pub is_primary: bool,
    /// A Fernet token.
    pub private_key: String,
    /// When it was made.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: TimeDateTimeWithTimeZone,
    /// When its name or its place last changed.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: TimeDateTimeWithTimeZone,
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
