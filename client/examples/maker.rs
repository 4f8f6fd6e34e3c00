//! A market maker: quotes around the middle of the book that it follows, over binary order entry.
//!
//!     cargo run -p papertape-client --example maker -- --tcp 127.0.0.1:8081 --ws ws://127.0.0.1:8080/api/v1/ws \
//!         --key ID --secret SECRET [--symbol BTC-USD] [--spread-bps 20] [--lots 100] [--seconds 60]
//!
//! It keeps one bid and one ask, moves them by amending when the middle has moved, and leaves nothing behind: it cancels
//! at its end, and asks the venue to cancel should it be cut off for more than five seconds.

use std::time::Duration;

use papertape_client::feed::{Book, FeedEvent, Follower};
use papertape_client::{
    AsyncClient, Event, FromVenue, Key, Options, OrderId, Request, Side, Start, Text, codes, post_only,
};
use tokio::time::{Instant, sleep_until};

type Failure = Box<dyn std::error::Error>;

/// Quotes follow the middle when it has moved by so many hundredths of a percent.
const MOVED_BPS: u64 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let args = Args::read()?;
    let key = Key::hmac(&args.text("--key")?, &args.text("--secret")?)?;
    let cancel_on_disconnect = Some(Duration::from_secs(5));
    let options = Options { cancel_on_disconnect, start: Start::Now, ..Options::new(key) };
    let mut client = AsyncClient::connect(&args.text("--tcp")?, options).await?;
    let symbol = args.or("--symbol", "BTC-USD");
    let market = Market::find(&mut client, &symbol).await?;
    let mut feed = Follower::connect(&args.text("--ws")?, None).await?;
    feed.subscribe("book", Some(&symbol)).await?;

    let (spread_bps, lots) = (args.or("--spread-bps", "20").parse()?, args.or("--lots", "100").parse()?);
    let mut maker = Maker { market, spread_bps, lots, quotes: [None, None], names: 0, fills: 0 };
    let end = Instant::now() + Duration::from_secs(args.or("--seconds", "60").parse()?);
    loop {
        tokio::select! {
            event = client.event() => maker.hear(&event?),
            event = feed.event() => if let FeedEvent::Book(_) = event? {
                let middle = feed.book(&symbol).and_then(|book| maker.market.middle(book));
                if let Some(middle) = middle {
                    maker.quote(&mut client, middle).await?;
                }
            },
            () = sleep_until(end) => break,
        }
    }
    client.send(Request::cancel_all(Some(maker.market.instrument), None)).await?;
    while let Some(event) = client.event_within(Duration::from_secs(5)).await? {
        maker.hear(&event);
        if matches!(event, Event::Venue(FromVenue::MassCancelDone(_))) {
            break;
        }
    }
    println!("{} fills in {symbol}; last message {:?}", maker.fills, client.last());
    client.log_out().await;
    Ok(())
}

/// What a market's ticks are.
struct Market {
    instrument: u16,
    decimals: u32,
    tick: u64,
}

impl Market {
    async fn find(client: &mut AsyncClient, symbol: &str) -> Result<Self, Failure> {
        client.send(Request::instruments()).await?;
        while let Some(event) = client.event_within(Duration::from_secs(5)).await? {
            match event {
                Event::Venue(FromVenue::Instrument(is)) if is.symbol.as_str() == Some(symbol) => {
                    return Ok(Self {
                        instrument: is.instrument,
                        decimals: is.price_decimals.into(),
                        tick: is.tick_mantissa.max(1),
                    });
                }
                Event::Venue(FromVenue::QueryDone(_)) => break,
                _ => {}
            }
        }
        Err(format!("no market {symbol}").into())
    }

    /// A price of the feed in ticks.
    fn ticks(&self, price: &str) -> Option<u64> {
        let (whole, part) = price.split_once('.').unwrap_or((price, ""));
        let part = format!("{part:0<width$}", width = self.decimals as usize);
        let whole: u64 = whole.parse().ok()?;
        Some((whole * 10_u64.pow(self.decimals) + part.parse::<u64>().unwrap_or(0)) / self.tick)
    }

