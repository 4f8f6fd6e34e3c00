//! The messages of the channels as JSON, each encoded once.

mod private;
mod public;

use papertape_platform::Views;

use super::Topic;
use super::update::{Body, Update};
use crate::translate::Markets;

/// Where a snapshot stands: the numbering, and the number of the topic's last update.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Position {
    /// The numbering's name.
    pub epoch: u64,
    /// The last update that is in it.
    pub n: u64,
    /// Of a private topic: the number of the account's last message.
    pub sequence: u64,
}

/// What a new listener gets first. `None` if there is nothing to say yet, or the instrument is unknown.
pub(super) fn snapshot(views: &Views, topic: Topic, at: Position) -> Option<String> {
    match topic.instrument() {
        Some(id) => public::snapshot(views, topic, id, at),
        None => private::snapshot(views, topic, at),
    }
}

/// One message.
pub(super) fn update(markets: &impl Markets, update: &Update) -> Option<String> {
    match &update.body {
        Body::Order(change, named) => private::order(markets, update, change, named.as_deref()),
        Body::Balances(balances) => private::balances(markets, update, balances),
        Body::Positions(positions) => private::positions(markets, update, positions),
        Body::TradeEvent(order, status) => Some(private::trade_event(*order, *status)),
        Body::PositionUpdate(instrument, pnl) => private::position_update(markets, *instrument, *pnl),
        _ => public::update(markets.instrument(update.topic.instrument()?)?, update),
    }
}
