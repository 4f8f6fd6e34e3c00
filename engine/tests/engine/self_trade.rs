//! Self-trade prevention: what each mode does to both orders, to the book and to what is held.

use papertape_engine::{
    AccountId, CancelCause, Command, InstrumentSpec, PlaceOrder, SelfTradePrevention as Mode, Side, TimeInForce,
    TradeGroup,
};

use crate::support::{FUNDS, TEA, USD, Venue, cancelled, immediate, limit, market, spec, spend, venue};

fn under(mode: Mode, order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { self_trade_prevention: Some(mode), ..order }
}

/// Account 1 asks 5 at 100 behind account 2's 3, and 4 at 101.
fn asks() -> Venue {
    let mut venue = venue();
    venue.sell(2, 100, 3);
    venue.sell(1, 100, 5);
    venue.sell(1, 101, 4);
    venue
}

/// Nobody has open orders, so nothing is held.
fn nothing_is_held(venue: &Venue) {
    for account in 1..=3 {
        assert_eq!((venue.balance(account, TEA).1, venue.balance(account, USD).1), (0, 0), "account {account}");
    }
}

fn ended(order: u64, leaves: u64) -> String {
    cancelled(order, leaves, CancelCause::SelfTrade)
}

const FIRST_TRADE: &str = "trade 3 at 100: 4 from 1, fees 0 0";

#[test]
fn without_prevention_an_account_trades_with_itself() {
    let mut venue = asks();
    let told = venue.place(under(Mode::None, limit(1, Side::Buy, 100, 8)));
    assert_eq!(told, ["accepted 4", FIRST_TRADE, "trade 5 at 100: 4 from 2, fees 0 0"]);
}

#[test]
fn cancel_taker_ends_the_order_that_comes() {
    let mut venue = asks();
    let told = venue.place(under(Mode::CancelTaker, limit(1, Side::Buy, 100, 8)));
    assert_eq!(
        told,
        ["accepted 4", FIRST_TRADE, "prevented 5 at 100: 4 with 2, 5 and 5 left, cancel_taker", &ended(4, 5)]
    );
    assert_eq!(venue.queue(Side::Sell), [(2, 100, 5), (3, 101, 4)]);
    assert_eq!(venue.balance(1, USD), (FUNDS - 300, 0));
}

#[test]
fn cancel_maker_ends_the_orders_in_the_way() {
    let mut venue = asks();
    let told = venue.place(under(Mode::CancelMaker, limit(1, Side::Buy, 101, 8)));
    let [first, second] = [
        "prevented 5 at 100: 4 with 2, 5 and 5 left, cancel_maker",
        "prevented 4 at 101: 4 with 3, 5 and 4 left, cancel_maker",
    ];
    assert_eq!(told, ["accepted 4", FIRST_TRADE, first, &ended(2, 5), second, &ended(3, 4), "rested 4, 5 at 101"]);
    assert_eq!(venue.balance(1, TEA), (FUNDS + 300, 0), "what the asks held is free");
    venue.cancel(1, 4);
    nothing_is_held(&venue);
}

#[test]
fn cancel_both_ends_both() {
    let mut venue = asks();
    let told = venue.place(under(Mode::CancelBoth, limit(1, Side::Buy, 101, 8)));
    let prevented = "prevented 5 at 100: 4 with 2, 5 and 5 left, cancel_both";
    assert_eq!(told, ["accepted 4", FIRST_TRADE, prevented, &ended(2, 5), &ended(4, 5)]);
    assert_eq!(venue.queue(Side::Sell), [(3, 101, 4)]);
}

#[test]
fn decrement_takes_from_both_and_ends_the_smaller() {
    let mut venue = asks();
    let told = venue.place(under(Mode::Decrement, limit(1, Side::Buy, 101, 10)));
    let [first, second] = [
        "prevented 5 at 100: 4 with 2, 2 and 0 left, decrement",
        "prevented 2 at 101: 4 with 3, 0 and 2 left, decrement",
    ];
    assert_eq!(told, ["accepted 4", FIRST_TRADE, first, &ended(2, 0), second, &ended(4, 0)]);
    assert_eq!(venue.queue(Side::Sell), [(3, 101, 2)]);
    // Of the ask's four, two were prevented: a total of two may be amended to three, all of it open.
    assert_eq!(venue.amend(1, 3, None, Some(3)), ["amended 3, 3 at 101, place lost", "rested 3, 3 at 101"]);
    venue.cancel(1, 3);
    nothing_is_held(&venue);
}

#[test]
fn decrement_of_equals_ends_both() {
    let mut venue = venue();
    venue.sell(1, 100, 5);
    let told = venue.place(under(Mode::Decrement, limit(1, Side::Buy, 100, 5)));
    assert_eq!(
        told,
        ["accepted 2", "prevented 5 at 100: 2 with 1, 0 and 0 left, decrement", &ended(1, 0), &ended(2, 0)]
    );
    nothing_is_held(&venue);
}

