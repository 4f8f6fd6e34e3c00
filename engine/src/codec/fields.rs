//! Reading a payload field by field.

use wincode::SchemaRead;

use super::DecodeError;
use crate::command::{
    Leg, OrderKind, OrderRef, Peg, PegTo, SelfTradePrevention, Side, TimeInForce, Trail, Trigger, TriggerKind,
};
use crate::ids::{ClientOrderId, OrderId, Symbol};
use crate::units::{Amount, Price, Qty};

/// What is left of a payload.
pub(super) struct Fields<'a> {
    pub(super) kind: u16,
    pub(super) bytes: &'a [u8],
    pub(super) total: usize,
}

impl Fields<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.bytes.split_first_chunk().ok_or(self.length())?;
        self.bytes = rest;
        Ok(*head)
    }

    pub(super) fn length(&self) -> DecodeError {
        DecodeError::Length { kind: self.kind, found: self.total }
    }

    pub(super) fn bad(&self, field: &'static str) -> DecodeError {
        DecodeError::Field { kind: self.kind, field }
    }

    pub(super) fn end(&self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(self.length()) }
    }

    pub(super) fn flag(&self, byte: u8) -> Result<bool, DecodeError> {
        if byte <= 1 { Ok(byte == 1) } else { Err(self.bad("flags")) }
    }

    pub(super) fn self_trade_prevention(&self, byte: u8) -> Result<Option<SelfTradePrevention>, DecodeError> {
        let mode = byte.checked_sub(1).map(|mode| SelfTradePrevention::ALL.get(usize::from(mode)).copied());
        match mode {
            None => Ok(None),
            Some(Some(mode)) => Ok(Some(mode)),
            Some(None) => Err(self.bad("self-trade prevention")),
        }
    }

    pub(super) fn order_kind(&self, kind: u8, terms: u128) -> Result<OrderKind, DecodeError> {
        let (low, high) = (terms as u64, (terms >> 64) as u64);
        match kind {
            0 => Ok(OrderKind::Limit { price: Price(low), qty: Qty(high) }),
            1 if high == 0 => Ok(OrderKind::Market { qty: Qty(low) }),
            2 => Ok(OrderKind::MarketQuote { budget: Amount(terms as i128) }),
            3 if high == 0 => Ok(OrderKind::MarketToLimit { qty: Qty(low) }),
            _ => Err(self.bad("order kind")),
        }
    }

    pub(super) fn ending(&self, byte: u8, until_ns: u64) -> Result<TimeInForce, DecodeError> {
        match (byte, until_ns) {
            (0, 0) => Ok(TimeInForce::Gtc),
            (1, 0) => Ok(TimeInForce::Ioc),
            (2, 0) => Ok(TimeInForce::Fok),
            (3, 0) => Ok(TimeInForce::Day),
            (4, until_ns) => Ok(TimeInForce::Gtd { until_ns }),
            (5, 0) => Ok(TimeInForce::AtOpen),
            (6, 0) => Ok(TimeInForce::AtClose),
            _ => Err(self.bad("time in force")),
        }
    }

    pub(super) fn trigger(&mut self) -> Result<Option<Trigger>, DecodeError> {
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

    pub(super) fn peg(&mut self) -> Result<Option<Peg>, DecodeError> {
        let [to, 0, 0, 0] = self.take()? else { return Err(self.bad("peg")) };
        let offset = i32::from_le_bytes(self.take()?);
        match PegTo::ALL.into_iter().find(|known| *known as u8 == to) {
            Some(to) => Ok(Some(Peg { to, offset })),
            None if to == 0 && offset == 0 => Ok(None),
            None => Err(self.bad("peg")),
        }
    }

    /// The display quantity of an order whose flags say that it has one; otherwise the field is zero.
    pub(super) fn display(&mut self, flags: u8) -> Result<Option<Qty>, DecodeError> {
        let qty = Qty(u64::from_le_bytes(self.take()?));
        match flags & 2 {
            0 if qty.is_zero() => Ok(None),
            0 => Err(self.bad("display quantity")),
            _ => Ok(Some(qty)),
        }
    }

    pub(super) fn leg(&mut self) -> Result<Leg, DecodeError> {
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

    pub(super) fn side(&self, byte: u8) -> Result<Side, DecodeError> {
        match byte {
            0 => Ok(Side::Buy),
            1 => Ok(Side::Sell),
            _ => Err(self.bad("side")),
        }
    }

    /// The rest of the payload, as a name of the stated length; zero is no name.
    pub(super) fn name(&mut self, len: u8) -> Result<Option<ClientOrderId>, DecodeError> {
        if self.bytes.len() != usize::from(len) {
            return Err(self.length());
        }
        let text = std::str::from_utf8(self.bytes).map_err(|_| self.bad("client order id"))?;
        let name = (len > 0).then(|| ClientOrderId::new(text).ok_or(self.bad("client order id")));
        name.transpose()
    }

    pub(super) fn order(&mut self, name_len: u8) -> Result<OrderRef, DecodeError> {
        let id = u64::from_le_bytes(self.take()?);
        Ok(self.name(name_len)?.map_or(OrderRef::Id(OrderId(id)), OrderRef::Client))
    }

    pub(super) fn symbol(&self, text: &str) -> Result<Symbol, DecodeError> {
        Symbol::new(text).ok_or(self.bad("symbol"))
    }

    pub(super) fn cold<T>(&self) -> Result<T, DecodeError>
    where
        T: for<'de> SchemaRead<'de, wincode::config::DefaultConfig, Dst = T>,
    {
        wincode::deserialize_exact(self.bytes).map_err(|_| self.length())
    }
}
