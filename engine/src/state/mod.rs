//! The whole state as bytes in canonical order: hashed to compare two venues, kept as a snapshot, and read back.
//!
//! A section is a count and that many records in bincode's format. What can be derived is left out: levels from
//! orders, and held balances are checked against them.

mod margin;
mod tiers;
mod unseen;

use std::fmt;

use wincode::config::DefaultConfig;
use wincode::{SchemaRead, SchemaReadOwned, SchemaWrite};

use crate::apply::interest_of;
use crate::book::{OrderBook, Slot};
use crate::clients::{NO_NAME, NameSlot, OrderName};
use crate::codec::{AssetRecord, InstrumentRecord};
use crate::command::{Peg, Reference, SelfTradePrevention, Side, TimeInForce};
use crate::engine::Engine;
use crate::event::Position;
use crate::fees::FeeMeter;
use crate::holdings::NO_SLOT;
use crate::ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, Symbol, TradeGroup};
use crate::instrument::{Asset, Phase};
use crate::ledger::Balance;
use crate::lifetimes::Turn;
use crate::market::{Collecting, NewResting, Rare, Terms};
use crate::orders::Located;
use crate::pegs::{Pegged, References};
use crate::schedule::Schedule;
use crate::stage::Purpose;
use crate::units::{Amount, Price, Qty};

const ASSETS: u32 = 1;
const MARKETS: u32 = 2;
const ACCOUNTS: u32 = 3;
const BALANCES: u32 = 4;
const POSITIONS: u32 = 5;
const ORDERS: u32 = 6;
const ENDED_NAMES: u32 = 7;
const REFERENCES: u32 = 8;
const COUNTERS: u32 = 9;
const LISTS: u32 = 10;
const TRADE_GROUPS: u32 = 11;

/// Room that a section has from the start.
const SECTION: usize = 4 << 10;

/// More than can ever be counted: one a nanosecond for three hundred years.
const COUNT_MAX: u64 = u64::MAX / 2;

/// Why a snapshot is not a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RestoreError {
    /// A section is missing.
    Missing(u32),
    /// A section's bytes are not its records.
    Malformed(u32),
    /// A record contradicts another.
    Contradiction(&'static str),
    /// Restored, it breaks an invariant.
    Invariant(String),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RestoreError::Missing(section) => write!(f, "snapshot section {section} is missing"),
            RestoreError::Malformed(section) => write!(f, "snapshot section {section} is malformed"),
            RestoreError::Contradiction(what) => write!(f, "snapshot contradicts itself: {what}"),
            RestoreError::Invariant(what) => write!(f, "snapshot breaks an invariant: {what}"),
        }
    }
}

impl std::error::Error for RestoreError {}

#[derive(SchemaRead, SchemaWrite)]
struct MarketRecord {
    spec: InstrumentRecord,
    phase: Phase,
    trades: u64,
    last_price: Option<Price>,
    session_price: Option<Price>,
    top: [Option<OrderId>; 2],
    mark: Option<Price>,
    /// What pegged orders have followed.
    references: References,
    purpose: Purpose,
    until_ns: Option<u64>,
    schedule: Option<Schedule>,
    step_ns: Option<u64>,
}

#[derive(SchemaRead, SchemaWrite)]
struct BalanceRecord {
    account: AccountId,
    asset: AssetId,
    free: Amount,
    held: Amount,
}

#[derive(SchemaRead, SchemaWrite)]
struct PositionRecord {
    account: AccountId,
    instrument: InstrumentId,
    qty: Amount,
    cost: Amount,
    basis: Amount,
    realized: Amount,
    fees_quote: Amount,
    fees_base: Amount,
}

#[derive(SchemaRead, SchemaWrite)]
struct OrderRecord {
    instrument: InstrumentId,
    sell: bool,
    order: OrderId,
    account: AccountId,
    price: Price,
    qty: Qty,
    leaves_qty: Qty,
    /// What an iceberg may show, and what it does not show of what is left.
    iceberg: Option<(Qty, Qty)>,
    time_in_force: TimeInForce,
    post_only: bool,
    reduce_only: bool,
    hidden: bool,
    peg: Option<(Peg, Price)>,
    self_trade_prevention: SelfTradePrevention,
    fees: FeeMeter,
    name: Option<NameRecord>,
}

