//! Row Q8: `auth.db`, out of a venue and into one.

use std::sync::Arc;

use papertape_engine::{AccountId, Amount};
use papertape_platform::auth_db::{AuthDbError, Exported, export, import};
use papertape_platform::{
    API_KEYS_MAX, Accounts, KeyKind, KeyType, NewApiKey, NewUser, Origin, Platform, ProfileEdit, SignUpCredit, User,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

use crate::support::{Folder, Port, Venue, log_in};

/// The file of a program that made its tables itself.
const OTHERS: [&str; 9] = [
    "CREATE TABLE users (id INTEGER NOT NULL, email VARCHAR NOT NULL, name VARCHAR NOT NULL, is_active BOOLEAN, \
     PRIMARY KEY (id), UNIQUE (email))",
    "CREATE TABLE api_keys (id INTEGER NOT NULL, \"key\" VARCHAR NOT NULL, user_id INTEGER NOT NULL, \
     api_name VARCHAR NOT NULL, is_active BOOLEAN, created_at DATETIME, PRIMARY KEY (id), \
     CONSTRAINT uq UNIQUE (user_id, api_name), UNIQUE (\"key\"), FOREIGN KEY(user_id) REFERENCES users (id))",
    "CREATE TABLE wallets (id INTEGER NOT NULL, user_id INTEGER NOT NULL, balance INTEGER, PRIMARY KEY (id), \
     UNIQUE (user_id), FOREIGN KEY(user_id) REFERENCES users (id))",
    "INSERT INTO users VALUES (7, 'Ada@Example.com', 'Ada Lovelace', 1)",
    "INSERT INTO users VALUES (9, 'ada@example.org', 'Another Ada', 0)",
    "INSERT INTO users VALUES (12, 'bob@example.com', 'Bob', NULL)",
    "INSERT INTO wallets VALUES (1, 7, 123456), (2, 9, NULL)",
    "INSERT INTO api_keys VALUES (1, 'sk_live_1', 7, 'market data', 1, '2026-01-31 23:59:59.123456')",
    "INSERT INTO api_keys VALUES (2, '00112233445566778899aabbccddeeff', 9, 'market data', 0, NULL)",
];

async fn file(path: &std::path::Path, statements: &[&str]) -> DatabaseConnection {
    let file = Database::connect(format!("sqlite://{}?mode=rwc", path.display())).await.unwrap();
    for statement in statements {
        file.execute_unprepared(statement).await.unwrap();
    }
    file
}

async fn accounts(platform: &Platform, port: &Port) -> Accounts {
    let assets = port.venue.lock().engine.assets().to_vec();
    let credit = SignUpCredit::parse(&assets, SignUpCredit::DEFAULT);
    Accounts::new(Arc::clone(platform.users()), credit).with_cent(SignUpCredit::of_cents(&assets, 1))
}

async fn find(platform: &Platform, email: &str) -> User {
    platform.users().list(0, Some(email), 9).await.unwrap().remove(0)
}

fn cash(port: &Port, account: AccountId) -> Amount {
    port.venue.lock().engine.balances(account).first().map_or(Amount(0), |(_, balance)| balance.free)
}

#[tokio::test]
async fn q8_users_of_another_program_come_with_names_balances_and_keys() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let path = folder.path().join("auth.db");
    file(&path, &OTHERS).await.close().await.unwrap();
    let done = import(&platform, &path).await.unwrap();
    assert_eq!((done.users, done.keys.len()), (3, 2));
    let port = Port::new(Venue::listed());
    assert_eq!(accounts(&platform, &port).await.reconcile(&port).await.unwrap(), 3);
    let ada = find(&platform, "ada@example.com").await;
    assert_eq!((ada.display_name.as_deref(), ada.is_active), (Some("Ada Lovelace"), true));
    let (other, bob) = (find(&platform, "ada@example.org").await, find(&platform, "bob@example.com").await);
    assert!(!other.is_active && bob.is_active && other.username.starts_with("ada-"));
    let cents = |user: &User| cash(&port, user.account.unwrap()).0 / 1_000_000;
    assert_eq!((cents(&ada), cents(&other), cents(&bob)), (123_456, 500, 500));
    assert!(log_in(&platform, "ada@example.com", "").await.is_err(), "nobody has a password yet");
    let keys = platform.api_keys().list(ada.id).await.unwrap();
    assert_eq!(
        (keys[0].name.as_str(), keys[0].created_ms, keys[0].is_active),
        ("market data", 1_769_903_999_000, true)
    );
    assert_eq!((keys[0].id, keys[0].permissions), (done.keys[0].key, KeyType::Read.into()));
    let kept = platform.api_keys().list(other.id).await.unwrap();
    assert_eq!((kept[0].id.to_string().as_str(), kept[0].is_active), ("00112233445566778899aabbccddeeff", false));
    platform.close().await.unwrap();
    // The secrets that were printed are those of the next start.
    let platform = folder.platform().await;
    let mac = hmac_of(&done.keys[0].secret, b"hello");
    assert!(platform.api_keys().verify(done.keys[0].key, false, b"hello", &mac, 1).is_some());
}

fn hmac_of(secret: &[u8], message: &[u8]) -> [u8; 64] {
    use hmac::{Hmac, KeyInit, Mac};
    let mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(secret).unwrap().chain_update(message);
    let mut padded = [0; 64];
    padded[..32].copy_from_slice(&mac.finalize().into_bytes());
    padded
}

