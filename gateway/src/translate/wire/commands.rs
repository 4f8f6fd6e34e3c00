//! Requests become commands.

use papertape_engine::{
    AccountId, AmendOrder, Amount, ClientOrderId, Command, InstrumentId, KillScope, OrderId, OrderKind, OrderRef, Peg,
    PegTo, PlaceOrder, Price, Qty, SelfTradePrevention, Side, TimeInForce, Trail, Trigger, TriggerKind,
};
use papertape_wire::{self as wire, Terms, Text, values};

/// A field has a value that it cannot have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Invalid;

pub(super) type Checked<T> = Result<T, Invalid>;

/// A new order of `account`.
pub(crate) fn place(account: AccountId, order: &wire::PlaceOrder) -> Checked<Command> {
    let terms = &order.terms;
    let kind = kind(terms)?;
    let flag = |bit: u8| terms.flags & bit != 0;
    if terms.flags & !values::flags::ALL != 0 {
        return Err(Invalid);
    }
    Ok(Command::Place(PlaceOrder {
        account,
        instrument: InstrumentId(terms.instrument),
        side: side(terms.side)?.ok_or(Invalid)?,
        kind,
        time_in_force: time_in_force(terms, kind)?,
        post_only: flag(values::flags::POST_ONLY),
        self_trade_prevention: self_trade(terms.self_trade)?,
        display_qty: (terms.display_qty != Terms::SHOWS_ALL).then_some(Qty(terms.display_qty)),
        min_qty: Qty(terms.min_qty),
        reduce_only: flag(values::flags::REDUCE_ONLY),
        imbalance_only: flag(values::flags::IMBALANCE_ONLY),
        peg: peg(terms)?,
        trigger: trigger(terms)?,
        client_order_id: name(&order.client_order_id)?,
    }))
}

/// New terms of a resting order.
pub(crate) fn amend(account: AccountId, amend: &wire::Amend) -> Checked<Command> {
    let order = order_ref(amend.order_id, &amend.client_order_id)?;
    let price = (amend.price != 0).then_some(Price(amend.price));
    let qty = (amend.qty != 0).then_some(Qty(amend.qty));
    Ok(Command::Amend(AmendOrder { account, order, price, qty }))
}

/// The end of one order.
pub(crate) fn cancel(account: AccountId, cancel: &wire::Cancel) -> Checked<Command> {
    Ok(Command::Cancel { account, order: order_ref(cancel.order_id, &cancel.client_order_id)? })
}

/// The end of all orders, or those of one instrument or side.
pub(crate) fn cancel_all(account: AccountId, cancel: &wire::CancelAll) -> Checked<Command> {
    let instrument = (cancel.instrument != values::ANY_INSTRUMENT).then_some(InstrumentId(cancel.instrument));
    Ok(Command::CancelAll { account, instrument, side: side(cancel.side)? })
}

/// The account's own kill switch.
pub(crate) fn kill_switch(account: AccountId, switch: &wire::KillSwitch) -> Checked<Command> {
    let engaged = match switch.engaged {
        0 => false,
        1 => true,
        _ => return Err(Invalid),
    };
    Ok(Command::SetKillSwitch { scope: KillScope::Account(account), engaged })
}

pub(super) fn kind(terms: &Terms) -> Checked<OrderKind> {
    use values::order_type as types;
    let (price, qty, budget) = (terms.price, Qty(terms.qty), Amount(terms.budget));
    match terms.order_type {
        types::LIMIT if budget.0 == 0 => Ok(OrderKind::Limit { price: Price(price), qty }),
        types::MARKET if price == 0 && budget.0 == 0 => Ok(OrderKind::Market { qty }),
        types::MARKET_BY_AMOUNT if price == 0 && qty.is_zero() => Ok(OrderKind::MarketQuote { budget }),
        types::MARKET_TO_LIMIT if price == 0 && budget.0 == 0 => Ok(OrderKind::MarketToLimit { qty }),
        _ => Err(Invalid),
    }
}

pub(super) fn side(number: u8) -> Checked<Option<Side>> {
    match number {
        0 => Ok(None),
        values::side::BUY => Ok(Some(Side::Buy)),
        values::side::SELL => Ok(Some(Side::Sell)),
        _ => Err(Invalid),
    }
}

pub(super) fn time_in_force(terms: &Terms, kind: OrderKind) -> Checked<TimeInForce> {
    use values::time_in_force as times;
    if (terms.time_in_force == times::GTD) != (terms.expires_ns != 0) {
        return Err(Invalid);
    }
    let is_market = matches!(kind, OrderKind::Market { .. } | OrderKind::MarketQuote { .. });
    match terms.time_in_force {
        0 if is_market => Ok(TimeInForce::Ioc),
        0 | times::GTC => Ok(TimeInForce::Gtc),
        times::IOC => Ok(TimeInForce::Ioc),
        times::FOK => Ok(TimeInForce::Fok),
        times::DAY => Ok(TimeInForce::Day),
        times::GTD => Ok(TimeInForce::Gtd { until_ns: terms.expires_ns }),
        times::AT_OPEN => Ok(TimeInForce::AtOpen),
        times::AT_CLOSE => Ok(TimeInForce::AtClose),
        _ => Err(Invalid),
    }
}

pub(super) fn self_trade(number: u8) -> Checked<Option<SelfTradePrevention>> {
    let at = usize::from(number);
    match at.checked_sub(1) {
        None => Ok(None),
        Some(at) => SelfTradePrevention::ALL.get(at).copied().map(Some).ok_or(Invalid),
    }
}