#[derive(SchemaRead, SchemaWrite)]
struct NameRecord {
    id: String,
    fingerprint: u64,
}

#[derive(SchemaRead, SchemaWrite)]
struct EndedNameRecord {
    account: AccountId,
    order: OrderId,
    instrument: InstrumentId,
    name: NameRecord,
}

#[derive(SchemaRead, SchemaWrite)]
struct ReferenceRecord {
    account: AccountId,
    reference: u64,
    fingerprint: u64,
}

impl<B: OrderBook> Engine<B> {
    /// The state in sections, each with its number. Equal states give equal bytes.
    pub fn snapshot(&self) -> Vec<(u32, Vec<u8>)> {
        let accounts = || (0..self.account_count()).map(AccountId);
        let desk = &self.desk;
        let assets =
            self.assets.iter().map(|asset| AssetRecord { symbol: asset.symbol.to_string(), decimals: asset.decimals });
        let balances = accounts().flat_map(|account| {
            let balances = desk.ledger.balances(account);
            balances.map(move |(asset, Balance { free, held })| BalanceRecord { account, asset, free, held })
        });
        let ended = accounts().flat_map(|account| desk.names.ended(account).map(ended_record));
        let references = accounts().flat_map(|account| {
            let references = desk.references.of(account);
            references.map(move |(reference, fingerprint)| {
                let reference = reference.0;
                ReferenceRecord { account, reference, fingerprint }
            })
        });
        let mut all = vec![
            (ASSETS, section(assets)),
            (
                MARKETS,
                section(self.markets.iter().map(|market| MarketRecord {
                    spec: InstrumentRecord::from(&market.clerk.instrument.spec),
                    phase: market.phase,
                    trades: market.clerk.trades,
                    last_price: market.clerk.last_price,
                    session_price: market.clerk.session_price,
                    top: market.clerk.top,
                    mark: market.mark,
                    references: market.clerk.pegs.references,
                    purpose: market.purpose,
                    until_ns: market.until_ns,
                    schedule: market.schedule,
                    step_ns: market.step_ns,
                })),
            ),
            (ACCOUNTS, section(self.openings.iter().map(|reference| reference.0))),
            (BALANCES, section(balances)),
            (POSITIONS, section(self.position_records().into_iter())),
            (ORDERS, section(self.order_records().into_iter())),
            (ENDED_NAMES, section(ended)),
            (REFERENCES, section(references)),
            (COUNTERS, section(std::iter::once(desk.order_count))),
            (LISTS, section(self.listed_orders().into_iter())),
            (TRADE_GROUPS, section(accounts().filter_map(|account| Some((account, desk.groups.of(account)?))))),
        ];
        all.extend(self.unseen_sections());
        all.extend(self.tier_sections());
        all.extend(self.margin_sections());
        all
    }

    /// BLAKE3 over the snapshot: two venues in the same state have the same hash.
    pub fn state_hash(&self) -> [u8; 32] {
        self.state_hash_with_pauses(|| {})
    }

    /// The same, with a pause between portions of the work. Sections are hashed together, as far as a portion takes them:
    /// BLAKE3 is several times faster where it has many bytes at once.
    pub fn state_hash_with_pauses(&self, mut pause: impl FnMut()) -> [u8; 32] {
        const PORTION: usize = 64 << 10;
        let (mut hasher, mut gathered) = (blake3::Hasher::new(), Vec::with_capacity(SECTION));
        for (tag, bytes) in self.snapshot() {
            gathered.extend_from_slice(&tag.to_le_bytes());
            gathered.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            for portion in bytes.chunks(PORTION) {
                if gathered.len() + portion.len() > PORTION {
                    pause();
                    hasher.update(&gathered);
                    gathered.clear();
                }
                gathered.extend_from_slice(portion);
            }
        }
        hasher.update(&gathered);
        hasher.finalize().into()
    }

