//! Which records are meant.

use std::str::FromStr;

/// Records from one to another, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The first.
    pub from: u64,
    /// The last; all that follow, if absent.
    pub until: Option<u64>,
}

impl Range {
    /// Every record.
    pub const ALL: Range = Range { from: 1, until: None };
}

impl FromStr for Range {
    type Err = String;

    /// Reads `A..B`, `A..`, `..B` or `A`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text.parse::<u64>() {
            Ok(0) => Err("records are numbered from 1".to_owned()),
            Ok(number) => Ok(number),
            Err(_) => Err(format!("\"{text}\" is no record's number; say A..B, A.., ..B or A")),
        };
        let (from, until) = match text.split_once("..") {
            None => {
                let one = number(text)?;
                (one, Some(one))
            }
            Some(("", until)) => (1, Some(number(until)?)),
            Some((from, "")) => (number(from)?, None),
            Some((from, until)) => (number(from)?, Some(number(until)?)),
        };
        match until {
            Some(until) if until < from => Err(format!("{until} comes before {from}")),
            _ => Ok(Range { from, until }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_both_ends() {
        assert_eq!("3..7".parse(), Ok(Range { from: 3, until: Some(7) }));
        assert_eq!("3..".parse(), Ok(Range { from: 3, until: None }));
        assert_eq!("..7".parse(), Ok(Range { from: 1, until: Some(7) }));
        assert_eq!("5".parse(), Ok(Range { from: 5, until: Some(5) }));
        for bad in ["", "7..3", "0..3", "0", "a..b", "-1", "1...3", "1..2..3"] {
            assert!(bad.parse::<Range>().is_err(), "{bad}");
        }
    }
}
