//! Latencies in a histogram, printed as one line of a table.

use hdrhistogram::Histogram;

/// Longer ones are counted as this.
const HOUR_NS: u64 = 3_600_000_000_000;

/// Nanoseconds, three digits.
pub struct Latencies {
    histogram: Histogram<u64>,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { histogram: Histogram::new_with_bounds(1, HOUR_NS, 3).expect("three digits are allowed") }
    }
}

impl Latencies {
    /// Adds one.
    pub fn record(&mut self, nanoseconds: u64) {
        self.histogram.saturating_record(nanoseconds.max(1));
    }

    /// The latency that this share of all does not exceed, in microseconds.
    pub fn quantile_us(&self, quantile: f64) -> f64 {
        self.histogram.value_at_quantile(quantile) as f64 / 1_000.0
    }

    /// `p50 p90 p99 p99.9 max` in microseconds.
    pub fn row(&self) -> String {
        let at = [0.5, 0.9, 0.99, 0.999, 1.0].map(|quantile| format!("{:>10.2}", self.quantile_us(quantile)));
        at.join(" ")
    }
}
