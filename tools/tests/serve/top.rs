//! `papertape top` before a venue that runs.

use std::process::Stdio;

use crate::{Running, papertape, said};

#[test]
fn a_running_venue_is_shown_as_text_where_there_is_no_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut command = papertape(&["serve", "--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0", "--drain=0"]);
    let venue = Running::start(command.arg("--data").arg(&data).stderr(Stdio::null()), 4);
    let (port, watched) = (venue.address(" at http://"), venue.address("metrics at http://"));

    let (code, frame, _) =
        said(&mut papertape(&["top", "--once", "--interval=0.05", "--url", &format!("http://{watched}")]));
    assert_eq!(code, 0);
    for words in ["ready", "THROUGHPUT", "LATENCY", "journal sync", "QUEUES", "of 16,384", "CONNECTIONS", "JOURNAL"] {
        assert!(frame.contains(words), "no {words} in {frame}");
    }
    assert!(!frame.contains('\u{1b}'), "no control characters in a pipe");

    // The venue's own port tells it to the operator alone.
    let url = format!("http://{port}");
    let key = data.join("operator.key");
    let with = |file: &std::path::Path| {
        said(papertape(&["top", "--once", "--interval=0.05", "--url", &url, "--key-file"]).arg(file))
    };
    assert_eq!(with(&key).0, 0);
    let (code, frame, complaint) = with(&dir.path().join("none"));
    assert!(code == 2 && frame.is_empty() && complaint.contains("--metrics-listen"), "{code} {complaint}");
    venue.terminate();
}

#[test]
fn a_venue_that_is_not_there_is_said_so() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, _, complaint) = said(&mut papertape(&["top", "--once", "--url", &format!("http://{gone}")]));
    assert!(code == 74 && complaint.contains("is the venue running?"), "{code} {complaint}");
    let (code, _, _) = said(&mut papertape(&["top", "--once", "--url", "nonsense"]));
    assert_eq!(code, 2);
}
