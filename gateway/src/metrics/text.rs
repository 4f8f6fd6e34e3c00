//! Prometheus' text format, version 0.0.4.

use std::fmt::{Display, Write};
use std::time::Duration;

/// A text that grows family by family.
#[derive(Debug, Default)]
pub(super) struct Text(String);

/// What a family's numbers do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// They only grow.
    Counter,
    /// They come and go.
    Gauge,
    /// Buckets.
    Histogram,
}

impl Text {
    /// Begins a family: its samples follow.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One number of the family.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (place, (label, value)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"", if place == 0 { '{' } else { ',' });
            for c in value.chars() {
                match c {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    other => self.0.push(other),
                }
            }
            self.0.push('"');
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    /// A family of one number.
    pub(super) fn one(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// A family that is one histogram: `buckets` has one more than `bounds_us`.
    pub(super) fn histogram(&mut self, name: &str, help: &str, bounds_us: &[u64], buckets: &[u64], sum: Duration) {
        self.family(name, Kind::Histogram, help);
        let (bucket, mut within) = (format!("{name}_bucket"), 0);
        let bounds = bounds_us.iter().map(|us| Duration::from_micros(*us).as_secs_f64().to_string());
        for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(buckets) {
            within += count;
            self.sample(&bucket, &[("le", &bound)], within);
        }
        self.sample(&format!("{name}_sum"), &[], sum.as_secs_f64());
        self.sample(&format!("{name}_count"), &[], within);
    }

    /// The text.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_written_as_the_format_says() {
        let mut text = Text::default();
        text.one("a_total", Kind::Counter, "What is counted.", 3);
        text.family("b", Kind::Gauge, "What is.");
        text.sample("b", &[("x", "q\"\\\n"), ("y", "{z}")], 1.5);
        text.histogram("c_seconds", "Times.", &[50, 1_000_000], &[1, 0, 2], Duration::from_millis(2_500));
        let expected = "# HELP a_total What is counted.\n# TYPE a_total counter\na_total 3\n\
            # HELP b What is.\n# TYPE b gauge\nb{x=\"q\\\"\\\\\\n\",y=\"{z}\"} 1.5\n\
            # HELP c_seconds Times.\n# TYPE c_seconds histogram\n\
            c_seconds_bucket{le=\"0.00005\"} 1\nc_seconds_bucket{le=\"1\"} 1\nc_seconds_bucket{le=\"+Inf\"} 3\n\
            c_seconds_sum 2.5\nc_seconds_count 3\n";
        assert_eq!(text.into_string(), expected);
    }
}
