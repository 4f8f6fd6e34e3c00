//! Sends a day's steps to the venue, and passes on what it tells of them in batches.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use papertape_engine::{
    AccountId, AmendOrder, Command, Event, InstrumentId, OrderId, OrderKind, OrderRef, Phase, PlaceOrder, Qty, Symbol,
};

use super::flow::{Step, What};
use super::parse::{PRICE_DECIMALS, Stock};
use crate::import::ImportError;
use crate::import::accounts::{self, Accounts};
use crate::import::venue::Venue;

/// Steps in one batch.
const BATCH: usize = 256;
/// Batches that may wait for the comparison before the venue waits for it.
const WAITING: usize = 64;

/// The events of consecutive steps.
#[derive(Default)]
pub(crate) struct Batch {
    events: Vec<Event>,
    /// Where each step's events end.
    ends: Vec<usize>,
}

impl Batch {
    /// The events of each step.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &[Event]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.events[begin..*end])
    }
}

/// The way of batches to the comparison, and of used ones back.
pub(crate) struct Batches {
    full: SyncSender<Batch>,
    used: Receiver<Batch>,
}

/// Two ends of the way: the venue's, and what the comparison receives and gives back.
pub(crate) fn batches() -> (Batches, Receiver<Batch>, SyncSender<Batch>) {
    let (full, received) = sync_channel(WAITING);
    let (given_back, used) = sync_channel(WAITING + 2);
    (Batches { full, used }, received, given_back)
}

/// The stocks on the venue.
pub(crate) struct Driver<'a> {
    venue: &'a mut Venue,
    accounts: Accounts,
    stocks: Vec<Listed>,
}

/// One stock on the venue.
struct Listed {
    instrument: InstrumentId,
    /// By the order's number among the placed ones; `None` if it was refused or withdrawn.
    orders: Vec<Option<Placed>>,
}

/// An order as the venue knows it.
#[derive(Clone, Copy)]
struct Placed {
    order: OrderId,
    account: AccountId,
    /// Total quantity, filled part included.
    qty: Qty,
}

impl<'a> Driver<'a> {
    /// Lists the stocks, each at the start of its opening auction, and opens the accounts.
    pub(crate) fn open(venue: &'a mut Venue, stocks: &BTreeMap<Symbol, Stock>) -> Result<Self, ImportError> {
        let quote = Symbol::new("CNY").expect("three letters are a symbol");
        let mut assets = vec![accounts::list_asset(venue, quote, PRICE_DECIMALS)?];
        let mut listed = Vec::new();
        for (symbol, stock) in stocks {
            let base = accounts::list_asset(venue, *symbol, 0)?;
            let instrument = accounts::list_share(venue, *symbol, (base, assets[0]), PRICE_DECIMALS, Phase::Auction)?;
            assets.push(base);
            listed.push(Listed { instrument, orders: Vec::with_capacity(stock.orders.len()) });
        }
        let accounts = Accounts::open(venue, &assets)?;
        Ok(Driver { venue, accounts, stocks: listed })
    }

    /// Sends the steps, each with the place of its stock in the list. `each` is told of every one.
    pub(crate) fn run<'s>(
        &mut self,
        mut steps: impl Iterator<Item = (usize, &'s Step)>,
        batches: &Batches,
        mut each: impl FnMut() -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        loop {
            let mut batch = batches.used.try_recv().unwrap_or_default();
            batch.events.clear();
            batch.ends.clear();
            let timer = self.venue.start();
            for (stock, step) in steps.by_ref().take(BATCH) {
                self.send(stock, step, &mut batch.events)?;
                batch.ends.push(batch.events.len());
            }
            self.venue.stop(timer, batch.events.len());
            if batch.ends.is_empty() {
                return Ok(());
            }
            batch.ends.iter().try_for_each(|_| each())?;
            // If the comparison is gone, it has panicked, and that is seen where it is joined.
            let _ = batches.full.send(batch);
        }
    }

    /// Sends one step. An order that the venue does not know is not named to it: such a step has no events.
    fn send(&mut self, stock: usize, step: &Step, events: &mut Vec<Event>) -> Result<(), ImportError> {
        let Self { venue, accounts, stocks } = self;
        let Listed { instrument, orders } = &mut stocks[stock];
        let (instrument, at) = (*instrument, events.len());
        venue.set_time_ms(step.time_ms);
        match &step.action {
            What::SetPhase(phase) => venue.send(&Command::SetPhase { instrument, stage: (*phase).into() }, events),
            What::Uncross { then, .. } => {
                venue.send(&Command::Uncross { instrument, reference: None, then: *then }, events)
            }
            What::Place { id, side, price, qty, .. } => {
                let (account, kind) = (accounts.of(*id), OrderKind::Limit { price: *price, qty: *qty });
                venue.send(&Command::Place(PlaceOrder::new(account, instrument, *side, kind)), events)?;
                let accepted = accepted(&events[at..]);
                orders.push(accepted.map(|order| Placed { order, account, qty: *qty }));
                Ok(())
            }
            What::Cancel { order, .. } => {
                let placed = order.and_then(|order| orders.get_mut(order)?.take());
                let Some(Placed { order, account, .. }) = placed else { return Ok(()) };
                venue.send(&Command::Cancel { account, order: OrderRef::Id(order) }, events)
            }
            What::Reduce { order, qty, .. } => {
                let placed = order.and_then(|order| orders.get_mut(order)?.as_mut());
                let Some(placed) = placed else { return Ok(()) };
                let left = Qty(placed.qty.0.saturating_sub(qty.0));
                let (account, order) = (placed.account, OrderRef::Id(placed.order));
                venue.send(&Command::Amend(AmendOrder { account, order, price: None, qty: Some(left) }), events)?;
                if events[at..].iter().any(|event| matches!(event, Event::Amended(_))) {
                    placed.qty = left;
                }
                Ok(())
            }
        }
    }
}

/// The number of the order that was accepted, if one was.
pub(crate) fn accepted(events: &[Event]) -> Option<OrderId> {
    events.iter().find_map(|event| if let Event::Accepted(accepted) = event { Some(accepted.order) } else { None })
}
