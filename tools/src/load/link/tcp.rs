//! Binary order entry, by the machine of the client crate.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use papertape_client::{Client, Event, FromVenue, Key, Machine, Options, OrderId, Request, Side, Terms, Text, limit};

use super::{Answer, Link};
use crate::exit::Failure;
use crate::load::plan::Step;

/// Steps that may wait for their answer; the venue's limit is 1,024 a session.
const IN_FLIGHT_MAX: usize = 512;

/// How long a query may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A session of one account.
pub(crate) struct TcpLink {
    machine: Machine,
    terms: Terms,
    /// Steps by the reference of their request.
    asked: HashMap<u64, u64>,
    /// What was asked before the session was open.
    is_ready: bool,
}

impl TcpLink {
    /// A session that has no connection yet; its orders have these terms.
    pub(crate) fn new(key: Key, terms: Terms, now: Instant) -> Self {
        let mut machine = Machine::new(Options::new(key), now);
        machine.connected(now);
        Self { machine, terms, asked: HashMap::new(), is_ready: false }
    }

    /// Whether the session is open.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_ready
    }
}

impl Link for TcpLink {
    fn ask(&mut self, id: u64, step: &Step) -> Result<(), Failure> {
        let name = |text: &str| Text::new(text).ok_or_else(|| Failure::refused(format!("{text}: a name too long")));
        let request = match step {
            Step::Place(text) => Request::place(Some(name(text)?), self.terms),
            Step::Cancel(text) => Request::cancel(OrderId::Name(name(text)?)),
        };
        let reference = self.machine.ask(request).ok_or_else(|| Failure::io("the session is not open"))?;
        self.asked.insert(reference, id);
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.asked.len() < IN_FLIGHT_MAX
    }

    fn output(&self) -> &[u8] {
        self.machine.output()
    }

    fn written(&mut self, bytes: usize, now: Instant) {
        self.machine.written(bytes, now);
    }

    fn take(&mut self, bytes: &[u8], now: Instant) -> Result<Vec<Answer>, Failure> {
        let wall_ns = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        self.machine.receive(bytes, now, wall_ns).map_err(|broken| Failure::io(format!("order entry: {broken}")))?;
        let mut answers = Vec::new();
        while let Some(event) = self.machine.event() {
            match event {
                Event::Open(_) => self.is_ready = true,
                Event::Venue(said) => answers.extend(self.answer(&said)),
                Event::CaughtUp | Event::Unanswered { .. } => {}
            }
        }
        Ok(answers)
    }

    fn tick(&mut self, now: Instant) -> Result<(), Failure> {
        self.machine.tick(now).map_err(|broken| Failure::io(format!("order entry: {broken}")))
    }
}

impl TcpLink {
    fn answer(&mut self, said: &FromVenue) -> Option<Answer> {
        let (reference, ok, order, stamped) = match said {
            FromVenue::OrderAccepted(is) => (is.reference, true, Some(is.order_id), is.time_ns),
            FromVenue::OrderCancelled(is) => (is.reference, true, None, is.time_ns),
            FromVenue::OrderRejected(is) => (is.reference, false, None, is.time_ns),
            FromVenue::CommandRejected(is) => (is.reference, false, None, 0),
            _ => return None,
        };
        let id = self.asked.remove(&reference)?;
        let (order, stamped_ns) = (order.map(|order| order.to_string()), (stamped > 0).then_some(stamped));
        Some(Answer { id, ok, order, stamped_ns, durability: None })
    }
}

/// The terms of an order for one unit of quote far below the market, in the ticks and lots of that market.
pub(crate) fn find_market(address: &str, key: Key, symbol: &str) -> Result<Terms, Failure> {
    let mut client = Client::connect(address, Options::new(key)).map_err(Failure::io)?;
    client.send(Request::instruments()).map_err(Failure::io)?;
    let begun = Instant::now();
    let mut found = None;
    while begun.elapsed() < PATIENCE {
        match client.event(PATIENCE).map_err(Failure::io)? {
            Some(Event::Venue(FromVenue::Instrument(is))) if is.symbol.as_str() == Some(symbol) => found = Some(is),
            Some(Event::Venue(FromVenue::QueryDone(_))) => break,
            _ => {}
        }
    }
    client.log_out();
    let market = found.ok_or_else(|| Failure::refused(format!("--symbol {symbol}: no such market over TCP")))?;
    // 1,000 quote for one base, and a thousandth of a base, as over the other protocols.
    let ticks = 1_000 * 10_u64.pow(market.price_decimals.into()) / market.tick_mantissa.max(1);
    let lot = u64::try_from(market.lot).unwrap_or(u64::MAX).max(1);
    let lots = 10_u64.pow(market.base_decimals.into()) / 1_000 / lot;
    Ok(limit(market.instrument, Side::Buy, ticks, lots.max(1)))
}