    /// Reads a state back. The result was checked against every invariant, and its own snapshot is the one it was read
    /// from: any other bytes are refused.
    pub fn restore(sections: &[(u32, Vec<u8>)]) -> Result<Self, RestoreError> {
        let mut engine = Self::default();
        engine.restore_listings(sections)?;
        engine.restore_accounts(sections)?;
        engine.restore_orders(sections)?;
        engine.restore_unseen(sections)?;
        engine.restore_tiers(sections)?;
        engine.restore_margin(sections)?;
        engine.restore_auctions();
        engine.check().map_err(RestoreError::Invariant)?;
        match engine.snapshot().iter().all(|section| sections.contains(section)) {
            true => Ok(engine),
            false => Err(RestoreError::Contradiction("not in canonical form")),
        }
    }

    fn position_records(&self) -> Vec<PositionRecord> {
        let accounts = (0..self.account_count()).map(AccountId);
        let positions = accounts.flat_map(|account| {
            self.positions(account).into_iter().map(move |(instrument, position)| (account, instrument, position))
        });
        let records = positions.map(|(account, instrument, position)| {
            let Position { qty, cost, basis, realized, fees_quote, fees_base } = position;
            PositionRecord { account, instrument, qty, cost, basis, realized, fees_quote, fees_base }
        });
        records.collect()
    }

    /// By instrument, bids before asks, in the order in which they would trade.
    fn order_records(&self) -> Vec<OrderRecord> {
        let mut records = Vec::with_capacity(self.desk.orders.len());
        for (instrument, market) in self.markets.iter().enumerate() {
            for side in [Side::Buy, Side::Sell] {
                market.book.for_each(side, &mut |resting| {
                    let terms = market.clerk.terms(resting.slot.0);
                    let resting = market.clerk.whole(resting);
                    records.push(OrderRecord {
                        instrument: InstrumentId(instrument as u16),
                        sell: side == Side::Sell,
                        order: resting.id,
                        account: terms.account,
                        price: resting.price,
                        qty: terms.qty,
                        leaves_qty: resting.leaves_qty,
                        iceberg: market.clerk.iceberg(resting.slot.0).map(|part| (part.display, part.reserve)),
                        time_in_force: terms.time_in_force,
                        post_only: terms.post_only,
                        reduce_only: terms.rare.is_reduce_only(),
                        hidden: terms.rare.is_hidden(),
                        peg: market.clerk.pegs.get(resting.id).map(|pegged| (pegged.peg, pegged.limit)),
                        self_trade_prevention: terms.self_trade_prevention,
                        fees: terms.fees,
                        name: (terms.name != NO_NAME).then(|| name_record(self.desk.names.at(terms.name))),
                    });
                });
            }
        }
        records
    }

    /// By account and instrument, in the order of the account's list: an amended order is at its end.
    fn listed_orders(&self) -> Vec<OrderId> {
        let mut orders = Vec::with_capacity(self.desk.orders.len());
        for account in (0..self.account_count()).map(AccountId) {
            for holding in (0..).map_while(|n| self.desk.holdings.nth(account, n)) {
                let market = &self.markets[usize::from(holding.instrument.0)];
                let mut slot = holding.first;
                while slot != NO_SLOT {
                    orders.extend(market.book.get(Slot(slot)).map(|resting| resting.id));
                    slot = market.clerk.terms(slot).younger;
                }
            }
        }
        orders
    }

