//! Events become sequenced frames.

use papertape_engine::{
    Accepted, Amended, CancelCause, Cancelled, ClientOrderId, Event, InstrumentId, OrderKind, OrderRef, PlaceOrder,
    Reason, SelfTradePrevented, Side, TimeInForce, Trade, Trail, TriggerKind,
};
use papertape_platform::Part;
use papertape_wire::{self as wire, Terms, Text, codes, values};

/// What every sequenced frame begins with. The reference is filled in for the session that asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// The number of the account's message.
    pub sequence: u64,
    /// The command's number in the journal.
    pub journal_seq: u64,
    /// The venue's time of the command.
    pub time_ns: u64,
}

/// A frame with the head's fields.
macro_rules! told {
    ($head:expr, $out:expr, $name:ident { $($rest:tt)* }) => {{
        let Head { sequence, journal_seq, time_ns } = $head;
        wire::$name { sequence, journal_seq, time_ns, reference: 0, $($rest)* }.write($out)
    }};
}

/// Appends what an account is told of an event. `part` is as [`papertape_platform::told_to`] says.
pub(crate) fn write(event: &Event, part: Part, head: Head, out: &mut Vec<u8>) {
    match event {
        Event::Accepted(order) => accepted(order, head, out),
        Event::Rejected { instrument, client_order_id, order, reason, .. } => {
            rejected((*instrument, *client_order_id, *order), *reason, head, out);
        }
        Event::Trade(trade) => filled(trade, part, head, out),
        Event::Cancelled(order) => cancelled(order, head, out),
        Event::Amended(order) => amended(order, head, out),
        Event::SelfTradePrevented(event) => prevented(event, part, head, out),
        Event::Repeated { order, client_order_id, instrument, .. } => {
            let (order_id, client_order_id) = (order.0, text(Some(client_order_id)));
            told!(head, out, OrderRepeated { order_id, client_order_id, instrument: instrument.0 });
        }
        Event::Released { order, instrument, side, .. } => {
            told!(head, out, OrderReleased { order_id: order.0, instrument: instrument.0, side: side_of(*side) });
        }
        Event::Triggered { order, instrument, side, price, .. } => {
            let (order_id, price, instrument) = (order.0, price.0, instrument.0);
            told!(head, out, OrderTriggered { order_id, price, instrument, side: side_of(*side) });
        }
        Event::Rested { order, instrument, side, price, leaves_qty, shown_qty, .. } => {
            let (order_id, price, instrument) = (order.0, price.0, instrument.0);
            let (leaves_qty, shown_qty, side) = (leaves_qty.0, shown_qty.0, side_of(*side));
            told!(head, out, OrderRested { order_id, price, leaves_qty, shown_qty, instrument, side });
        }
        Event::CancelledAll { orders, .. } => told!(head, out, MassCancelDone { orders: *orders }),
        Event::KillSwitchSet { engaged, orders, .. } => {
            told!(head, out, KillSwitchSet { orders: *orders, engaged: u8::from(*engaged) });
        }
        Event::SuspensionSet { suspended, orders, .. } => {
            told!(head, out, AccountSuspended { orders: *orders, suspended: u8::from(*suspended) });
        }
        _ => debug_assert!(false, "nobody is told of {event:?} in private"),
    }
}

fn accepted(accepted: &Accepted, head: Head, out: &mut Vec<u8>) {
    let status = match accepted.list {
        Some(place) if place.pending => values::status::PENDING,
        _ if accepted.terms.time_in_force.auction().is_some() => values::status::WAITING,
        _ if accepted.terms.trigger.is_some() => values::status::WAITING,
        _ => values::status::NEW,
    };
    let client_order_id = text(accepted.terms.client_order_id.as_ref());
    let list_id = accepted.list.map_or(0, |place| place.list.0);
    let (order_id, terms) = (accepted.order.0, terms(&accepted.terms));
    told!(head, out, OrderAccepted { order_id, client_order_id, terms, list_id, status });
}

fn rejected(
    (instrument, client, order): (Option<InstrumentId>, Option<ClientOrderId>, Option<OrderRef>),
    reason: Reason,
    head: Head,
    out: &mut Vec<u8>,
) {
    let (order_id, named) = match order {
        Some(OrderRef::Id(order)) => (order.0, None),
        Some(OrderRef::Client(name)) => (0, Some(name)),
        None => (0, None),
    };
    let client_order_id = text(client.or(named).as_ref());
    let instrument = instrument.map_or(values::ANY_INSTRUMENT, |instrument| instrument.0);
    let (code, class) = (reason.code(), codes::class_of(reason.code()) as u8);
    told!(head, out, OrderRejected { order_id, client_order_id, instrument, code, class });
}

fn filled(trade: &Trade, part: Part, head: Head, out: &mut Vec<u8>) {
    let side = if part == Part::Seller { Side::Sell } else { Side::Buy };
    let party = trade.party(side);
    let liquidity = match trade.aggressor {
        None => values::liquidity::AUCTION,
        Some(aggressor) if aggressor == side => values::liquidity::TAKER,
        Some(_) => values::liquidity::MAKER,
    };
    let (order_id, trade_id, price, qty) = (party.order.0, trade.id.0, trade.price.0, trade.qty.0);
    let (leaves_qty, fee, instrument, side) = (party.leaves_qty.0, party.fee.0, trade.instrument.0, side_of(side));
    told!(head, out, OrderFilled { order_id, trade_id, price, qty, leaves_qty, fee, instrument, side, liquidity });
}

