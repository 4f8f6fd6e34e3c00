//! Tables of an older version. They were SQLite's.

use papertape_platform::database::{
    self, SCHEMA_VERSION, admin_log, api_key, order, session, told, two_factor, user, wallet,
};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use crate::support::Folder;

/// Columns of `orders` by the version that added them.
const ADDED: [(i32, &[&str]); 4] = [
    (2, &["self_trade_prevention", "prevented_qty", "expires_ns"]),
    (3, &["trigger_kind", "trigger_price", "trail_ticks", "trail_bps", "triggered_price", "list_id", "display_qty"]),
    (4, &["reduce_only", "peg_to", "peg_offset", "peg_limit"]),
    (5, &["min_qty"]),
];

/// What version 7 added to `users`, and beside it.
const OF_USERS: [&str; 11] = [
    "display_name",
    "phone_number",
    "profile_picture",
    "role",
    "is_active",
    "is_suspended",
    "suspension_reason",
    "suspension_end_date",
    "last_login_at",
    "last_logout_at",
    "preferences",
];
const TABLES_OF_USERS: [&str; 8] = [
    "refresh_tokens",
    "sessions",
    "auth_logs",
    "two_factor",
    "recovery_codes",
    "password_resets",
    "outbox",
    "profile_pictures",
];

/// What version 8 added to `api_keys`.
const OF_KEYS: [&str; 5] = ["may_transfer", "may_admin", "is_active", "ip_whitelist", "updated_ms"];

const USER: &str = "INSERT INTO users (id, username, email, hashed_password, account_reference, credited, token_epoch) \
    VALUES (1, 'ada', 'ada@example.com', '', 1, 1, 0)";

const ORDER: &str = "INSERT INTO orders (id, user_id, account_id, instrument_id, side, kind, time_in_force, post_only, \
    reduce_only, self_trade_prevention, price, qty, filled_qty, filled_quote, prevented_qty, leaves_qty, status, fee, fee_asset_id, \
    created_ns, updated_ns, seq) \
    VALUES (1, 1, 1, 0, 'buy', 'limit', 'gtc', 0, 0, 'none', 5, 5, 0, '0', 0, 5, 'new', '0', 1, 1, 1, 1)";

#[tokio::test]
async fn q8_tables_of_every_version_before_gain_what_was_added_since() {
    for version in 1..=9 {
        let folder = Folder::new();
        let url = format!("sqlite://{}/platform.db?mode=rwc", folder.path().display());
        leave_as(&url, version).await;
        for _ in 0..2 {
            let again = database::open(&url).await.unwrap();
            let ask = |sql: &str| Statement::from_string(again.get_database_backend(), sql);
            let found = again.query_one_raw(ask("SELECT version FROM schema_version")).await.unwrap().unwrap();
            assert_eq!(found.try_get::<i32>("", "version").unwrap(), SCHEMA_VERSION);
            let orders = order::Entity::find().all(&again).await.unwrap();
            assert_eq!((orders[0].status.as_str(), &orders[0].trigger_kind, orders[0].list_id), ("new", &None, None));
            assert_eq!(told::Entity::find().all(&again).await.unwrap(), []);
            assert_eq!(api_key::Entity::find().all(&again).await.unwrap(), []);
            // The user of before may do all that a user may.
            let users = user::Entity::find().all(&again).await.unwrap();
            let ada = &users[0];
            assert_eq!((ada.role.as_str(), ada.is_active, ada.is_suspended), ("user", true, false));
            assert_eq!((ada.preferences.to_string().as_str(), &ada.last_login_at), ("{}", &None));
            assert_eq!(session::Entity::find().all(&again).await.unwrap(), []);
            assert_eq!(admin_log::Entity::find().all(&again).await.unwrap(), []);
            assert_eq!(wallet::Entity::find().all(&again).await.unwrap(), []);
            assert_eq!((ada.opening_cents, &ada.pepper), (None, &None));
            assert_eq!(two_factor::Entity::find().all(&again).await.unwrap(), []);
            again.close().await.unwrap();
        }
    }
}

/// Tables as that version left them, with one open order.
async fn leave_as(url: &str, version: i32) {
    let database = database::open(url).await.unwrap();
    database.execute_unprepared(USER).await.unwrap();
    database.execute_unprepared(ORDER).await.unwrap();
    let newer = ADDED.iter().filter(|(added, _)| *added > version).flat_map(|(_, columns)| columns.iter());
    for column in newer {
        database.execute_unprepared(&format!("ALTER TABLE orders DROP COLUMN {column}")).await.unwrap();
    }
    if version < 6 {
        for table in ["api_keys", "told"] {
            database.execute_unprepared(&format!("DROP TABLE {table}")).await.unwrap();
        }
    }
    if version < 7 {
        for column in OF_USERS {
            database.execute_unprepared(&format!("ALTER TABLE users DROP COLUMN {column}")).await.unwrap();
        }
        for table in TABLES_OF_USERS {
            database.execute_unprepared(&format!("DROP TABLE {table}")).await.unwrap();
        }
    }
    if version < 9 {
        database.execute_unprepared("DROP TABLE admin_log").await.unwrap();
    }
    // Version 10 added a column to three tables.
    for (table, since) in [("users", 1), ("api_keys", 6), ("two_factor", 7)] {
        if version >= since {
            database.execute_unprepared(&format!("ALTER TABLE {table} DROP COLUMN pepper")).await.unwrap();
        }
    }
    if version < 8 {
        if version >= 6 {
            for column in OF_KEYS {
                database.execute_unprepared(&format!("ALTER TABLE api_keys DROP COLUMN {column}")).await.unwrap();
            }
        }
        database.execute_unprepared("ALTER TABLE users DROP COLUMN opening_cents").await.unwrap();
        database.execute_unprepared("DROP TABLE wallets").await.unwrap();
    }
    database.execute_unprepared(&format!("UPDATE schema_version SET version = {version}")).await.unwrap();
    database.close().await.unwrap();
}
