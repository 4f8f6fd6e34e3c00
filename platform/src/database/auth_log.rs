//! `auth_logs`: what happened at the door: log-ins, log-outs, changes of passwords and of second factors, and what was refused.

use sea_orm::entity::prelude::*;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_logs")]
pub struct Model {
    /// Number of the row.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The user; null where nobody is known by the name that was given.
    #[sea_orm(indexed)]
    pub user_id: Option<i64>,
    /// What was tried, such as `login`.
    pub action: String,
    /// `success` or `failure`.
    pub status: String,
    /// Where it came from.
    pub ip_address: Option<String>,
    /// The program, as it calls itself.
    pub user_agent: Option<String>,
    /// More about it.
    pub details: Option<Json>,
    /// When.
    #[sea_orm(default_expr = "Expr::current_timestamp()", indexed)]
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
