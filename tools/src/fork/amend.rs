//! What is changed: one command of the origin, left out, replaced, or with other terms.
//!
//! The file is one JSON object with `seq` and one of `leave_out`, `change` and `instead`; see `docs/operations.md`.

use std::path::Path;

use papertape_engine::{
    AccountId, AmendOrder, Amount, AssetId, ClientOrderId, Command, Engine, Instrument, InstrumentId, KillScope,
    LedgerEntry, OrderId, OrderKind, OrderRef, Phase, PlaceOrder, Price, Qty, Reference, Side, Stage, TimeInForce,
};
use serde::Deserialize;

use crate::exit::Failure;
use crate::words::Names;

/// One amendment.
#[derive(Debug)]
pub(super) struct Amendment {
    /// The record of the origin.
    pub(super) seq: u64,
    what: What,
}

/// What becomes of the command.
#[derive(Debug)]
enum What {
    LeftOut,
    Changed(Terms),
    Replaced(Instead),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seq: u64,
    #[serde(default)]
    leave_out: bool,
    change: Option<Terms>,
    instead: Option<Instead>,
}

/// Terms that take the place of the command's own. Decimals are text.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    account: Option<u32>,
    side: Option<SideName>,
    price: Option<String>,
    qty: Option<String>,
    time_in_force: Option<TimeName>,
    post_only: Option<bool>,
    amount: Option<String>,
}

/// A command that comes instead. Decimals are text.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum Instead {
    Place {
        account: u32,
        symbol: String,
        side: SideName,
        qty: String,
        price: Option<String>,
        time_in_force: Option<TimeName>,
        #[serde(default)]
        post_only: bool,
        client_order_id: Option<String>,
    },
    Amend {
        account: u32,
        symbol: String,
        order_id: u64,
        price: Option<String>,
        qty: Option<String>,
    },
    Cancel {
        account: u32,
        order_id: u64,
    },
    CancelAll {
        account: u32,
        symbol: Option<String>,
        side: Option<SideName>,
    },
    Deposit {
        account: u32,
        asset: String,
        amount: String,
        reference: u64,
    },
    Withdraw {
        account: u32,
        asset: String,
        amount: String,
        reference: u64,
    },
    Mark {
        symbol: String,
        price: String,
    },
    Phase {
        symbol: String,
        phase: PhaseName,
    },
    KillSwitch {
        engaged: bool,
        account: Option<u32>,
        symbol: Option<String>,
    },
    Suspend {
        account: u32,
        suspended: bool,
    },
    Tick,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SideName {
    Buy,
    Sell,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TimeName {
    Gtc,
    Ioc,
    Fok,
    Day,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhaseName {
    Continuous,
    Auction,
    Halted,
    Closed,
}

impl From<SideName> for Side {
    fn from(name: SideName) -> Self {
        match name {
            SideName::Buy => Side::Buy,
            SideName::Sell => Side::Sell,
        }
    }
}

impl From<TimeName> for TimeInForce {
    fn from(name: TimeName) -> Self {
        match name {
            TimeName::Gtc => TimeInForce::Gtc,
            TimeName::Ioc => TimeInForce::Ioc,
            TimeName::Fok => TimeInForce::Fok,
            TimeName::Day => TimeInForce::Day,
        }
    }
}

impl From<PhaseName> for Phase {
    fn from(name: PhaseName) -> Self {
        match name {
            PhaseName::Continuous => Phase::Continuous,
            PhaseName::Auction => Phase::Auction,
            PhaseName::Halted => Phase::Halted,
            PhaseName::Closed => Phase::Closed,
        }
    }
}

impl Amendment {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let refused = |why: &dyn std::fmt::Display| Failure::refused(format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| refused(&error))?;
        let File { seq, leave_out, change, instead } = serde_json::from_str(&text).map_err(|error| refused(&error))?;
        let what = match (leave_out, change, instead) {
            (true, None, None) => What::LeftOut,
            (false, Some(terms), None) => What::Changed(terms),
            (false, None, Some(instead)) => What::Replaced(instead),
            _ => return Err(refused(&"say one of \"leave_out\": true, \"change\" and \"instead\"")),
        };
        Ok(Self { seq, what })
    }

    /// The command that takes the place of another one, if any does, and both in words. Symbols and scales are those of a
    /// state.
    pub(super) fn apply(&self, engine: &Engine, asked: &Command) -> Result<(Option<Command>, String), Failure> {
        let by = Listed { engine, seq: self.seq };
        let command = match &self.what {
            What::LeftOut => None,
            What::Changed(terms) => Some(by.change(asked, terms)?),
            What::Replaced(instead) => Some(by.command(instead)?),
        };
        let names = Names::of(engine);
        let new = command.as_ref().map_or_else(|| "nothing".to_owned(), |command| names.command(command));
        Ok((command, format!("record {}, \"{}\", became \"{new}\"", self.seq, names.command(asked))))
    }
}

/// What is listed when the command comes.
struct Listed<'a> {
    engine: &'a Engine,
    seq: u64,
}

