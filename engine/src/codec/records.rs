//! The cold commands' records, in bincode's format.

use wincode::{SchemaRead, SchemaWrite};

use crate::command::{LedgerEntry, Reference};
use crate::ids::{AccountId, AssetId, Symbol};
use crate::instrument::InstrumentSpec;
use crate::units::Amount;

#[derive(SchemaRead, SchemaWrite)]
pub(crate) struct AssetRecord {
    pub(crate) symbol: String,
    pub(crate) decimals: u8,
}

#[derive(SchemaRead, SchemaWrite)]
pub(crate) struct InstrumentRecord {
    symbol: String,
    /// All but the symbol.
    spec: InstrumentSpec,
}

impl From<&InstrumentSpec> for InstrumentRecord {
    fn from(spec: &InstrumentSpec) -> Self {
        Self { symbol: spec.symbol.to_string(), spec: *spec }
    }
}

impl InstrumentRecord {
    /// The specification, unless its symbol is none.
    pub(crate) fn spec(self) -> Option<InstrumentSpec> {
        Some(InstrumentSpec { symbol: Symbol::new(&self.symbol)?, ..self.spec })
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
