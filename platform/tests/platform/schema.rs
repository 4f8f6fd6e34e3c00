//! Tables of an older version.

use papertape_platform::database::{self, SCHEMA_VERSION};
use sea_orm::{ConnectionTrait, Statement};

use crate::support::Folder;

#[tokio::test]
async fn tables_of_the_first_version_gain_what_was_added_since() {
    let folder = Folder::new();
    let url = format!("sqlite://{}/platform.db?mode=rwc", folder.path().display());
    let first = database::open(&url).await.unwrap();
    // As the first version left them.
    for statement in [
        "ALTER TABLE orders DROP COLUMN self_trade_prevention",
        "ALTER TABLE orders DROP COLUMN prevented_qty",
        "UPDATE schema_version SET version = 1",
    ] {
        first.execute_unprepared(statement).await.unwrap();
    }
    first.close().await.unwrap();
    for _ in 0..2 {
        let again = database::open(&url).await.unwrap();
        let ask = |sql: &str| Statement::from_string(again.get_database_backend(), sql);
        let version = again.query_one_raw(ask("SELECT version FROM schema_version")).await.unwrap().unwrap();
        assert_eq!(version.try_get::<i32>("", "version").unwrap(), SCHEMA_VERSION);
        again.query_all_raw(ask("SELECT self_trade_prevention, prevented_qty FROM orders")).await.unwrap();
        again.close().await.unwrap();
    }
}
