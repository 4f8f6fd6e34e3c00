//! The files in `deploy/`: what they name is there. Programs that can read them are asked, where they are installed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::{papertape, said};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join("deploy").join(name)).unwrap()
}

/// What a program says; nothing where it is not installed, which is said.
fn asked(command: &mut Command) -> Option<Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("skipped: {}: {error}", command.get_program().display());
            None
        }
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The values of `NAME=…` lines of a unit.
fn values<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect()
}

/// Every word of a text that begins like one of our variables.
fn variables(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    words.filter(|word| word.starts_with("PAPERTAPE_")).collect()
}

#[test]
fn q2_the_service_starts_the_venue_as_it_can_be_started() {
    let unit = read("papertape.service");
    let [command] = values(&unit, "ExecStart")[..] else { panic!("one command") };
    let words: Vec<_> = command.split(' ').collect();
    assert_eq!(words, ["/usr/local/bin/papertape", "serve", "--config", "/etc/papertape/papertape.toml"]);
    let (_, help, _) = said(&mut papertape(&["serve", "--help"]));
    assert!(help.contains("--config"));
    for (name, value) in [("Type", "notify"), ("ProtectSystem", "strict"), ("StateDirectory", "papertape")] {
        assert_eq!(values(&unit, name), [value]);
    }
    let (code, settings, err) =
        said(papertape(&["serve", "--print-config", "--config"]).arg(root().join("deploy/papertape.toml")));
    assert_eq!(code, 0, "{err}");
    // ProtectSystem=strict: the data is where the unit may write.
    assert!(settings.contains("data = \"/var/lib/papertape\"\n"), "{settings}");
    assert!(values(&unit, "WorkingDirectory") == ["/var/lib/papertape"]);
    let listen = settings.lines().find_map(|line| line.strip_prefix("listen = \"")).unwrap().trim_end_matches('"');
    assert!(read("nginx.conf").contains(&format!("server {listen};")), "nginx looks for the venue at {listen}");
}

#[test]
fn systemd_takes_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("papertape.service");
    let unit = read("papertape.service").replace("/usr/local/bin/papertape", env!("CARGO_BIN_EXE_papertape"));
    std::fs::write(&path, unit).unwrap();
    let Some(output) = asked(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path)) else { return };
    assert!(output.status.success() && !text(&output).contains("papertape.service:"), "{}", text(&output));
}

#[test]
fn q2_nginx_passes_websockets_and_outlasts_the_ping() {
    let conf = read("nginx.conf");
    assert_eq!(conf.matches('{').count(), conf.matches('}').count());
    for line in [
        "proxy_set_header Upgrade $http_upgrade;",
        "proxy_set_header Connection $connection_upgrade;",
        "proxy_set_header Host $http_host;",
        "proxy_http_version 1.1;",
        "proxy_buffering off;",
    ] {
        assert!(conf.contains(line), "{line}");
    }
    let order_entry = conf.split("stream {").nth(1).unwrap().split("http {").next().unwrap();
    assert!(order_entry.contains("server 127.0.0.1:8081;") && order_entry.contains("tcp_nodelay on;"));
    let (toml, compose) = (read("papertape.toml"), read("compose.yaml"));
    assert!(toml.contains("tcp = \"127.0.0.1:8081\"") && compose.contains("PAPERTAPE_TCP: 127.0.0.1:8081"));
    let timeout = conf.split("proxy_read_timeout ").nth(1).unwrap().split('s').next().unwrap();
    assert!(timeout.parse::<u32>().unwrap() > 2 * 20, "the venue pings every 20 s and gives up after 40");
    for line in conf.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        assert!(line.ends_with([';', '{', '}']), "{line}");
    }
    let command = &mut Command::new("nginx");
    let Some(output) = asked(command.arg("-t").arg("-c").arg(root().join("deploy/nginx.conf"))) else { return };
    assert!(text(&output).contains("syntax is ok"), "{}", text(&output));
}

#[test]
fn q2_the_image_names_what_is_there() {
    let (_, help, _) = said(&mut papertape(&["serve", "--help"]));
    let (dockerfile, compose) = (read("Dockerfile"), read("compose.yaml"));
    let elsewhere = ["PAPERTAPE_JWT_SECRET", "PAPERTAPE_PEPPER"];
    for variable in variables(&dockerfile).into_iter().chain(variables(&compose)) {
        assert!(elsewhere.contains(&variable) || help.contains(&format!("[env: {variable}=")), "{variable}");
    }
    let secrets = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    assert!(elsewhere.iter().all(|variable| secrets.contains(variable)));
    // What is copied out of the project is in it.
    for line in dockerfile.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from=")) {
        let mut words: Vec<_> = line.split(' ').skip(1).collect();
        words.pop();
        words.iter().for_each(|path| assert!(root().join(path).exists(), "{path}"));
    }
    let version = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = version.split("rust-version = \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(dockerfile.contains(&format!("FROM rust:{version}-")), "the image builds with Rust {version}");
    assert!(
        compose.contains("dockerfile: deploy/Dockerfile") && compose.contains("./nginx.conf:/etc/nginx/nginx.conf")
    );
    let file = root().join("deploy/compose.yaml");
    let Some(output) = asked(Command::new("docker").args(["compose", "version"])) else { return };
    if !output.status.success() {
        return println!("skipped: docker compose: {}", text(&output).trim());
    }
    let output = asked(Command::new("docker").args(["compose", "-f"]).arg(file).args(["config", "--quiet"])).unwrap();
    assert!(output.status.success(), "{}", text(&output));
}
