//! Collecting, and trading at one price.

use papertape_engine::{Command, InstrumentId, Phase, PlaceOrder, Reason, Side, TimeInForce};

use crate::support::{FUNDS, TEA, USD, Venue, immediate, limit, market, rejected, spec, venue, with_fees};

fn collecting(mut venue: Venue) -> Venue {
    venue.set_phase(Phase::Auction);
    venue
}

#[test]
fn orders_rest_crossed_until_the_uncross_and_trade_at_one_price() {
    let mut venue = collecting(venue());
    venue.buy(1, 105, 4);
    venue.buy(2, 103, 4);
    venue.sell(3, 101, 3);
    assert_eq!(venue.sell(3, 102, 3), ["accepted 4", "rested 4, 3 at 102"]);
    assert_eq!(venue.set_phase(Phase::Continuous), rejected(Reason::BookCrossed));
    // From 102 to 103 six trade; a surplus of two buys takes the highest of these prices.
    let told = venue.uncross(None);
    let trades = ["trade 3 at 103: 1 from 3, fees 0 0", "trade 1 at 103: 1 from 4, fees 0 0"];
    let last = "trade 2 at 103: 2 from 4, fees 0 0";
    assert_eq!(told, [trades[0], trades[1], last, "uncrossed 6 at 103, 2 buy left", "Continuous"]);
    assert_eq!(venue.balance(1, USD), (FUNDS - 4 * 103, 0), "two cents a lot came back");
    assert_eq!(venue.balance(2, USD), (FUNDS - 4 * 103, 2 * 103));
    assert_eq!(venue.balance(3, TEA), (FUNDS - 600, 0));
}

#[test]
fn the_reference_decides_where_nothing_else_does_and_zero_is_none() {
    for (reference, price) in [(None, 105), (Some(0), 105), (Some(1), 100), (Some(107), 107), (Some(999), 110)] {
        let mut venue = collecting(venue());
        venue.buy(1, 110, 4);
        venue.sell(2, 100, 4);
        let told = venue.uncross(reference);
        assert_eq!(told[1], format!("uncrossed 4 at {price}"), "{reference:?}");
    }
}

#[test]
fn the_last_price_is_the_reference_if_none_is_given() {
    let mut venue = venue();
    venue.buy(1, 108, 1);
    venue.sell(2, 108, 1);
    let mut venue = collecting(venue);
    venue.buy(1, 110, 4);
    venue.sell(2, 100, 4);
    assert_eq!(venue.uncross(None)[1], "uncrossed 4 at 108");
    assert_eq!(venue.engine.last_trade(InstrumentId(0)).unwrap().0.0, 2);
}

#[test]
fn an_auction_pays_makers_fees_and_no_rebates() {
    let mut venue = collecting(with_fees(-500, 1_000));
    venue.buy(1, 1_000, 4);
    venue.sell(2, 1_000, 4);
    assert_eq!(venue.uncross(None)[0], "trade 4 at 1000: 1 from 2, fees 0 0");
    let mut venue = collecting(with_fees(500, 1_000));
    venue.buy(1, 1_000, 4);
    venue.sell(2, 1_000, 4);
    assert_eq!(venue.uncross(None)[0], "trade 4 at 1000: 1 from 2, fees 2 2");
    assert_eq!((venue.balance(1, USD), venue.balance(0, USD)), ((FUNDS - 4_002, 0), (4, 0)));
}

#[test]
fn nothing_crosses_and_the_phase_still_changes() {
    let mut venue = collecting(venue());
    venue.buy(1, 100, 4);
    venue.sell(2, 101, 4);
    assert_eq!(venue.uncross(Some(100)), ["uncrossed 0 at nothing", "Continuous"]);
    assert_eq!(venue.uncross(None), rejected(Reason::NotInAuction));
    let nowhere = Command::Uncross { instrument: InstrumentId(3), reference: None, then: Phase::Closed };
    assert_eq!(venue.tell(nowhere), rejected(Reason::UnknownInstrument));
}

#[test]
fn only_plain_limit_orders_are_collected() {
    let mut venue = collecting(Venue::of(spec()));
    let order = limit(1, Side::Buy, 100, 4);
    assert_eq!(venue.place(immediate(order, TimeInForce::Ioc)), rejected(Reason::AuctionOnlyLimit));
    assert_eq!(venue.place(immediate(order, TimeInForce::Fok)), rejected(Reason::AuctionOnlyLimit));
    assert_eq!(venue.place(PlaceOrder { post_only: true, ..order }), rejected(Reason::AuctionOnlyLimit));
    assert_eq!(venue.place(market(1, Side::Buy, 4)), rejected(Reason::AuctionOnlyLimit));
    assert_eq!(venue.place(order)[0], "accepted 1");
}

#[test]
fn time_decides_among_orders_of_one_price() {
    let mut venue = collecting(venue());
    venue.buy(1, 100, 2);
    venue.buy(2, 100, 2);
    venue.buy(3, 101, 1);
    venue.sell(1, 100, 4);
    let told = venue.uncross(None);
    let trades = ["trade 1 at 100: 3 from 4, fees 0 0", "trade 2 at 100: 1 from 4, fees 0 0"];
    assert_eq!(
        told[..4],
        [trades[0], trades[1], "trade 1 at 100: 2 from 4, fees 0 0", "uncrossed 4 at 100, 1 buy left"]
    );
    assert_eq!(venue.queue(Side::Buy), [(2, 100, 1)]);
}
