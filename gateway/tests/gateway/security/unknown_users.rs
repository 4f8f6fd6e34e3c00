//! Whether somebody has an account is told neither by words nor by the work that is done. How long it takes is measured by
//! whoever wants to see it: `cargo test --release -p papertape-gateway --test gateway -- --ignored --nocapture attack_user_enumeration`.

use std::time::{Duration, Instant};

use papertape_gateway::GatewayConfig;
use papertape_platform::{AuthError, LogIn, NewUser, Origin, Peppers, Platform, Secrets, UsersConfig, WalletKeys};
use serde_json::{Value, json};

use crate::database_url::new_database;
use crate::support::{PASSWORD, WALLET_KEY, World, open_config};

async fn platform(folder: &tempfile::TempDir, bcrypt_cost: u32) -> Platform {
    let secrets = Secrets {
        jwt: vec![7; 32],
        peppers: Peppers::new(vec![8; 32], Vec::new()),
        wallets: WalletKeys::parse(WALLET_KEY).unwrap(),
    };
    let users = UsersConfig { bcrypt_cost, ..UsersConfig::default() };
    Platform::open(&new_database(folder.path(), None).await, &secrets, &users).await.unwrap()
}

async fn add(platform: &Platform, name: &str) {
    let new = NewUser { email: format!("{name}@example.com"), password: PASSWORD.to_owned() };
    platform.users().create(&new).await.unwrap();
}

fn origin(n: u32) -> Origin {
    Origin::new(std::net::Ipv4Addr::from(0xc612_0000 + n).into(), None)
}

/// The same comparison at the same cost, and the same row in the log of the door.
#[tokio::test(flavor = "multi_thread")]
async fn api02_attack_user_enumeration_the_same_work_is_done_for_a_user_that_nobody_is() {
    let folder = tempfile::tempdir().unwrap();
    let platform = platform(&folder, 4).await;
    add(&platform, "ada").await;
    let users = platform.users();
    let begun = users.passwords_worked();
    let mut logged = 0;
    for (n, login) in ["ada@example.com", "nobody@example.com", "ada", "nobody", "", "x y", "@"].into_iter().enumerate()
    {
        let with = LogIn { login, password: "wrong", code: None };
        let refused = users.log_in(with, &origin(n as u32)).await;
        assert!(matches!(refused, Err(AuthError::WrongCredentials)), "{login}");
        assert_eq!(users.passwords_worked(), begun + n as u64 + 1, "{login:?} costs one comparison");
        let rows = users.all_auth_logs(&Default::default(), 100).await.unwrap();
        logged += 1;
        assert_eq!(rows.len(), logged, "{login:?} is one row");
    }
    // What is longer than any password or name may be costs nobody anything, whoever it is.
    let long = "x".repeat(1_025);
    for login in ["ada", "nobody"] {
        let with = LogIn { login, password: &long, code: None };
        assert!(matches!(users.log_in(with, &origin(99)).await, Err(AuthError::WrongCredentials)));
        assert_eq!(users.passwords_worked(), begun + logged as u64, "{login}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn api02_attack_user_enumeration_waiting_says_nothing_either() {
    let config = GatewayConfig { requests_per_minute: 0, ..open_config() };
    let world = World::start_with(config, ("USD", "5.00"), |spec| spec).await;
    world.trader("ada").await;
    let mut answers = Vec::new();
    for login in ["ada@example.com", "nobody@example.com"] {
        let mut of_login = Vec::new();
        for _ in 0..6 {
            let (status, mut body) =
                world.post("/api/v1/sessions", None, &json!({"login": login, "password": "wrong"})).await;
            body["request_id"] = Value::Null;
            of_login.push((status, body));
        }
        assert_eq!((of_login[0].0, of_login[5].0), (401, 429));
        answers.push(of_login);
    }
    assert_eq!(answers[0], answers[1]);
    world.stop().await;
}

/// Medians of 200 tries each, of users that are there and of users that are not, in turns, at the cost that bcrypt has in
/// production. Prints how they compare: 5 % are asked for.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measured_attack_user_enumeration_by_time() {
    const USERS: u32 = 20;
    const TRIES: u32 = 10;
    let folder = tempfile::tempdir().unwrap();
    let platform = platform(&folder, 12).await;
    for n in 0..USERS {
        add(&platform, &format!("known{n}")).await;
    }
    let mut times = [Vec::new(), Vec::new()];
    let mut address = 0;
    for _ in 0..TRIES {
        for n in 0..USERS {
            for (kind, name) in ["known", "other"].into_iter().enumerate() {
                address += 1;
                let login = format!("{name}{n}@example.com");
                let begun = Instant::now();
                let with = LogIn { login: &login, password: "wrong", code: None };
                let refused = platform.users().log_in(with, &origin(address)).await;
                times[kind].push(begun.elapsed());
                assert!(matches!(refused, Err(AuthError::WrongCredentials)), "{login}: {refused:?}");
            }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let [known, unknown] = times.each_mut().map(median);
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    println!(
        "medians of {} tries each: known {known:?}, unknown {unknown:?}; known / unknown {ratio:.4}",
        USERS * TRIES
    );
}
