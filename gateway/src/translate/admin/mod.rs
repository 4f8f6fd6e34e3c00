//! What the operator asks for and is told: requests to commands, settings to messages.

pub(crate) mod accounts;
pub(crate) mod fields;
pub(crate) mod listing;
pub(crate) mod margin;
pub(crate) mod markets;
pub(crate) mod money;
pub(crate) mod state;
