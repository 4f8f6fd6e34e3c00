//! The version that gave users wallets, and API keys an allow-list and a switch.

use sea_orm::{ConnectionTrait, DbErr};

use super::schema::{add_columns, create};
use super::{api_key, user, wallet};

/// Its number.
pub(super) const WALLETS: i32 = 8;

/// One wallet of a user stands for the account. Both databases understand it in these words.
const ONE_PRIMARY: &str =
    "CREATE UNIQUE INDEX IF NOT EXISTS \"idx-wallets-one_primary\" ON wallets (user_id) WHERE is_primary";

/// What it added to `api_keys`.
const KEY_COLUMNS: [api_key::Column; 5] = [
    api_key::Column::MayTransfer,
    api_key::Column::MayAdmin,
    api_key::Column::IsActive,
    api_key::Column::IpWhitelist,
    api_key::Column::UpdatedMs,
];

/// Brings tables of the version before to it. `has_keys`: the table of API keys is an old one.
pub(super) async fn migrate(connection: &impl ConnectionTrait, has_keys: bool) -> Result<(), DbErr> {
    if has_keys {
        add_columns(connection, api_key::Entity, KEY_COLUMNS).await?;
    }
    add_columns(connection, user::Entity, [user::Column::OpeningCents]).await?;
    create_wallets(connection).await
}

/// The table of a new database.
pub(super) async fn create_wallets(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    create(connection, wallet::Entity).await?;
    connection.execute_unprepared(ONE_PRIMARY).await?;
    Ok(())
}
