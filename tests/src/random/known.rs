//! What a stream knows of its orders, from the events that it is shown.

use papertape_engine::{
    Accepted, AccountId, Event, InstrumentId, OrderId, OrderKind, OrderRef, Price, Qty, SelfTradePrevention,
};

/// What a stream knows of its orders.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    pub(super) open: Vec<Open>,
    /// Of the command whose events are being shown.
    accepted: Vec<Open>,
    /// Orders that ended, the last ones.
    pub(super) ended: Vec<(AccountId, OrderId)>,
}

/// An open order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) account: AccountId,
    pub(super) order: OrderRef,
    pub(super) id: OrderId,
    pub(super) instrument: InstrumentId,
    pub(super) price: Price,
    pub(super) qty: Qty,
    pub(super) leaves: Qty,
}

const ENDED: usize = 20;

impl Orders {
    pub(super) fn open_count(&self) -> usize {
        self.open.len()
    }

    pub(super) fn learn(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Accepted(accepted) => self.accepted(accepted),
                Event::Amended(amended) => {
                    if let Some(open) = self.find(amended.order) {
                        (open.price, open.qty, open.leaves) = (amended.price, amended.qty, amended.leaves_qty);
                    }
                }
                Event::Rested { order, price, leaves_qty, .. } => {
                    let accepted = self.accepted.iter().find(|open| open.id == *order).copied();
                    if let Some(open) = self.find(*order) {
                        (open.price, open.leaves) = (*price, *leaves_qty);
                    } else if let Some(open) = accepted {
                        self.open.push(Open { price: *price, leaves: *leaves_qty, ..open });
                    }
                }
                Event::SelfTradePrevented(prevented) if prevented.mode == SelfTradePrevention::Decrement => {
                    for party in [prevented.taker, prevented.maker] {
                        let open = self.find(party.order);
                        if let Some(open) = open {
                            open.qty = Qty(open.qty.0.saturating_sub(prevented.qty.0));
                            open.leaves = party.leaves_qty;
                        }
                    }
                    let taker = self.accepted.iter_mut().find(|open| open.id == prevented.taker.order);
                    if let Some(taker) = taker {
                        taker.qty = Qty(taker.qty.0.saturating_sub(prevented.qty.0));
                    }
                }
                Event::Trade(trade) => {
                    for party in [trade.buy, trade.sell] {
                        if let Some(open) = self.find(party.order) {
                            open.leaves = party.leaves_qty;
                        }
                        if party.leaves_qty.is_zero() {
                            self.end(party.order);
                        }
                    }
                }
                Event::Cancelled(cancelled) => self.end(cancelled.order),
                _ => {}
            }
        }
        self.accepted.clear();
    }

    /// An order that waits is open at once.
    fn accepted(&mut self, accepted: &Accepted) {
        let Accepted { order: id, terms, list } = accepted;
        let price = match terms.kind {
            OrderKind::Limit { price, .. } => price,
            OrderKind::Market { .. } | OrderKind::MarketQuote { .. } | OrderKind::MarketToLimit { .. } => Price(0),
        };
        let qty = terms.kind.qty().unwrap_or(Qty(0));
        let order = terms.client_order_id.map_or(OrderRef::Id(*id), OrderRef::Client);
        let (account, instrument) = (terms.account, terms.instrument);
        let open = Open { account, order, id: *id, instrument, price, qty, leaves: qty };
        if terms.trigger.is_some() || list.is_some_and(|list| list.pending) {
            self.open.push(open);
        } else {
            self.accepted.push(open);
        }
    }

    fn find(&mut self, order: OrderId) -> Option<&mut Open> {
        self.open.iter_mut().find(|open| open.id == order)
    }

    fn end(&mut self, order: OrderId) {
        if let Some(at) = self.open.iter().position(|open| open.id == order) {
            let open = self.open.remove(at);
            self.ended.push((open.account, open.id));
            if self.ended.len() > ENDED {
                self.ended.remove(0);
            }
        }
    }
}
