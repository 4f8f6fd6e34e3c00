//! `papertape load --beside-hostile`: each attempt is refused in words, and nobody else goes without an answer.

use std::process::Command;

use serde_json::Value;

use crate::venue::Venue;

#[test]
fn the_hostile_set_is_refused_and_the_polite_are_answered() {
    let venue = Venue::start();
    let url = format!("--url=http://{}", venue.http);
    let mut load = Command::new(env!("CARGO_BIN_EXE_papertape"));
    load.args(["load", "--via=tcp", &url, "--tcp", &venue.tcp, "--rate=50", "--seconds=4", "--connections=2"]);
    let output =
        load.args(["--beside-hostile", "--hostile-per-second=10", "--flood-per-second=2000"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{report:#}");
    let beside = &report["beside_hostile"];
    for run in [&report, &beside["with"]] {
        assert_eq!((&run["refused"], &run["unanswered"]), (&Value::from(0), &Value::from(0)), "{run:#}");
        assert!(run["acknowledged"].as_u64() > Some(0));
    }
    assert!(beside["over_quiet"]["p99"].is_f64());
    for (attack, answers) in [
        ("flood", &["ACCEPTED"][..]),
        ("giant_lengths", &["MALFORMED"]),
        ("wrong_versions", &["PROTOCOL_NOT_SPOKEN"]),
        ("others_topic", &["FORBIDDEN"]),
        ("json_bombs", &["400", "INVALID_FIELD"]),
        ("giant_frames", &["CLOSED 1009"]),
    ] {
        let told = beside["attacks"][attack]["answers"].as_object().unwrap();
        assert!(answers.iter().all(|answer| told.contains_key(*answer)), "{attack}: {told:?}");
    }
}
