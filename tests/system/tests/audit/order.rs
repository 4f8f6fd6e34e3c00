//! The life of an order.

use std::collections::BTreeMap;

use papertape::audit::{AuditCommand, OrderArgs, Source, StoryFormat};
use papertape_engine::{AccountId, Event, OrderId, Qty, Side};
use papertape_pipeline::Replay;
use papertape_story::{Eyes, Unread, order as story};
use papertape_tests::cases;
use papertape_tests::random::Profile;
use serde_json::Value;

use crate::venue::{Venue, audit, flow, scenario, stream};

fn order(venue: &Venue, order: u64, format: StoryFormat, no_snapshot: bool) -> (u8, String) {
    let source = Source { no_snapshot, ..venue.source() };
    audit(&AuditCommand::Order(OrderArgs { order, source, format, no_queue: false }))
}

const LIFE: &str = "\
# What moves an order in its queue, and what it trades.
list asset BTC with 4 decimals
list asset USD with 2 decimals
list market BTC-USD of BTC for USD, tick 1 with 0 decimals, lot 100, maker 500 ppm, taker 1000 ppm, self-trade cancel-taker
open account 7 as ann
open account 8 as bob
open account 9 as cid
deposit 100_000 BTC to ann reference 1
deposit 100_000 BTC to bob reference 1
deposit 10_000_000 USD to cid reference 1
deposit 10_000_000 USD to bob reference 2
bob sells 5 @ 1000 as b1
bob sells 4 @ 1000 as b2
bob sells 3 @ 1000 as b3
ann sells 6 @ 1000 as a1
cid buys 2 @ 1000 ioc
bob amends b3 to 2
cid amends order#4 to 9
bob cancels b2
bob amends b3 to 2 @ 1001
cid buys 5 @ 1000 ioc
ann amends a1 to 5
ann sells 1 @ 1001 as a2
bob buys 1 @ 1000 ioc
ann buys 1 @ 1000 ioc
ann cancels a1
";

