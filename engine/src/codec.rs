//! Commands as the payloads of journal records.
//!
//! Hot commands (orders) have a fixed little-endian layout, written by hand: the offsets in this file are the
//! specification. Cold ones are in bincode's format (fixed-width integers, little endian), written by `wincode`.
//! A kind's number and layout are never reused: a new layout is a new kind.

use std::fmt;

use wincode::{SchemaRead, SchemaWrite};

use crate::command::{
    AmendOrder, Command, LedgerEntry, Leg, ListOrders, OrderKind, OrderRef, PlaceList, PlaceOrder, Reference,
    SelfTradePrevention, Side, TimeInForce, Trail, Trigger, TriggerKind,
};
use crate::ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, Symbol, TradeGroup};
use crate::instrument::{
    Allocation, Asset, Bands, FeeAsset, Filters, InstrumentSpec, Phase, TriggerAtEntry, TriggerSource,
};
use crate::units::{Amount, Ppm, Price, Qty};

const PLACE: u16 = 1;
const CANCEL: u16 = 2;
const AMEND: u16 = 3;
const CANCEL_ALL: u16 = 4;
const PLACE_UNTIL: u16 = 5;
const TICK: u16 = 6;
const PLACE_WAITING: u16 = 7;
const PLACE_LIST: u16 = 8;
const LIST_ASSET: u16 = 32;
const LIST_INSTRUMENT: u16 = 33;
const OPEN_ACCOUNT: u16 = 34;
const DEPOSIT: u16 = 35;
const WITHDRAW: u16 = 36;
const TRANSFER: u16 = 37;
const SET_PHASE: u16 = 38;
const UNCROSS: u16 = 39;
const SET_TRADE_GROUP: u16 = 40;
const SET_MARK: u16 = 41;
const SET_KILL_SWITCH: u16 = 42;
const SET_SUSPENDED: u16 = 43;

/// The longest payload that any command has, in bytes.
const PAYLOAD_MAX: usize = 512;

