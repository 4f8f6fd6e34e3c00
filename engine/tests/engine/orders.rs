//! What a new order does: kinds, times in force, post-only, filters.

use papertape_engine::{
    AccountId, Amount, CancelCause, Command, Filters, InstrumentId, InstrumentSpec, Phase, PlaceOrder, Price, Qty,
    Reason, Side, TimeInForce,
};

use crate::support::{
    FUNDS, TEA, USD, Venue, cancelled, entry, immediate, limit, market, rejected, spec, spend, venue, with_fees,
};

#[test]
fn a_taker_trades_at_the_makers_prices_best_first_and_oldest_first() {
    let mut venue = venue();
    venue.sell(1, 102, 5);
    venue.sell(1, 101, 3);
    venue.sell(2, 101, 4);
    let told = venue.buy(3, 102, 10);
    let trades = ["trade 3 at 101: 4 from 2, fees 0 0", "trade 4 at 101: 4 from 3, fees 0 0"];
    assert_eq!(told, ["accepted 4", trades[0], trades[1], "trade 3 at 102: 4 from 1, fees 0 0"]);
    assert_eq!(venue.queue(Side::Sell), [(1, 102, 2)]);
    assert_eq!(venue.balance(3, USD), (FUNDS - 3 * 101 - 4 * 101 - 3 * 102, 0));
    assert_eq!(venue.balance(3, TEA), (FUNDS + 1_000, 0));
}

#[test]
fn partial_fills_keep_the_place_in_the_queue() {
    let mut venue = venue();
    venue.sell(1, 101, 5);
    venue.sell(2, 101, 5);
    venue.buy(3, 101, 2);
    assert_eq!(venue.queue(Side::Sell), [(1, 101, 3), (2, 101, 5)]);
    assert_eq!(venue.buy(3, 101, 4)[1..], ["trade 3 at 101: 4 from 1, fees 0 0", "trade 1 at 101: 4 from 2, fees 0 0"]);
}

#[test]
fn what_a_limit_order_cannot_trade_rests_and_holds_its_worst_case() {
    let mut venue = with_fees(1_000, 2_000);
    venue.sell(1, 1_000, 3);
    let told = venue.buy(2, 1_100, 10);
    assert_eq!(told, ["accepted 2", "trade 3 at 1000: 2 from 1, fees 6 3", "rested 2, 7 at 1100"]);
    // 3,000 and a fee of 6; 7,700 held with the greater of both fees on it, 15.4, rounded up.
    assert_eq!(venue.balance(2, USD), (FUNDS - 3_006 - 7_716, 7_716));
    assert_eq!(venue.cancel(2, 2), [cancelled(2, 7, CancelCause::User)]);
    assert_eq!(venue.balance(2, USD), (FUNDS - 3_006, 0));
}

#[test]
fn an_ioc_order_never_rests() {
    let mut venue = venue();
    venue.sell(1, 101, 3);
    let told = venue.place(immediate(limit(2, Side::Buy, 101, 5), TimeInForce::Ioc));
    let remainder = cancelled(2, 2, CancelCause::ImmediateRemainder);
    assert_eq!(told, ["accepted 2", "trade 3 at 101: 2 from 1, fees 0 0", &remainder]);
    let told = venue.place(immediate(limit(2, Side::Buy, 101, 5), TimeInForce::Ioc));
    assert_eq!(told, ["accepted 3", &cancelled(3, 5, CancelCause::ImmediateRemainder)]);
    assert_eq!(venue.balance(2, USD), (FUNDS - 303, 0));
}

