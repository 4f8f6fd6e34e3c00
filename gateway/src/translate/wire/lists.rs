//! Lists of orders become commands.

use papertape_engine::{AccountId, Command, InstrumentId, Leg, ListOrders, PlaceList};
use papertape_wire::{self as wire, Terms, values};

use super::Invalid;
use super::commands::{self, Checked};

/// A new list of `account`.
pub(crate) fn place_list(account: AccountId, list: &wire::PlaceList) -> Checked<Command> {
    let (first, second, third) = (&list.first.0, &list.second.0, &list.third.0);
    let orders = match (list.list_type, *third == wire::Leg::default()) {
        (values::list_type::OCO, true) => ListOrders::Oco([leg(first)?, leg(second)?]),
        (values::list_type::OTO, true) => ListOrders::Oto { working: leg(first)?, pending: leg(second)? },
        (values::list_type::OTOCO, false) => {
            ListOrders::Otoco { working: leg(first)?, pending: [leg(second)?, leg(third)?] }
        }
        _ => return Err(Invalid),
    };
    Ok(Command::PlaceList(PlaceList {
        account,
        instrument: InstrumentId(list.instrument),
        orders,
        self_trade_prevention: commands::self_trade(list.self_trade)?,
        client_order_id: commands::name(&list.client_order_id)?,
    }))
}

/// One order of a list: as a single order says it, which has all that it has.
fn leg(leg: &wire::Leg) -> Checked<Leg> {
    if leg.flags & !values::flags::POST_ONLY != 0 {
        return Err(Invalid);
    }
    let terms = Terms {
        price: leg.price,
        qty: leg.qty,
        budget: leg.budget,
        trigger_price: leg.trigger_price,
        expires_ns: leg.expires_ns,
        trail: leg.trail,
        side: leg.side,
        order_type: leg.order_type,
        time_in_force: leg.time_in_force,
        trigger_kind: leg.trigger_kind,
        trail_kind: leg.trail_kind,
        ..Terms::default()
    };
    let kind = commands::kind(&terms)?;
    Ok(Leg {
        side: commands::side(terms.side)?.ok_or(Invalid)?,
        kind,
        time_in_force: commands::time_in_force(&terms, kind)?,
        post_only: leg.flags & values::flags::POST_ONLY != 0,
        trigger: commands::trigger(&terms)?,
    })
}

#[cfg(test)]
mod tests {
    use papertape_engine::{OrderKind, Price, Qty, Side, TimeInForce, TriggerKind};
    use papertape_wire::LegAt;

    use super::*;

    fn limit(price: u64, side: u8) -> wire::Leg {
        wire::Leg { price, qty: 3, side, order_type: values::order_type::LIMIT, ..wire::Leg::default() }
    }

    fn stop(price: u64) -> wire::Leg {
        wire::Leg {
            trigger_price: price,
            trigger_kind: values::trigger_kind::STOP,
            order_type: values::order_type::MARKET,
            price: 0,
            ..limit(0, values::side::SELL)
        }
    }

    fn bracket() -> wire::PlaceList {
        wire::PlaceList {
            instrument: 2,
            list_type: values::list_type::OTOCO,
            first: LegAt(limit(60, values::side::BUY)),
            second: LegAt(limit(63, values::side::SELL)),
            third: LegAt(stop(58)),
            ..wire::PlaceList::default()
        }
    }

    #[test]
    fn a_bracket_comes_through() {
        let Ok(Command::PlaceList(list)) = place_list(AccountId(7), &bracket()) else { panic!() };
        let ListOrders::Otoco { working, pending: [target, stop] } = list.orders else { panic!("{list:?}") };
        assert_eq!((list.account, list.instrument, working.side), (AccountId(7), InstrumentId(2), Side::Buy));
        assert_eq!(target.kind, OrderKind::Limit { price: Price(63), qty: Qty(3) });
        assert_eq!((stop.kind, stop.time_in_force), (OrderKind::Market { qty: Qty(3) }, TimeInForce::Ioc));
        assert_eq!(
            stop.trigger.map(|trigger| (trigger.kind, trigger.price)),
            Some((TriggerKind::Stop, Some(Price(58))))
        );
    }

    #[test]
    fn lists_that_cannot_be_are_refused() {
        let whole = bracket();
        for list in [
            wire::PlaceList { list_type: 0, ..whole },
            wire::PlaceList { list_type: values::list_type::OCO, ..whole },
            wire::PlaceList { third: LegAt::default(), ..whole },
            wire::PlaceList { second: LegAt::default(), ..whole },
            wire::PlaceList { first: LegAt(wire::Leg { flags: 2, ..whole.first.0 }), ..whole },
            wire::PlaceList { self_trade: 9, ..whole },
        ] {
            assert_eq!(place_list(AccountId(7), &list), Err(Invalid), "{list:?}");
        }
    }
}
