//! Fee tables, and what accounts have traded.

use wincode::{SchemaRead, SchemaWrite};

use super::{RestoreError, records, section};
use crate::book::OrderBook;
use crate::engine::Engine;
use crate::fee_tiers::{FeeTier, FeeTiers};
use crate::ids::{AccountId, AssetId, InstrumentId};
use crate::units::Amount;
use crate::volumes::DAYS;

const FEE_TIERS: u32 = 30;
const COUNTED: u32 = 31;
const VOLUMES: u32 = 32;

/// The last day that a stamp can name.
const DAY_MAX: u64 = u64::MAX / (86_400 * 1_000_000_000);

#[derive(SchemaRead, SchemaWrite)]
struct TiersRecord {
    instrument: InstrumentId,
    tiers: Vec<FeeTier>,
}

#[derive(SchemaRead, SchemaWrite)]
struct VolumeRecord {
    account: AccountId,
    asset: AssetId,
    today: Amount,
    /// The oldest first.
    days: [Amount; DAYS],
}

impl<B: OrderBook> Engine<B> {
    pub(super) fn tier_sections(&self) -> [(u32, Vec<u8>); 3] {
        let volumes = &self.desk.volumes;
        let tables =
            (0..).map(InstrumentId).zip(&self.markets).filter(|(_, market)| !market.clerk.fee_tiers.is_empty());
        let tables = tables.map(|(instrument, market)| {
            let tiers = market.clerk.fee_tiers.iter().collect();
            TiersRecord { instrument, tiers }
        });
        let rows = volumes.iter().map(|(account, asset, volume)| {
            let days = volume.days_before(volumes.day());
            VolumeRecord { account, asset, today: volume.today, days }
        });
        let counted = volumes.counted().iter().map(|asset| (*asset, volumes.day()));
        [(FEE_TIERS, section(tables)), (COUNTED, section(counted)), (VOLUMES, section(rows))]
    }

    /// After accounts and orders.
    pub(super) fn restore_tiers(&mut self, sections: &[(u32, Vec<u8>)]) -> Result<(), RestoreError> {
        for (asset, day) in records::<(AssetId, u64)>(sections, COUNTED)? {
            self.known(AccountId::FEES, Some(asset), None)?;
            if day > DAY_MAX {
                return Err(RestoreError::Contradiction("the day of volumes"));
            }
            self.desk.volumes.begin(asset, 0);
            self.desk.volumes.set_day(day);
        }
        for TiersRecord { instrument, tiers } in records(sections, FEE_TIERS)? {
            self.known(AccountId::FEES, None, Some(instrument))?;
            let clerk = &mut self.markets[usize::from(instrument.0)].clerk;
            let spec = &clerk.instrument.spec;
            let table = FeeTiers::new(&tiers).filter(|table| table.check(spec).is_ok());
            let counts = self.desk.volumes.counts(spec.quote);
            clerk.fee_tiers = table.filter(|_| counts).ok_or(RestoreError::Contradiction("fee tiers"))?;
        }
        for VolumeRecord { account, asset, today, days } in records(sections, VOLUMES)? {
            self.known(account, Some(asset), None)?;
            if account == AccountId::FEES || !self.desk.volumes.restore(account, asset, today, &days) {
                return Err(RestoreError::Contradiction("volume"));
            }
        }
        Ok(())
    }
}