    fn restore_listings(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        for AssetRecord { symbol, decimals } in records(sections, ASSETS)? {
            let symbol = Symbol::new(&symbol).ok_or(RestoreError::Contradiction("asset symbol"))?;
            let listed = self.list_asset(Asset { symbol, decimals }, &mut Vec::new());
            listed.map_err(|_| RestoreError::Contradiction("asset"))?;
        }
        for record in records::<MarketRecord>(sections, MARKETS)? {
            let MarketRecord { purpose, until_ns, schedule, step_ns, .. } = record;
            let MarketRecord { spec, phase, trades, last_price, session_price, top, mark, references, .. } = record;
            let spec = spec.spec().ok_or(RestoreError::Contradiction("instrument symbol"))?;
            let listed = self.list_instrument(spec, &mut Vec::new());
            listed.map_err(|_| RestoreError::Contradiction("instrument"))?;
            if trades > COUNT_MAX {
                return Err(RestoreError::Contradiction("number of trades"));
            }
            let market = self.markets.last_mut().expect("one was just added");
            (market.phase, market.clerk.trades, market.clerk.last_price) = (phase, trades, last_price);
            (market.clerk.top, market.clerk.session_price, market.mark) = (top, session_price, mark);
            market.clerk.pegs.references = references;
            (market.purpose, market.until_ns) = (purpose, until_ns);
            (market.schedule, market.step_ns) = (schedule, step_ns);
            if !market.stage().is_possible() || !market.has_possible_schedule() {
                return Err(RestoreError::Contradiction("phase"));
            }
            self.desk.lifetimes.begin_turn(market.clerk.instrument_id, Turn::Ends, until_ns);
            self.desk.lifetimes.begin_turn(market.clerk.instrument_id, Turn::Scheduled, step_ns);
            if [mark, session_price].contains(&Some(Price(0))) {
                return Err(RestoreError::Contradiction("mark price"));
            }
        }
        Ok(())
    }

    /// What auctions have collected, and told of it, follows from the orders.
    fn restore_auctions(&mut self) {
        for market in &mut self.markets {
            market.collecting = (market.phase == Phase::Auction).then(|| {
                let interest = interest_of(market);
                let indicated = interest.clear(market.clerk.last_price).map(|clearing| clearing.told());
                Box::new(Collecting { interest, indicated })
            });
        }
        self.auctions = self.markets.iter().filter(|market| market.collecting.is_some()).count() as u32;
        self.collected.clear();
    }

    fn restore_accounts(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        // The first account is the fee account, which every engine has.
        for reference in records::<u64>(sections, ACCOUNTS)?.into_iter().skip(1) {
            if self.accounts_by_reference.contains_key(&Reference(reference)) {
                return Err(RestoreError::Contradiction("two accounts with one reference"));
            }
            self.add_account(Reference(reference));
        }
        for BalanceRecord { account, asset, free, held } in records(sections, BALANCES)? {
            self.known(account, Some(asset), None)?;
            let total = free.checked_add(held).filter(|_| !free.is_negative() && !held.is_negative());
            let supply = total.and_then(|total| self.desk.ledger.supply(asset).checked_add(total));
            let (Some(total), Some(_)) = (total, supply) else { return Err(RestoreError::Contradiction("balance")) };
            self.desk.ledger.restore(account, asset, Balance { free, held });
            self.desk.ledger.change_supply(asset, total);
        }
        for (account, group) in records::<(AccountId, TradeGroup)>(sections, TRADE_GROUPS)? {
            self.known(account, None, None)?;
            if account == AccountId::FEES {
                return Err(RestoreError::Contradiction("the fee account in a trade group"));
            }
            self.desk.groups.set(account, Some(group));
        }
        for record in records::<PositionRecord>(sections, POSITIONS)? {
            self.known(record.account, None, Some(record.instrument))?;
            let PositionRecord { qty, cost, basis, realized, fees_quote, fees_base, .. } = record;
            if qty.is_negative() || cost.is_negative() || basis < qty {
                return Err(RestoreError::Contradiction("position"));
            }
            let spec = &self.markets[usize::from(record.instrument.0)].clerk.instrument.spec;
            let row = self.desk.holding(record.account, record.instrument, spec);
            self.desk.holdings.at_mut(row).position = Position { qty, cost, basis, realized, fees_quote, fees_base };
        }
        for EndedNameRecord { account, order, instrument, name } in records(sections, ENDED_NAMES)? {
            self.known(account, None, Some(instrument))?;
            let slot = self.restore_name(account, order, instrument, name)?;
            self.desk.names.end(slot);
        }
        for ReferenceRecord { account, reference, fingerprint } in records(sections, REFERENCES)? {
            self.known(account, None, None)?;
            if self.desk.references.find(account, Reference(reference)).is_some() {
                return Err(RestoreError::Contradiction("a reference twice"));
            }
            self.desk.references.insert(account, Reference(reference), fingerprint);
        }
        Ok(())
    }

