//! A client's book of one market: by level, or by order.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::truth::{Queued, Shown};

/// Levels of both sides, by a number that orders like the price.
#[derive(Default)]
pub(super) struct ByLevel([BTreeMap<u128, (String, String)>; 2]);

/// Queues of both sides.
#[derive(Default)]
pub(super) struct ByOrder([BTreeMap<u128, Vec<Queued>>; 2]);

const SIDES: [&str; 2] = ["bids", "asks"];

fn rank(price: &str) -> u128 {
    price.replace('.', "").parse().unwrap()
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

impl ByLevel {
    /// Takes in a snapshot or an update.
    pub(super) fn apply(&mut self, message: &Value) {
        if message["type"] == "snapshot" {
            *self = Self::default();
        }
        for (levels, name) in self.0.iter_mut().zip(SIDES) {
            for level in message[name].as_array().unwrap() {
                let [price, qty] = words(level).try_into().unwrap();
                if qty == "0" {
                    levels.remove(&rank(&price));
                } else {
                    levels.insert(rank(&price), (price, qty));
                }
            }
        }
    }

    pub(super) fn levels(&self) -> [Vec<(String, String)>; 2] {
        let [bids, asks] = &self.0;
        [bids.values().rev().cloned().collect(), asks.values().cloned().collect()]
    }
}

impl ByOrder {
    /// Takes in a snapshot or an update: what left, what is smaller, what came to the tail, in this order.
    pub(super) fn apply(&mut self, message: &Value) -> Result<(), String> {
        if message["type"] == "snapshot" {
            *self = Self::default();
            for (side, name) in SIDES.iter().enumerate() {
                for order in message[*name].as_array().unwrap() {
                    let [order, price, qty] = words(order).try_into().unwrap();
                    self.0[side].entry(rank(&price)).or_default().push((order, price, qty));
                }
            }
            return Ok(());
        }
        for order in words(&message["removed"]) {
            self.queue_of(&order)?.retain(|(known, ..)| *known != order);
        }
        for changed in message["changed"].as_array().unwrap() {
            let [order, qty] = words(changed).try_into().unwrap();
            let queue = self.queue_of(&order)?;
            queue.iter_mut().filter(|(known, ..)| *known == order).for_each(|known| known.2.clone_from(&qty));
        }
        for added in message["added"].as_array().unwrap() {
            let text = |name: &str| added[name].as_str().unwrap().to_owned();
            let (order, price, qty) = (text("order_id"), text("price"), text("qty"));
            if self.queue_of(&order).is_ok() {
                return Err(format!("order {order} comes twice"));
            }
            let side = usize::from(added["side"] == "sell");
            self.0[side].entry(rank(&price)).or_default().push((order, price, qty));
        }
        self.0.iter_mut().for_each(|side| side.retain(|_, queue| !queue.is_empty()));
        Ok(())
    }

    fn queue_of(&mut self, order: &str) -> Result<&mut Vec<Queued>, String> {
        let mut queues = self.0.iter_mut().flat_map(|side| side.values_mut());
        let holds = |queue: &&mut Vec<Queued>| queue.iter().any(|(known, ..)| known == order);
        queues.find(holds).ok_or_else(|| format!("order {order} is not known"))
    }

    pub(super) fn orders(&self) -> [Vec<Queued>; 2] {
        let [bids, asks] = &self.0;
        [bids.values().rev().flatten().cloned().collect(), asks.values().flatten().cloned().collect()]
    }
}

/// The checksum that `docs/protocol-ws.md` describes, bit by bit.
pub(super) fn checksum(shown: &Shown) -> u32 {
    let side = |levels: &[(String, String)]| {
        levels.iter().take(10).map(|(price, qty)| format!("{price}:{qty}")).collect::<Vec<_>>().join(",")
    };
    let text = format!("{}|{}", side(&shown.levels[0]), side(&shown.levels[1]));
    crc32(text.as_bytes())
}

pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
