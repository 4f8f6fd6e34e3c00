//! What users say of themselves: names, a number, a picture, what they prefer.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, TransactionTrait};
use serde_json::Value;

use super::auth_log::{AuthAction, AuthEvent};
use super::email;
use super::error::UserError;
use super::sessions::random_token;
use super::{Origin, User, UserId, Users, is_taken};
use crate::database::{now, profile_picture, user};

/// Longest shown name, in characters.
pub const DISPLAY_NAME_MAX: usize = 80;

/// Most bytes of a picture.
pub const PICTURE_MAX: usize = 256 << 10;

/// What is to become of a field: left as it is, emptied, or set.
pub type Edit<T> = Option<Option<T>>;

/// What is to be changed of a profile.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProfileEdit {
    /// The shown name.
    pub display_name: Edit<String>,
    /// The number.
    pub phone_number: Edit<String>,
    /// The name to log in with; it cannot be emptied.
    pub username: Option<String>,
    /// The address to log in with; it cannot be emptied.
    pub email: Option<String>,
}

/// A picture as it is given out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Its type: never one that runs.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Users {
    /// Changes a profile. A changed name to log in with is written down.
    pub async fn edit_profile(&self, id: UserId, edit: ProfileEdit, origin: &Origin) -> Result<User, UserError> {
        let mut row = user::ActiveModel { updated_at: Set(now()), ..Default::default() };
        if let Some(name) = edit.display_name {
            row.display_name = Set(name.map(|name| display_name(&name)).transpose()?);
        }
        if let Some(number) = edit.phone_number {
            row.phone_number = Set(number.map(|number| phone_number(&number)).transpose()?);
        }
        let renamed = edit.username.is_some() || edit.email.is_some();
        if let Some(name) = edit.username {
            row.username = Set(email::normalise_username(&name).ok_or(UserError::InvalidUsername)?);
        }
        let mails = edit.email.is_some();
        if let Some(address) = edit.email {
            row.email = Set(email::normalise(&address).ok_or(UserError::InvalidEmail)?);
        }
        let transaction = self.database.begin().await?;
        let changed = user::Entity::update_many().set(row).filter(user::Column::Id.eq(id.0)).exec(&transaction).await;
        if let Err(error) = changed {
            let taken = if mails { UserError::LoginTaken } else { UserError::UsernameTaken };
            return Err(if is_taken(&error) { taken } else { error.into() });
        }
        if renamed {
            AuthEvent::done(id, AuthAction::LoginNameChange, origin).write(&transaction).await?;
        }
        transaction.commit().await?;
        self.find(id).await?.ok_or(UserError::Gone)
    }

    /// Sets what the user prefers; the gateway says what there is to prefer.
    pub async fn set_preferences(&self, id: UserId, preferences: Value) -> Result<User, UserError> {
        let row = user::ActiveModel { preferences: Set(preferences), updated_at: Set(now()), ..Default::default() };
        user::Entity::update_many().set(row).filter(user::Column::Id.eq(id.0)).exec(&self.database).await?;
        self.find(id).await?.ok_or(UserError::Gone)
    }

    /// Sets the picture, under a name that nobody can guess and that changes with it.
    pub async fn set_picture(&self, id: UserId, bytes: Vec<u8>) -> Result<User, UserError> {
        if bytes.len() > PICTURE_MAX {
            return Err(UserError::PictureTooLarge);
        }
        let content_type = type_of(&bytes).ok_or(UserError::NoPicture)?;
        let name = random_token().ok_or(UserError::Randomness)?;
        let row = profile_picture::Model {
            user_id: id.0,
            name: name.clone(),
            content_type: content_type.to_owned(),
            bytes,
            created_at: now(),
            updated_at: now(),
        };
        let row: profile_picture::ActiveModel = row.into();
        let changing = [
            profile_picture::Column::Name,
            profile_picture::Column::ContentType,
            profile_picture::Column::Bytes,
            profile_picture::Column::UpdatedAt,
        ];
        let known = OnConflict::column(profile_picture::Column::UserId).update_columns(changing).to_owned();
        let transaction = self.database.begin().await?;
        profile_picture::Entity::insert(row.reset_all())
            .on_conflict(known)
            .exec_without_returning(&transaction)
            .await?;
        self.name_picture(id, Some(name), &transaction).await?;
        transaction.commit().await?;
        self.find(id).await?.ok_or(UserError::Gone)
    }

    /// Takes the picture away.
    pub async fn remove_picture(&self, id: UserId) -> Result<User, UserError> {
        let transaction = self.database.begin().await?;
        profile_picture::Entity::delete_by_id(id.0).exec(&transaction).await?;
        self.name_picture(id, None, &transaction).await?;
        transaction.commit().await?;
        self.find(id).await?.ok_or(UserError::Gone)
    }

    async fn name_picture(
        &self,
        id: UserId,
        name: Option<String>,
        connection: &impl ConnectionTrait,
    ) -> Result<(), DbErr> {
        let row = user::ActiveModel { profile_picture: Set(name), updated_at: Set(now()), ..Default::default() };
        user::Entity::update_many().set(row).filter(user::Column::Id.eq(id.0)).exec(connection).await?;
        Ok(())
    }

    /// The picture of this name.
    pub async fn picture(&self, name: &str) -> Result<Option<Picture>, DbErr> {
        let row = profile_picture::Entity::find().filter(profile_picture::Column::Name.eq(name));
        let row = row.one(&self.database).await?;
        // The type follows from the bytes again: what a row says about itself is not believed.
        Ok(row.and_then(|row| Some(Picture { content_type: type_of(&row.bytes)?, bytes: row.bytes })))
    }
}

/// PNG, JPEG or WebP, by the first bytes. Nothing else is taken: no SVG, which can hold programs.
fn type_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

pub(super) fn display_name(text: &str) -> Result<String, UserError> {
    let name = text.trim();
    let fits = (1..=DISPLAY_NAME_MAX).contains(&name.chars().count());
    // Nothing that cannot be seen, and nothing that turns the words beside it round.
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if fits && !name.chars().any(hidden) { Ok(name.to_owned()) } else { Err(UserError::InvalidDisplayName) }
}

/// As E.164 has it: a plus sign and 7 to 15 digits; spaces, hyphens, dots and brackets are left out.
fn phone_number(text: &str) -> Result<String, UserError> {
    let kept: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    let digits = kept.strip_prefix('+').unwrap_or_default();
    let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits && !digits.starts_with('0') { Ok(kept) } else { Err(UserError::InvalidPhoneNumber) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u2_names_and_numbers_are_plain() {
        assert_eq!(display_name(" Ada Lovelace ").unwrap(), "Ada Lovelace");
        for bad in ["", "  ", "a\u{202e}b", "a\nb", &"x".repeat(81)] {
            assert!(display_name(bad).is_err(), "{bad:?}");
        }
        assert_eq!(phone_number("+49 (30) 123-4567").unwrap(), "+49301234567");
        for bad in ["", "030 1234567", "+0301234567", "+12", "+123456789012345678", "+49x30123456"] {
            assert!(phone_number(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn u2_only_pictures_are_pictures() {
        assert_eq!(type_of(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(type_of(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(type_of(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        for bad in [&b"<svg onload=alert(1)>"[..], b"<html>", b"GIF89a", b"", b"%PDF"] {
            assert_eq!(type_of(bad), None);
        }
    }
}
