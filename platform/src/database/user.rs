//! `users`: people who may log in, and the account of the venue that each one has.

use sea_orm::entity::prelude::*;

/// One user.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Number, from 1.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Short name, derived from the e-mail.
    #[sea_orm(unique)]
    pub username: String,
    /// Normalised address.
    #[sea_orm(unique)]
    pub email: String,
    /// bcrypt text.
    pub hashed_password: String,
    /// Names the pepper that went into it; null only until the first start after version 10 of the tables came.
    pub pepper: Option<String>,
    /// The name that is shown.
    pub display_name: Option<String>,
    /// A number to be reached at.
    pub phone_number: Option<String>,
    /// The name of the picture in `profile_pictures`.
    pub profile_picture: Option<String>,
    /// `user` or `admin`.
    #[sea_orm(default_value = "user")]
    pub role: String,
    /// Whether the user may log in at all.
    #[sea_orm(default_value = true)]
    pub is_active: bool,
    /// Whether the user is suspended.
    #[sea_orm(default_value = false)]
    pub is_suspended: bool,
    /// Why, in words for the user.
    pub suspension_reason: Option<String>,
    /// When the suspension ends by itself; never, if it is null.
    pub suspension_end_date: Option<TimeDateTimeWithTimeZone>,
    /// The last log-in.
    pub last_login_at: Option<TimeDateTimeWithTimeZone>,
    /// The last log-out.
    pub last_logout_at: Option<TimeDateTimeWithTimeZone>,
    /// What the user prefers, as JSON.
    #[sea_orm(default_value = "{}")]
    pub preferences: Json,
    /// Random name of the account's opening, chosen before the venue is asked.
    #[sea_orm(unique)]
    pub account_reference: i64,
    /// The venue's number of the account; null until it is known to be open and credited.
    #[sea_orm(unique)]
    pub account_id: Option<i64>,
    /// Whether the sign-up credit is known to be in the account.
    pub credited: bool,
    /// What the account begins with, in cents; what the venue gives to everybody, if it is null.
    pub opening_cents: Option<i64>,
    /// Tokens of an earlier epoch are refused.
    pub token_epoch: i64,
    /// When the user signed up.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: TimeDateTimeWithTimeZone,
    /// When the row last changed.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: TimeDateTimeWithTimeZone,
}

/// What belongs to a user.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Holdings.
    #[sea_orm(has_many = "super::portfolio::Entity")]
    Portfolio,
    /// Fills.
    #[sea_orm(has_many = "super::trade::Entity")]
    Trades,
    /// Orders.
    #[sea_orm(has_many = "super::order::Entity")]
    Orders,
    /// Sessions.
    #[sea_orm(has_many = "super::session::Entity")]
    Sessions,
    /// What happened at the door.
    #[sea_orm(has_many = "super::auth_log::Entity")]
    AuthLogs,
    /// Wallets.
    #[sea_orm(has_many = "super::wallet::Entity")]
    Wallets,
}

impl Related<super::portfolio::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Portfolio.def()
    }
}

impl Related<super::trade::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Trades.def()
    }
}

impl Related<super::order::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Orders.def()
    }
}

impl Related<super::session::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Sessions.def()
    }
}

impl Related<super::auth_log::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::AuthLogs.def()
    }
}

impl Related<super::wallet::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Wallets.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
