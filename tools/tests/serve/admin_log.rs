//! The log of administrators, looked at with and without the venue.

use serde_json::json;

use crate::{Running, papertape, said};

#[test]
fn u18_a_receipt_is_compared_with_the_log_while_the_venue_runs_and_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut command = papertape(&["serve", "--listen=127.0.0.1:0", "--durability=process", "--drain=0"]);
    let mut venue = Running::start(command.arg("--data").arg(&data), 4);
    let url = format!("http://{}", venue.address(" at http://"));
    let key_file = data.join("operator.key");
    let key = std::fs::read_to_string(&key_file).unwrap();
    let act = |engaged: bool| {
        let request = ureq::put(format!("{url}/api/v1/admin/kill-switch"));
        let request = request.header("authorization", format!("Bearer {}", key.trim()));
        let answer = request.send_json(json!({ "engaged": engaged })).unwrap();
        answer.headers()["papertape-admin-log"].to_str().unwrap().to_owned()
    };
    let (first, second) = (act(true), act(false));
    let offline = |receipt: &str| {
        let mut command = papertape(&["audit", "admin-log", "--receipt", receipt, "--data"]);
        said(command.arg(&data))
    };
    let online = |words: &[&str]| {
        let mut command = papertape(&["admin", "--url", &url, "--key-file"]);
        said(command.arg(&key_file).args(words))
    };
    let (code, out, err) = online(&["log", "--object", "venue"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("PUT /api/v1/admin/kill-switch") && out.contains(&format!("\"head\": \"{second}\"")), "{out}");
    let (code, out, _) = online(&["verify-log", "--receipt", &first]);
    assert!(code == 0 && out.contains("\"is_intact\": true") && out.contains("\"has_receipt\": true"), "{out}");
    let (code, out, err) = offline(&first);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    venue.terminate();
    assert!(venue.child.wait().unwrap().success());
    let (code, out, _) = offline(&second);
    assert!(code == 0 && out.contains(&format!("2 rows verified, the last is {second}")), "{out}");
    assert!(out.contains("receipt 2: the row is as it was"), "{out}");
    let forged = format!("2-{}", "0".repeat(64));
    let (code, out, _) = offline(&forged);
    assert!(code == 1 && out.contains("receipt 2: not in this log"), "{out}");
    assert_eq!(offline("x").0, 2);
    let (code, _, err) = said(papertape(&["audit", "admin-log", "--data"]).arg(dir.path().join("nowhere")));
    assert!(code == 2 && err.contains("no database is there"), "{err}");
}