/// Why bytes are not a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// No command has this kind.
    UnknownKind(u16),
    /// Too short or too long for the kind.
    Length {
        /// The kind.
        kind: u16,
        /// Bytes given.
        found: usize,
    },
    /// A field holds a value that no command can have.
    Field {
        /// The kind.
        kind: u16,
        /// The field.
        field: &'static str,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::UnknownKind(kind) => write!(f, "no command has kind {kind}"),
            DecodeError::Length { kind, found } => write!(f, "{found} bytes are not a command of kind {kind}"),
            DecodeError::Field { kind, field } => write!(f, "bad {field} in a command of kind {kind}"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl Command {
    /// Appends the command's payload to `out` and returns its kind. At most 512 bytes; allocates only if `out` must
    /// grow.
    pub fn encode(&self, out: &mut Vec<u8>) -> u16 {
        match self {
            Command::Place(order) => encode_place(order, out),
            Command::PlaceList(list) => encode_place_list(list, out),
            Command::Cancel { account, order } => encode_cancel(*account, order, out),
            Command::Amend(amend) => encode_amend(amend, out),
            Command::CancelAll { account, instrument, side } => {
                let flags = u8::from(instrument.is_some()) | u8::from(side.is_some()) << 1;
                out.extend_from_slice(&account.0.to_le_bytes());
                out.extend_from_slice(&[flags, side.map_or(0, |side| side as u8)]);
                out.extend_from_slice(&instrument.map_or(0, |instrument| instrument.0).to_le_bytes());
                CANCEL_ALL
            }
            Command::Tick => TICK,
            Command::ListAsset(asset) => {
                cold(LIST_ASSET, &AssetRecord { symbol: asset.symbol.to_string(), decimals: asset.decimals }, out)
            }
            Command::ListInstrument(spec) => cold(LIST_INSTRUMENT, &InstrumentRecord::from(spec), out),
            Command::OpenAccount { reference } => cold(OPEN_ACCOUNT, &reference.0, out),
            Command::SetTradeGroup { account, group } => {
                cold(SET_TRADE_GROUP, &(account.0, group.map(|group| group.0)), out)
            }
            Command::SetKillSwitch { scope, engaged } => cold(SET_KILL_SWITCH, &(*scope, *engaged), out),
            Command::SetSuspended { account, suspended } => cold(SET_SUSPENDED, &(account.0, *suspended), out),
            Command::SetMark { instrument, price } => cold(SET_MARK, &(instrument.0, price.0), out),
            Command::Deposit(entry) => cold(DEPOSIT, &EntryRecord::from(entry), out),
            Command::Withdraw(entry) => cold(WITHDRAW, &EntryRecord::from(entry), out),
            Command::Transfer { from, to } => cold(TRANSFER, &(EntryRecord::from(from), to.0), out),
            Command::SetPhase { instrument, phase } => cold(SET_PHASE, &(instrument.0, *phase), out),
            Command::Uncross { instrument, reference, then } => {
                cold(UNCROSS, &(instrument.0, reference.map_or(0, |price| price.0), *then), out)
            }
        }
    }

    /// Reads a payload back. Total: any bytes give a command or an error.
    pub fn decode(kind: u16, bytes: &[u8]) -> Result<Command, DecodeError> {
        if bytes.len() > PAYLOAD_MAX {
            return Err(DecodeError::Length { kind, found: bytes.len() });
        }
        let mut fields = Fields { kind, bytes, total: bytes.len() };
        match kind {
            PLACE | PLACE_UNTIL | PLACE_WAITING => decode_place(&mut fields),
            PLACE_LIST => decode_place_list(&mut fields),
            TICK => fields.end().map(|()| Command::Tick),
            CANCEL => decode_cancel(&mut fields),
            AMEND => decode_amend(&mut fields),
            CANCEL_ALL => decode_cancel_all(&mut fields),
            LIST_ASSET => {
                let AssetRecord { symbol, decimals } = fields.cold()?;
                Ok(Command::ListAsset(Asset { symbol: fields.symbol(&symbol)?, decimals }))
            }
            LIST_INSTRUMENT => {
                let record: InstrumentRecord = fields.cold()?;
                Ok(Command::ListInstrument(record.spec().ok_or(fields.bad("symbol"))?))
            }
            OPEN_ACCOUNT => Ok(Command::OpenAccount { reference: Reference(fields.cold()?) }),
            SET_TRADE_GROUP => {
                let (account, group): (u32, Option<u32>) = fields.cold()?;
                Ok(Command::SetTradeGroup { account: AccountId(account), group: group.map(TradeGroup) })
            }
            SET_KILL_SWITCH => {
                let (scope, engaged) = fields.cold()?;
                Ok(Command::SetKillSwitch { scope, engaged })
            }
            SET_SUSPENDED => {
                let (account, suspended) = fields.cold()?;
                Ok(Command::SetSuspended { account: AccountId(account), suspended })
            }
            SET_MARK => {
                let (instrument, price) = fields.cold()?;
                Ok(Command::SetMark { instrument: InstrumentId(instrument), price: Price(price) })
            }
            DEPOSIT => fields.cold().map(|entry: EntryRecord| Command::Deposit(entry.into())),
            WITHDRAW => fields.cold().map(|entry: EntryRecord| Command::Withdraw(entry.into())),
            TRANSFER => {
                let (from, to): (EntryRecord, u32) = fields.cold()?;
                Ok(Command::Transfer { from: from.into(), to: AccountId(to) })
            }
            SET_PHASE => {
                let (instrument, phase): (u16, Phase) = fields.cold()?;
                Ok(Command::SetPhase { instrument: InstrumentId(instrument), phase })
            }
            UNCROSS => {
                let (instrument, reference, then): (u16, u64, Phase) = fields.cold()?;
                let reference = (reference != 0).then_some(Price(reference));
                Ok(Command::Uncross { instrument: InstrumentId(instrument), reference, then })
            }
            _ => Err(DecodeError::UnknownKind(kind)),
        }
    }
}

/// `account:u32 instrument:u16 side:u8 kind:u8 time_in_force:u8 flags:u8 name_len:u8 self_trade:u8 terms:16 name`,
/// where self_trade is 0 for the instrument's setting and a mode's number plus one otherwise. An order with a time (GTD)
/// is of kind 5, with `until_ns:u64` before the name; one with a trigger is of kind 7, with `until_ns:u64 trigger:16`
/// there, the time zero for none.
fn encode_place(order: &PlaceOrder, out: &mut Vec<u8>) -> u16 {
    let name = order.client_order_id.as_ref().map_or("", |id| id.as_str());
    let (kind, terms) = terms(&order.kind);
    let (time_in_force, until_ns) = ending(order.time_in_force);
    let mut fixed = [0_u8; 28];
    fixed[0..4].copy_from_slice(&order.account.0.to_le_bytes());
    fixed[4..6].copy_from_slice(&order.instrument.0.to_le_bytes());
    fixed[6] = order.side as u8;
    fixed[7] = kind;
    fixed[8] = time_in_force;
    fixed[9] = u8::from(order.post_only);
    fixed[10] = name.len() as u8;
    fixed[11] = self_trade(order.self_trade_prevention);
    fixed[12..28].copy_from_slice(&terms.to_le_bytes());
    out.extend_from_slice(&fixed);
    let kind = match (until_ns, &order.trigger) {
        (None, None) => PLACE,
        (Some(until_ns), None) => {
            out.extend_from_slice(&until_ns.to_le_bytes());
            PLACE_UNTIL
        }
        (until_ns, Some(trigger)) => {
            out.extend_from_slice(&until_ns.unwrap_or(0).to_le_bytes());
            out.extend_from_slice(&trigger_bytes(Some(trigger)));
            PLACE_WAITING
        }
    };
    out.extend_from_slice(name.as_bytes());
    kind
}

fn decode_place(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
    let account = AccountId(u32::from_le_bytes(fields.take()?));
    let instrument = InstrumentId(u16::from_le_bytes(fields.take()?));
    let [side, kind, time_in_force, flags, name_len, self_trade] = fields.take()?;
    let terms = u128::from_le_bytes(fields.take()?);
    let until_ns = if fields.kind == PLACE { 0 } else { u64::from_le_bytes(fields.take()?) };
    let trigger = if fields.kind == PLACE_WAITING { fields.trigger()? } else { None };
    let name = fields.name(name_len)?;
    let time_in_force = fields.ending(time_in_force, until_ns)?;
    // Each order has one kind: the shortest that can say it.
    let with_time = matches!(time_in_force, TimeInForce::Gtd { .. });
    let kind_fits = match fields.kind {
        PLACE => !with_time,
        PLACE_UNTIL => with_time,
        _ => trigger.is_some(),
    };
    if !kind_fits {
        return Err(fields.bad("time in force or trigger"));
    }
    Ok(Command::Place(PlaceOrder {
        account,
        instrument,
        side: fields.side(side)?,
        kind: fields.order_kind(kind, terms)?,
        time_in_force,
        post_only: fields.flag(flags)?,
        self_trade_prevention: fields.self_trade_prevention(self_trade)?,
        trigger,
        client_order_id: name,
    }))
}

/// `account:u32 instrument:u16 list:u8 name_len:u8 self_trade:u8 0:u8 0:u16`, then for each order `side:u8 kind:u8
/// time_in_force:u8 flags:u8 0:u32 terms:16 until_ns:u64 trigger:16` (48 bytes), then the name. Lists: 0 OCO (two orders),
/// 1 OTO (two), 2 OTOCO (three).
fn encode_place_list(list: &PlaceList, out: &mut Vec<u8>) -> u16 {
    let name = list.client_order_id.as_ref().map_or("", |id| id.as_str());
    let kind = match list.orders {
        ListOrders::Oco(_) => 0,
        ListOrders::Oto { .. } => 1,
        ListOrders::Otoco { .. } => 2,
    };
    out.extend_from_slice(&list.account.0.to_le_bytes());
    out.extend_from_slice(&list.instrument.0.to_le_bytes());
    out.extend_from_slice(&[kind, name.len() as u8, self_trade(list.self_trade_prevention), 0, 0, 0]);
    for Leg { side, kind, time_in_force, post_only, trigger } in list.orders.legs() {
        let (kind, terms) = terms(kind);
        let (time_in_force, until_ns) = ending(*time_in_force);
        out.extend_from_slice(&[*side as u8, kind, time_in_force, u8::from(*post_only), 0, 0, 0, 0]);
        out.extend_from_slice(&terms.to_le_bytes());
        out.extend_from_slice(&until_ns.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&trigger_bytes(trigger.as_ref()));
    }
    out.extend_from_slice(name.as_bytes());
    PLACE_LIST
}

fn decode_place_list(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
    let account = AccountId(u32::from_le_bytes(fields.take()?));
    let instrument = InstrumentId(u16::from_le_bytes(fields.take()?));
    let [kind, name_len, self_trade, 0, 0, 0] = fields.take()? else { return Err(fields.bad("padding")) };
    let orders = match kind {
        0 => ListOrders::Oco([fields.leg()?, fields.leg()?]),
        1 => ListOrders::Oto { working: fields.leg()?, pending: fields.leg()? },
        2 => ListOrders::Otoco { working: fields.leg()?, pending: [fields.leg()?, fields.leg()?] },
        _ => return Err(fields.bad("list")),
    };
    let self_trade_prevention = fields.self_trade_prevention(self_trade)?;
    let client_order_id = fields.name(name_len)?;
    Ok(Command::PlaceList(PlaceList { account, instrument, orders, self_trade_prevention, client_order_id }))
}

/// An order's kind, and its terms: `price:u64 qty:u64`, `qty:u64 0:u64` or `budget:i128`.
fn terms(kind: &OrderKind) -> (u8, u128) {
    match *kind {
        OrderKind::Limit { price, qty } => (0, u128::from(qty.0) << 64 | u128::from(price.0)),
        OrderKind::Market { qty } => (1, u128::from(qty.0)),
        OrderKind::MarketQuote { budget } => (2, budget.0 as u128),
        OrderKind::MarketToLimit { qty } => (3, u128::from(qty.0)),
    }
}

fn ending(time_in_force: TimeInForce) -> (u8, Option<u64>) {
    match time_in_force {
        TimeInForce::Gtc => (0, None),
        TimeInForce::Ioc => (1, None),
        TimeInForce::Fok => (2, None),
        TimeInForce::Day => (3, None),
        TimeInForce::Gtd { until_ns } => (4, Some(until_ns)),
    }
}

fn self_trade(mode: Option<SelfTradePrevention>) -> u8 {
    mode.map_or(0, |mode| mode as u8 + 1)
}

/// `kind:u8 trail:u8 0:u16 offset:u32 price:u64`. Kinds: 0 none, 1 stop, 2 take-profit. Trails: bits 1 and 2 are its unit (0
/// none, 1 ticks, 2 basis points), bit 3 says whether there is a price.
fn trigger_bytes(trigger: Option<&Trigger>) -> [u8; 16] {
    let mut bytes = [0; 16];
    let Some(Trigger { kind, price, trail }) = trigger else { return bytes };
    let (unit, offset) = match *trail {
        None => (0, 0),
        Some(Trail::Ticks(ticks)) => (1, ticks),
        Some(Trail::BasisPoints(points)) => (2, points),
    };
    bytes[0] = *kind as u8 + 1;
    bytes[1] = unit | u8::from(price.is_some()) << 2;
    bytes[4..8].copy_from_slice(&offset.to_le_bytes());
    bytes[8..16].copy_from_slice(&price.map_or(0, |price| price.0).to_le_bytes());
    bytes
}

/// `account:u32 name_len:u8 0:u8 0:u16 order:u64 name`; a name length of zero means the number.
fn encode_cancel(account: AccountId, order: &OrderRef, out: &mut Vec<u8>) -> u16 {
    let (id, name) = order_parts(order);
    out.extend_from_slice(&account.0.to_le_bytes());
    out.extend_from_slice(&[name.len() as u8, 0, 0, 0]);
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(name.as_bytes());
    CANCEL
}

fn decode_cancel(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
    let account = AccountId(u32::from_le_bytes(fields.take()?));
    let [name_len, 0, 0, 0] = fields.take()? else { return Err(fields.bad("padding")) };
    let order = fields.order(name_len)?;
    Ok(Command::Cancel { account, order })
}

/// `account:u32 name_len:u8 flags:u8 0:u16 price:u64 qty:u64 order:u64 name`; flags: 1 price given, 2 quantity given.
fn encode_amend(amend: &AmendOrder, out: &mut Vec<u8>) -> u16 {
    let (id, name) = order_parts(&amend.order);
    let flags = u8::from(amend.price.is_some()) | u8::from(amend.qty.is_some()) << 1;
    out.extend_from_slice(&amend.account.0.to_le_bytes());
    out.extend_from_slice(&[name.len() as u8, flags, 0, 0]);
    out.extend_from_slice(&amend.price.map_or(0, |price| price.0).to_le_bytes());
    out.extend_from_slice(&amend.qty.map_or(0, |qty| qty.0).to_le_bytes());
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(name.as_bytes());
    AMEND
}

fn decode_amend(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
    let account = AccountId(u32::from_le_bytes(fields.take()?));
    let [name_len, flags @ 0..=3, 0, 0] = fields.take()? else { return Err(fields.bad("flags")) };
    let (price, qty) = (u64::from_le_bytes(fields.take()?), u64::from_le_bytes(fields.take()?));
    let order = fields.order(name_len)?;
    let (price, qty) = ((flags & 1 != 0).then_some(Price(price)), (flags & 2 != 0).then_some(Qty(qty)));
    Ok(Command::Amend(AmendOrder { account, order, price, qty }))
}

/// `account:u32 flags:u8 side:u8 instrument:u16`; flags: 1 instrument given, 2 side given.
fn decode_cancel_all(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
    let account = AccountId(u32::from_le_bytes(fields.take()?));
    let [flags @ 0..=3, side] = fields.take()? else { return Err(fields.bad("flags")) };
    let instrument = InstrumentId(u16::from_le_bytes(fields.take()?));
    let side = fields.side(side)?;
    fields.end()?;
    let (instrument, side) = ((flags & 1 != 0).then_some(instrument), (flags & 2 != 0).then_some(side));
    Ok(Command::CancelAll { account, instrument, side })
}

fn order_parts(order: &OrderRef) -> (u64, &str) {
    match order {
        OrderRef::Id(id) => (id.0, ""),
        OrderRef::Client(id) => (0, id.as_str()),
    }
}

fn cold<T: SchemaWrite<wincode::config::DefaultConfig, Src = T>>(kind: u16, record: &T, out: &mut Vec<u8>) -> u16 {
    wincode::serialize_into(out, record).expect("memory takes every record");
    kind
}

/// What is left of a payload.
struct Fields<'a> {
    kind: u16,
    bytes: &'a [u8],
    total: usize,
}

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.bytes.split_first_chunk().ok_or(self.length())?;
        self.bytes = rest;
        Ok(*head)
    }

    fn length(&self) -> DecodeError {
        DecodeError::Length { kind: self.kind, found: self.total }
    }

    fn bad(&self, field: &'static str) -> DecodeError {
        DecodeError::Field { kind: self.kind, field }
    }

    fn end(&self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(self.length()) }
    }

    fn flag(&self, byte: u8) -> Result<bool, DecodeError> {
        if byte <= 1 { Ok(byte == 1) } else { Err(self.bad("flags")) }
    }

    fn self_trade_prevention(&self, byte: u8) -> Result<Option<SelfTradePrevention>, DecodeError> {
        let mode = byte.checked_sub(1).map(|mode| SelfTradePrevention::ALL.get(usize::from(mode)).copied());
        match mode {
            None => Ok(None),
            Some(Some(mode)) => Ok(Some(mode)),
            Some(None) => Err(self.bad("self-trade prevention")),
        }
    }

    fn order_kind(&self, kind: u8, terms: u128) -> Result<OrderKind, DecodeError> {
        let (low, high) = (terms as u64, (terms >> 64) as u64);
        match kind {
            0 => Ok(OrderKind::Limit { price: Price(low), qty: Qty(high) }),
            1 if high == 0 => Ok(OrderKind::Market { qty: Qty(low) }),
            2 => Ok(OrderKind::MarketQuote { budget: Amount(terms as i128) }),
            3 if high == 0 => Ok(OrderKind::MarketToLimit { qty: Qty(low) }),
            _ => Err(self.bad("order kind")),
        }
    }

    fn ending(&self, byte: u8, until_ns: u64) -> Result<TimeInForce, DecodeError> {
        match (byte, until_ns) {
            (0, 0) => Ok(TimeInForce::Gtc),
            (1, 0) => Ok(TimeInForce::Ioc),
            (2, 0) => Ok(TimeInForce::Fok),
            (3, 0) => Ok(TimeInForce::Day),
            (4, until_ns) => Ok(TimeInForce::Gtd { until_ns }),
            _ => Err(self.bad("time in force")),
        }
    }

    fn trigger(&mut self) -> Result<Option<Trigger>, DecodeError> {
        let [kind, flags @ 0..=7, 0, 0] = self.take()? else { return Err(self.bad("trigger")) };
        let (offset, price) = (u32::from_le_bytes(self.take()?), u64::from_le_bytes(self.take()?));
        let trail = match (flags & 3, offset) {
            (0, 0) => None,
            (1, ticks) => Some(Trail::Ticks(ticks)),
            (2, points) => Some(Trail::BasisPoints(points)),
            _ => return Err(self.bad("trigger")),
        };
        let price = match (flags & 4, price) {
            (0, 0) => None,
            (4, price) => Some(Price(price)),
            _ => return Err(self.bad("trigger")),
        };
        match kind {
            0 if trail.is_none() && price.is_none() => Ok(None),
            1 => Ok(Some(Trigger { kind: TriggerKind::Stop, price, trail })),
            2 => Ok(Some(Trigger { kind: TriggerKind::TakeProfit, price, trail })),
            _ => Err(self.bad("trigger")),
        }
    }

    fn leg(&mut self) -> Result<Leg, DecodeError> {
        let [side, kind, time_in_force, flags, 0, 0, 0, 0] = self.take()? else { return Err(self.bad("padding")) };
        let terms = u128::from_le_bytes(self.take()?);
        let until_ns = u64::from_le_bytes(self.take()?);
        Ok(Leg {
            side: self.side(side)?,
            kind: self.order_kind(kind, terms)?,
            time_in_force: self.ending(time_in_force, until_ns)?,
            post_only: self.flag(flags)?,
            trigger: self.trigger()?,
        })
    }

    fn side(&self, byte: u8) -> Result<Side, DecodeError> {
        match byte {
            0 => Ok(Side::Buy),
            1 => Ok(Side::Sell),
            _ => Err(self.bad("side")),
        }
    }

    /// The rest of the payload, as a name of the stated length; zero is no name.
    fn name(&mut self, len: u8) -> Result<Option<ClientOrderId>, DecodeError> {
        if self.bytes.len() != usize::from(len) {
            return Err(self.length());
        }
        let text = std::str::from_utf8(self.bytes).map_err(|_| self.bad("client order id"))?;
        let name = (len > 0).then(|| ClientOrderId::new(text).ok_or(self.bad("client order id")));
        name.transpose()
    }

    fn order(&mut self, name_len: u8) -> Result<OrderRef, DecodeError> {
        let id = u64::from_le_bytes(self.take()?);
        Ok(self.name(name_len)?.map_or(OrderRef::Id(OrderId(id)), OrderRef::Client))
    }

    fn symbol(&self, text: &str) -> Result<Symbol, DecodeError> {
        Symbol::new(text).ok_or(self.bad("symbol"))
    }

    fn cold<T>(&self) -> Result<T, DecodeError>
    where
        T: for<'de> SchemaRead<'de, wincode::config::DefaultConfig, Dst = T>,
    {
        wincode::deserialize_exact(self.bytes).map_err(|_| self.length())
    }
}

