//! Orders that show a part of themselves.

use papertape_engine::{
    Allocation, CancelCause, InstrumentSpec, Phase, PlaceOrder, ProRata, Qty, Reason, SelfTradePrevention, Side,
    TimeInForce,
};

use crate::support::{FUNDS, TEA, USD, Venue, cancelled, immediate, limit, market, rejected, spec, venue};

fn iceberg(display: u64, order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { display_qty: Some(Qty(display)), ..order }
}

fn shown(venue: &Venue, side: Side) -> Vec<(u64, u64)> {
    venue.engine.depth(crate::support::MARKET, side, 10).iter().map(|level| (level.0.0, level.1.0)).collect()
}

#[test]
fn what_showed_comes_back_at_the_tail() {
    let mut venue = venue();
    assert_eq!(venue.place(iceberg(3, limit(1, Side::Sell, 100, 10))), ["accepted 1", "rested 1, 10 at 100"]);
    venue.sell(2, 100, 4);
    assert_eq!((shown(&venue, Side::Sell), venue.balance(1, TEA)), (vec![(100, 7)], (FUNDS - 1_000, 1_000)));
    // Three that show, the four behind, three of the next part, one of the last but one.
    let told = venue.buy(3, 100, 11);
    let trades = ["trade 3 at 100: 3 from 1, fees 0 0", "rested 1, 7 at 100", "trade 4 at 100: 3 from 2, fees 0 0"];
    assert_eq!(told[1..4], trades);
    let trades = ["trade 3 at 100: 3 from 1, fees 0 0", "rested 1, 4 at 100", "trade 1 at 100: 3 from 1, fees 0 0"];
    assert_eq!(told[4..], trades);
    assert_eq!((shown(&venue, Side::Sell), venue.queue(Side::Sell)), (vec![(100, 2)], vec![(1, 100, 3)]));
    assert_eq!(venue.cancel(1, 1), [cancelled(1, 3, CancelCause::User)]);
    assert_eq!((shown(&venue, Side::Sell), venue.balance(1, TEA)), (vec![], (FUNDS - 700, 0)));
}

#[test]
fn it_counts_with_all_it_has() {
    let mut venue = venue();
    venue.place(iceberg(1, limit(1, Side::Sell, 100, 10)));
    let fok = |qty| immediate(limit(2, Side::Buy, 100, qty), TimeInForce::Fok);
    assert_eq!(venue.place(fok(11))[1], cancelled(2, 11, CancelCause::FillOrKill));
    assert_eq!(venue.place(fok(9)).len(), 19, "accepted, nine trades of one, nine parts that come anew");
    venue.place(iceberg(2, limit(1, Side::Buy, 90, 9)));
    assert_eq!(venue.balance(1, USD), (FUNDS + 900 - 810, 810));
    assert_eq!(venue.place(market(2, Side::Sell, 9)).len(), 10, "five trades, four parts, and it is accepted");
}

#[test]
fn an_uncross_takes_it_whole() {
    let mut venue = venue();
    venue.set_phase(Phase::Auction);
    venue.place(iceberg(2, limit(1, Side::Sell, 100, 6)));
    venue.sell(2, 100, 2);
    venue.buy(3, 101, 7);
    let told = venue.uncross(Some(100));
    assert_eq!(told.iter().find(|line| line.starts_with("uncrossed")).unwrap(), "uncrossed 7 at 100, 1 sell left");
    assert_eq!(venue.queue(Side::Sell), [(1, 100, 1)]);
}

#[test]
fn it_keeps_its_part_when_it_is_amended() {
    let mut venue = venue();
    venue.place(iceberg(3, limit(1, Side::Sell, 100, 10)));
    venue.sell(2, 100, 1);
    assert_eq!(venue.amend(1, 1, None, Some(8)), ["amended 1, 8 at 100, place lost", "rested 1, 8 at 100"]);
    assert_eq!((shown(&venue, Side::Sell), venue.queue(Side::Sell)), (vec![(100, 4)], vec![(2, 100, 1), (1, 100, 8)]));
    venue.amend(1, 1, Some(101), Some(2));
    assert_eq!(shown(&venue, Side::Sell), [(100, 1), (101, 2)]);
}

#[test]
fn own_orders_are_met_part_by_part() {
    let mode = |mode| Venue::of(InstrumentSpec { self_trade_prevention: mode, ..spec() });
    let mut venue = mode(SelfTradePrevention::Decrement);
    venue.place(iceberg(2, limit(1, Side::Sell, 100, 6)));
    venue.sell(2, 100, 3);
    let told = venue.place(immediate(limit(1, Side::Buy, 100, 6), TimeInForce::Fok));
    assert_eq!(told[1], cancelled(3, 6, CancelCause::FillOrKill), "a decrement fills nothing");
    let told = venue.buy(1, 100, 6);
    let first = "prevented 2 at 100: 4 with 1, 4 and 4 left, decrement";
    assert_eq!(told[1..4], [first, "rested 1, 4 at 100", "trade 3 at 100: 4 from 2, fees 0 0"]);
    assert_eq!(told[4], "prevented 1 at 100: 4 with 1, 0 and 3 left, decrement");
    let mut venue = mode(SelfTradePrevention::CancelMaker);
    venue.place(iceberg(2, limit(1, Side::Sell, 100, 6)));
    assert_eq!(venue.buy(1, 100, 1)[2], cancelled(1, 6, CancelCause::SelfTrade));
    assert_eq!(shown(&venue, Side::Sell), []);
}

#[test]
fn what_is_no_iceberg_is_refused() {
    let mut venue = venue();
    for order in [
        iceberg(5, limit(1, Side::Buy, 10, 5)),
        iceberg(2, market(1, Side::Buy, 5)),
        iceberg(2, immediate(limit(1, Side::Buy, 10, 5), TimeInForce::Ioc)),
    ] {
        assert_eq!(venue.place(order), rejected(Reason::InvalidDisplay));
    }
    let rules = ProRata { top_max: Qty(0), share_min: Qty(1), leveling: false };
    let mut venue = Venue::of(InstrumentSpec { allocation: Allocation::ProRata(rules), ..spec() });
    assert_eq!(venue.place(iceberg(2, limit(1, Side::Buy, 10, 5))), rejected(Reason::InvalidDisplay));
}
