//! New terms for a resting order.

use papertape_engine::{AccountId, AmendOrder, CancelCause, Command, OrderRef, Phase, PlaceOrder, Qty, Reason, Side};

use crate::support::{FUNDS, USD, cancelled, entry, limit, named, rejected, venue, with_fees};

#[test]
fn a_smaller_quantity_keeps_the_place_and_frees_what_it_held() {
    let mut venue = with_fees(0, 1_000);
    venue.buy(1, 1_000, 10);
    venue.buy(2, 1_000, 5);
    assert_eq!(venue.amend(1, 1, None, Some(4)), ["amended 1, 4 at 1000, place kept"]);
    assert_eq!(venue.queue(Side::Buy), [(1, 1_000, 4), (2, 1_000, 5)]);
    assert_eq!(venue.balance(1, USD), (FUNDS - 4_004, 4_004));
}

#[test]
fn a_larger_quantity_or_another_price_goes_to_the_tail() {
    let mut venue = venue();
    venue.buy(1, 100, 5);
    venue.buy(2, 100, 5);
    venue.buy(3, 99, 5);
    assert_eq!(venue.amend(1, 1, None, Some(6)), ["amended 1, 6 at 100, place lost", "rested 1, 6 at 100"]);
    assert_eq!(venue.queue(Side::Buy), [(2, 100, 5), (1, 100, 6), (3, 99, 5)]);
    venue.amend(2, 2, Some(99), Some(1));
    assert_eq!(venue.queue(Side::Buy), [(1, 100, 6), (3, 99, 5), (2, 99, 1)]);
    assert_eq!(venue.balance(1, USD), (FUNDS - 600, 600));
}

#[test]
fn the_quantity_is_the_total_with_what_was_filled() {
    let mut venue = venue();
    venue.buy(1, 100, 10);
    venue.sell(2, 100, 4);
    assert_eq!(venue.amend(1, 1, None, Some(4)), rejected(Reason::QtyBelowFilled));
    assert_eq!(venue.amend(1, 1, None, Some(10)), rejected(Reason::NothingToAmend));
    assert_eq!(venue.amend(1, 1, Some(100), None), rejected(Reason::NothingToAmend));
    assert_eq!(venue.amend(1, 1, None, Some(5)), ["amended 1, 1 at 100, place kept"]);
    assert_eq!(venue.amend(1, 1, None, Some(12)), ["amended 1, 8 at 100, place lost", "rested 1, 8 at 100"]);
}

#[test]
fn an_amend_that_crosses_takes_at_the_makers_price_and_fee() {
    let mut venue = with_fees(0, 1_000);
    venue.sell(1, 1_010, 3);
    venue.buy(2, 1_000, 5);
    let told = venue.amend(2, 2, Some(1_020), None);
    let rested = "rested 2, 2 at 1020";
    assert_eq!(told, ["amended 2, 5 at 1020, place lost", "trade 3 at 1010: 2 from 1, fees 4 0", rested]);
    // 3,030 and 4; held are 2,040 and what 3.03 + 2.04 owe beyond the 4 that were paid: 2.
    assert_eq!(venue.balance(2, USD), (FUNDS - 3_034 - 2_042, 2_042));
}

#[test]
fn an_amend_that_trades_completely_ends_the_order() {
    let mut venue = venue();
    venue.sell(1, 101, 9);
    venue.place(named(limit(2, Side::Buy, 100, 5), "mine"));
    assert_eq!(venue.amend(2, 2, Some(101), None)[1], "trade 5 at 101: 2 from 1, fees 0 0");
    assert_eq!(venue.queue(Side::Buy), []);
    assert_eq!(venue.cancel(2, 2), rejected(Reason::UnknownOrder));
    assert_eq!(venue.balance(2, USD), (FUNDS - 505, 0));
}

