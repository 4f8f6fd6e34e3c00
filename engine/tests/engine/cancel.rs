//! Ending orders.

use papertape_engine::{AccountId, CancelCause, ClientOrderId, Command, InstrumentId, OrderRef, Reason, Side};

use crate::support::{FUNDS, MARKET, TEA, USD, cancelled, limit, named, rejected, venue};

#[test]
fn a_cancel_frees_the_hold_and_the_second_one_finds_nothing() {
    let mut venue = venue();
    venue.buy(1, 100, 5);
    venue.sell(1, 200, 5);
    assert_eq!((venue.balance(1, USD), venue.balance(1, TEA)), ((FUNDS - 500, 500), (FUNDS - 500, 500)));
    assert_eq!(venue.cancel(2, 1), rejected(Reason::UnknownOrder), "somebody else's");
    assert_eq!(venue.cancel(1, 1), [cancelled(1, 5, CancelCause::User)]);
    assert_eq!(venue.cancel(1, 1), rejected(Reason::UnknownOrder));
    assert_eq!(venue.cancel(1, 2), [cancelled(2, 5, CancelCause::User)]);
    assert_eq!((venue.balance(1, USD), venue.balance(1, TEA)), ((FUNDS, 0), (FUNDS, 0)));
}

#[test]
fn a_cancel_from_the_middle_leaves_the_others_in_their_order() {
    let mut venue = venue();
    (0..4).for_each(|_| drop(venue.buy(1, 100, 5)));
    venue.cancel(1, 2);
    assert_eq!(venue.queue(Side::Buy), [(1, 100, 5), (3, 100, 5), (4, 100, 5)]);
    // The slot of the second is used again, at the tail.
    venue.buy(2, 100, 1);
    assert_eq!(venue.queue(Side::Buy).last(), Some(&(5, 100, 1)));
}

#[test]
fn a_filled_order_cannot_be_cancelled_by_number_or_name() {
    let mut venue = venue();
    venue.place(named(limit(1, Side::Buy, 100, 5), "mine"));
    venue.sell(2, 100, 5);
    assert_eq!(venue.cancel(1, 1), rejected(Reason::UnknownOrder));
    let order = OrderRef::Client(ClientOrderId::new("mine").unwrap());
    assert_eq!(venue.tell(Command::Cancel { account: AccountId(1), order }), rejected(Reason::UnknownOrder));
}

#[test]
fn cancel_all_ends_the_oldest_first_and_those_that_were_named() {
    let mut venue = venue();
    venue.sell(1, 200, 1);
    venue.buy(1, 100, 2);
    venue.buy(2, 100, 9);
    venue.buy(1, 101, 3);
    venue.sell(1, 199, 4);
    let all = |instrument, side| Command::CancelAll { account: AccountId(1), instrument, side };
    let ended = |order, left| cancelled(order, left, CancelCause::User);
    assert_eq!(venue.tell(all(Some(InstrumentId(7)), None)), rejected(Reason::UnknownInstrument));
    assert_eq!(venue.tell(all(None, Some(Side::Buy))), [ended(2, 2), ended(4, 3), "cancelled all 2".to_owned()]);
    assert_eq!(venue.tell(all(Some(MARKET), None)), [ended(1, 1), ended(5, 4), "cancelled all 2".to_owned()]);
    assert_eq!(venue.tell(all(None, None)), ["cancelled all 0"]);
    assert_eq!(venue.queue(Side::Buy), [(3, 100, 9)]);
}