fn peg(terms: &Terms) -> Checked<Option<Peg>> {
    let to = match terms.peg_to {
        0 if terms.peg_offset == 0 => return Ok(None),
        values::peg_to::PRIMARY => PegTo::Primary,
        values::peg_to::MARKET => PegTo::Market,
        values::peg_to::MID => PegTo::Mid,
        _ => return Err(Invalid),
    };
    Ok(Some(Peg { to, offset: terms.peg_offset }))
}

pub(super) fn trigger(terms: &Terms) -> Checked<Option<Trigger>> {
    let trail = match (terms.trail_kind, terms.trail) {
        (0, 0) => None,
        (values::trail_kind::TICKS, ticks) => Some(Trail::Ticks(ticks)),
        (values::trail_kind::BASIS_POINTS, points) => Some(Trail::BasisPoints(points)),
        _ => return Err(Invalid),
    };
    let kind = match terms.trigger_kind {
        0 if trail.is_none() && terms.trigger_price == 0 => return Ok(None),
        values::trigger_kind::STOP => TriggerKind::Stop,
        values::trigger_kind::TAKE_PROFIT => TriggerKind::TakeProfit,
        _ => return Err(Invalid),
    };
    let price = (terms.trigger_price != 0).then_some(Price(terms.trigger_price));
    Ok(Some(Trigger { kind, price, trail }))
}

pub(super) fn name(text: &Text<36>) -> Checked<Option<ClientOrderId>> {
    if text.is_none() {
        return Ok(None);
    }
    text.as_str().and_then(ClientOrderId::new).map(Some).ok_or(Invalid)
}

fn order_ref(order_id: u64, client_order_id: &Text<36>) -> Checked<OrderRef> {
    match (order_id, name(client_order_id)?) {
        (0, Some(name)) => Ok(OrderRef::Client(name)),
        (1.., None) => Ok(OrderRef::Id(OrderId(order_id))),
        _ => Err(Invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::super::events::terms;
    use super::*;

    const ACCOUNT: AccountId = AccountId(7);

    fn limit() -> Terms {
        let (side, order_type) = (values::side::BUY, values::order_type::LIMIT);
        Terms { price: 5, qty: 3, side, order_type, instrument: 2, ..Terms::default() }
    }

    fn placed(terms: Terms) -> Checked<PlaceOrder> {
        let order = wire::PlaceOrder { terms, ..wire::PlaceOrder::default() };
        place(ACCOUNT, &order).map(|command| match command {
            Command::Place(order) => order,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_plain_order_says_no_more_than_it_must() {
        let kind = OrderKind::Limit { price: Price(5), qty: Qty(3) };
        assert_eq!(placed(limit()), Ok(PlaceOrder::new(ACCOUNT, InstrumentId(2), Side::Buy, kind)));
        let market = Terms { price: 0, order_type: values::order_type::MARKET, ..limit() };
        assert_eq!(placed(market).map(|order| order.time_in_force), Ok(TimeInForce::Ioc));
    }

    #[test]
    fn whatever_an_order_says_comes_through_and_back() {
        let full = Terms {
            display_qty: 1,
            min_qty: 2,
            trigger_price: 4,
            expires_ns: 9,
            trail: 6,
            peg_offset: -2,
            side: values::side::SELL,
            time_in_force: values::time_in_force::GTD,
            self_trade: values::self_trade::DECREMENT,
            trigger_kind: values::trigger_kind::TAKE_PROFIT,
            trail_kind: values::trail_kind::BASIS_POINTS,
            peg_to: values::peg_to::MID,
            flags: values::flags::ALL,
            ..limit()
        };
        let by_amount = Terms {
            price: 0,
            qty: 0,
            budget: 10_i128.pow(30),
            order_type: values::order_type::MARKET_BY_AMOUNT,
            time_in_force: values::time_in_force::IOC,
            self_trade: values::self_trade::NONE,
            ..limit()
        };
        for asked in [full, by_amount] {
            assert_eq!(terms(&placed(asked).unwrap()), asked);
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for terms in [
            Terms { side: 0, ..limit() },
            Terms { side: 3, ..limit() },
            Terms { order_type: 0, ..limit() },
            Terms { order_type: 9, ..limit() },
            Terms { budget: 1, ..limit() },
            Terms { order_type: values::order_type::MARKET, ..limit() },
            Terms { time_in_force: 8, ..limit() },
            Terms { time_in_force: values::time_in_force::GTD, ..limit() },
            Terms { expires_ns: 1, ..limit() },
            Terms { self_trade: 6, ..limit() },
            Terms { trigger_price: 1, ..limit() },
            Terms { trigger_kind: 3, ..limit() },
            Terms { trail: 1, ..limit() },
            Terms { peg_offset: 1, ..limit() },
            Terms { peg_to: 4, ..limit() },
            Terms { flags: 8, ..limit() },
        ] {
            assert_eq!(placed(terms), Err(Invalid), "{terms:?}");
        }
        let named = Text::new("mine").unwrap();
        for (order_id, client_order_id) in [(0, Text::NONE), (1, named), (0, Text([b' '; 36]))] {
            let refused = wire::Cancel { order_id, client_order_id, ..wire::Cancel::default() };
            assert_eq!(cancel(ACCOUNT, &refused), Err(Invalid));
        }
        assert_eq!(kill_switch(ACCOUNT, &wire::KillSwitch { engaged: 2, ..Default::default() }), Err(Invalid));
    }
}
