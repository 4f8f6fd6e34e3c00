//! Reacts: users, read models and the market simulator, as folds over events.
pub mod database;
mod standin;
mod venue;
pub use venue::{Ask, AskError, Output};
