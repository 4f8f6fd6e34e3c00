//! The log of administrators: rows are only added, and whoever takes that away from the database is found out.

use std::net::{IpAddr, Ipv4Addr};

use papertape_platform::{
    Actor, AdminEvent, AdminLogFilter, Broken, Fault, Origin, Platform, Receipt, UserId, has_receipt, verify_admin_log,
};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;

use crate::support::Folder;

fn event<'a>(origin: &'a Origin, object: &'a str) -> AdminEvent<'a> {
    AdminEvent {
        actor: Actor::Admin(UserId(7)),
        origin,
        action: "PUT /api/v1/admin/users/{user_id}/suspension",
        object,
        refused: None,
        request: Some(json!({"reason": "wash trades"})),
        before: Some(json!({"is_suspended": false})),
        after: Some(json!({"is_suspended": true})),
    }
}

fn here() -> Origin {
    Origin::new(IpAddr::from(Ipv4Addr::new(192, 0, 2, 7)), Some("a program"))
}

/// A log of so many rows, and their receipts.
async fn written(platform: &Platform, count: usize) -> Vec<Receipt> {
    let (origin, mut receipts) = (here(), Vec::new());
    for n in 0..count {
        receipts.push(platform.admin_log().append(event(&origin, &format!("user {n}"))).await.unwrap());
    }
    receipts
}

/// What an owner of the table can do: the guard goes.
async fn unguard(platform: &Platform) {
    let database = platform.database();
    let statements: &[&str] = match database.get_database_backend() {
        DbBackend::Postgres => &["DROP TRIGGER admin_log_kept ON admin_log"],
        _ => &["DROP TRIGGER admin_log_kept_u", "DROP TRIGGER admin_log_kept_d"],
    };
    for statement in statements {
        database.execute_unprepared(statement).await.unwrap();
    }
}

async fn run(platform: &Platform, statement: &str) {
    platform.database().execute_unprepared(statement).await.unwrap();
}

/// What is wrong, to the process that wrote the log and to one that only reads it.
async fn broken(platform: &Platform) -> (Option<Broken>, Option<Broken>) {
    let own = platform.admin_log().verify(0, u64::MAX).await.unwrap();
    let other = verify_admin_log(platform.database(), 0, u64::MAX).await.unwrap();
    (own.broken, other.broken)
}

fn at(id: i64, fault: Fault) -> Option<Broken> {
    Some(Broken { id, fault })
}

#[tokio::test]
async fn u18_what_administrators_do_is_a_chain_that_goes_on_after_a_new_start() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    assert_eq!(platform.admin_log().head().await, Receipt::default());
    let receipts = written(&platform, 3).await;
    let again = folder.platform().await;
    assert_eq!(again.admin_log().head().await, receipts[2]);
    let origin = here();
    let refused = AdminEvent { actor: Actor::Operator, refused: Some("END_IS_PAST"), ..event(&origin, "user 1") };
    let last = again.admin_log().append(refused).await.unwrap();
    assert_eq!(last.id, 4);
    let rows = again.admin_log().page(&AdminLogFilter::default(), 100).await.unwrap();
    let row = &rows[0];
    assert_eq!((row.id, row.actor.as_str(), row.user_id, row.status.as_str()), (4, "operator", None, "refused"));
    assert_eq!((row.code.as_deref(), row.ip_address.as_deref()), (Some("END_IS_PAST"), Some("192.0.2.7")));
    assert_eq!((rows[1].actor.as_str(), rows[1].user_id), ("admin", Some(7)));
    assert_eq!(rows[1].state_after.as_deref(), Some("{\"is_suspended\":true}"));
    assert!(rows.windows(2).all(|pair| pair[0].previous_hash == pair[1].hash));
    let of_one = AdminLogFilter { object: Some("user 1".to_owned()), ..AdminLogFilter::default() };
    assert_eq!(again.admin_log().page(&of_one, 100).await.unwrap().len(), 2);
    let done = AdminLogFilter {
        status: Some("done".to_owned()),
        before: Some(3),
        user: Some(UserId(7)),
        ..AdminLogFilter::default()
    };
    assert_eq!(again.admin_log().page(&done, 100).await.unwrap().len(), 2);
    let verified = again.admin_log().verify(0, u64::MAX).await.unwrap();
    assert_eq!((verified.rows, verified.last, verified.broken, verified.is_complete), (4, last, None, true));
    // In parts, too.
    let part = again.admin_log().verify(1, 2).await.unwrap();
    assert_eq!((part.rows, part.last, part.is_complete), (2, receipts[2], false));
    for receipt in receipts {
        assert!(has_receipt(again.database(), receipt).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn u18_actions_at_once_are_one_chain() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let appending = (0..32).map(|n| {
        let log = platform.admin_log().clone();
        tokio::spawn(async move { log.append(event(&here(), &format!("user {n}"))).await.unwrap().id })
    });
    let mut ids = Vec::new();
    for appended in appending.collect::<Vec<_>>() {
        ids.push(appended.await.unwrap());
    }
    ids.sort_unstable();
    assert_eq!(ids, (1..=32).collect::<Vec<i64>>());
    assert_eq!(broken(&platform).await, (None, None));
}

#[tokio::test]
async fn u18_attack_rows_are_neither_changed_nor_removed() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    written(&platform, 3).await;
    let mut statements =
        vec!["UPDATE admin_log SET object = 'nobody' WHERE id = 2", "DELETE FROM admin_log WHERE id = 2"];
    if platform.database().get_database_backend() == DbBackend::Postgres {
        statements.push("TRUNCATE admin_log");
    }
    for statement in statements {
        let refused = platform.database().execute_unprepared(statement).await.unwrap_err().to_string();
        assert!(refused.contains("admin_log is only added to"), "{statement}: {refused}");
    }
    assert_eq!(broken(&platform).await, (None, None));
}

