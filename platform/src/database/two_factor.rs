//! `two_factor`: second factors. The secret itself is stored nowhere: it follows from the nonce.

use sea_orm::entity::prelude::*;

/// The second factor of one user.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "two_factor")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// What the secret follows from, in hexadecimal.
    pub nonce: String,
    /// Names the pepper that it follows from, too; null only until the first start after version 10 of the tables came.
    pub pepper: Option<String>,
    /// Always `totp`.
    pub kind: String,
    /// Whether log-in asks for it; until then it waits for its first code.
    pub enabled: bool,
    /// The step of the last code that was taken: no code counts twice.
    pub last_step: i64,
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
