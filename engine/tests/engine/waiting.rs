//! Orders that wait for a trigger.

use papertape_engine::{
    CancelCause, Command, InstrumentSpec, OrderKind, Phase, PlaceOrder, Price, Qty, Reason, Side, TimeInForce, Trail,
    TriggerAtEntry, TriggerKind, TriggerSource,
};

use crate::support::{FUNDS, MARKET, TEA, USD, Venue, cancelled, limit, market, rejected, spec, stop, venue, waiting};

/// Trades one lot at a price, between accounts 2 and 3.
fn print(venue: &mut Venue, price: u64) -> Vec<String> {
    venue.sell(2, price, 1);
    venue.place(PlaceOrder { time_in_force: TimeInForce::Ioc, ..limit(3, Side::Buy, price, 1) })
}

fn last(mut told: Vec<String>) -> String {
    told.pop().unwrap()
}

#[test]
fn each_kind_fires_from_its_side() {
    for (side, kind, price, quiet, fires) in [
        (Side::Buy, TriggerKind::Stop, 105, 104, 105),
        (Side::Buy, TriggerKind::TakeProfit, 95, 96, 95),
        (Side::Sell, TriggerKind::Stop, 95, 96, 94),
        (Side::Sell, TriggerKind::TakeProfit, 105, 104, 106),
    ] {
        let mut venue = venue();
        print(&mut venue, 100);
        assert_eq!(venue.place(waiting(kind, Some(price), None, limit(1, side, 100, 2))), ["accepted 3"]);
        assert_eq!(last(print(&mut venue, quiet)), format!("trade 1 at {quiet}: 5 from 4, fees 0 0"));
        let told = print(&mut venue, fires);
        assert_eq!(told[2], format!("triggered 3 at {fires}"), "{side:?} {kind:?}");
        assert_eq!(told[3], "rested 3, 2 at 100");
    }
}

#[test]
fn a_stop_holds_its_funds_and_gives_them_back() {
    let mut venue = venue();
    venue.place(stop(200, market(1, Side::Buy, 5)));
    assert_eq!(venue.balance(1, USD), (FUNDS - 1_000, 1_000));
    venue.place(stop(50, limit(1, Side::Sell, 40, 5)));
    assert_eq!(venue.balance(1, TEA), (FUNDS - 500, 500));
    assert_eq!(venue.cancel(1, 2), [cancelled(2, 5, CancelCause::User)]);
    assert_eq!(venue.balance(1, TEA), (FUNDS, 0));
    print(&mut venue, 200);
    assert_eq!(venue.balance(1, USD), (FUNDS, 0), "there was nothing to buy");
    let poor = venue.place(stop(FUNDS as u64 + 1, market(1, Side::Buy, 1)));
    assert_eq!(poor, rejected(Reason::InsufficientFunds));
}

#[test]
fn a_cascade_runs_to_its_end_the_oldest_first() {
    let mut venue = venue();
    print(&mut venue, 100);
    for (price, qty) in [(99, 1), (97, 1), (95, 1), (93, 9)] {
        venue.buy(2, price, qty);
    }
    // Placed in another order than they fire.
    venue.place(stop(95, market(1, Side::Sell, 1)));
    venue.place(stop(97, market(1, Side::Sell, 1)));
    venue.place(stop(99, market(1, Side::Sell, 1)));
    let told = venue.place(market(3, Side::Sell, 1));
    let fired: Vec<&String> = told.iter().filter(|line| line.starts_with("triggered")).collect();
    assert_eq!(fired, ["triggered 9 at 99", "triggered 8 at 97", "triggered 7 at 95"]);
    assert_eq!(last(told), "trade 1 at 93: 6 from 7, fees 0 0");
}

#[test]
fn nothing_fires_while_halted_and_what_was_met_fires_after() {
    let mut venue = Venue::of(InstrumentSpec { trigger_source: TriggerSource::Mark, ..spec() });
    let mark = |price| Command::SetMark { instrument: MARKET, price: Price(price) };
    venue.place(stop(95, market(1, Side::Sell, 1)));
    venue.set_phase(Phase::Halted);
    assert_eq!(venue.tell(mark(90)), ["mark 90"]);
    assert_eq!(venue.place(stop(95, market(1, Side::Sell, 1))), rejected(Reason::InstrumentHalted));
    let told = venue.set_phase(Phase::Continuous);
    assert_eq!(told[..2], ["Continuous", "triggered 1 at 90"]);
    assert_eq!(venue.tell(mark(0)), rejected(Reason::PriceOutOfRange));
}

