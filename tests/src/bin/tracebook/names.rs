//! The judge's names of orders, and the venue's numbers for them.

use std::collections::BTreeMap;

use papertape_engine::{AccountId, ClientOrderId, Event, InstrumentId, OrderId, PlaceOrder, Side};

/// The last order that went by a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) account: AccountId,
    pub(crate) order: OrderId,
    /// Whether the venue has not told of its end yet.
    pub(crate) open: bool,
    /// How many orders went by this name before.
    generation: u32,
}

/// The judge names an order within its symbol, and may use the name again once the order has ended. The venue
/// remembers the names of ended orders, so it is told a name with a count.
#[derive(Default)]
pub(crate) struct Names {
    known: BTreeMap<(InstrumentId, u64), Known>,
    sources: BTreeMap<OrderId, (InstrumentId, u64)>,
}

impl Names {
    /// The last order that went by this name.
    pub(crate) fn find(&self, instrument: InstrumentId, source: u64) -> Option<Known> {
        self.known.get(&(instrument, source)).copied()
    }

    /// The judge's name of an order that the venue has accepted.
    pub(crate) fn source(&self, order: OrderId) -> u64 {
        self.sources.get(&order).expect("only the adapter's orders are in this venue").1
    }

    /// The name under which the venue is to take a new order: that of the live order, if there is one, so that the
    /// venue finds the duplicate.
    pub(crate) fn client_order_id(&self, instrument: InstrumentId, source: u64) -> ClientOrderId {
        let generation = self.generation(instrument, source);
        ClientOrderId::new(&format!("{instrument}/{source}/{generation}")).expect("three numbers of at most 35 digits")
    }

    fn generation(&self, instrument: InstrumentId, source: u64) -> u32 {
        self.find(instrument, source).map_or(0, |known| known.generation + u32::from(!known.open))
    }

    /// Takes in what happened to orders that began or ended. `source` is the name of the order that was sent.
    pub(crate) fn learn(&mut self, source: Option<u64>, events: &[Event]) {
        for event in events {
            match event {
                Event::Accepted(accepted) => {
                    let source = source.expect("only new orders are accepted, and they have a name");
                    let PlaceOrder { account, instrument, .. } = accepted.terms;
                    let (order, name) = (accepted.order, (instrument, source));
                    let generation = self.generation(instrument, source);
                    self.known.insert(name, Known { account, order, open: true, generation });
                    self.sources.insert(order, name);
                }
                Event::Trade(trade) => {
                    let parties = [Side::Buy, Side::Sell].map(|side| trade.party(side));
                    for party in parties.into_iter().filter(|party| party.leaves_qty.is_zero()) {
                        self.end(party.order);
                    }
                }
                Event::Cancelled(cancelled) => self.end(cancelled.order),
                _ => {}
            }
        }
    }

    fn end(&mut self, order: OrderId) {
        let known = self.sources.get(&order).and_then(|name| self.known.get_mut(name));
        if let Some(known) = known.filter(|known| known.order == order) {
            known.open = false;
        }
    }
}
