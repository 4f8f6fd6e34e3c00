//! Tables on first start, and the version that guards them.

use sea_orm::sea_query::Table;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel, Iterable, Schema, TransactionTrait,
};

use super::{
    api_key, asset, auth_log, candle, cursor, instrument, order, outbox, password_reset, portfolio, profile_picture,
    recovery_code, refresh_token, schema_admin_log, schema_peppers, schema_wallets, session, tape, told, trade,
    two_factor, user,
};

/// The version of the tables that this program reads and writes.
pub const SCHEMA_VERSION: i32 = 10;

/// Why the database cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// The address names no kind of database that this program speaks to.
    Unknown,
    /// The database itself refused.
    Database(DbErr),
    /// It was written by a newer program.
    Newer {
        /// Version found.
        found: i32,
        /// Newest version that this program knows.
        known: i32,
    },
}

impl From<DbErr> for OpenError {
    fn from(error: DbErr) -> Self {
        OpenError::Database(error)
    }
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::Unknown => write!(f, "the database's address must begin with sqlite:// or postgres://"),
            OpenError::Database(_) => write!(f, "the database cannot be opened"),
            OpenError::Newer { found, known } => {
                write!(f, "the database has version {found}, this program knows versions up to {known}")
            }
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            OpenError::Database(error) => Some(error),
            OpenError::Unknown | OpenError::Newer { .. } => None,
        }
    }
}

#[expect(unreachable_pub, reason = "the derive makes its types public")]
mod version {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "schema_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Creates what is missing, in one transaction, and checks the version.
pub(super) async fn prepare(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let transaction = connection.begin().await?;
    create(&transaction, version::Entity).await?;
    match version::Entity::find().one(&transaction).await? {
        Some(found) if found.version > SCHEMA_VERSION => {
            return Err(OpenError::Newer { found: found.version, known: SCHEMA_VERSION });
        }
        Some(found) => migrate(&transaction, found.version).await?,
        None => create_all(&transaction).await?,
    }
    transaction.commit().await?;
    Ok(())
}

/// What each version added to the one before it. The first five were those of SQLite alone: a database of PostgreSQL
/// begins with version 7 or later, so that their statements are never put to one.
const MIGRATIONS: &[(i32, &[&str])] = &[
    (
        2,
        &[
            "ALTER TABLE orders ADD COLUMN self_trade_prevention varchar NOT NULL DEFAULT 'none'",
            "ALTER TABLE orders ADD COLUMN prevented_qty bigint NOT NULL DEFAULT 0",
            "ALTER TABLE orders ADD COLUMN expires_ns bigint",
        ],
    ),
    (
        3,
        &[
            "ALTER TABLE orders ADD COLUMN trigger_kind varchar",
            "ALTER TABLE orders ADD COLUMN trigger_price bigint",
            "ALTER TABLE orders ADD COLUMN trail_ticks bigint",
            "ALTER TABLE orders ADD COLUMN trail_bps bigint",
            "ALTER TABLE orders ADD COLUMN triggered_price bigint",
            "ALTER TABLE orders ADD COLUMN list_id bigint",
            "ALTER TABLE orders ADD COLUMN display_qty bigint",
        ],
    ),
    (
        4,
        &[
            "ALTER TABLE orders ADD COLUMN reduce_only boolean NOT NULL DEFAULT FALSE",
            "ALTER TABLE orders ADD COLUMN peg_to varchar",
            "ALTER TABLE orders ADD COLUMN peg_offset integer",
            "ALTER TABLE orders ADD COLUMN peg_limit bigint",
        ],
    ),
    (5, &["ALTER TABLE orders ADD COLUMN min_qty bigint"]),
];

/// The version that gave them API keys, and accounts the numbers of their messages.
const PRIVATE: i32 = 6;

/// The version that gave users their profile, their standing and their sessions.
const ACCOUNTS: i32 = 7;

/// What version 7 added to `users`.
const USER_COLUMNS: [user::Column; 11] = [
    user::Column::DisplayName,
    user::Column::PhoneNumber,
    user::Column::ProfilePicture,
    user::Column::Role,
    user::Column::IsActive,
    user::Column::IsSuspended,
    user::Column::SuspensionReason,
    user::Column::SuspensionEndDate,
    user::Column::LastLoginAt,
    user::Column::LastLogoutAt,
    user::Column::Preferences,
];

/// Brings tables of an older version to this one.
async fn migrate(connection: &impl ConnectionTrait, from: i32) -> Result<(), DbErr> {
    // A transaction that has read does not become a writing one where another one writes.
    if from == SCHEMA_VERSION {
        return Ok(());
    }
    for (_, statements) in MIGRATIONS.iter().filter(|(version, _)| *version > from) {
        for statement in *statements {
            connection.execute_unprepared(statement).await?;
        }
    }
    if from < PRIVATE {
        create_private(connection).await?;
    }
    if from < ACCOUNTS {
        add_columns(connection, user::Entity, USER_COLUMNS).await?;
        create_accounts(connection).await?;
    }
    if from < schema_wallets::WALLETS {
        schema_wallets::migrate(connection, from >= PRIVATE).await?;
    }
    if from < schema_admin_log::ADMIN_LOG {
        schema_admin_log::create_admin_log(connection).await?;
    }
    if from < schema_peppers::PEPPERS {
        schema_peppers::migrate(connection, (from >= PRIVATE, from >= ACCOUNTS)).await?;
    }
    let set = version::ActiveModel { version: sea_orm::ActiveValue::Set(SCHEMA_VERSION) };
    version::Entity::update_many().set(set).exec(connection).await?;
    Ok(())
}

/// Adds columns as the entity describes them, in the words of whichever database it is.
pub(super) async fn add_columns<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    entity: E,
    columns: impl IntoIterator<Item = E::Column>,
) -> Result<(), DbErr> {
    let schema = Schema::new(connection.get_database_backend());
    for column in columns {
        let mut alter = Table::alter();
        connection.execute(alter.table(entity).add_column(schema.get_column_def::<E>(column))).await?;
    }
    Ok(())
}

