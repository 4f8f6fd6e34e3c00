//! Rows U1 to U8, U14, U16, U18 and U19: sessions, second factors, standing, passwords, on a database.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use papertape_platform::{
    AuthAction, AuthError, AuthEvent, AuthLogFilter, LogIn, NewUser, Opening, Origin, Platform, ProfileEdit,
    RefreshError, Role, SESSIONS_MAX, Suspension, TokenError, User, UserError, UserId, WeakPassword,
};

use crate::support::{Folder, log_in};
use crate::totp_code::code_of;

const PASSWORD: &str = "analytical engine";
const RENEWABLE: Opening = Opening { is_renewable: true, second_factor: false };

fn here() -> Origin {
    Origin::new(IpAddr::from(Ipv4Addr::new(192, 0, 2, 7)), Some("a program"))
}

async fn ada(platform: &Platform) -> User {
    let new = NewUser { email: "ada@example.com".to_owned(), password: PASSWORD.to_owned() };
    platform.users().create(&new).await.unwrap()
}

/// Actions and statuses of a user's log, newest first.
async fn logged(platform: &Platform, user: &User) -> Vec<(String, String)> {
    let rows = platform.users().auth_logs(user.id, &AuthLogFilter::default(), 100).await.unwrap();
    rows.into_iter().map(|row| (row.action, row.status)).collect()
}

#[tokio::test]
async fn u13_attack_a_refresh_token_that_comes_twice_ends_its_session() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    let first = users.open_session(&ada, RENEWABLE, &here()).await.unwrap();
    let other = users.open_session(&ada, RENEWABLE, &here()).await.unwrap();
    let stolen = first.refresh_token.clone().unwrap();
    let (user, second) = users.refresh(&stolen, &here()).await.unwrap();
    assert_eq!((user.id, second.session), (ada.id, first.session));
    assert_ne!(second.refresh_token, first.refresh_token);
    assert!(matches!(users.refresh(&stolen, &here()).await, Err(RefreshError::Reused)));
    // The thief and the owner are both out; another session of the owner is not.
    let next = second.refresh_token.unwrap();
    assert!(matches!(users.refresh(&next, &here()).await, Err(RefreshError::Invalid)));
    assert_eq!(users.verify_token(&second.token.access_token), Err(TokenError::Revoked));
    assert!(users.verify_token(&other.token.access_token).is_ok());
    assert_eq!(logged(&platform, &ada).await[0], ("refresh_reused".to_owned(), "failure".to_owned()));
    for forged in ["", "x", &"0".repeat(64)] {
        assert!(matches!(users.refresh(forged, &here()).await, Err(RefreshError::Invalid)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn u13_attack_of_two_that_renew_at_once_one_is_served() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let ada = ada(&platform).await;
    let opened = platform.users().open_session(&ada, RENEWABLE, &here()).await.unwrap();
    let token = opened.refresh_token.unwrap();
    let racing = (0..8).map(|_| {
        let (users, token) = (Arc::clone(platform.users()), token.clone());
        tokio::spawn(async move { users.refresh(&token, &here()).await.is_ok() })
    });
    let mut served = 0;
    for race in racing.collect::<Vec<_>>() {
        served += usize::from(race.await.unwrap());
    }
    assert!(served <= 1, "{served} were served by one token");
    assert_eq!(platform.users().sessions(ada.id).await.unwrap(), [], "and the session is over");
}

#[tokio::test]
async fn u5_sessions_are_listed_and_end_one_by_one_or_all_at_once() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    let mut opened = Vec::new();
    for _ in 0..3 {
        opened.push(users.open_session(&ada, RENEWABLE, &here()).await.unwrap());
    }
    let listed = users.sessions(ada.id).await.unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(
        (listed[0].ip_address.as_deref(), listed[0].user_agent.as_deref()),
        (Some("192.0.2.7"), Some("a program"))
    );
    let origin = here();
    let event = AuthEvent::done(ada.id, AuthAction::Logout, &origin);
    assert!(users.end_session(opened[0].session, event.clone()).await.unwrap());
    assert!(!users.end_session(opened[0].session, event).await.unwrap(), "it has ended");
    assert_eq!(users.verify_token(&opened[0].token.access_token), Err(TokenError::Revoked));
    let found = users.find(ada.id).await.unwrap().unwrap();
    assert!(found.last_login_at.is_some() && found.last_logout_at.is_some());
    let everywhere = AuthEvent::done(ada.id, AuthAction::LogoutEverywhere, &origin);
    assert_eq!(users.end_all_sessions(ada.id, Some(opened[2].session), everywhere).await.unwrap(), 1);
    assert!(users.verify_token(&opened[2].token.access_token).is_ok());
    // The same after a new start.
    let again = folder.platform().await;
    assert_eq!(again.users().sessions(ada.id).await.unwrap().len(), 1);
    // One more than there may be: the oldest goes.
    for _ in 0..SESSIONS_MAX {
        users.open_session(&ada, RENEWABLE, &here()).await.unwrap();
    }
    assert_eq!(users.sessions(ada.id).await.unwrap().len(), SESSIONS_MAX);
    assert_eq!(users.verify_token(&opened[2].token.access_token), Err(TokenError::Revoked));
}

#[tokio::test]
async fn u18_what_is_refused_is_written_down_and_unknown_users_are_nobodys() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let ada = ada(&platform).await;
    for (login, password) in [("ada@example.com", "wrong"), ("ada", "wrong"), ("eve@example.com", "wrong")] {
        assert!(matches!(log_in(&platform, login, password).await, Err(AuthError::WrongCredentials)));
    }
    assert_eq!(logged(&platform, &ada).await, vec![("failed_login".to_owned(), "failure".to_owned()); 2]);
    let all = platform.users().all_auth_logs(&AuthLogFilter::default(), 100).await.unwrap();
    assert_eq!((all.len(), all[0].user_id), (3, None));
    let filter = AuthLogFilter { before: Some(all[0].id), done: Some(false), ..AuthLogFilter::default() };
    assert_eq!(platform.users().all_auth_logs(&filter, 1).await.unwrap()[0].id, all[1].id);
}

