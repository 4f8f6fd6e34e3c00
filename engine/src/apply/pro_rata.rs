//! Sharing out a level by size. The steps are those that CME publishes: the top order, the shares, leveling, the rest by
//! time ([`ProRata`]).

use super::self_trade::{Prevention, prevent};
use super::sweep::{Taker, is_self_trade, trade};
use crate::book::{Fill, Meet, OrderBook, Resting, crosses};
use crate::command::{SelfTradePrevention, Side};
use crate::engine::Desk;
use crate::event::Event;
use crate::instrument::{Allocation, ProRata};
use crate::market::Market;
use crate::units::{Price, Qty};

/// An order of a level, and what it gets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    order: Resting,
    gets: Qty,
}

/// Trades up to `lots` at `limit` or better: best price first, each level shared out. `claims` is room to work in.
pub(super) fn sweep<B: OrderBook>(
    market: &mut Market<B>,
    desk: &mut Desk,
    taker: &mut Taker,
    (limit, mut lots): (Option<Price>, Qty),
    claims: &mut Vec<Claim>,
    events: &mut Vec<Event>,
) {
    let Allocation::ProRata(rules) = market.clerk.instrument.spec.allocation else { return };
    let side = taker.side.opposite();
    while !lots.is_zero()
        && let Some(price) = market.book.best(side)
        && limit.is_none_or(|limit| crosses(taker.side, limit, price))
    {
        lots = meet_own_side(market, desk, taker, (price, lots), claims, events);
        if lots.is_zero() || taker.prevention == Prevention::Ended {
            return;
        }
        let level = market.book.level(side, price);
        let Some(level) = level else { continue };
        claims_at(market, side, price, claims);
        // Without a top step nobody comes first.
        let top = market.clerk.top[side as usize].filter(|_| !rules.top_max.is_zero());
        if lots < level.qty {
            let top = claims.iter().position(|claim| Some(claim.order.id) == top);
            share_out(claims, lots, &rules, top);
            // The top order trades before the others.
            claims[..=top.unwrap_or(0)].rotate_right(usize::from(top.is_some()));
        } else {
            claims.iter_mut().for_each(|claim| claim.gets = claim.order.leaves_qty);
        }
        for Claim { order, gets } in claims.iter().filter(|claim| !claim.gets.is_zero()) {
            match taker.side {
                Side::Buy => trade::<true>(&mut market.clerk, desk, taker, order, *gets, events),
                Side::Sell => trade::<false>(&mut market.clerk, desk, taker, order, *gets, events),
            };
            market.book.take(order.slot, *gets);
            lots -= *gets;
        }
    }
}

/// A taker meets all orders of a level at once: those of its own side first, oldest first, as its mode says. Gives what
/// is left of `lots`.
fn meet_own_side<B: OrderBook>(
    market: &mut Market<B>,
    desk: &mut Desk,
    taker: &mut Taker,
    (price, mut lots): (Price, Qty),
    claims: &mut Vec<Claim>,
    events: &mut Vec<Event>,
) -> Qty {
    if taker.terms.self_trade_prevention == SelfTradePrevention::None {
        return lots;
    }
    claims_at(market, taker.side.opposite(), price, claims);
    claims.retain(|claim| is_self_trade(&market.clerk, desk, taker, &claim.order));
    for Claim { order: maker, .. } in claims.iter() {
        let qty = lots.min(maker.leaves_qty);
        let meet = prevent(&mut market.clerk, desk, taker, Fill { maker: *maker, qty }, events);
        match meet {
            Meet::Take => {
                market.book.take(maker.slot, qty);
                lots -= qty;
            }
            Meet::Refresh(_) => unreachable!("levels with icebergs go by time"),
            Meet::Remove | Meet::RemoveAndStop => drop(market.book.remove(maker.slot)),
            Meet::Stop => {}
        }
        if lots.is_zero() || matches!(meet, Meet::Stop | Meet::RemoveAndStop) {
            break;
        }
    }
    lots
}

/// The orders at the best price, oldest first.
fn claims_at<B: OrderBook>(market: &Market<B>, side: Side, price: Price, claims: &mut Vec<Claim>) {
    claims.clear();
    market.book.walk(side, &mut |order| {
        let here = order.price == price;
        if here {
            claims.push(Claim { order, gets: Qty::ZERO });
        }
        here
    });
}

