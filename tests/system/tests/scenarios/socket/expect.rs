//! What clients must hear of the events that the scenario expects.

use std::collections::HashMap;

use papertape_engine::{
    Accepted, AccountId, Amount, CancelCause, Cancelled, ClientOrderId, Event, FeeAsset, InstrumentId, OrderId,
    OrderKind, OrderRef, PreventedParty, Price, Qty, SelfTradePrevented, SelfTradePrevention, Side, TimeInForce, Trade,
};
use serde_json::{Value, json};

use super::operator::millis;
use super::words::{Listed, kind_word, money, trigger_params};

/// An order as its owner sees it.
struct Known {
    accepted: Accepted,
    /// As amended, and as the venue has priced it.
    kind: OrderKind,
    /// Where a market-to-limit order rests.
    rested_price: Option<Price>,
    triggered_price: Option<Price>,
    filled: Qty,
    filled_quote: Amount,
    /// What was taken off its quantity by [`SelfTradePrevention::Decrement`].
    prevented: Qty,
    leaves: Qty,
    fee: Amount,
    status: &'static str,
    cause: Option<CancelCause>,
}

/// All orders, and what their owners have not heard yet.
#[derive(Default)]
pub(super) struct Expected {
    orders: HashMap<OrderId, Known>,
    /// By account, the pushes of its orders' channel in order.
    pub(super) pushes: HashMap<AccountId, Vec<Value>>,
    /// Orders by budget that came with the command.
    by_budget: Vec<OrderId>,
    /// By instrument, the public trades in order.
    pub(super) trades: HashMap<InstrumentId, Vec<Value>>,
}

impl Expected {
    /// Takes in the events of one command.
    pub(super) fn hear(&mut self, listed: &Listed, events: &[Event]) {
        for event in events {
            self.event(listed, event);
        }
        // The end of a budget that was spent to the last unit is told without an event of its own.
        while let Some(order) = self.by_budget.pop() {
            if let Some(known) = self.orders.get_mut(&order)
                && matches!(known.status, "new" | "partially_filled")
            {
                known.status = "filled";
                self.push_order(listed, order, "cancelled", None);
            }
        }
    }

    /// An order that has come, or comes when its trigger fires.
    fn come(&mut self, order: OrderId) {
        let Some(known) = self.orders.get_mut(&order) else { return };
        let terms = &known.accepted.terms;
        let waits = terms.trigger.is_some() || terms.time_in_force.auction().is_some();
        known.status = if waits { "waiting" } else { "new" };
        if matches!(known.kind, OrderKind::MarketQuote { .. }) {
            self.by_budget.push(order);
        }
    }

    fn event(&mut self, listed: &Listed, event: &Event) {
        match event {
            Event::Accepted(accepted) => {
                let known = Known {
                    accepted: *accepted,
                    kind: accepted.terms.kind,
                    rested_price: None,
                    triggered_price: None,
                    filled: Qty::ZERO,
                    filled_quote: Amount::ZERO,
                    prevented: Qty::ZERO,
                    leaves: accepted.terms.kind.qty().unwrap_or(Qty::ZERO),
                    fee: Amount::ZERO,
                    status: "pending_new",
                    cause: None,
                };
                self.orders.insert(accepted.order, known);
                if !accepted.list.is_some_and(|place| place.pending) {
                    self.come(accepted.order);
                }
                self.push_order(listed, accepted.order, "accepted", None);
            }
            Event::Released { order, .. } => {
                self.come(*order);
                if let Some(known) = self.orders.get_mut(order)
                    && known.accepted.terms.trigger.is_none()
                {
                    known.status = "new";
                }
                self.push_order(listed, *order, "released", None);
            }
            Event::Triggered { order, price, .. } => {
                if let Some(known) = self.orders.get_mut(order) {
                    (known.status, known.triggered_price) = ("new", Some(*price));
                    self.push_order(listed, *order, "triggered", None);
                }
            }
            Event::Rested { order, price, .. } => self.rested(listed, *order, *price),
            Event::Trade(trade) => self.trade(listed, trade),
            Event::SelfTradePrevented(prevented) => self.prevented(listed, prevented),
            Event::Cancelled(cancelled) => self.cancelled(listed, cancelled),
            Event::Amended(amended) => {
                if let Some(known) = self.orders.get_mut(&amended.order) {
                    if let OrderKind::MarketToLimit { qty } = &mut known.kind {
                        (*qty, known.rested_price) = (amended.qty, Some(amended.price));
                    } else {
                        known.kind = OrderKind::Limit { price: amended.price, qty: amended.qty };
                    }
                    known.leaves = amended.leaves_qty;
                    self.push_order(listed, amended.order, "amended", None);
                }
            }
            Event::Rejected { account: Some(account), client_order_id, reason, .. } => {
                let mut push = json!({"event": "rejected", "error": {"code": reason.name()}});
                push["client_order_id"] = json!(client_order_id.map(|name| name.to_string()));
                self.pushes.entry(*account).or_default().push(push);
            }
            _ => {}
        }
    }