#[tokio::test]
async fn u18_whoever_guesses_waits_and_is_told_how_long() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    ada(&platform).await;
    for login in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..papertape_platform::FREE_TRIES {
            assert!(matches!(log_in(&platform, login, "wrong").await, Err(AuthError::WrongCredentials)));
        }
        // By whichever name: the user is one.
        let refused = log_in(&platform, if login.starts_with("ada") { "ada" } else { login }, PASSWORD).await;
        assert!(matches!(refused, Err(AuthError::Wait(wait)) if wait <= Duration::from_secs(1)), "{refused:?}");
    }
}

#[tokio::test]
async fn u4_a_suspended_user_is_out_hears_why_and_comes_back() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    let opened = users.open_session(&ada, RENEWABLE, &here()).await.unwrap();
    let suspension = Suspension { reason: "wash trades".to_owned(), ends_at: None };
    users.suspend(ada.id, &suspension, &here()).await.unwrap();
    assert_eq!(users.verify_token(&opened.token.access_token), Err(TokenError::Revoked));
    assert!(users.refresh(&opened.refresh_token.unwrap(), &here()).await.is_err());
    assert!(!users.directory().is_welcome(ada.id));
    let refused = log_in(&platform, "ada", PASSWORD).await;
    assert!(matches!(&refused, Err(AuthError::Suspended(why)) if why.reason == "wash trades"), "{refused:?}");
    assert!(matches!(log_in(&platform, "ada", "wrong").await, Err(AuthError::WrongCredentials)), "nobody else is told");
    let again = folder.platform().await;
    assert!(!again.users().directory().is_welcome(ada.id));
    users.lift_suspension(ada.id, &here()).await.unwrap();
    assert_eq!(log_in(&platform, "ada", PASSWORD).await.unwrap().suspension, None);
    let past = Suspension { reason: "late".to_owned(), ends_at: Some(ada.created_at) };
    assert!(matches!(users.suspend(ada.id, &past, &here()).await, Err(UserError::EndIsPast)));
    let none = Suspension { reason: " ".to_owned(), ends_at: None };
    assert!(matches!(users.suspend(ada.id, &none, &here()).await, Err(UserError::InvalidReason)));
}

#[tokio::test]
async fn u3_a_new_role_begins_with_a_new_session() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    assert!(!users.has_admin().await.unwrap());
    let opened = users.open_session(&ada, RENEWABLE, &here()).await.unwrap();
    users.set_role(ada.id, Role::Admin, &here()).await.unwrap();
    assert_eq!(users.verify_token(&opened.token.access_token), Err(TokenError::Revoked));
    assert_eq!(users.directory().role_of(ada.id), Some(Role::Admin));
    assert!(users.has_admin().await.unwrap());
}