#[tokio::test]
async fn u18_attack_whoever_owns_the_database_is_found_out_by_the_chain() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let receipts = written(&platform, 5).await;
    unguard(&platform).await;
    // Each column, and back again.
    for (column, other, original) in [
        ("object", "'user 9'", "'user 2'"),
        ("actor", "'venue'", "'admin'"),
        ("user_id", "8", "7"),
        ("ip_address", "NULL", "'192.0.2.7'"),
        ("status", "'refused'", "'done'"),
        ("code", "'X'", "NULL"),
        ("request", "'{}'", "'{\"reason\":\"wash trades\"}'"),
        ("state_before", "NULL", "'{\"is_suspended\":false}'"),
    ] {
        run(&platform, &format!("UPDATE admin_log SET {column} = {other} WHERE id = 3")).await;
        assert_eq!(broken(&platform).await, (at(3, Fault::Altered), at(3, Fault::Altered)), "{column}");
        run(&platform, &format!("UPDATE admin_log SET {column} = {original} WHERE id = 3")).await;
        assert_eq!(broken(&platform).await, (None, None), "{column}");
    }
    // One that is bound to another row than the one before it is altered, or does not follow.
    run(&platform, "UPDATE admin_log SET previous_hash = hash WHERE id = 3").await;
    assert_eq!(broken(&platform).await.1, at(3, Fault::Altered));
    // One out of the middle.
    run(&platform, "DELETE FROM admin_log WHERE id = 3").await;
    assert_eq!(broken(&platform).await, (at(3, Fault::Missing), at(3, Fault::Missing)));
    // The end: the process that wrote it knows, and so does whoever kept a receipt.
    run(&platform, "DELETE FROM admin_log WHERE id > 2").await;
    assert_eq!(broken(&platform).await, (at(3, Fault::Missing), None));
    assert!(has_receipt(platform.database(), receipts[1]).await.unwrap());
    assert!(!has_receipt(platform.database(), receipts[4]).await.unwrap());
    // What this process adds goes on behind what it wrote: the gap stays.
    written(&platform, 1).await;
    assert_eq!(broken(&platform).await, (at(3, Fault::Missing), at(3, Fault::Missing)));
}

#[tokio::test]
async fn u18_attack_a_log_that_was_written_anew_is_not_the_one_of_the_receipts() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let receipts = written(&platform, 3).await;
    unguard(&platform).await;
    run(&platform, "DELETE FROM admin_log").await;
    let forger = folder.platform().await;
    let forged = written(&forger, 3).await;
    assert_eq!(broken(&forger).await, (None, None), "it is a chain");
    assert_eq!(broken(&platform).await.0, at(3, Fault::Altered), "and another one than this process wrote");
    for (kept, other) in receipts.into_iter().zip(forged) {
        assert_ne!(kept, other);
        assert!(!has_receipt(forger.database(), kept).await.unwrap());
    }
}
