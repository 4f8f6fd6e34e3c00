//! Decides: turns one stamped command into events. Order books, matching, accounts, positions.
//!
//! It knows no clock, no randomness, no thread, no file and no socket: the same commands in the same order give the
//! same events and the same [`Engine::state_hash`] everywhere. Who embeds it stamps commands and keeps them;
//! `papertape-pipeline` is a venue around it that does.
//!
//! A market, two traders and a trade, to paste and run:
//!
//! ```
//! use papertape_engine::*;
//!
//! fn main() {
//!     let mut engine = Engine::new();
//!     let mut seq = 0;
//!     let mut apply = |command| {
//!         seq += 1;
//!         let mut events = Vec::new();
//!         engine.apply(Stamp { seq, time_ns: seq * 1_000 }, &command, &mut events);
//!         events.iter().for_each(|event| println!("{seq}: {event:?}"));
//!         events
//!     };
//!     // Two assets: whole teas, and dollars of a hundred cents.
//!     apply(Command::ListAsset(Asset { symbol: symbol("TEA"), decimals: 0 }));
//!     apply(Command::ListAsset(Asset { symbol: symbol("USD"), decimals: 2 }));
//!     apply(Command::ListInstrument(InstrumentSpec {
//!         // Prices in cents, quantities in teas.
//!         price_decimals: 2,
//!         taker_fee: Ppm(1_000),
//!         ..InstrumentSpec::new(symbol("TEA-USD"), AssetId(0), AssetId(1))
//!     }));
//!     // Account 0 collects the fees. Ann comes with ten teas, Bob with a hundred dollars.
//!     let (ann, bob) = (AccountId(1), AccountId(2));
//!     apply(Command::OpenAccount { reference: Reference(1) });
//!     apply(Command::OpenAccount { reference: Reference(2) });
//!     apply(deposit(ann, AssetId(0), 10));
//!     apply(deposit(bob, AssetId(1), 10_000));
//!     // Ann asks 4.50 for five; Bob takes three of them.
//!     apply(order(ann, Side::Sell, 5, 450, TimeInForce::Gtc));
//!     let events = apply(order(bob, Side::Buy, 3, 460, TimeInForce::Ioc));
//!     let trade = events.iter().find_map(|event| if let Event::Trade(trade) = event { Some(trade) } else { None });
//!     let trade = trade.expect("Ann's price is good enough for Bob");
//!     assert_eq!((trade.price, trade.qty), (Price(450), Qty(3)), "the price of the order that was there");
//!     assert_eq!(engine.depth(InstrumentId(0), Side::Sell, 10), [(Price(450), Qty(2))]);
//!     // 13.50, and a fee of 1,000 ppm: 1.35 cents, rounded up.
//!     assert_eq!(engine.balances(bob)[1].1.free, Amount(10_000 - 1_350 - 2));
//! }
//!
//! fn symbol(text: &str) -> Symbol {
//!     Symbol::new(text).expect("a plain text")
//! }
//!
//! fn deposit(account: AccountId, asset: AssetId, units: i128) -> Command {
//!     Command::Deposit(LedgerEntry { account, asset, amount: Amount(units), reference: Reference(1) })
//! }
//!
//! fn order(account: AccountId, side: Side, lots: u64, ticks: u64, time_in_force: TimeInForce) -> Command {
//!     let limit = OrderKind::Limit { price: Price(ticks), qty: Qty(lots) };
//!     Command::Place(PlaceOrder { time_in_force, ..PlaceOrder::new(account, InstrumentId(0), side, limit) })
//! }
//! ```
//!
//! The book can be had without the rest: see [`OrderBook`].

#![allow(clippy::needless_doctest_main)] // A program to paste has a main.

pub mod decimal;

mod apply;
mod book;
mod clients;
mod closers;
mod codec;
mod command;
mod debtors;
mod engine;
mod event;
mod fee_tiers;
mod fees;
mod groups;
mod holdings;
mod ids;
mod instrument;
mod interest;
mod invariants;
mod ledger;
mod lifetimes;
mod lists;
mod maps;
mod margin;
mod market;
mod orders;
mod outputs;
mod pegs;
mod reason;
mod schedule;
mod stage;
mod state;
mod sums;
mod switches;
mod touched;
mod triggers;
mod units;
mod volumes;
mod waiting;

pub use book::{
    Fill, LadderBook, Level, Location, Meet, OrderBook, OrderIndex, ReferenceBook, Resting, SequenceIndex, Slot,
};
pub use codec::DecodeError;
pub use command::{
    AmendOrder, Command, KillScope, LedgerEntry, Leg, ListOrders, OrderKind, OrderRef, Peg, PegTo, PlaceList,
    PlaceOrder, Reference, SelfTradePrevention, Side, Stamp, TimeInForce, Trail, Trigger, TriggerKind,
};
pub use engine::{Engine, OpenOrder, WaitingOrder};
pub use event::{
    Accepted, Amended, Cancelled, Event, ListPlace, Position, PreventedParty, SelfTradePrevented, Trade, TradeParty,
};
pub use fee_tiers::{FeeTier, FeeTiers, FeeTiersError};
pub use ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, ShortText, Symbol, TradeGroup, TradeId};
pub use instrument::{
    Allocation, AmendPriority, Asset, Bands, FeeAsset, Filters, Instrument, InstrumentSpec, Phase, PostOnlyRule,
    ProRata, RuleBook, SpecError, TriggerAtEntry, TriggerSource,
};
pub use interest::Indicated;
pub use ledger::Balance;
pub use margin::{MarginLevel, MarginTerms, Worth};
pub use outputs::Outputs;
pub use reason::{CancelCause, Reason};
pub use schedule::Schedule;
pub use stage::{Purpose, Stage};
pub use state::RestoreError;
pub use sums::AssetSum;
pub use triggers::WaitState;
pub use units::{Amount, Notional, PPM, Ppm, Price, Qty};
