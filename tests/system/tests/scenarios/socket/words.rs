//! Commands as a client would say them, in the decimals of the instrument.

use papertape_engine::{
    AmendOrder, Amount, Asset, Command, Instrument, InstrumentId, Leg, OrderKind, OrderRef, PlaceList, PlaceOrder,
    Price, TimeInForce, Trail, Trigger,
};
use serde_json::{Value, json};

use super::operator::millis;

/// What is listed, as every client knows it.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) assets: Vec<Asset>,
    pub(super) instruments: Vec<Instrument>,
}

impl Listed {
    pub(super) fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        self.instruments.get(usize::from(id.0))
    }

    /// Of a market that is not listed nobody knows the decimals: any will do.
    pub(super) fn any(&self, id: InstrumentId) -> Option<&Instrument> {
        self.instrument(id).or(self.instruments.first())
    }

    /// The symbol; one that is not listed if the number is not.
    pub(super) fn symbol(&self, id: InstrumentId) -> String {
        self.instrument(id).map_or_else(|| format!("NONE-{id}"), |known| known.spec.symbol.to_string())
    }
}

/// The message of a command about orders; `None` if clients have no such message.
pub(super) fn message(listed: &Listed, command: &Command, of: InstrumentId) -> Option<Value> {
    match command {
        Command::Place(place) => Some(json!({"op": "order.place", "params": place_params(listed, place)})),
        Command::PlaceList(list) => Some(json!({"op": "order_list.place", "params": list_params(listed, list)})),
        Command::SetKillSwitch { engaged, .. } => {
            Some(json!({"op": "account.kill_switch", "params": {"engaged": engaged}}))
        }
        Command::Cancel { order, .. } => Some(json!({"op": "order.cancel", "params": order_params(order)})),
        Command::Amend(amend) => {
            Some(json!({"op": "order.amend", "params": amend_params(listed.instrument(of)?, amend)}))
        }
        Command::CancelAll { instrument, side, .. } => {
            let mut params = json!({});
            if let Some(instrument) = instrument {
                params["symbol"] = json!(listed.symbol(*instrument));
            }
            if let Some(side) = side {
                params["side"] = json!(side.name());
            }
            Some(json!({"op": "order.cancel_all", "params": params}))
        }
        _ => None,
    }
}

fn place_params(listed: &Listed, place: &PlaceOrder) -> Value {
    let PlaceOrder { side, kind, time_in_force, post_only, trigger, .. } = *place;
    let mut params = leg_params(listed, place.instrument, &Leg { side, kind, time_in_force, post_only, trigger });
    params["symbol"] = json!(listed.symbol(place.instrument));
    if let Some(mode) = place.self_trade_prevention {
        params["self_trade_prevention"] = json!(mode.name());
    }
    if let Some(name) = place.client_order_id {
        params["client_order_id"] = json!(name.as_str());
    }
    if let (Some(display), Some(instrument)) = (place.display_qty, listed.any(place.instrument)) {
        params["display_qty"] = json!(instrument.format_qty(display));
    }
    if let (false, Some(instrument)) = (place.min_qty.is_zero(), listed.any(place.instrument)) {
        params["min_qty"] = json!(instrument.format_qty(place.min_qty));
    }
    if let Some(peg) = place.peg {
        params["peg"] = json!({"to": peg.to.name(), "offset_ticks": peg.offset});
    }
    if place.reduce_only {
        params["reduce_only"] = json!(true);
    }
    if place.imbalance_only {
        params["imbalance_only"] = json!(true);
    }
    params
}

fn list_params(listed: &Listed, list: &PlaceList) -> Value {
    let legs: Vec<Value> = list.orders.legs().map(|leg| leg_params(listed, list.instrument, leg)).collect();
    let mut params = json!({"type": list.orders.name(), "symbol": listed.symbol(list.instrument), "orders": legs});
    if let Some(mode) = list.self_trade_prevention {
        params["self_trade_prevention"] = json!(mode.name());
    }
    if let Some(name) = list.client_order_id {
        params["client_order_id"] = json!(name.as_str());
    }
    params
}

/// What an order of a list says, and any order too.
fn leg_params(listed: &Listed, instrument: InstrumentId, leg: &Leg) -> Value {
    let mut params = json!({
        "side": leg.side.name(),
        "type": kind_word(&leg.kind),
        "time_in_force": leg.time_in_force.name(),
        "post_only": leg.post_only,
    });
    if let TimeInForce::Gtd { until_ns } = leg.time_in_force {
        params["expires_at_ms"] = json!(millis(until_ns));
    }
    let Some(instrument) = listed.any(instrument) else { return params };
    match leg.kind {
        OrderKind::Limit { price, .. } => params["price"] = json!(instrument.format_price(price)),
        OrderKind::MarketQuote { budget } => params["quote_qty"] = json!(instrument.quote.format(budget)),
        OrderKind::Market { .. } | OrderKind::MarketToLimit { .. } => {}
    }
    if let Some(qty) = leg.kind.qty() {
        params["qty"] = json!(instrument.format_qty(qty));
    }
    if let Some(trigger) = leg.trigger {
        params["trigger"] = trigger_params(instrument, &trigger);
    }
    params
}

/// `limit`, `market` or `market_to_limit`.
pub(super) fn kind_word(kind: &OrderKind) -> &'static str {
    match kind {
        OrderKind::Limit { .. } => "limit",
        OrderKind::Market { .. } | OrderKind::MarketQuote { .. } => "market",
        OrderKind::MarketToLimit { .. } => "market_to_limit",
    }
}

/// What an order waits for, as it comes and as it goes.
pub(super) fn trigger_params(instrument: &Instrument, trigger: &Trigger) -> Value {
    let (trail, trail_bps) = match trigger.trail {
        None => (None, None),
        Some(Trail::Ticks(ticks)) => (Some(instrument.format_price(Price(ticks.into()))), None),
        Some(Trail::BasisPoints(points)) => (None, Some(points)),
    };
    let price = trigger.price.map(|price| instrument.format_price(price));
    json!({"kind": trigger.kind.name(), "price": price, "trail": trail, "trail_bps": trail_bps})
}

fn order_params(order: &OrderRef) -> Value {
    match order {
        OrderRef::Id(id) => json!({"order_id": id.to_string()}),
        OrderRef::Client(name) => json!({"client_order_id": name.as_str()}),
    }
}

fn amend_params(instrument: &Instrument, amend: &AmendOrder) -> Value {
    let mut params = order_params(&amend.order);
    if let Some(price) = amend.price {
        params["price"] = json!(instrument.format_price(price));
    }
    if let Some(qty) = amend.qty {
        params["qty"] = json!(instrument.format_qty(qty));
    }
    params
}

/// Money without zeros at the end.
pub(super) fn money(asset: &Asset, amount: Amount) -> String {
    let text = asset.format(amount);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
