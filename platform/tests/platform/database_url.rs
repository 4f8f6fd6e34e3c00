//! Where a test's database is: a file in its folder, or, where `PAPERTAPE_TEST_POSTGRES` names a server, a database of its
//! own there. `tests/postgres.sh` starts one and runs the same tests on it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, Database};

/// The address of a new, empty database.
pub(crate) async fn new_database(folder: &Path) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let Ok(server) = std::env::var("PAPERTAPE_TEST_POSTGRES") else {
        return format!("sqlite://{}?mode=rwc", folder.join("platform.db").display());
    };
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    admin.close().await.unwrap();
    server.replacen("/postgres?", &format!("/{name}?"), 1)
}
