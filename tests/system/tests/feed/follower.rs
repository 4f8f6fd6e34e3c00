//! A client that listens to everything, checks every number, and compares what it has.

use std::collections::HashMap;

use papertape_engine::AccountId;
use serde_json::{Value, json};

use crate::account::Account;
use crate::book::{self, ByLevel, ByOrder};
use crate::candles::Bars;
use crate::socket::Socket;
use crate::truth::{Shown, Truth};
use crate::world::World;

/// Channels of a market.
const MARKET: [&str; 7] = ["trades", "l1", "book", "l3", "ticker", "candles", "status"];

/// Channels of an account.
const PRIVATE: [&str; 3] = ["orders", "balances", "positions"];

/// Begins what is noticed only when everything was heard.
pub(super) const BARRIER: &str = "in the end: ";

/// What may go wrong on the way to a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    Lose,
    Repeat,
    /// Two messages of a channel come in the wrong order.
    Swap,
    /// Something in it is another number.
    Alter,
}

/// Channel and symbol.
type Name = (String, String);

/// How far a channel was heard.
#[derive(Clone, Copy, Default)]
struct Heard {
    epoch: u64,
    n: u64,
}

/// What a client listens to, and how.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner {
    /// Public channels in the binary encoding.
    pub(super) binary: bool,
    /// Not its own account.
    pub(super) public_only: bool,
    /// The length of its bars; a minute, if it says none.
    pub(super) interval: Option<&'static str>,
    /// About how many bytes its socket takes before it reads.
    pub(super) receive_buffer: Option<u32>,
}

impl Manner {
    fn interval(self) -> &'static str {
        self.interval.unwrap_or("1m")
    }
}

pub(super) struct Follower {
    user: usize,
    manner: Manner,
    socket: Option<Socket>,
    symbols: Vec<String>,
    heard: HashMap<Name, Heard>,
    by_level: HashMap<String, (u64, ByLevel)>,
    by_order: HashMap<String, (u64, ByOrder)>,
    trades: HashMap<String, Vec<u64>>,
    bars: HashMap<String, Bars>,
    best: HashMap<String, Value>,
    statuses: HashMap<String, Value>,
    account: Account,
    /// What goes wrong once, and in which channel.
    pub(super) fault: Option<(Fault, &'static str)>,
    held: Option<Value>,
    pub(super) messages: u64,
    pub(super) resumed: u64,
    pub(super) snapshots: u64,
    /// Messages that were merged into others, and trades that were left out.
    pub(super) merged: u64,
    pub(super) skipped: u64,
}

impl Follower {
    /// A client of this user, with every channel there is.
    pub(super) async fn join(world: &World, user: usize) -> Self {
        Self::join_as(world, user, Manner::default()).await
    }

    /// The same in another manner.
    pub(super) async fn join_as(world: &World, user: usize, manner: Manner) -> Self {
        let mut follower = Self {
            user,
            manner,
            socket: None,
            symbols: Vec::new(),
            heard: HashMap::new(),
            by_level: HashMap::new(),
            by_order: HashMap::new(),
            trades: HashMap::new(),
            bars: HashMap::new(),
            best: HashMap::new(),
            statuses: HashMap::new(),
            account: Account::new(AccountId(user as u32 + 1)),
            fault: None,
            held: None,
            messages: 0,
            resumed: 0,
            snapshots: 0,
            merged: 0,
            skipped: 0,
        };
        follower.come_back(world).await;
        follower
    }

    /// The connection is lost.
    pub(super) async fn leave(&mut self) {
        self.socket.take().into_iter().for_each(Socket::drop_it);
    }

    /// What it has heard was another start's.
    pub(super) fn forget_epoch(&mut self) {
        self.heard.values_mut().for_each(|heard| heard.epoch -= 1);
    }

