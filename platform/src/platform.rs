//! The platform's part of a venue: one database, its users, its projections.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DbErr, EntityTrait};
use tokio::sync::Semaphore;

use crate::admin_log::AdminLog;
use crate::api_keys::ApiKeys;
use crate::database::{self, Lost, OpenError, cursor, from_sql};
use crate::history::History;
use crate::mail::{Links, Mail, Smtp};
use crate::secrets::Secrets;
use crate::users::{Users, UsersConfig};
use crate::wallets::Wallets;

/// An open database with its users.
#[derive(Clone, Debug)]
pub struct Platform {
    database: DatabaseConnection,
    rows: DatabaseConnection,
    users: Arc<Users>,
    api_keys: Arc<ApiKeys>,
    wallets: Arc<Wallets>,
    mail: Mail,
    admin_log: AdminLog,
    peppers: Arc<[String]>,
    charts: Arc<Semaphore>,
}

/// Charts that are read from the database at once: it has eight connections, for everybody.
const CHARTS_AT_ONCE: usize = 2;

impl Platform {
    /// Opens `sqlite://PATH?mode=rwc` or `postgres://USER@HOST/NAME`, creates the tables on the first start, and loads the
    /// directory of users. Mail stays in the outbox.
    pub async fn open(url: &str, secrets: &Secrets, config: &UsersConfig) -> Result<Self, OpenError> {
        Self::open_with(url, secrets, config, None).await
    }

    /// The same, with a server that takes mail.
    pub async fn open_with(
        url: &str,
        secrets: &Secrets,
        config: &UsersConfig,
        smtp: Option<Smtp>,
    ) -> Result<Self, OpenError> {
        let database = database::open(url).await?;
        let rows = database::open_for_rows(url).await?;
        database::name_unnamed(&database, &secrets.peppers.oldest()).await?;
        let mail = Mail::new(database.clone(), smtp, Links::new(&secrets.peppers));
        let users = Arc::new(Users::load((database.clone(), mail.clone()), secrets, config).await?);
        let api_keys = Arc::new(ApiKeys::load(database.clone(), secrets).await?);
        let admin_log = AdminLog::load(database.clone()).await?;
        let wallets = Arc::new(Wallets::new(database.clone(), secrets.wallets.clone()));
        Ok(Self {
            database,
            rows,
            users,
            api_keys,
            wallets,
            mail,
            admin_log,
            peppers: secrets.peppers.names().into(),
            charts: Arc::new(Semaphore::new(CHARTS_AT_ONCE)),
        })
    }

    /// Those who may log in.
    pub fn users(&self) -> &Arc<Users> {
        &self.users
    }

    /// What programs log in with.
    pub fn api_keys(&self) -> &Arc<ApiKeys> {
        &self.api_keys
    }

    /// Addresses of users, and their sealed secrets.
    pub fn wallets(&self) -> &Arc<Wallets> {
        &self.wallets
    }

    /// What the venue has to say by mail.
    pub fn mail(&self) -> &Mail {
        &self.mail
    }

    /// What administrators did.
    pub fn admin_log(&self) -> &AdminLog {
        &self.admin_log
    }

    /// What is refused since its pepper is forgotten.
    pub async fn lost_with_peppers(&self) -> Result<Lost, DbErr> {
        database::lost_with(&self.database, &self.peppers).await
    }

    /// The database.
    pub fn database(&self) -> &DatabaseConnection {
        &self.database
    }

    /// The connection over which the projections are written.
    pub(crate) fn rows(&self) -> &DatabaseConnection {
        &self.rows
    }

    /// The command up to which the projections are written; 0 before the first.
    pub async fn cursor(&self) -> Result<u64, DbErr> {
        let row = cursor::Entity::find_by_id(cursor::ONLY).one(&self.database).await?;
        Ok(row.map_or(0, |row| from_sql(row.seq)))
    }

    /// What the database remembers.
    pub fn history(&self) -> History {
        History::new(self.database.clone(), Arc::clone(&self.charts))
    }

    /// Closes the connections.
    pub async fn close(self) -> Result<(), DbErr> {
        self.rows.close().await?;
        self.database.close().await
    }
}