#[derive(SchemaRead, SchemaWrite)]
pub(crate) struct AssetRecord {
    pub(crate) symbol: String,
    pub(crate) decimals: u8,
}

#[derive(SchemaRead, SchemaWrite)]
pub(crate) struct InstrumentRecord {
    symbol: String,
    base: AssetId,
    quote: AssetId,
    tick_mantissa: u64,
    price_decimals: u8,
    lot: Amount,
    maker_fee: Ppm,
    taker_fee: Ppm,
    fee_asset: FeeAsset,
    filters: Filters,
    self_trade_prevention: SelfTradePrevention,
    allocation: Allocation,
    bands: Bands,
    trigger_source: TriggerSource,
    trigger_at_entry: TriggerAtEntry,
    phase: Phase,
}

impl From<&InstrumentSpec> for InstrumentRecord {
    fn from(spec: &InstrumentSpec) -> Self {
        let symbol = spec.symbol.to_string();
        let InstrumentSpec { base, quote, tick_mantissa, price_decimals, lot, .. } = *spec;
        let InstrumentSpec { maker_fee, taker_fee, fee_asset, filters, phase, .. } = *spec;
        let InstrumentSpec { self_trade_prevention, allocation, bands, trigger_source, trigger_at_entry, .. } = *spec;
        Self {
            symbol,
            base,
            quote,
            tick_mantissa,
            price_decimals,
            lot,
            maker_fee,
            taker_fee,
            fee_asset,
            filters,
            self_trade_prevention,
            allocation,
            bands,
            trigger_source,
            trigger_at_entry,
            phase,
        }
    }
}

