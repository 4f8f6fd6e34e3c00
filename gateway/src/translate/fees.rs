//! Fee tables, and what an account's orders cost, as messages.

use papertape_engine::{AccountId, FeeTier, FeeTiers, Instrument, InstrumentId};
use papertape_platform::Views;
use serde::Serialize;
use utoipa::ToSchema;

use super::orders::money;

/// One row of a market's fee table.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FeeTierMessage {
    /// Number of the tier, from 0.
    pub tier: u8,
    /// Least volume of thirty days, in quote; zero of tier 0.
    pub min_volume: String,
    /// Fee of the order that rested, in parts per million; negative is a rebate.
    pub maker_fee_ppm: i32,
    /// Fee of the order that took, in parts per million.
    pub taker_fee_ppm: i32,
}

/// What the caller's new orders in one market cost.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"symbol": "BTC-USD", "quote": "USD", "volume_30d": "125000.5", "tier": 1, "maker_fee_ppm": 100,
    "taker_fee_ppm": 400,
    "next_tier": {"tier": 2, "min_volume": "500000", "maker_fee_ppm": 0, "taker_fee_ppm": 300}}))]
pub(crate) struct AccountFeesMessage {
    /// The market.
    pub symbol: String,
    /// The asset in which volume is counted.
    pub quote: String,
    /// What the account traded in the thirty whole days (UTC) before today, as buyer and as seller, in all markets that are
    /// paid with `quote`. Counted from the day on which the first of them got a fee table.
    pub volume_30d: String,
    /// The account's tier: the last one whose `min_volume` it has traded.
    pub tier: u8,
    /// Fee of its orders that rest, in parts per million; negative is a rebate.
    pub maker_fee_ppm: i32,
    /// Fee of its orders that take, in parts per million.
    pub taker_fee_ppm: i32,
    /// What comes with more volume; null at the last tier, or where there is no table.
    pub next_tier: Option<FeeTierMessage>,
}

fn tier(instrument: &Instrument, number: u8, row: &FeeTier) -> FeeTierMessage {
    FeeTierMessage {
        tier: number,
        min_volume: money(&instrument.quote, row.volume_min),
        maker_fee_ppm: row.maker_fee.0,
        taker_fee_ppm: row.taker_fee.0,
    }
}

/// A market's fee table, from tier 0.
pub(crate) fn table(instrument: &Instrument, tiers: &FeeTiers) -> Vec<FeeTierMessage> {
    let (maker_fee, taker_fee) = tiers.rates(0, &instrument.spec);
    let first = FeeTier { volume_min: papertape_engine::Amount::ZERO, maker_fee, taker_fee };
    let rows = std::iter::once(first).chain(tiers.iter());
    (0..).zip(rows).map(|(number, row)| tier(instrument, number, &row)).collect()
}

/// What an account's orders cost in a market; `None` if it is not listed.
pub(crate) fn fees(views: &Views, account: AccountId, id: InstrumentId) -> Option<AccountFeesMessage> {
    let (instrument, fees) = (views.instrument(id)?, views.fees(account, id)?);
    Some(AccountFeesMessage {
        symbol: instrument.spec.symbol.to_string(),
        quote: instrument.quote.symbol.to_string(),
        volume_30d: money(&instrument.quote, fees.volume),
        tier: fees.tier,
        maker_fee_ppm: fees.maker_fee.0,
        taker_fee_ppm: fees.taker_fee.0,
        next_tier: fees.next.map(|row| tier(instrument, fees.tier + 1, &row)),
    })
}
