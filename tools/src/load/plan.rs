//! What one connection sends: it places an order, and once a few rest it cancels the oldest, and so on.

use std::collections::VecDeque;

/// Orders that may rest at the same time: with the five dollars of a new account each holds one.
const RESTING_MAX: usize = 3;

/// One command of the plan, by the client's order name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Place the order of this name.
    Place(String),
    /// Cancel the order of this name.
    Cancel(String),
}

/// The steps of one connection, without end.
pub(crate) struct Plan {
    prefix: String,
    placed: u64,
    resting: VecDeque<String>,
}

impl Plan {
    /// Order names begin with `prefix`.
    pub(crate) fn new(prefix: String) -> Self {
        Self { prefix, placed: 0, resting: VecDeque::new() }
    }
}

impl Iterator for Plan {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.resting.len() >= RESTING_MAX {
            return self.resting.pop_front().map(Step::Cancel);
        }
        self.placed += 1;
        let name = format!("{}-{}", self.prefix, self.placed);
        self.resting.push_back(name.clone());
        Some(Step::Place(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_orders_rest_and_each_is_cancelled_once() {
        let steps: Vec<Step> = Plan::new("a".into()).take(6).collect();
        let (place, cancel) = (|n| Step::Place(format!("a-{n}")), |n| Step::Cancel(format!("a-{n}")));
        assert_eq!(steps, [place(1), place(2), place(3), cancel(1), place(4), cancel(2)]);
    }
}