    fn restore_orders(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        let counters = records::<u64>(sections, COUNTERS)?;
        self.desk.order_count = *counters.first().ok_or(RestoreError::Malformed(COUNTERS))?;
        if self.desk.order_count > COUNT_MAX {
            return Err(RestoreError::Contradiction("number of orders"));
        }
        for market in &self.markets {
            let mut tops = market.clerk.top.iter().flatten();
            let known = |top: &OrderId| market.clerk.is_pro_rata() && (1..=self.desk.order_count).contains(&top.0);
            if !tops.all(known) {
                return Err(RestoreError::Contradiction("top order"));
            }
        }
        for record in records::<OrderRecord>(sections, ORDERS)? {
            self.known(record.account, None, Some(record.instrument))?;
            let order = record.order;
            if self.find(order).is_some() {
                return Err(RestoreError::Contradiction("two orders with one number"));
            }
            let located = self.restore_order(record)?;
            self.desk.orders.insert(order, located);
            let market = &self.markets[usize::from(located.instrument.0)];
            let time_in_force = market.clerk.terms(located.slot.0).time_in_force;
            self.desk.lifetimes.begin(order, located.instrument, time_in_force);
        }
        let listed = records::<OrderId>(sections, LISTS)?;
        let mut once: Vec<OrderId> = listed.clone();
        once.sort_unstable();
        once.dedup();
        if once.len() != listed.len() {
            return Err(RestoreError::Contradiction("an order listed twice"));
        }
        for order in listed {
            let located = self.find(order).ok_or(RestoreError::Contradiction("a listed order"))?;
            let market = &mut self.markets[usize::from(located.instrument.0)];
            market.clerk.join_list(&mut self.desk.holdings, located.slot.0);
        }
        Ok(())
    }

    fn restore_order(&mut self, record: OrderRecord) -> Result<Located, RestoreError> {
        let OrderRecord { instrument, order, account, price, qty, leaves_qty, post_only, fees, .. } = record;
        let (time_in_force, self_trade_prevention) = (record.time_in_force, record.self_trade_prevention);
        let over = time_in_force == TimeInForce::Day && self.markets[usize::from(instrument.0)].phase == Phase::Closed;
        if over || !time_in_force.stays() {
            return Err(RestoreError::Contradiction("order time in force"));
        }
        let side = if record.sell { Side::Sell } else { Side::Buy };
        let name = match record.name {
            None => NO_NAME,
            Some(name) => self.restore_name(account, order, instrument, name)?,
        };
        let market = &mut self.markets[usize::from(instrument.0)];
        let spec = &market.clerk.instrument.spec;
        if account == AccountId::FEES || order.0 == 0 || order.0 > self.desk.order_count || price.0 == 0 {
            return Err(RestoreError::Contradiction("order"));
        }
        if !fees.is_sound() {
            return Err(RestoreError::Contradiction("order fees"));
        }
        let reserve = record.iceberg.map_or(Qty::ZERO, |(_, reserve)| reserve);
        let shown = Qty(leaves_qty.0.saturating_sub(reserve.0));
        // What shows is what may show, or what is left of it. An amend or a decrement may have made the whole smaller than that.
        let shows = record.iceberg.is_none_or(|(display, _)| shown <= display && !market.clerk.is_pro_rata());
        let hides = record.hidden && record.iceberg.is_some();
        if hides || ((record.reduce_only || record.hidden || record.peg.is_some()) && market.clerk.is_pro_rata()) {
            return Err(RestoreError::Contradiction("a reduce-only or hidden order"));
        }
        if shown.is_zero() || !shows || leaves_qty > qty || !market.can_rest(side, price, leaves_qty) {
            return Err(RestoreError::Contradiction("order quantity"));
        }
        let held_at = record.peg.map_or(price, |(_, limit)| limit);
        if [price, held_at].into_iter().any(|price| market.clerk.worst_cost(side, price, leaves_qty, &fees).is_none()) {
            return Err(RestoreError::Contradiction("order value"));
        }
        let terms = Terms {
            account,
            qty,
            time_in_force,
            post_only,
            // Whether it is one of a list is found with the lists.
            linked: false,
            rare: Rare::restored(record.reduce_only, record.peg.is_some()),
            self_trade_prevention,
            fees,
            name,
            holding: self.desk.holding(account, instrument, spec),
            older: NO_SLOT,
            younger: NO_SLOT,
        };
        let display = record.iceberg.map(|(display, _)| display).or(record.hidden.then_some(Qty::ZERO));
        let new = NewResting { id: order, side, price, qty: leaves_qty, display };
        let slot = market.queue_rare(&mut self.desk.holdings, (new, shown), terms);
        if let Some((peg, limit)) = record.peg {
            market.clerk.pegs.insert(order, Pegged { peg, limit });
            self.desk.holdings.add_peg(instrument);
        }
        Ok(Located { instrument, slot })
    }

