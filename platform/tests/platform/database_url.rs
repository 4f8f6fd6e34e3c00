//! Where a test's database is: a file in its folder, or, where `PAPERTAPE_TEST_POSTGRES` names a server, a database of its
//! own there. `tests/postgres.sh` starts one and runs the same tests on it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, Database};

/// The address of a new database: an empty one, or a copy of one that nobody is connected to.
pub(crate) async fn new_database(folder: &Path, copied: Option<&str>) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let Ok(server) = std::env::var("PAPERTAPE_TEST_POSTGRES") else {
        let file = folder.join("platform.db");
        if let Some(copied) = copied {
            let path = copied.trim_start_matches("sqlite://").trim_end_matches("?mode=rwc");
            std::fs::copy(path, &file).unwrap();
        }
        return format!("sqlite://{}?mode=rwc", file.display());
    };
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let name_of = |url: &str| url.split('?').next().and_then(|url| url.rsplit('/').next()).unwrap().to_owned();
    let template = copied.map(|url| format!(" TEMPLATE {}", name_of(url))).unwrap_or_default();
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}{template}")).await.unwrap();
    admin.close().await.unwrap();
    server.replacen("/postgres?", &format!("/{name}?"), 1)
}
