//! Order entry.

use papertape_client::{
    Client, Error, Event, FromVenue, Key, Leg, Options, OrderId, Request, Retry, Side, Start, Text, codes, values,
};
use serde_json::json;

use crate::venue::{PATIENCE, Venue, accepted, bid, wait};

#[test]
fn orders_are_placed_amended_cancelled_and_refused() {
    let venue = Venue::start();
    let mut client = venue.session(Options::new(venue.hmac("orders")));
    let reference = client.send(bid("mine-1", 1_000)).unwrap();
    let order = accepted(&mut client, reference);
    let reference = client.send(Request::amend(OrderId::Number(order), 0, 200)).unwrap();
    let qty = wait(&mut client, |said| match said {
        FromVenue::OrderReplaced(is) if is.reference == reference => Some(is.qty),
        _ => None,
    });
    assert_eq!(qty, 200);
    // The same order under the same name does nothing, and says which it was; another one under that name is refused.
    client.send(bid("mine-1", 1_000)).unwrap();
    let first = wait(&mut client, |said| match said {
        FromVenue::OrderRepeated(is) => Some(is.order_id),
        _ => None,
    });
    assert_eq!(first, order);
    client.send(Request::cancel(OrderId::Number(order))).unwrap();
    wait(&mut client, |said| matches!(said, FromVenue::OrderCancelled(is) if is.order_id == order).then_some(()));
    let reference = client.send(Request::cancel(OrderId::Number(order))).unwrap();
    let code = wait(&mut client, |said| match said {
        FromVenue::OrderRejected(is) if is.reference == reference => Some(is.code),
        _ => None,
    });
    assert_eq!((code, client.in_flight()), (codes::UNKNOWN_ORDER, 0));

    // Three orders, ended at once.
    for name in ["a", "b", "c"] {
        let reference = client.send(bid(name, 1_000)).unwrap();
        accepted(&mut client, reference);
    }
    client.send(Request::cancel_all(None, None)).unwrap();
    let ended = wait(&mut client, |said| match said {
        FromVenue::MassCancelDone(is) => Some(is.orders),
        _ => None,
    });
    assert_eq!((ended, client.in_flight()), (3, 0));
    client.send(Request::kill_switch(true)).unwrap();
    wait(&mut client, |said| matches!(said, FromVenue::KillSwitchSet(is) if is.engaged == 1).then_some(()));
    client.send(bid("late", 1_000)).unwrap();
    let code = wait(&mut client, |said| match said {
        FromVenue::OrderRejected(is) => Some(is.code),
        _ => None,
    });
    assert_eq!(code, codes::KILL_SWITCH_ENGAGED);
    client.log_out();
}

#[test]
fn a_list_is_placed_whole_and_its_repeat_does_nothing() {
    let venue = Venue::start();
    let mut client = venue.session(Options::new(venue.hmac("lists")));
    let leg = |side: Side, price| Leg {
        price,
        qty: 100,
        side: side.number(),
        order_type: values::order_type::LIMIT,
        ..Leg::default()
    };
    let name = Text::new("list-1");
    let list = Request::oto(name, 0, leg(Side::Buy, 100_000), leg(Side::Sell, 200_000));
    assert!(
        list.is_safe_to_repeat() && !Request::otoco(None, 0, Leg::default(), [Leg::default(); 2]).is_safe_to_repeat()
    );
    client.send(list).unwrap();
    let mut accepted = |status| {
        wait(&mut client, |said| match said {
            FromVenue::OrderAccepted(is) if is.status == status => Some((is.order_id, is.list_id)),
            _ => None,
        })
    };
    let (working, pending) = (accepted(values::status::NEW), accepted(values::status::PENDING));
    assert_eq!((working.1, pending.1), (working.0, working.0));
    client.send(list).unwrap();
    let first = wait(&mut client, |said| match said {
        FromVenue::OrderRepeated(is) => Some(is.order_id),
        _ => None,
    });
    assert_eq!(first, working.0);
    client.log_out();
}

#[test]
fn what_happens_between_two_connections_is_told_once_and_in_order() {
    let venue = Venue::start();
    let key = venue.hmac("replay");
    let (mut client, mut other) = (venue.session(Options::new(key.clone())), venue.session(Options::new(key.clone())));
    let reference = client.send(bid("first", 1_000)).unwrap();
    accepted(&mut client, reference);
    let before = wait(&mut client, |said| match said {
        FromVenue::OrderRested(is) => Some((is.sequence, is.time_ns)),
        _ => None,
    });
    assert_eq!(client.last(), Some(before));
    client.disconnect();
    for number in 0..20 {
        let reference = other.send(bid(&format!("meanwhile-{number}"), 1_000)).unwrap();
        accepted(&mut other, reference);
    }
    let done = other.send(Request::cancel_all(None, None)).unwrap();
    wait(&mut other, |said| matches!(said, FromVenue::MassCancelDone(is) if is.reference == done).then_some(()));

    let (mut told, mut orders) = (before.0, 0);
    loop {
        match client.event(PATIENCE).unwrap().expect("an event comes in time") {
            Event::Venue(said) => {
                assert!(client.last().unwrap().0 > told, "{said:?} came twice");
                told = client.last().unwrap().0;
                orders += usize::from(matches!(said, FromVenue::OrderAccepted(_)));
                if matches!(said, FromVenue::MassCancelDone(_)) {
                    break;
                }
            }
            Event::Open(accepted) => assert_eq!(accepted.resumed, values::resumed::REPLAY),
            _ => {}
        }
    }
    assert_eq!((orders, client.last()), (20, other.last()));

    // A program that is started anew goes on where the earlier one was, or from a snapshot.
    let after = Start::After { sequence: before.0, time_ns: before.1 };
    let mut again = venue.session(Options { start: after, ..Options::new(key.clone()) });
    let next = wait(&mut again, |said| match said {
        FromVenue::OrderAccepted(is) => Some(is.sequence),
        _ => None,
    });
    assert_eq!(next, before.0 + 1);
    let mut fresh = venue.session(Options { start: Start::Snapshot, ..Options::new(key) });
    let at = wait(&mut fresh, |said| match said {
        FromVenue::SnapshotEnd(is) => Some(is.sequence),
        _ => None,
    });
    assert_eq!(Some(at), other.last().map(|(sequence, _)| sequence));
}

#[test]
fn keys_of_both_kinds_log_in_and_a_wrong_secret_does_not() {
    let venue = Venue::start();
    let token = venue.sign_up("keys");
    // The golden vectors' key, whose private half the venue never sees.
    let (private, public) = (
        "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f",
        "2543b92ff1095511476adc8369db6ddc933665a11978dda1404ee1066ca9559d",
    );
    let body = json!({ "name": "ed", "kind": "ed25519", "public_key": public, "permissions": ["read", "trade"] });
    let made = venue.post("/api/v1/api-keys", Some(&token), &body);
    let id = made["key"].as_str().unwrap();
    let mut client = venue.session(Options::new(Key::ed25519(id, private).unwrap()));
    let reference = client.send(bid("signed", 1_000)).unwrap();
    accepted(&mut client, reference);
    client.log_out();

    let wrong = Options::new(Key::ed25519(id, &"0".repeat(64)).unwrap());
    let refused = Client::connect_with(&venue.tcp, wrong, Retry::times(5)).err().unwrap();
    let Error::Session(papertape_client::Broken::Refused { code, .. }) = refused else { panic!("{refused}") };
    assert_eq!(code, codes::AUTHENTICATION_FAILED);
}
