//! What a client knows of its own account, and the same as the venue told it elsewhere.

use std::collections::BTreeMap;

use papertape_engine::AccountId;
use serde_json::{Value, json};

use crate::truth::{Kind, Truth};

/// Open orders, balances and positions.
pub(super) struct Account {
    id: AccountId,
    orders: BTreeMap<u64, Value>,
    balances: BTreeMap<String, Value>,
    positions: BTreeMap<String, Value>,
    /// The same as of the command that each channel has told last.
    replicas: [Replica; 3],
    /// The last command and the last number that were told of orders.
    orders_at: Option<(u64, u64)>,
}

impl Account {
    pub(super) fn new(id: AccountId) -> Self {
        let replicas = [Kind::Order, Kind::Balance, Kind::Position].map(Replica::new);
        Self {
            id,
            orders: BTreeMap::new(),
            balances: BTreeMap::new(),
            positions: BTreeMap::new(),
            replicas,
            orders_at: None,
        }
    }

    /// Takes in a message about orders. What was known before it is what the venue had before its command.
    pub(super) fn orders(&mut self, message: &Value, truth: &mut Truth) -> Result<(), String> {
        let (seq, sequence) = (number(message, "seq")?, number(message, "sequence")?);
        if message["type"] == "snapshot" {
            self.orders = keyed_by_number(message["data"].as_array().unwrap());
            self.orders_at = Some((seq, sequence));
            return self.compare_orders(seq, truth);
        }
        let (seq_before, sequence_before) = self.orders_at.ok_or("an update comes before its snapshot")?;
        if seq < seq_before || sequence < sequence_before {
            return Err(format!("{message} comes after command {seq_before}, message {sequence_before}"));
        }
        if seq > seq_before {
            self.compare_orders(seq - 1, truth)?;
        }
        self.orders_at = Some((seq, sequence));
        self.is_so(message, sequence, truth, seq)?;
        if message["event"] != "rejected" {
            self.order(&message["data"]);
        }
        Ok(())
    }

    /// The message with this number says what it says over every wire.
    fn is_so(&self, message: &Value, sequence: u64, truth: &mut Truth, seq: u64) -> Result<(), String> {
        truth.hear_all(seq);
        let text = |field: &str| message["data"][field].as_str().unwrap_or_default().to_owned();
        let mine = match message["event"].as_str() {
            Some("rejected") => ("rejected", String::new(), String::new(), String::new()),
            event => (event.unwrap_or_default(), text("order_id"), text("status"), text("leaves_qty")),
        };
        let lines = truth.order_lines(self.id, sequence);
        if lines.contains(&mine) {
            return Ok(());
        }
        Err(format!("message {sequence} is {lines:?}, and was told as {message}"))
    }

    fn order(&mut self, order: &Value) {
        let id = order["order_id"].as_str().unwrap().parse().unwrap();
        if matches!(order["status"].as_str().unwrap(), "filled" | "cancelled") {
            self.orders.remove(&id);
        } else {
            self.orders.insert(id, order.clone());
        }
    }

    fn compare_orders(&mut self, seq: u64, truth: &mut Truth) -> Result<(), String> {
        let short = |order: &Value| json!({"status": order["status"], "leaves_qty": order["leaves_qty"]});
        let mine = self.orders.iter().map(|(id, order)| (id.to_string(), short(order))).collect();
        self.replicas[0].compare(truth, self.id, seq, &mine)
    }

    pub(super) fn balances(&mut self, message: &Value, truth: &mut Truth) -> Result<(), String> {
        keyed(&mut self.balances, message, "asset");
        self.replicas[1].compare(truth, self.id, number(message, "seq")?, &self.balances)
    }

    pub(super) fn positions(&mut self, message: &Value, truth: &mut Truth) -> Result<(), String> {
        keyed(&mut self.positions, message, "symbol");
        let mine = self.positions.iter().map(|(symbol, is)| (symbol.clone(), worthless(is))).collect();
        self.replicas[2].compare(truth, self.id, number(message, "seq")?, &mine)
    }

    /// Compares with what REST shows; of orders in short, where they were told in binary messages.
    pub(super) fn compare(&self, open: &Value, account: &Value, in_short: bool) -> Result<(), String> {
        let mut shown: Vec<Value> = open.as_array().unwrap().clone();
        shown.iter_mut().for_each(|order| drop(order.as_object_mut().unwrap().remove("queue")));
        if in_short {
            let short = |order: &Value| json!({"order_id": order["order_id"], "status": order["status"], "leaves_qty": order["leaves_qty"]});
            shown = shown.iter().map(short).collect();
        }
        shown.sort_by_key(|order| order["order_id"].as_str().unwrap().parse::<u64>().unwrap());
        equal("open orders", &self.orders.values().cloned().collect(), &shown)?;
        equal("balances", &sorted(&self.balances), &by(account, "balances", "asset"))?;
        let mine = sorted(&self.positions).iter().map(worthless).collect();
        equal("positions", &mine, &by(account, "positions", "symbol").iter().map(worthless).collect())
    }
}

/// One kind of what an account has, as of a command: made from what the venue told, and from nothing of the gateway's.
struct Replica {
    kind: Kind,
    /// How many changes are in it.
    taken: usize,
    known: BTreeMap<String, Value>,
}

impl Replica {
    fn new(kind: Kind) -> Self {
        Self { kind, taken: 0, known: BTreeMap::new() }
    }

    /// Goes on to a command, and compares. Commands do not go back.
    fn compare(
        &mut self,
        truth: &mut Truth,
        account: AccountId,
        seq: u64,
        mine: &BTreeMap<String, Value>,
    ) -> Result<(), String> {
        truth.hear_all(seq);
        let changes = &truth.changed(account)[self.taken..];
        for (_, kind, name, is) in changes.iter().take_while(|changed| changed.0 <= seq) {
            self.taken += 1;
            match is {
                _ if *kind != self.kind => {}
                Some(is) => drop(self.known.insert(name.clone(), is.clone())),
                None => drop(self.known.remove(name)),
            }
        }
        if *mine == self.known {
            return Ok(());
        }
        Err(format!("{:?} at command {seq} are {:?}, and were told as {mine:?}", self.kind, self.known))
    }
}

fn number(message: &Value, field: &str) -> Result<u64, String> {
    message[field].as_u64().ok_or_else(|| format!("without {field}: {message}"))
}

/// What a position is worth is told each second: without that.
fn worthless(position: &Value) -> Value {
    let mut position = position.clone();
    for field in ["mark_price", "unrealized_pnl"] {
        position.as_object_mut().unwrap().remove(field);
    }
    position
}

fn keyed_by_number(orders: &[Value]) -> BTreeMap<u64, Value> {
    orders.iter().map(|order| (order["order_id"].as_str().unwrap().parse().unwrap(), order.clone())).collect()
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
