//! What happened to one order.

use std::collections::BTreeMap;

use papertape_engine::{
    Accepted, AccountId, Amount, AssetId, CancelCause, ClientOrderId, Command, Event, InstrumentId, Notional, OrderId,
    OrderKind, OrderRef, Price, Qty, SelfTradePrevented, Side, Stamp, TimeInForce, Trade,
};
use papertape_pipeline::{Step, Steps};

use super::ahead::Ahead;
use super::line::{Fee, Head, Line, Listener, Sum};
use crate::Eyes;
use crate::words::{Names, account_words, count};

/// An order, as far as its life was read.
///
/// It is shown each record of a replay that began before the order, and tells a [`Listener`] what it hears of it.
#[derive(Debug)]
pub struct Life {
    eyes: Eyes,
    order: OrderId,
    born: Option<Born>,
    /// Where it rests.
    rests: Option<(Price, Qty)>,
    ahead: Option<Ahead>,
    fills: u64,
    filled: Qty,
    notional: Notional,
    fees: BTreeMap<AssetId, Amount>,
    state: State,
}

/// What stays the same about it.
#[derive(Clone, Copy, Debug)]
struct Born {
    account: AccountId,
    instrument: InstrumentId,
    side: Side,
    name: Option<ClientOrderId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Open,
    Filled,
    Ended,
}

impl Life {
    /// An order of which nothing was read, for whoever reads.
    pub fn new(order: OrderId, eyes: Eyes) -> Self {
        Self {
            eyes,
            order,
            born: None,
            rests: None,
            ahead: None,
            fills: 0,
            filled: Qty::ZERO,
            notional: Notional::default(),
            fees: BTreeMap::new(),
            state: State::Open,
        }
    }

    /// Whether it was accepted.
    pub fn has_begun(&self) -> bool {
        self.born.is_some()
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.state != State::Open
    }

    /// Tells what a record did to the order.
    pub fn step<L: Listener>(&mut self, step: &Step<'_>, lines: &mut L) -> Result<(), L::Error> {
        let names = Names::of(step.engine);
        let (mut placed, mut was_born) = (false, false);
        for (index, event) in step.events.iter().enumerate() {
            if let Event::Accepted(accepted) = event
                && accepted.order == self.order
            {
                was_born = true;
                self.begin(step, index, accepted, lines)?;
                continue;
            }
            let Some(born) = self.born else { continue };
            if let Event::Rested { order, .. } = event {
                placed |= *order == self.order;
            }
            if let Some(mut line) = self.event(names, born, step.stamp, index, event) {
                line.text.push_str(&self.by_whom(names, born, step, event));
                lines.line(step.stamp.time_ns, line)?;
            }
        }
        if let Some(born) = self.born {
            self.queue(step, born, placed, lines)?;
            if was_born && self.state == State::Open && self.rests.is_none() && self.fills == 0 {
                let text = "it waits, and is in no book".to_owned();
                lines.line(step.stamp.time_ns, Line::at(step.stamp, None, "waits", text))?;
            }
        }
        Ok(())
    }

    /// Tells how it stands at the end of what was read.
    pub fn end<L: Listener>(&self, steps: &Steps, lines: &mut L) -> Result<(), L::Error> {
        let Some(born) = self.born else { return Ok(()) };
        let names = Names::of(steps.engine());
        let state = match self.state {
            State::Open => "open",
            State::Filled => "filled",
            State::Ended => "ended",
        };
        let value = names.instrument(born.instrument).and_then(|of| of.quote_value(self.notional));
        let traded = self.fills > 0;
        let fees = self.fees.iter().filter(|(_, fee)| fee.0 != 0);
        let sum = Sum {
            state,
            fills: self.fills,
            filled_qty: names.qty(born.instrument, self.filled),
            average_price: self.average_price(names, born.instrument).filter(|_| traded),
            value: value.filter(|_| traded).map(|value| names.quote_money(born.instrument, value)),
            fees: fees
                .map(|(asset, fee)| Fee { asset: names.asset(*asset), amount: names.amount(*asset, *fee) })
                .collect(),
            seq: steps.last_seq(),
        };
        lines.sum(sum)
    }