impl Listed<'_> {
    fn refused(&self, why: impl std::fmt::Display) -> Failure {
        Failure::refused(format!("record {} cannot be amended so: {why}", self.seq))
    }

    fn at(&self, id: InstrumentId) -> Result<&Instrument, Failure> {
        let found = self.engine.instruments().nth(usize::from(id.0));
        found.ok_or_else(|| self.refused(format!("there is no instrument {id}")))
    }

    fn instrument(&self, symbol: &str) -> Result<InstrumentId, Failure> {
        let mut numbered = (0_u16..).zip(self.engine.instruments());
        let found = numbered.find(|(_, of)| of.spec.symbol.as_str() == symbol);
        found.map(|(id, _)| InstrumentId(id)).ok_or_else(|| self.refused(format!("\"{symbol}\" is not listed")))
    }

    fn asset(&self, symbol: &str) -> Result<AssetId, Failure> {
        let mut numbered = (0_u16..).zip(self.engine.assets());
        let found = numbered.find(|(_, of)| of.symbol.as_str() == symbol);
        found.map(|(id, _)| AssetId(id)).ok_or_else(|| self.refused(format!("\"{symbol}\" is not listed")))
    }

    fn price(&self, at: InstrumentId, text: &str) -> Result<Price, Failure> {
        self.at(at)?.parse_price(text).map_err(|error| self.refused(format!("price \"{text}\": {error}")))
    }

    fn qty(&self, at: InstrumentId, text: &str) -> Result<Qty, Failure> {
        self.at(at)?.parse_qty(text).map_err(|error| self.refused(format!("qty \"{text}\": {error}")))
    }

    fn amount(&self, asset: AssetId, text: &str) -> Result<Amount, Failure> {
        let of = self.engine.assets().get(usize::from(asset.0));
        let of = of.ok_or_else(|| self.refused(format!("there is no asset {asset}")))?;
        of.parse(text).map_err(|error| self.refused(format!("amount \"{text}\": {error}")))
    }

    /// The command with other terms.
    fn change(&self, asked: &Command, terms: &Terms) -> Result<Command, Failure> {
        let mut left = terms.named();
        let mut take = |name: &str| {
            let before = left.len();
            left.retain(|given| *given != name);
            before != left.len()
        };
        let changed = match asked {
            Command::Place(order) => {
                for name in ["account", "side", "price", "qty", "time_in_force", "post_only"] {
                    take(name);
                }
                Command::Place(self.change_order(order, terms)?)
            }
            Command::Deposit(entry) | Command::Withdraw(entry) | Command::Borrow(entry) | Command::Repay(entry) => {
                take("account");
                take("amount");
                let mut entry = *entry;
                entry.account = terms.account.map_or(entry.account, AccountId);
                if let Some(text) = &terms.amount {
                    entry.amount = self.amount(entry.asset, text)?;
                }
                match asked {
                    Command::Deposit(_) => Command::Deposit(entry),
                    Command::Withdraw(_) => Command::Withdraw(entry),
                    Command::Borrow(_) => Command::Borrow(entry),
                    _ => Command::Repay(entry),
                }
            }
            Command::SetMark { instrument, price } => {
                take("price");
                let price = terms.price.as_deref().map_or(Ok(*price), |text| self.price(*instrument, text))?;
                Command::SetMark { instrument: *instrument, price }
            }
            _ => return Err(self.refused("\"change\" is for orders, money and marks; say \"instead\"")),
        };
        match left.first() {
            Some(name) => Err(self.refused(format!("its command has no {name}"))),
            None => Ok(changed),
        }
    }

    fn change_order(&self, order: &PlaceOrder, terms: &Terms) -> Result<PlaceOrder, Failure> {
        let (at, mut order) = (order.instrument, *order);
        order.account = terms.account.map_or(order.account, AccountId);
        order.side = terms.side.map_or(order.side, Side::from);
        order.time_in_force = terms.time_in_force.map_or(order.time_in_force, TimeInForce::from);
        order.post_only = terms.post_only.unwrap_or(order.post_only);
        if let Some(text) = &terms.price {
            let new = self.price(at, text)?;
            match &mut order.kind {
                OrderKind::Limit { price, .. } => *price = new,
                _ => return Err(self.refused("it is not a limit order, and has no price")),
            }
        }
        if let Some(text) = &terms.qty {
            let new = self.qty(at, text)?;
            match &mut order.kind {
                OrderKind::Limit { qty, .. } | OrderKind::Market { qty } | OrderKind::MarketToLimit { qty } => {
                    *qty = new
                }
                OrderKind::MarketQuote { .. } => return Err(self.refused("it is by amount, and has no qty")),
            }
        }
        Ok(order)
    }

    fn command(&self, instead: &Instead) -> Result<Command, Failure> {
        let entry = |account: u32, asset: &str, amount: &str, reference: u64| {
            let asset = self.asset(asset)?;
            let amount = self.amount(asset, amount)?;
            Ok::<_, Failure>(LedgerEntry {
                account: AccountId(account),
                asset,
                amount,
                reference: Reference(reference),
            })
        };
        Ok(match instead {
            Instead::Place { account, symbol, side, qty, price, time_in_force, post_only, client_order_id } => {
                let at = self.instrument(symbol)?;
                let qty = self.qty(at, qty)?;
                let kind = match price {
                    Some(price) => OrderKind::Limit { price: self.price(at, price)?, qty },
                    None => OrderKind::Market { qty },
                };
                let mut order = PlaceOrder::new(AccountId(*account), at, (*side).into(), kind);
                order.time_in_force = time_in_force.map_or(order.time_in_force, TimeInForce::from);
                order.post_only = *post_only;
                order.client_order_id = client_order_id.as_deref().map(|text| self.client_name(text)).transpose()?;
                Command::Place(order)
            }
            Instead::Amend { account, symbol, order_id, price, qty } => {
                let at = self.instrument(symbol)?;
                Command::Amend(AmendOrder {
                    account: AccountId(*account),
                    order: OrderRef::Id(OrderId(*order_id)),
                    price: price.as_deref().map(|text| self.price(at, text)).transpose()?,
                    qty: qty.as_deref().map(|text| self.qty(at, text)).transpose()?,
                })
            }
            Instead::Cancel { account, order_id } => {
                Command::Cancel { account: AccountId(*account), order: OrderRef::Id(OrderId(*order_id)) }
            }
            Instead::CancelAll { account, symbol, side } => Command::CancelAll {
                account: AccountId(*account),
                instrument: symbol.as_deref().map(|symbol| self.instrument(symbol)).transpose()?,
                side: side.map(Side::from),
            },
            Instead::Deposit { account, asset, amount, reference } => {
                Command::Deposit(entry(*account, asset, amount, *reference)?)
            }
            Instead::Withdraw { account, asset, amount, reference } => {
                Command::Withdraw(entry(*account, asset, amount, *reference)?)
            }
            Instead::Mark { symbol, price } => {
                let instrument = self.instrument(symbol)?;
                Command::SetMark { instrument, price: self.price(instrument, price)? }
            }
            Instead::Phase { symbol, phase } => {
                Command::SetPhase { instrument: self.instrument(symbol)?, stage: Stage::from(Phase::from(*phase)) }
            }
            Instead::KillSwitch { engaged, account, symbol } => {
                let scope = match (account, symbol) {
                    (None, None) => KillScope::Venue,
                    (Some(account), None) => KillScope::Account(AccountId(*account)),
                    (None, Some(symbol)) => KillScope::Instrument(self.instrument(symbol)?),
                    (Some(_), Some(_)) => return Err(self.refused("a kill switch is for an account or an instrument")),
                };
                Command::SetKillSwitch { scope, engaged: *engaged }
            }
            Instead::Suspend { account, suspended } => {
                Command::SetSuspended { account: AccountId(*account), suspended: *suspended }
            }
            Instead::Tick => Command::Tick,
        })
    }

    fn client_name(&self, text: &str) -> Result<ClientOrderId, Failure> {
        ClientOrderId::new(text).ok_or_else(|| self.refused(format!("\"{text}\" is no client order id")))
    }
}

impl Terms {
    /// The names of those that are given.
    fn named(&self) -> Vec<&'static str> {
        let given = [
            ("account", self.account.is_some()),
            ("side", self.side.is_some()),
            ("price", self.price.is_some()),
            ("qty", self.qty.is_some()),
            ("time_in_force", self.time_in_force.is_some()),
            ("post_only", self.post_only.is_some()),
            ("amount", self.amount.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }
}