    fn restore_name(
        &mut self,
        account: AccountId,
        order: OrderId,
        instrument: InstrumentId,
        name: NameRecord,
    ) -> Result<NameSlot, RestoreError> {
        let id = ClientOrderId::new(&name.id).ok_or(RestoreError::Contradiction("client order id"))?;
        if self.desk.names.find(account, id).is_some() {
            return Err(RestoreError::Contradiction("two orders with one name"));
        }
        Ok(self.desk.names.insert(OrderName { account, id, order, instrument, fingerprint: name.fingerprint }))
    }

    /// Whether what a record names exists.
    fn known(
        &self,
        account: AccountId,
        asset: Option<AssetId>,
        instrument: Option<InstrumentId>,
    ) -> Result<(), RestoreError> {
        let known = account.0 < self.account_count()
            && asset.is_none_or(|asset| usize::from(asset.0) < self.assets.len())
            && instrument.is_none_or(|instrument| self.market(instrument).is_some());
        if known { Ok(()) } else { Err(RestoreError::Contradiction("a record names what is not there")) }
    }
}

fn name_record(name: &OrderName) -> NameRecord {
    NameRecord { id: name.id.to_string(), fingerprint: name.fingerprint }
}

fn ended_record(name: &OrderName) -> EndedNameRecord {
    let OrderName { account, order, instrument, .. } = *name;
    EndedNameRecord { account, order, instrument, name: name_record(name) }
}

fn section<T: SchemaWrite<DefaultConfig, Src = T>>(records: impl Iterator<Item = T>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SECTION);
    bytes.extend_from_slice(&[0; 8]);
    let mut count = 0_u64;
    for record in records {
        wincode::serialize_into(&mut bytes, &record).expect("memory takes every record");
        count += 1;
    }
    bytes[..8].copy_from_slice(&count.to_le_bytes());
    bytes
}

fn records<T>(sections: &[(u32, Vec<u8>)], tag: u32) -> Result<Vec<T>, RestoreError>
where
    T: SchemaReadOwned<DefaultConfig, Dst = T>,
{
    let malformed = || RestoreError::Malformed(tag);
    let (_, bytes) = sections.iter().find(|section| section.0 == tag).ok_or(RestoreError::Missing(tag))?;
    let (count, mut rest) = bytes.split_first_chunk().ok_or_else(malformed)?;
    let mut records = Vec::new();
    // One record after the other: a hostile count ends at the end of the bytes and allocates nothing by itself.
    for _ in 0..u64::from_le_bytes(*count) {
        records.push(wincode::deserialize_from(&mut rest).map_err(|_| malformed())?);
    }
    if rest.is_empty() { Ok(records) } else { Err(malformed()) }
}
