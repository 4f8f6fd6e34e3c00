//! One look at the metrics: Prometheus' text format, read as far as a picture needs it.

use std::collections::BTreeMap;
use std::time::Instant;

/// What the venue told at one moment.
pub(super) struct Look {
    /// When.
    pub(super) at: Instant,
    samples: BTreeMap<String, Vec<Sample>>,
}

/// One number of a family.
struct Sample {
    labels: Vec<(String, String)>,
    value: f64,
}

/// A histogram: for each upper bound in seconds how many lay within it, the last bound being infinite.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Histogram(Vec<(f64, f64)>);

impl Look {
    /// Reads the text. What cannot be read is passed over: a picture with a hole is better than none.
    pub(super) fn read(text: &str) -> Self {
        let mut samples: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((sample, value)) = line.rsplit_once(' ') else { continue };
            let (name, labels) = sample.split_once('{').unwrap_or((sample, ""));
            let Ok(value) = value.parse() else { continue };
            let labels = labels_of(labels.trim_end_matches('}'));
            samples.entry(name.to_owned()).or_default().push(Sample { labels, value });
        }
        Self { at: Instant::now(), samples }
    }

    /// The sum of a family's numbers; nothing, if the venue does not tell it.
    pub(super) fn sum(&self, name: &str) -> Option<f64> {
        self.samples.get(name).map(|samples| samples.iter().map(|sample| sample.value).sum())
    }

    /// The number with this label.
    pub(super) fn with(&self, name: &str, label: &str, value: &str) -> Option<f64> {
        let samples = self.samples.get(name)?;
        let has = |sample: &&Sample| sample.labels.iter().any(|(name, of)| name == label && of == value);
        samples.iter().find(has).map(|sample| sample.value)
    }

    /// What a label of a family says, where the family has one number.
    pub(super) fn label(&self, name: &str, label: &str) -> Option<&str> {
        let sample = self.samples.get(name)?.first()?;
        sample.labels.iter().find(|(name, _)| name == label).map(|(_, value)| value.as_str())
    }

    /// Each number of a family, with what the label says of it, the largest first.
    pub(super) fn by(&self, name: &str, label: &str) -> Vec<(String, f64)> {
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for sample in self.samples.get(name).into_iter().flatten() {
            let of = sample.labels.iter().find(|(name, _)| name == label);
            *sums.entry(of.map_or("", |(_, value)| value)).or_default() += sample.value;
        }
        let mut sums: Vec<_> = sums.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums
    }

    /// The names of all families that are histograms.
    pub(super) fn histograms(&self) -> impl Iterator<Item = &str> {
        self.samples.keys().filter_map(|name| name.strip_suffix("_bucket"))
    }

    /// The names of all families of plain numbers.
    pub(super) fn plain(&self) -> impl Iterator<Item = &str> {
        let of_histogram = |name: &&str| {
            let stem = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            stem.is_some_and(|stem| self.samples.contains_key(&format!("{stem}_bucket")))
        };
        self.samples.keys().map(String::as_str).filter(move |name| !of_histogram(name))
    }

    /// A histogram, its labels other than the bound added up.
    pub(super) fn histogram(&self, name: &str) -> Histogram {
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for sample in self.samples.get(&format!("{name}_bucket")).into_iter().flatten() {
            let bound = sample.labels.iter().find(|(name, _)| name == "le").map(|(_, bound)| bound.as_str());
            let bound = match bound {
                Some("+Inf") => f64::INFINITY,
                Some(bound) => bound.parse().unwrap_or(f64::INFINITY),
                None => continue,
            };
            match buckets.iter_mut().find(|(known, _)| *known == bound) {
                Some((_, within)) => *within += sample.value,
                None => buckets.push((bound, sample.value)),
            }
        }
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        Histogram(buckets)
    }
}

