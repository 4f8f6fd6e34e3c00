//! Commands as a client would say them, in the decimals of the instrument.

use papertape_engine::{AmendOrder, Amount, Asset, Command, Instrument, InstrumentId, OrderKind, OrderRef, PlaceOrder};
use serde_json::{Value, json};

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

    /// The symbol; one that is not listed if the number is not.
    pub(super) fn symbol(&self, id: InstrumentId) -> String {
        self.instrument(id).map_or_else(|| format!("NONE-{id}"), |known| known.spec.symbol.to_string())
    }
}

/// The message of a command about orders; `None` if clients have no such message.
pub(super) fn message(listed: &Listed, command: &Command, of: InstrumentId) -> Option<Value> {
    match command {
        Command::Place(place) => Some(json!({"op": "order.place", "params": place_params(listed, place)})),
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
    let mut params = json!({
        "symbol": listed.symbol(place.instrument),
        "side": place.side.name(),
        "type": if matches!(place.kind, OrderKind::Limit { .. }) { "limit" } else { "market" },
        "time_in_force": place.time_in_force.name(),
        "post_only": place.post_only,
    });
    if let Some(mode) = place.self_trade_prevention {
        params["self_trade_prevention"] = json!(mode.name());
    }
    if let Some(name) = place.client_order_id {
        params["client_order_id"] = json!(name.as_str());
    }
    // Of a market that is not listed nobody knows the decimals: any will do.
    let Some(instrument) = listed.instrument(place.instrument).or(listed.instruments.first()) else { return params };
    match place.kind {
        OrderKind::Limit { price, qty } => {
            params["price"] = json!(instrument.format_price(price));
            params["qty"] = json!(instrument.format_qty(qty));
        }
        OrderKind::Market { qty } => params["qty"] = json!(instrument.format_qty(qty)),
        OrderKind::MarketQuote { budget } => params["quote_qty"] = json!(instrument.quote.format(budget)),
    }
    params
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
