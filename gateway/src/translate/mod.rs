//! The one place where decimals and symbols become commands, and events and read models become messages. REST and
//! WebSocket use the same functions, so they cannot differ in meaning.

pub(crate) mod account;
pub(crate) mod admin;
pub(crate) mod api_keys;
pub(crate) mod codes;
pub(crate) mod commands;
pub(crate) mod csv;
pub(crate) mod cursor;
pub(crate) mod fees;
pub(crate) mod figure;
pub(crate) mod fills;
pub(crate) mod lists;
pub(crate) mod margin;
pub(crate) mod market;
pub(crate) mod number;
pub(crate) mod orders;
pub(crate) mod pegs;
pub(crate) mod plain;
pub(crate) mod requests;
pub(crate) mod story;
pub(crate) mod time;
pub(crate) mod triggers;
pub(crate) mod udf;
pub(crate) mod users;
pub(crate) mod wallets;
pub(crate) mod wire;

use papertape_engine::{Asset, AssetId, Instrument, InstrumentId};
use papertape_platform::Views;

use crate::errors::Failure;

/// What is listed: enough to read and write numbers.
pub(crate) trait Markets {
    /// An instrument by its number.
    fn instrument(&self, id: InstrumentId) -> Option<&Instrument>;
    /// An asset by its number.
    fn asset(&self, id: AssetId) -> Option<&Asset>;
}

impl Markets for Views {
    fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        Views::instrument(self, id)
    }

    fn asset(&self, id: AssetId) -> Option<&Asset> {
        Views::asset(self, id)
    }
}

/// The instrument that a client's symbol names: `BTC-USD`, `BTCUSD`, `BTC/USD`, `BTC_USD`, or `BTC` for its USD market.
pub(crate) fn find<'a>(views: &'a Views, symbol: &str) -> Result<(InstrumentId, &'a Instrument), Failure> {
    let id = views.find_symbol(symbol);
    let found = id.and_then(|id| views.instrument(id).map(|instrument| (id, instrument)));
    found.ok_or_else(|| papertape_engine::Reason::UnknownInstrument.into())
}