impl Histogram {
    /// What was counted since an earlier look. A venue that was started anew has counted from nothing.
    pub(super) fn since(&self, earlier: &Histogram) -> Histogram {
        if earlier.0.len() != self.0.len() || earlier.count() > self.count() {
            return self.clone();
        }
        let differences = self.0.iter().zip(&earlier.0).map(|(now, then)| (now.0, (now.1 - then.1).max(0.0)));
        Histogram(differences.collect())
    }

    /// How many.
    pub(super) fn count(&self) -> f64 {
        self.0.last().map_or(0.0, |(_, within)| *within)
    }

    /// The time in seconds that this share does not exceed, taken evenly within its bucket; none without a count. Beyond
    /// the last bound it is that bound.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let (wanted, mut below) = (self.count() * share, (0.0, 0.0));
        if self.count() <= 0.0 {
            return None;
        }
        for &(bound, within) in &self.0 {
            if within >= wanted && within > below.1 {
                let part = (wanted - below.1) / (within - below.1);
                return Some(if bound.is_finite() { below.0 + (bound - below.0) * part } else { below.0 });
            }
            below = (if bound.is_finite() { bound } else { below.0 }, within);
        }
        Some(below.0)
    }

    /// How many lay in each bucket.
    pub(super) fn shares(&self) -> Vec<f64> {
        let mut before = 0.0;
        self.0.iter().map(|(_, within)| within - std::mem::replace(&mut before, *within)).collect()
    }
}

/// `a="1",b="2"`, with the format's escapes.
fn labels_of(text: &str) -> Vec<(String, String)> {
    let (mut labels, mut chars) = (Vec::new(), text.chars());
    loop {
        let name: String = chars.by_ref().take_while(|c| *c != '=').collect();
        if name.is_empty() || chars.next() != Some('"') {
            return labels;
        }
        let mut value = String::new();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => value.extend(chars.next().map(|c| if c == 'n' { '\n' } else { c })),
                other => value.push(other),
            }
        }
        labels.push((name.trim_start_matches(',').to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP t_seconds Times.\n# TYPE t_seconds histogram\n\
        t_seconds_bucket{le=\"0.001\"} 5\nt_seconds_bucket{le=\"0.01\"} 10\nt_seconds_bucket{le=\"+Inf\"} 10\n\
        t_seconds_sum 0.03\nt_seconds_count 10\nopen{kind=\"a\\\"b\",x=\"1\"} 3\nopen{kind=\"c\"} 4\nnot a number\n";

    #[test]
    fn samples_are_found_by_name_and_label() {
        let look = Look::read(TEXT);
        assert_eq!((look.sum("open"), look.sum("closed")), (Some(7.0), None));
        assert_eq!((look.with("open", "kind", "a\"b"), look.with("open", "x", "1")), (Some(3.0), Some(3.0)));
        assert_eq!(look.by("open", "kind"), [("c".to_owned(), 4.0), ("a\"b".to_owned(), 3.0)]);
        assert_eq!(look.histograms().collect::<Vec<_>>(), ["t_seconds"]);
        assert_eq!(look.plain().collect::<Vec<_>>(), ["open"]);
    }

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let times = Look::read(TEXT).histogram("t_seconds");
        assert_eq!(times.quantile(0.25), Some(0.0005));
        assert_eq!(times.quantile(0.5), Some(0.001));
        assert!((times.quantile(0.75).unwrap_or_default() - 0.0055).abs() < 1e-9);
        assert_eq!(times.shares(), [5.0, 5.0, 0.0]);
        assert_eq!(times.since(&times).quantile(0.5), None);
    }

    #[test]
    fn a_venue_that_began_anew_is_counted_from_nothing() {
        let (old, new) = (Look::read(TEXT).histogram("t_seconds"), Histogram(vec![(0.001, 1.0), (f64::INFINITY, 1.0)]));
        assert_eq!(new.since(&old), new);
        assert_eq!(Histogram(vec![(0.001, 0.0), (f64::INFINITY, 2.0)]).quantile(0.9), Some(0.001));
    }
}
