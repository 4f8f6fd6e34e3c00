//! What follows from a command: lists that have something to do, triggers that look at prices, and orders that fire, again
//! and again until nothing is left.

use papertape_engine::{CancelCause, Event, InstrumentId, OrderId, Phase, Price, TriggerSource, WaitState};

use super::Model;
use super::trigger::{better, has_turned, is_reached};
use super::wait::Waiting;

/// A reference price that triggers have to look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    instrument: InstrumentId,
    price: Price,
    /// Whether trading was continuous when what brought it was over: otherwise nobody looks at it.
    counts: Option<bool>,
}

/// Something that happened to an order of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct News {
    pub(super) order: OrderId,
    pub(super) what: What,
}

/// What happened to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// A part of it traded.
    Filled,
    /// The rest of it traded.
    FilledWhole,
    /// It came to the book because its trigger was reached.
    Fired,
    /// It ended without being filled whole.
    Ended(CancelCause),
}

impl Model {
    /// Works everything off that follows from what was done so far.
    pub(super) fn settle(&mut self, events: &mut Vec<Event>) {
        loop {
            self.end_uncovered(events);
            if self.follow(events) {
                continue;
            }
            if !self.news.is_empty() {
                self.count_seen();
                let news = self.news.remove(0);
                self.work_list(news, events);
                continue;
            }
            self.see_middles();
            self.count_seen();
            while self.looked < self.path.len() {
                self.look(self.looked);
                self.looked += 1;
            }
            let Some((id, price)) = self.queue.first().copied() else { break };
            if self.is_continuous(id) {
                self.fire(id, price, events);
            } else {
                // An order before it has begun an auction: this one goes on waiting.
                self.notes.push("order in the queue went on waiting");
                self.queue.remove(0);
            }
        }
        self.path.clear();
        self.looked = 0;
        self.waiting.iter_mut().for_each(|waiting| waiting.from = 0);
    }

    /// Something is over, a command or a step of what follows from it: of the prices that it has brought, those count where
    /// trading is still continuous.
    fn count_seen(&mut self) {
        for seen in self.path.iter_mut().filter(|seen| seen.counts.is_none()) {
            seen.counts = Some(self.markets[usize::from(seen.instrument.0)].phase == Phase::Continuous);
        }
    }

    /// Whether an order waits where trading is continuous.
    fn is_continuous(&self, id: OrderId) -> bool {
        let waiting = self.waiting.iter().find(|waiting| waiting.id == id).expect("who is in the queue waits");
        self.markets[usize::from(waiting.terms.instrument.0)].phase == Phase::Continuous
    }

    /// A price from one of the sources. It is a reference if the instrument's triggers look at this source, and if they look
    /// at all.
    pub(super) fn see(&mut self, instrument: InstrumentId, source: TriggerSource, price: Price) {
        let market = &self.markets[usize::from(instrument.0)];
        if market.spec.trigger_source == source && market.phase == Phase::Continuous {
            self.path.push(Seen { instrument, price, counts: None });
        }
    }

    /// Trading becomes continuous: whatever the reference is, it is looked at. The middle is in any case.
    pub(super) fn see_now(&mut self, instrument: InstrumentId) {
        let market = &self.markets[usize::from(instrument.0)];
        match market.spec.trigger_source {
            TriggerSource::LastTrade => {
                self.path.extend(market.last_price.map(|price| Seen { instrument, price, counts: None }))
            }
            TriggerSource::Mark => self.path.extend(market.mark.map(|price| Seen { instrument, price, counts: None })),
            TriggerSource::Mid => {}
        }
    }

    /// The middles as they are now.
    fn see_middles(&mut self) {
        for instrument in (0..self.markets.len()).map(|n| InstrumentId(n as u16)) {
            if let Some(middle) = self.middle(instrument) {
                self.see(instrument, TriggerSource::Mid, middle);
            }
        }
    }

    /// All orders that wait look at one price of the path.
    fn look(&mut self, at: usize) {
        let Seen { instrument, price, counts } = self.path[at];
        if counts != Some(true) {
            // What was traded has begun an auction.
            return;
        }
        for n in 0..self.waiting.len() {
            let Waiting { id, terms, state, from, .. } = self.waiting[n];
            let queued = self.queue.iter().any(|(queued, _)| *queued == id);
            let looks = !matches!(state, WaitState::Pending | WaitState::ForAuction { .. });
            if terms.instrument != instrument || !looks || from > at || queued {
                continue;
            }
            let (trigger, side) = (terms.trigger.expect("it waits for a trigger"), terms.side);
            let fires = match (state, trigger.trail) {
                (WaitState::Trailing { best }, Some(trail)) => {
                    let best = better(side, best, price);
                    self.waiting[n].state = WaitState::Trailing { best };
                    has_turned(trail, side, best, price)
                }
                (_, Some(_)) => {
                    if is_reached(&trigger, side, price) {
                        self.notes.push("began to trail");
                        self.waiting[n].state = WaitState::Trailing { best: price };
                    }
                    false
                }
                (_, None) => is_reached(&trigger, side, price),
            };
            if fires {
                self.queue.push((id, price));
            }
        }
    }

    /// An order was filled, and so many lots are left of it.
    pub(super) fn heard_of_fill(&mut self, order: OrderId, leaves: u64) {
        self.hear(order, if leaves == 0 { What::FilledWhole } else { What::Filled });
    }

    /// An order ended without being filled whole.
    pub(super) fn heard_of_end(&mut self, order: OrderId, cause: CancelCause) {
        self.hear(order, What::Ended(cause));
    }

    pub(super) fn hear(&mut self, order: OrderId, what: What) {
        if self.list_of(order).is_some() {
            self.news.push(News { order, what });
        }
    }
}
