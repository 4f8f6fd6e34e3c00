//! Sessions over real sockets whose connections are cut at every answer.

use std::collections::BTreeSet;
use std::time::Duration;

use papertape_client::{AsyncClient, Client, Error, Event, FromVenue, Key, Options, Request, Retry, Side, Text, limit};
use papertape_wire::FromClient;

use crate::stand_in::StandIn;

const ORDERS: usize = 40;
const PATIENCE: Duration = Duration::from_secs(20);

fn options() -> Options {
    Options::new(Key::hmac("00112233445566778899aabbccddeeff", &"01".repeat(32)).unwrap())
}

fn order(number: usize) -> Request {
    Request::place(Text::new(&format!("order-{number}")), limit(0, Side::Buy, 5, 6))
}

/// Every third answer is cut off with its connection.
fn cuts() -> Vec<usize> {
    (1..=ORDERS).filter(|answer| answer % 3 == 0).collect()
}

/// What a client learnt: that each order was accepted, once.
#[derive(Default)]
struct Learnt(BTreeSet<u64>);

impl Learnt {
    fn hear(&mut self, event: &Event) {
        if let Event::Venue(FromVenue::OrderAccepted(is)) = event {
            assert!(self.0.insert(is.sequence), "{} came twice", is.sequence);
        }
    }

    fn is_whole(&self) -> bool {
        self.0.len() == ORDERS
    }
}

#[test]
fn nothing_is_lost_or_told_twice_where_connections_are_cut() {
    let venue = StandIn::start(1 + cuts().len(), cuts());
    let mut client = Client::connect(&venue.address.to_string(), options()).unwrap();
    let mut learnt = Learnt::default();
    for number in 1..=ORDERS {
        // Between two connections nothing can be sent.
        while let Err(error) = client.send(order(number)) {
            assert!(matches!(error, Error::NotOpen), "{error}");
            learnt.hear(&client.event(PATIENCE).unwrap().unwrap());
        }
        while learnt.0.len() < number {
            learnt.hear(&client.event(PATIENCE).unwrap().unwrap());
        }
    }
    assert!(learnt.is_whole() && client.in_flight() == 0);
    client.log_out();
    let account = venue.join();
    assert_eq!(account.lock().unwrap().messages.len(), ORDERS, "each order was sent once");
}

#[test]
fn the_same_on_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let venue = StandIn::start(1 + cuts().len(), cuts());
    runtime.block_on(async {
        let mut client = AsyncClient::connect(&venue.address.to_string(), options()).await.unwrap();
        let mut learnt = Learnt::default();
        for number in 1..=ORDERS {
            while let Err(error) = client.send(order(number)).await {
                assert!(matches!(error, Error::NotOpen), "{error}");
                learnt.hear(&client.event_within(PATIENCE).await.unwrap().unwrap());
            }
            while learnt.0.len() < number {
                learnt.hear(&client.event_within(PATIENCE).await.unwrap().unwrap());
            }
        }
        assert!(learnt.is_whole() && client.in_flight() == 0);
        client.log_out().await;
    });
    assert_eq!(venue.join().lock().unwrap().messages.len(), ORDERS);
}

#[test]
fn an_idle_session_says_that_it_lives() {
    let venue = StandIn::start(1, Vec::new());
    let mut client = Client::connect(&venue.address.to_string(), options()).unwrap();
    let heartbeats = |venue: &StandIn| {
        let account = venue.account.lock().unwrap();
        account.heard.iter().filter(|said| matches!(said, FromClient::ClientHeartbeat(_))).count()
    };
    for _ in 0..200 {
        client.event(Duration::from_millis(100)).unwrap();
        if heartbeats(&venue) >= 2 {
            break;
        }
    }
    assert!(heartbeats(&venue) >= 2);
    client.log_out();
    venue.join();
}

#[test]
fn a_venue_that_is_not_there_is_given_up() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failed = Client::connect_with(&gone.to_string(), options(), Retry::times(2)).err().unwrap();
    assert!(matches!(failed, Error::Network(_)), "{failed}");
}