#[tokio::test]
async fn q8_a_file_that_is_not_taken_whole_is_not_taken() {
    for (spoil, table, id) in [
        ("UPDATE users SET email = 'nobody' WHERE id = 12", "users", 12),
        ("UPDATE users SET email = 'ADA@example.com' WHERE id = 12", "users", 12),
        ("UPDATE users SET name = '' WHERE id = 9", "users", 9),
        ("UPDATE wallets SET balance = -1 WHERE user_id = 9", "wallets", 9),
        ("UPDATE api_keys SET user_id = 99 WHERE id = 2", "api_keys", 2),
    ] {
        let folder = Folder::new();
        let platform = folder.platform().await;
        let path = folder.path().join("auth.db");
        let statements: Vec<&str> = OTHERS.into_iter().chain(["PRAGMA foreign_keys = OFF", spoil]).collect();
        file(&path, &statements).await.close().await.unwrap();
        match import(&platform, &path).await {
            Err(AuthDbError::Row { table: named, id: row, .. }) => assert_eq!((named, row), (table, id), "{spoil}"),
            other => panic!("{spoil}: {other:?}"),
        }
        assert_eq!(platform.users().list(0, None, 9).await.unwrap(), [], "{spoil}");
    }
    let folder = Folder::new();
    let missing = import(&folder.platform().await, &folder.path().join("auth.db")).await;
    assert!(matches!(missing, Err(AuthDbError::Database(_))));
}

#[tokio::test]
async fn q8_a_user_comes_with_as_many_keys_as_one_may_have_and_no_more() {
    for (count, is_taken) in [(API_KEYS_MAX, true), (API_KEYS_MAX + 1, false)] {
        let folder = Folder::new();
        let platform = folder.platform().await;
        let path = folder.path().join("auth.db");
        let keys: Vec<String> = (1..=count)
            .map(|n| format!("INSERT INTO api_keys VALUES ({}, 'key {n}', 12, 'bot {n}', 1, NULL)", 100 + n))
            .collect();
        let statements: Vec<&str> = OTHERS.into_iter().chain(keys.iter().map(String::as_str)).collect();
        file(&path, &statements).await.close().await.unwrap();
        let imported = import(&platform, &path).await;
        let users = platform.users().list(0, None, 9).await.unwrap().len();
        if is_taken {
            assert_eq!((imported.unwrap().keys.len(), users), (34, 3));
            continue;
        }
        let refused = imported.unwrap_err();
        assert!(matches!(refused, AuthDbError::Row { table: "api_keys", id: 133, .. }), "{refused:?}");
        let sentence = "api_keys, row 133: bob@example.com has more API keys than a user may have, which is 32. \
            Nothing was imported.";
        assert_eq!((refused.to_string().as_str(), users), (sentence, 0));
    }
}

#[tokio::test]
async fn q8_what_is_written_has_the_three_tables_and_comes_back() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let port = Port::new(Venue::listed());
    let accounts_here = accounts(&platform, &port).await;
    let new = NewUser { email: "ada@example.com".to_owned(), password: "analytical engine".to_owned() };
    let ada = accounts_here.sign_up(&new, &port).await.unwrap();
    let edit = ProfileEdit { display_name: Some(Some("Ada".to_owned())), ..ProfileEdit::default() };
    platform.users().edit_profile(ada.id, edit, &Origin::default()).await.unwrap();
    let key = NewApiKey {
        name: "bot".to_owned(),
        kind: KeyKind::Hmac,
        permissions: KeyType::Write.into(),
        networks: Vec::new(),
        expires_ms: None,
    };
    let (key, _) = platform.api_keys().create(ada.id, key, 1_769_903_999_123).await.unwrap();
    let path = folder.path().join("auth.db");
    let cents = |account: AccountId| i64::try_from(cash(&port, account).0 / 1_000_000).unwrap();
    assert_eq!(export(&platform, cents, &path).await.unwrap(), Exported { users: 1, api_keys: 1 });
    assert!(matches!(export(&platform, cents, &path).await, Err(AuthDbError::File { .. })), "nothing is overwritten");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let written = file(&path, &[]).await;
    let ask = async |sql: &str| {
        let rows = written.query_all_raw(Statement::from_string(written.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(
        ask("SELECT name || ' ' || (SELECT group_concat(name) FROM pragma_table_info(m.name)) \
             FROM sqlite_master m WHERE type = 'table' ORDER BY name")
        .await,
        [
            "api_keys id,key,user_id,api_name,is_active,created_at",
            "users id,email,name,is_active",
            "wallets id,user_id,balance"
        ]
    );
    assert_eq!(ask("SELECT email || '|' || name || '|' || is_active FROM users").await, ["ada@example.com|Ada|1"]);
    let row = format!("{}|{}|bot|1|2026-01-31 23:59:59.123000", key.id, ada.id.0);
    let sql = "SELECT key || '|' || user_id || '|' || api_name || '|' || is_active || '|' || created_at FROM api_keys";
    assert_eq!(ask(sql).await, [row]);
    assert_eq!(ask("SELECT user_id || '|' || balance FROM wallets").await, [format!("{}|500", ada.id.0)]);
    assert!(written.execute_unprepared("INSERT INTO wallets (user_id) VALUES (1)").await.is_err(), "one for each");
    written.close().await.unwrap();
    let other = Folder::new();
    let back = import(&other.platform().await, &path).await.unwrap();
    assert_eq!((back.users, back.keys[0].key, back.keys[0].name.as_str()), (1, key.id, "bot"));
}
