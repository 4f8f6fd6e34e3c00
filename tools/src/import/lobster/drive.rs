//! Applies one message after the other to the venue, and keeps the window as the file shows it.

use papertape_engine::{
    AmendOrder, Command, Event, InstrumentId, OrderId, OrderKind, OrderRef, Phase, PlaceOrder, Price, Qty, Side,
    Symbol, TimeInForce, decimal,
};

use super::check::{DayCheck, SideCheck, compare_side};
use super::flow::{Owner, Piece, Window};
use super::parse::{BookRow, Kind, LEVELS, Message, PRICE_DECIMALS, Resting};
use crate::import::ImportError;
use crate::import::accounts::{self, Accounts};
use crate::import::report::Differences;
use crate::import::venue::Venue;

/// One day of one stock on the venue.
pub(crate) struct Session<'a> {
    venue: &'a mut Venue,
    accounts: Accounts,
    instrument: InstrumentId,
    window: Window,
    /// The book row before.
    before: Option<BookRow>,
    files: Files<'a>,
    check: DayCheck,
    differences: Differences,
}

/// Names of the two members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files<'a> {
    pub(crate) messages: &'a str,
    pub(crate) book: &'a str,
}

impl<'a> Session<'a> {
    /// Lists the stock and opens the accounts.
    pub(crate) fn open(venue: &'a mut Venue, symbol: Symbol, files: Files<'a>) -> Result<Self, ImportError> {
        let usd = Symbol::new("USD").expect("three letters are a symbol");
        let quote = accounts::list_asset(venue, usd, PRICE_DECIMALS)?;
        let base = accounts::list_asset(venue, symbol, 0)?;
        let instrument = accounts::list_share(venue, symbol, (base, quote), PRICE_DECIMALS, Phase::Continuous)?;
        let accounts = Accounts::open(venue, &[quote, base])?;
        let (window, check, differences) = (Window::default(), DayCheck::default(), Differences::default());
        Ok(Session { venue, accounts, instrument, window, before: None, files, check, differences })
    }

    /// Applies a message and compares the book with the row after it.
    pub(crate) fn row(&mut self, message: &Message, book: BookRow) -> Result<(), ImportError> {
        self.venue.set_time_ns(message.time_ns);
        self.check.messages += 1;
        let first = self.check.messages == 1;
        match message.kind {
            Kind::Unseen => self.check.hidden += 1,
            Kind::Halt => self.check.halts += 1,
            // The first row is the book after the first message.
            _ if first => {}
            Kind::Add(resting) => self.add(message.line, resting)?,
            Kind::Reduce(resting) | Kind::Delete(resting) => self.take(message, resting)?,
            Kind::Execute(resting) => self.execute(message.line, resting)?,
        }
        self.compare(message.line, &book, first)?;
        self.before = Some(book);
        Ok(())
    }

    /// The day is over.
    pub(crate) fn finish(self) -> (DayCheck, Differences) {
        (self.check, self.differences)
    }

    fn add(&mut self, line: u64, new: Resting) -> Result<(), ImportError> {
        if self.window.knows(new.id) {
            return Err(ImportError::Input {
                file: self.files.messages.to_owned(),
                line: Some(line),
                field: Some("order_id"),
                problem: format!("order {} is in the book already", new.id),
                advice: "check that the file is whole and of one stock and day",
            });
        }
        self.rest((self.files.messages, line), Some(new.id), line, new)
    }

    /// Places an order that rests. It may not take: in the files, what rests does not cross.
    fn rest(&mut self, place: (&str, u64), owner: Owner, arrived: u64, new: Resting) -> Result<(), ImportError> {
        let account = self.accounts.of(new.id);
        let kind = OrderKind::Limit { price: new.price, qty: new.size };
        let events = self.venue.apply(&Command::Place(PlaceOrder {
            post_only: true,
            ..PlaceOrder::new(account, self.instrument, new.side, kind)
        }))?;
        let accepted = events.iter().find_map(|event| match event {
            Event::Accepted(accepted) => Some(accepted.order),
            _ => None,
        });
        if let Some(order) = accepted {
            self.window.rest(
                new.side,
                new.price,
                Piece { order, account, owner, arrived, total: new.size, leaves: new.size },
            );
        } else {
            let refusal = refusal(events);
            self.differences.add(place.0, place.1, format_args!("an order of {} that rests", at(new)), refusal);
        }
        Ok(())
    }

    /// Takes from an order, or from what its level has of unknown orders.
    fn take(&mut self, message: &Message, from: Resting) -> Result<(), ImportError> {
        let owner = self.window.own(from.id, from.side, from.price);
        let open = self.window.open_qty(owner, from.side, from.price);
        // A delete names all that is left of an order.
        let whole = matches!(message.kind, Kind::Delete(_)) && owner.is_some();
        if open < from.size || (whole && open != from.size) {
            let what = if owner.is_some() { "in that order" } else { "of unknown orders there" };
            let (expected, actual) = (format!("withdrawal of {}", at(from)), format!("{open} {what}"));
            self.differences.add(self.files.messages, message.line, expected, actual);
        }
        self.take_qty(message.line, owner, from, from.size)
    }

    fn take_qty(&mut self, line: u64, owner: Owner, from: Resting, qty: Qty) -> Result<(), ImportError> {
        for take in self.window.take(owner, from.side, from.price, qty) {
            let (account, order) = (take.piece.account, OrderRef::Id(take.piece.order));
            let command = match take.total {
                None => Command::Cancel { account, order },
                Some(total) => Command::Amend(AmendOrder { account, order, price: None, qty: Some(total) }),
            };
            self.expect_done(line, &command)?;
        }
        Ok(())
    }

