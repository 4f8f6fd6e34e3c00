//! Order lists: placed as frames, told order by order.

use papertape_gateway::TcpConfig;
use papertape_wire::{Cancel, FromClient, FromVenue, Leg, LegAt, PlaceList, Text, codes, values};

use super::client::{Key, TcpClient, buy, login, order, world};
use crate::support::World;

fn limit(side: u8, price: u64) -> Leg {
    Leg { price, qty: 10, side, order_type: values::order_type::LIMIT, ..Leg::default() }
}

/// Buys at 59,000, then takes profit at 61,000 or stops at 58,000.
fn bracket(reference: u64, name: &str) -> PlaceList {
    let stop = Leg {
        qty: 10,
        side: values::side::SELL,
        order_type: values::order_type::MARKET,
        trigger_price: 5_800_000,
        trigger_kind: values::trigger_kind::STOP,
        ..Leg::default()
    };
    PlaceList {
        reference,
        client_order_id: Text::new(name).unwrap(),
        list_type: values::list_type::OTOCO,
        first: LegAt(limit(values::side::BUY, 5_900_000)),
        second: LegAt(limit(values::side::SELL, 6_100_000)),
        third: LegAt(stop),
        ..PlaceList::default()
    }
}

/// A market that has traded at 60,000, and who trades in it.
async fn traded() -> (World, TcpClient, TcpClient) {
    let world = world(TcpConfig::default()).await;
    let (ada, bob) = (world.trader("ada").await, world.trader("bob").await);
    world.deposit_btc(&bob, 1).await;
    let (adas, bobs) = (Key::hmac(&world, &ada).await, Key::hmac(&world, &bob).await);
    let (mut buyer, _) = TcpClient::open(&world, &adas, login()).await;
    let (mut seller, _) = TcpClient::open(&world, &bobs, login()).await;
    buyer.rest(1, 6_000_000, "").await;
    let sell = super::client::limit(values::side::SELL, 10);
    seller.send(&order(1, papertape_wire::Terms { price: 6_000_000, ..sell }, "")).await;
    buyer.until(|frame| matches!(frame, FromVenue::OrderFilled(_)).then_some(())).await;
    (world, buyer, seller)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bracket_is_told_order_by_order_and_ends_as_one() {
    let (world, mut client, _seller) = traded().await;
    client.send(&FromClient::PlaceList(bracket(2, "bracket-1"))).await;
    let mut numbers = Vec::new();
    for status in [values::status::NEW, values::status::PENDING, values::status::PENDING] {
        let accepted = client.until(|frame| match frame {
            FromVenue::OrderAccepted(accepted) => Some(*accepted),
            _ => None,
        });
        let accepted = accepted.await;
        assert_eq!((accepted.status, accepted.reference), (status, 2));
        numbers.push((accepted.order_id, accepted.list_id));
    }
    assert!(numbers.iter().all(|(_, list)| *list == numbers[0].0), "{numbers:?}");
    client.send(&FromClient::PlaceList(bracket(3, "bracket-1"))).await;
    let repeated = client.until(|frame| match frame {
        FromVenue::OrderRepeated(repeated) => Some((repeated.order_id, repeated.reference)),
        _ => None,
    });
    assert_eq!(repeated.await, (numbers[0].0, 3));
    let cancel = Cancel { reference: 4, order_id: numbers[1].0, ..Cancel::default() };
    client.send(&FromClient::Cancel(cancel)).await;
    for _ in 0..3 {
        let ended = client.until(|frame| match frame {
            FromVenue::OrderCancelled(cancelled) => Some(cancelled.reference),
            _ => None,
        });
        assert_eq!(ended.await, 4);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_order_comes_when_the_first_was_filled() {
    let (world, mut client, mut seller) = traded().await;
    client.send(&FromClient::PlaceList(bracket(2, ""))).await;
    client.until(|frame| matches!(frame, FromVenue::OrderRested(_)).then_some(())).await;
    let sell = super::client::limit(values::side::SELL, 10);
    seller.send(&order(2, papertape_wire::Terms { price: 5_900_000, ..sell }, "")).await;
    client.until(|frame| matches!(frame, FromVenue::OrderFilled(_)).then_some(())).await;
    for _ in 0..2 {
        client.until(|frame| matches!(frame, FromVenue::OrderReleased(_)).then_some(())).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_cannot_be_are_refused() {
    let (world, mut client, _seller) = traded().await;
    let odd = PlaceList { list_type: values::list_type::OCO, ..bracket(2, "") };
    client.send(&FromClient::PlaceList(odd)).await;
    assert_eq!(client.rejected().await, (codes::INVALID_FIELD, 2));
    client.send(&FromClient::PlaceList(PlaceList { instrument: 99, ..bracket(3, "") })).await;
    assert_eq!(client.rejected().await, (3, 3), "UNKNOWN_INSTRUMENT");
    client.send(&buy(4, 5_000_000, "")).await;
    client.until(|frame| matches!(frame, FromVenue::OrderAccepted(_)).then_some(())).await;
    world.stop().await;
}
