//! Fee tiers: what accounts pay that trade much.

use papertape_engine::{Amount, Command, Event, FeeTier, FeeTiers, Ppm, Reason, Side};

use crate::support::{FUNDS, MARKET, USD, limit, rejected, with_fees};

const DAY_NS: u64 = 24 * 3_600 * 1_000_000_000;

fn tiers(rows: &[(i128, i32, i32)]) -> Command {
    let row = |&(volume, maker, taker): &(i128, i32, i32)| FeeTier {
        volume_min: Amount(volume),
        maker_fee: Ppm(maker),
        taker_fee: Ppm(taker),
    };
    let rows: Vec<FeeTier> = rows.iter().map(row).collect();
    Command::SetFeeTiers { instrument: MARKET, tiers: FeeTiers::new(&rows).unwrap() }
}

#[test]
fn who_has_traded_enough_pays_less_from_the_next_day_on() {
    let mut venue = with_fees(1_000, 2_000);
    assert_eq!(venue.tell(tiers(&[(50_000, 0, 100)])), ["1 fee tiers"]);
    venue.sell(1, 500, 100);
    assert_eq!(venue.buy(2, 500, 100)[1], "trade 100 at 500: 2 from 1, fees 100 50");
    assert_eq!(venue.engine.fees_of(limit(1, Side::Buy, 1, 1).account, MARKET), Some((0, Ppm(1_000), Ppm(2_000))));
    assert_eq!(venue.engine.next_expiry(), Some(DAY_NS), "a tick comes at midnight");
    venue.pass(DAY_NS);
    assert_eq!(venue.tell(Command::Tick), ["volume of 1: 50000", "volume of 2: 50000", "ticked 0"]);
    venue.sell(1, 500, 100);
    assert_eq!(venue.buy(2, 500, 100)[1], "trade 100 at 500: 4 from 3, fees 5 0");
    venue.pass(32 * DAY_NS);
    venue.sell(1, 500, 100);
    assert_eq!(venue.buy(3, 500, 100)[1], "trade 100 at 500: 6 from 5, fees 100 50");
}

#[test]
fn an_order_holds_and_pays_what_it_was_accepted_with() {
    let mut venue = with_fees(1_000, 2_000);
    venue.send(tiers(&[(50_000, 0, 0)]));
    venue.buy(2, 500, 200);
    venue.sell(1, 500, 100);
    venue.pass(DAY_NS);
    venue.send(Command::Tick);
    assert_eq!(venue.balance(2, USD), (FUNDS - 100_150, 50_100), "50,000 and twice a thousandth of it");
    venue.sell(1, 500, 100);
    assert_eq!(venue.balance(2, USD), (FUNDS - 100_100, 0), "a thousandth of both");
}

#[test]
fn nobody_gets_a_rebate_that_nobody_pays() {
    let mut venue = with_fees(0, 500);
    assert_eq!(venue.tell(tiers(&[(1, -501, 500)])), rejected(Reason::InvalidFees));
    assert_eq!(venue.tell(tiers(&[(1, -500, 500), (1, 0, 500)])), rejected(Reason::InvalidFeeTiers));
    venue.send(tiers(&[(1, -500, 500)]));
    venue.sell(1, 500, 1);
    venue.buy(2, 500, 1);
    venue.pass(DAY_NS);
    venue.sell(1, 500, 100);
    assert_eq!(venue.tell(tiers(&[(1, 0, 499)])), rejected(Reason::RebateNotCovered));
    let events = venue.send(tiers(&[]));
    assert!(matches!(events[..], [Event::FeeTiersSet { .. }]), "what it is listed with covers it");
    assert_eq!(venue.buy(2, 500, 100)[1], "trade 100 at 500: 4 from 3, fees 25 -25");
}
