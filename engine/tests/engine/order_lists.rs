//! Orders that hang together.

use papertape_engine::{
    AccountId, CancelCause, Command, KillScope, Leg, ListOrders, PlaceList, PlaceOrder, Reason, Side, TimeInForce,
};

use crate::support::{FUNDS, MARKET, TEA, USD, Venue, cancelled, limit, market, rejected, stop, venue};

fn leg(order: PlaceOrder) -> Leg {
    let PlaceOrder { side, kind, time_in_force, post_only, trigger, .. } = order;
    Leg { side, kind, time_in_force, post_only, trigger }
}

fn list(orders: ListOrders) -> Command {
    Command::PlaceList(PlaceList {
        account: AccountId(1),
        instrument: MARKET,
        orders,
        self_trade_prevention: None,
        client_order_id: None,
    })
}

fn oco(a: PlaceOrder, b: PlaceOrder) -> Command {
    list(ListOrders::Oco([leg(a), leg(b)]))
}

fn bracket(working: PlaceOrder, a: PlaceOrder, b: PlaceOrder) -> Command {
    list(ListOrders::Otoco { working: leg(working), pending: [leg(a), leg(b)] })
}

/// A last trade at 100.
fn traded() -> Venue {
    let mut venue = venue();
    venue.sell(2, 100, 1);
    venue.buy(3, 100, 1);
    venue
}

#[test]
fn a_fill_of_one_cancels_the_other_and_both_hold_once() {
    let mut venue = traded();
    let told = venue.tell(oco(limit(1, Side::Sell, 110, 5), stop(90, market(1, Side::Sell, 5))));
    assert_eq!(told, ["accepted 3", "accepted 4", "rested 3, 5 at 110"]);
    assert_eq!(venue.balance(1, TEA), (FUNDS - 500, 500));
    let told = venue.buy(2, 110, 2);
    let expected = ["accepted 5", "trade 2 at 110: 5 from 3, fees 0 0", &cancelled(4, 5, CancelCause::List)];
    assert_eq!(told, expected);
    assert_eq!(venue.queue(Side::Sell), [(3, 110, 3)]);
    assert_eq!(venue.amend(1, 3, None, Some(4)), ["amended 3, 2 at 110, place kept"], "it is an order like any other");
}

#[test]
fn the_dearer_of_two_buys_is_held() {
    let mut venue = traded();
    venue.tell(oco(stop(120, market(1, Side::Buy, 5)), limit(1, Side::Buy, 90, 5)));
    assert_eq!(venue.balance(1, USD), (FUNDS - 600, 600));
    assert_eq!(venue.cancel(1, 3), [cancelled(3, 5, CancelCause::User), cancelled(4, 5, CancelCause::List)]);
    assert_eq!(venue.balance(1, USD), (FUNDS, 0));
}

#[test]
fn a_trigger_cancels_the_other_before_it_needs_the_funds() {
    let mut venue = traded();
    let all = FUNDS as u64 / 100;
    venue.tell(oco(limit(1, Side::Sell, 110, all), stop(90, limit(1, Side::Sell, 80, all))));
    venue.buy(2, 90, 1);
    let told = venue.sell(3, 90, 1);
    let ends = ["triggered 4 at 90".to_owned(), cancelled(3, all, CancelCause::List), format!("rested 4, {all} at 80")];
    assert_eq!(told[2..], ends);
}

#[test]
fn a_bracket_comes_when_its_entry_has_been_filled_whole() {
    let mut venue = traded();
    let told = venue.tell(bracket(
        limit(1, Side::Buy, 95, 4),
        limit(1, Side::Sell, 110, 4),
        stop(90, market(1, Side::Sell, 4)),
    ));
    assert_eq!(told, ["accepted 3", "accepted 4", "accepted 5", "rested 3, 4 at 95"]);
    assert_eq!(venue.sell(2, 95, 1), ["accepted 6", "trade 1 at 95: 3 from 6, fees 0 0"]);
    let told = venue.sell(2, 95, 3);
    assert_eq!(told[2..], ["released 4", "released 5", "rested 4, 4 at 110"]);
    assert_eq!(venue.balance(1, TEA), (FUNDS, 400), "what was bought is held once");
    venue.buy(2, 90, 9);
    let told = venue.sell(3, 90, 1);
    let ends = [
        "trade 1 at 90: 8 from 9, fees 0 0",
        "triggered 5 at 90",
        &cancelled(4, 4, CancelCause::List),
        "trade 4 at 90: 8 from 5, fees 0 0",
    ];
    assert_eq!(told[1..], ends);
}

