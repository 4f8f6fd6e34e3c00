//! Who stands ahead of an order in the queue of its level, and what moved whom.

use papertape_engine::{
    AccountId, Amended, Cancelled, Engine, Event, InstrumentId, OrderId, Price, Qty, SelfTradePrevented, Side,
};

use crate::Eyes;
use crate::words::Names;

/// An order in a book, with the orders ahead of it as they were last seen.
#[derive(Clone, Debug)]
pub(super) struct Ahead {
    eyes: Eyes,
    order: OrderId,
    instrument: InstrumentId,
    side: Side,
    price: Price,
    orders: Vec<Other>,
}

/// An order ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Other {
    order: OrderId,
    account: AccountId,
    shown: Qty,
}

/// What moved one of them.
pub(super) struct Move {
    pub(super) order: OrderId,
    pub(super) account: AccountId,
    pub(super) text: String,
}

impl Ahead {
    /// Looks at the queue in which an order rests.
    pub(super) fn look(
        engine: &Engine,
        (eyes, order): (Eyes, OrderId),
        (instrument, side, price): (InstrumentId, Side, Price),
    ) -> Self {
        let mut ahead = Self { eyes, order, instrument, side, price, orders: Vec::new() };
        ahead.orders = ahead.now(engine);
        ahead
    }

    /// How many they are, and how much of them shows.
    pub(super) fn place(&self) -> (u32, Qty) {
        let shown = self.orders.iter().fold(0_u64, |sum, other| sum.saturating_add(other.shown.0));
        (u32::try_from(self.orders.len()).unwrap_or(u32::MAX), Qty(shown))
    }

    /// Looks again after a record; gives what moved them.
    pub(super) fn step(&mut self, engine: &Engine, events: &[Event]) -> Vec<Move> {
        let mut about = events.iter().filter(|event| self.is_about(event)).peekable();
        if about.peek().is_none() {
            return Vec::new();
        }
        if engine.queue_place(self.order) == Some(self.place()) && !about.any(|event| self.names_one(event)) {
            return Vec::new();
        }
        let now = self.now(engine);
        let names = Names::of(engine);
        let mut moves = Vec::new();
        for before in &self.orders {
            let after = now.iter().find(|other| other.order == before.order);
            if after.map(|other| other.shown) != Some(before.shown) {
                let text = self.told(names, *before, after.map(|other| other.shown), events);
                moves.push(Move { order: before.order, account: before.account, text });
            }
        }
        for new in &now {
            if !self.orders.iter().any(|other| other.order == new.order) {
                let qty = names.qty(self.instrument, new.shown);
                let who = self.eyes.order_words(new.order, new.account);
                let text = format!("{who} came before it with {qty}");
                moves.push(Move { order: new.order, account: new.account, text });
            }
        }
        self.orders = now;
        moves
    }

    /// Whether an event may have changed the queue.
    fn is_about(&self, event: &Event) -> bool {
        match event {
            Event::Trade(trade) => trade.instrument == self.instrument,
            Event::Cancelled(Cancelled { instrument, side, rested_at, .. }) => {
                (*instrument, *side, *rested_at) == (self.instrument, self.side, Some(self.price))
            }
            Event::Amended(Amended { instrument, side, old_price, .. }) => {
                (*instrument, *side, *old_price) == (self.instrument, self.side, self.price)
            }
            Event::Rested { instrument, side, price, .. } => {
                (*instrument, *side, *price) == (self.instrument, self.side, self.price)
            }
            Event::SelfTradePrevented(SelfTradePrevented { instrument, .. }) => *instrument == self.instrument,
            _ => false,
        }
    }

    /// Whether an event is about an order ahead.
    fn names_one(&self, event: &Event) -> bool {
        let is_ahead = |order: OrderId| self.orders.iter().any(|other| other.order == order);
        match event {
            Event::Trade(trade) => is_ahead(trade.party(self.side).order),
            Event::Cancelled(cancelled) => is_ahead(cancelled.order),
            Event::Amended(amended) => is_ahead(amended.order),
            Event::Rested { order, .. } => is_ahead(*order),
            Event::SelfTradePrevented(prevented) => is_ahead(prevented.maker.order) || is_ahead(prevented.taker.order),
            _ => false,
        }
    }

    fn now(&self, engine: &Engine) -> Vec<Other> {
        let level = engine.open_orders(self.instrument, self.side).into_iter();
        let level = level.filter(|open| open.price == self.price).take_while(|open| open.order != self.order);
        level.map(|open| Other { order: open.order, account: open.account, shown: open.shown_qty }).collect()
    }

    /// What the events say of an order that changed. Of another's order the reader is told what the market shows.
    fn told(&self, names: Names<'_>, before: Other, after: Option<Qty>, events: &[Event]) -> String {
        let qty = |qty| names.qty(self.instrument, qty);
        let sees = self.eyes.see(before.account);
        let mut what = Vec::new();
        for event in events {
            match event {
                Event::Trade(trade) if trade.party(self.side).order == before.order => {
                    let with = trade.party(self.side.opposite());
                    let who = self.eyes.order_words(with.order, with.account);
                    what.push(match sees {
                        true => format!("traded {} with {who}", qty(trade.qty)),
                        false => format!("traded {}", qty(trade.qty)),
                    });
                }
                _ if sees => what.extend(self.told_besides(names, before, event, &what)),
                _ => {}
            }
        }
        let what = if what.is_empty() { "changed".to_owned() } else { what.join(", ") };
        let left = match after {
            Some(shown) => format!("{} of {} left there", qty(shown), qty(before.shown)),
            None => format!("{} no longer ahead", qty(before.shown)),
        };
        format!("{} {what}: {left}", self.eyes.order_words(before.order, before.account))
    }

    /// What an event that is no trade says of an order.
    fn told_besides(&self, names: Names<'_>, before: Other, event: &Event, said: &[String]) -> Option<String> {
        match event {
            Event::SelfTradePrevented(prevented)
                if [prevented.maker.order, prevented.taker.order].contains(&before.order) =>
            {
                Some(format!("met its own side ({})", prevented.mode.name()))
            }
            Event::Cancelled(cancelled) if cancelled.order == before.order => {
                Some(format!("ended ({})", cancelled.cause.name()))
            }
            Event::Amended(amended) if amended.order == before.order => {
                let leaves = names.qty(self.instrument, amended.leaves_qty);
                let price = names.price(self.instrument, amended.price);
                let place = if amended.kept_priority { "" } else { " and left its place" };
                Some(format!("was amended to {leaves} at {price}{place}"))
            }
            Event::Rested { order, .. } if *order == before.order && said.iter().any(|it| it.starts_with("traded")) => {
                Some("went to the tail with its next part".to_owned())
            }
            _ => None,
        }
    }
}