#[test]
fn a_fok_order_fills_whole_or_not_at_all() {
    let mut venue = venue();
    venue.sell(1, 101, 3);
    venue.sell(1, 102, 3);
    venue.sell(1, 103, 9);
    let fok = |qty, price| immediate(limit(2, Side::Buy, price, qty), TimeInForce::Fok);
    assert_eq!(venue.place(fok(7, 102)), ["accepted 4", &cancelled(4, 7, CancelCause::FillOrKill)]);
    assert_eq!(venue.place(fok(6, 102)).len(), 3, "accepted, and two trades");
    assert_eq!(venue.place(fok(9, 102)), ["accepted 6", &cancelled(6, 9, CancelCause::FillOrKill)]);
    let killed = venue.place(immediate(market(2, Side::Buy, 10), TimeInForce::Fok));
    assert_eq!(killed, ["accepted 7", &cancelled(7, 10, CancelCause::FillOrKill)]);
    let filled = venue.place(immediate(market(2, Side::Buy, 9), TimeInForce::Fok));
    assert_eq!(filled, ["accepted 8", "trade 9 at 103: 8 from 3, fees 0 0"]);
}

#[test]
fn a_fok_order_counts_the_accounts_own_orders_as_the_sweep_does() {
    let mut venue = venue();
    venue.sell(2, 101, 3);
    let told = venue.place(immediate(limit(2, Side::Buy, 101, 3), TimeInForce::Fok));
    assert_eq!(told, ["accepted 2", "trade 3 at 101: 2 from 1, fees 0 0"]);
    assert_eq!((venue.balance(2, USD), venue.balance(2, TEA)), ((FUNDS, 0), (FUNDS, 0)));
}

#[test]
fn post_only_is_refused_if_it_would_take_and_rests_one_tick_away() {
    let mut venue = venue();
    venue.sell(1, 101, 3);
    let order = |price| PlaceOrder { post_only: true, ..limit(2, Side::Buy, price, 1) };
    assert_eq!(venue.place(order(101)), rejected(Reason::PostOnlyWouldTake));
    assert_eq!(venue.place(order(100)), ["accepted 2", "rested 2, 1 at 100"]);
    let immediate = immediate(order(100), TimeInForce::Ioc);
    assert_eq!(venue.place(immediate), rejected(Reason::PostOnlyNotResting));
}

#[test]
fn a_market_order_takes_what_is_there_and_never_rests() {
    let mut venue = with_fees(0, 10_000);
    assert_eq!(venue.place(market(2, Side::Buy, 4)), ["accepted 1", &cancelled(1, 4, CancelCause::ImmediateRemainder)]);
    venue.sell(1, 101, 3);
    venue.sell(1, 205, 3);
    let told = venue.place(market(2, Side::Buy, 4));
    // 303 and 205 cost 5.08 together: rounded up once, 6, of which the first trade takes 4 (3.03).
    assert_eq!(told, ["accepted 4", "trade 3 at 101: 4 from 2, fees 4 0", "trade 1 at 205: 4 from 3, fees 2 0"]);
    assert_eq!(venue.balance(2, USD), (FUNDS - 508 - 6, 0));
    let gtc = immediate(market(2, Side::Buy, 4), TimeInForce::Gtc);
    assert_eq!(venue.place(gtc), rejected(Reason::MarketMustBeImmediate));
}

#[test]
fn a_market_order_needs_exactly_what_the_book_asks_and_its_fee() {
    let mut venue = with_fees(0, 10_000);
    venue.sell(1, 1_000_000, 1);
    assert_eq!(venue.place(market(2, Side::Buy, 1)), rejected(Reason::InsufficientFunds));
    venue.tell(Command::Deposit(entry(2, USD, 10_000, 77)));
    assert_eq!(venue.place(market(2, Side::Buy, 1))[1], "trade 1 at 1000000: 2 from 1, fees 10000 0");
    assert_eq!(venue.balance(2, USD), (0, 0));
}

#[test]
fn a_budget_buys_whole_lots_with_the_fee_inside() {
    let mut venue = with_fees(0, 10_000);
    venue.sell(1, 100, 3);
    venue.sell(1, 150, 9);
    // 612 less a fee of 1 % leaves 605: three lots for 300, two for 300, and 5 that buy nothing.
    let told = venue.place(spend(2, Side::Buy, 612));
    let trades = ["trade 3 at 100: 3 from 1, fees 3 0", "trade 2 at 150: 3 from 2, fees 3 0"];
    assert_eq!(told, ["accepted 3", trades[0], trades[1], &cancelled(3, 0, CancelCause::BudgetSpent)]);
    assert_eq!(venue.balance(2, USD), (FUNDS - 606, 0));
}

