//! Row U19: mail over a real socket, to a server that takes it and to one that does not.

use papertape_platform::mail::{Sent, Smtp};
use papertape_platform::{NewUser, Origin, Peppers, Platform, Secrets, UsersConfig};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::database_url::new_database;
use crate::support::{PASSWORD, WALLET_KEY};

/// Speaks SMTP with one client; gives what it was handed, or refuses every recipient.
async fn server(takes: bool) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 here\r\n").await.unwrap();
        let (mut heard, mut is_text) = (String::new(), false);
        while let Some(line) = lines.next_line().await.unwrap() {
            heard.push_str(&line);
            heard.push('\n');
            let answer = match line.as_str() {
                "." if is_text => "250 taken",
                _ if is_text => continue,
                "DATA" => "354 go on",
                "QUIT" => break,
                rcpt if rcpt.starts_with("RCPT") && !takes => "550 nobody here",
                _ => "250 ok",
            };
            is_text = answer.starts_with("354");
            write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            if answer == "250 taken" {
                break;
            }
        }
        heard
    });
    (url, serving)
}

async fn platform(folder: &tempfile::TempDir, url: &str) -> Platform {
    let wallets = papertape_platform::WalletKeys::parse(WALLET_KEY).unwrap();
    let secrets = Secrets { jwt: vec![7; 32], peppers: Peppers::new(vec![8; 32], Vec::new()), wallets };
    let users = UsersConfig { bcrypt_cost: 4, ..UsersConfig::default() };
    let smtp = Smtp::new(url, "Papertape <venue@example.com>").unwrap();
    Platform::open_with(&new_database(folder.path(), None).await, &secrets, &users, Some(smtp)).await.unwrap()
}

async fn ask_for_a_link(platform: &Platform) {
    let new = NewUser { email: "ada@example.com".to_owned(), password: PASSWORD.to_owned() };
    platform.users().create(&new).await.unwrap();
    let origin = Origin::default();
    platform.users().request_password_reset("ada@example.com", "https://v.example", &origin).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn u19_mail_is_sent_and_what_was_sent_keeps_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let (url, serving) = server(true).await;
    let platform = platform(&folder, &url).await;
    ask_for_a_link(&platform).await;
    assert_eq!(platform.mail().send_waiting().await.unwrap(), Sent { sent: 1, failed: 0 });
    let heard = serving.await.unwrap();
    assert!(heard.contains("RCPT TO:<ada@example.com>") && heard.contains("MAIL FROM:<venue@example.com>"), "{heard}");
    assert!(heard.contains("Subject: A new password"), "{heard}");
    let row = platform.mail().page(None, 1).await.unwrap().remove(0);
    assert_eq!((row.status.as_str(), row.body, row.attempts), ("sent", None, 1));
    assert_eq!(platform.mail().send_waiting().await.unwrap(), Sent::default(), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn u19_mail_that_is_not_taken_is_tried_again_and_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let (url, serving) = server(false).await;
    let platform = platform(&folder, &url).await;
    ask_for_a_link(&platform).await;
    for tries in 1..=5 {
        assert_eq!(platform.mail().send_waiting().await.unwrap(), Sent { sent: 0, failed: 1 });
        let row = platform.mail().page(None, 1).await.unwrap().remove(0);
        assert_eq!((row.attempts, row.status.as_str()), (tries, if tries < 5 { "pending" } else { "failed" }));
        assert!(row.last_error.is_some() && row.body.is_some());
    }
    assert_eq!(platform.mail().send_waiting().await.unwrap(), Sent::default());
    drop(serving);
    assert!(Smtp::new("http://x", "venue@example.com").is_err() && Smtp::new("smtp://x", "nobody").is_err());
}