#[tokio::test]
async fn u2_a_profile_is_edited_field_by_field() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    let eve = NewUser { email: "eve@example.com".to_owned(), password: PASSWORD.to_owned() };
    users.create(&eve).await.unwrap();
    let name = |name: &str| Some(Some(name.to_owned()));
    let edit =
        ProfileEdit { display_name: name("Ada"), phone_number: name("+49 30 1234567"), ..ProfileEdit::default() };
    let edited = users.edit_profile(ada.id, edit, &here()).await.unwrap();
    assert_eq!((edited.display_name.as_deref(), edited.phone_number.as_deref()), (Some("Ada"), Some("+49301234567")));
    assert!(edited.updated_at > ada.updated_at && edited.email == ada.email);
    let edit =
        ProfileEdit { display_name: Some(None), username: Some("Lovelace".to_owned()), ..ProfileEdit::default() };
    let edited = users.edit_profile(ada.id, edit, &here()).await.unwrap();
    assert_eq!((edited.display_name, edited.username.as_str()), (None, "lovelace"));
    let taken = ProfileEdit { username: Some("eve".to_owned()), ..ProfileEdit::default() };
    assert!(matches!(users.edit_profile(ada.id, taken, &here()).await, Err(UserError::UsernameTaken)));
    let taken = ProfileEdit { email: Some("eve@example.com".to_owned()), ..ProfileEdit::default() };
    assert!(matches!(users.edit_profile(ada.id, taken, &here()).await, Err(UserError::LoginTaken)));

    let png = b"\x89PNG\r\n\x1a\n and so on".to_vec();
    let shown = users.set_picture(ada.id, png.clone()).await.unwrap().profile_picture.unwrap();
    let picture = users.picture(&shown).await.unwrap().unwrap();
    assert_eq!((picture.content_type, picture.bytes), ("image/png", png.clone()));
    let other = users.set_picture(ada.id, png).await.unwrap().profile_picture.unwrap();
    assert_ne!(other, shown);
    assert_eq!(users.picture(&shown).await.unwrap(), None);
    users.remove_picture(ada.id).await.unwrap();
    assert_eq!(users.picture(&other).await.unwrap(), None);
    assert!(matches!(users.set_picture(ada.id, b"<svg/>".to_vec()).await, Err(UserError::NoPicture)));
    let preferences = serde_json::json!({"theme": "dark"});
    assert_eq!(users.set_preferences(ada.id, preferences.clone()).await.unwrap().preferences, preferences);
}

#[tokio::test(flavor = "multi_thread")]
async fn u14_attack_a_code_counts_once_even_in_a_race() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    let offer = users.offer_two_factor(&ada).await.unwrap();
    assert!(offer.otpauth_uri.contains(&offer.secret) && offer.qr_svg.contains("<svg"));
    assert!(log_in(&platform, "ada", PASSWORD).await.is_ok(), "an offer asks for nothing");
    assert!(matches!(users.confirm_two_factor(ada.id, "000000x", &here()).await, Err(AuthError::WrongCode)));
    // That of the next step is left for the log-in: it is taken as well, and the clock may go on meanwhile.
    let codes = users.confirm_two_factor(ada.id, &code_of(&offer.secret, 0), &here()).await.unwrap();
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.replace('-', "").len() == 24), "{codes:?}");
    assert!(matches!(users.offer_two_factor(&ada).await, Err(AuthError::TwoFactorUnchanged)));
    assert!(matches!(log_in(&platform, "ada", PASSWORD).await, Err(AuthError::TwoFactorNeeded)));
    let racing = async |code: String| {
        let tries = (0..4).map(|_| {
            let (users, code) = (Arc::clone(users), code.clone());
            tokio::spawn(async move {
                let with = LogIn { login: "ada", password: PASSWORD, code: Some(&code) };
                users.log_in(with, &Origin::default()).await.is_ok()
            })
        });
        let mut let_in = 0;
        for race in tries.collect::<Vec<_>>() {
            let_in += usize::from(race.await.unwrap());
        }
        let_in
    };
    assert_eq!(racing(code_of(&offer.secret, 1)).await, 1, "a code by time");
    assert_eq!(racing(codes[3].to_lowercase()).await, 1, "a recovery code");
    assert_eq!(users.recovery_codes_left(ada.id).await.unwrap(), 9);
    // Codes are not guessed: after five the user waits.
    let again = folder.platform().await;
    for _ in 0..5 {
        assert!(matches!(again.users().check_code(ada.id, "123", &here()).await, Err(AuthError::WrongCode)));
    }
    assert!(matches!(again.users().check_code(ada.id, &codes[0], &here()).await, Err(AuthError::Wait(_))));
    users.disable_two_factor(ada.id, &here()).await.unwrap();
    assert!(log_in(&platform, "ada", PASSWORD).await.is_ok());
    assert_eq!(users.recovery_codes_left(ada.id).await.unwrap(), 0);
}

