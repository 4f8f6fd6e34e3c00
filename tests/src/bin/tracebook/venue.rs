//! A venue for one trace: the engine, one instrument for each of the judge's symbols, one rich account for each of its
//! owners. No fees, no limits but what can be represented; allocation and self-trade prevention as the trace has them.

use std::collections::BTreeMap;

use papertape_engine::{
    AccountId, Allocation, Amount, Asset, AssetId, Command, Engine, Event, Instrument, InstrumentId, InstrumentSpec,
    LedgerEntry, OpenOrder, OrderId, ProRata, Qty, Reference, SelfTradePrevention, Side, Stamp, Symbol, decimal,
};

use crate::wire::{Config, MatchingAlgorithm, SelfTradePolicy};

const BASE: AssetId = AssetId(0);
const QUOTE: AssetId = AssetId(1);
/// What every account has of each asset, in its smallest unit: 10^26, so that all accounts together stay far below what
/// a venue can hold of one asset.
const FUNDS: Amount = Amount(Amount::MAX.0 / 1_000_000);

/// The engine, and the judge's names of instruments and accounts.
pub(crate) struct Venue {
    engine: Engine,
    seq: u64,
    /// Of the instruments to come.
    tick_mantissa: u64,
    price_decimals: u8,
    allocation: Allocation,
    self_trade_prevention: SelfTradePrevention,
    instruments: BTreeMap<String, InstrumentId>,
    accounts: BTreeMap<i64, AccountId>,
}

impl Venue {
    /// A venue whose prices and quantities have the judge's steps.
    pub(crate) fn new(config: &Config) -> Result<Self, String> {
        let tick = &config.tick_size;
        let wrong = |problem: &dyn std::fmt::Display| format!("tick size {tick}: {problem}");
        let decimals = tick.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let price_decimals = u8::try_from(decimals).map_err(|error| wrong(&error))?;
        let mantissa = decimal::parse(tick, price_decimals).map_err(|error| wrong(&error))?;
        let tick_mantissa = u64::try_from(mantissa).map_err(|error| wrong(&error))?;
        let mut venue = Self {
            engine: Engine::new(),
            seq: 0,
            tick_mantissa,
            price_decimals,
            allocation: allocation(config.matching_algorithm),
            self_trade_prevention: self_trade_prevention(config.self_trade_policy),
            instruments: BTreeMap::new(),
            accounts: BTreeMap::new(),
        };
        // One lot is the smallest unit of base, and one tick times one lot the smallest unit of quote.
        let places = config.quantity_decimal_places;
        for (code, decimals) in [("BASE", places), ("QUOTE", places.saturating_add(price_decimals))] {
            venue.set_up(&Command::ListAsset(Asset { symbol: symbol(code), decimals }))?;
        }
        Ok(venue)
    }

    /// Lets the engine decide, and gives what happened.
    pub(crate) fn apply(&mut self, command: &Command) -> Vec<Event> {
        self.seq += 1;
        let mut events = Vec::new();
        self.engine.apply(Stamp { seq: self.seq, time_ns: self.seq }, command, &mut events);
        events
    }

    /// A command of the adapter's own, which must succeed.
    fn set_up(&mut self, command: &Command) -> Result<Event, String> {
        match self.apply(command).first() {
            Some(Event::Rejected { reason, .. }) => Err(format!("the venue cannot do {command:?}: {reason}")),
            Some(event) => Ok(*event),
            None => Err(format!("the venue is silent on {command:?}")),
        }
    }

    /// The instrument of one of the judge's symbols, if it was listed.
    pub(crate) fn listed(&self, name: &str) -> Option<InstrumentId> {
        self.instruments.get(name).copied()
    }

    /// The listed instruments, in the order of the judge's symbols.
    pub(crate) fn books(&self) -> impl Iterator<Item = (&str, InstrumentId)> {
        self.instruments.iter().map(|(name, instrument)| (name.as_str(), *instrument))
    }

    /// The instrument of one of the judge's symbols, listed when it is first spoken of.
    pub(crate) fn list(&mut self, name: &str) -> Result<InstrumentId, String> {
        if let Some(instrument) = self.listed(name) {
            return Ok(instrument);
        }
        // The judge's symbols are longer than a venue's; here they are numbered.
        let symbol = symbol(&format!("I{}", self.instruments.len()));
        let spec = InstrumentSpec {
            tick_mantissa: self.tick_mantissa,
            price_decimals: self.price_decimals,
            self_trade_prevention: self.self_trade_prevention,
            allocation: self.allocation,
            ..InstrumentSpec::new(symbol, BASE, QUOTE)
        };
        match self.set_up(&Command::ListInstrument(spec))? {
            Event::InstrumentListed { instrument, .. } => {
                self.instruments.insert(name.to_owned(), instrument);
                Ok(instrument)
            }
            event => Err(format!("the venue answers a listing with {event:?}")),
        }
    }

    /// What was listed under a number that [`Venue::list`] gave out.
    pub(crate) fn instrument(&self, instrument: InstrumentId) -> &Instrument {
        self.engine.instruments().nth(instrument.0.into()).expect("only listed instruments have a number")
    }

    /// The accounts that were opened.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.values().copied()
    }

    /// The judge's name of an account.
    pub(crate) fn owner(&self, account: AccountId) -> i64 {
        let found = self.accounts.iter().find(|(_, known)| **known == account);
        found.map(|(owner, _)| *owner).expect("only opened accounts have orders")
    }

    /// The account of one of the judge's owners, opened and funded when it is first spoken of.
    pub(crate) fn open_account(&mut self, owner: i64) -> Result<AccountId, String> {
        if let Some(account) = self.accounts.get(&owner) {
            return Ok(*account);
        }
        let reference = Reference(self.accounts.len() as u64 + 1);
        let account = match self.set_up(&Command::OpenAccount { reference })? {
            Event::AccountOpened { account, .. } => account,
            event => return Err(format!("the venue answers an opening with {event:?}")),
        };
        for asset in [BASE, QUOTE] {
            let reference = Reference(asset.0.into());
            self.set_up(&Command::Deposit(LedgerEntry { account, asset, amount: FUNDS, reference }))?;
        }
        self.accounts.insert(owner, account);
        Ok(account)
    }

    /// The open orders of a side in the order in which they would trade.
    pub(crate) fn open_orders(&self, instrument: InstrumentId, side: Side) -> Vec<OpenOrder> {
        self.engine.open_orders(instrument, side)
    }

    /// An open order, if it is one.
    pub(crate) fn open_order(&self, instrument: InstrumentId, order: OrderId) -> Option<OpenOrder> {
        let both = [Side::Buy, Side::Sell].into_iter().flat_map(|side| self.open_orders(instrument, side));
        both.into_iter().find(|open| open.order == order)
    }
}

/// The judge's pro-rata has shares and nothing else: no top order, no least share but one lot, no leveling.
fn allocation(algorithm: MatchingAlgorithm) -> Allocation {
    match algorithm {
        MatchingAlgorithm::Fifo => Allocation::Fifo,
        MatchingAlgorithm::ProRata => {
            Allocation::ProRata(ProRata { top_max: Qty::ZERO, share_min: Qty(1), leveling: false })
        }
    }
}

fn self_trade_prevention(policy: SelfTradePolicy) -> SelfTradePrevention {
    match policy {
        SelfTradePolicy::None => SelfTradePrevention::None,
        SelfTradePolicy::CancelResting => SelfTradePrevention::CancelMaker,
        SelfTradePolicy::CancelIncoming => SelfTradePrevention::CancelTaker,
    }
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a short plain text")
}
