//! Orders as bytes: the fixed layouts of the hot commands.

use super::fields::Fields;
use super::{AMEND, CANCEL, CANCEL_ALL, DecodeError, PLACE, PLACE_EXTENDED, PLACE_LIST, PLACE_UNTIL};
use crate::command::{
    AmendOrder, Command, Leg, ListOrders, OrderKind, OrderRef, Peg, PlaceList, PlaceOrder, SelfTradePrevention, Side,
    TimeInForce, Trail, Trigger,
};
use crate::ids::{AccountId, InstrumentId};
use crate::units::{Price, Qty};

const REDUCE_ONLY: u8 = 4;
const IMBALANCE_ONLY: u8 = 8;

/// `account:u32 instrument:u16 side:u8 kind:u8 time_in_force:u8 flags:u8 name_len:u8 self_trade:u8 terms:16 name`,
/// where self_trade is 0 for the instrument's setting and a mode's number plus one otherwise. An order with a time (GTD)
/// is of kind 5, with `until_ns:u64` before the name; one with a trigger, a peg, a display quantity or a minimum quantity is of
/// kind 7, with `until_ns:u64 trigger:16 display:u64 min:u64 peg:u8 0:u8 0:u16 offset:i32` there, zero for none. Flags: 1 post-only, 2 display quantity given,
/// 4 reduce-only, 8 imbalance-only.
pub(super) fn encode_place(order: &PlaceOrder, out: &mut Vec<u8>) -> u16 {
    let name = order.client_order_id.as_ref().map_or("", |id| id.as_str());
    let (kind, terms) = terms(&order.kind);
    let (time_in_force, until_ns) = ending(order.time_in_force);
    let mut fixed = [0_u8; 28];
    fixed[0..4].copy_from_slice(&order.account.0.to_le_bytes());
    fixed[4..6].copy_from_slice(&order.instrument.0.to_le_bytes());
    fixed[6] = order.side as u8;
    fixed[7] = kind;
    fixed[8] = time_in_force;
    fixed[9] = u8::from(order.post_only)
        | u8::from(order.display_qty.is_some()) << 1
        | u8::from(order.reduce_only) << 2
        | u8::from(order.imbalance_only) << 3;
    fixed[10] = name.len() as u8;
    fixed[11] = self_trade(order.self_trade_prevention);
    fixed[12..28].copy_from_slice(&terms.to_le_bytes());
    out.extend_from_slice(&fixed);
    let is_plain =
        order.trigger.is_none() && order.display_qty.is_none() && order.min_qty.is_zero() && order.peg.is_none();
    let kind = match until_ns {
        None if is_plain => PLACE,
        Some(until_ns) if is_plain => {
            out.extend_from_slice(&until_ns.to_le_bytes());
            PLACE_UNTIL
        }
        until_ns => {
            out.extend_from_slice(&until_ns.unwrap_or(0).to_le_bytes());
            out.extend_from_slice(&trigger_bytes(order.trigger.as_ref()));
            out.extend_from_slice(&order.display_qty.map_or(0, |qty| qty.0).to_le_bytes());
            out.extend_from_slice(&order.min_qty.0.to_le_bytes());
            out.extend_from_slice(&peg_bytes(order.peg));
            PLACE_EXTENDED
        }
    };
    out.extend_from_slice(name.as_bytes());
    kind
}

pub(super) fn decode_place(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
    let account = AccountId(u32::from_le_bytes(fields.take()?));
    let instrument = InstrumentId(u16::from_le_bytes(fields.take()?));
    let [side, kind, time_in_force, flags, name_len, self_trade] = fields.take()?;
    let terms = u128::from_le_bytes(fields.take()?);
    let until_ns = if fields.kind == PLACE { 0 } else { u64::from_le_bytes(fields.take()?) };
    let (trigger, display_qty, min_qty, peg) = match fields.kind {
        PLACE_EXTENDED => {
            let (trigger, display) = (fields.trigger()?, fields.display(flags)?);
            (trigger, display, Qty(u64::from_le_bytes(fields.take()?)), fields.peg()?)
        }
        _ => (None, None, Qty::ZERO, None),
    };
    let name = fields.name(name_len)?;
    let time_in_force = fields.ending(time_in_force, until_ns)?;
    // Each order has one kind: the shortest that can say it.
    let with_time = matches!(time_in_force, TimeInForce::Gtd { .. });
    let kind_fits = match fields.kind {
        PLACE => !with_time,
        PLACE_UNTIL => with_time,
        _ => trigger.is_some() || display_qty.is_some() || !min_qty.is_zero() || peg.is_some(),
    };
    if !kind_fits {
        return Err(fields.bad("time in force, trigger, peg, display or minimum quantity"));
    }
    Ok(Command::Place(PlaceOrder {
        account,
        instrument,
        side: fields.side(side)?,
        kind: fields.order_kind(kind, terms)?,
        time_in_force,
        post_only: fields.flag(flags & !(u8::from(display_qty.is_some()) << 1 | REDUCE_ONLY | IMBALANCE_ONLY))?,
        self_trade_prevention: fields.self_trade_prevention(self_trade)?,
        display_qty,
        min_qty,
        reduce_only: flags & REDUCE_ONLY != 0,
        imbalance_only: flags & IMBALANCE_ONLY != 0,
        peg,
        trigger,
        client_order_id: name,
    }))
}

