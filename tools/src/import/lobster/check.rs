//! The engine's book beside the exchange's rows.

use papertape_engine::{Price, Qty, Side, decimal};

use super::parse::{LEVELS, Levels, PRICE_DECIMALS};
use crate::import::report::{Tally, percent};

/// How one side of the engine's book compares with a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum SideCheck {
    /// All levels that both can know are equal. Levels of the file behind them enter from outside.
    Equal {
        /// The levels that enter.
        entering: Levels,
    },
    /// A level differs.
    Different {
        /// In words.
        expected: String,
        /// In words.
        actual: String,
    },
}

/// Compares one side, best first. `book` may have levels beyond the window; they are not compared. `before` is the side
/// in the row before: a level enters from outside only where that row's window was full, and behind its last level.
pub(crate) fn compare_side(
    side: Side,
    row: &[(Price, Qty)],
    book: &[(Price, Qty)],
    before: Option<&[(Price, Qty)]>,
) -> SideCheck {
    let seen = &book[..book.len().min(LEVELS)];
    let different = |at: usize| SideCheck::Different {
        expected: words(side, at, row.get(at)),
        actual: words(side, at, seen.get(at)),
    };
    if let Some(at) = (0..seen.len()).find(|at| row.get(*at) != seen.get(*at)) {
        return different(at);
    }
    let from_outside = |price: Price| match before {
        None => true,
        Some(before) => before.get(LEVELS - 1).is_some_and(|(last, _)| match side {
            Side::Buy => price < *last,
            Side::Sell => price > *last,
        }),
    };
    if let Some(at) = (seen.len()..row.len()).find(|at| !from_outside(row[*at].0)) {
        return different(at);
    }
    SideCheck::Equal { entering: row[seen.len()..].to_vec() }
}

fn words(side: Side, at: usize, level: Option<&(Price, Qty)>) -> String {
    let name = if side == Side::Buy { "bid" } else { "ask" };
    let number = at + 1;
    match level {
        Some((price, qty)) => {
            format!("{name} level {number} {qty} at {}", decimal::format(price.0.into(), PRICE_DECIMALS))
        }
        None => format!("no {name} level {number}"),
    }
}

/// What the comparison of a day found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct DayCheck {
    /// Messages.
    pub(crate) messages: u64,
    /// Rows in which every level was known before.
    pub(crate) rows: Tally,
    /// Rows in which a level entered: their other levels.
    pub(crate) apart: Tally,
    /// Executions of orders whose arrival was seen: how many hit the oldest order of the level.
    pub(crate) oldest_first: Tally,
    /// Executions of orders from before the start or from outside: how many hit such a part of the level.
    pub(crate) unseen_first: Tally,
    /// Messages of types 5 and 6.
    pub(crate) hidden: u64,
    /// Messages of type 7.
    pub(crate) halts: u64,
}

impl DayCheck {
    /// The lines before the last one.
    pub(crate) fn notes(&self, checked: bool) -> Vec<String> {
        let DayCheck { messages, apart, unseen_first, hidden, halts, .. } = self;
        let compared =
            if checked { format!("their other levels: {apart} equal") } else { String::from("not compared") };
        vec![
            format!("{messages} messages; {hidden} hidden or auction trades and {halts} halts do not touch the book"),
            format!(
                "row 1 seeds the book; in {} rows a level entered the window from outside and was taken from the file \
                 ({compared})",
                apart.total
            ),
            format!(
                "{} executions of orders from before the start or from outside: {unseen_first} hit such quantity first",
                unseen_first.total
            ),
        ]
    }

    /// The last lines.
    pub(crate) fn verdict(&self, checked: bool) -> [String; 2] {
        let DayCheck { rows, oldest_first: oldest, .. } = self;
        let equal = if checked {
            format!("rows {rows} equal")
        } else {
            format!("rows {}, not compared (see --check)", rows.total)
        };
        [equal, format!("oldest first: {} ({oldest})", percent(oldest.equal, oldest.total))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(prices: &[(u64, u64)]) -> Levels {
        prices.iter().map(|(price, qty)| (Price(*price), Qty(*qty))).collect()
    }

    #[test]
    fn a_level_behind_a_full_window_enters_from_outside() {
        let before = levels(&[(10, 1), (11, 2), (12, 3), (13, 4), (14, 5)]);
        let row = levels(&[(11, 2), (12, 3), (13, 4), (14, 5), (16, 6)]);
        let entered = compare_side(Side::Sell, &row, &before[1..], Some(&before));
        assert_eq!(entered, SideCheck::Equal { entering: levels(&[(16, 6)]) });
    }

    #[test]
    fn a_level_that_the_book_lost_does_not_pass_for_one_that_enters() {
        let before = levels(&[(10, 1), (11, 2), (12, 3), (13, 4), (14, 5)]);
        let lost = compare_side(Side::Sell, &before, &before[..4], Some(&before));
        assert!(matches!(lost, SideCheck::Different { .. }), "{lost:?}");
        let not_full = levels(&[(10, 1), (11, 2)]);
        let lost = compare_side(Side::Sell, &before[..3], &not_full, Some(&not_full));
        let (expected, actual) = ("ask level 3 3 at 0.0012".to_owned(), "no ask level 3".to_owned());
        assert_eq!(lost, SideCheck::Different { expected, actual });
    }

    #[test]
    fn a_level_that_differs_is_named() {
        let row = levels(&[(12_000, 1), (10_000, 3)]);
        let book = levels(&[(12_000, 1), (11_000, 2)]);
        let (expected, actual) = ("bid level 2 3 at 1.0000".to_owned(), "bid level 2 2 at 1.1000".to_owned());
        assert_eq!(compare_side(Side::Buy, &row, &book, None), SideCheck::Different { expected, actual });
        let SideCheck::Different { expected, .. } = compare_side(Side::Buy, &[], &book, None) else { panic!("equal") };
        assert_eq!(expected, "no bid level 1");
    }

    #[test]
    fn levels_beyond_the_window_are_not_compared() {
        let book: Levels = (1..=7).map(|price| (Price(price), Qty(1))).collect();
        assert_eq!(compare_side(Side::Sell, &book[..5], &book, None), SideCheck::Equal { entering: Vec::new() });
    }
}
