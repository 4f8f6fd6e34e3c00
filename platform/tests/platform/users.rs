//! Rows U8 to U13: users, passwords, tokens.

use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use papertape_platform::{
    AuthError, HashError, NewUser, Opening, Origin, PasswordHasher, Peppers, Secrets, SecretsError, TokenError,
    UserError, WeakPassword,
};

use crate::support::{Folder, log_in};

fn ada() -> NewUser {
    NewUser { email: "Ada@Example.com".to_owned(), password: "analytical engine".to_owned() }
}

#[tokio::test]
async fn u8_a_user_signs_up_by_email_alone_and_gets_a_name() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let user = platform.users().create(&ada()).await.unwrap();
    assert_eq!((user.email.as_str(), user.username.as_str(), user.account), ("ada@example.com", "ada", None));
    let namesake = NewUser { email: "ada@example.org".to_owned(), ..ada() };
    let other = platform.users().create(&namesake).await.unwrap();
    assert!(other.username.starts_with("ada-"), "{}", other.username);
    assert_eq!(platform.users().find(user.id).await.unwrap(), Some(user));
}

#[tokio::test]
async fn u10_a_second_sign_up_and_weak_passwords_are_refused() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    platform.users().create(&ada()).await.unwrap();
    assert!(matches!(platform.users().create(&ada()).await, Err(UserError::EmailTaken)));
    for (email, password, expected) in [
        ("b@example.com", "short", WeakPassword::TooShort),
        ("b@example.com", "Password123", WeakPassword::Common),
        ("bernoulli@example.com", "Bernoulli@example.com", WeakPassword::Email),
        ("b@example.com", &"x".repeat(1_025), WeakPassword::TooLong),
    ] {
        let new = NewUser { email: email.to_owned(), password: password.to_owned() };
        let refused = platform.users().create(&new).await;
        assert!(matches!(refused, Err(UserError::WeakPassword(weak)) if weak == expected), "{password}: {refused:?}");
    }
    let nobody = NewUser { email: "not an address".to_owned(), ..ada() };
    assert!(matches!(platform.users().create(&nobody).await, Err(UserError::InvalidEmail)));
}

#[tokio::test]
async fn u11_log_in_takes_the_right_password_by_email_or_name() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let user = platform.users().create(&ada()).await.unwrap();
    for login in ["ada@example.com", " ADA@example.com", "ada"] {
        assert_eq!(log_in(&platform, login, "analytical engine").await.unwrap().id, user.id);
    }
    for (login, password) in
        [("ada@example.com", "Analytical engine"), ("eve@example.com", "analytical engine"), ("", "")]
    {
        let refused = log_in(&platform, login, password).await;
        assert!(matches!(refused, Err(AuthError::WrongCredentials)), "{login}");
    }
}

fn pepper(bytes: &[u8]) -> Peppers {
    Peppers::new(bytes.into(), Vec::new())
}

#[tokio::test]
async fn u13_long_passwords_count_to_their_last_byte() {
    let hasher = PasswordHasher::new(&pepper(b"pepper"), 4, 1, 4);
    let (long, other) = (format!("{}a", "x".repeat(100)), format!("{}b", "x".repeat(100)));
    let stored = hasher.hash(&long).await.unwrap();
    assert!(stored.text.starts_with("$2b$04$"));
    assert!(hasher.verify(&long, Some(&stored)).await.unwrap());
    assert!(!hasher.verify(&other, Some(&stored)).await.unwrap());
    assert!(!hasher.verify("nul\0a", Some(&hasher.hash("nul\0b").await.unwrap())).await.unwrap());
    let elsewhere = PasswordHasher::new(&pepper(b"another"), 4, 1, 4);
    assert!(!elsewhere.verify(&long, Some(&stored)).await.unwrap());
    assert!(!hasher.verify(&long, None).await.unwrap());
}

#[tokio::test]
async fn u13_a_full_line_of_passwords_is_refused_at_once() {
    let hasher = PasswordHasher::new(&pepper(b"pepper"), 4, 0, 1);
    let mut first = Box::pin(hasher.hash("first come"));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert_eq!(hasher.hash("second").await, Err(HashError::Busy));
    assert_eq!(hasher.verify("third", None).await, Err(HashError::Busy));
    drop(first);
    let mut fourth = Box::pin(hasher.hash("fourth"));
    assert!(fourth.as_mut().poll(&mut context).is_pending(), "there is room again");
}