#[tokio::test]
async fn u19_a_password_is_set_by_a_link_that_works_once() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    let opened = users.open_session(&ada, RENEWABLE, &here()).await.unwrap();
    for email in ["ada@example.com", "nobody@example.com", "no address", "ada@example.com"] {
        users.request_password_reset(email, "https://venue.example", &here()).await.unwrap();
    }
    let mail = platform.mail().page(None, 10).await.unwrap();
    assert_eq!(mail.len(), 1, "one for ada, and none again within a minute");
    assert_eq!((mail[0].recipient.as_str(), mail[0].status.as_str()), ("ada@example.com", "pending"));
    let body = mail[0].body.clone().unwrap();
    let token = body.split("#reset=").nth(1).unwrap().split_whitespace().next().unwrap();
    let weak = users.reset_password(token, "short", &here()).await;
    assert!(matches!(weak, Err(UserError::WeakPassword(WeakPassword::TooShort))));
    users.reset_password(token, "difference engine", &here()).await.unwrap();
    assert!(matches!(users.reset_password(token, "another engine", &here()).await, Err(UserError::LinkOver)));
    assert!(matches!(users.reset_password("x", "another engine", &here()).await, Err(UserError::LinkOver)));
    assert_eq!(users.verify_token(&opened.token.access_token), Err(TokenError::Revoked));
    assert!(log_in(&platform, "ada", "difference engine").await.is_ok());
    assert!(log_in(&platform, "ada", PASSWORD).await.is_err());
    let log = logged(&platform, &ada).await;
    assert!(log.contains(&("password_reset".to_owned(), "success".to_owned())), "{log:?}");
}

#[tokio::test]
async fn u13_a_changed_password_ends_the_other_sessions() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    let kept = users.open_session(&ada, RENEWABLE, &here()).await.unwrap();
    let other = users.open_session(&ada, RENEWABLE, &here()).await.unwrap();
    let shown = users.step_up((ada.id, kept.session), ("wrong", None), &here()).await;
    assert!(matches!(shown, Err(AuthError::WrongCredentials)));
    let user = users.step_up((ada.id, kept.session), (PASSWORD, None), &here()).await.unwrap();
    users.change_password(&user, "difference engine", Some(kept.session), &here()).await.unwrap();
    assert!(users.verify_token(&kept.token.access_token).is_ok());
    assert_eq!(users.verify_token(&other.token.access_token), Err(TokenError::Revoked));
    assert!(log_in(&platform, "ada", "difference engine").await.is_ok());
}

#[tokio::test]
async fn u13_a_session_is_proven_by_its_log_in_and_by_whoever_shows_the_password_again() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (users, ada) = (platform.users(), ada(&platform).await);
    let session = users.open_session(&ada, RENEWABLE, &here()).await.unwrap().session;
    assert!(users.is_proven(ada.id, session).await.unwrap());
    assert!(!users.is_proven(UserId(ada.id.0 + 1), session).await.unwrap(), "another's");
    drop(platform);
    let platform = folder.platform().await;
    let users = platform.users();
    assert!(!users.is_proven(ada.id, session).await.unwrap(), "a start forgets it");
    assert!(users.step_up((ada.id, session), ("wrong", None), &here()).await.is_err());
    assert!(!users.is_proven(ada.id, session).await.unwrap());
    users.step_up((ada.id, session), (PASSWORD, None), &here()).await.unwrap();
    assert!(users.is_proven(ada.id, session).await.unwrap());
    let origin = here();
    let log_out = AuthEvent::done(ada.id, AuthAction::Logout, &origin);
    assert!(users.end_session(session, log_out).await.unwrap());
    assert!(!users.is_proven(ada.id, session).await.unwrap());
}

#[tokio::test]
async fn q5_rows_of_a_user_who_is_not_there_are_refused() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let origin = here();
    let event = AuthEvent::done(UserId(999), AuthAction::Login, &origin);
    assert!(platform.users().note(event).await.is_err());
    let mut nobody = ada(&platform).await;
    nobody.id = UserId(999);
    assert!(platform.users().open_session(&nobody, RENEWABLE, &here()).await.is_err());
    assert_eq!(platform.users().all_auth_logs(&AuthLogFilter::default(), 10).await.unwrap(), [], "nothing half done");
}