impl InstrumentRecord {
    /// The specification, unless its symbol is none.
    pub(crate) fn spec(self) -> Option<InstrumentSpec> {
        let symbol = Symbol::new(&self.symbol)?;
        let Self { base, quote, tick_mantissa, price_decimals, lot, .. } = self;
        let Self { maker_fee, taker_fee, fee_asset, filters, phase, .. } = self;
        let Self { self_trade_prevention, allocation, bands, trigger_source, trigger_at_entry, .. } = self;
        Some(InstrumentSpec {
            symbol,
            base,
            quote,
            tick_mantissa,
            price_decimals,
            lot,
            maker_fee,
            taker_fee,
            fee_asset,
            filters,
            self_trade_prevention,
            allocation,
            bands,
            trigger_source,
            trigger_at_entry,
            phase,
        })
    }
}

#[derive(SchemaRead, SchemaWrite)]
struct EntryRecord {
    account: AccountId,
    asset: AssetId,
    amount: Amount,
    reference: u64,
}

impl From<&LedgerEntry> for EntryRecord {
    fn from(entry: &LedgerEntry) -> Self {
        let LedgerEntry { account, asset, amount, reference } = *entry;
        Self { account, asset, amount, reference: reference.0 }
    }
}

impl From<EntryRecord> for LedgerEntry {
    fn from(record: EntryRecord) -> Self {
        let EntryRecord { account, asset, amount, reference } = record;
        Self { account, asset, amount, reference: Reference(reference) }
    }
}
