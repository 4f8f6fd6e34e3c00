//! The cold commands' records, in bincode's format.

use wincode::{SchemaRead, SchemaWrite};

use crate::command::{LedgerEntry, Reference, SelfTradePrevention};
use crate::ids::{AccountId, AssetId, Symbol};
use crate::instrument::{
    Allocation, AmendPriority, Bands, FeeAsset, Filters, InstrumentSpec, Phase, PostOnlyRule, TriggerAtEntry,
    TriggerSource,
};
use crate::units::{Amount, Ppm};

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
    post_only: PostOnlyRule,
    amend_priority: AmendPriority,
    bands: Bands,
    volatility_auction_ns: u64,
    trigger_source: TriggerSource,
    trigger_at_entry: TriggerAtEntry,
    phase: Phase,
}

impl From<&InstrumentSpec> for InstrumentRecord {
    fn from(spec: &InstrumentSpec) -> Self {
        let symbol = spec.symbol.to_string();
        let InstrumentSpec { base, quote, tick_mantissa, price_decimals, lot, .. } = *spec;
        let InstrumentSpec { maker_fee, taker_fee, fee_asset, filters, phase, .. } = *spec;
        let InstrumentSpec {
            self_trade_prevention,
            allocation,
            post_only,
            amend_priority,
            bands,
            volatility_auction_ns,
            trigger_source,
            trigger_at_entry,
            ..
        } = *spec;
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
            post_only,
            amend_priority,
            bands,
            volatility_auction_ns,
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
        let Self {
            self_trade_prevention,
            allocation,
            post_only,
            amend_priority,
            bands,
            volatility_auction_ns,
            trigger_source,
            trigger_at_entry,
            ..
        } = self;
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
            post_only,
            amend_priority,
            bands,
            volatility_auction_ns,
            trigger_source,
            trigger_at_entry,
            phase,
        })
    }
}

#[derive(SchemaRead, SchemaWrite)]
pub(super) struct EntryRecord {
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