    /// Connects, and asks for everything from where it was.
    pub(super) async fn come_back(&mut self, world: &World) {
        let mut socket = world.socket(self.manner.receive_buffer).await;
        socket.say(json!({"op": "auth", "token": world.token(self.user)})).await.unwrap();
        let private = PRIVATE.iter().filter(|_| !self.manner.public_only);
        let mut names: Vec<Name> = private.map(|channel| ((*channel).to_owned(), String::new())).collect();
        // What is listed later is not listened to until then.
        self.symbols = world.symbols();
        for symbol in &self.symbols {
            names.extend(MARKET.iter().map(|channel| ((*channel).to_owned(), symbol.clone())));
        }
        for (channel, symbol) in names {
            let mut ask = json!({"op": "subscribe", "channel": channel});
            if !symbol.is_empty() {
                ask["symbol"] = json!(symbol);
            }
            if self.manner.binary {
                ask["encoding"] = json!("binary");
            }
            if channel == "candles" {
                ask["interval"] = json!(self.manner.interval());
            }
            if let Some(Heard { epoch, n }) = self.heard.get(&(channel, symbol)) {
                ask["resume"] = json!({"epoch": epoch, "n": n});
            }
            socket.say(ask).await.unwrap();
        }
        self.socket = Some(socket);
    }

    /// Hears everything that was published up to now, and compares.
    pub(super) async fn settle(&mut self, world: &World, truth: &mut Truth) -> Result<(), String> {
        let socket = self.socket.as_mut().ok_or("not connected")?;
        // The hub answers in the order of what it publishes: after this answer there is nothing more.
        let barrier = format!("market-data:{}", world.symbols()[0]);
        socket.say(json!({"op": "subscribe", "channel": barrier})).await?;
        let id = socket.say(json!({"op": "unsubscribe", "channel": barrier})).await?;
        loop {
            let message = self.socket.as_mut().ok_or("not connected")?.hear().await?;
            if message["op"] == "unsubscribe" && message["id"] == id {
                break;
            }
            for message in self.spoil(message) {
                self.take(&message, truth)?;
            }
        }
        self.compare(world, truth).await.map_err(|fault| format!("{BARRIER}{fault}"))
    }

    /// What arrives, if something goes wrong on the way: once, and not right at the beginning.
    fn spoil(&mut self, message: Value) -> Vec<Value> {
        let Some((fault, channel)) = self.fault else { return vec![message] };
        if message["channel"] != channel || message["type"] != "update" {
            return vec![message];
        }
        match fault {
            Fault::Lose => {
                self.fault = None;
                Vec::new()
            }
            Fault::Alter => {
                let altered = altered(&message);
                self.fault = self.fault.filter(|_| altered == message);
                vec![altered]
            }
            Fault::Repeat => {
                self.fault = None;
                vec![message.clone(), message]
            }
            Fault::Swap => match self.held.take() {
                Some(held) if held["symbol"] == message["symbol"] => {
                    self.fault = None;
                    vec![message, held]
                }
                Some(held) => {
                    self.held = Some(held);
                    vec![message]
                }
                None => {
                    self.held = Some(message);
                    Vec::new()
                }
            },
        }
    }

    fn take(&mut self, message: &Value, truth: &mut Truth) -> Result<(), String> {
        if message.get("op").is_some() {
            return self.answered(message);
        }
        let Some(channel) = message["channel"].as_str() else { return Ok(()) };
        self.messages += 1;
        let symbol = message["symbol"].as_str().unwrap_or_default().to_owned();
        self.count(channel, &symbol, message)?;
        match channel {
            "trades" => self.take_trades(&symbol, message, truth),
            "l1" => self.take_best(&symbol, message, truth),
            "book" => self.take_levels(&symbol, message, truth),
            "l3" => self.take_orders(&symbol, message, truth),
            "candles" => self.bars.entry(symbol.clone()).or_default().take(&symbol, message, truth),
            "status" => {
                self.statuses.insert(symbol, message.clone());
                Ok(())
            }
            "orders" => self.account.orders(message, truth),
            "balances" => self.account.balances(message, truth),
            "positions" => self.account.positions(message, truth),
            _ => Ok(()),
        }
    }