    fn expect_done(&mut self, line: u64, command: &Command) -> Result<(), ImportError> {
        let events = self.venue.apply(command)?;
        if !events.iter().any(|event| matches!(event, Event::Cancelled(_) | Event::Amended(_))) {
            let refusal = refusal(events);
            self.differences.add(self.files.messages, line, "a withdrawal from an open order", refusal);
        }
        Ok(())
    }

    /// The other side's immediate order of that size trades with the book.
    fn execute(&mut self, line: u64, with: Resting) -> Result<(), ImportError> {
        let kind = OrderKind::Limit { price: with.price, qty: with.size };
        let events = self.venue.apply(&Command::Place(PlaceOrder {
            time_in_force: TimeInForce::Ioc,
            ..PlaceOrder::new(self.accounts.of(line), self.instrument, with.side.opposite(), kind)
        }))?;
        let hits: Vec<(OrderId, Price, Qty)> = events
            .iter()
            .filter_map(|event| match event {
                Event::Trade(trade) => Some((trade.party(with.side).order, trade.price, trade.qty)),
                _ => None,
            })
            .collect();
        let traded = hits.iter().filter(|hit| hit.1 == with.price).fold(Qty::ZERO, |sum, hit| sum + hit.2);
        if traded != with.size || hits.iter().any(|hit| hit.1 != with.price) {
            let actual = hits.iter().map(|hit| trade_words(hit.1, hit.2)).collect::<Vec<_>>().join(", ");
            let actual = if actual.is_empty() { "no trade".to_owned() } else { actual };
            self.differences.add(self.files.messages, line, trade_words(with.price, with.size), actual);
        }
        self.attribute(line, with, &hits)
    }

    /// Compares the orders that were hit with the one that the message names. Where another one stood in front, the
    /// named one gives up the quantity, and the other gets it back at the tail, so that what each order has stays what
    /// the file says.
    fn attribute(&mut self, line: u64, with: Resting, hits: &[(OrderId, Price, Qty)]) -> Result<(), ImportError> {
        let owner = self.window.own(with.id, with.side, with.price);
        let oldest = self.window.oldest(with.side, with.price) == Some(owner);
        let mut others = Vec::new();
        for &(order, price, qty) in hits {
            let hit = self.window.hit(order, with.side, price, qty);
            if let Some(other) = hit.filter(|hit| hit.owner != owner) {
                others.push((other, qty));
            }
        }
        let tally = if owner.is_some() { &mut self.check.oldest_first } else { &mut self.check.unseen_first };
        tally.count(oldest && others.is_empty() && !hits.is_empty());
        for (other, qty) in others {
            let given = qty.min(self.window.open_qty(owner, with.side, with.price));
            self.take_qty(line, owner, with, given)?;
            if !given.is_zero() {
                let back = Resting { id: other.owner.unwrap_or(line), size: given, ..with };
                self.rest((self.files.messages, line), other.owner, other.arrived, back)?;
            }
        }
        Ok(())
    }

    /// Compares both sides. Levels beyond the window are forgotten, and those that enter are taken from the file.
    fn compare(&mut self, line: u64, row: &BookRow, first: bool) -> Result<(), ImportError> {
        let (mut equal, mut entered) = (true, false);
        for side in [Side::Buy, Side::Sell] {
            let book = self.venue.engine().depth(self.instrument, side, usize::MAX);
            for (price, _) in book.iter().skip(LEVELS) {
                self.forget(line, side, *price)?;
            }
            let before = self.before.as_ref().map(|before| before.side(side).as_slice());
            let entering = match compare_side(side, row.side(side), &book, before) {
                SideCheck::Equal { entering } => entering,
                SideCheck::Different { expected, actual } => {
                    equal = false;
                    self.differences.add(self.files.book, line, expected, actual);
                    // Begin again from the row, so that one difference is told once.
                    for (price, _) in book.iter().take(LEVELS) {
                        self.forget(line, side, *price)?;
                    }
                    row.side(side).clone()
                }
            };
            entered |= !entering.is_empty() && equal;
            for (price, size) in entering {
                let level = Resting { id: line, side, price, size };
                self.rest((self.files.book, line), None, line, level)?;
            }
        }
        match (first, entered) {
            (true, _) => {}
            (false, true) => self.check.apart.count(equal),
            (false, false) => self.check.rows.count(equal),
        }
        Ok(())
    }

    fn forget(&mut self, line: u64, side: Side, price: Price) -> Result<(), ImportError> {
        for Piece { account, order, .. } in self.window.forget(side, price) {
            self.expect_done(line, &Command::Cancel { account, order: OrderRef::Id(order) })?;
        }
        Ok(())
    }
}

fn at(resting: Resting) -> String {
    trade_words(resting.price, resting.size)
}

fn trade_words(price: Price, qty: Qty) -> String {
    format!("{qty} at {}", decimal::format(price.0.into(), PRICE_DECIMALS))
}

fn refusal(events: &[Event]) -> String {
    events
        .iter()
        .find_map(|event| match event {
            Event::Rejected { reason, .. } => Some(format!("it was refused: {reason}")),
            _ => None,
        })
        .unwrap_or_default()
}
