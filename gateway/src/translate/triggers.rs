//! What an order waits for, as it comes and as it goes.

use papertape_engine::{Instrument, Trail, Trigger, TriggerAtEntry, TriggerKind, TriggerSource};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::commands::price;
use super::number::Decimal;
use crate::errors::Failure;

/// From which side the market's reference price reaches the trigger price. `stop`: it moves against the order, a buy
/// waits for it at or above the price, a sell at or below. `take_profit`: it moves for the order, the other way round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerKindWord {
    /// A buy waits for a reference at or above the price, a sell at or below.
    Stop,
    /// A buy waits for a reference at or below the price, a sell at or above.
    TakeProfit,
}

impl From<TriggerKindWord> for TriggerKind {
    fn from(word: TriggerKindWord) -> TriggerKind {
        match word {
            TriggerKindWord::Stop => TriggerKind::Stop,
            TriggerKindWord::TakeProfit => TriggerKind::TakeProfit,
        }
    }
}

impl From<TriggerKind> for TriggerKindWord {
    fn from(kind: TriggerKind) -> TriggerKindWord {
        match kind {
            TriggerKind::Stop => TriggerKindWord::Stop,
            TriggerKind::TakeProfit => TriggerKindWord::TakeProfit,
        }
    }
}

/// The market's reference price at which triggers look. `last_trade`: the price of the last trade. `mark`: the price
/// that the operator sets. `mid`: the middle of best bid and best ask, rounded down to a tick, while there are both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerSourceWord {
    /// The price of the last trade.
    LastTrade,
    /// The mark price.
    Mark,
    /// The middle of best bid and best ask.
    Mid,
}

impl From<TriggerSource> for TriggerSourceWord {
    fn from(source: TriggerSource) -> Self {
        match source {
            TriggerSource::LastTrade => TriggerSourceWord::LastTrade,
            TriggerSource::Mark => TriggerSourceWord::Mark,
            TriggerSource::Mid => TriggerSourceWord::Mid,
        }
    }
}

impl From<TriggerSourceWord> for TriggerSource {
    fn from(word: TriggerSourceWord) -> Self {
        match word {
            TriggerSourceWord::LastTrade => TriggerSource::LastTrade,
            TriggerSourceWord::Mark => TriggerSource::Mark,
            TriggerSourceWord::Mid => TriggerSource::Mid,
        }
    }
}

/// What becomes of an order whose trigger price has been reached already when it is placed: it is refused
/// (`TRIGGER_ALREADY_MET`), or fires at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerAtEntryWord {
    /// It is refused.
    Refuse,
    /// It fires at once.
    Fire,
}

impl From<TriggerAtEntry> for TriggerAtEntryWord {
    fn from(setting: TriggerAtEntry) -> Self {
        match setting {
            TriggerAtEntry::Refuse => TriggerAtEntryWord::Refuse,
            TriggerAtEntry::Fire => TriggerAtEntryWord::Fire,
        }
    }
}

impl From<TriggerAtEntryWord> for TriggerAtEntry {
    fn from(word: TriggerAtEntryWord) -> Self {
        match word {
            TriggerAtEntryWord::Refuse => TriggerAtEntry::Refuse,
            TriggerAtEntryWord::Fire => TriggerAtEntry::Fire,
        }
    }
}

/// What an order waits for: the market's reference price (`trigger_source` of the market) reaching `price`. With an
/// offset, `trail` or `trail_bps`, the order does not fire there but begins to trail: a sell remembers the highest
/// reference from then on and fires when the reference is the offset below it, a buy the lowest and fires above it.
/// Without `price` it trails from the reference of the moment. At least one of the three is given
/// (`INVALID_TRIGGER`), and at most one of `trail` and `trail_bps`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "stop", "price": "59000.00"}))]
pub(crate) struct TriggerBody {
    /// Stop or take-profit.
    pub kind: TriggerKindWord,
    /// The trigger price, on the market's tick. One that has been reached already is refused or fires at once, as the
    /// market's `trigger_at_entry` says.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// How far the reference must turn, as a difference of prices on the market's tick, at least one tick.
    #[serde(default)]
    pub trail: Option<Decimal>,
    /// How far it must turn, in hundredths of a percent of the best reference, 1 to 9999.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 9999)]
    pub trail_bps: Option<u32>,
}

/// A trigger of an order in `instrument`.
pub(super) fn trigger(instrument: &Instrument, body: &TriggerBody) -> Result<Trigger, Failure> {
    let at = body.price.as_ref().map(|text| price("trigger.price", instrument, text)).transpose()?;
    Ok(Trigger { kind: body.kind.into(), price: at, trail: trail(instrument, body)? })
}

fn trail(instrument: &Instrument, body: &TriggerBody) -> Result<Option<Trail>, Failure> {
    match (&body.trail, body.trail_bps) {
        (None, None) => Ok(None),
        (None, Some(points)) => Ok(Some(Trail::BasisPoints(points))),
        (Some(text), None) => {
            let ticks = price("trigger.trail", instrument, text)?.0;
            let ticks = u32::try_from(ticks).map_err(|_| Failure::field("trigger.trail", "too large"))?;
            Ok(Some(Trail::Ticks(ticks)))
        }
        (Some(_), Some(_)) => Err(Failure::field("trigger.trail", "give either trail or trail_bps")),
    }
}

/// What an order waits for, or waited for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"kind": "stop", "price": "59000.00", "trail": null, "trail_bps": null}))]
pub(crate) struct TriggerMessage {
    /// Stop or take-profit.
    pub kind: TriggerKindWord,
    /// The price at which it fires, or begins to trail; null if it trails from where the reference was.
    pub price: Option<String>,
    /// How far the reference must turn, as a difference of prices.
    pub trail: Option<String>,
    /// How far the reference must turn, in hundredths of a percent.
    pub trail_bps: Option<u32>,
}

impl TriggerMessage {
    pub(super) fn new(instrument: &Instrument, trigger: &Trigger) -> Self {
        let (trail, trail_bps) = match trigger.trail {
            None => (None, None),
            Some(Trail::Ticks(ticks)) => (Some(instrument.format_price(papertape_engine::Price(ticks.into()))), None),
            Some(Trail::BasisPoints(points)) => (None, Some(points)),
        };
        let price = trigger.price.map(|price| instrument.format_price(price));
        Self { kind: trigger.kind.into(), price, trail, trail_bps }
    }
}
