//! Decides: turns one stamped command into events. Order books, matching, accounts, positions.

pub mod decimal;

mod apply;
mod book;
mod clients;
mod codec;
mod command;
mod engine;
mod event;
mod fees;
mod holdings;
mod ids;
mod instrument;
mod invariants;
mod ledger;
mod maps;
mod market;
mod orders;
mod reason;
mod state;
mod units;

pub use book::{Fill, LadderBook, Level, OrderBook, OrderIndex, ReferenceBook, Resting, Slot};
pub use codec::DecodeError;
pub use command::{
    AmendOrder, Command, LedgerEntry, OrderKind, OrderRef, PlaceOrder, Reference, Side, Stamp, TimeInForce,
};
pub use engine::{Engine, OpenOrder};
pub use event::{Accepted, Amended, Cancelled, Event, Position, Trade, TradeParty};
pub use ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, ShortText, Symbol, TradeId};
pub use instrument::{Asset, FeeAsset, Filters, Instrument, InstrumentSpec, Phase, SpecError};
pub use ledger::Balance;
pub use reason::{CancelCause, Reason};
pub use state::RestoreError;
pub use units::{Amount, Notional, PPM, Ppm, Price, Qty};
