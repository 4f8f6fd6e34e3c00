//! Version 9: what administrators did, and what keeps it as it is.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::admin_log;
use super::schema::create;

/// The version that gave administrators a log of what they do.
pub(super) const ADMIN_LOG: i32 = 9;

/// The table, and its guard.
pub(super) async fn create_admin_log(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    create(connection, admin_log::Entity).await?;
    guard(connection).await
}

/// Refuses whoever would change or remove a row. Who owns the table can take that away: then the chain tells.
async fn guard(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let statements: &[&str] = match connection.get_database_backend() {
        DbBackend::Postgres => &[
            "CREATE OR REPLACE FUNCTION admin_log_kept() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'admin_log is only added to'; END $$",
            "CREATE TRIGGER admin_log_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON admin_log \
             FOR EACH STATEMENT EXECUTE FUNCTION admin_log_kept()",
        ],
        _ => &[
            "CREATE TRIGGER admin_log_kept_u BEFORE UPDATE ON admin_log \
             BEGIN SELECT RAISE(ABORT, 'admin_log is only added to'); END",
            "CREATE TRIGGER admin_log_kept_d BEFORE DELETE ON admin_log \
             BEGIN SELECT RAISE(ABORT, 'admin_log is only added to'); END",
        ],
    };
    for statement in statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