fn cancelled(cancelled: &Cancelled, head: Head, out: &mut Vec<u8>) {
    let (order_id, leaves_qty) = (cancelled.order.0, cancelled.leaves_qty.0);
    let (instrument, side) = (cancelled.instrument.0, side_of(cancelled.side));
    match cancelled.cause {
        CancelCause::Expired => told!(head, out, OrderExpired { order_id, leaves_qty, instrument, side }),
        cause => {
            told!(head, out, OrderCancelled { order_id, leaves_qty, instrument, cause: cause.code(), side });
        }
    }
}

fn amended(amended: &Amended, head: Head, out: &mut Vec<u8>) {
    let (order_id, price, qty) = (amended.order.0, amended.price.0, amended.qty.0);
    let (leaves_qty, instrument, side) = (amended.leaves_qty.0, amended.instrument.0, side_of(amended.side));
    let kept_priority = u8::from(amended.kept_priority);
    told!(head, out, OrderReplaced { order_id, price, qty, leaves_qty, instrument, side, kept_priority });
}

fn prevented(event: &SelfTradePrevented, part: Part, head: Head, out: &mut Vec<u8>) {
    let (mine, other) = if part == Part::Maker { (&event.maker, &event.taker) } else { (&event.taker, &event.maker) };
    let (order_id, other_order_id, leaves_qty) = (mine.order.0, other.order.0, mine.leaves_qty.0);
    let (price, qty, instrument, mode) = (event.price.0, event.qty.0, event.instrument.0, event.mode as u8 + 1);
    told!(head, out, SelfTradePrevented { order_id, other_order_id, price, qty, leaves_qty, instrument, mode });
}

/// The terms of an order.
pub(super) fn terms(order: &PlaceOrder) -> Terms {
    let mut terms = Terms {
        display_qty: order.display_qty.map_or(Terms::SHOWS_ALL, |qty| qty.0),
        min_qty: order.min_qty.0,
        instrument: order.instrument.0,
        side: side_of(order.side),
        self_trade: order.self_trade_prevention.map_or(0, |mode| mode as u8 + 1),
        flags: bit(order.post_only, values::flags::POST_ONLY)
            | bit(order.reduce_only, values::flags::REDUCE_ONLY)
            | bit(order.imbalance_only, values::flags::IMBALANCE_ONLY),
        ..Terms::default()
    };
    set_kind(&mut terms, order.kind);
    set_time_in_force(&mut terms, order.time_in_force);
    if let Some(trigger) = order.trigger {
        terms.trigger_kind = match trigger.kind {
            TriggerKind::Stop => values::trigger_kind::STOP,
            TriggerKind::TakeProfit => values::trigger_kind::TAKE_PROFIT,
        };
        terms.trigger_price = trigger.price.map_or(0, |price| price.0);
        (terms.trail_kind, terms.trail) = match trigger.trail {
            None => (0, 0),
            Some(Trail::Ticks(ticks)) => (values::trail_kind::TICKS, ticks),
            Some(Trail::BasisPoints(points)) => (values::trail_kind::BASIS_POINTS, points),
        };
    }
    if let Some(peg) = order.peg {
        (terms.peg_to, terms.peg_offset) = (peg.to as u8, peg.offset);
    }
    terms
}

fn set_kind(terms: &mut Terms, kind: OrderKind) {
    use values::order_type as types;
    match kind {
        OrderKind::Limit { price, qty } => (terms.order_type, terms.price, terms.qty) = (types::LIMIT, price.0, qty.0),
        OrderKind::Market { qty } => (terms.order_type, terms.qty) = (types::MARKET, qty.0),
        OrderKind::MarketQuote { budget } => {
            (terms.order_type, terms.budget) = (types::MARKET_BY_AMOUNT, budget.0);
        }
        OrderKind::MarketToLimit { qty } => (terms.order_type, terms.qty) = (types::MARKET_TO_LIMIT, qty.0),
    }
}

fn set_time_in_force(terms: &mut Terms, time_in_force: TimeInForce) {
    use values::time_in_force as times;
    terms.time_in_force = match time_in_force {
        TimeInForce::Gtc => times::GTC,
        TimeInForce::Ioc => times::IOC,
        TimeInForce::Fok => times::FOK,
        TimeInForce::Day => times::DAY,
        TimeInForce::Gtd { until_ns } => {
            terms.expires_ns = until_ns;
            times::GTD
        }
        TimeInForce::AtOpen => times::AT_OPEN,
        TimeInForce::AtClose => times::AT_CLOSE,
    };
}

/// The bit, if it is set.
pub(crate) fn bit(is_set: bool, bit: u8) -> u8 {
    if is_set { bit } else { 0 }
}

/// The number of a side.
pub(super) fn side_of(side: Side) -> u8 {
    match side {
        Side::Buy => values::side::BUY,
        Side::Sell => values::side::SELL,
    }
}

/// A client's name for an order, as a frame has it.
pub(super) fn text(name: Option<&ClientOrderId>) -> Text<36> {
    name.and_then(|name| Text::new(name.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_the_wire_are_the_engine_s() {
        let known = |number| codes::code(number).map(|code| (code.name, code.says));
        for reason in Reason::ALL {
            assert_eq!(known(reason.code()), Some((reason.name(), reason.sentence())));
        }
        let of_engine = codes::CODES.iter().filter(|code| code.number < 1_000).count();
        assert_eq!(of_engine, Reason::ALL.len());
        assert_eq!(codes::class_of(Reason::OrderRate.code()), codes::Class::Retryable);
        let causes: Vec<_> =
            CancelCause::ALL.iter().map(|cause| (cause.code(), cause.name(), cause.sentence())).collect();
        for cause in codes::CAUSES {
            assert!(causes.contains(&(cause.number, cause.name, cause.says)), "{}", cause.name);
        }
        assert_eq!(causes.len(), codes::CAUSES.len());
    }
}