#[test]
fn a_bracket_whose_entry_ends_never_comes() {
    let mut venue = traded();
    let entry = limit(1, Side::Buy, 95, 4);
    let (profit, loss) = (limit(1, Side::Sell, 110, 4), stop(90, market(1, Side::Sell, 4)));
    venue.tell(bracket(entry, profit, loss));
    let ends =
        [cancelled(5, 4, CancelCause::User), cancelled(3, 4, CancelCause::List), cancelled(4, 4, CancelCause::List)];
    assert_eq!(venue.cancel(1, 5), ends, "a cancel of any ends all");
    let day = PlaceOrder { time_in_force: TimeInForce::Day, ..entry };
    venue.tell(bracket(day, profit, loss));
    let told = venue.set_phase(papertape_engine::Phase::Closed);
    assert_eq!(told[1], cancelled(6, 4, CancelCause::Expired));
    assert_eq!(told[2..], [cancelled(7, 4, CancelCause::List), cancelled(8, 4, CancelCause::List)]);
}

#[test]
fn an_entry_that_takes_releases_at_once() {
    let mut venue = traded();
    venue.sell(2, 95, 4);
    let told = venue.tell(list(ListOrders::Oto {
        working: leg(limit(1, Side::Buy, 95, 4)),
        pending: leg(limit(1, Side::Sell, 99, 4)),
    }));
    let ends = ["accepted 4", "accepted 5", "trade 4 at 95: 4 from 3, fees 0 0", "released 5", "rested 5, 4 at 99"];
    assert_eq!(told, ends);
}

#[test]
fn shapes_are_checked() {
    let mut venue = traded();
    let (sell, wait) = (limit(1, Side::Sell, 110, 5), stop(90, market(1, Side::Sell, 5)));
    let ioc = PlaceOrder { time_in_force: TimeInForce::Ioc, ..sell };
    for (command, reason) in [
        (oco(sell, stop(90, market(1, Side::Sell, 4))), Reason::ListLegsDiffer),
        (oco(sell, sell), Reason::ListNeedsTrigger),
        (oco(ioc, wait), Reason::ListLegMustStay),
        (oco(sell, stop(100, market(1, Side::Sell, 5))), Reason::TriggerAlreadyMet),
        (bracket(wait, sell, wait), Reason::ListWorkingMustRest),
    ] {
        assert_eq!(venue.tell(command), rejected(reason));
    }
    venue.buy(2, 110, 1);
    assert_eq!(venue.tell(oco(sell, wait)), rejected(Reason::PostOnlyWouldTake));
}

#[test]
fn a_kill_switch_ends_everything_and_stays() {
    let mut venue = traded();
    venue.tell(oco(limit(1, Side::Sell, 110, 5), stop(90, market(1, Side::Sell, 5))));
    venue.buy(2, 50, 1);
    let kill = |scope, engaged| Command::SetKillSwitch { scope, engaged };
    let told = venue.tell(kill(KillScope::Account(AccountId(1)), true));
    let ends = [cancelled(3, 5, CancelCause::KillSwitch), cancelled(4, 5, CancelCause::KillSwitch)];
    assert_eq!((&told[..2], &told[2]), (&ends[..], &"kill switch true, 2 ended".to_owned()));
    assert_eq!(venue.buy(1, 50, 1), rejected(Reason::KillSwitchEngaged));
    assert_eq!(venue.tell(kill(KillScope::Account(AccountId(1)), true)), rejected(Reason::SwitchUnchanged));
    venue.tell(kill(KillScope::Account(AccountId(1)), false));
    assert_eq!(venue.buy(1, 50, 1).len(), 2);
    assert_eq!(venue.tell(kill(KillScope::Venue, true)).len(), 3);
    let suspend = Command::SetSuspended { account: AccountId(2), suspended: true };
    assert_eq!(venue.tell(suspend), ["account 2 suspended true, 0 ended"]);
    assert_eq!(venue.buy(2, 50, 1), rejected(Reason::AccountSuspended));
    let entry = crate::support::entry(2, USD, 1, 99);
    assert_eq!(venue.tell(Command::Withdraw(entry)), rejected(Reason::AccountSuspended));
}