    fn begin<L: Listener>(
        &mut self,
        step: &Step<'_>,
        index: usize,
        accepted: &Accepted,
        lines: &mut L,
    ) -> Result<(), L::Error> {
        let names = Names::of(step.engine);
        let terms = &accepted.terms;
        let (account, instrument, side, name) = (terms.account, terms.instrument, terms.side, terms.client_order_id);
        self.born = Some(Born { account, instrument, side, name });
        lines.head(Head {
            order_id: self.order.0,
            account: account.0,
            symbol: names.symbol(instrument),
            side: side.name(),
            client_order_id: name.map(|name| name.to_string()),
            list: accepted.list.map(|place| place.list.0),
            terms: names.order(terms),
        })?;
        let list = match accepted.list {
            None => String::new(),
            Some(place) if place.pending => format!("; it comes when order {} has been filled", place.list),
            Some(place) => format!("; it is one of list {}", place.list),
        };
        let asked = match (&step.command, terms.trigger, terms.time_in_force) {
            (Some(Command::Place(_) | Command::PlaceList(_)), ..) => names.order(terms),
            (Some(command), ..) => {
                let under = self.eyes.command_words(names, command, None);
                format!("{} (by the venue, under \"{under}\")", names.order(terms))
            }
            (None, ..) => names.order(terms),
        };
        let waits = match (terms.trigger, terms.time_in_force) {
            (Some(_), _) => "; it waits for its trigger",
            (None, TimeInForce::AtOpen | TimeInForce::AtClose) => "; it waits for its auction",
            _ => "",
        };
        let text = format!("{} asked: {asked}{list}{waits}", account_words(account));
        let mut line = Line::at(step.stamp, Some(index), "accepted", text);
        if let OrderKind::Limit { price, .. } = terms.kind {
            line.price = Some(names.price(instrument, price));
        }
        line.qty = terms.kind.qty().map(|qty| names.qty(instrument, qty));
        lines.line(step.stamp.time_ns, line)
    }

    /// What an event says of the order.
    fn event(&mut self, names: Names<'_>, born: Born, stamp: Stamp, index: usize, event: &Event) -> Option<Line> {
        let at = born.instrument;
        let line = |what, text| Some(Line::at(stamp, Some(index), what, text));
        match event {
            Event::Released { order, .. } if *order == self.order => line("released", "it comes now".to_owned()),
            Event::Triggered { order, price, .. } if *order == self.order => {
                let price = names.price(at, *price);
                let text = format!("it fires: the reference price is {price}");
                line("triggered", text).map(|line| Line { price: Some(price), ..line })
            }
            Event::Rested { order, price, leaves_qty, shown_qty, .. } if *order == self.order => {
                self.rests = Some((*price, *leaves_qty));
                let (qty, price) = (names.part(at, *leaves_qty, *shown_qty), names.price(at, *price));
                let text = format!("{qty} rests at {price}, at the tail of the level");
                let leaves_qty = Some(names.qty(at, *leaves_qty));
                line("rested", text).map(|line| Line { price: Some(price), leaves_qty, ..line })
            }
            Event::Trade(trade) if trade.instrument == at && trade.party(born.side).order == self.order => {
                Some(self.fill(names, born, stamp, index, trade))
            }
            Event::SelfTradePrevented(prevented) => self.prevented(names, at, stamp, index, prevented),
            Event::Cancelled(cancelled) if cancelled.order == self.order => {
                (self.state, self.rests) = (State::Ended, None);
                Some(ended(names, at, stamp, index, cancelled.leaves_qty, cancelled.cause))
            }
            Event::Amended(amended) if amended.order == self.order => {
                self.rests = amended.kept_priority.then_some((amended.price, amended.leaves_qty));
                let old =
                    format!("{} at {}", names.qty(at, amended.old_leaves_qty), names.price(at, amended.old_price));
                let (leaves, price) = (names.qty(at, amended.leaves_qty), names.price(at, amended.price));
                let place = if amended.kept_priority { "keeps its place" } else { "leaves its place" };
                let qty = names.qty(at, amended.qty);
                let text = format!("{old} becomes {leaves} of {qty} at {price}; it {place}");
                let (price, qty, leaves_qty) = (Some(price), Some(qty), Some(leaves));
                line("amended", text).map(|line| Line { price, qty, leaves_qty, ..line })
            }
            Event::Repeated { order, .. } if *order == self.order => {
                line("repeated", "it was sent again under its name, and answered with this order".to_owned())
            }
            Event::Rejected { account, order: Some(order), reason, .. } if self.is_named(born, *account, order) => {
                let text = format!("refused: {} ({})", reason.sentence(), reason.name());
                line("refused", text).map(|line| Line { reason: Some(reason.name()), ..line })
            }
            _ => None,
        }
    }

