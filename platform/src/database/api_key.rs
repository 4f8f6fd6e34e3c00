//! `api_keys`: what programs of a user log in with. A row ends with its key.

use sea_orm::entity::prelude::*;

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// Its name on wires: 32 hexadecimal digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Whose.
    #[sea_orm(unique_key = "named")]
    pub user_id: i64,
    /// What the user calls it.
    #[sea_orm(unique_key = "named")]
    pub name: String,
    /// `hmac` or `ed25519`.
    pub kind: String,
    /// The public key in hexadecimal; null for `hmac`, whose secret follows from the venue's and is not stored.
    pub public_key: Option<String>,
    /// Names the pepper that the secret follows from; null for `ed25519`.
    pub pepper: Option<String>,
    /// Whether it may read.
    pub may_read: bool,
    /// Whether it may trade.
    pub may_trade: bool,
    /// Whether it may move money out of the account.
    #[sea_orm(default_value = false)]
    pub may_transfer: bool,
    /// Whether it may what its owner may as an administrator.
    #[sea_orm(default_value = false)]
    pub may_admin: bool,
    /// Whether it is taken at all.
    #[sea_orm(default_value = true)]
    pub is_active: bool,
    /// Networks that it may come from, with spaces between them; from everywhere, if it is null.
    pub ip_whitelist: Option<String>,
    /// When it ends by itself, in milliseconds since 1970.
    pub expires_ms: Option<i64>,
    /// When it was last used to log in, in milliseconds since 1970.
    pub last_used_ms: Option<i64>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When its owner last changed it, in milliseconds since 1970; never, if it is null.
    pub updated_ms: Option<i64>,
}

/// Stands alone: users are looked up by their number.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