/// Shares out fewer lots than there are.
fn share_out(claims: &mut [Claim], lots: Qty, rules: &ProRata, top: Option<usize>) {
    let mut left = lots;
    if let Some(claim) = top.map(|top| &mut claims[top]) {
        claim.gets = rules.top_max.min(claim.order.leaves_qty).min(left);
        left -= claim.gets;
    }
    let total: u128 = claims.iter().map(|claim| u128::from((claim.order.leaves_qty - claim.gets).0)).sum();
    let pool = left;
    let mut without_share = Qty::ZERO;
    for claim in claims.iter_mut() {
        let size = u128::from((claim.order.leaves_qty - claim.gets).0);
        let share = Qty((u128::from(pool.0) * size / total.max(1)) as u64);
        let share = if share < rules.share_min { Qty::ZERO } else { share };
        claim.gets += share;
        left -= share;
        without_share += Qty(u64::from(claim.gets.is_zero()));
    }
    if rules.leveling && !without_share.is_zero() {
        for claim in claims.iter_mut().filter(|claim| claim.gets.is_zero()) {
            let one = Qty(1).min(left);
            claim.gets += one;
            left -= one;
        }
    }
    for claim in claims.iter_mut() {
        let more = left.min(claim.order.leaves_qty - claim.gets);
        claim.gets += more;
        left -= more;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::book::Slot;
    use crate::ids::OrderId;

    const PLAIN: ProRata = ProRata { top_max: Qty::ZERO, share_min: Qty(1), leveling: false };

    fn shares(sizes: &[u64], lots: u64, rules: ProRata, top: Option<usize>) -> Vec<u64> {
        let claim = |(slot, size): (usize, &u64)| {
            let (slot, id, leaves_qty) = (Slot(slot as u32), OrderId(slot as u64 + 1), Qty(*size));
            Claim { order: Resting { slot, id, side: Side::Sell, price: Price(1), leaves_qty }, gets: Qty::ZERO }
        };
        let mut claims: Vec<Claim> = sizes.iter().enumerate().map(claim).collect();
        share_out(&mut claims, Qty(lots), &rules, top);
        claims.iter().map(|claim| claim.gets.0).collect()
    }

    #[test]
    fn shares_are_rounded_down_and_the_rest_goes_by_time() {
        assert_eq!(shares(&[60, 30, 10], 50, PLAIN, None), [30, 15, 5]);
        assert_eq!(shares(&[1, 1, 1], 2, PLAIN, None), [1, 1, 0]);
        assert_eq!(shares(&[5, 50], 11, PLAIN, None), [1, 10]);
    }

    #[test]
    fn a_share_below_the_least_is_none() {
        let rules = ProRata { share_min: Qty(2), ..PLAIN };
        assert_eq!(shares(&[5, 50], 11, rules, None), [1, 10], "the lot that is left goes by time");
        assert_eq!(shares(&[50, 5], 11, rules, None), [11, 0]);
    }

    #[test]
    fn the_top_order_comes_first_up_to_its_maximum() {
        let rules = ProRata { top_max: Qty(10), ..PLAIN };
        assert_eq!(shares(&[100, 100], 50, rules, Some(1)), [22, 28], "10, then 40 over 100 and 90; one left by time");
        assert_eq!(shares(&[100, 100], 5, rules, Some(1)), [0, 5]);
    }

    #[test]
    fn leveling_gives_one_lot_to_those_without_a_share() {
        let rules = ProRata { leveling: true, ..PLAIN };
        assert_eq!(shares(&[97, 1, 1, 1], 50, rules, None), [48, 1, 1, 0]);
        assert_eq!(shares(&[97, 1, 1, 1], 50, PLAIN, None), [50, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_it_has_and_all_is_shared_out(
            sizes in prop::collection::vec(1_u64..=u64::MAX >> 8, 1..40),
            part in 0_u64..1_000, top_max in 0_u64..1_000, share_min in 1_u64..10, leveling: bool, top in any::<prop::sample::Index>(),
        ) {
            let total: u128 = sizes.iter().map(|size| u128::from(*size)).sum();
            let lots = u64::try_from(total * u128::from(part) / 1_000).unwrap();
            let rules = ProRata { top_max: Qty(top_max), share_min: Qty(share_min), leveling };
            let gets = shares(&sizes, lots, rules, Some(top.index(sizes.len())));
            prop_assert!(gets.iter().zip(&sizes).all(|(gets, size)| gets <= size));
            prop_assert_eq!(gets.iter().sum::<u64>(), lots);
        }
    }
}
