//! API7, server side request forgery, and API10, unsafe consumption of APIs: the venue asks nobody for what a stranger names,
//! and believes nobody whom it does ask. It asks one other program: the server that takes its mail.

use papertape_platform::mail::{Sent, Smtp};
use papertape_platform::{NewUser, Origin, Peppers, Platform, Secrets, UsersConfig, WalletKeys};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::operations;
use crate::database_url::new_database;
use crate::support::{PASSWORD, WALLET_KEY, World, eventually};

/// Words for an address that somebody else would be asked at.
const ADDRESSES: [&str; 9] =
    ["url", "uri", "callback", "webhook", "redirect", "endpoint", "host", "proxy", "image_url"];

#[test]
fn api07_no_request_names_an_address_that_the_venue_would_ask() {
    let (operations, document) = operations();
    let mut looked_at = 0;
    for operation in &operations {
        let mut names = operation.in_query();
        let fields = operation.json_body(&document).map(|(_, schema)| schema["properties"].clone());
        names.extend(fields.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys().cloned()));
        looked_at += names.len();
        for name in names {
            let is_address = name.split('_').any(|word| ADDRESSES.contains(&word));
            assert!(
                !is_address,
                "{} takes {name}: is what it names asked? Then private addresses must be refused",
                operation.name()
            );
        }
    }
    assert!(looked_at > 100, "only {looked_at} fields were looked at");
}

/// Whoever asks decides neither where a link leads nor what counts as the venue's own page.
#[tokio::test(flavor = "multi_thread")]
async fn api07_attack_host_and_forwarding_headers_lead_no_link_elsewhere() {
    let world = World::start().await;
    world.trader("ada").await;
    let request = world.http().post(world.url("/api/v1/password-reset")).json(&json!({"email": "ada@example.com"}));
    let request = request.header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let request = request.header("forwarded", "host=evil.example").header("origin", "http://evil.example");
    assert_eq!(request.send().await.unwrap().status(), 202);
    let body = eventually("mail", async || {
        let outbox = world.read("/api/v1/admin/outbox").await;
        Some(outbox["messages"].as_array().unwrap().first()?["body"].as_str().unwrap().to_owned())
    })
    .await;
    assert!(body.contains("http://127.0.0.1:8080/#reset=") && !body.contains("evil.example"), "{body}");
    world.stop().await;
}

/// Answers every line with this; nothing that it says is SMTP.
async fn hostile(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            while write.write_all(answer.as_bytes()).await.is_ok() {
                if !matches!(lines.next_line().await, Ok(Some(_))) {
                    break;
                }
            }
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn api10_attack_a_hostile_mail_server_gets_no_link_and_is_not_repeated_at_length() {
    let long = format!("599 {}\r\n", "x".repeat(20_000));
    for answer in [long, "HTTP/1.1 200 OK\r\n\r\n".to_owned(), "\0\0\0\r\n".to_owned()] {
        let folder = tempfile::tempdir().unwrap();
        let smtp = Smtp::new(&hostile(answer.clone()).await, "Papertape <venue@example.com>").unwrap();
        let (secrets, users) = (
            Secrets {
                jwt: vec![7; 32],
                peppers: Peppers::new(vec![8; 32], Vec::new()),
                wallets: WalletKeys::parse(WALLET_KEY).unwrap(),
            },
            UsersConfig { bcrypt_cost: 4, ..UsersConfig::default() },
        );
        let url = new_database(folder.path(), None).await;
        let platform = Platform::open_with(&url, &secrets, &users, Some(smtp)).await.unwrap();
        let new = NewUser { email: "ada@example.com".to_owned(), password: PASSWORD.to_owned() };
        platform.users().create(&new).await.unwrap();
        let origin = Origin::default();
        platform.users().request_password_reset("ada@example.com", "https://v.example", &origin).await.unwrap();
        assert_eq!(platform.mail().send_waiting().await.unwrap(), Sent { sent: 0, failed: 1 }, "{answer:?}");
        let row = platform.mail().page(None, 1).await.unwrap().remove(0);
        let why = row.last_error.unwrap();
        assert!(why.chars().count() <= 300, "{} characters of a stranger's are kept", why.len());
        assert!(row.body.is_some(), "it is there still, to be handed on");
    }
}
