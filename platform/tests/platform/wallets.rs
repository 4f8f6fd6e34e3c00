//! Wallets in the database: what is stored, who stands for the account, and other keys.

use papertape_platform::database::wallet;
use papertape_platform::{Chain, NewUser, Platform, Rotated, Secrets, UserId, WALLETS_MAX, WalletError, WalletKeys};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::support::{Folder, config, secrets};

async fn user(platform: &Platform, name: &str) -> UserId {
    let new = NewUser { email: format!("{name}@example.com"), password: "analytical engine".to_owned() };
    platform.users().create(&new).await.unwrap().id
}

async fn stored(platform: &Platform) -> Vec<wallet::Model> {
    wallet::Entity::find().all(platform.database()).await.unwrap()
}

#[tokio::test]
async fn w1_what_is_stored_is_a_fernet_token_and_nobody_elses_opens_it() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (ada, eve) = (user(&platform, "ada").await, user(&platform, "eve").await);
    let wallets = platform.wallets();
    for chain in Chain::ALL {
        let made = wallets.create(ada, chain.name(), chain, false).await.unwrap();
        let (_, exported) = wallets.export(ada, made.id).await.unwrap();
        let row = wallet::Entity::find_by_id(made.id.0).one(platform.database()).await.unwrap().unwrap();
        assert!(row.private_key.starts_with("gAAAA") && !format!("{row:?}").contains(&exported.text));
        assert!(matches!(wallets.export(eve, made.id).await, Err(WalletError::Gone)));
    }
    // A row that was handed to somebody else, or whose token was, opens for nobody.
    let first = stored(&platform).await.remove(0);
    let set = format!("UPDATE wallets SET user_id = {}, is_primary = false WHERE id = {}", eve.0, first.id);
    platform.database().execute_unprepared(&set).await.unwrap();
    let moved = papertape_platform::WalletId(first.id);
    assert!(matches!(wallets.export(eve, moved).await, Err(WalletError::Unopened)));
    assert!(matches!(wallets.export(ada, moved).await, Err(WalletError::Gone)));
}

#[tokio::test(flavor = "multi_thread")]
async fn w2_one_wallet_is_primary_however_many_want_to_be_at_once() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let ada = user(&platform, "ada").await;
    let first: Vec<_> = (0..8)
        .map(|_| {
            let wallets = platform.wallets().clone();
            tokio::spawn(async move { wallets.primary(ada).await.unwrap().id })
        })
        .collect();
    let mut ids = Vec::new();
    for task in first {
        ids.push(task.await.unwrap());
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    for at in 0..4 {
        platform.wallets().create(ada, &format!("number {at}"), Chain::Solana, false).await.unwrap();
    }
    let wanted: Vec<_> = platform.wallets().list(ada).await.unwrap().into_iter().map(|wallet| wallet.id).collect();
    let tasks: Vec<_> = wanted
        .into_iter()
        .map(|id| {
            let wallets = platform.wallets().clone();
            tokio::spawn(async move { drop(wallets.set_primary(ada, id).await) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let primary = wallet::Entity::find().filter(wallet::Column::IsPrimary.eq(true));
    assert_eq!(primary.count(platform.database()).await.unwrap(), 1);
    let second = "UPDATE wallets SET is_primary = true";
    assert!(platform.database().execute_unprepared(second).await.is_err(), "the database itself refuses two");
    for _ in 0..WALLETS_MAX - 5 {
        platform.wallets().create(ada, "more", Chain::Ethereum, false).await.unwrap();
    }
    let refused = platform.wallets().create(ada, "one too many", Chain::Ethereum, false).await;
    assert!(matches!(refused, Err(WalletError::TooMany)));
}

#[tokio::test]
async fn w1_keys_are_rotated_and_old_ones_forgotten() {
    let folder = Folder::new();
    let secrets_folder = folder.path().join("secrets");
    let load = || Secrets::load(&secrets_folder).unwrap();
    let platform = Platform::open(folder.url().await, &load(), &config()).await.unwrap();
    let ada = user(&platform, "ada").await;
    let wallet = platform.wallets().create(ada, "Savings", Chain::Bitcoin, false).await.unwrap();
    let (_, before) = platform.wallets().export(ada, wallet.id).await.unwrap();
    let old = load();
    let tokens: Vec<String> = stored(&platform).await.into_iter().map(|row| row.private_key).collect();
    let done = platform.wallets().rotate(true).await.unwrap();
    assert_eq!(done, Rotated { wallets: 2, resealed: 2, unopened: 0, keys: 1 });
    assert!(stored(&platform).await.iter().all(|row| !tokens.contains(&row.private_key)));
    assert_eq!(platform.wallets().export(ada, wallet.id).await.unwrap().1, before);
    assert_eq!(platform.wallets().rotate(false).await.unwrap(), Rotated { resealed: 0, ..done });
    platform.close().await.unwrap();
    // The next start finds the new key; the old one opens nothing, and then nothing is forgotten.
    let platform = Platform::open(folder.url().await, &load(), &config()).await.unwrap();
    assert_eq!(platform.wallets().export(ada, wallet.id).await.unwrap().1, before);
    platform.close().await.unwrap();
    let platform = Platform::open(folder.url().await, &old, &config()).await.unwrap();
    assert!(matches!(platform.wallets().export(ada, wallet.id).await, Err(WalletError::Unopened)));
    platform.close().await.unwrap();
    let both = WalletKeys::parse("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
    let platform =
        Platform::open(folder.url().await, &Secrets { wallets: both, ..secrets() }, &config()).await.unwrap();
    let lost = platform.wallets().rotate(false).await.unwrap();
    assert_eq!(lost, Rotated { wallets: 2, resealed: 0, unopened: 2, keys: 1 });
    assert!(matches!(platform.wallets().rotate(true).await, Err(WalletError::KeysFromEnvironment)));
}

#[tokio::test(flavor = "multi_thread")]
async fn w1_rotations_and_new_wallets_at_once_lose_no_key() {
    let folder = Folder::new();
    let secrets = Secrets::load(&folder.path().join("secrets")).unwrap();
    let platform = Platform::open(folder.url().await, &secrets, &config()).await.unwrap();
    let ada = user(&platform, "ada").await;
    let mut tasks = Vec::new();
    for at in 0..12 {
        let wallets = platform.wallets().clone();
        tasks.push(tokio::spawn(async move {
            if at % 3 == 0 {
                wallets.rotate(true).await.unwrap();
            } else {
                wallets.create(ada, "more", Chain::Bitcoin, false).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let done = platform.wallets().rotate(false).await.unwrap();
    assert_eq!((done.wallets, done.unopened, done.keys), (9, 0, 1));
    for wallet in platform.wallets().list(ada).await.unwrap() {
        platform.wallets().export(ada, wallet.id).await.unwrap();
    }
}