#[tokio::test(start_paused = true)]
async fn u13_whoever_waits_too_long_to_be_hashed_is_told_to_come_back() {
    let hasher = PasswordHasher::new(&pepper(b"pepper"), 4, 0, 1);
    assert_eq!(hasher.hash("nobody is served").await, Err(HashError::Busy));
}

#[tokio::test(flavor = "multi_thread")]
async fn u10_namesakes_who_sign_up_at_once_are_all_taken() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let mut names = std::collections::BTreeSet::new();
    let sign_ups = (0..32).map(|n| {
        let users = std::sync::Arc::clone(platform.users());
        tokio::spawn(async move { users.create(&NewUser { email: format!("ada@host{n}.example"), ..ada() }).await })
    });
    for sign_up in sign_ups.collect::<Vec<_>>() {
        assert!(names.insert(sign_up.await.unwrap().unwrap().username));
    }
}

#[tokio::test]
async fn u13_tokens_end_by_time_and_by_epoch() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let users = platform.users();
    let user = users.create(&ada()).await.unwrap();
    let opened = users.open_session(&user, Opening::default(), &Origin::default()).await.unwrap();
    assert_eq!(opened.token.expires_in, Duration::from_secs(900));
    let good = Ok((user.id, opened.session));
    assert_eq!(users.verify_token(&opened.token.access_token), good);

    let now = SystemTime::now();
    let issued_at = |then| users.issue_token_at(&user, opened.session, then).unwrap().access_token;
    let expired = issued_at(now - Duration::from_secs(906));
    assert_eq!(users.verify_token(&expired), Err(TokenError::Expired));
    let within_leeway = issued_at(now - Duration::from_secs(901));
    assert_eq!(users.verify_token(&within_leeway), good);
    let early = issued_at(now + Duration::from_secs(60));
    assert_eq!(users.verify_token(&early), Err(TokenError::Invalid));

    users.revoke_tokens(user.id).await.unwrap();
    assert_eq!(users.verify_token(&opened.token.access_token), Err(TokenError::Revoked));
    let reopened = folder.platform().await;
    assert_eq!(reopened.users().verify_token(&opened.token.access_token), Err(TokenError::Revoked));
    let user = users.find(user.id).await.unwrap().unwrap();
    let next = users.issue_token_at(&user, opened.session, now).unwrap().access_token;
    assert_eq!(reopened.users().verify_token(&next), good, "sessions outlive the process");
}

#[tokio::test]
async fn u13_attack_algorithm_none_and_confusion_are_refused() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let folder = Folder::new();
    let users = folder.platform().await;
    let users = users.users();
    let user = users.create(&ada()).await.unwrap();
    let opened = users.open_session(&user, Opening::default(), &Origin::default()).await.unwrap();
    let good = opened.token.access_token;
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let none = BASE64.encode(r#"{"typ":"JWT","alg":"none"}"#);
    let longer = BASE64.encode(r#"{"typ":"JWT","alg":"HS512"}"#);
    let public = BASE64.encode(r#"{"typ":"JWT","alg":"RS256"}"#);
    let bare = BASE64.encode(r#"{"sub":"1"}"#);
    for forged in [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{longer}.{claims}.{signature}"),
        format!("{public}.{claims}.{signature}"),
        format!("{header}.{bare}.{signature}"),
        format!("{header}.{claims}.{}", signature.replace(|c: char| c.is_ascii_digit(), "x") + "A"),
        format!("{header}.{claims}"),
        String::new(),
    ] {
        assert_eq!(users.verify_token(&forged), Err(TokenError::Invalid), "{forged}");
    }
}

#[test]
fn u13_secrets_are_made_once_and_readable_by_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let directory = folder.path().join("secrets");
    let made = Secrets::load(&directory).unwrap();
    let again = Secrets::load(&directory).unwrap();
    assert_eq!((&made.jwt, &made.peppers), (&again.jwt, &again.peppers));
    assert_ne!(Peppers::new(made.jwt, Vec::new()), made.peppers);
    let key = directory.join("jwt.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o7777, 0o400);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(Secrets::load(&directory), Err(SecretsError::Exposed { .. })));
    std::fs::remove_file(&key).unwrap();
    std::fs::write(&key, "short").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o400)).unwrap();
    assert!(matches!(Secrets::load(&directory), Err(SecretsError::TooShort { len: 5, .. })));
}
