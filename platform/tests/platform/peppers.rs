//! Rows U1, U14, U15 and U19: another pepper comes, and what was made with the one before goes on.

use hmac::{Hmac, KeyInit, Mac};
use papertape_platform::database::{Lost, api_key, two_factor, user};
use papertape_platform::{
    AuthError, KeyId, KeyKind, KeyType, LogIn, NewApiKey, NewUser, Origin, Peppers, Platform, Secrets, User,
};
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::support::{Folder, config, log_in, secrets};
use crate::totp_code::code_of;

const PASSWORD: &str = "analytical engine";

/// With peppers that are told apart by a byte, the one for what is new first.
async fn open(folder: &Folder, peppers: &[u8]) -> Platform {
    let bytes = |byte: &u8| vec![*byte; 32];
    let (first, older) = peppers.split_first().unwrap();
    let peppers = Peppers::new(bytes(first), older.iter().map(bytes).collect());
    Platform::open(folder.url().await, &Secrets { peppers, ..secrets() }, &config()).await.unwrap()
}

async fn create(platform: &Platform, name: &str) -> User {
    let new = NewUser { email: format!("{name}@example.com"), password: PASSWORD.to_owned() };
    platform.users().create(&new).await.unwrap()
}

async fn key(platform: &Platform, user: &User, name: &str) -> (KeyId, [u8; 32]) {
    let new = NewApiKey {
        name: name.to_owned(),
        kind: KeyKind::Hmac,
        permissions: KeyType::Read.into(),
        networks: Vec::new(),
        expires_ms: None,
    };
    let (key, secret) = platform.api_keys().create(user.id, new, 1).await.unwrap();
    (key.id, secret.unwrap())
}

fn is_good(platform: &Platform, (key, secret): (KeyId, [u8; 32])) -> bool {
    let mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&secret).unwrap().chain_update(b"hello");
    let mut padded = [0; 64];
    padded[..32].copy_from_slice(&mac.finalize().into_bytes());
    platform.api_keys().verify(key, false, b"hello", &padded, 1).is_some()
}

async fn with_code(platform: &Platform, code: &str) -> Result<(), AuthError> {
    let with = LogIn { login: "ada", password: PASSWORD, code: Some(code) };
    platform.users().log_in(with, &Origin::default()).await.map(|_| ())
}

async fn row(platform: &Platform, user: &User) -> user::Model {
    user::Entity::find_by_id(user.id.0).one(platform.database()).await.unwrap().unwrap()
}

async fn mailed(platform: &Platform) -> String {
    platform.mail().page(None, 1).await.unwrap()[0].body.clone().unwrap()
}

#[tokio::test]
async fn u1_another_pepper_comes_and_what_was_made_with_the_one_before_goes_on() {
    for is_named in [true, false] {
        let folder = Folder::new();
        let platform = open(&folder, &[1]).await;
        let (ada, bob) = (create(&platform, "ada").await, create(&platform, "bob").await);
        let users = platform.users();
        let old = key(&platform, &ada, "old").await;
        let offer = users.offer_two_factor(&ada).await.unwrap();
        let factor = code_of(&offer.secret, 0);
        let codes = users.confirm_two_factor(ada.id, &factor, &Origin::default()).await.unwrap();
        users.request_password_reset("bob@example.com", "https://venue.example", &Origin::default()).await.unwrap();
        let link = mailed(&platform).await;
        let before = row(&platform, &ada).await;
        if !is_named {
            // As an older program has left them.
            for table in ["users", "api_keys", "two_factor"] {
                let unnamed = format!("UPDATE {table} SET pepper = NULL");
                platform.database().execute_unprepared(&unnamed).await.unwrap();
            }
        }
        platform.close().await.unwrap();

        let platform = open(&folder, &[2, 1]).await;
        assert_eq!(row(&platform, &bob).await.pepper, before.pepper, "what had no name has that of the oldest");
        assert_eq!(platform.lost_with_peppers().await.unwrap(), Lost::default());
        assert!(is_good(&platform, old), "a key");
        assert_eq!(mailed(&platform).await, link, "a link that is on its way");
        assert!(matches!(log_in(&platform, "bob", "wrong").await, Err(AuthError::WrongCredentials)));
        with_code(&platform, &code_of(&offer.secret, 1)).await.unwrap();
        let after = row(&platform, &ada).await;
        assert!(after.hashed_password.starts_with("$2b$") && after.hashed_password != before.hashed_password);
        assert!(after.pepper.is_some() && after.pepper != before.pepper, "hashed again, with the first one");
        with_code(&platform, &codes[0]).await.unwrap();
        assert_eq!(row(&platform, &ada).await.hashed_password, after.hashed_password, "once");
        let new = key(&platform, &ada, "new").await;
        let carol = create(&platform, "carol").await;
        assert_eq!(row(&platform, &carol).await.pepper, after.pepper);
        let of_factor = two_factor::Entity::find().one(platform.database()).await.unwrap().unwrap().pepper;
        assert_eq!(of_factor, before.pepper, "in an authenticator program it stays");
        platform.close().await.unwrap();

        // The old one is forgotten: what is still of it is refused as what is wrong.
        let platform = open(&folder, &[2]).await;
        let lost = Lost { passwords: 1, second_factors: 1, api_keys: 1 };
        assert_eq!(platform.lost_with_peppers().await.unwrap(), lost);
        let worked = platform.users().passwords_worked();
        assert!(matches!(log_in(&platform, "bob", PASSWORD).await, Err(AuthError::WrongCredentials)));
        assert_eq!(platform.users().passwords_worked(), worked + 1, "at the same cost");
        assert!(log_in(&platform, "carol", PASSWORD).await.is_ok());
        assert!(matches!(with_code(&platform, &code_of(&offer.secret, 1)).await, Err(AuthError::WrongCode)));
        with_code(&platform, &codes[1]).await.unwrap();
        assert!(is_good(&platform, new) && !is_good(&platform, old));
        assert_eq!(platform.api_keys().list(ada.id).await.unwrap().len(), 2);
        assert_eq!(api_key::Entity::find().all(platform.database()).await.unwrap().len(), 2);
        // A new factor and a new password follow from the one that is there.
        platform.users().disable_two_factor(ada.id, &Origin::default()).await.unwrap();
        let offer = platform.users().offer_two_factor(&ada).await.unwrap();
        let factor = code_of(&offer.secret, 0);
        platform.users().confirm_two_factor(ada.id, &factor, &Origin::default()).await.unwrap();
        platform.users().change_password(&bob, "difference engine", None, &Origin::default()).await.unwrap();
        assert!(log_in(&platform, "bob", "difference engine").await.is_ok());
        assert_eq!(row(&platform, &bob).await.pepper, after.pepper);
    }
}
