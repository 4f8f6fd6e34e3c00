//! Books that are followed.

use papertape_client::feed::{Book, FeedEvent, Follower};
use papertape_client::{Options, OrderId, Request};

use crate::venue::{PATIENCE, Venue, accepted, bid};

/// The bids of a book as the venue's depth tells them.
fn bids(book: &Book) -> Vec<(String, String)> {
    book.bids().map(|level| (level.price.clone(), level.qty.clone())).collect()
}

fn depth(venue: &Venue) -> Vec<(String, String)> {
    let depth = venue.get("/api/v1/depth?symbol=BTC-USD&limit=1000");
    serde_json::from_value(depth["bids"].clone()).unwrap()
}

/// Follows until the book has so many bids. Books are proven by the venue's checksums on the way: one that is not the
/// venue's would be mended, and that is a failure here.
async fn follow(feed: &mut Follower, levels: usize) -> Vec<(String, String)> {
    loop {
        match tokio::time::timeout(PATIENCE, feed.event()).await.expect("an event comes in time").unwrap() {
            FeedEvent::Book(symbol) => {
                let now = bids(feed.book(&symbol).unwrap());
                if now.len() == levels {
                    return now;
                }
            }
            FeedEvent::Mended { why, .. } => panic!("{why}"),
            FeedEvent::Reconnected | FeedEvent::Message(_) => {}
        }
    }
}

#[test]
fn a_followed_book_is_the_venues_over_lost_connections_too() {
    let venue = Venue::start();
    let mut client = venue.session(Options::new(venue.hmac("book")));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("ws://{}/api/v1/ws", venue.http);
    let mut feed = runtime.block_on(Follower::connect(&url, None)).unwrap();
    runtime.block_on(feed.subscribe("book", Some("BTC-USD"))).unwrap();
    let mut orders = Vec::new();
    for (count, dollars) in (1_u64..).zip([1_000, 999, 1_001, 500, 2_000]) {
        let reference = client.send(bid(&format!("level-{dollars}"), dollars)).unwrap();
        orders.push(accepted(&mut client, reference));
        let followed = runtime.block_on(follow(&mut feed, count as usize));
        assert_eq!(followed, depth(&venue));
        if count == 3 {
            feed.disconnect();
        }
    }
    for (left, order) in (0..orders.len()).rev().zip(orders) {
        client.send(Request::cancel(OrderId::Number(order))).unwrap();
        // Nobody else trades here: the book is what this account has.
        assert_eq!(runtime.block_on(follow(&mut feed, left)), depth(&venue));
    }
}
