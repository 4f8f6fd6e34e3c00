//! `recovery_codes`: what stands in for a lost second factor, each once.

use sea_orm::entity::prelude::*;

/// One code.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub struct Model {
    /// Number of the row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The user.
    #[sea_orm(indexed)]
    pub user_id: i64,
    /// SHA-256 of the code, in hexadecimal.
    #[sea_orm(unique)]
    pub hash: String,
    /// When it was used.
    pub used_at: Option<TimeDateTimeWithTimeZone>,
    /// When it was made.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: TimeDateTimeWithTimeZone,
}

/// Whose it is.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The user.
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
    User,
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
