//! Pro-rata allocation through the whole engine; the arithmetic of shares has its own tests beside the code.

use papertape_engine::{
    Allocation, CancelCause, InstrumentSpec, Phase, PlaceOrder, ProRata, Qty, SelfTradePrevention as Mode, Side,
    TimeInForce,
};

use crate::support::{Venue, cancelled, immediate, limit, spec};

fn pro_rata(top_max: u64, share_min: u64, leveling: bool) -> Venue {
    let rules = ProRata { top_max: Qty(top_max), share_min: Qty(share_min), leveling };
    Venue::of(InstrumentSpec { allocation: Allocation::ProRata(rules), ..spec() })
}

fn trades(told: &[String]) -> Vec<&str> {
    told.iter().filter_map(|line| line.strip_prefix("trade ")?.strip_suffix(", fees 0 0")).collect()
}

#[test]
fn a_level_is_shared_out_by_size_and_the_rest_goes_by_time() {
    let mut venue = pro_rata(0, 1, false);
    [(1, 60), (2, 30), (3, 10)].into_iter().for_each(|(account, qty)| drop(venue.sell(account, 100, qty)));
    let told = venue.buy(1, 100, 51);
    assert_eq!(trades(&told), ["31 at 100: 4 from 1", "15 at 100: 4 from 2", "5 at 100: 4 from 3"]);
    assert_eq!(venue.queue(Side::Sell), [(1, 100, 29), (2, 100, 15), (3, 100, 5)]);
}

#[test]
fn who_takes_a_whole_level_trades_by_time_and_goes_on() {
    let mut venue = pro_rata(5, 1, false);
    venue.sell(1, 101, 4);
    venue.sell(2, 101, 4);
    venue.sell(1, 100, 3);
    venue.sell(2, 100, 3);
    let told = venue.buy(3, 101, 10);
    let expected = ["3 at 100: 5 from 3", "3 at 100: 5 from 4", "2 at 101: 5 from 1", "2 at 101: 5 from 2"];
    assert_eq!(trades(&told), expected, "nobody is the top order at 101: it was bettered");
}

#[test]
fn the_top_order_trades_first_until_it_is_bettered_amended_away_or_over() {
    let mut venue = pro_rata(4, 1, false);
    venue.sell(1, 100, 10);
    venue.sell(2, 100, 10);
    assert_eq!(trades(&venue.buy(3, 100, 8)), ["6 at 100: 3 from 1", "2 at 100: 3 from 2"]);
    // A smaller quantity keeps its place, and the crown.
    venue.amend(1, 1, None, Some(8));
    assert_eq!(venue.queue(Side::Sell), [(1, 100, 2), (2, 100, 8)]);
    assert_eq!(trades(&venue.buy(3, 100, 4)), ["2 at 100: 4 from 1", "2 at 100: 4 from 2"]);
    // The second is not the top order because the first has ended.
    venue.sell(1, 100, 4);
    assert_eq!(trades(&venue.buy(3, 100, 4)), ["3 at 100: 6 from 2", "1 at 100: 6 from 5"]);
    venue.sell(1, 99, 4);
    venue.sell(2, 99, 4);
    venue.amend(1, 7, None, Some(5));
    assert_eq!(trades(&venue.buy(3, 99, 4)), ["2 at 99: 9 from 8", "2 at 99: 9 from 7"], "it went to the tail");
}

#[test]
fn least_share_and_leveling() {
    let mut venue = pro_rata(0, 2, true);
    [97, 1, 1, 1].into_iter().for_each(|qty| drop(venue.sell(1, 100, qty)));
    let told = venue.buy(2, 100, 50);
    assert_eq!(trades(&told), ["48 at 100: 5 from 1", "1 at 100: 5 from 2", "1 at 100: 5 from 3"]);
}

#[test]
fn own_orders_are_met_before_a_level_is_shared_out() {
    let under = |mode, order: PlaceOrder| PlaceOrder { self_trade_prevention: Some(mode), ..order };
    let asks = || {
        let mut venue = pro_rata(0, 1, false);
        [(2, 6), (1, 4), (3, 2)].into_iter().for_each(|(account, qty)| drop(venue.sell(account, 100, qty)));
        venue
    };
    let told = asks().place(under(Mode::CancelMaker, limit(1, Side::Buy, 100, 4)));
    assert_eq!(trades(&told), ["3 at 100: 4 from 1", "1 at 100: 4 from 3"]);
    let told = asks().place(under(Mode::CancelTaker, limit(1, Side::Buy, 100, 4)));
    assert_eq!(trades(&told), [""; 0]);
    let told = asks().place(under(Mode::Decrement, limit(1, Side::Buy, 100, 8)));
    assert_eq!(trades(&told), ["3 at 100: 4 from 1", "1 at 100: 4 from 3"]);
    let killed = cancelled(4, 4, CancelCause::FillOrKill);
    let order = immediate(limit(1, Side::Buy, 100, 4), TimeInForce::Fok);
    assert_eq!(asks().place(under(Mode::CancelBoth, order)), ["accepted 4", &killed]);
    assert_eq!(trades(&asks().place(under(Mode::CancelMaker, order))).len(), 2);
}

#[test]
fn an_auction_goes_by_time() {
    let rules = ProRata { top_max: Qty(0), share_min: Qty(1), leveling: false };
    let mut venue =
        Venue::of(InstrumentSpec { allocation: Allocation::ProRata(rules), phase: Phase::Auction, ..spec() });
    venue.sell(1, 100, 60);
    venue.sell(2, 100, 40);
    venue.buy(3, 100, 50);
    assert_eq!(trades(&venue.uncross(None)), ["50 at 100: 3 from 1"]);
}
