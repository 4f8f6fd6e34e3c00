//! Several measurements of one thing.

use std::fmt;

/// The median, and how far the others were from it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// Of at least one measurement.
    pub fn of(mut values: Vec<f64>) -> Self {
        assert!(!values.is_empty(), "nothing was measured");
        values.sort_by(f64::total_cmp);
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Self { median: (low + high) / 2.0, min: values[0], max: values[values.len() - 1] }
    }
}

/// Two measurements of each round as their ratio.
pub fn ratio(numerators: &[f64], denominators: &[f64]) -> Spread {
    Spread::of(numerators.iter().zip(denominators).map(|(numerator, denominator)| numerator / denominator).collect())
}

impl fmt::Display for Spread {
    /// `median (min to max)`, three digits each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} to {})", digits(self.median), digits(self.min), digits(self.max))
    }
}

/// Three digits, as far as they are after the point.
pub fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_lies_in_the_middle() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Spread { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(Spread::of(vec![4.0, 1.0, 2.0, 3.0]).median, 2.5);
        assert_eq!(ratio(&[10.0, 30.0], &[10.0, 10.0]), Spread { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(Spread::of(vec![123.4, 1.0, 12.34]).to_string(), "12.3 (1.00 to 123)");
    }
}
