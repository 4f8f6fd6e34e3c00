//! What an order asks for.

use papertape_engine::{
    InstrumentId, Leg, ListOrders, OrderKind, Peg, PlaceList, PlaceOrder, Qty, SelfTradePrevention, Side, TimeInForce,
    Trail, Trigger, TriggerKind,
};

use super::names::Names;
use super::utc::utc;

impl Names<'_> {
    /// `buy 0.5 BTC-USD at 70000.00, good till cancelled, post-only`.
    pub fn order(self, order: &PlaceOrder) -> String {
        let at = order.instrument;
        let mut words = self.asked_of(at, order.side, &order.kind);
        words.push_str(&format!(", {}", time_in_force(order.time_in_force)));
        if order.post_only {
            words.push_str(", post-only");
        }
        match order.display_qty {
            None => {}
            Some(Qty::ZERO) => words.push_str(", hidden"),
            Some(shown) => words.push_str(&format!(", showing {} at a time", self.qty(at, shown))),
        }
        if !order.min_qty.is_zero() {
            words.push_str(&format!(", at least {} at once or nothing", self.qty(at, order.min_qty)));
        }
        if order.reduce_only {
            words.push_str(", reduce-only");
        }
        if order.imbalance_only {
            words.push_str(", imbalance-only");
        }
        if let Some(peg) = &order.peg {
            words.push_str(&format!(", {}", pegged(peg)));
        }
        if let Some(trigger) = &order.trigger {
            words.push_str(&format!(", {}", self.trigger(at, trigger)));
        }
        if let Some(mode) = order.self_trade_prevention {
            words.push_str(&format!(", {}", prevention(mode)));
        }
        if let Some(name) = order.client_order_id {
            words.push_str(&format!(", named \"{name}\""));
        }
        words
    }

    /// `one cancels the other: sell 5 BTC-USD at 105.00, …; or sell …`.
    pub fn list(self, list: &PlaceList) -> String {
        let leg = |leg: &Leg| {
            // The list's mode and name are told once, for all of them.
            let order = PlaceOrder { self_trade_prevention: None, client_order_id: None, ..list.order(leg) };
            self.order(&order)
        };
        let mut words = match &list.orders {
            ListOrders::Oco([first, second]) => {
                format!("one cancels the other: {}; or {}", leg(first), leg(second))
            }
            ListOrders::Oto { working, pending } => {
                format!("one triggers the other: {}; then {}", leg(working), leg(pending))
            }
            ListOrders::Otoco { working, pending: [first, second] } => {
                format!(
                    "one triggers two, which cancel each other: {}; then {}; or {}",
                    leg(working),
                    leg(first),
                    leg(second)
                )
            }
        };
        if let Some(mode) = list.self_trade_prevention {
            words.push_str(&format!("; {}", prevention(mode)));
        }
        if let Some(name) = list.client_order_id {
            words.push_str(&format!("; named \"{name}\""));
        }
        words
    }

    fn asked_of(self, at: InstrumentId, side: Side, kind: &OrderKind) -> String {
        let (side, symbol) = (side.name(), self.symbol(at));
        match *kind {
            OrderKind::Limit { price, qty } => {
                format!("{side} {} {symbol} at {}", self.qty(at, qty), self.price(at, price))
            }
            OrderKind::Market { qty } => format!("{side} {} {symbol} at market", self.qty(at, qty)),
            OrderKind::MarketQuote { budget } => {
                format!("{side} {symbol} at market for at most {}", self.quote_money(at, budget))
            }
            OrderKind::MarketToLimit { qty } => {
                format!("{side} {} {symbol} at market, the rest a limit order", self.qty(at, qty))
            }
        }
    }

    fn trigger(self, at: InstrumentId, trigger: &Trigger) -> String {
        let kind = match trigger.kind {
            TriggerKind::Stop => "stop",
            TriggerKind::TakeProfit => "take profit",
        };
        let price = trigger.price.map(|price| format!(" at {}", self.price(at, price))).unwrap_or_default();
        let trail = match trigger.trail {
            None => String::new(),
            Some(Trail::Ticks(ticks)) => format!(", trailing by {ticks} ticks"),
            Some(Trail::BasisPoints(points)) => format!(", trailing by {points} basis points"),
        };
        format!("{kind}{price}{trail}")
    }
}

fn pegged(peg: &Peg) -> String {
    let offset = match peg.offset {
        0 => String::new(),
        ticks => format!(" {ticks:+} ticks"),
    };
    format!("pegged to {}{offset}", peg.to.name())
}

pub(crate) fn time_in_force(time_in_force: TimeInForce) -> String {
    match time_in_force {
        TimeInForce::Gtc => "good till cancelled".to_owned(),
        TimeInForce::Ioc => "immediate or cancel".to_owned(),
        TimeInForce::Fok => "fill or kill".to_owned(),
        TimeInForce::Day => "for the day".to_owned(),
        TimeInForce::Gtd { until_ns } => format!("until {}", utc(until_ns)),
        TimeInForce::AtOpen => "at the open".to_owned(),
        TimeInForce::AtClose => "at the close".to_owned(),
    }
}

pub(crate) fn prevention(mode: SelfTradePrevention) -> &'static str {
    match mode {
        SelfTradePrevention::None => "may trade with own orders",
        SelfTradePrevention::CancelTaker => "cancels itself before own orders",
        SelfTradePrevention::CancelMaker => "cancels own orders before it",
        SelfTradePrevention::CancelBoth => "cancels itself and own orders before it",
        SelfTradePrevention::Decrement => "shrinks itself and own orders before it",
    }
}
