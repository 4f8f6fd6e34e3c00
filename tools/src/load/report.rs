//! What a run came to, as JSON.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::exit;

const HOUR_NS: u64 = 3_600_000_000_000;

/// Counts and latencies of one run.
pub(crate) struct Report {
    /// `websocket` or `in_process`.
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
    latencies: Histogram<u64>,
}

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
            latencies: Histogram::new_with_bounds(1, HOUR_NS, 3).expect("three digits are allowed"),
        }
    }

    /// Counts one acknowledged command.
    pub(crate) fn acknowledge(&mut self, latency: Duration) {
        self.acknowledged += 1;
        self.latencies.saturating_record((latency.as_nanos() as u64).max(1));
    }

    /// Adds another connection's counts.
    pub(crate) fn add(&mut self, other: Report) {
        self.sent += other.sent;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unanswered += other.unanswered;
        self.took = self.took.max(other.took);
        self.error = self.error.take().or(other.error);
        if self.durability.is_empty() {
            self.durability = other.durability;
        }
        self.latencies.add(&other.latencies).expect("both have the same bounds");
    }

    /// As JSON, several lines.
    pub(crate) fn json(&self) -> String {
        let us = |nanoseconds: u64| nanoseconds as f64 / 1_000.0;
        let at = |quantile: f64| us(self.latencies.value_at_quantile(quantile));
        let seconds = self.took.as_secs_f64();
        let json = Json {
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
            latency_us: Latency {
                min: us(self.latencies.min()),
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                p99_9: at(0.999),
                max: us(self.latencies.max()),
                mean: self.latencies.mean() / 1_000.0,
            },
            error: self.error.as_deref(),
        };
        serde_json::to_string_pretty(&json).expect("numbers and texts are JSON")
    }

    /// Success, unless the run ended early or something was left without an answer.
    pub(crate) fn exit_code(&self) -> u8 {
        if self.error.is_some() || self.unanswered > 0 { exit::IO } else { exit::OK }
    }
}
