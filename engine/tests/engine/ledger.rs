//! Money in, out and between accounts.

use papertape_engine::{AccountId, Amount, AssetId, Command, Reason};

use crate::support::{FUNDS, TEA, USD, entry, rejected, venue};

#[test]
fn a_withdrawal_takes_what_is_free_and_not_what_is_held() {
    let mut venue = venue();
    venue.buy(1, 100, 5);
    assert_eq!(venue.tell(Command::Withdraw(entry(1, USD, FUNDS - 499, 50))), rejected(Reason::InsufficientFunds));
    assert_eq!(venue.tell(Command::Withdraw(entry(1, USD, FUNDS - 500, 50))), ["withdrawn 999500"]);
    assert_eq!(venue.balance(1, USD), (0, 500));
}

#[test]
fn a_transfer_moves_between_two_accounts() {
    let mut venue = venue();
    let transfer =
        |amount, to, reference| Command::Transfer { from: entry(1, TEA, amount, reference), to: AccountId(to) };
    assert_eq!(venue.tell(transfer(300, 2, 50)), ["transferred 300"]);
    assert_eq!((venue.balance(1, TEA).0, venue.balance(2, TEA).0), (FUNDS - 300, FUNDS + 300));
    assert_eq!(venue.tell(transfer(300, 2, 50)), ["entry repeated"]);
    assert_eq!(venue.tell(transfer(300, 3, 50)), rejected(Reason::DuplicateReference));
    assert_eq!(venue.tell(transfer(300, 1, 51)), rejected(Reason::SameAccount));
    assert_eq!(venue.tell(transfer(FUNDS, 2, 51)), rejected(Reason::InsufficientFunds));
    assert_eq!(venue.tell(transfer(300, 0, 51)), rejected(Reason::ReservedAccount));
    assert_eq!(venue.tell(transfer(300, 9, 51)), rejected(Reason::UnknownAccount));
}

#[test]
fn an_amount_is_positive_and_an_asset_holds_so_much_and_no_more() {
    let mut venue = venue();
    for amount in [0, -1, i128::MIN, i128::MAX, Amount::MAX.0 + 1] {
        assert_eq!(
            venue.tell(Command::Deposit(entry(1, USD, amount, 50))),
            rejected(Reason::InvalidAmount),
            "{amount}"
        );
    }
    assert_eq!(venue.tell(Command::Deposit(entry(1, AssetId(2), 1, 50))), rejected(Reason::UnknownAsset));
    let room = Amount::MAX.0 - 3 * FUNDS;
    assert_eq!(venue.tell(Command::Deposit(entry(1, USD, room + 1, 50))), rejected(Reason::BalanceTooLarge));
    assert_eq!(venue.tell(Command::Deposit(entry(1, USD, room, 50))).len(), 1);
    assert_eq!(venue.tell(Command::Deposit(entry(2, USD, 1, 50))), rejected(Reason::BalanceTooLarge));
}