/// What programs log in with, and how much each account was told.
async fn create_private(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    create(connection, api_key::Entity).await?;
    create(connection, told::Entity).await
}

/// What belongs to users and to nothing else.
async fn create_accounts(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    create(connection, session::Entity).await?;
    create(connection, refresh_token::Entity).await?;
    create(connection, auth_log::Entity).await?;
    create(connection, two_factor::Entity).await?;
    create(connection, recovery_code::Entity).await?;
    create(connection, password_reset::Entity).await?;
    create(connection, outbox::Entity).await?;
    create(connection, profile_picture::Entity).await
}

async fn create_all(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    create(connection, user::Entity).await?;
    create(connection, asset::Entity).await?;
    create(connection, instrument::Entity).await?;
    create(connection, order::Entity).await?;
    create(connection, trade::Entity).await?;
    create(connection, portfolio::Entity).await?;
    create(connection, tape::Entity).await?;
    create(connection, candle::Entity).await?;
    create(connection, cursor::Entity).await?;
    create_private(connection).await?;
    create_accounts(connection).await?;
    schema_wallets::create_wallets(connection).await?;
    schema_admin_log::create_admin_log(connection).await?;
    let version = version::Model { version: SCHEMA_VERSION }.into_active_model();
    version::Entity::insert(version).exec(connection).await?;
    cursor::Entity::insert(cursor::Model { id: cursor::ONLY, seq: 0 }.into_active_model()).exec(connection).await?;
    Ok(())
}

pub(super) async fn create<E: EntityTrait>(connection: &impl ConnectionTrait, entity: E) -> Result<(), DbErr> {
    debug_assert!(E::Column::iter().next().is_some(), "a table has columns");
    let schema = Schema::new(connection.get_database_backend());
    connection.execute(schema.create_table_from_entity(entity).if_not_exists()).await?;
    for mut index in schema.create_index_from_entity(entity) {
        connection.execute(index.if_not_exists()).await?;
    }
    Ok(())
}