    /// The owner hears of it where the venue has chosen the price.
    fn rested(&mut self, listed: &Listed, order: OrderId, at: Price) {
        let Some(known) = self.orders.get_mut(&order) else { return };
        if matches!(known.kind, OrderKind::Market { .. }) {
            // The worst price that it may get in its auction is not its price.
            return;
        }
        let price = match &mut known.kind {
            OrderKind::Limit { price, .. } => price,
            _ => known.rested_price.get_or_insert_default(),
        };
        if *price != at {
            *price = at;
            self.push_order(listed, order, "rested", None);
        }
    }

    fn trade(&mut self, listed: &Listed, trade: &Trade) {
        let Some(instrument) = listed.instrument(trade.instrument) else { return };
        let (price, qty) = (instrument.format_price(trade.price), instrument.format_qty(trade.qty));
        let taker = trade.aggressor.map(Side::name);
        let public = json!({"id": trade.id.0, "price": price, "qty": qty, "taker_side": taker});
        self.trades.entry(trade.instrument).or_default().push(public);
        for side in [Side::Buy, Side::Sell] {
            let party = trade.party(side);
            let Some(known) = self.orders.get_mut(&party.order) else { continue };
            known.filled += trade.qty;
            known.filled_quote += instrument.quote_value(trade.price * trade.qty).unwrap();
            known.fee += party.fee;
            let by_budget = matches!(known.kind, OrderKind::MarketQuote { .. });
            known.leaves = if by_budget { Qty::ZERO } else { party.leaves_qty };
            let is_whole = party.leaves_qty.is_zero() && !by_budget;
            known.status = if is_whole { "filled" } else { "partially_filled" };
            let in_base = side == Side::Buy && instrument.spec.fee_asset == FeeAsset::Received;
            let asset = if in_base { instrument.base } else { instrument.quote };
            let liquidity = match trade.aggressor {
                None => "auction",
                Some(taker) if taker == side => "taker",
                Some(_) => "maker",
            };
            let fill = json!({"trade_id": trade.id.0, "price": price, "qty": qty, "fee": money(&asset, party.fee),
                "fee_asset": asset.symbol.as_str(), "liquidity": liquidity});
            self.push_order(listed, party.order, "trade", Some(fill));
        }
    }

    /// Both owners hear of it, the one whose order came first of all.
    fn prevented(&mut self, listed: &Listed, prevented: &SelfTradePrevented) {
        let Some(instrument) = listed.instrument(prevented.instrument) else { return };
        let SelfTradePrevented { mode, price, qty, taker, maker, .. } = *prevented;
        let decremented = if mode == SelfTradePrevention::Decrement { qty } else { Qty::ZERO };
        for (party, other) in [(taker, maker), (maker, taker)] {
            let PreventedParty { order, leaves_qty, .. } = party;
            let Some(known) = self.orders.get_mut(&order) else { continue };
            known.prevented += decremented;
            let by_budget = matches!(known.kind, OrderKind::MarketQuote { .. });
            known.leaves = if by_budget { Qty::ZERO } else { leaves_qty };
            if let OrderKind::Limit { qty, .. } | OrderKind::Market { qty } | OrderKind::MarketToLimit { qty } =
                &mut known.kind
            {
                *qty = Qty(qty.0.saturating_sub(decremented.0));
            }
            let what = json!({
                "price": instrument.format_price(price),
                "qty": instrument.format_qty(qty),
                "other_order_id": other.order.to_string(),
            });
            self.push_with(listed, order, "self_trade_prevented", ("prevented", Some(what)));
        }
    }

    fn cancelled(&mut self, listed: &Listed, cancelled: &Cancelled) {
        let Some(known) = self.orders.get_mut(&cancelled.order) else { return };
        known.leaves = Qty::ZERO;
        if cancelled.cause == CancelCause::BudgetSpent && !known.filled.is_zero() {
            known.status = "filled";
        } else {
            (known.status, known.cause) = ("cancelled", Some(cancelled.cause));
        }
        self.push_order(listed, cancelled.order, "cancelled", None);
    }

    fn push_order(&mut self, listed: &Listed, order: OrderId, event: &str, fill: Option<Value>) {
        self.push_with(listed, order, event, ("fill", fill));
    }

    /// A push with an order as it is now, and with what happened to it under a name of its own.
    fn push_with(&mut self, listed: &Listed, order: OrderId, event: &str, (name, what): (&str, Option<Value>)) {
        let Some(known) = self.orders.get(&order) else { return };
        let mut push = json!({"event": event, "data": shown(listed, known)});
        if let Some(what) = what {
            push[name] = what;
        }
        self.pushes.entry(known.accepted.terms.account).or_default().push(push);
    }

    /// An order as an answer shows it now.
    pub(super) fn order(&self, listed: &Listed, order: OrderId) -> Value {
        self.orders.get(&order).map_or(Value::Null, |known| shown(listed, known))
    }

