//! Sharing out a level by size, step by step as the rules name the steps.

use papertape_engine::{OrderId, ProRata};

use super::Order;

/// What each order of a level gets of fewer or more lots than there are, in the order in which they trade. `orders`
/// stand in the order of time.
pub(super) fn share_out(
    orders: &[Order],
    lots: u64,
    rules: &ProRata,
    top: Option<OrderId>,
    notes: &mut Vec<&'static str>,
) -> Vec<(Order, u64)> {
    let all: u128 = orders.iter().map(|order| u128::from(order.leaves)).sum();
    if u128::from(lots) >= all {
        if orders.len() > 1 {
            notes.push("whole level taken");
        }
        return orders.iter().map(|order| (*order, order.leaves)).collect();
    }
    let (mut left, mut got) = (lots, vec![0_u64; orders.len()]);
    // Without a top step nobody is the top order.
    let top = top.filter(|_| rules.top_max.0 > 0);
    let top = orders.iter().position(|order| Some(order.id) == top);
    if let Some(top) = top {
        give(&mut got[top], orders[top].leaves.min(rules.top_max.0), &mut left);
        notes.push("top order got its part");
    }
    let sizes: Vec<u128> = orders.iter().zip(&got).map(|(order, got)| u128::from(order.leaves - got)).collect();
    let (pool, total) = (u128::from(left), sizes.iter().sum::<u128>());
    for (at, size) in sizes.iter().enumerate() {
        let share = (pool * size).checked_div(total).unwrap_or(0);
        if share >= u128::from(rules.share_min.0) {
            give(&mut got[at], u64::try_from(share).expect("a part of the pool"), &mut left);
        } else if share > 0 {
            notes.push("share below the least");
        }
    }
    if rules.leveling && left > 0 && got.contains(&0) {
        notes.push("leveling gave a lot");
    }
    if rules.leveling {
        got.iter_mut().filter(|got| **got == 0).for_each(|got| give(got, 1, &mut left));
    }
    for (order, got) in orders.iter().zip(&mut got) {
        let lacks = order.leaves - *got;
        give(got, lacks, &mut left);
    }
    let mut shares: Vec<(Order, u64)> = orders.iter().copied().zip(got).collect();
    if let Some(top) = top {
        let first = shares.remove(top);
        shares.insert(0, first);
    }
    shares.retain(|share| share.1 > 0);
    shares
}

/// Gives up to so many lots of those that are left.
fn give(got: &mut u64, most: u64, left: &mut u64) {
    let lots = most.min(*left);
    *got += lots;
    *left -= lots;
}
