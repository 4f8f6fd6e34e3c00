//! Users of another database: they have no password here until they set one by a link.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, DatabaseTransaction};

use super::{Role, UserError, UserId, Users, email, is_taken, random_reference, with_random_tail};
use crate::database::{now, to_sql, user};

/// A user who comes with a name and a balance, and without a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedUser {
    /// As it is written there.
    pub email: String,
    /// The name that is shown.
    pub name: String,
    /// Whether the user may log in at all.
    pub is_active: bool,
    /// What the account begins with, in cents; what everybody gets, if it is absent.
    pub opening_cents: Option<u64>,
}

impl Users {
    /// Adds one, in the transaction of all of them. The account is opened at the next start.
    pub(crate) async fn insert_imported(
        &self,
        new: &ImportedUser,
        transaction: &DatabaseTransaction,
    ) -> Result<UserId, UserError> {
        let address = email::normalise(&new.email).ok_or(UserError::InvalidEmail)?;
        let cents = new.opening_cents.map(i64::try_from).transpose().map_err(|_| UserError::InvalidBalance)?;
        let (at, hashed) = (now(), self.hasher.nobodys());
        let row = user::ActiveModel {
            username: Set(self.username_in(&address, transaction).await?),
            email: Set(address),
            hashed_password: Set(hashed.text),
            pepper: Set(hashed.pepper),
            display_name: Set(Some(super::profile::display_name(&new.name)?)),
            role: Set(Role::User.name().to_owned()),
            is_active: Set(new.is_active),
            is_suspended: Set(false),
            preferences: Set(serde_json::json!({})),
            account_reference: Set(to_sql(random_reference()?.0)),
            credited: Set(false),
            token_epoch: Set(0),
            opening_cents: Set(cents),
            created_at: Set(at),
            updated_at: Set(at),
            ..Default::default()
        };
        let inserted = row.insert(transaction).await;
        let row = inserted.map_err(|error| if is_taken(&error) { UserError::EmailTaken } else { error.into() })?;
        Ok(UserId(row.id))
    }

    async fn username_in(&self, address: &str, transaction: &DatabaseTransaction) -> Result<String, UserError> {
        let name = email::username_of(address);
        let taken = user::Entity::find().filter(user::Column::Username.eq(&name)).count(transaction).await?;
        if taken == 0 { Ok(name) } else { with_random_tail(&name) }
    }
}
