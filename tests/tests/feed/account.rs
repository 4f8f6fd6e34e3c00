//! What a client knows of its own account.

use std::collections::BTreeMap;

use serde_json::Value;

/// Open orders, balances and positions.
#[derive(Default)]
pub(super) struct Account {
    orders: BTreeMap<u64, Value>,
    balances: BTreeMap<String, Value>,
    positions: BTreeMap<String, Value>,
}

impl Account {
    pub(super) fn orders(&mut self, message: &Value) {
        if message["type"] == "snapshot" {
            self.orders.clear();
            message["data"].as_array().unwrap().iter().for_each(|order| self.order(order));
        } else if message["data"].is_object() {
            self.order(&message["data"]);
        }
    }

    fn order(&mut self, order: &Value) {
        let id = order["order_id"].as_str().unwrap().parse().unwrap();
        if matches!(order["status"].as_str().unwrap(), "filled" | "cancelled") {
            self.orders.remove(&id);
        } else {
            self.orders.insert(id, order.clone());
        }
    }

    pub(super) fn balances(&mut self, message: &Value) {
        keyed(&mut self.balances, message, "asset");
    }

    pub(super) fn positions(&mut self, message: &Value) {
        keyed(&mut self.positions, message, "symbol");
    }

    /// Compares with what REST shows.
    pub(super) fn compare(&self, open: &Value, account: &Value) -> Result<(), String> {
        let mut shown: Vec<Value> = open.as_array().unwrap().clone();
        shown.iter_mut().for_each(|order| drop(order.as_object_mut().unwrap().remove("queue")));
        shown.sort_by_key(|order| order["order_id"].as_str().unwrap().parse::<u64>().unwrap());
        equal("open orders", &self.orders.values().cloned().collect(), &shown)?;
        equal("balances", &sorted(&self.balances), &by(account, "balances", "asset"))?;
        // What a position is worth is told each second.
        let worthless = |position: &Value| {
            let mut position = position.clone();
            for field in ["mark_price", "unrealized_pnl"] {
                position.as_object_mut().unwrap().remove(field);
            }
            position
        };
        let mine = sorted(&self.positions).iter().map(worthless).collect();
        equal("positions", &mine, &by(account, "positions", "symbol").iter().map(worthless).collect())
    }
}

fn keyed(known: &mut BTreeMap<String, Value>, message: &Value, key: &str) {
    if message["type"] == "snapshot" {
        known.clear();
    }
    for entry in message["data"].as_array().unwrap() {
        known.insert(entry[key].as_str().unwrap().to_owned(), entry.clone());
    }
}

fn sorted(known: &BTreeMap<String, Value>) -> Vec<Value> {
    known.values().cloned().collect()
}

fn by(account: &Value, list: &str, key: &str) -> Vec<Value> {
    let mut entries = account[list].as_array().unwrap().clone();
    entries.sort_by_key(|entry| entry[key].as_str().unwrap().to_owned());
    entries
}

fn equal(what: &str, mine: &Vec<Value>, shown: &Vec<Value>) -> Result<(), String> {
    if mine == shown { Ok(()) } else { Err(format!("{what} differ:\n{mine:?}\n{shown:?}")) }
}
