//! Wallets: addresses on chains, of which one stands for the account. Their private keys are sealed; what a user has is in
//! the venue and not here.

mod chain;
mod error;
mod keyring;
mod rotation;

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, DatabaseConnection, PaginatorTrait, QueryOrder, SqlErr, TransactionTrait};

use crate::database::{corrupt, now, wallet};
use crate::users::UserId;
pub use chain::{Chain, ExportedKey};
pub use error::WalletError;
use keyring::Keyring;
pub use keyring::{WALLET_KEYS_VARIABLE, WalletKeys};
pub use rotation::Rotated;

/// Most wallets of a user.
pub const WALLETS_MAX: u64 = 32;

/// Longest name of a wallet, in characters.
pub const WALLET_NAME_MAX: usize = 64;

/// What the first wallet of a user is called, and where it is.
const FIRST: (&str, Chain) = ("Main", Chain::Ethereum);

/// Tries where two change at once which wallet stands for the account.
const TRIES: usize = 4;

/// A wallet's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WalletId(pub i64);

/// A wallet, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wallet {
    /// Its number.
    pub id: WalletId,
    /// Whose it is.
    pub user: UserId,
    /// What the owner calls it.
    pub name: String,
    /// Where the chain finds it.
    pub address: String,
    /// The chain.
    pub chain: Chain,
    /// Whether it stands for the account.
    pub is_primary: bool,
    /// When it was made.
    pub created_at: TimeDateTimeWithTimeZone,
    /// When its name or its place last changed.
    pub updated_at: TimeDateTimeWithTimeZone,
}

/// The wallets of a venue.
pub struct Wallets {
    database: DatabaseConnection,
    keys: Keyring,
    /// Held by whoever seals until the row is there, and alone by whoever forgets old keys: no row is left behind.
    sealing: tokio::sync::RwLock<()>,
    /// One rotation at a time: the key that all rows are sealed with stays the first one until the others are forgotten.
    rotating: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Wallets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wallets(..)")
    }
}

impl Wallets {
    pub(crate) fn new(database: DatabaseConnection, keys: WalletKeys) -> Self {
        let keys = Keyring::new(keys);
        Self { database, keys, sealing: tokio::sync::RwLock::default(), rotating: tokio::sync::Mutex::default() }
    }

    /// A user's wallets, oldest first. The first one is made if there is none yet.
    pub async fn list(&self, user: UserId) -> Result<Vec<Wallet>, WalletError> {
        let listed = self.rows(user).await?;
        if !listed.is_empty() {
            return Ok(listed);
        }
        self.primary(user).await.map(|first| vec![first])
    }

    /// The wallet that stands for the user's account; made, where there is none yet.
    pub async fn primary(&self, user: UserId) -> Result<Wallet, WalletError> {
        for _ in 0..TRIES {
            if let Some(found) = self.rows(user).await?.into_iter().find(|wallet| wallet.is_primary) {
                return Ok(found);
            }
            match self.insert(user, FIRST, true).await {
                // Somebody was faster.
                Err(WalletError::Database(error)) if is_taken(&error) => {}
                made => return made,
            }
        }
        Err(WalletError::Database(DbErr::Custom("a wallet comes and goes".to_owned())))
    }

    /// Makes a wallet. The user's first one stands for the account, whatever is asked.
    pub async fn create(&self, user: UserId, name: &str, chain: Chain, primary: bool) -> Result<Wallet, WalletError> {
        let name = checked(name)?;
        self.primary(user).await?;
        let made = self.insert(user, (&name, chain), false).await?;
        if primary { self.set_primary(user, made.id).await } else { Ok(made) }
    }

    /// A user's wallet.
    pub async fn find(&self, user: UserId, id: WalletId) -> Result<Wallet, WalletError> {
        self.row(user, id).await.and_then(|row| Ok(of_row(row)?))
    }

    /// Calls a wallet something else.
    pub async fn rename(&self, user: UserId, id: WalletId, name: &str) -> Result<Wallet, WalletError> {
        let row = wallet::ActiveModel { name: Set(checked(name)?), updated_at: Set(now()), ..Default::default() };
        let mine = wallet::Entity::update_many().set(row).filter(wallet::Column::Id.eq(id.0));
        mine.filter(wallet::Column::UserId.eq(user.0)).exec(&self.database).await?;
        self.find(user, id).await
    }

