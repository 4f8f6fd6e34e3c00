//! Client order ids and ledger references: what a repeat does.

use papertape_engine::{Command, Reason, Reference, Side, TimeInForce};

use crate::support::{FUNDS, USD, entry, immediate, limit, named, rejected, venue};

#[test]
fn a_repeat_is_answered_with_the_first_order_and_does_nothing() {
    let mut venue = venue();
    let order = named(limit(1, Side::Buy, 100, 5), "a");
    assert_eq!(venue.place(order), ["accepted 1", "rested 1, 5 at 100"]);
    assert_eq!(venue.place(order), ["repeated 1"]);
    assert_eq!(venue.place(named(limit(1, Side::Buy, 100, 6), "a")), rejected(Reason::DuplicateClientOrderId));
    assert_eq!(venue.place(named(limit(2, Side::Buy, 100, 5), "a"))[0], "accepted 2", "names are each account's own");
    venue.cancel(1, 1);
    assert_eq!(venue.place(order), ["repeated 1"], "also after it ended");
    assert_eq!(venue.balance(1, USD), (FUNDS, 0));
}

#[test]
fn a_name_of_a_refused_order_is_free() {
    let mut venue = venue();
    assert_eq!(venue.place(named(limit(1, Side::Buy, 100, 0), "a")), rejected(Reason::QtyOutOfRange));
    assert_eq!(venue.place(named(limit(1, Side::Buy, 100, 1), "a"))[0], "accepted 1");
}

#[test]
fn a_name_is_free_again_after_a_thousand_and_twenty_four_others_ended() {
    let mut venue = venue();
    let order = |name: &str| immediate(named(limit(1, Side::Buy, 100, 5), name), TimeInForce::Ioc);
    venue.place(order("first"));
    for n in 0..1_023 {
        venue.place(order(&format!("n{n}")));
    }
    assert_eq!(venue.place(order("first")), ["repeated 1"]);
    venue.place(order("one-more"));
    assert_eq!(venue.place(order("first"))[0], "accepted 1026");
}

#[test]
fn a_live_orders_name_is_never_forgotten() {
    let mut venue = venue();
    let live = named(limit(1, Side::Buy, 50, 5), "live");
    venue.place(live);
    for n in 0..1_030 {
        venue.place(immediate(named(limit(1, Side::Buy, 100, 5), &format!("n{n}")), TimeInForce::Ioc));
    }
    assert_eq!(venue.place(live), ["repeated 1"]);
}

#[test]
fn a_ledger_entry_is_made_once() {
    let mut venue = venue();
    let deposit = Command::Deposit(entry(1, USD, 5, 70));
    assert_eq!(venue.tell(deposit), ["deposited 5"]);
    assert_eq!(venue.tell(deposit), ["entry repeated"]);
    assert_eq!(venue.tell(Command::Deposit(entry(1, USD, 6, 70))), rejected(Reason::DuplicateReference));
    assert_eq!(venue.tell(Command::Withdraw(entry(1, USD, 5, 70))), rejected(Reason::DuplicateReference));
    assert_eq!(venue.tell(Command::Deposit(entry(2, USD, 5, 70))), ["deposited 5"]);
    assert_eq!(venue.balance(1, USD), (FUNDS + 5, 0));
}

#[test]
fn the_same_reference_opens_the_same_account() {
    let mut venue = venue();
    assert_eq!(venue.tell(Command::OpenAccount { reference: Reference(2) }), ["account 2"]);
    assert_eq!(venue.tell(Command::OpenAccount { reference: Reference(9) }), ["account 4"]);
    assert_eq!(venue.tell(Command::OpenAccount { reference: Reference(9) }), ["account 4"]);
}
