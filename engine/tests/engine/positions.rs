//! Average price, realised profit, fees.

use papertape_engine::{Command, FeeAsset, InstrumentSpec, Position, Ppm};

use crate::support::{TEA, Venue, entry, spec, venue, with_fees};

/// What was paid, in cents, for how many lots.
fn average(position: Position) -> (i128, i128) {
    (position.cost.0, position.basis.0 / 100)
}

#[test]
fn buys_move_the_average_and_sells_do_not() {
    let mut venue = venue();
    venue.sell(1, 100, 3);
    venue.sell(1, 110, 2);
    venue.buy(2, 110, 5);
    let bought = venue.position(2);
    // 300 and 220 for five lots: 104 each.
    assert_eq!((bought.qty.0, average(bought), bought.realized.0), (500, (104 * 5, 5), 0));
    venue.buy(3, 120, 2);
    venue.sell(2, 120, 2);
    let sold = venue.position(2);
    assert_eq!((sold.qty.0, average(sold), sold.realized.0), (300, (104 * 5, 5), 2 * 120 - 2 * 104));
    venue.buy(3, 90, 3);
    venue.sell(2, 90, 3);
    let flat = venue.position(2);
    assert_eq!((flat.qty.0, average(flat), flat.realized.0), (0, (0, 0), 32 - 3 * 14));
}

#[test]
fn an_average_that_is_no_whole_number_is_kept_in_fractions() {
    let mut venue = venue();
    venue.sell(1, 100, 2);
    venue.sell(1, 101, 1);
    venue.buy(2, 101, 3);
    assert_eq!(average(venue.position(2)), (301, 3));
}

#[test]
fn selling_more_than_was_bought_here_counts_only_what_was() {
    let mut venue = venue();
    venue.sell(1, 100, 2);
    venue.buy(2, 100, 2);
    venue.buy(3, 150, 6);
    venue.sell(2, 150, 6);
    // Two of six lots were bought here, for 100 each.
    let position = venue.position(2);
    assert_eq!((position.qty.0, position.realized.0, average(position)), (0, 100, (0, 0)));
    assert_eq!(venue.position(1), Default::default(), "what was deposited and sold leaves no position");
}

#[test]
fn fees_are_counted_apart_from_profit() {
    let mut venue = with_fees(1_000, 2_000);
    venue.sell(1, 1_000, 1);
    venue.buy(2, 1_000, 1);
    venue.buy(3, 1_100, 1);
    venue.sell(2, 1_100, 1);
    // Taken twice: 2.0 and 2.2, each rounded up.
    let position = venue.position(2);
    assert_eq!((position.realized.0, position.fees_quote.0, position.fees_base.0), (100, 2 + 3, 0));
    assert_eq!(venue.position(3).fees_quote.0, 2, "1.1 rounded up");
}

#[test]
fn a_fee_in_base_makes_what_was_received_dearer() {
    let fees = InstrumentSpec { fee_asset: FeeAsset::Received, taker_fee: Ppm(200_000), ..spec() };
    let mut venue = Venue::of(fees);
    venue.sell(1, 100, 4);
    venue.buy(2, 100, 4);
    // 320 units for 400 cents: 125 a lot.
    let position = venue.position(2);
    assert_eq!((position.qty.0, position.cost.0, position.basis.0, position.fees_base.0), (320, 400, 320, 80));
}

#[test]
fn a_trade_with_oneself_leaves_money_and_quantity_as_they_were() {
    let mut venue = venue();
    venue.sell(1, 100, 4);
    venue.buy(1, 100, 4);
    assert_eq!((venue.position(1).qty.0, venue.position(1).realized.0), (400, 0));
    venue.sell(1, 120, 4);
    venue.buy(1, 120, 4);
    assert_eq!((venue.position(1).qty.0, venue.position(1).realized.0), (400, 80));
    assert_eq!(venue.tell(Command::Withdraw(entry(1, TEA, 1_000_000, 99))), ["withdrawn 1000000"]);
}
