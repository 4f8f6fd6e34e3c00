//! The program itself: a venue is served and traded on, forked while it runs, and the fork is served and traded on.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const PAPERTAPE: &str = env!("CARGO_BIN_EXE_papertape");

/// A venue that is served until it is dropped.
struct Served {
    child: Child,
    address: String,
    /// What it writes more goes nowhere, but must be taken.
    _out: BufReader<ChildStdout>,
}

impl Served {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(PAPERTAPE)
            .args(["serve", "--demo", "--simulator", "off", "--segment-bytes", "65536", "--listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("http://").unwrap_or_else(|| panic!("{line:?}")).1.to_owned();
        Self { child, address, _out: out }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The seq and the hash that the venue reports, once it stands still.
    fn state(&self) -> (u64, String) {
        let status = || {
            let answer = self.get("/api/v1/status");
            let json: serde_json::Value = serde_json::from_str(&answer[answer.find('{').unwrap()..]).unwrap();
            (json["seq"].as_u64().unwrap(), json["state_hash"].as_str().unwrap().to_owned())
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut before = status();
        loop {
            std::thread::yield_now();
            std::thread::park_timeout(Duration::from_millis(300));
            let now = status();
            if now == before || Instant::now() > deadline {
                return now;
            }
            before = now;
        }
    }

    fn trade(&self) {
        let url = format!("http://{}", self.address);
        run(&["load", "--url", &url, "--connections", "2", "--rate", "200", "--seconds", "1"]);
    }

    fn stop(mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that was stopped is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(args: &[&str]) -> String {
    let output = Command::new(PAPERTAPE).args(args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{args:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_fork_is_served_and_trades_on() {
    let dir = tempfile::tempdir().unwrap();
    let (origin, fork) = (dir.path().join("origin"), dir.path().join("fork"));
    let (data, into) = (origin.to_str().unwrap(), fork.to_str().unwrap());
    let served = Served::start(&origin);
    served.trade();
    let (last, _) = served.state();
    assert!(last > 100, "{last}");
    let at = (last - 40).to_string();
    // While the origin runs.
    let text = run(&["fork", "--data", data, "--at", &at, "--into", into, "--segment-bytes", "65536"]);
    let replayed = run(&["replay", "--data", data, "--until", &at, "--state-hash"]);
    assert_eq!(text.matches(replayed.trim()).count(), 2, "{text}");
    let names = |path: &Path| {
        let mut names: Vec<String> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&fork), ["VERSION", "journal", "lock", "snapshots"], "a fork has no users and no secrets");

    let goes_on = Served::start(&fork);
    assert_eq!(goes_on.state().1, replayed.trim());
    goes_on.trade();
    let (seq, hash) = goes_on.state();
    goes_on.stop();
    served.stop();
    assert!(seq > last - 40);
    assert_eq!(run(&["replay", "--data", into, "--until", &seq.to_string(), "--state-hash"]).trim(), hash);
    run(&["audit", "verify", "--data", into]);
    let refused = Command::new(PAPERTAPE).args(["fork", "--data", data, "--at", "1", "--into", into]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}
