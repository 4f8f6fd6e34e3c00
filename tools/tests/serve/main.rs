//! `papertape serve`, as whoever runs a venue starts, sets and stops it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by panicking")]

mod admin_log;
mod auth_db;
mod config;
mod deploy;
mod order_entry;
mod peppers;
mod secrets;
mod top;
#[path = "../../../platform/tests/platform/totp_code.rs"]
mod totp_code;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The command, with nothing set by the environment that runs the tests.
fn papertape(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papertape"));
    let ours = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PAPERTAPE_"));
    for (name, _) in ours {
        command.env_remove(name);
    }
    command.env_remove("NOTIFY_SOCKET").args(words).stdin(Stdio::null());
    command
}

/// A venue that runs, and what it said when it began.
struct Running {
    child: Child,
    said: String,
}

impl Running {
    fn start(command: &mut Command, lines: usize) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        for _ in 0..lines {
            out.read_line(&mut said).unwrap();
        }
        Self { child, said }
    }

    /// The address after these words.
    fn address(&self, words: &str) -> String {
        let rest = self.said.split_once(words).unwrap_or_else(|| panic!("no {words:?} in {}", self.said)).1;
        rest.split(['/', '\n']).next().unwrap().to_owned()
    }

    fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Has ended already, unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.get(format!("http://{address}{path}")).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

/// Whoever started it hears that it is ready and that it stops; the watchers' port is open while it drains.
#[test]
fn a_venue_says_when_it_is_ready_drains_when_told_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let notify = UnixDatagram::bind(dir.path().join("notify")).unwrap();
    notify.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let data = dir.path().join("data");
    let mut command = papertape(&["serve", "--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0", "--drain=3"]);
    command.arg("--data").arg(&data).env("NOTIFY_SOCKET", dir.path().join("notify"));
    let mut venue = Running::start(&mut command, 4);
    let (address, watched) = (venue.address(" at http://"), venue.address("metrics at http://"));
    assert_eq!(hear(&notify), "READY=1");
    assert_eq!(get(&address, "/readyz").0, 200);
    assert_eq!(get(&address, "/metrics").0, 401, "the operator's on this port");
    let (status, text) = get(&watched, "/metrics");
    assert!(status == 200 && text.contains("\npapertape_ready 1\n"), "{text}");

    // Somebody stays connected, so that it drains for as long as it may.
    let mut stays = std::net::TcpStream::connect(&address).unwrap();
    stays.write_all(b"GET /healthz HTTP/1.1\r\nHost: venue\r\n\r\n").unwrap();
    assert!(stays.read(&mut [0; 64]).unwrap() > 0);
    let begun = Instant::now();
    venue.terminate();
    while get(&watched, "/readyz").0 == 200 {
        assert!(begun.elapsed() < Duration::from_secs(2), "it is not ready at once");
    }
    assert_eq!(get(&address, "/readyz").0, 503);
    assert_eq!((get(&address, "/healthz").0, get(&watched, "/healthz").0), (200, 200));
    assert!(get(&watched, "/metrics").1.contains("\npapertape_ready 0\n"));
    assert!(venue.child.wait().unwrap().success());
    assert!((3..10).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(hear(&notify), "STOPPING=1");
    drop(stays);
    assert!(sealed(&data), "a snapshot is there");
}

fn sealed(data: &Path) -> bool {
    std::fs::read_dir(data.join("snapshots")).unwrap().next().is_some()
}

fn hear(notify: &UnixDatagram) -> String {
    let mut heard = [0; 64];
    let len = notify.recv(&mut heard).unwrap();
    String::from_utf8_lossy(&heard[..len]).into_owned()
}

/// What the command says, and its exit code.
fn said(command: &mut Command) -> (i32, String, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (child.wait().unwrap().code().unwrap(), out, err)
}