    fn answered(&mut self, answer: &Value) -> Result<(), String> {
        if answer["ok"] != true {
            return Err(format!("refused: {answer}"));
        }
        match &answer["resumed"] {
            Value::Bool(true) => self.resumed += 1,
            Value::Bool(false) => self.snapshots += 1,
            _ => {}
        }
        Ok(())
    }

    /// Each number follows the one before; a snapshot begins anew.
    fn count(&mut self, channel: &str, symbol: &str, message: &Value) -> Result<(), String> {
        let n = message["n"].as_u64().ok_or_else(|| format!("without a number: {message}"))?;
        let heard = self.heard.entry((channel.to_owned(), symbol.to_owned())).or_default();
        if message["type"] == "snapshot" {
            *heard = Heard { epoch: message["epoch"].as_u64().unwrap(), n };
            return Ok(());
        }
        let merged = message["conflated"].as_u64().unwrap_or(0);
        if n != heard.n + 1 + merged {
            return Err(format!("{channel} {symbol}: {n} comes after {}, {merged} merged", heard.n));
        }
        heard.n = n;
        self.merged += merged;
        Ok(())
    }

    fn take_trades(&mut self, symbol: &str, message: &Value, truth: &mut Truth) -> Result<(), String> {
        let known = self.trades.entry(symbol.to_owned()).or_default();
        if message["type"] == "snapshot" {
            known.clear();
        }
        let skipped = message["skipped"].as_u64().unwrap_or(0);
        if skipped > 0 {
            let (first, last) = (message["data"][0]["id"].as_u64(), known.last());
            if first != last.map(|last| last + 1 + skipped) {
                return Err(format!("{symbol}: {skipped} left out between {last:?} and {first:?}"));
            }
            known.clear();
            self.skipped += skipped;
        }
        for trade in message["data"].as_array().unwrap() {
            let id = trade["id"].as_u64().unwrap();
            if known.last().is_some_and(|last| last + 1 != id) {
                return Err(format!("{symbol}: trade {id} comes after {known:?}"));
            }
            known.push(id);
            let Some(row) = truth.trades_up_to(symbol, id).last().copied() else { continue };
            let (price, qty) = truth.text(symbol, row.price, row.qty);
            let time_ms = row.time_ns / 1_000_000;
            if trade["time_ms"] != time_ms || trade["price"] != price || trade["qty"] != qty {
                return Err(format!("{symbol}: {trade} is {row:?}"));
            }
        }
        Ok(())
    }

    fn take_best(&mut self, symbol: &str, message: &Value, truth: &mut Truth) -> Result<(), String> {
        let shown = truth.book(symbol, message["update_id"].as_u64().unwrap());
        for (side, name) in ["bid", "ask"].iter().enumerate() {
            let best = shown.levels[side].first().map(|(price, qty)| json!([price, qty])).unwrap_or_default();
            if message[*name] != best {
                return Err(format!("{symbol}: {message}, and best is {best}"));
            }
        }
        self.best.insert(symbol.to_owned(), message.clone());
        Ok(())
    }

    fn take_levels(&mut self, symbol: &str, message: &Value, truth: &mut Truth) -> Result<(), String> {
        let (at, book) = self.by_level.entry(symbol.to_owned()).or_default();
        *at = continued(symbol, *at, message)?;
        book.apply(message);
        let shown = truth.book(symbol, *at);
        if book.levels() != shown.levels {
            return Err(format!("{symbol} at {at}: {:?} is {:?}", book.levels(), shown.levels));
        }
        proven(symbol, message, checksum(shown, self.manner.binary))
    }

    fn take_orders(&mut self, symbol: &str, message: &Value, truth: &mut Truth) -> Result<(), String> {
        let (at, book) = self.by_order.entry(symbol.to_owned()).or_default();
        *at = continued(symbol, *at, message)?;
        book.apply(message)?;
        let shown = truth.book(symbol, *at);
        if book.orders() != shown.orders {
            return Err(format!("{symbol} at {at}: {:?} is {:?}", book.orders(), shown.orders));
        }
        proven(symbol, message, checksum(shown, self.manner.binary))
    }

