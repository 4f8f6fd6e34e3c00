//! Names under which an instrument is found.

use papertape_engine::{Instrument, InstrumentId};
use rustc_hash::FxHashMap;

/// The quote asset that a bare base asset means.
const HOME_QUOTE: &str = "USD";

#[derive(Clone, Debug, Default)]
pub(super) struct Symbols(FxHashMap<String, InstrumentId>);

impl Symbols {
    /// `BTC-USD` is found as `BTC-USD`, `BTCUSD`, `BTC/USD`, `BTC_USD` and `BTC`, in any case. A name that an earlier
    /// instrument has stays with it.
    pub(super) fn add(&mut self, id: InstrumentId, instrument: &Instrument) {
        self.0.entry(key(instrument.spec.symbol.as_str())).or_insert(id);
        if instrument.quote.symbol.as_str() == HOME_QUOTE {
            self.0.entry(key(instrument.base.symbol.as_str())).or_insert(id);
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<InstrumentId> {
        self.0.get(&key(name)).copied()
    }
}

fn key(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '/' | '_')).map(|c| c.to_ascii_uppercase()).collect()
}