#[test]
fn a_budget_that_is_spent_to_the_last_unit_needs_no_end() {
    let mut venue = venue();
    venue.sell(1, 100, 9);
    assert_eq!(venue.place(spend(2, Side::Buy, 300)), ["accepted 2", "trade 3 at 100: 2 from 1, fees 0 0"]);
}

#[test]
fn a_budget_that_pays_for_nothing_says_that_it_ended() {
    let mut venue = with_fees(0, 1_000);
    // One unit is less than the smallest cost with its fee, even of an empty book.
    let ended = |order, cause| vec![format!("accepted {order}"), cancelled(order, 0, cause)];
    assert_eq!(venue.place(spend(1, Side::Buy, 1)), ended(1, CancelCause::ImmediateRemainder));
    venue.sell(2, 100, 1);
    assert_eq!(venue.place(spend(1, Side::Buy, 1)), ended(3, CancelCause::BudgetSpent));
}

#[test]
fn a_budget_that_outlasts_the_book_ends_as_a_remainder() {
    let mut venue = venue();
    venue.sell(1, 100, 2);
    let told = venue.place(spend(2, Side::Buy, 300));
    assert_eq!(told[1..], ["trade 2 at 100: 2 from 1, fees 0 0", &cancelled(2, 0, CancelCause::ImmediateRemainder)]);
    let fok = immediate(spend(2, Side::Buy, 300), TimeInForce::Fok);
    assert_eq!(venue.place(fok), rejected(Reason::BudgetCannotBeFok));
    assert_eq!(venue.place(spend(2, Side::Buy, 0)), rejected(Reason::NotionalOutOfRange));
    assert_eq!(venue.place(spend(2, Side::Buy, FUNDS + 1)), rejected(Reason::InsufficientFunds));
}

#[test]
fn a_budget_for_more_lots_than_one_order_counts_is_spent_in_part_and_says_so() {
    let mut venue = venue();
    let lots = u64::MAX;
    venue.tell(Command::Deposit(entry(1, TEA, i128::from(lots) * 300, 50)));
    venue.tell(Command::Deposit(entry(2, USD, i128::from(lots) * 3, 50)));
    venue.sell(1, 1, lots);
    venue.sell(1, 2, lots);
    let told = venue.place(spend(2, Side::Buy, i128::from(lots) * 3));
    let trade = format!("trade {lots} at 1: 3 from 1, fees 0 0");
    assert_eq!(told[1..], [trade, cancelled(3, 0, CancelCause::BudgetSpent)]);
}

#[test]
fn a_seller_by_amount_sells_for_at_most_that_much() {
    let mut venue = venue();
    venue.buy(1, 100, 3);
    venue.buy(1, 90, 3);
    let told = venue.place(spend(2, Side::Sell, 400));
    let trades = ["trade 3 at 100: 1 from 3, fees 0 0", "trade 1 at 90: 2 from 3, fees 0 0"];
    assert_eq!(told, ["accepted 3", trades[0], trades[1], &cancelled(3, 0, CancelCause::BudgetSpent)]);
    assert_eq!(venue.balance(2, USD), (FUNDS + 390, 0));
}

#[test]
fn funds_are_checked_to_the_unit() {
    let mut venue = with_fees(1_000, 2_000);
    // 1,000,000 / 1.002 is 998,003.99…
    assert_eq!(venue.buy(1, 998_004, 1), rejected(Reason::InsufficientFunds));
    assert_eq!(venue.buy(1, 998_003, 1), ["accepted 1", "rested 1, 1 at 998003"]);
    assert_eq!(venue.balance(1, USD), (0, FUNDS));
    assert_eq!(venue.sell(1, 999_999, 10_001), rejected(Reason::InsufficientFunds));
    assert_eq!(venue.sell(1, 999_999, 10_000), ["accepted 2", "rested 2, 10000 at 999999"]);
}