    async fn compare(&mut self, world: &World, truth: &mut Truth) -> Result<(), String> {
        if !self.manner.public_only {
            let open = world.get(self.user, "/api/v1/orders?status=open&limit=1000").await;
            let account = world.get(self.user, "/api/v1/account").await;
            self.account.compare(&open, &account, self.manner.binary)?;
        }
        for symbol in self.symbols.clone() {
            let depth = world.get(self.user, &format!("/api/v1/depth?symbol={symbol}&limit=1000")).await;
            let update_id = depth["update_id"].as_u64().unwrap();
            for at in [self.by_level[&symbol].0, self.by_order[&symbol].0] {
                if at != update_id {
                    return Err(format!("{symbol}: heard up to {at}, and it is at {update_id}"));
                }
            }
            self.compare_best(&symbol, &depth)?;
            self.compare_bars(world, &symbol).await?;
            let last = truth.trades(&symbol).last().map(|row| row.id.0);
            if self.trades[&symbol].last().copied() != last {
                return Err(format!("{symbol}: the last trade is {last:?}"));
            }
            let markets = world.get(self.user, "/api/v1/instruments").await;
            let market = markets.as_array().unwrap().iter().find(|market| market["symbol"] == symbol).unwrap();
            for field in ["phase", "auction", "phase_ends_ms"] {
                if self.statuses[&symbol][field] != market[field] {
                    return Err(format!("{} and {market}", self.statuses[&symbol]));
                }
            }
        }
        Ok(())
    }

    fn compare_best(&self, symbol: &str, depth: &Value) -> Result<(), String> {
        let best = &self.best[symbol];
        for (side, name) in [("bids", "bid"), ("asks", "ask")] {
            let first = depth[side].get(0).cloned().unwrap_or_default();
            if best[name] != first {
                return Err(format!("{symbol}: {best}, and the best of {side} is {first}"));
            }
        }
        Ok(())
    }

    async fn compare_bars(&self, world: &World, symbol: &str) -> Result<(), String> {
        let path = format!("/api/v1/candles?symbol={symbol}&interval={}&limit=10", self.manner.interval());
        let shown = world.get(self.user, &path).await;
        for bar in shown.as_array().unwrap() {
            // A bar that has only just begun is told within a second.
            let Some(mine) = self.bars.get(symbol).and_then(|bars| bars.get(bar["time"].as_u64().unwrap())) else {
                continue;
            };
            if ["open", "high", "low", "close", "volume"].iter().any(|field| mine[*field] != bar[*field]) {
                return Err(format!("{symbol}: {mine} is {bar}"));
            }
        }
        Ok(())
    }
}

/// Where a book is after a message; its changes follow without a gap.
fn continued(symbol: &str, at: u64, message: &Value) -> Result<u64, String> {
    if message["type"] == "snapshot" {
        return Ok(message["update_id"].as_u64().unwrap());
    }
    if message["first_update_id"] != at + 1 {
        return Err(format!("{symbol}: {message} comes after {at}"));
    }
    Ok(message["last_update_id"].as_u64().unwrap())
}

fn checksum(shown: &Shown, binary: bool) -> u32 {
    if binary { shown.binary_checksum } else { book::checksum(shown) }
}

fn proven(symbol: &str, message: &Value, checksum: u32) -> Result<(), String> {
    if message["checksum"] == checksum {
        return Ok(());
    }
    Err(format!("{symbol}: the checksum {} is {checksum}", message["checksum"]))
}

/// The same message with another number in what it says; as it is, where it says none.
fn altered(message: &Value) -> Value {
    let mut altered = message.clone();
    let first = |channel: &str| match channel {
        "orders" => Some("/data/leaves_qty"),
        "balances" => Some("/data/0/free"),
        "positions" => Some("/data/0/qty"),
        "candles" => Some("/data/0/volume"),
        "trades" => Some("/data/0/price"),
        "book" => Some("/bids/0/1"),
        "l3" => Some("/added/0/qty"),
        _ => None,
    };
    let place = message["channel"].as_str().and_then(first).and_then(|pointer| altered.pointer_mut(pointer));
    if let Some(Value::String(text)) = place {
        text.push('1');
    }
    altered
}
