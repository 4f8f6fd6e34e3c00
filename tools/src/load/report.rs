//! What a run came to, as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::hostile::Tallies;
use crate::exit;

const HOUR_NS: u64 = 3_600_000_000_000;

/// Counts and latencies of one run.
pub(crate) struct Report {
    /// `websocket`, `tcp`, `rest`, `in_process` or `echo`.
    pub(crate) transport: &'static str,
    /// The venue's level, as its answers state it.
    pub(crate) durability: String,
    /// Connections.
    pub(crate) connections: u64,
    /// Commands a second that were scheduled.
    pub(crate) rate: u64,
    /// Commands handed over.
    pub(crate) sent: u64,
    /// Answered with success.
    pub(crate) acknowledged: u64,
    /// Answered with a refusal.
    pub(crate) refused: u64,
    /// Without an answer when the run ended.
    pub(crate) unanswered: u64,
    /// How long it took.
    pub(crate) took: Duration,
    /// What went wrong, if anything did.
    pub(crate) error: Option<String>,
    /// The same schedule against a server that sends back what comes, if that was measured too.
    pub(crate) floor: Option<Box<Report>>,
    /// The same schedule beside a disturbance, if that was measured too.
    pub(crate) beside: Option<Box<Beside>>,
    latencies: Histogram<u64>,
    stages: [Histogram<u64>; STAGES.len()],
}

/// A run beside something that may disturb it.
pub(crate) struct Beside {
    /// What it came to.
    pub(crate) report: Report,
    /// What it was, and what became of it.
    pub(crate) disturbed: Disturbed,
}

/// What went on beside a run.
pub(crate) enum Disturbed {
    /// Clients that mean no good.
    Hostile(Tallies),
    /// Log-ins: so many a second were scheduled, and so many were answered with each status; 0: with none.
    Logins { per_second: u64, answers: BTreeMap<u16, u64> },
}

/// A part of the way from a scheduled moment to the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// From the schedule to the write: what the generator was late, or held back.
    Late,
    /// From the write to the answer.
    RoundTrip,
    /// From the write to the stamp of the venue's core, where the answer says that.
    In,
    /// From that stamp to the answer.
    Out,
}

/// In this order they are told.
pub(crate) const STAGES: [(Stage, &str); 4] =
    [(Stage::Late, "late"), (Stage::RoundTrip, "round_trip"), (Stage::In, "in"), (Stage::Out, "out")];

#[derive(Serialize)]
struct Json<'a> {
    transport: &'a str,
    durability: &'a str,
    connections: u64,
    scheduled_per_second: u64,
    sent: u64,
    acknowledged: u64,
    refused: u64,
    unanswered: u64,
    seconds: f64,
    acknowledged_per_second: f64,
    latency_us: Latency,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    stages_us: BTreeMap<&'static str, Latency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<Box<Json<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    over_floor: Option<Times>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beside_hostile: Option<BesideJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beside_logins: Option<BesideJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Latency {
    min: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    p99_9: f64,
    max: f64,
    mean: f64,
}

#[derive(Serialize)]
struct BesideJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    attacks: Option<&'a Tallies>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_per_second: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_status: Option<&'a BTreeMap<u16, u64>>,
    with: Box<Json<'a>>,
    /// How many times the latency without it.
    over_quiet: Times,
}

/// How many times another run's latency.
#[derive(Serialize)]
struct Times {
    p50: f64,
    p99: f64,
}

impl Report {
    /// An empty report.
    pub(crate) fn new(transport: &'static str, connections: u64, rate: u64) -> Self {
        Self {
            transport,
            durability: String::new(),
            connections,
            rate,
            sent: 0,
            acknowledged: 0,
            refused: 0,
            unanswered: 0,
            took: Duration::ZERO,
            error: None,
            floor: None,
            beside: None,
            latencies: histogram(),
            stages: STAGES.map(|_| histogram()),
        }
    }

    /// Counts one acknowledged command.
    pub(crate) fn acknowledge(&mut self, latency: Duration) {
        self.acknowledged += 1;
        self.latencies.saturating_record((latency.as_nanos() as u64).max(1));
    }

    /// Counts a part of an acknowledged command's way.
    pub(crate) fn stage(&mut self, stage: Stage, took: Duration) {
        self.stages[stage as usize].saturating_record((took.as_nanos() as u64).max(1));
    }

    /// Adds a later run of the same kind.
    pub(crate) fn add(&mut self, other: &Report) {
        self.sent += other.sent;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unanswered += other.unanswered;
        self.took += other.took;
        self.error = self.error.take().or_else(|| other.error.clone());
        self.latencies.add(&other.latencies).expect("both have the same bounds");
        for (stage, others) in self.stages.iter_mut().zip(&other.stages) {
            stage.add(others).expect("both have the same bounds");
        }
    }

    /// All latencies by name: the whole, its parts as far as they are known, and the floor's.
    pub(crate) fn histograms(&self) -> Vec<(String, &Histogram<u64>)> {
        let parts = STAGES.iter().zip(&self.stages).filter(|(_, histogram)| !histogram.is_empty());
        let own = [(self.transport.to_owned(), &self.latencies)];
        let floor = self.floor.iter().map(|floor| (floor.transport.to_owned(), &floor.latencies));
        let beside = self.beside.iter().map(|beside| {
            (format!("{}: beside-{}", self.transport, beside.disturbed.name()), &beside.report.latencies)
        });
        let parts = parts.map(|((_, name), histogram)| (format!("{}: {name}", self.transport), histogram));
        own.into_iter().chain(floor).chain(beside).chain(parts).collect()
    }