#[test]
fn filters_refuse_what_lies_outside_them() {
    let filters = Filters {
        price_min: Price(10),
        price_max: Price(1_000),
        qty_min: Qty(2),
        qty_max: Qty(50),
        market_qty_max: Qty(5),
        notional_min: Amount(100),
        notional_max: Amount(20_000),
        open_orders_max: 1,
        ..Filters::OPEN
    };
    let mut venue = Venue::of(InstrumentSpec { filters, ..spec() });
    for (price, qty, reason) in [
        (9, 20, Reason::PriceOutOfRange),
        (1_001, 2, Reason::PriceOutOfRange),
        (100, 1, Reason::QtyOutOfRange),
        (100, 51, Reason::QtyOutOfRange),
        (33, 3, Reason::NotionalOutOfRange),
        (667, 30, Reason::NotionalOutOfRange),
    ] {
        assert_eq!(venue.buy(1, price, qty), rejected(reason), "{qty} at {price}");
    }
    assert_eq!(venue.place(market(1, Side::Buy, 6)), rejected(Reason::QtyOutOfRange));
    assert_eq!(venue.place(spend(1, Side::Buy, 99)), rejected(Reason::NotionalOutOfRange));
    assert_eq!(venue.buy(1, 50, 2), ["accepted 1", "rested 1, 2 at 50"]);
    assert_eq!(venue.buy(1, 50, 2), rejected(Reason::TooManyOpenOrders));
    assert_eq!(venue.sell(1, 50, 2), rejected(Reason::TooManyOpenOrders));
}

#[test]
fn an_order_names_an_account_and_an_instrument_that_exist() {
    let mut venue = venue();
    assert_eq!(venue.buy(0, 1, 1), rejected(Reason::ReservedAccount));
    assert_eq!(venue.buy(4, 1, 1), rejected(Reason::UnknownAccount));
    let elsewhere = PlaceOrder { instrument: InstrumentId(1), ..limit(1, Side::Buy, 1, 1) };
    assert_eq!(venue.place(elsewhere), rejected(Reason::UnknownInstrument));
    assert_eq!(venue.buy(1, u64::MAX, u64::MAX), rejected(Reason::AmountTooLarge));
    assert!(venue.engine.positions(AccountId(9)).is_empty());
}

#[test]
fn a_halt_takes_no_orders_and_lets_cancels_through() {
    let mut venue = venue();
    venue.buy(1, 100, 2);
    venue.buy(1, 100, 2);
    for (phase, reason) in [(Phase::Halted, Reason::InstrumentHalted), (Phase::Closed, Reason::InstrumentClosed)] {
        venue.set_phase(phase);
        assert_eq!(venue.set_phase(phase), rejected(Reason::PhaseUnchanged));
        assert_eq!(venue.sell(2, 100, 1), rejected(reason));
        assert_eq!(venue.amend(1, 2, None, Some(1)), rejected(reason));
    }
    assert_eq!(venue.cancel(1, 1), [cancelled(1, 2, CancelCause::User)]);
    assert_eq!(venue.set_phase(Phase::Continuous), ["Continuous"]);
    assert_eq!(venue.sell(2, 100, 1)[1], "trade 1 at 100: 2 from 3, fees 0 0");
}

#[test]
fn five_hundred_makers_are_swept_in_one_order() {
    let mut venue = Venue::of(spec());
    for n in 0..500 {
        venue.sell(1, 1 + n % 7, 1);
    }
    let told = venue.buy(2, 1_000, 501);
    assert_eq!((told.len(), told[501].as_str()), (502, "rested 501, 1 at 1000"));
    assert!(venue.engine.depth(crate::support::MARKET, Side::Sell, 9).is_empty());
}