#[test]
fn the_life_of_an_order_is_told_from_its_coming_to_its_end() {
    let venue = Venue::of(&scenario(LIFE), 1);
    let (code, text) = order(&venue, 4, StoryFormat::Text, false);
    let expected = "\
order 4 of account 1: sell 0.06 BTC-USD at 1000, good till cancelled, cancels itself before own orders, named \"a1\"
2026-01-02 03:04:05.000000014 UTC  record 14       accepted   account 1 asked: sell 0.06 BTC-USD at 1000, good till cancelled, cancels itself before own orders, named \"a1\"
2026-01-02 03:04:05.000000014 UTC  record 14       rested     0.06 rests at 1000, at the tail of the level
2026-01-02 03:04:05.000000014 UTC  record 14       queued     ahead of it in the queue: 3 orders with 0.12
2026-01-02 03:04:05.000000015 UTC  record 15       ahead      order 1 of account 2 traded 0.02 with order 5 of account 3: 0.03 of 0.05 left there; ahead now: 3 orders with 0.10
2026-01-02 03:04:05.000000016 UTC  record 16       ahead      order 3 of account 2 was amended to 0.02 at 1000: 0.02 of 0.03 left there; ahead now: 3 orders with 0.09
2026-01-02 03:04:05.000000017 UTC  record 17       refused    refused: The account has no such open order. (UNKNOWN_ORDER) [account 3: amend order 4 to 0.09]
2026-01-02 03:04:05.000000018 UTC  record 18       ahead      order 2 of account 2 ended (USER): 0.04 no longer ahead; ahead now: 2 orders with 0.05
2026-01-02 03:04:05.000000019 UTC  record 19       ahead      order 3 of account 2 was amended to 0.02 at 1001 and left its place: 0.02 no longer ahead; ahead now: 1 order with 0.03
2026-01-02 03:04:05.000000020 UTC  record 20       fill       0.02 at 1000 with order 6 of account 3, it was there, fee 0.01 USD; 0.04 left (trade 3)
2026-01-02 03:04:05.000000020 UTC  record 20       ahead      order 1 of account 2 traded 0.03 with order 6 of account 3: 0.03 no longer ahead; ahead now: nobody
2026-01-02 03:04:05.000000021 UTC  record 21       amended    0.04 at 1000 becomes 0.03 of 0.05 at 1000; it keeps its place [account 1: amend order \"a1\" to 0.05]
2026-01-02 03:04:05.000000023 UTC  record 23       fill       0.01 at 1000 with order 8 of account 2, it was there, fee 0.01 USD; 0.02 left (trade 4)
2026-01-02 03:04:05.000000024 UTC  record 24       prevented  no trade of 0.01 at 1000 with order 9 of account 1, of its own side (cancel_taker); 0.02 left
2026-01-02 03:04:05.000000025 UTC  record 25       ended      it ends with 0.02 left: Cancelled by the owner. (USER) [account 1: cancel order \"a1\"]
ended: 0.03 in 2 fills, 1000.0000 on average, 30.00 USD in all, fees 0.02 USD; read up to record 25
";
    assert_eq!((code, text.as_str()), (0, expected));
    let (code, json) = order(&venue, 4, StoryFormat::Json, false);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(code, 0);
    assert_eq!(json["order"]["account"], 1);
    assert_eq!(json["order"]["symbol"], "BTC-USD");
    let fill = json["lines"].as_array().unwrap().iter().find(|line| line["what"] == "fill").unwrap();
    assert_eq!((&fill["other_order"], &fill["fee"], &fill["role"]), (&6.into(), &"0.01".into(), &"maker".into()));
    assert_eq!(json["sum"]["state"], "ended");
    assert_eq!(json["sum"]["filled_qty"], "0.03");
    assert_eq!(json["sum"]["fees"], serde_json::json!([{ "asset": "USD", "amount": "0.02" }]));
}

#[test]
fn prevented_matches_triggers_and_repricings_are_told() {
    let commands = scenario(
        "\
# Waits, fires, follows.
market TEA-USD, self-trade cancel-taker
account ann with 100 TEA, 10000 USD
account bob with 100 TEA, 10000 USD
ann sells 5 @ 100
bob sells 2 @ 101
ann buys 1 @ 101
bob buys 1 @ 90 as peg
bob buys 3 @ 99 pegged to primary as p1
ann buys 1 @ 95
bob sells 4 @ 96 stop 100
bob buys 1 @ 100 ioc
",
    );
    let venue = Venue::of(&commands, 1);
    let whole = |id| order(&venue, id, StoryFormat::Text, false).1;
    // An own order stands in the way.
    assert!(
        whole(3).contains("prevented  no trade of 1 at 100 with order 1 of account 1, of its own side (cancel_taker)")
    );
    // A pegged order follows the bid that shows.
    let pegged = whole(5);
    assert!(pegged.contains("rested     3 rests at 90"), "{pegged}");
    assert!(
        pegged.contains("amended    3 at 90 becomes 3 of 3 at 95; it leaves its place [account 1: buy"),
        "{pegged}"
    );
    let stop = whole(7);
    assert!(stop.contains("waits      it waits, and is in no book"), "{stop}");
    assert!(stop.contains("triggered  it fires: the reference price is 100"), "{stop}");
}

#[test]
fn an_unknown_order_is_a_clear_complaint() {
    let venue = Venue::of(&scenario(LIFE), 3);
    for no_snapshot in [true, false] {
        let (code, text) = order(&venue, 99, StoryFormat::Text, no_snapshot);
        assert_eq!(code, 2);
        assert!(text.starts_with("papertape: there is no order 99 up to record"), "{text}");
        assert!(text.ends_with("the journal's last order is 9\n"), "{text}");
    }
}

/// The numbers that follow a word in a text.
fn numbers_after(word: &str, text: &str) -> Vec<u64> {
    let number = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    text.split(word).skip(1).filter_map(number).collect()
}

/// An owner is told of no account but the own one, and of no order but the own ones.
#[test]
fn a_story_for_an_owner_tells_nothing_of_others() {
    let wild = (0..cases().min(2)).map(|seed| stream(seed, 2_500));
    let of = [Profile::OwnSide, Profile::Shares, Profile::Triggers, Profile::Limits, Profile::Auctions, Profile::Lists];
    let flows = of.into_iter().map(|profile| flow(profile, 5, 1_500));
    let (mut stories, mut redacted) = (0, 0);
    for (number, commands) in wild.chain(flows).enumerate() {
        let venue = Venue::early(&commands, 4);
        let mut owners: BTreeMap<u64, AccountId> = BTreeMap::new();
        let replayed = Replay::whole(venue.config.dir.clone()).run(|output| {
            if let Event::Accepted(accepted) = output.event {
                owners.insert(accepted.order.0, accepted.terms.account);
            }
        });
        let last = replayed.unwrap().last_seq;
        let read = |order, eyes| story::read(&venue.config.dir, OrderId(order), eyes, last, || true).unwrap();
        for (&order, &owner) in owners.iter().step_by(1 + owners.len() / 40) {
            let (all, own) = (read(order, Eyes::All), read(order, Eyes::Of(owner)));
            let place = format!("venue {number}, order {order} of {owner}");
            assert_eq!(format!("{:?}", all.sum), format!("{:?}", own.sum), "{place}");
            for line in &own.lines {
                assert!(line.other_account.is_none_or(|account| account == owner.0), "{place}: {line:?}");
                let accounts = numbers_after("account ", &line.text);
                assert!(accounts.iter().all(|account| *account == u64::from(owner.0)), "{place}: {line:?}");
                // Of a match that was prevented the venue tells the other's number.
                if line.what != "prevented" {
                    let orders = numbers_after("order ", &line.text).into_iter().chain(line.other_order);
                    let foreign = orders.filter(|order| owners.get(order) != Some(&owner)).count();
                    assert_eq!(foreign, 0, "{place}: {line:?}");
                }
                redacted += usize::from(line.text.contains("another order"));
            }
            let count = |lines: &[story::Line]| lines.iter().filter(|line| line.what != "refused").count();
            assert_eq!(count(&all.lines), count(&own.lines), "{place}");
            // And for the operator it is the tool's.
            let (_, json) = self::order(&venue, order, StoryFormat::Json, false);
            let told: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(told["lines"], serde_json::to_value(&all.lines).unwrap(), "{place}");
            stories += 1;
        }
    }
    assert!(stories > 100 && redacted > 100, "{stories} stories, {redacted} lines about others");
}

#[test]
fn a_story_ends_where_it_is_told_to() {
    let venue = Venue::of(&scenario(LIFE), 3);
    let read = |order, until| story::read(&venue.config.dir, OrderId(order), Eyes::All, until, || true);
    let last = Replay::whole(venue.config.dir.clone()).run(|_| {}).unwrap().last_seq;
    let whole = read(4, last).unwrap();
    assert_eq!(whole.sum.state, "ended");
    let fill = whole.lines.iter().find(|line| line.what == "fill").unwrap().seq;
    let before = read(4, fill - 1).unwrap();
    assert_eq!((before.sum.state, before.sum.fills, before.sum.seq), ("open", 0, fill - 1));
    let born = whole.lines[0].seq;
    assert!(matches!(read(4, born - 1), Err(Unread::NoOrder { .. })));
    assert!(matches!(read(4_711, 20), Err(Unread::NoOrder { .. })));
    assert_eq!(read(4, 1_000_000).unwrap().sum.state, "ended", "nothing after its end is read");
    assert!(matches!(read(4_711, 1_000_000), Err(Unread::Ends { wanted: 1_000_000, .. })));
    let stopped = story::read(&venue.config.dir, OrderId(4), Eyes::All, 20, || false);
    assert!(matches!(stopped, Err(Unread::Stopped)));
}

/// What the events say of each order.
#[derive(Default)]
struct Told {
    fills: u64,
    filled: u64,
    events: u64,
}

#[test]
fn stories_of_random_orders_are_those_of_the_events() {
    let wild = (0..cases().min(2)).map(|seed| stream(seed, 2_500));
    let of = [Profile::OwnSide, Profile::Shares, Profile::Triggers, Profile::Limits, Profile::Auctions, Profile::Lists];
    let flows = of.into_iter().map(|profile| flow(profile, 3, 1_500));
    let (mut stories, mut queued) = (0, 0);
    for (number, commands) in wild.chain(flows).enumerate() {
        let venue = Venue::early(&commands, 4);
        let mut told: BTreeMap<OrderId, Told> = BTreeMap::new();
        let mut side = BTreeMap::new();
        let replay = Replay::whole(venue.config.dir.clone()).run(|output| count(&mut told, &mut side, &output.event));
        let engine = replay.unwrap().engine;
        // Each journal is replayed for each story: not for all of them.
        let is_told =
            |(place, id): (usize, OrderId)| place % (1 + told.len() / 40) == 0 || engine.queue_place(id).is_some();
        let few = told.keys().copied().enumerate().filter(|told| is_told(*told)).take(60);
        for (id, told) in few.map(|(_, id)| (id, &told[&id])) {
            let (code, text) = order(&venue, id.0, StoryFormat::Json, true);
            assert_eq!(code, 0, "venue {number}, order {id}: {text}");
            let json: Value = serde_json::from_str(&text).unwrap();
            let lines = json["lines"].as_array().unwrap();
            let fills = lines.iter().filter(|line| line["what"] == "fill").count() as u64;
            assert_eq!(fills, told.fills, "venue {number}, order {id}: {text}");
            assert_eq!(json["sum"]["fills"], fills, "venue {number}, order {id}");
            let events = lines.iter().filter(|line| !line["index"].is_null() && line["what"] != "repeated");
            let events = events.filter(|line| line["what"] != "refused").count() as u64;
            assert_eq!(events, told.events, "venue {number}, order {id}: {text}");
            assert_eq!(fills == 0, told.filled == 0);
            // What it says of the queue last is what the state says.
            let last = lines.iter().rfind(|line| !line["ahead_orders"].is_null());
            if let (Some((orders, qty)), "open") = (engine.queue_place(id), json["sum"]["state"].as_str().unwrap()) {
                let last = last.unwrap_or_else(|| panic!("venue {number}, order {id}: {text}"));
                assert_eq!(last["ahead_orders"], orders, "venue {number}, order {id}: {text}");
                if orders == 0 {
                    assert_eq!(qty, Qty::ZERO);
                }
                queued += 1;
            }
            // A snapshot that is older than the order changes nothing.
            assert_eq!(order(&venue, id.0, StoryFormat::Json, false), (0, text), "venue {number}, order {id}");
            stories += 1;
        }
    }
    assert!(stories > 100 && queued > 10, "{stories} stories, {queued} of orders that rest");
}

fn count(told: &mut BTreeMap<OrderId, Told>, side: &mut BTreeMap<OrderId, Side>, event: &Event) {
    let mut one = |order: &OrderId| told.entry(*order).or_default().events += 1;
    match event {
        Event::Accepted(accepted) => {
            one(&accepted.order);
            side.insert(accepted.order, accepted.terms.side);
        }
        Event::Released { order, .. } | Event::Triggered { order, .. } | Event::Rested { order, .. } => one(order),
        Event::Cancelled(cancelled) => one(&cancelled.order),
        Event::Amended(amended) => one(&amended.order),
        Event::SelfTradePrevented(prevented) => {
            one(&prevented.taker.order);
            one(&prevented.maker.order);
        }
        Event::Trade(trade) => {
            for party in [trade.buy, trade.sell] {
                let told = told.entry(party.order).or_default();
                told.events += 1;
                told.fills += 1;
                told.filled += trade.qty.0;
            }
        }
        _ => {}
    }
}