#[test]
fn what_has_been_reached_is_refused_or_fires_by_setting() {
    for (trigger_at_entry, expected) in [
        (TriggerAtEntry::Refuse, rejected(Reason::TriggerAlreadyMet)),
        (TriggerAtEntry::Fire, vec!["accepted 3".into(), "triggered 3 at 100".into(), "rested 3, 1 at 90".into()]),
    ] {
        let mut venue = Venue::of(InstrumentSpec { trigger_at_entry, ..spec() });
        print(&mut venue, 100);
        assert_eq!(venue.place(stop(100, limit(1, Side::Buy, 90, 1))), expected);
    }
}

#[test]
fn a_trailing_sell_goes_along_upwards_and_fires_on_the_way_down() {
    let mut venue = venue();
    let trail = |trail| waiting(TriggerKind::Stop, None, Some(trail), limit(1, Side::Sell, 5_000, 1));
    assert_eq!(venue.place(trail(Trail::Ticks(5))), rejected(Reason::NoReferencePrice));
    print(&mut venue, 1_000);
    venue.place(trail(Trail::Ticks(5)));
    venue.place(trail(Trail::BasisPoints(100)));
    for price in [996, 1_010, 1_006] {
        assert!(last(print(&mut venue, price)).starts_with("trade"), "at {price} nothing fires");
    }
    assert_eq!(print(&mut venue, 1_005)[2], "triggered 3 at 1005");
    // One percent of 1,010 is 10.1: 999.9, rounded down.
    assert_eq!(print(&mut venue, 1_000).len(), 2);
    assert_eq!(print(&mut venue, 999)[2], "triggered 4 at 999");
}

#[test]
fn a_trailing_order_with_a_price_begins_there() {
    let mut venue = venue();
    print(&mut venue, 40_000);
    // Binance's example of a trailing stop-loss buy: begins at 44,000, then five percent up from the lowest.
    let order = limit(1, Side::Buy, 1, 1);
    venue.place(waiting(TriggerKind::Stop, Some(44_000), Some(Trail::BasisPoints(500)), order));
    for price in [37_000, 42_000, 44_000, 45_000, 43_000, 45_149] {
        assert_eq!(print(&mut venue, price).len(), 2, "at {price} nothing fires");
    }
    assert_eq!(print(&mut venue, 45_150)[2], "triggered 3 at 45150");
}

#[test]
fn the_middle_is_looked_at_after_each_command() {
    let mut venue = Venue::of(InstrumentSpec { trigger_source: TriggerSource::Mid, ..spec() });
    venue.buy(2, 90, 1);
    venue.place(stop(95, limit(1, Side::Buy, 80, 1)));
    assert_eq!(venue.sell(2, 101, 1), ["accepted 3", "rested 3, 1 at 101", "triggered 2 at 95", "rested 2, 1 at 80"]);
}

#[test]
fn what_would_refuse_a_new_order_cancels_one_that_fires() {
    let mut venue = venue();
    print(&mut venue, 100);
    venue.place(stop(105, PlaceOrder { post_only: true, ..limit(1, Side::Buy, 110, 1) }));
    venue.place(stop(105, market(1, Side::Buy, 9_000)));
    venue.sell(2, 107, 9_000);
    venue.buy(3, 105, 1);
    let told = venue.sell(2, 105, 1);
    assert_eq!(
        told[2..],
        [
            "triggered 3 at 105".to_owned(),
            cancelled(3, 1, CancelCause::PostOnlyWouldTake),
            "triggered 4 at 105".to_owned(),
            "trade 9000 at 107: 4 from 5, fees 0 0".to_owned(),
        ]
    );
    venue.place(stop(110, market(1, Side::Buy, 300)));
    venue.sell(2, 200, 300);
    venue.buy(3, 111, 1);
    let told = venue.sell(2, 111, 1);
    assert_eq!(last(told), cancelled(8, 300, CancelCause::InsufficientFunds));
}

#[test]
fn a_market_to_limit_order_rests_at_the_price_it_found() {
    let mut venue = venue();
    let order =
        PlaceOrder::new(limit(1, Side::Buy, 1, 1).account, MARKET, Side::Buy, OrderKind::MarketToLimit { qty: Qty(5) });
    assert_eq!(venue.place(order), ["accepted 1".to_owned(), cancelled(1, 5, CancelCause::ImmediateRemainder)]);
    venue.sell(2, 100, 2);
    venue.sell(2, 101, 9);
    assert_eq!(venue.place(order), ["accepted 4", "trade 2 at 100: 4 from 2, fees 0 0", "rested 4, 3 at 100"]);
    let ioc = PlaceOrder { time_in_force: TimeInForce::Ioc, ..order };
    assert_eq!(venue.place(ioc), rejected(Reason::MarketToLimitStays));
}
