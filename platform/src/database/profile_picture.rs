//! `profile_pictures`: pictures of users.

use sea_orm::entity::prelude::*;

/// One picture.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profile_pictures")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// What it is asked for by; it cannot be guessed.
    #[sea_orm(unique)]
    pub name: String,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub content_type: String,
    /// The picture.
    pub bytes: Vec<u8>,
    /// When it was made.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: TimeDateTimeWithTimeZone,
    /// When the row last changed.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: TimeDateTimeWithTimeZone,
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
