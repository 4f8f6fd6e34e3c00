//! `outbox`: mail that the venue has to send, or that its administrators hand on.

use sea_orm::entity::prelude::*;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Number of the row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The user that it is for.
    #[sea_orm(indexed)]
    pub user_id: i64,
    /// The address.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The text; null once it has been sent, for it may hold a link that lets its reader in.
    pub body: Option<String>,
    /// `pending`, `sent` or `failed`.
    pub status: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was sent.
    pub sent_at: Option<TimeDateTimeWithTimeZone>,
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