#[test]
fn the_mode_of_the_order_that_rests_means_nothing() {
    let mut venue = venue();
    venue.place(under(Mode::CancelBoth, limit(1, Side::Sell, 100, 5)));
    assert_eq!(venue.buy(1, 100, 5), ["accepted 2", "trade 5 at 100: 2 from 1, fees 0 0"]);
}

#[test]
fn the_instrument_says_what_orders_leave_open() {
    let mut venue = Venue::of(InstrumentSpec { self_trade_prevention: Mode::CancelTaker, ..spec() });
    venue.sell(1, 100, 5);
    let prevented = "prevented 5 at 100: 2 with 1, 5 and 5 left, cancel_taker";
    assert_eq!(venue.buy(1, 100, 5), ["accepted 2", prevented, &ended(2, 5)]);
    assert_eq!(venue.place(under(Mode::None, limit(1, Side::Buy, 100, 5))).len(), 2);
}

#[test]
fn a_trade_group_is_one_account() {
    let mut venue = venue();
    let group = |account, group: Option<u32>| Command::SetTradeGroup {
        account: AccountId(account),
        group: group.map(TradeGroup),
    };
    venue.tell(group(1, Some(7)));
    venue.tell(group(2, Some(7)));
    venue.tell(group(3, Some(8)));
    venue.sell(1, 100, 5);
    venue.sell(3, 100, 5);
    let told = venue.place(under(Mode::CancelMaker, limit(2, Side::Buy, 100, 3)));
    assert_eq!(
        told,
        [
            "accepted 3",
            "prevented 3 at 100: 3 with 1, 3 and 5 left, cancel_maker",
            &ended(1, 5),
            "trade 3 at 100: 3 from 2, fees 0 0"
        ]
    );
    venue.tell(group(2, None));
    venue.sell(1, 99, 5);
    let told = venue.place(under(Mode::CancelMaker, limit(2, Side::Buy, 99, 3)));
    assert_eq!(told, ["accepted 5", "trade 3 at 99: 5 from 4, fees 0 0"]);
}

#[test]
fn fill_or_kill_counts_what_would_really_trade() {
    for (mode, qty, fills) in [
        (Mode::None, 12, true),
        (Mode::CancelTaker, 3, true),
        (Mode::CancelTaker, 4, false),
        (Mode::CancelBoth, 4, false),
        (Mode::CancelMaker, 3, true),
        (Mode::CancelMaker, 4, false),
        (Mode::Decrement, 3, true),
        (Mode::Decrement, 4, false),
    ] {
        let mut venue = asks();
        let before = venue.queue(Side::Sell);
        let told = venue.place(under(mode, immediate(limit(1, Side::Buy, 101, qty), TimeInForce::Fok)));
        assert_eq!(told.iter().any(|line| line.starts_with("trade")), fills, "{mode:?} {qty}: {told:?}");
        if !fills {
            assert_eq!(told, ["accepted 4", &cancelled(4, qty, CancelCause::FillOrKill)], "{mode:?}");
            assert_eq!(venue.queue(Side::Sell), before, "a kill leaves the others alone");
        }
    }
}

#[test]
fn market_orders_pay_for_what_trades_only() {
    let mut venue = asks();
    venue.sell(2, 102, 5);
    let told = venue.place(under(Mode::CancelMaker, market(1, Side::Buy, 5)));
    assert_eq!(told.last().map(String::as_str), Some("trade 2 at 102: 5 from 4, fees 0 0"));
    assert_eq!(venue.balance(1, USD), (FUNDS - 300 - 204, 0));
    // A budget of 800 buys three at 100; five more at 100 are prevented, and the budget is gone.
    let mut venue = asks();
    let told = venue.place(under(Mode::Decrement, spend(1, Side::Buy, 800)));
    assert_eq!(
        told,
        [
            "accepted 4",
            FIRST_TRADE,
            "prevented 5 at 100: 4 with 2, 0 and 0 left, decrement",
            &ended(2, 0),
            &ended(4, 0)
        ]
    );
    assert_eq!(venue.balance(1, USD), (FUNDS - 300, 0));
}

#[test]
fn an_amended_order_keeps_its_mode() {
    let mut venue = venue();
    venue.place(under(Mode::CancelTaker, limit(1, Side::Buy, 90, 5)));
    venue.sell(1, 100, 5);
    let told = venue.amend(1, 1, Some(100), None);
    assert_eq!(
        told,
        ["amended 1, 5 at 100, place lost", "prevented 5 at 100: 1 with 2, 5 and 5 left, cancel_taker", &ended(1, 5)]
    );
    assert_eq!(venue.balance(1, USD), (FUNDS, 0));
}
