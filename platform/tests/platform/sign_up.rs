//! Sign-up across the database and the venue.

use std::sync::Arc;

use papertape_engine::{AccountId, Amount, Event};
use papertape_platform::{Accounts, NewUser, SignUpCredit};

use crate::support::{Fault, Folder, Port, USD, Venue, log_in};

fn ada() -> NewUser {
    NewUser { email: "ada@example.com".to_owned(), password: "analytical engine".to_owned() }
}

fn credit(port: &Port) -> Option<SignUpCredit> {
    let credit = SignUpCredit::parse(port.venue.lock().engine.assets(), SignUpCredit::DEFAULT);
    assert_eq!(credit.unwrap(), SignUpCredit { asset: USD, amount: Amount(500_000_000) });
    credit
}

#[tokio::test]
async fn u10_a_new_user_has_an_account_with_five_dollars() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let port = Port::new(Venue::listed());
    let accounts = Accounts::new(Arc::clone(platform.users()), credit(&port));
    let user = accounts.sign_up(&ada(), &port).await.unwrap();
    assert_eq!(user.account, Some(AccountId(1)));
    assert_eq!(platform.users().directory().user_of(AccountId(1)), Some(user.id));
    let balance = port.venue.lock().engine.balances(AccountId(1));
    assert_eq!(balance.len(), 1);
    assert_eq!(balance[0].1.free, Amount(500_000_000));
    assert_eq!(accounts.reconcile(&port).await.unwrap(), 0);
    assert_eq!(accounts.finish(user.clone(), &port).await.unwrap(), user);
}

#[tokio::test]
async fn u10_a_sign_up_that_is_cut_anywhere_ends_with_one_account_and_one_credit() {
    for ask in 0..2 {
        for fault in [Fault::QuestionLost, Fault::AnswerLost] {
            let folder = Folder::new();
            let port = Port::new(Venue::listed());
            {
                let platform = folder.platform().await;
                let accounts = Accounts::new(Arc::clone(platform.users()), credit(&port));
                port.fail_at(ask, fault);
                assert!(accounts.sign_up(&ada(), &port).await.is_err());
                let user = log_in(&platform, "ada@example.com", "analytical engine").await.unwrap();
                assert_eq!(user.account, None);
                platform.close().await.unwrap();
            }
            let platform = folder.platform().await;
            let accounts = Accounts::new(Arc::clone(platform.users()), credit(&port));
            assert_eq!(accounts.reconcile(&port).await.unwrap(), 1);
            let user = log_in(&platform, "ada@example.com", "analytical engine").await.unwrap();
            assert_eq!(user.account, Some(AccountId(1)));
            let venue = port.venue.lock();
            assert_eq!(venue.engine.account_count(), 2, "the fee account and one more");
            let credits = venue.outputs.iter().filter(|output| matches!(output.event, Event::Deposited { .. }));
            assert_eq!(credits.count(), 1);
        }
    }
}

#[tokio::test]
async fn u10_a_changed_credit_is_not_paid_on_top_of_the_first() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let port = Port::new(Venue::listed());
    let accounts = Accounts::new(Arc::clone(platform.users()), credit(&port));
    port.fail_at(1, Fault::AnswerLost);
    assert!(accounts.sign_up(&ada(), &port).await.is_err());
    let demo = SignUpCredit::parse(port.venue.lock().engine.assets(), SignUpCredit::DEMO);
    let accounts = Accounts::new(Arc::clone(platform.users()), demo);
    assert_eq!(accounts.reconcile(&port).await.unwrap(), 1);
    assert_eq!(port.venue.lock().engine.balances(AccountId(1))[0].1.free, Amount(500_000_000));
}
