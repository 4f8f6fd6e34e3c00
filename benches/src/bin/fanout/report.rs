//! What came of the rounds, as a table to read and as JSON.

use papertape_benches::{Spread, digits};
use serde_json::{Value, json};

use crate::contenders::Contender;
use crate::measure::Round;

/// A server and its rounds.
pub(crate) type Measured = (Contender, Vec<Round>);

type Column = (&'static str, &'static str, fn(&Round) -> Option<f64>, bool);

/// Name in the table, name in JSON, what it is, and whether more is better.
const COLUMNS: [Column; 7] = [
    ("100 subscribers, one at a time (M/s)", "hundred_single_per_second", |round| Some(round.hundred[0] / 1e6), true),
    ("64 in flight (M/s)", "hundred_64_per_second", |round| Some(round.hundred[1] / 1e6), true),
    (
        "1,000 subscribers, one at a time (M/s)",
        "thousand_single_per_second",
        |round| Some(round.thousand[0] / 1e6),
        true,
    ),
    ("64 in flight (M/s)", "thousand_64_per_second", |round| Some(round.thousand[1] / 1e6), true),
    ("open loop p50 (ms)", "open_loop_p50_ms", |round| round.open_loop.map(|latency| latency[0]), false),
    ("p99 (ms)", "open_loop_p99_ms", |round| round.open_loop.map(|latency| latency[1]), false),
    ("KiB a connection", "connection_kib", |round| Some(round.memory / 1_024.0), false),
];

/// Median, least, most; none where no round has a figure.
fn spread((_, rounds): &Measured, of: fn(&Round) -> Option<f64>) -> Option<Spread> {
    let values: Vec<f64> = rounds.iter().filter_map(of).collect();
    // A server that fell behind in one round has fallen behind.
    (!values.is_empty() && values.len() == rounds.len()).then(|| Spread::of(values))
}

/// A row a server; behind each median its ratio to the floor's.
pub(crate) fn table(all: &[Measured]) -> String {
    let head: Vec<_> = COLUMNS.iter().map(|column| column.0).collect();
    let mut text = format!("| Server | {} |\n|---|{}\n", head.join(" | "), "---|".repeat(COLUMNS.len()));
    for measured in all {
        let cells =
            COLUMNS.map(|(_, _, of, _)| match (spread(measured, of), all.first().and_then(|a| spread(a, of))) {
                (Some(spread), Some(floor)) if measured.0 != Contender::Floor && floor.median > 0.0 => {
                    format!("{} ({}x)", digits(spread.median), digits(spread.median / floor.median))
                }
                (Some(spread), _) => digits(spread.median),
                (None, _) => "falls behind".to_owned(),
            });
        text.push_str(&format!("| {} | {} |\n", measured.0.name(), cells.join(" | ")));
    }
    text
}

/// All medians with least and most.
pub(crate) fn json(all: &[Measured], missing: &[String], payload: usize, idle: usize) -> String {
    let servers: Vec<Value> = all
        .iter()
        .map(|measured| {
            let mut server = json!({ "server": measured.0.name(), "rounds": measured.1.len() });
            for (_, name, of, more_is_better) in COLUMNS {
                server[name] = spread(measured, of).map_or(Value::Null, |spread| {
                    let scale = if name.ends_with("per_second") { 1e6 } else { 1.0 };
                    let of = |value: f64| value * scale;
                    json!({ "median": of(spread.median), "min": of(spread.min), "max": of(spread.max), "more_is_better": more_is_better })
                });
            }
            server
        })
        .collect();
    let report = json!({ "payload_bytes": payload, "idle_connections": idle, "left_out": missing, "servers": servers });
    serde_json::to_string_pretty(&report).expect("numbers and texts are JSON")
}