    /// Lets this wallet stand for the account, and no other one.
    pub async fn set_primary(&self, user: UserId, id: WalletId) -> Result<Wallet, WalletError> {
        let mut tries = 1;
        loop {
            match self.try_primary(user, id).await {
                Err(WalletError::Database(error)) if is_taken(&error) && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_primary(&self, user: UserId, id: WalletId) -> Result<Wallet, WalletError> {
        let set =
            |primary| wallet::ActiveModel { is_primary: Set(primary), updated_at: Set(now()), ..Default::default() };
        let mine = || wallet::Entity::update_many().filter(wallet::Column::UserId.eq(user.0));
        let transaction = self.database.begin().await?;
        let others = mine().set(set(false)).filter(wallet::Column::IsPrimary.eq(true));
        others.filter(wallet::Column::Id.ne(id.0)).exec(&transaction).await?;
        let this = mine().set(set(true)).filter(wallet::Column::Id.eq(id.0)).exec(&transaction).await?;
        if this.rows_affected == 0 {
            transaction.rollback().await?;
            return Err(WalletError::Gone);
        }
        transaction.commit().await?;
        self.find(user, id).await
    }

    /// The private key of a user's wallet. Whoever asks has shown password and second factor ([`crate::Users::step_up`]).
    pub async fn export(&self, user: UserId, id: WalletId) -> Result<(Wallet, ExportedKey), WalletError> {
        let row = self.row(user, id).await?;
        let secret = self.keys.open(&whose(&row), &row.private_key).ok_or(WalletError::Unopened)?;
        let secret = <[u8; 32]>::try_from(secret).map_err(|_| WalletError::Unopened)?;
        let wallet = of_row(row)?;
        let exported = wallet.chain.export(&secret);
        Ok((wallet, exported))
    }

    async fn insert(&self, user: UserId, (name, chain): (&str, Chain), primary: bool) -> Result<Wallet, WalletError> {
        let (secret, address) = chain.new_key().ok_or(WalletError::Randomness)?;
        let _sealing = self.sealing.read().await;
        let private_key = self.keys.seal(&whose_of(user, &address), &secret).ok_or(WalletError::Unopened)?;
        let at = now();
        let row = wallet::ActiveModel {
            user_id: Set(user.0),
            name: Set(name.to_owned()),
            address: Set(address),
            blockchain: Set(chain.name().to_owned()),
            is_primary: Set(primary),
            private_key: Set(private_key),
            created_at: Set(at),
            updated_at: Set(at),
            ..Default::default()
        };
        let transaction = self.database.begin().await?;
        let row = row.insert(&transaction).await?;
        let count = wallet::Entity::find().filter(wallet::Column::UserId.eq(user.0)).count(&transaction).await?;
        if count > WALLETS_MAX {
            transaction.rollback().await?;
            return Err(WalletError::TooMany);
        }
        transaction.commit().await?;
        Ok(of_row(row)?)
    }

    async fn rows(&self, user: UserId) -> Result<Vec<Wallet>, DbErr> {
        let mine = wallet::Entity::find().filter(wallet::Column::UserId.eq(user.0));
        let rows = mine.order_by_asc(wallet::Column::Id).all(&self.database).await?;
        rows.into_iter().map(of_row).collect()
    }

    async fn row(&self, user: UserId, id: WalletId) -> Result<wallet::Model, WalletError> {
        let found = wallet::Entity::find_by_id(id.0).filter(wallet::Column::UserId.eq(user.0));
        found.one(&self.database).await?.ok_or(WalletError::Gone)
    }
}

/// What is sealed with the secret: table, owner and address.
fn whose_of(user: UserId, address: &str) -> String {
    format!("wallets {} {address}", user.0)
}

fn whose(row: &wallet::Model) -> String {
    whose_of(UserId(row.user_id), &row.address)
}

fn checked(name: &str) -> Result<String, WalletError> {
    let name = name.trim();
    let fits = (1..=WALLET_NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(WalletError::InvalidName) }
}

fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

fn of_row(row: wallet::Model) -> Result<Wallet, DbErr> {
    let chain = Chain::named(&row.blockchain).ok_or_else(|| corrupt("wallets", "blockchain", &row.blockchain))?;
    Ok(Wallet {
        id: WalletId(row.id),
        user: UserId(row.user_id),
        name: row.name,
        address: row.address,
        chain,
        is_primary: row.is_primary,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
