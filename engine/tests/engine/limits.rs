//! Price bands, position limits, order rates.

use papertape_engine::{
    Amount, Bands, CancelCause, Filters, InstrumentSpec, OrderId, Phase, PlaceOrder, Qty, Reason, Side, TimeInForce,
};

use crate::support::{FUNDS, Venue, cancelled, immediate, limit, market, rejected, spec, spend, stop, venue};

fn banded(static_points: u32, dynamic_points: u32) -> Venue {
    Venue::of(InstrumentSpec { bands: Bands { static_points, dynamic_points }, ..spec() })
}

fn trade_at(venue: &mut Venue, price: u64) {
    venue.sell(2, price, 1);
    venue.buy(3, price, 1);
}

#[test]
fn a_limit_outside_the_static_band_is_refused() {
    let mut venue = banded(1_000, 0);
    venue.cancel(1, 1);
    assert_eq!(venue.sell(2, 5_000, 1).len(), 2, "there is no reference yet");
    trade_at(&mut venue, 101);
    // 101 less and plus a tenth: 90.9 and 111.1, to the inside.
    for (price, fits) in [(90, false), (91, true), (111, true), (112, false)] {
        let told = venue.sell(1, price.max(102), 1);
        assert_eq!(told.len() == 2, price < 112, "sell at {price}");
        let told = venue.buy(1, price.min(101), 1);
        assert_eq!(told.len() >= 2, price > 90 || fits, "buy at {price}");
    }
    assert_eq!(venue.amend(1, 4, Some(112), None), rejected(Reason::PriceOutOfBand));
    // A new session knows no price.
    venue.set_phase(Phase::Closed);
    venue.set_phase(Phase::Continuous);
    assert_eq!(venue.sell(1, 9_000, 1).len(), 2);
}

#[test]
fn nobody_trades_beyond_the_dynamic_band() {
    let mut venue = banded(0, 500);
    trade_at(&mut venue, 100);
    for price in [104, 105, 106] {
        venue.sell(2, price, 1);
    }
    let told = venue.place(market(1, Side::Buy, 9));
    assert_eq!(told[1..3], ["trade 1 at 104: 6 from 3, fees 0 0", "trade 1 at 105: 6 from 4, fees 0 0"]);
    assert_eq!(told[3], cancelled(6, 7, CancelCause::PriceBand));
    // From the last trade, 105, the band reaches to 110.
    venue.sell(2, 112, 1);
    assert_eq!(venue.buy(1, 112, 5)[2], cancelled(8, 4, CancelCause::PriceBand), "it may not rest crossed");
    venue.sell(2, 109, 1);
    let fok = immediate(limit(1, Side::Buy, 112, 2), TimeInForce::Fok);
    assert_eq!(venue.place(fok)[1], cancelled(10, 2, CancelCause::FillOrKill));
    assert_eq!(venue.place(spend(1, Side::Buy, 10_000))[2], cancelled(11, 0, CancelCause::PriceBand));
}

#[test]
fn an_amend_and_an_order_that_fires_keep_to_the_band() {
    let mut venue = banded(0, 500);
    trade_at(&mut venue, 100);
    venue.buy(1, 90, 2);
    venue.sell(2, 106, 5);
    let told = venue.amend(1, 3, Some(106), None);
    assert_eq!(told[1], cancelled(3, 2, CancelCause::PriceBand));
    venue.place(stop(103, market(1, Side::Buy, 1)));
    venue.sell(2, 103, 1);
    let told = venue.buy(3, 103, 1);
    assert_eq!(told[2..4], ["triggered 5 at 103", "trade 1 at 106: 5 from 4, fees 0 0"], "103 reaches to 108");
}

#[test]
fn a_buyer_comes_to_have_no_more_than_it_may() {
    let filters = Filters { position_max: Amount(FUNDS + 1_000), ..Filters::OPEN };
    let mut venue = Venue::of(InstrumentSpec { filters, ..spec() });
    assert_eq!(venue.buy(1, 10, 6).len(), 2);
    assert_eq!(venue.buy(1, 10, 5), rejected(Reason::PositionLimit));
    assert_eq!(venue.buy(1, 11, 4).len(), 2);
    assert_eq!(venue.amend(1, 1, None, Some(7)), rejected(Reason::PositionLimit));
    assert_eq!(venue.amend(1, 1, Some(12), Some(6)).len(), 2);
    venue.sell(2, 20, 5);
    assert_eq!(venue.place(market(1, Side::Buy, 1)), rejected(Reason::PositionLimit));
    venue.sell(1, 30, 9);
    assert_eq!(venue.place(market(1, Side::Buy, 1)), rejected(Reason::PositionLimit), "what is held is still there");
}

#[test]
fn an_account_sends_so_many_orders_a_second() {
    let filters = Filters { orders_per_second_max: 2, ..Filters::OPEN };
    let mut venue = Venue::of(InstrumentSpec { filters, ..spec() });
    venue.buy(1, 10, 1);
    assert_eq!(venue.buy(1, 0, 1), rejected(Reason::PriceOutOfRange), "a refused order does not count");
    venue.amend(1, 1, Some(11), None);
    assert_eq!(venue.buy(1, 10, 1), rejected(Reason::OrderRate));
    assert_eq!(venue.amend(1, 1, Some(12), None), rejected(Reason::OrderRate));
    assert_eq!(venue.buy(2, 10, 1).len(), 2, "each account for itself");
    assert_eq!(venue.cancel(1, 1).len(), 1, "cancels are free");
    venue.pass(1_000_000_000);
    assert_eq!(venue.buy(1, 10, 1).len(), 2);
}

#[test]
fn the_book_says_an_orders_place() {
    let mut venue = venue();
    for (account, price, qty) in [(1, 10, 5), (2, 10, 3), (3, 10, 1), (3, 11, 7)] {
        venue.buy(account, price, qty);
    }
    venue.place(PlaceOrder { time_in_force: TimeInForce::Ioc, ..limit(1, Side::Sell, 11, 2) });
    let place = |venue: &Venue, order| venue.engine.queue_place(OrderId(order));
    assert_eq!(place(&venue, 3), Some((2, Qty(8))));
    venue.cancel(1, 1);
    assert_eq!((place(&venue, 3), place(&venue, 4)), (Some((1, Qty(3))), Some((0, Qty(0)))));
    assert_eq!(place(&venue, 1), None);
}
