//! Those who follow the book.

use std::io;
use std::time::Duration;

use papertape_benches::Served;
use papertape_client::feed::{Book, FeedEvent, Follower};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::settings::Habit;
use crate::{Course, SYMBOL};

/// Levels of both sides, best first.
pub(crate) type Depth = [Vec<(String, String)>; 2];

/// What a follower knows at the end.
#[derive(Debug)]
pub(crate) struct Followed {
    pub(crate) habit: Habit,
    pub(crate) book: Option<Depth>,
    pub(crate) messages: u64,
    pub(crate) reconnected: u64,
    /// Books that could not be right and were asked for anew: the venue's fault, or the connection's.
    pub(crate) mended: Vec<String>,
    pub(crate) error: Option<String>,
}

/// The book as the venue's depth tells it.
pub(crate) fn depth(venue: &Served) -> io::Result<Depth> {
    let said = venue.get(&format!("/api/v1/depth?symbol={SYMBOL}&limit=1000"), None)?;
    let side = |name: &str| serde_json::from_value(said[name].clone()).map_err(io::Error::other);
    Ok([side("bids")?, side("asks")?])
}

/// Follows until the end is told, and the book has settled.
pub(crate) async fn follow(habit: Habit, http: String, course: watch::Receiver<Course>) -> Followed {
    let mut known = Followed { habit, book: None, messages: 0, reconnected: 0, mended: Vec::new(), error: None };
    if let Err(error) = read(&http, &mut known, course).await {
        known.error = Some(error.to_string());
    }
    known
}

async fn read(
    http: &str,
    known: &mut Followed,
    mut course: watch::Receiver<Course>,
) -> Result<(), papertape_client::feed::FeedError> {
    let mut feed = Follower::connect(&format!("ws://{http}/api/v1/ws"), None).await?;
    feed.subscribe("book", Some(SYMBOL)).await?;
    loop {
        let runs = *course.borrow_and_update() == Course::Runs;
        match known.habit {
            Habit::Slow if runs => sleep(Duration::from_millis(200)).await,
            Habit::Stalled if runs => {
                // Whoever reads nothing for so long is behind by more than the venue keeps for anybody.
                let _ = timeout(Duration::from_secs(90), course.wait_for(|course| *course > Course::Runs)).await;
            }
            _ => {}
        }
        // Quiet for so long after the end: there is nothing more to come.
        let ends = *course.borrow() == Course::Ends;
        let patience = if ends { Duration::from_secs(2) } else { Duration::from_millis(500) };
        match timeout(patience, feed.event()).await {
            Ok(event) => match event? {
                FeedEvent::Mended { why, .. } => known.mended.push(why.to_string()),
                FeedEvent::Reconnected => known.reconnected += 1,
                FeedEvent::Book(_) | FeedEvent::Message(_) => known.messages += 1,
            },
            Err(_) if ends => break,
            Err(_) => {}
        }
    }
    known.book = feed.book(SYMBOL).map(sides);
    Ok(())
}

fn sides(book: &Book) -> Depth {
    let pairs = |level: &papertape_client::feed::Level| (level.price.clone(), level.qty.clone());
    [book.bids().map(pairs).collect(), book.asks().map(pairs).collect()]
}
