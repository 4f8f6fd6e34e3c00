//! Orders that end by themselves: at a time, or when the instrument closes.

use papertape_engine::{
    AccountId, CancelCause, Command, Event, OrderId, OrderRef, Phase, PlaceOrder, Reason, Side, Stamp, TimeInForce,
};

use crate::support::{FUNDS, TEA, USD, cancelled, limit, market, rejected, venue};

fn until(until_ns: u64, order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { time_in_force: TimeInForce::Gtd { until_ns }, ..order }
}

fn day(order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { time_in_force: TimeInForce::Day, ..order }
}

fn expired(order: u64, leaves: u64) -> String {
    cancelled(order, leaves, CancelCause::Expired)
}

#[test]
fn an_order_does_not_trade_from_its_time_on() {
    let mut venue = venue();
    let now = venue.time_ns();
    venue.place(until(now + 3, limit(1, Side::Sell, 100, 5)));
    venue.sell(2, 100, 5);
    assert_eq!(venue.engine.next_expiry(), Some(now + 3));
    assert_eq!(venue.balance(1, TEA), (FUNDS - 500, 500));
    // It ends before the command whose stamp has reached its time, and that trades with the next in the queue.
    let told = venue.buy(3, 100, 5);
    assert_eq!(told, [&expired(1, 5), "accepted 3", "trade 5 at 100: 3 from 2, fees 0 0"]);
    assert_eq!((venue.balance(1, TEA), venue.engine.next_expiry()), ((FUNDS, 0), None));
}

#[test]
fn a_tick_ends_the_earliest_first_and_at_one_time_the_oldest() {
    let mut venue = venue();
    let now = venue.time_ns();
    for (at, price) in [(20, 90), (10, 91), (20, 92), (10, 93), (21, 94)] {
        venue.place(until(now + at, limit(1, Side::Buy, price, 1)));
    }
    assert_eq!(venue.tell(Command::Tick), ["ticked 0"]);
    venue.pass(now + 20);
    let ends = [expired(2, 1), expired(4, 1), expired(1, 1), expired(3, 1), "ticked 4".to_owned()];
    assert_eq!(venue.tell(Command::Tick), ends);
    assert_eq!(venue.queue(Side::Buy), [(5, 94, 1)]);
}

#[test]
fn a_time_that_has_come_is_refused_and_a_command_that_is_refused_still_ends_others() {
    let mut venue = venue();
    let now = venue.time_ns();
    assert_eq!(venue.place(until(now + 1, limit(1, Side::Buy, 90, 1))), rejected(Reason::ExpiryNotAhead));
    venue.place(until(now + 4, limit(1, Side::Buy, 90, 1)));
    venue.pass(now + 10);
    let cancel = Command::Cancel { account: AccountId(1), order: OrderRef::Id(OrderId(1)) };
    assert_eq!(venue.tell(cancel), [expired(1, 1), "rejected UNKNOWN_ORDER".to_owned()]);
    let market = PlaceOrder { time_in_force: TimeInForce::Day, ..market(1, Side::Buy, 1) };
    assert_eq!(venue.place(market), rejected(Reason::MarketMustBeImmediate));
    let order = PlaceOrder { post_only: true, ..day(limit(1, Side::Buy, 90, 1)) };
    assert_eq!(venue.place(order), ["accepted 2", "rested 2, 1 at 90"], "it stays, so it may be post-only");
}

#[test]
fn an_amended_order_keeps_its_time() {
    let mut venue = venue();
    let now = venue.time_ns();
    venue.place(until(now + 10, limit(1, Side::Buy, 90, 5)));
    venue.amend(1, 1, Some(91), Some(6));
    venue.amend(1, 1, None, Some(4));
    venue.pass(now + 10);
    assert_eq!(venue.tell(Command::Tick), [expired(1, 4), "ticked 1".to_owned()]);
    assert_eq!(venue.balance(1, USD), (FUNDS, 0));
}

#[test]
fn an_order_that_ended_otherwise_does_not_end_again() {
    let mut venue = venue();
    let now = venue.time_ns();
    venue.place(until(now + 20, limit(1, Side::Buy, 90, 5)));
    venue.place(until(now + 20, limit(1, Side::Buy, 91, 5)));
    venue.cancel(1, 1);
    venue.sell(2, 91, 5);
    assert_eq!(venue.engine.next_expiry(), None);
    venue.pass(now + 20);
    assert_eq!(venue.tell(Command::Tick), ["ticked 0"]);
}

#[test]
fn day_orders_end_when_the_instrument_closes() {
    let mut venue = venue();
    venue.place(day(limit(2, Side::Buy, 90, 1)));
    venue.place(day(limit(1, Side::Sell, 110, 2)));
    venue.buy(1, 89, 3);
    assert_eq!(venue.set_phase(Phase::Halted), ["Halted"]);
    assert_eq!(venue.set_phase(Phase::Closed), ["Closed".to_owned(), expired(1, 1), expired(2, 2)]);
    assert_eq!(venue.queue(Side::Buy), [(3, 89, 3)], "the other one stays over the night");
    assert_eq!((venue.balance(1, TEA), venue.balance(2, USD)), ((FUNDS, 0), (FUNDS, 0)));
}

#[test]
fn an_auction_collects_orders_with_an_end_and_the_close_ends_what_it_leaves() {
    let mut venue = venue();
    venue.set_phase(Phase::Auction);
    venue.place(day(limit(1, Side::Buy, 100, 5)));
    venue.place(day(limit(2, Side::Sell, 100, 3)));
    let then = Phase::Closed;
    let told = venue.tell(Command::Uncross { instrument: crate::support::MARKET, reference: None, then });
    assert_eq!(told[0], "trade 3 at 100: 1 from 2, fees 0 0");
    assert_eq!(told[2..], ["Closed".to_owned(), expired(1, 2)]);
}

#[test]
fn ticks_count_only_their_own() {
    let mut venue = venue();
    let mut events = vec![Event::Ticked { expired: 7 }];
    venue.engine.apply(Stamp { seq: 100, time_ns: 100 }, &Command::Tick, &mut events);
    assert_eq!(events, [Event::Ticked { expired: 7 }, Event::Ticked { expired: 0 }]);
}