    fn fill(&mut self, names: Names<'_>, born: Born, stamp: Stamp, index: usize, trade: &Trade) -> Line {
        let at = born.instrument;
        let (own, other) = (trade.party(born.side), trade.party(born.side.opposite()));
        self.fills += 1;
        self.filled = self.filled.checked_add(trade.qty).unwrap_or(Qty(u64::MAX));
        self.notional = Notional(self.notional.0.saturating_add((trade.price * trade.qty).0));
        let fee_asset = names.fee_asset(at, born.side);
        if let Some(asset) = fee_asset {
            let sum = self.fees.entry(asset).or_default();
            *sum = sum.saturating_add(own.fee);
        }
        if own.leaves_qty.is_zero() {
            (self.state, self.rests) = (State::Filled, None);
        } else if let Some((_, left)) = &mut self.rests {
            *left = own.leaves_qty;
        }
        let (role, how) = match trade.aggressor {
            None => ("auction", "in the auction"),
            Some(side) if side == born.side => ("taker", "it took"),
            Some(_) => ("maker", "it was there"),
        };
        let (qty, price, leaves) =
            (names.qty(at, trade.qty), names.price(at, trade.price), names.qty(at, own.leaves_qty));
        let text = format!(
            "{qty} at {price} with {}, {how}, {}; {leaves} left (trade {})",
            self.eyes.order_words(other.order, other.account),
            names.fee(at, born.side, own.fee),
            trade.id
        );
        Line {
            price: Some(price),
            qty: Some(qty),
            leaves_qty: Some(leaves),
            trade_id: Some(trade.id.0),
            role: Some(role),
            fee: fee_asset.map(|asset| names.amount(asset, own.fee)),
            fee_asset: fee_asset.map(|asset| names.asset(asset)),
            other_order: self.eyes.order(other.order, other.account),
            other_account: self.eyes.account(other.account),
            ..Line::at(stamp, Some(index), "fill", text)
        }
    }

    fn prevented(
        &mut self,
        names: Names<'_>,
        at: InstrumentId,
        stamp: Stamp,
        index: usize,
        prevented: &SelfTradePrevented,
    ) -> Option<Line> {
        let SelfTradePrevented { instrument, mode, price, qty, taker, maker, .. } = prevented;
        let (own, other) = match self.order {
            order if order == taker.order => (taker, maker),
            order if order == maker.order => (maker, taker),
            _ => return None,
        };
        if *instrument != at {
            return None;
        }
        if let Some((_, left)) = &mut self.rests {
            *left = own.leaves_qty;
        }
        let (qty, price, leaves) = (names.qty(at, *qty), names.price(at, *price), names.qty(at, own.leaves_qty));
        let who = match self.eyes.see(other.account) {
            true => self.eyes.order_words(other.order, other.account),
            // Of its trade group: the venue names the order wherever it tells of such a match.
            false => format!("order {}", other.order),
        };
        let text = format!("no trade of {qty} at {price} with {who}, of its own side ({}); {leaves} left", mode.name());
        Some(Line {
            price: Some(price),
            qty: Some(qty),
            leaves_qty: Some(leaves),
            other_order: Some(other.order.0),
            other_account: self.eyes.account(other.account),
            ..Line::at(stamp, Some(index), "prevented", text)
        })
    }

