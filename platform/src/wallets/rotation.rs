//! Another key for wallets: a new one seals, every row is sealed anew, and then the old ones are forgotten.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, TransactionTrait};

use super::keyring::Resealed;
use super::{WalletError, Wallets, whose};
use crate::database::wallet;

/// Rows that are looked at in one transaction.
const AT_ONCE: u64 = 200;

/// What a rotation did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rotated {
    /// Wallets that were looked at.
    pub wallets: u64,
    /// Private keys that were sealed anew.
    pub resealed: u64,
    /// Private keys that no key opens: while there are such, no key is forgotten.
    pub unopened: u64,
    /// Keys that there are now.
    pub keys: usize,
}

impl Wallets {
    /// Seals all private keys with the first key, which is a new one if that is wanted, and forgets the other ones. Cut
    /// anywhere, it is done by being called again.
    pub async fn rotate(&self, new_key: bool) -> Result<Rotated, WalletError> {
        let _rotating = self.rotating.lock().await;
        if new_key {
            if !self.keys.is_changeable() {
                return Err(WalletError::KeysFromEnvironment);
            }
            self.keys.add()?;
        }
        // Most of it while wallets are made as ever, and what came meanwhile while nobody makes one.
        let first = self.reseal_all().await?;
        let alone = self.sealing.write().await;
        let rest = self.reseal_all().await?;
        if rest.unopened == 0 && self.keys.is_changeable() && self.keys.count() > 1 {
            self.keys.keep_first()?;
        }
        drop(alone);
        Ok(Rotated { resealed: first.resealed + rest.resealed, keys: self.keys.count(), ..rest })
    }

    async fn reseal_all(&self) -> Result<Rotated, DbErr> {
        let (mut done, mut after) = (Rotated::default(), 0);
        loop {
            let page = wallet::Entity::find().filter(wallet::Column::Id.gt(after));
            let page = page.order_by_asc(wallet::Column::Id).limit(AT_ONCE).all(&self.database).await?;
            let Some(last) = page.last().map(|row| row.id) else { return Ok(done) };
            after = last;
            done.wallets += page.len() as u64;
            self.reseal(page, &mut done).await?;
        }
    }

    async fn reseal(&self, page: Vec<wallet::Model>, done: &mut Rotated) -> Result<(), DbErr> {
        let mut anew = Vec::new();
        for row in page {
            match self.keys.reseal(&whose(&row), &row.private_key) {
                Resealed::Current => {}
                Resealed::Anew(sealed) => anew.push((row, sealed)),
                Resealed::Foreign => done.unopened += 1,
            }
        }
        if anew.is_empty() {
            return Ok(());
        }
        let transaction = self.database.begin().await?;
        for (row, sealed) in anew {
            let changed = wallet::Entity::update_many()
                .col_expr(wallet::Column::PrivateKey, Expr::value(sealed))
                .filter(wallet::Column::Id.eq(row.id))
                .filter(wallet::Column::PrivateKey.eq(row.private_key))
                .exec(&transaction)
                .await?;
            done.resealed += changed.rows_affected;
        }
        transaction.commit().await
    }
}