/// `account:u32 instrument:u16 list:u8 name_len:u8 self_trade:u8 0:u8 0:u16`, then for each order `side:u8 kind:u8
/// time_in_force:u8 flags:u8 0:u32 terms:16 until_ns:u64 trigger:16` (48 bytes), then the name. Lists: 0 OCO (two orders),
/// 1 OTO (two), 2 OTOCO (three).
pub(super) fn encode_place_list(list: &PlaceList, out: &mut Vec<u8>) -> u16 {
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

pub(super) fn decode_place_list(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
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
        TimeInForce::AtOpen => (5, None),
        TimeInForce::AtClose => (6, None),
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

/// `to:u8 0:u8 0:u16 offset:i32`, where to is 0 for none.
fn peg_bytes(peg: Option<Peg>) -> [u8; 8] {
    let mut bytes = [0; 8];
    if let Some(Peg { to, offset }) = peg {
        bytes[0] = to as u8;
        bytes[4..8].copy_from_slice(&offset.to_le_bytes());
    }
    bytes
}

/// `account:u32 name_len:u8 0:u8 0:u16 order:u64 name`; a name length of zero means the number.
pub(super) fn encode_cancel(account: AccountId, order: &OrderRef, out: &mut Vec<u8>) -> u16 {
    let (id, name) = order_parts(order);
    out.extend_from_slice(&account.0.to_le_bytes());
    out.extend_from_slice(&[name.len() as u8, 0, 0, 0]);
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(name.as_bytes());
    CANCEL
}

pub(super) fn decode_cancel(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
    let account = AccountId(u32::from_le_bytes(fields.take()?));
    let [name_len, 0, 0, 0] = fields.take()? else { return Err(fields.bad("padding")) };
    let order = fields.order(name_len)?;
    Ok(Command::Cancel { account, order })
}

/// `account:u32 name_len:u8 flags:u8 0:u16 price:u64 qty:u64 order:u64 name`; flags: 1 price given, 2 quantity given.
pub(super) fn encode_amend(amend: &AmendOrder, out: &mut Vec<u8>) -> u16 {
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

pub(super) fn decode_amend(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
    let account = AccountId(u32::from_le_bytes(fields.take()?));
    let [name_len, flags @ 0..=3, 0, 0] = fields.take()? else { return Err(fields.bad("flags")) };
    let (price, qty) = (u64::from_le_bytes(fields.take()?), u64::from_le_bytes(fields.take()?));
    let order = fields.order(name_len)?;
    let (price, qty) = ((flags & 1 != 0).then_some(Price(price)), (flags & 2 != 0).then_some(Qty(qty)));
    Ok(Command::Amend(AmendOrder { account, order, price, qty }))
}

/// `account:u32 flags:u8 side:u8 instrument:u16`; flags: 1 instrument given, 2 side given.
pub(super) fn encode_cancel_all(
    account: AccountId,
    instrument: Option<InstrumentId>,
    side: Option<Side>,
    out: &mut Vec<u8>,
) -> u16 {
    let flags = u8::from(instrument.is_some()) | u8::from(side.is_some()) << 1;
    out.extend_from_slice(&account.0.to_le_bytes());
    out.extend_from_slice(&[flags, side.map_or(0, |side| side as u8)]);
    out.extend_from_slice(&instrument.map_or(0, |instrument| instrument.0).to_le_bytes());
    CANCEL_ALL
}

pub(super) fn decode_cancel_all(fields: &mut Fields<'_>) -> Result<Command, DecodeError> {
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
