//! Fees to the unit, and the holds that cover them.

use papertape_engine::{CancelCause, FeeAsset, InstrumentSpec, Ppm, Side};

use crate::support::{FUNDS, TEA, USD, Venue, cancelled, spec, with_fees};

#[test]
fn both_sides_pay_in_quote_and_the_fee_account_receives() {
    let mut venue = with_fees(1_000, 2_500);
    venue.sell(1, 1_000, 4);
    assert_eq!(venue.buy(2, 1_000, 4)[1], "trade 4 at 1000: 2 from 1, fees 10 4");
    assert_eq!(venue.balance(1, USD), (FUNDS + 4_000 - 4, 0));
    assert_eq!(venue.balance(2, USD), (FUNDS - 4_000 - 10, 0));
    assert_eq!(venue.balance(0, USD), (14, 0));
    assert_eq!((venue.balance(1, TEA), venue.balance(2, TEA)), ((FUNDS - 400, 0), (FUNDS + 400, 0)));
}

#[test]
fn an_order_is_rounded_up_once_and_not_at_every_fill() {
    let mut venue = with_fees(1_000, 0);
    venue.sell(1, 100, 25);
    // A tenth of a cent a lot: 25 fills owe 2.5 cents, and pay 3.
    let fees: Vec<bool> = (0..25).map(|_| venue.buy(2, 100, 1)[1].ends_with("fees 0 1")).collect();
    assert_eq!(fees.iter().filter(|paid| **paid).count(), 3);
    assert_eq!((fees[0], fees[10], fees[20]), (true, true, true));
    assert_eq!(venue.balance(1, USD), (FUNDS + 2_500 - 3, 0));
}

#[test]
fn a_rebate_comes_out_of_the_takers_fee_and_is_rounded_towards_the_venue() {
    let mut venue = with_fees(-500, 1_000);
    venue.buy(1, 1_001, 1);
    // The taker owes 1.001 cents and pays 2; the maker is owed 0.5005 and gets nothing yet.
    assert_eq!(venue.sell(2, 1_001, 1)[1], "trade 1 at 1001: 1 from 2, fees 0 2");
    assert_eq!(venue.balance(1, USD), (FUNDS - 1_001, 0));
    venue.buy(1, 1_000, 8);
    assert_eq!(venue.sell(2, 1_000, 8)[1], "trade 8 at 1000: 3 from 4, fees -4 8");
    assert_eq!(venue.balance(0, USD), (2 + 8 - 4, 0));
    assert_eq!(venue.balance(1, USD), (FUNDS - 1_001 - 8_000 + 4, 0));
}

#[test]
fn a_buyer_pays_in_what_is_received_where_the_instrument_says_so() {
    let fees = (Ppm(10_000), Ppm(20_000));
    let received = InstrumentSpec { fee_asset: FeeAsset::Received, maker_fee: fees.0, taker_fee: fees.1, ..spec() };
    let mut venue = Venue::of(received);
    venue.buy(1, 1_000, 3);
    assert_eq!(venue.balance(1, USD), (FUNDS - 3_000, 3_000), "nothing is held for a fee that is taken in base");
    // The buyer gets 300 units less 1 %, the seller 3,000 cents less 2 %.
    assert_eq!(venue.sell(2, 1_000, 3)[1], "trade 3 at 1000: 1 from 2, fees 3 60");
    assert_eq!((venue.balance(1, TEA), venue.balance(1, USD)), ((FUNDS + 297, 0), (FUNDS - 3_000, 0)));
    assert_eq!((venue.balance(2, TEA), venue.balance(2, USD)), ((FUNDS - 300, 0), (FUNDS + 2_940, 0)));
    assert_eq!((venue.balance(0, TEA), venue.balance(0, USD)), ((3, 0), (60, 0)));
    assert_eq!((venue.position(1).fees_base.0, venue.position(2).fees_quote.0), (3, 60));
}

#[test]
fn a_fee_of_a_hundred_percent_takes_everything_and_no_more() {
    let whole = (Ppm(1_000_000), Ppm(1_000_000));
    for fee_asset in [FeeAsset::Quote, FeeAsset::Received] {
        let mut venue = Venue::of(InstrumentSpec { fee_asset, maker_fee: whole.0, taker_fee: whole.1, ..spec() });
        venue.sell(1, 1_000, 2);
        venue.buy(2, 1_000, 2);
        assert_eq!(venue.balance(1, USD), (FUNDS, 0), "the seller's proceeds are the fee");
        let bought = if fee_asset == FeeAsset::Quote { (FUNDS - 4_000, 200) } else { (FUNDS - 2_000, 0) };
        assert_eq!((venue.balance(2, USD).0, venue.balance(2, TEA).0), (bought.0, FUNDS + bought.1));
    }
}

#[test]
fn a_better_price_gives_back_what_was_held_for_the_worse_one() {
    let mut venue = with_fees(1_000, 2_000);
    venue.buy(1, 1_000, 10);
    assert_eq!(venue.balance(1, USD), (FUNDS - 10_020, 10_020));
    venue.sell(2, 900, 4);
    // 4,000 at the maker's own price, fee 4; 6,000 and 12 stay held.
    assert_eq!(venue.balance(1, USD), (FUNDS - 4_004 - 6_012, 6_012));
    venue.sell(2, 900, 6);
    assert_eq!(venue.balance(1, USD), (FUNDS - 10_010, 0));
}

#[test]
fn no_hold_is_left_when_the_book_is_empty() {
    let mut venue = with_fees(333, 777);
    for n in 0..40 {
        venue.buy(1 + n % 3, 90 + u64::from(n * 7 % 19), 1 + u64::from(n % 5));
        venue.sell(1 + (n + 1) % 3, 95 + u64::from(n * 5 % 13), 1 + u64::from(n % 7));
    }
    for side in [Side::Buy, Side::Sell] {
        for order in venue.engine.open_orders(crate::support::MARKET, side) {
            let ended = venue.cancel(order.account.0, order.order.0);
            assert_eq!(ended, [cancelled(order.order.0, order.leaves_qty.0, CancelCause::User)]);
        }
    }
    for account in 0..=3 {
        assert_eq!((venue.balance(account, USD).1, venue.balance(account, TEA).1), (0, 0), "account {account}");
    }
}
