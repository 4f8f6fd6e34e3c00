//! Those who trade, and are cut off.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use papertape_benches::Served;
use papertape_client::{AsyncClient, Error, Event, FromVenue, Key, Options, OrderId, Request, Side, Text, limit};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::Course;
use crate::settings::{Dice, Settings};

/// The price around which they trade, in ticks of a hundredth.
const MIDDLE: u64 = 1_000_000;

/// A quantity in lots that is worth some dollars.
const LOTS: u64 = 100;

/// How long answers may take after the last request.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who trades.
pub(crate) struct Trader {
    tcp: String,
    pub(crate) key: Key,
}

/// What a session knows at the end.
#[derive(Debug)]
pub(crate) struct Traded {
    pub(crate) tcp: String,
    pub(crate) key: Key,
    /// The sequence of the first message that should have come, and of the last one that came.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Messages that came, each once.
    pub(crate) messages: BTreeSet<u64>,
    pub(crate) twice: u64,
    pub(crate) sent: u64,
    pub(crate) cut: u64,
    /// Requests that were lost with a connection, and sent again.
    pub(crate) repeated: u64,
    pub(crate) unanswered: usize,
    pub(crate) error: Option<String>,
}

/// Makes users with money of both kinds, and keys.
pub(crate) fn open(settings: &Settings, venue: &Served) -> io::Result<Vec<Trader>> {
    let tcp = venue.tcp.clone().ok_or_else(|| io::Error::other("the venue serves no binary order entry"))?;
    let open = |number| {
        let user = venue.user(&format!("soak-{number}"))?;
        venue.deposit(venue.account(&user)?, "BTC", "1000", "1")?;
        Ok(Trader { tcp: tcp.clone(), key: venue.key(&user)? })
    };
    (0..settings.sessions).map(open).collect()
}

/// Trades until the book has to settle, and waits for what is under way.
pub(crate) async fn trade(settings: Settings, number: u64, trader: Trader, course: watch::Receiver<Course>) -> Traded {
    let Trader { tcp, key } = trader;
    let messages = BTreeSet::new();
    let mut known = Traded {
        tcp,
        key,
        first: 0,
        last: 0,
        messages,
        twice: 0,
        sent: 0,
        cut: 0,
        repeated: 0,
        unanswered: 0,
        error: None,
    };
    if let Err(error) = exchange(&settings, number, &mut known, course).await {
        known.error = Some(error.to_string());
    }
    known
}

async fn exchange(
    settings: &Settings,
    number: u64,
    known: &mut Traded,
    course: watch::Receiver<Course>,
) -> Result<(), Error> {
    let mut dice = Dice::new(settings.seed.wrapping_add(number * 7_919));
    let options = Options { cancel_on_disconnect: None, ..Options::new(known.key.clone()) };
    let mut client = AsyncClient::connect(&known.tcp, options).await?;
    known.first = client.last().map_or(0, |(sequence, _)| sequence) + 1;
    let every = Duration::from_micros(1_000_000 * settings.sessions as u64 / settings.per_second);
    let mut due = Instant::now() + every.mul_f64(dice.below(1_000) as f64 / 1_000.0);
    while *course.borrow() == Course::Runs {
        tokio::select! {
            event = client.event() => hear(&mut client, known, &event?).await?,
            () = tokio::time::sleep_until(due) => {
                due += every;
                act(&mut client, known, &mut dice, number).await?;
            }
        }
    }
    let until = Instant::now() + PATIENCE;
    // A quiet moment in which nothing is under way.
    while Instant::now() < until {
        match client.event_within(Duration::from_millis(500)).await? {
            Some(event) => hear(&mut client, known, &event).await?,
            None if client.in_flight() == 0 => break,
            None => {}
        }
    }
    known.last = client.last().map_or(0, |(sequence, _)| sequence);
    known.unanswered = client.in_flight();
    client.log_out().await;
    Ok(())
}

/// One of: an order near the middle, the end of an own one, the end of all, a cut.
async fn act(client: &mut AsyncClient, known: &mut Traded, dice: &mut Dice, number: u64) -> Result<(), Error> {
    let name = |of: u64| Text::new(&format!("soak-{number}-{of}"));
    let request = match dice.below(100) {
        0..65 => {
            let side = if dice.below(2) == 0 { Side::Buy } else { Side::Sell };
            let (away, price) = (dice.below(40) * 10, MIDDLE + 200);
            let price = if side == Side::Buy { price - away } else { MIDDLE - 200 + away };
            known.sent += 1;
            Request::place(name(known.sent), limit(0, side, price, LOTS * (1 + dice.below(5))))
        }
        65..90 => match name(known.sent.saturating_sub(dice.below(4)).max(1)) {
            Some(name) => Request::cancel(OrderId::Name(name)),
            None => return Ok(()),
        },
        90..95 => Request::cancel_all(None, None),
        _ => {
            known.cut += 1;
            client.disconnect();
            return Ok(());
        }
    };
    match client.send(request).await {
        // Between two connections nothing is sent.
        Err(Error::NotOpen) => sleep(Duration::from_millis(1)).await,
        other => drop(other?),
    }
    Ok(())
}

async fn hear(client: &mut AsyncClient, known: &mut Traded, event: &Event) -> Result<(), Error> {
    match event {
        Event::Venue(said) => {
            if let Some(sequence) = sequence_of(said)
                && !known.messages.insert(sequence)
            {
                known.twice += 1;
            }
        }
        Event::Unanswered { request, .. } if request.is_safe_to_repeat() => {
            known.repeated += 1;
            match client.send(*request).await {
                Err(Error::NotOpen) => {}
                other => drop(other?),
            }
        }
        _ => {}
    }
    Ok(())
}

/// The sequence of a message, out of its bytes: not by the way that the client goes.
fn sequence_of(said: &FromVenue) -> Option<u64> {
    let mut bytes = Vec::new();
    said.write(&mut bytes);
    let is_sequenced = bytes.get(2).is_some_and(|kind| *kind >= FromVenue::SEQUENCED);
    let sequence = bytes.get(FromVenue::SEQUENCE_AT..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    sequence.filter(|_| is_sequenced)
}
