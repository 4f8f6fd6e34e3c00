//! Orders whose turn has come.

use papertape_engine::{
    CancelCause, Event, OrderId, OrderKind, PlaceOrder, Price, Reason, TimeInForce, Trail, TriggerKind, TriggerSource,
};

use super::settle::{News, What};
use super::{Fees, Model};

impl Model {
    /// The trigger of an order was reached: whatever else is in its list ends, and it comes as a new order would that has no
    /// trigger.
    pub(super) fn fire(&mut self, id: OrderId, price: Price, events: &mut Vec<Event>) {
        let waiting = self.take_waiting(id);
        let PlaceOrder { account, instrument, side, kind, time_in_force, .. } = waiting.terms;
        events.push(Event::Triggered { order: id, account, instrument, side, price });
        self.work_list(News { order: id, what: What::Fired }, events);
        self.note_fired(&waiting.terms);
        let is_market = matches!(kind, OrderKind::Market { .. });
        let immediate = if time_in_force == TimeInForce::Fok { TimeInForce::Fok } else { TimeInForce::Ioc };
        let time_in_force = if is_market { immediate } else { time_in_force };
        let order = PlaceOrder { trigger: None, time_in_force, ..waiting.terms };
        self.come_late(id, &order, waiting.fees, events);
    }

    fn note_fired(&mut self, terms: &PlaceOrder) {
        let trigger = terms.trigger.expect("it waited for a trigger");
        self.notes.push(match (trigger.trail, trigger.kind) {
            (None, TriggerKind::Stop) => "stop fired",
            (None, TriggerKind::TakeProfit) => "take-profit fired",
            (Some(Trail::Ticks(_)), _) => "trailing by ticks fired",
            (Some(Trail::BasisPoints(_)), _) => "trailing by points fired",
        });
        self.notes.push(match self.markets[usize::from(terms.instrument.0)].spec.trigger_source {
            TriggerSource::LastTrade => "fired by the last trade",
            TriggerSource::Mark => "fired by the mark",
            TriggerSource::Mid => "fired by the middle",
        });
        self.notes.push(match terms.kind {
            OrderKind::Limit { .. } => "limit order fired",
            OrderKind::MarketToLimit { .. } => "market-to-limit order fired",
            OrderKind::Market { .. } | OrderKind::MarketQuote { .. } => "market order fired",
        });
    }

    /// An order that was accepted long ago comes to the book. What would refuse a new one ends it.
    pub(super) fn come_late(&mut self, id: OrderId, order: &PlaceOrder, fees: Fees, events: &mut Vec<Event>) {
        // The rates are those with which it was accepted.
        let market = self.markets[usize::from(order.instrument.0)].at_rates(fees.maker, fees.taker);
        let checked = self.check_terms(&market, order);
        let checked = checked.and_then(|outcome| self.check_room(order, &outcome).map(|()| outcome));
        match checked {
            Ok(outcome) => {
                let before = self.notes.len();
                self.come(id, order, fees, outcome, events);
                let notes: Vec<&str> = self.notes.drain(before..).collect();
                self.notes.extend(notes.iter().map(|note| match *note {
                    "post-only order repriced" => "post-only order repriced when its turn came",
                    note if note.starts_with("band stopped") => "band stopped an order whose turn came",
                    note => note,
                }));
            }
            Err(reason) => self.end_before_it_came(id, order, cause_of(reason), events),
        }
    }
}

/// What a refusal is called when it comes after the order was accepted.
pub(super) fn cause_of(reason: Reason) -> CancelCause {
    match reason {
        Reason::ReduceOnly => CancelCause::ReduceOnly,
        Reason::InsufficientFunds => CancelCause::InsufficientFunds,
        Reason::PostOnlyWouldTake => CancelCause::PostOnlyWouldTake,
        Reason::BookFull | Reason::AmountTooLarge => CancelCause::NoRoom,
        Reason::PriceOutOfRange
        | Reason::QtyOutOfRange
        | Reason::NotionalOutOfRange
        | Reason::PriceOutOfBand
        | Reason::PositionLimit => CancelCause::OutsideLimits,
        other => unreachable!("{} was checked before", other.name()),
    }
}
