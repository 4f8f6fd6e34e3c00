//! What each operation of the judge is at the venue.

use papertape_engine::decimal::DecimalError;
use papertape_engine::{
    AccountId, AmendOrder, Command, Event, InstrumentId, OpenOrder, OrderKind, OrderRef, PlaceOrder, Price, Qty,
    Reason, SelfTradePrevention, Side, TimeInForce,
};

use crate::adapter::Adapter;
use crate::names::Known;
use crate::wire::{NOBODY, Op, OrderType, SourceEvent, SourceSide};

const NOT_ACTIVE: &str = "ORDER_NOT_ACTIVE";
const DUPLICATE: &str = "DUPLICATE_ORDER_ID";

/// Why there is nothing that the engine did.
pub(crate) enum Failure {
    /// It was refused: the judge's code, and the venue's words.
    Refused(&'static str, String),
    /// It cannot be played at all.
    Broken(String),
}

impl From<String> for Failure {
    fn from(problem: String) -> Self {
        Failure::Broken(problem)
    }
}

/// How much, at which price, and for how long.
type Terms = (OrderKind, TimeInForce);

impl Adapter {
    /// Lets the engine carry out one event, and gives what it did.
    pub(crate) fn carry_out(&mut self, event: &SourceEvent) -> Result<Vec<Event>, Failure> {
        match event.op {
            Op::New => self.new_order(event),
            Op::Cancel => {
                let (_, known) = self.known(event)?;
                self.decide(event, &cancel(known))
            }
            Op::Reduce => self.reduce(event),
            Op::Replace => self.replace(event),
            Op::Clear => self.clear(event),
        }
    }

    fn new_order(&mut self, event: &SourceEvent) -> Result<Vec<Event>, Failure> {
        let instrument = self.venue.list(&event.symbol)?;
        let account = self.venue.open_account(event.owner)?;
        // A name is the symbol's to the judge and the account's to the venue, which finds only the account's repeats.
        let known = self.names.find(instrument, source(event)?);
        if known.is_some_and(|known| known.open && known.account != account) {
            return Err(Failure::Refused(DUPLICATE, "a live order of another account has this name".to_owned()));
        }
        let side = match event.side {
            Some(SourceSide::Buy) => Side::Buy,
            Some(SourceSide::Sell) => Side::Sell,
            None => return Err(missing("side")),
        };
        let terms = self.terms(event, instrument)?;
        self.place(event, (instrument, account), side, terms)
    }

    fn terms(&self, event: &SourceEvent, instrument: InstrumentId) -> Result<Terms, Failure> {
        let qty = self.qty(event, instrument)?.ok_or_else(|| missing("quantity"))?;
        let time_in_force = match event.order_type {
            OrderType::Market => return Ok((OrderKind::Market { qty }, TimeInForce::Ioc)),
            OrderType::Limit => TimeInForce::Gtc,
            OrderType::Ioc => TimeInForce::Ioc,
            OrderType::Fok => TimeInForce::Fok,
        };
        let price = self.price(event, instrument)?.ok_or_else(|| missing("price"))?;
        Ok((OrderKind::Limit { price, qty }, time_in_force))
    }

    fn place(
        &mut self,
        event: &SourceEvent,
        (instrument, account): (InstrumentId, AccountId),
        side: Side,
        (kind, time_in_force): Terms,
    ) -> Result<Vec<Event>, Failure> {
        let client_order_id = Some(self.names.client_order_id(instrument, source(event)?));
        let is_nobodys = self.venue.owner(account) == NOBODY;
        let order = PlaceOrder {
            time_in_force,
            self_trade_prevention: is_nobodys.then_some(SelfTradePrevention::None),
            client_order_id,
            ..PlaceOrder::new(account, instrument, side, kind)
        };
        self.decide(event, &Command::Place(order))
    }

    /// The judge says how much to take away. The venue is told the new total, or to cancel if nothing would be left.
    fn reduce(&mut self, event: &SourceEvent) -> Result<Vec<Event>, Failure> {
        let (instrument, known) = self.known(event)?;
        let less = self.qty(event, instrument)?.ok_or_else(|| missing("quantity"))?;
        let open = self.venue.open_order(instrument, known.order);
        if open.is_some_and(|open| open.leaves_qty == less) {
            return self.decide(event, &cancel(known));
        }
        let total = open.map_or(less, |open| Qty(open.qty.0.saturating_sub(less.0)));
        self.decide(event, &amend(known, None, Some(total)))
    }

