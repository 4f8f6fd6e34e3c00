//! What an instrument may choose.

use papertape_engine::{
    AmendPriority, Bands, InstrumentSpec, PlaceOrder, PostOnlyRule, Reason, RuleBook, SelfTradePrevention, Side,
    TriggerAtEntry,
};

use crate::support::{FUNDS, USD, Venue, limit, rejected, spec};

fn post_only(order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { post_only: true, ..order }
}

#[test]
fn a_post_only_order_may_be_repriced() {
    let mut venue = Venue::of(InstrumentSpec { post_only: PostOnlyRule::Reprice, ..spec() });
    venue.sell(2, 100, 5);
    venue.buy(2, 90, 5);
    assert_eq!(venue.place(post_only(limit(1, Side::Buy, 105, 2))), ["accepted 3", "rested 3, 2 at 99"]);
    assert_eq!(venue.balance(1, USD), (FUNDS - 198, 198), "it holds what it may come to pay");
    assert_eq!(venue.place(post_only(limit(1, Side::Sell, 80, 2))), ["accepted 4", "rested 4, 2 at 100"]);
    assert_eq!(venue.amend(1, 3, Some(200), None), rejected(Reason::NothingToAmend), "it is there already");
    venue.cancel(2, 1);
    venue.cancel(1, 4);
    venue.sell(2, 1, 99);
    assert_eq!(
        venue.place(post_only(limit(1, Side::Buy, 5, 2))),
        rejected(Reason::PostOnlyWouldTake),
        "below 1 is nothing"
    );
}

#[test]
fn every_amend_may_lose_its_place() {
    let mut venue = Venue::of(InstrumentSpec { amend_priority: AmendPriority::Lose, ..spec() });
    venue.buy(1, 10, 5);
    venue.buy(2, 10, 5);
    assert_eq!(venue.amend(1, 1, None, Some(3)), ["amended 1, 3 at 10, place lost", "rested 1, 3 at 10"]);
    assert_eq!(venue.queue(Side::Buy), [(2, 10, 5), (1, 10, 3)]);
}

#[test]
fn rule_books_are_settings() {
    let nasdaq = RuleBook::NasdaqLike.of(spec());
    assert_eq!(nasdaq.self_trade_prevention, SelfTradePrevention::Decrement);
    assert_eq!((nasdaq.post_only, nasdaq.trigger_at_entry), (PostOnlyRule::Reprice, TriggerAtEntry::Fire));
    let cme = RuleBook::CmeLike.of(InstrumentSpec { bands: Bands { static_points: 7, dynamic_points: 0 }, ..spec() });
    assert_eq!(cme.bands, Bands { static_points: 7, dynamic_points: 500 });
    assert_eq!(RuleBook::Binance.of(nasdaq).post_only, PostOnlyRule::Reject);
    assert_eq!(RuleBook::Binance.of(spec()).symbol, spec().symbol);
}
