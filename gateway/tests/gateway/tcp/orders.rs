//! Every message, and that it means what REST means.

use papertape_gateway::TcpConfig;
use papertape_wire::{
    Amend, Cancel, CancelAll, FromClient, FromVenue, KillSwitch, QueryAccount, QueryInstruments, QueryLimits, Terms,
    Text, codes, values,
};
use serde_json::json;

use super::client::{Key, TcpClient, buy, limit, login, order, world};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_lives_and_dies() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    client.send(&buy(1, 5_000_000, "mine-1")).await;
    let FromVenue::OrderAccepted(accepted) = client.next().await else { panic!() };
    assert_eq!((accepted.sequence, accepted.reference, accepted.status), (1, 1, values::status::NEW));
    assert_eq!((accepted.terms.price, accepted.terms.qty, accepted.terms.side), (5_000_000, 10, values::side::BUY));
    assert_eq!(accepted.client_order_id.as_str(), Some("mine-1"));
    let order_id = accepted.order_id;
    let FromVenue::OrderRested(rested) = client.next().await else { panic!() };
    assert_eq!((rested.order_id, rested.price, rested.leaves_qty, rested.shown_qty), (order_id, 5_000_000, 10, 10));
    assert_eq!(rested.journal_seq, accepted.journal_seq);

    // The read models come after: REST shows it in a moment.
    let path = format!("/api/v1/orders/{order_id}");
    let shown = eventually("the order over REST", async || {
        let (status, shown) = world.get(&path, Some(&ada.token)).await;
        (status == 200).then_some(shown)
    });
    let shown = shown.await;
    assert_eq!((&shown["price"], &shown["client_order_id"]), (&json!("50000.00"), &json!("mine-1")), "{shown}");

    let amend = Amend { reference: 2, client_order_id: Text::new("mine-1").unwrap(), qty: 8, ..Amend::default() };
    client.send(&FromClient::Amend(amend)).await;
    let FromVenue::OrderReplaced(replaced) = client.next().await else { panic!() };
    assert_eq!((replaced.qty, replaced.leaves_qty, replaced.kept_priority, replaced.reference), (8, 8, 1, 2));

    client.send(&FromClient::Cancel(Cancel { reference: 3, order_id, ..Cancel::default() })).await;
    let FromVenue::OrderCancelled(cancelled) = client.next().await else { panic!() };
    assert_eq!((cancelled.order_id, cancelled.leaves_qty, cancelled.cause, cancelled.reference), (order_id, 8, 1, 3));
    client.send(&FromClient::Cancel(Cancel { reference: 4, order_id, ..Cancel::default() })).await;
    assert_eq!(client.rejected().await, (4, 4), "UNKNOWN_ORDER, and whose request it was");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_with_the_first_order() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let order_id = client.rest(1, 5_000_000, "mine").await;
    client.send_all(&[buy(2, 5_000_000, "mine"), buy(3, 5_000_001, "mine")]).await;
    let FromVenue::OrderRepeated(repeated) = client.next().await else { panic!() };
    assert_eq!((repeated.order_id, repeated.reference), (order_id, 2));
    let FromVenue::OrderRejected(rejected) = client.next().await else { panic!() };
    assert_eq!((rejected.code, rejected.reference), (codes::DUPLICATE_CLIENT_ORDER_ID, 3));
    assert_eq!((rejected.client_order_id.as_str(), rejected.class), (Some("mine"), codes::Class::Final as u8));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_a_trade_are_told() {
    let world = world(TcpConfig::default()).await;
    let (ada, bob) = (world.trader("ada").await, world.trader("bob").await);
    world.deposit_btc(&bob, 1).await;
    let (adas, bobs) = (Key::hmac(&world, &ada).await, Key::hmac(&world, &bob).await);
    let (mut buyer, _) = TcpClient::open(&world, &adas, login()).await;
    let (mut seller, _) = TcpClient::open(&world, &bobs, login()).await;
    let resting = buyer.rest(1, 5_000_000, "").await;
    let sell = Terms { qty: 4, order_type: values::order_type::MARKET, ..limit(values::side::SELL, 0) };
    seller.send(&order(7, sell, "")).await;
    let FromVenue::OrderAccepted(_) = seller.next().await else { panic!() };
    let FromVenue::OrderFilled(taken) = seller.next().await else { panic!() };
    assert_eq!((taken.qty, taken.leaves_qty, taken.liquidity), (4, 0, values::liquidity::TAKER));
    assert_eq!((taken.reference, taken.side, taken.price), (7, values::side::SELL, 5_000_000));
    let FromVenue::OrderFilled(made) = buyer.next().await else { panic!() };
    assert_eq!((made.order_id, made.qty, made.leaves_qty), (resting, 4, 6));
    assert_eq!((made.reference, made.liquidity, made.trade_id), (0, values::liquidity::MAKER, taken.trade_id));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mass_cancels_and_the_kill_switch_say_how_many() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    for reference in 1..=3 {
        client.rest(reference, 1_000_000 + reference, "").await;
    }
    let none = CancelAll { reference: 4, instrument: values::ANY_INSTRUMENT, side: values::side::SELL };
    client
        .send_all(&[FromClient::CancelAll(none), FromClient::CancelAll(CancelAll { reference: 5, side: 0, ..none })])
        .await;
    let FromVenue::MassCancelDone(done) = client.next().await else { panic!() };
    assert_eq!((done.orders, done.reference), (0, 4));
    for _ in 0..3 {
        let FromVenue::OrderCancelled(cancelled) = client.next().await else { panic!() };
        assert_eq!((cancelled.reference, cancelled.cause), (5, 1));
    }
    let FromVenue::MassCancelDone(done) = client.next().await else { panic!() };
    assert_eq!((done.orders, done.reference), (3, 5));

    client.rest(6, 1_000_000, "").await;
    client.send(&FromClient::KillSwitch(KillSwitch { reference: 7, engaged: 1 })).await;
    let FromVenue::OrderCancelled(cancelled) = client.next().await else { panic!() };
    assert_eq!((cancelled.reference, cancelled.cause), (7, 13));
    let FromVenue::KillSwitchSet(set) = client.next().await else { panic!() };
    assert_eq!((set.orders, set.engaged, set.reference), (1, 1, 7));
    client.send(&buy(8, 1_000_000, "")).await;
    assert_eq!(client.rejected().await, (codes::KILL_SWITCH_ENGAGED, 8));
    client.send(&FromClient::KillSwitch(KillSwitch { reference: 9, engaged: 0 })).await;
    let FromVenue::KillSwitchSet(set) = client.next().await else { panic!() };
    assert_eq!((set.engaged, set.reference), (0, 9));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_asked_is_answered() {
    let world = world(TcpConfig { orders_per_second: 100, ..TcpConfig::default() }).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let all = QueryInstruments { reference: 1, instrument: values::ANY_INSTRUMENT };
    client.send(&FromClient::QueryInstruments(all)).await;
    let mut symbols = Vec::new();
    let count = loop {
        match client.next().await {
            FromVenue::Instrument(instrument) => {
                assert_eq!(usize::from(instrument.instrument), symbols.len());
                symbols.push(instrument.symbol.as_str().unwrap().to_owned());
                assert_eq!((instrument.reference, instrument.phase), (1, values::phase::CONTINUOUS));
            }
            FromVenue::QueryDone(done) => break done.count,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((count, symbols[0].as_str()), (5, "BTC-USD"));
    client.send(&FromClient::QueryInstruments(QueryInstruments { reference: 2, instrument: 99 })).await;
    assert!(matches!(client.next().await, FromVenue::QueryDone(done) if (done.count, done.reference) == (0, 2)));

    let order_id = client.rest(3, 5_000_000, "mine").await;
    client.send(&FromClient::QueryLimits(QueryLimits { reference: 4 })).await;
    let FromVenue::Limits(limits) = client.next().await else { panic!() };
    assert_eq!((limits.orders_per_second, limits.cancels_per_second, limits.sessions), (100, 200, 1));
    assert_eq!((limits.in_flight, limits.in_flight_max, limits.sessions_max), (0, 1_024, 8));
    assert!((99..=100).contains(&limits.orders_left) && limits.cancels_left == 200);

    client.send(&FromClient::QueryAccount(QueryAccount { reference: 5 })).await;
    let FromVenue::SnapshotBegin(begin) = client.next().await else { panic!() };
    assert_eq!((begin.reference, begin.sequence, begin.orders), (5, 2, 1));
    let FromVenue::OpenOrder(open) = client.next().await else { panic!() };
    assert_eq!((open.order_id, open.leaves_qty, open.status), (order_id, 10, values::status::NEW));
    assert_eq!((open.terms.price, open.terms.time_in_force), (5_000_000, values::time_in_force::GTC));
    for _ in 0..begin.balances {
        let FromVenue::Balance(balance) = client.next().await else { panic!() };
        assert!(balance.asset.as_str() != Some("USD") || balance.held > 0 && balance.free > 0);
    }
    assert!(matches!(client.next().await, FromVenue::SnapshotEnd(end) if end.sequence == 2));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn triggers_icebergs_and_expiries_come_through() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;
    let base = Terms { price: 5_000_000, ..limit(values::side::BUY, 1_000) };
    client.send(&order(1, Terms { display_qty: 100, ..base }, "")).await;
    let FromVenue::OrderAccepted(accepted) = client.next().await else { panic!() };
    assert_eq!(accepted.terms.display_qty, 100);
    let FromVenue::OrderRested(rested) = client.next().await else { panic!() };
    assert_eq!((rested.leaves_qty, rested.shown_qty), (1_000, 100));
    let stop = Terms { trigger_kind: values::trigger_kind::STOP, trigger_price: 6_000_000, ..base };
    client.send(&order(2, stop, "")).await;
    let FromVenue::OrderAccepted(accepted) = client.next().await else { panic!() };
    assert_eq!((accepted.status, accepted.terms.trigger_price), (values::status::WAITING, 6_000_000));
    let expires_ns = login().client_time_ns + 50_000_000;
    let gtd = Terms { time_in_force: values::time_in_force::GTD, expires_ns, ..base };
    client.send(&order(3, gtd, "")).await;
    let FromVenue::OrderAccepted(accepted) = client.next().await else { panic!() };
    assert_eq!(accepted.terms.expires_ns, expires_ns);
    let expired = client.until(|frame| match frame {
        FromVenue::OrderExpired(expired) => Some(*expired),
        _ => None,
    });
    let expired = expired.await;
    assert_eq!((expired.order_id, expired.leaves_qty), (accepted.order_id, 1_000));
    assert!(expired.time_ns >= expires_ns);
    let ioc = Terms { time_in_force: values::time_in_force::IOC, flags: values::flags::POST_ONLY, ..base };
    client.send_all(&[order(4, ioc, ""), order(5, Terms { flags: 64, ..base }, "x")]).await;
    let mut refused = [client.rejected().await, client.rejected().await];
    refused.sort_by_key(|(_, reference)| *reference);
    assert_eq!(refused, [(codes::POST_ONLY_NOT_RESTING, 4), (codes::INVALID_FIELD, 5)]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_over_rest_is_in_the_same_numbers() {
    let world = world(TcpConfig::default()).await;
    let ada = world.trader("ada").await;
    let key = Key::hmac(&world, &ada).await;
    world.limit(&ada, "buy", "10.00", "0.1").await;
    let (mut client, accepted) = TcpClient::open(&world, &key, login()).await;
    assert_eq!((accepted.last_sequence, accepted.next_sequence), (2, 3));
    let placed = world.limit(&ada, "buy", "11.00", "0.1").await;
    let FromVenue::OrderAccepted(told) = client.next().await else { panic!() };
    assert_eq!((told.sequence, told.reference), (3, 0));
    assert_eq!(told.order_id.to_string(), placed["order_id"].as_str().unwrap());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_do_to_an_account_s_orders_is_told() {
    let world = world(TcpConfig::default()).await;
    let (ada, bob) = (world.trader("ada").await, world.trader("bob").await);
    world.deposit_btc(&ada, 1).await;
    world.deposit_btc(&bob, 1).await;
    let key = Key::hmac(&world, &ada).await;
    let (mut client, _) = TcpClient::open(&world, &key, login()).await;

    // Her own orders meet, and lose what they would have traded.
    let buys = client.rest(1, 5_000_000, "").await;
    let sell = Terms { price: 5_000_000, self_trade: values::self_trade::DECREMENT, ..limit(values::side::SELL, 10) };
    client.send(&order(2, sell, "")).await;
    let FromVenue::OrderAccepted(sells) = client.next().await else { panic!() };
    for (order_id, other_order_id) in [(sells.order_id, buys), (buys, sells.order_id)] {
        let FromVenue::SelfTradePrevented(prevented) = client.next().await else { panic!() };
        assert_eq!((prevented.order_id, prevented.other_order_id), (order_id, other_order_id));
        assert_eq!((prevented.qty, prevented.leaves_qty, prevented.mode), (10, 0, values::self_trade::DECREMENT));
    }
    for _ in 0..2 {
        let FromVenue::OrderCancelled(ended) = client.next().await else { panic!() };
        assert_eq!((ended.cause, ended.leaves_qty), (5, 0));
    }

    // Others trade, and her stop fires.
    let stop = Terms {
        price: 5_200_000,
        trigger_kind: values::trigger_kind::STOP,
        trigger_price: 5_100_000,
        ..limit(values::side::BUY, 10)
    };
    client.send(&order(3, stop, "")).await;
    let FromVenue::OrderAccepted(waits) = client.next().await else { panic!() };
    world.limit(&bob, "sell", "51000.00", "0.001").await;
    let carol = world.trader("carol").await;
    world.limit(&carol, "buy", "51000.00", "0.001").await;
    let FromVenue::OrderTriggered(triggered) = client.next().await else { panic!() };
    assert_eq!((triggered.order_id, triggered.price, triggered.reference), (waits.order_id, 5_100_000, 0));
    let FromVenue::OrderRested(rested) = client.next().await else { panic!() };
    assert_eq!((rested.order_id, rested.price), (waits.order_id, 5_200_000));

    // A list comes over REST: its orders are told, too.
    let legs = json!([
        {"side": "sell", "type": "limit", "price": "60000.00", "qty": "0.001"},
        {"side": "sell", "type": "limit", "price": "40000.00", "qty": "0.001", "trigger": {"kind": "stop", "price": "41000.00"}},
    ]);
    let list = json!({"symbol": "BTC-USD", "type": "oco", "orders": legs});
    let (status, placed) = world.post("/api/v1/order-lists", Some(&ada.token), &list).await;
    assert_eq!(status, 201, "{placed}");
    let FromVenue::OrderAccepted(first) = client.next().await else { panic!() };
    assert_eq!((first.list_id, first.status), (first.order_id, values::status::NEW));
    let second = client.until(|frame| match frame {
        FromVenue::OrderAccepted(accepted) => Some(*accepted),
        _ => None,
    });
    let second = second.await;
    assert_eq!((second.list_id, second.status), (first.order_id, values::status::WAITING));

    // The operator stops her.
    let path = format!("/api/v1/admin/accounts/{}/suspension", ada.account);
    assert_eq!(world.put(&path, json!({"suspended": true})).await.0, 200);
    let suspended = client.until(|frame| match frame {
        FromVenue::AccountSuspended(suspended) => Some(*suspended),
        _ => None,
    });
    let suspended = suspended.await;
    assert_eq!((suspended.suspended, suspended.orders), (1, 3));
    client.send(&buy(4, 5_000_000, "")).await;
    assert_eq!(client.rejected().await, (codes::ACCOUNT_SUSPENDED, 4));
    world.stop().await;
}
