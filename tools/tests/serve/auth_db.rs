//! Users of one venue in another one, by `papertape auth-db`, and the keys of wallets of a venue that runs.

use std::path::Path;

use serde_json::{Value, json};

use crate::{Running, papertape, said};

const PASSWORD: &str = "a quite long password 47";

fn started(data: &Path, options: &[&str]) -> (Running, String, String) {
    let mut command = papertape(&["serve", "--listen=127.0.0.1:0"]);
    let running = Running::start(command.arg("--data").arg(data).args(options), 3);
    let address = running.address(" at http://");
    (running, address, std::fs::read_to_string(data.join("operator.key")).unwrap())
}

fn stop(mut running: Running) {
    running.terminate();
    assert!(running.child.wait().unwrap().success());
}

fn ask(address: &str, key: &str, path: &str, body: Option<Value>) -> Value {
    let (url, bearer) = (format!("http://{address}/api/v1/admin/{path}"), format!("Bearer {key}"));
    let answer = match body {
        None => ureq::get(url).header("authorization", bearer).call(),
        Some(body) => ureq::post(url).header("authorization", bearer).send_json(&body),
    };
    answer.unwrap().body_mut().read_json().unwrap()
}

fn moved(verb: &str, data: &Path, file: &Path) -> (i32, String, String) {
    said(papertape(&["auth-db", verb, "--data"]).arg(data).arg(file))
}

#[test]
fn q8_users_move_with_their_balance_and_wallets_get_another_key() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second, file) = (dir.path().join("first"), dir.path().join("second"), dir.path().join("auth.db"));
    let (running, address, key) = started(&first, &["--sign-up-cents=765"]);
    let user = json!({"email": "ada@example.com", "password": PASSWORD, "confirm_password": PASSWORD});
    ureq::post(format!("http://{address}/signup")).send_json(&user).unwrap();
    let shown = ask(&address, &key, "users/1?expand=wallet", None);
    assert_eq!(shown["wallet"]["balance_cents"], json!(765), "{shown}");
    let keys = || std::fs::read_to_string(first.join("secrets/wallet.keys")).unwrap();
    let before = keys();
    let rotated = ask(&address, &key, "wallet-keys", Some(json!({"new_key": true})));
    assert_eq!(rotated, json!({"wallets": 1, "resealed": 1, "unopened": 0, "keys": 1}));
    assert!(keys() != before && keys().trim().len() == 44, "another one");
    let (code, _, err) = moved("export", &first, &file);
    assert!(code != 0 && !file.exists(), "the venue runs: {err}");
    stop(running);
    let (code, out, err) = moved("export", &first, &file);
    assert_eq!((code, out.ends_with("1 users, 0 API keys\n")), (0, true), "{out}{err}");
    assert_eq!(moved("export", &first, &file).0, 2, "nothing is overwritten");
    let (code, out, err) = moved("import", &second, &file);
    assert_eq!((code, out.ends_with("1 users\n")), (0, true), "{out}{err}");
    let (code, _, err) = moved("import", &second, &file);
    assert!(code == 2 && err.contains("users, row 1"), "nobody comes twice: {err}");
    let (running, address, key) = started(&second, &[]);
    let shown = ask(&address, &key, "users/1?expand=wallet", None);
    assert_eq!(
        (&shown["email"], &shown["wallet"]["balance_cents"]),
        (&json!("ada@example.com"), &json!(765)),
        "{shown}"
    );
    stop(running);
}