    /// A list as an answer shows it now.
    pub(super) fn list(&self, listed: &Listed, list: OrderId) -> Value {
        let is_of = |known: &&Known| known.accepted.list.is_some_and(|place| place.list == list);
        let mut orders: Vec<&Known> = self.orders.values().filter(is_of).collect();
        orders.sort_by_key(|known| known.accepted.order);
        let orders: Vec<Value> = orders.into_iter().map(|known| shown(listed, known)).collect();
        json!({"list_id": list.to_string(), "orders": orders})
    }

    /// The account's order that is meant, open or not, and where it is.
    pub(super) fn find(&self, account: AccountId, order: OrderRef) -> Option<(OrderId, InstrumentId)> {
        let named = |name: ClientOrderId| {
            let of = |known: &&Known| {
                let terms = &known.accepted.terms;
                terms.account == account && terms.client_order_id == Some(name)
            };
            self.orders.values().filter(of).max_by_key(|known| known.accepted.order)
        };
        let known = match order {
            OrderRef::Id(id) => self.orders.get(&id).filter(|known| known.accepted.terms.account == account),
            OrderRef::Client(name) => named(name),
        };
        known.map(|known| (known.accepted.order, known.accepted.terms.instrument))
    }
}

/// The fields of an order's message.
fn shown(listed: &Listed, known: &Known) -> Value {
    let Known { accepted, .. } = known;
    let terms = &accepted.terms;
    let Some(instrument) = listed.instrument(terms.instrument) else { return Value::Null };
    let (price, budget) = match known.kind {
        OrderKind::Limit { price, .. } => (Some(price), None),
        OrderKind::Market { .. } => (None, None),
        OrderKind::MarketToLimit { .. } => (known.rested_price, None),
        OrderKind::MarketQuote { budget } => (None, Some(budget)),
    };
    let (qty, price_text) =
        (known.kind.qty(), |price: Option<Price>| price.map(|price| instrument.format_price(price)));
    let in_base = terms.side == Side::Buy && instrument.spec.fee_asset == FeeAsset::Received;
    let fee_asset = if in_base { instrument.base } else { instrument.quote };
    json!({
        "order_id": accepted.order.to_string(),
        "client_order_id": terms.client_order_id.map(|name| name.to_string()),
        "symbol": instrument.spec.symbol.as_str(),
        "side": terms.side.name(),
        "type": kind_word(&known.kind),
        "min_qty": Some(terms.min_qty).filter(|qty| !qty.is_zero()).map(|qty| instrument.format_qty(qty)),
        "display_qty": terms.display_qty.map(|qty| instrument.format_qty(qty)),
        "trigger": terms.trigger.map(|trigger| trigger_params(instrument, &trigger)),
        "triggered_price": price_text(known.triggered_price),
        "list_id": accepted.list.map(|place| place.list.to_string()),
        "time_in_force": terms.time_in_force.name(),
        "expires_at_ms": match terms.time_in_force {
            TimeInForce::Gtd { until_ns } => Some(millis(until_ns)),
            _ => None,
        },
        "post_only": terms.post_only,
        "reduce_only": terms.reduce_only,
        "imbalance_only": terms.imbalance_only,
        "peg": terms.peg.map(|peg| {
            let limit = if let OrderKind::Limit { price, .. } = terms.kind { price_text(Some(price)) } else { None };
            json!({"to": peg.to.name(), "offset_ticks": peg.offset, "limit": limit})
        }),
        "self_trade_prevention": accepted.self_trade_prevention().name(),
        "price": price_text(price),
        "qty": qty.map(|qty| instrument.format_qty(qty)),
        "quote_qty": budget.map(|budget| money(&instrument.quote, budget)),
        "filled_qty": instrument.format_qty(known.filled),
        "filled_quote": money(&instrument.quote, known.filled_quote),
        "prevented_qty": instrument.format_qty(known.prevented),
        "leaves_qty": instrument.format_qty(known.leaves),
        "status": known.status,
        "cancel_reason": known.cause.map(CancelCause::name),
        "fee": money(&fee_asset, known.fee),
        "fee_asset": fee_asset.symbol.as_str(),
    })
}

/// Whether `heard` says everything that `expected` says; the first field that it does not.
pub(super) fn says(heard: &Value, expected: &Value) -> Result<(), String> {
    match expected {
        Value::Object(fields) => fields
            .iter()
            .try_for_each(|(name, field)| says(&heard[name], field).map_err(|what| format!("{name}: {what}"))),
        Value::Array(rows) => {
            let heard = heard.as_array().ok_or_else(|| format!("expected {expected}, heard {heard}"))?;
            if heard.len() != rows.len() {
                return Err(format!("expected {} rows, heard {}", rows.len(), heard.len()));
            }
            heard.iter().zip(rows).try_for_each(|(heard, row)| says(heard, row))
        }
        _ if heard == expected => Ok(()),
        _ => Err(format!("expected {expected}, heard {heard}")),
    }
}
