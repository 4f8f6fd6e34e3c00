//! `sessions`: where users are logged in. A session is the family of its refresh tokens.

use sea_orm::entity::prelude::*;

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// Number of the row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The user.
    #[sea_orm(indexed)]
    pub user_id: i64,
    /// The address that it was last used from.
    pub ip_address: Option<String>,
    /// The program that it was last used with, as it calls itself.
    pub user_agent: Option<String>,
    /// Whether a second factor was shown when it began.
    pub second_factor: bool,
    /// When it was made.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: TimeDateTimeWithTimeZone,
    /// When it was last used, to the quarter of an hour.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub last_used_at: TimeDateTimeWithTimeZone,
    /// When it ends at the latest.
    pub expires_at: TimeDateTimeWithTimeZone,
    /// When it was ended before that.
    pub ended_at: Option<TimeDateTimeWithTimeZone>,
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
