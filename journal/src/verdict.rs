//! Torn or corrupt: the whole decision, as one table. The reasons are in `docs/adr/0002-journal-torn-or-corrupt.md`.

/// What is known about damage after the last intact record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Facts {
    /// The segment was synced and its hash stands in the next header.
    pub(crate) sealed: bool,
    /// What lies there is intact by its own checksum, and does not continue the chain.
    pub(crate) out_of_place: bool,
    /// The watermark is at or beyond the damaged seq.
    pub(crate) marked: bool,
    /// An intact record beyond says that the damaged seq had been durable.
    pub(crate) witnessed: bool,
}

/// What follows from the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// One crash can have made it, and nothing contradicts that: it is cut.
    Torn,
    /// A synced segment does not change by a crash.
    CorruptSealed,
    /// A crash writes no intact records in wrong places.
    CorruptChain,
    /// It was durable, says the watermark.
    CorruptMarked,
    /// It was durable, says a later record.
    CorruptWitnessed,
}

/// A line of the table: what it asks for, `None` is either way.
struct Rule {
    sealed: Option<bool>,
    out_of_place: Option<bool>,
    marked: Option<bool>,
    witnessed: Option<bool>,
    verdict: Verdict,
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

/// The lines, of which exactly one fits.
#[rustfmt::skip]
const RULES: [Rule; 5] = [
    Rule { sealed: YES, out_of_place: None, marked: None, witnessed: None, verdict: Verdict::CorruptSealed },
    Rule { sealed: NO,  out_of_place: YES,  marked: None, witnessed: None, verdict: Verdict::CorruptChain },
    Rule { sealed: NO,  out_of_place: NO,   marked: YES,  witnessed: None, verdict: Verdict::CorruptMarked },
    Rule { sealed: NO,  out_of_place: NO,   marked: NO,   witnessed: YES,  verdict: Verdict::CorruptWitnessed },
    Rule { sealed: NO,  out_of_place: NO,   marked: NO,   witnessed: NO,   verdict: Verdict::Torn },
];

impl Rule {
    fn fits(&self, facts: &Facts) -> bool {
        let is = |asked: Option<bool>, fact: bool| asked.is_none_or(|asked| asked == fact);
        is(self.sealed, facts.sealed)
            && is(self.out_of_place, facts.out_of_place)
            && is(self.marked, facts.marked)
            && is(self.witnessed, facts.witnessed)
    }
}

impl Facts {
    /// Looks it up. Facts that no line foresees would be corrupt: nothing is cut without a reason.
    pub(crate) fn verdict(&self) -> Verdict {
        RULES.iter().find(|rule| rule.fits(self)).map_or(Verdict::CorruptSealed, |rule| rule.verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Facts> {
        (0..16_u8).map(|bits| {
            let bit = |n: u8| bits >> n & 1 == 1;
            Facts { sealed: bit(0), out_of_place: bit(1), marked: bit(2), witnessed: bit(3) }
        })
    }

    #[test]
    fn exactly_one_line_fits_every_case() {
        for facts in all() {
            assert_eq!(RULES.iter().filter(|rule| rule.fits(&facts)).count(), 1, "{facts:?}");
        }
        for rule in &RULES {
            assert!(all().any(|facts| rule.fits(&facts)));
        }
    }

    #[test]
    fn only_what_nothing_contradicts_is_torn() {
        let torn: Vec<Facts> = all().filter(|facts| facts.verdict() == Verdict::Torn).collect();
        assert_eq!(torn, [Facts::default()]);
    }

    #[test]
    fn the_table_in_the_documentation_is_this_one() {
        let text = include_str!("../../docs/adr/0002-journal-torn-or-corrupt.md");
        let word = |asked: Option<bool>| asked.map_or("either", |asked| if asked { "yes" } else { "no" });
        for rule in &RULES {
            let [a, b, c, d] = [rule.sealed, rule.out_of_place, rule.marked, rule.witnessed].map(word);
            let line = format!("| {a} | {b} | {c} | {d} | {} |", verdict_name(rule.verdict));
            assert!(text.contains(&line), "{line}");
        }
    }

    fn verdict_name(verdict: Verdict) -> &'static str {
        if verdict == Verdict::Torn { "torn" } else { "corrupt" }
    }
}
