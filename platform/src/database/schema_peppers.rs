//! The version in which what was made with a pepper names it.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use super::schema::add_columns;
use super::{api_key, two_factor, user};

/// Its number.
pub(super) const PEPPERS: i32 = 10;

/// What was made with peppers that are forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lost {
    /// Passwords of users.
    pub passwords: u64,
    /// Second factors that are on.
    pub second_factors: u64,
    /// API keys of the kind `hmac`.
    pub api_keys: u64,
}

/// Brings tables of the version before to it. `has_keys` and `has_factors`: these tables are old ones.
pub(super) async fn migrate(
    connection: &impl ConnectionTrait,
    (has_keys, has_factors): (bool, bool),
) -> Result<(), DbErr> {
    add_columns(connection, user::Entity, [user::Column::Pepper]).await?;
    if has_keys {
        add_columns(connection, api_key::Entity, [api_key::Column::Pepper]).await?;
    }
    if has_factors {
        add_columns(connection, two_factor::Entity, [two_factor::Column::Pepper]).await?;
    }
    Ok(())
}

/// Names the pepper of what is older than names: a venue had one then, which is the oldest now.
pub(crate) async fn name_unnamed(connection: &DatabaseConnection, oldest: &str) -> Result<(), DbErr> {
    user::Entity::update_many()
        .col_expr(user::Column::Pepper, Expr::value(oldest))
        .filter(user::Column::Pepper.is_null())
        .exec(connection)
        .await?;
    two_factor::Entity::update_many()
        .col_expr(two_factor::Column::Pepper, Expr::value(oldest))
        .filter(two_factor::Column::Pepper.is_null())
        .exec(connection)
        .await?;
    api_key::Entity::update_many()
        .col_expr(api_key::Column::Pepper, Expr::value(oldest))
        .filter(api_key::Column::Pepper.is_null())
        .filter(api_key::Column::Kind.eq("hmac"))
        .exec(connection)
        .await?;
    Ok(())
}

/// What names none of these peppers.
pub(crate) async fn lost_with(connection: &DatabaseConnection, known: &[String]) -> Result<Lost, DbErr> {
    let passwords = user::Entity::find().filter(user::Column::Pepper.is_not_in(known));
    let factors = two_factor::Entity::find().filter(two_factor::Column::Pepper.is_not_in(known));
    let keys = api_key::Entity::find().filter(api_key::Column::Pepper.is_not_in(known));
    Ok(Lost {
        passwords: passwords.count(connection).await?,
        second_factors: factors.filter(two_factor::Column::Enabled.eq(true)).count(connection).await?,
        api_keys: keys.count(connection).await?,
    })
}