#[test]
fn an_amend_by_name_finds_the_own_order_only() {
    let mut venue = venue();
    venue.place(named(limit(1, Side::Buy, 100, 5), "mine"));
    let by_name = |account| {
        let order = OrderRef::Client(papertape_engine::ClientOrderId::new("mine").unwrap());
        Command::Amend(AmendOrder { account: AccountId(account), order, price: None, qty: Some(Qty(3)) })
    };
    assert_eq!(venue.tell(by_name(2)), rejected(Reason::UnknownOrder));
    assert_eq!(venue.amend(2, 1, None, Some(1)), rejected(Reason::UnknownOrder));
    assert_eq!(venue.tell(by_name(1)), ["amended 1, 3 at 100, place kept"]);
    let open = venue.engine.open_orders(crate::support::MARKET, Side::Buy)[0];
    assert_eq!(open.client_order_id.unwrap().as_str(), "mine", "the name stays");
    assert_eq!(venue.place(named(limit(1, Side::Buy, 100, 5), "mine")), ["repeated 1"]);
}

#[test]
fn post_only_stays_and_is_refused_if_the_new_price_would_take() {
    let mut venue = venue();
    venue.sell(1, 101, 9);
    venue.place(PlaceOrder { post_only: true, ..limit(2, Side::Buy, 99, 5) });
    assert_eq!(venue.amend(2, 2, Some(101), None), rejected(Reason::PostOnlyWouldTake));
    assert_eq!(venue.amend(2, 2, Some(100), None)[1], "rested 2, 5 at 100");
    assert_eq!(venue.amend(2, 2, Some(101), Some(1)), rejected(Reason::PostOnlyWouldTake), "it is still post-only");
}

#[test]
fn an_amend_needs_funds_for_the_difference_only() {
    let mut venue = venue();
    venue.buy(1, 100_000, 9);
    assert_eq!(venue.amend(1, 1, None, Some(11)), rejected(Reason::InsufficientFunds));
    assert_eq!(venue.amend(1, 1, None, Some(10))[0], "amended 1, 10 at 100000, place lost");
    assert_eq!(venue.balance(1, USD), (0, FUNDS));
}

#[test]
fn an_amend_in_an_auction_collects_and_does_not_trade() {
    let mut venue = venue();
    venue.set_phase(Phase::Auction);
    venue.sell(1, 101, 9);
    venue.buy(2, 100, 5);
    assert_eq!(venue.amend(2, 2, Some(105), None), ["amended 2, 5 at 105, place lost", "rested 2, 5 at 105"]);
    assert_eq!(venue.uncross(None)[0], "trade 5 at 101: 2 from 1, fees 0 0");
}

#[test]
fn an_amended_order_is_the_youngest_of_its_account() {
    let mut venue = venue();
    for price in [100, 101, 102] {
        venue.buy(1, price, 5);
    }
    venue.amend(1, 1, Some(90), None);
    venue.amend(1, 2, None, Some(1));
    let all = venue.tell(Command::CancelAll { account: AccountId(1), instrument: None, side: None });
    let ended = |order, left| cancelled(order, left, CancelCause::User);
    assert_eq!(all, [ended(2, 1), ended(3, 5), ended(1, 5), "cancelled all 3".to_owned()]);
}

#[test]
fn an_order_may_grow_as_far_as_its_level_goes() {
    let mut venue = venue();
    let (half, most) = (1 << 63, u64::MAX);
    venue.tell(Command::Deposit(entry(1, USD, i128::from(most) * 2, 50)));
    venue.buy(1, 1, half);
    venue.buy(2, 1, 5);
    let grown = [format!("amended 1, {} at 1, place lost", most - 5), format!("rested 1, {} at 1", most - 5)];
    assert_eq!(venue.amend(1, 1, None, Some(most)), rejected(Reason::BookFull));
    assert_eq!(venue.amend(1, 1, None, Some(most - 5)), grown);
    assert_eq!(venue.queue(Side::Buy), [(2, 1, 5), (1, 1, most - 5)]);
}
