//! What the price of a pegged order follows, as it comes and as it goes.

use papertape_engine::{Instrument, Peg, PegTo, Price};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which price is followed: the best that shows of orders that are not pegged. `primary`: of the order's own side. `market`:
/// of the other side. `mid`: the middle of both, rounded down for a buy and up for a sell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PegToWord {
    /// The best price of its own side.
    Primary,
    /// The best price of the other side.
    Market,
    /// The middle.
    Mid,
}

impl From<PegToWord> for PegTo {
    fn from(word: PegToWord) -> PegTo {
        match word {
            PegToWord::Primary => PegTo::Primary,
            PegToWord::Market => PegTo::Market,
            PegToWord::Mid => PegTo::Mid,
        }
    }
}

impl From<PegTo> for PegToWord {
    fn from(to: PegTo) -> PegToWord {
        match to {
            PegTo::Primary => PegToWord::Primary,
            PegTo::Market => PegToWord::Market,
            PegTo::Mid => PegToWord::Mid,
        }
    }
}

/// What the price of a limit order follows, within the order's `price`.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to": "primary", "offset_ticks": -1}))]
pub(crate) struct PegBody {
    /// Which price.
    pub to: PegToWord,
    /// So many ticks are added to it; negative is lower.
    #[serde(default)]
    pub offset_ticks: i32,
}

impl From<PegBody> for Peg {
    fn from(body: PegBody) -> Peg {
        Peg { to: body.to.into(), offset: body.offset_ticks }
    }
}

/// What the price of an order follows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PegMessage {
    /// Which price.
    pub to: PegToWord,
    /// So many ticks are added to it.
    pub offset_ticks: i32,
    /// The price that the order named: it does not follow beyond it. `price` is where it is.
    pub limit: String,
}

impl PegMessage {
    pub(crate) fn new(instrument: &Instrument, (peg, limit): (Peg, Price)) -> Self {
        Self { to: peg.to.into(), offset_ticks: peg.offset, limit: instrument.format_price(limit) }
    }
}