    /// The judge says how much is to be open from now on. The venue is told the new total.
    fn replace(&mut self, event: &SourceEvent) -> Result<Vec<Event>, Failure> {
        let (instrument, known) = self.known(event)?;
        let price = self.price(event, instrument)?;
        let filled =
            self.venue.open_order(instrument, known.order).map_or(Qty::ZERO, |open| open.qty - open.leaves_qty);
        let total = match self.qty(event, instrument)? {
            None => None,
            Some(qty) => Some(qty.checked_add(filled).ok_or_else(|| refused(event, Reason::QtyOutOfRange))?),
        };
        let events = self.send(event, &amend(known, price, total));
        let stays = events.iter().any(|event| {
            let nothing_new = matches!(event, Event::Rejected { reason: Reason::NothingToAmend, .. });
            nothing_new || matches!(event, Event::Amended(amended) if amended.kept_priority)
        });
        if stays && self.settings.replace_to_tail { self.requeue(event) } else { verdict(event, events) }
    }

    /// Sends an open order to the tail of its level, by way of a cancel.
    fn requeue(&mut self, event: &SourceEvent) -> Result<Vec<Event>, Failure> {
        let (instrument, known) = self.known(event)?;
        let open = self.venue.open_order(instrument, known.order);
        let OpenOrder { account, side, price, leaves_qty: qty, .. } = open.ok_or_else(|| not_active(event))?;
        self.decide(event, &cancel(known))?;
        self.place(event, (instrument, account), side, (OrderKind::Limit { price, qty }, TimeInForce::Gtc))
    }

    fn clear(&mut self, event: &SourceEvent) -> Result<Vec<Event>, Failure> {
        let instrument = Some(self.venue.list(&event.symbol)?);
        let accounts: Vec<AccountId> = self.venue.accounts().collect();
        let mut all = Vec::new();
        for account in accounts {
            all.extend(self.decide(event, &Command::CancelAll { account, instrument, side: None })?);
        }
        Ok(all)
    }

    /// What the event's name last stood for. The venue decides whether that is still an order.
    fn known(&self, event: &SourceEvent) -> Result<(InstrumentId, Known), Failure> {
        let instrument = self.venue.listed(&event.symbol).ok_or_else(|| not_active(event))?;
        let known = self.names.find(instrument, source(event)?).ok_or_else(|| not_active(event))?;
        Ok((instrument, known))
    }

    fn price(&self, event: &SourceEvent, instrument: InstrumentId) -> Result<Option<Price>, Failure> {
        let snap = self.settings.snap_to_tick;
        let price = event.price.as_ref().map(|price| price.price(self.venue.instrument(instrument), snap));
        price.transpose().map_err(|error| unreadable(event, error))
    }

    fn qty(&self, event: &SourceEvent, instrument: InstrumentId) -> Result<Option<Qty>, Failure> {
        let qty = event.quantity.as_ref().map(|qty| qty.qty(self.venue.instrument(instrument)));
        qty.transpose().map_err(|error| unreadable(event, error))
    }

    /// Lets the engine decide, and gives what it told if that is not a refusal.
    fn decide(&mut self, event: &SourceEvent, command: &Command) -> Result<Vec<Event>, Failure> {
        verdict(event, self.send(event, command))
    }

    fn send(&mut self, event: &SourceEvent, command: &Command) -> Vec<Event> {
        let events = self.venue.apply(command);
        self.names.learn(event.order_id, &events);
        events
    }
}

fn source(event: &SourceEvent) -> Result<u64, Failure> {
    event.order_id.ok_or_else(|| missing("order_id"))
}

fn cancel(known: Known) -> Command {
    Command::Cancel { account: known.account, order: OrderRef::Id(known.order) }
}

fn amend(known: Known, price: Option<Price>, qty: Option<Qty>) -> Command {
    Command::Amend(AmendOrder { account: known.account, order: OrderRef::Id(known.order), price, qty })
}

fn verdict(event: &SourceEvent, events: Vec<Event>) -> Result<Vec<Event>, Failure> {
    for told in &events {
        match told {
            Event::Rejected { reason, .. } => return Err(refused(event, *reason)),
            Event::Repeated { .. } => {
                return Err(Failure::Refused(DUPLICATE, "the same order was sent again".to_owned()));
            }
            _ => {}
        }
    }
    Ok(events)
}

/// The judge has few codes: the venue's reason goes along in words.
fn refused(event: &SourceEvent, reason: Reason) -> Failure {
    let code = match reason {
        Reason::UnknownOrder => NOT_ACTIVE,
        Reason::DuplicateClientOrderId => DUPLICATE,
        _ => invalid(event),
    };
    Failure::Refused(code, reason.to_string())
}

fn unreadable(event: &SourceEvent, error: DecimalError) -> Failure {
    Failure::Refused(invalid(event), error.to_string())
}

fn invalid(event: &SourceEvent) -> &'static str {
    if event.op == Op::Replace { "INVALID_REPLACEMENT" } else { "INVALID_ORDER" }
}

fn not_active(event: &SourceEvent) -> Failure {
    Failure::Refused(NOT_ACTIVE, format!("no order of {} ever had this name", event.symbol))
}

fn missing(field: &str) -> Failure {
    Failure::Broken(format!("an event without its {field}"))
}