    /// Halfway between the best prices.
    fn middle(&self, book: &Book) -> Option<u64> {
        let (bid, ask) = (self.ticks(&book.bids().next()?.price)?, self.ticks(&book.asks().next()?.price)?);
        Some(bid.midpoint(ask))
    }
}

/// A quote that is open, or on its way.
struct Quote {
    name: Text<36>,
    price: u64,
    is_open: bool,
}

struct Maker {
    market: Market,
    spread_bps: u64,
    lots: u64,
    /// The bid and the ask.
    quotes: [Option<Quote>; 2],
    names: u64,
    fills: u64,
}

impl Maker {
    /// Moves what has to move.
    async fn quote(&mut self, client: &mut AsyncClient, middle: u64) -> Result<(), Failure> {
        let away = (middle * self.spread_bps / 20_000).max(1);
        for (place, side, price) in [(0, Side::Buy, middle.saturating_sub(away)), (1, Side::Sell, middle + away)] {
            let asked = match &mut self.quotes[place] {
                None => {
                    self.names += 1;
                    let name = Text::new(&format!("maker-{}-{}", std::process::id(), self.names)).expect("it is short");
                    self.quotes[place] = Some(Quote { name, price, is_open: false });
                    Request::place(Some(name), post_only(self.market.instrument, side, price, self.lots))
                }
                Some(quote) if quote.is_open && quote.price.abs_diff(price) * 10_000 > price * MOVED_BPS => {
                    quote.price = price;
                    Request::amend(OrderId::Name(quote.name), price, 0)
                }
                Some(_) => continue,
            };
            // Between two connections nothing is sent: the next change of the book asks again.
            if client.send(asked).await.is_err() {
                self.quotes[place] = None;
            }
        }
        Ok(())
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::Venue(FromVenue::OrderAccepted(is)) => {
                if let Some(quote) = self.named(is.client_order_id) {
                    quote.is_open = true;
                }
            }
            Event::Venue(FromVenue::OrderRejected(is)) => {
                let known = codes::code(is.code).map_or("?", |code| code.name);
                println!("refused: {known}");
                // What a quote was refused with says that it is gone, or was never there.
                self.quotes.iter_mut().for_each(|quote| *quote = None);
            }
            Event::Venue(FromVenue::OrderFilled(is)) => {
                self.fills += 1;
                println!("filled: {} lots at {} ticks, {} left", is.qty, is.price, is.leaves_qty);
                if is.leaves_qty == 0 {
                    self.gone(is.side);
                }
            }
            Event::Venue(FromVenue::OrderCancelled(is)) => self.gone(is.side),
            Event::Unanswered { .. } => self.quotes.iter_mut().for_each(|quote| *quote = None),
            _ => {}
        }
    }

    fn named(&mut self, name: Text<36>) -> Option<&mut Quote> {
        self.quotes.iter_mut().flatten().find(|quote| quote.name == name)
    }

    fn gone(&mut self, side: u8) {
        self.quotes[usize::from(side != Side::Buy.number())] = None;
    }
}

/// The command line, in pairs.
struct Args(Vec<String>);

impl Args {
    fn read() -> Result<Self, Failure> {
        let words: Vec<String> = std::env::args().skip(1).collect();
        if words.len() % 2 == 1 {
            Err("each option has a value; see the head of this file".into())
        } else {
            Ok(Self(words))
        }
    }

    fn text(&self, name: &str) -> Result<String, Failure> {
        let found = self.0.chunks_exact(2).find(|pair| pair[0] == name);
        found.map(|pair| pair[1].clone()).ok_or_else(|| format!("{name} is missing").into())
    }

    fn or(&self, name: &str, usual: &str) -> String {
        self.text(name).unwrap_or_else(|_| usual.to_owned())
    }
}