    /// As JSON, several lines.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(&self.as_json()).expect("numbers and texts are JSON")
    }

    fn as_json(&self) -> Json<'_> {
        let seconds = self.took.as_secs_f64();
        let stages = STAGES.iter().zip(&self.stages).filter(|(_, histogram)| !histogram.is_empty());
        let beside = |is_it: fn(&Disturbed) -> bool| {
            let beside = self.beside.as_ref().filter(|beside| is_it(&beside.disturbed));
            beside.map(|beside| beside.as_json(self))
        };
        Json {
            transport: self.transport,
            durability: &self.durability,
            connections: self.connections,
            scheduled_per_second: self.rate,
            sent: self.sent,
            acknowledged: self.acknowledged,
            refused: self.refused,
            unanswered: self.unanswered,
            seconds,
            acknowledged_per_second: if seconds > 0.0 { self.acknowledged as f64 / seconds } else { 0.0 },
            latency_us: Latency::of(&self.latencies),
            stages_us: stages.map(|((_, name), histogram)| (*name, Latency::of(histogram))).collect(),
            floor: self.floor.as_ref().map(|floor| Box::new(floor.as_json())),
            over_floor: self.floor.as_ref().map(|floor| self.over(floor)),
            beside_hostile: beside(Disturbed::is_hostile),
            beside_logins: beside(Disturbed::is_logins),
            error: self.error.as_deref(),
        }
    }

    fn over(&self, other: &Report) -> Times {
        let times = |quantile| {
            let [ours, theirs] = [self, other].map(|report| report.latencies.value_at_quantile(quantile) as f64);
            ours / theirs.max(1.0)
        };
        Times { p50: times(0.5), p99: times(0.99) }
    }

    /// Success, unless the run ended early or something was left without an answer.
    pub(crate) fn exit_code(&self) -> u8 {
        let beside = self.beside.as_ref().map_or(exit::OK, |beside| beside.report.exit_code());
        if self.error.is_some() || self.unanswered > 0 { exit::IO } else { beside }
    }
}

impl Beside {
    fn as_json(&self, quiet: &Report) -> BesideJson<'_> {
        let (attacks, scheduled_per_second, by_status) = match &self.disturbed {
            Disturbed::Hostile(attacks) => (Some(attacks), None, None),
            Disturbed::Logins { per_second, answers } => (None, Some(*per_second), Some(answers)),
        };
        let (with, over_quiet) = (Box::new(self.report.as_json()), self.report.over(quiet));
        BesideJson { attacks, scheduled_per_second, by_status, with, over_quiet }
    }
}

impl Disturbed {
    fn is_hostile(&self) -> bool {
        matches!(self, Disturbed::Hostile(_))
    }

    fn is_logins(&self) -> bool {
        matches!(self, Disturbed::Logins { .. })
    }

    fn name(&self) -> &'static str {
        if self.is_hostile() { "hostile" } else { "logins" }
    }
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, HOUR_NS, 3).expect("three digits are allowed")
}

impl Latency {
    fn of(histogram: &Histogram<u64>) -> Self {
        let us = |nanoseconds: u64| nanoseconds as f64 / 1_000.0;
        let at = |quantile: f64| us(histogram.value_at_quantile(quantile));
        Self {
            min: us(histogram.min()),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            max: us(histogram.max()),
            mean: histogram.mean() / 1_000.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_how_many_times_the_floor_it_is() {
        let (mut venue, mut floor) = (Report::new("tcp", 1, 10), Report::new("echo", 1, 10));
        for us in 1..=100 {
            floor.acknowledge(Duration::from_micros(us));
            venue.acknowledge(Duration::from_micros(2 * us));
            venue.stage(Stage::In, Duration::from_micros(us));
        }
        let again = floor.histograms().len();
        venue.floor = Some(Box::new(floor));
        let json: serde_json::Value = serde_json::from_str(&venue.json()).unwrap_or_default();
        for (quantile, expected) in [("p50", 2.0), ("p99", 2.0)] {
            let times = json["over_floor"][quantile].as_f64().unwrap_or_default();
            assert!((times - expected).abs() < 0.01, "{quantile}: {times}");
        }
        assert_eq!(json["floor"]["transport"], "echo");
        assert!(json["stages_us"]["in"]["p50"].is_f64() && json["stages_us"]["out"].is_null());
        let names: Vec<_> = venue.histograms().into_iter().map(|(name, _)| name).collect();
        assert_eq!((names, again), (vec!["tcp".to_owned(), "echo".to_owned(), "tcp: in".to_owned()], 1));
    }

    #[test]
    fn a_report_says_how_many_times_the_quiet_a_disturbed_run_is() {
        let (mut quiet, mut with) = (Report::new("tcp", 1, 10), Report::new("tcp", 1, 10));
        for us in 1..=100 {
            quiet.acknowledge(Duration::from_micros(us));
            with.acknowledge(Duration::from_micros(2 * us));
        }
        let disturbed = Disturbed::Logins { per_second: 100, answers: BTreeMap::from([(200, 3), (503, 97)]) };
        quiet.beside = Some(Box::new(Beside { report: with, disturbed }));
        let json: serde_json::Value = serde_json::from_str(&quiet.json()).unwrap_or_default();
        let times = json["beside_logins"]["over_quiet"]["p99"].as_f64().unwrap_or_default();
        assert!((times - 2.0).abs() < 0.01, "{json}");
        assert_eq!(
            (&json["beside_logins"]["by_status"]["503"], &json["beside_hostile"]),
            (&97.into(), &serde_json::Value::Null)
        );
        assert!(quiet.histograms().iter().any(|(name, _)| name == "tcp: beside-logins"));
    }
}
