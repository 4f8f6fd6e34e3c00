//! Decides: turns one stamped command into events. Order books, matching, accounts, positions.

pub mod decimal;

mod command;
mod event;
mod ids;
mod instrument;
mod reason;
mod units;

pub use command::{
    AmendOrder, Command, LedgerEntry, OrderKind, OrderRef, PlaceOrder, Reference, Side, Stamp, TimeInForce,
};
pub use event::{Accepted, Amended, Cancelled, Event, Position, Trade, TradeParty};
pub use ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, ShortText, Symbol, TradeId};
pub use instrument::{Asset, FeeAsset, Filters, Instrument, InstrumentSpec, Phase, SpecError};
pub use reason::{CancelCause, Reason};
pub use units::{Amount, Notional, PPM, Ppm, Price, Qty};
