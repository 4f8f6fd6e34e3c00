//! Listing assets and instruments, opening accounts, changing phases.

use crate::book::OrderBook;
use crate::command::Reference;
use crate::engine::Engine;
use crate::event::Event;
use crate::ids::{AccountId, AssetId, InstrumentId, TradeGroup};
use crate::instrument::{Asset, Instrument, InstrumentSpec, SpecError};
use crate::market::Market;
use crate::reason::Reason;
use crate::units::Price;

impl<B: OrderBook> Engine<B> {
    pub(crate) fn list_asset(&mut self, spec: Asset, events: &mut Vec<Event>) -> Result<(), Reason> {
        if self.asset_codes.contains_key(&spec.symbol) {
            return Err(Reason::AlreadyListed);
        }
        if spec.decimals > Asset::MAX_DECIMALS {
            return Err(Reason::InvalidAsset);
        }
        let asset = AssetId(u16::try_from(self.assets.len()).map_err(|_| Reason::TooManyListed)?);
        self.add_asset(asset, spec);
        events.push(Event::AssetListed { asset, spec });
        Ok(())
    }

    fn add_asset(&mut self, asset: AssetId, spec: Asset) {
        self.assets.push(spec);
        self.asset_codes.insert(spec.symbol, asset);
        self.desk.ledger.add_asset();
    }

    pub(crate) fn list_instrument(&mut self, spec: InstrumentSpec, events: &mut Vec<Event>) -> Result<(), Reason> {
        if self.instrument_codes.contains_key(&spec.symbol) {
            return Err(Reason::AlreadyListed);
        }
        let instrument = InstrumentId(u16::try_from(self.markets.len()).map_err(|_| Reason::TooManyListed)?);
        self.add_instrument(instrument, spec).map_err(|error| match error {
            SpecError::Assets => Reason::InvalidAssets,
            SpecError::Step => Reason::InvalidStep,
            SpecError::Granularity => Reason::InvalidGranularity,
            SpecError::Fees => Reason::InvalidFees,
            SpecError::Filters => Reason::InvalidFilters,
            SpecError::Allocation => Reason::InvalidAllocation,
            SpecError::Bands => Reason::InvalidBands,
        })?;
        events.push(Event::InstrumentListed { instrument, spec });
        self.collect_anew(instrument, events);
        Ok(())
    }

    fn add_instrument(&mut self, id: InstrumentId, spec: InstrumentSpec) -> Result<(), SpecError> {
        let instrument = Instrument::new(spec, &self.assets)?;
        self.markets.push(Market::new(id, instrument, &mut self.desk.ledger));
        self.instrument_codes.insert(spec.symbol, id);
        Ok(())
    }

    pub(super) fn open_account(&mut self, reference: Reference, events: &mut Vec<Event>) -> Result<(), Reason> {
        let account = match self.accounts_by_reference.get(&reference) {
            Some(account) => *account,
            None if self.account_count() == u32::MAX => return Err(Reason::TooManyListed),
            None => self.add_account(reference),
        };
        events.push(Event::AccountOpened { account, reference });
        Ok(())
    }

    pub(super) fn set_trade_group(
        &mut self,
        account: AccountId,
        group: Option<TradeGroup>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        self.desk.groups.set(account, group);
        events.push(Event::TradeGroupSet { account, group });
        Ok(())
    }

    pub(super) fn set_mark(
        &mut self,
        instrument: InstrumentId,
        price: Price,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = self.markets.get_mut(usize::from(instrument.0)).ok_or(Reason::UnknownInstrument)?;
        if price.0 == 0 {
            return Err(Reason::PriceOutOfRange);
        }
        market.mark = Some(price);
        events.push(Event::MarkSet { instrument, price });
        Ok(())
    }
}