    fn is_named(&self, born: Born, account: Option<AccountId>, order: &OrderRef) -> bool {
        let named = match order {
            OrderRef::Id(id) => *id == self.order,
            OrderRef::Client(name) => born.name == Some(*name),
        };
        let by_another = matches!(order, OrderRef::Id(_)) && self.eyes == Eyes::All;
        named && (account == Some(born.account) || by_another)
    }

    /// Tells what is ahead where it came to rest, and then what moves it.
    fn queue<L: Listener>(&mut self, step: &Step<'_>, born: Born, placed: bool, lines: &mut L) -> Result<(), L::Error> {
        let Some((price, _)) = self.rests.filter(|_| self.state == State::Open) else {
            self.ahead = None;
            return Ok(());
        };
        let names = Names::of(step.engine);
        let (engine, stamp) = (step.engine, step.stamp);
        let told = |place: (u32, Qty), line: Line| {
            let (ahead_orders, ahead_qty) = (Some(place.0), Some(names.qty(born.instrument, place.1)));
            Line { ahead_orders, ahead_qty, ..line }
        };
        match &mut self.ahead {
            Some(ahead) if !placed => {
                let moves = ahead.step(engine, step.events);
                let place = ahead.place();
                for moved in moves {
                    let text = format!("{}; ahead now: {}", moved.text, queue_words(names, born.instrument, place));
                    let line = told(place, Line::at(stamp, None, "ahead", text));
                    let other_order = self.eyes.order(moved.order, moved.account);
                    let other_account = self.eyes.account(moved.account);
                    lines.line(stamp.time_ns, Line { other_order, other_account, ..line })?;
                }
            }
            _ => {
                let ahead = Ahead::look(engine, (self.eyes, self.order), (born.instrument, born.side, price));
                let place = ahead.place();
                let text = format!("ahead of it in the queue: {}", queue_words(names, born.instrument, place));
                lines.line(stamp.time_ns, told(place, Line::at(stamp, None, "queued", text)))?;
                self.ahead = Some(ahead);
            }
        }
        Ok(())
    }

    /// Who asked for it, where that was not the order's own placing.
    fn by_whom(&self, names: Names<'_>, born: Born, step: &Step<'_>, event: &Event) -> String {
        let Some(command) = &step.command else { return String::new() };
        if matches!(event, Event::Trade(_) | Event::SelfTradePrevented(_) | Event::Repeated { .. }) {
            return String::new();
        }
        let is_birth = |told: &Event| matches!(told, Event::Accepted(accepted) if accepted.order == self.order);
        if step.events.iter().any(is_birth) {
            return String::new();
        }
        format!(" [{}]", self.eyes.command_words(names, command, Some(born.instrument)))
    }

    /// The average price with four more decimals than a price has, rounded down.
    fn average_price(&self, names: Names<'_>, at: InstrumentId) -> Option<String> {
        let spec = &names.instrument(at)?.spec;
        let worth = self.notional.0.checked_mul(spec.tick_mantissa.into())?.checked_mul(10_000)?;
        let average = worth.checked_div(self.filled.0.into())?;
        Some(papertape_engine::decimal::format_unsigned(average, spec.price_decimals + 4))
    }
}

fn queue_words(names: Names<'_>, at: InstrumentId, (orders, qty): (u32, Qty)) -> String {
    match orders {
        0 => "nobody".to_owned(),
        orders => format!("{} with {}", count(orders.into(), "order"), names.qty(at, qty)),
    }
}

fn ended(names: Names<'_>, at: InstrumentId, stamp: Stamp, index: usize, left: Qty, cause: CancelCause) -> Line {
    let left = names.qty(at, left);
    let text = format!("it ends with {left} left: {} ({})", cause.sentence(), cause.name());
    let (leaves_qty, reason) = (Some(left), Some(cause.name()));
    Line { leaves_qty, reason, ..Line::at(stamp, Some(index), "ended", text) }
}
