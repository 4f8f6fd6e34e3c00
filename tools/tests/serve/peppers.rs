//! Another pepper comes, as docs/how-to/change-the-pepper.md says.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use crate::{Running, papertape};

const PASSWORD: &str = "a quite long password 47";
const NEW: &str = "a new pepper that is as long as it has to be";

/// A venue that runs while somebody asks it for something; gives its log.
fn run(dir: &Path, pepper: Option<&str>, ask: impl FnOnce(&str)) -> String {
    let log = dir.join("log");
    let mut command = papertape(&["serve", "--listen=127.0.0.1:0", "--logins-per-minute=0"]);
    command.arg("--data").arg(dir.join("data")).stderr(File::create(&log).unwrap());
    command.envs(pepper.map(|pepper| ("PAPERTAPE_PEPPER", pepper)));
    let mut venue = Running::start(&mut command, 3);
    ask(&venue.address(" at http://"));
    venue.terminate();
    assert!(venue.child.wait().unwrap().success());
    fs::read_to_string(log).unwrap()
}

fn log_in(address: &str, name: &str, password: &str) -> u16 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let body = json!({"login": name, "password": password});
    agent.post(format!("http://{address}/api/v1/sessions")).send_json(&body).unwrap().status().as_u16()
}

#[test]
fn u1_a_pepper_is_changed_and_whoever_logs_in_gets_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), None, |address| {
        for name in ["ada", "bob"] {
            let email = format!("{name}@example.com");
            let user = json!({"email": email, "password": PASSWORD, "confirm_password": PASSWORD});
            ureq::post(format!("http://{address}/signup")).send_json(&user).unwrap();
        }
    });
    let file = dir.path().join("data/secrets/pepper.key");
    let old = fs::read_to_string(&file).unwrap();
    let set = |text: &str| {
        fs::remove_file(&file).unwrap();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
    };
    set(&format!("{NEW}\n{old}\n"));
    let log = run(dir.path(), None, |address| {
        assert_eq!((log_in(address, "ada", PASSWORD), log_in(address, "ada", "wrong")), (201, 401));
    });
    assert!(!log.contains("pepper"), "{log}");
    set(NEW);
    let log = run(dir.path(), None, |address| {
        assert_eq!((log_in(address, "ada", PASSWORD), log_in(address, "bob", PASSWORD)), (201, 401));
    });
    let line = log.lines().find(|line| line.contains("pepper")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("passwords=1") && line.contains("second_factors=0") && !line.contains(NEW), "{line}");
    // The environment may hold lines as well.
    run(dir.path(), Some(&format!("{NEW}\n{old}")), |address| {
        assert_eq!((log_in(address, "ada", PASSWORD), log_in(address, "bob", PASSWORD)), (201, 201));
    });
}
