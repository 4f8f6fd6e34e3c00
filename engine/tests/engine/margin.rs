//! Accounts that borrow.

use papertape_engine::{
    AccountId, Amount, AssetId, CancelCause, Command, Event, MarginTerms, Ppm, Price, Reason, Side,
};

use crate::support::{FUNDS, MARKET, TEA, USD, Venue, cancelled, entry, limit, rejected, venue};

const ANN: AccountId = AccountId(1);

fn terms(collateral: i32, initial: i32, maintenance: i32) -> MarginTerms {
    let (collateral, initial, maintenance) = (Ppm(collateral), Ppm(initial), Ppm(maintenance));
    MarginTerms { priced_by: None, collateral, initial, maintenance, borrow_max: Amount(10 * FUNDS) }
}

/// Ann may borrow; a tea is a hundred units, a lot, and worth 100 cents.
fn lending() -> Venue {
    let mut venue = venue();
    let tea = MarginTerms { priced_by: Some(MARKET), ..terms(800_000, 200_000, 100_000) };
    venue.send(Command::SetMarginTerms { asset: USD, terms: terms(1_000_000, 200_000, 100_000) });
    venue.send(Command::SetMarginTerms { asset: TEA, terms: tea });
    venue.send(Command::SetMarginAccount { account: ANN, margin: true });
    mark(&mut venue, 100);
    venue
}

fn mark(venue: &mut Venue, price: u64) -> Vec<String> {
    venue.tell(Command::SetMark { instrument: MARKET, price: Price(price) })
}

fn borrow(venue: &mut Venue, asset: AssetId, amount: i128, reference: u64) -> Vec<String> {
    venue.tell(Command::Borrow(entry(1, asset, amount, reference)))
}

#[test]
fn collateral_counts_after_its_haircut() {
    let mut venue = lending();
    // A million cents, and 10,000 teas of a dollar of which four fifths count.
    assert_eq!(venue.engine.margin_level(ANN).collateral, Amount(1_800_000));
    assert_eq!(borrow(&mut venue, USD, 9_000_001, 50), rejected(Reason::InsufficientMargin));
    assert_eq!(borrow(&mut venue, USD, 9_000_000, 50), ["borrowed 9000000, owes 9000000"]);
    assert_eq!(venue.tell(Command::Withdraw(entry(1, USD, 1, 51))), rejected(Reason::InsufficientMargin));
    let transfer = Command::Transfer { from: entry(1, TEA, 1, 52), to: AccountId(2) };
    assert_eq!(venue.tell(transfer), rejected(Reason::InsufficientMargin));
    assert_eq!(venue.tell(Command::Repay(entry(1, USD, 10_000_000, 53))), ["repaid 9000000, owes 0"]);
    assert_eq!(venue.engine.debts(ANN), []);
    assert_eq!(venue.balance(1, USD), (FUNDS, 0));
}

#[test]
fn a_short_sale_that_goes_wrong_is_bought_back() {
    let mut venue = lending();
    assert_eq!(borrow(&mut venue, TEA, 2_000_000, 50), ["borrowed 2000000, owes 2000000"]);
    venue.buy(2, 50, 20_000);
    venue.sell(1, 50, 20_000);
    venue.sell(1, 300, 5);
    venue.sell(3, 60, 10_000);
    // At 142 cents she has 2,000,000 and four fifths of 10,000 teas, and owes 20,000 teas, a tenth of it on top.
    assert_eq!(mark(&mut venue, 142), ["mark 142"]);
    let told = mark(&mut venue, 143);
    assert_eq!(
        told[..3],
        ["mark 143".to_owned(), "liquidates 1".to_owned(), cancelled(3, 5, CancelCause::Liquidation)]
    );
    assert_eq!(told[3], "repaid 1000000, owes 1000000", "with her own teas first");
    assert_eq!(told[5], "trade 10000 at 60: 5 from 4, fees 0 0");
    assert_eq!(told[6..], ["repaid 1000000, owes 0", "liquidated 1, owes false"]);
    assert_eq!(venue.balance(1, USD), (FUNDS + 1_000_000 - 600_000, 0));
}

#[test]
fn what_nobody_pays_the_venue_owes() {
    let mut venue = lending();
    borrow(&mut venue, USD, 5_000_000, 50);
    venue.sell(2, 600, 10_000);
    venue.buy(1, 600, 10_000);
    venue.buy(3, 1, 20_000);
    let told = mark(&mut venue, 10);
    assert_eq!(told.last().map(String::as_str), Some("liquidated 1, owes false"));
    assert!(told.iter().any(|line| line == "bad debt 4980000 of 1, 0 paid"), "{told:?}");
    assert_eq!(venue.engine.debts(AccountId::FEES), [(USD, Amount(4_980_000))]);
    assert_eq!(venue.balance(1, USD), (0, 0));
    assert!(matches!(
        venue.send(Command::SetMarginAccount { account: ANN, margin: false })[..],
        [Event::MarginAccountSet { margin: false, .. }]
    ));
}

#[test]
fn a_spot_account_borrows_nothing() {
    let mut venue = venue();
    assert_eq!(borrow(&mut venue, USD, 1, 50), rejected(Reason::NotAMarginAccount));
    venue.place(limit(1, Side::Buy, 5, 1));
    assert_eq!(mark(&mut venue, 1), ["mark 1"]);
}
