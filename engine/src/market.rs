//! One instrument with its book, and what the engine knows of each resting order beside it.

use crate::book::{OrderBook, Resting, Slot, crosses};
use crate::clients::NameSlot;
use crate::command::{SelfTradePrevention, Side, TimeInForce};
use crate::event::Position;
use crate::fees::FeeMeter;
use crate::holdings::{Holding, HoldingRow, Holdings, NO_SLOT};
use crate::ids::{AccountId, InstrumentId, OrderId, TradeId};
use crate::instrument::{Allocation, FeeAsset, Instrument, Phase, TriggerSource};
use crate::ledger::{BalanceRow, Ledger};
use crate::triggers::Triggers;
use crate::units::{Amount, Ppm, Price, Qty};

/// What the engine knows of an order that the book need not know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) account: AccountId,
    /// Total quantity, filled part included.
    pub(crate) qty: Qty,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) post_only: bool,
    /// Whether it was accepted as one of a list; the list may be gone.
    pub(crate) linked: bool,
    pub(crate) self_trade_prevention: SelfTradePrevention,
    pub(crate) fees: FeeMeter,
    pub(crate) name: NameSlot,
    pub(crate) holding: HoldingRow,
    /// The account's next older open order in this instrument, by slot.
    pub(crate) older: u32,
    /// The account's next younger one.
    pub(crate) younger: u32,
}

/// In which role an order trades: decides its rate.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// It rested.
    Maker,
    /// It came and took.
    Taker,
    /// Both rested: they pay as makers, but nobody is there to pay for a rebate.
    Auction,
}

/// One instrument's book and everything around it.
#[derive(Clone, Debug)]
pub(crate) struct Market<B> {
    pub(crate) phase: Phase,
    pub(crate) book: B,
    pub(crate) clerk: Clerk,
    /// Orders that wait.
    pub(crate) triggers: Triggers,
    /// The mark price, once one was set.
    pub(crate) mark: Option<Price>,
}

/// Who knows the terms of the orders in a book, and settles what trades there. Apart from the book, so that it can
/// work while the book is being swept.
#[derive(Clone, Debug)]
pub(crate) struct Clerk {
    pub(crate) instrument: Instrument,
    pub(crate) instrument_id: InstrumentId,
    /// By slot of the book; meaningless where no order rests.
    terms: Vec<Terms>,
    pub(crate) trades: u64,
    pub(crate) last_price: Option<Price>,
    /// The top order of each side, kept for pro-rata only: who it was, if it has ended since.
    pub(crate) top: [Option<OrderId>; 2],
    /// Where the venue's fees go.
    pub(crate) fee_base: BalanceRow,
    pub(crate) fee_quote: BalanceRow,
}

impl<B: OrderBook> Market<B> {
    pub(crate) fn new(instrument_id: InstrumentId, instrument: Instrument, ledger: &mut Ledger) -> Self {
        let fee_base = ledger.row(AccountId::FEES, instrument.spec.base);
        let fee_quote = ledger.row(AccountId::FEES, instrument.spec.quote);
        let phase = instrument.spec.phase;
        let (terms, trades, last_price, top) = (Vec::new(), 0, None, [None; 2]);
        let clerk = Clerk { instrument, instrument_id, terms, trades, last_price, top, fee_base, fee_quote };
        Self { phase, book: B::default(), clerk, triggers: Triggers::default(), mark: None }
    }

    /// What triggers look at, if there is such a price now.
    pub(crate) fn reference(&self) -> Option<Price> {
        match self.clerk.instrument.spec.trigger_source {
            TriggerSource::LastTrade => self.clerk.last_price,
            TriggerSource::Mark => self.mark,
            TriggerSource::Mid => {
                let (bid, ask) = (self.book.best(Side::Buy)?, self.book.best(Side::Sell)?);
                Some(Price(bid.0.midpoint(ask.0)))
            }
        }
    }

    /// Whether somebody would buy for at least what somebody else would sell for.
    pub(crate) fn is_crossed(&self) -> bool {
        let (bid, ask) = (self.book.best(Side::Buy), self.book.best(Side::Sell));
        bid.zip(ask).is_some_and(|(bid, ask)| bid >= ask)
    }

    /// Puts an order at the tail of its level and at the end of its account's list. Its hold is the caller's.
    pub(crate) fn rest(&mut self, holdings: &mut Holdings, order: NewResting, terms: Terms) -> Slot {
        if self.clerk.is_pro_rata() {
            self.crown(&order);
        }
        let slot = self.queue(order, terms);
        self.clerk.join_list(holdings, slot.0);
        slot
    }

    /// Makes an order that is about to rest the top order of its side, if it betters all others.
    #[cold]
    fn crown(&mut self, order: &NewResting) {
        let top = &mut self.clerk.top[order.side as usize];
        let best = self.book.best(order.side);
        if best.is_none_or(|best| best != order.price && crosses(order.side.opposite(), best, order.price)) {
            *top = Some(order.id);
        } else if *top == Some(order.id) {
            *top = None;
        }
    }

    /// Puts an order at the tail of its level only.
    pub(crate) fn queue(&mut self, order: NewResting, terms: Terms) -> Slot {
        let slot = self.book.rest(order.side, order.price, order.qty, order.id);
        match self.clerk.terms.get_mut(slot.0 as usize) {
            Some(entry) => *entry = terms,
            None => self.clerk.terms.resize(slot.0 as usize + 1, terms),
        }
        slot
    }
}

impl Clerk {
    /// Whether a level is shared out by size.
    #[inline]
    pub(crate) fn is_pro_rata(&self) -> bool {
        self.instrument.spec.allocation != Allocation::Fifo
    }

    #[inline]
    pub(crate) fn terms(&self, slot: u32) -> &Terms {
        &self.terms[slot as usize]
    }

    #[inline]
    pub(crate) fn terms_mut(&mut self, slot: u32) -> &mut Terms {
        &mut self.terms[slot as usize]
    }

    /// What an open order holds, in quote for a buyer and in base for a seller; `None` if it cannot be represented.
    #[inline]
    pub(crate) fn worst_cost(&self, side: Side, price: Price, qty: Qty, fees: &FeeMeter) -> Option<Amount> {
        let base = self.instrument.base_value(qty)?;
        // Both sides must be representable: the seller's proceeds too.
        let value = self.instrument.quote_value(price * qty)?;
        match (side, self.instrument.spec.fee_asset) {
            (Side::Sell, _) => Some(base),
            (Side::Buy, FeeAsset::Received) => Some(value),
            (Side::Buy, FeeAsset::Quote) => value.checked_add(fees.worst(value)),
        }
    }

    /// What a resting order holds now.
    pub(crate) fn hold_of(&self, order: &Resting) -> Amount {
        let fees = &self.terms(order.slot.0).fees;
        self.remaining_hold(order, order.leaves_qty, fees)
    }

    /// Puts a resting order at the end of its account's list: it is the youngest.
    pub(crate) fn join_list(&mut self, holdings: &mut Holdings, slot: u32) {
        let holding = holdings.at_mut(self.terms(slot).holding);
        let older = std::mem::replace(&mut holding.last, slot);
        holding.open_orders += 1;
        if older == NO_SLOT {
            holding.first = slot;
        } else {
            self.terms_mut(older).younger = slot;
        }
        let terms = self.terms_mut(slot);
        (terms.older, terms.younger) = (older, NO_SLOT);
    }

    /// Takes a slot out of its account's list, after its order left the book.
    pub(crate) fn forget(&mut self, holdings: &mut Holdings, slot: u32) {
        let Terms { holding, older, younger, .. } = *self.terms(slot);
        let holding = holdings.at_mut(holding);
        holding.open_orders -= 1;
        if older == NO_SLOT {
            holding.first = younger;
        } else {
            self.terms_mut(older).younger = younger;
        }
        if younger == NO_SLOT {
            holding.last = older;
        } else {
            self.terms_mut(younger).older = older;
        }
    }

    /// The number of the next trade.
    pub(crate) fn next_trade(&mut self, price: Price) -> TradeId {
        self.trades += 1;
        self.last_price = Some(price);
        TradeId(self.trades)
    }

    /// What `qty` lots are worth at `price`, of an order whose value was checked when it was accepted.
    #[inline]
    pub(crate) fn worth(&self, price: Price, qty: Qty) -> Worth {
        let base = self.instrument.base_value(qty).expect("an accepted order's base value was checked");
        let cost = self.instrument.quote_value(price * qty).expect("an accepted order's value was checked");
        Worth { base, cost }
    }

    /// The rate at which an order with these terms pays.
    #[inline]
    pub(crate) fn rate(role: Role, fees: &FeeMeter) -> Ppm {
        match role {
            Role::Maker => fees.maker,
            Role::Taker => fees.taker,
            Role::Auction => fees.maker.max(Ppm(0)),
        }
    }

    /// What a fill of `qty` lots frees of a resting order's hold. `order` is the order as it was before, `fees` its
    /// meter before and after the fill.
    #[inline]
    pub(crate) fn freed(&self, order: &Resting, qty: Qty, worth: &Worth, fees: (&FeeMeter, &FeeMeter)) -> Amount {
        match (order.side, self.instrument.spec.fee_asset) {
            (Side::Sell, _) => worth.base,
            (Side::Buy, FeeAsset::Received) => self.worth(order.price, qty).cost,
            (Side::Buy, FeeAsset::Quote) => {
                let after = self.remaining_hold(order, order.leaves_qty - qty, fees.1);
                self.remaining_hold(order, order.leaves_qty, fees.0) - after
            }
        }
    }

    /// Whether an order on this side pays its fee in base.
    #[inline]
    pub(crate) fn pays_in_base(&self, side: Side) -> bool {
        side == Side::Buy && self.instrument.spec.fee_asset == FeeAsset::Received
    }

    /// Charges the meter of one side of a trade.
    #[inline]
    pub(crate) fn charge(&self, side: Side, role: Role, fees: &mut FeeMeter, worth: &Worth) -> Amount {
        fees.charge(Self::rate(role, fees), if self.pays_in_base(side) { worth.base } else { worth.cost })
    }

    /// Books one side of a trade: money, fee and position, and what the trade frees of a resting order's hold.
    #[inline(always)]
    pub(crate) fn settle(
        &self,
        (ledger, holdings): (&mut Ledger, &mut Holdings),
        (side, holding): (Side, HoldingRow),
        worth: &Worth,
        (fee, freed): (Amount, Amount),
    ) {
        let Worth { base, cost } = *worth;
        let in_base = self.pays_in_base(side);
        let Holding { base: base_row, quote: quote_row, .. } = *holdings.at(holding);
        let position = holdings.touch(holding);
        match side {
            Side::Buy => {
                let (fee_base, fee_quote) = if in_base { (fee, Amount::ZERO) } else { (Amount::ZERO, fee) };
                ledger.change(quote_row, freed - cost - fee_quote, -freed);
                ledger.change(base_row, base - fee_base, Amount::ZERO);
                position.buy(base - fee_base, cost);
                add_fees(position, fee_base, fee_quote);
            }
            Side::Sell => {
                ledger.change(base_row, freed - base, -freed);
                ledger.change(quote_row, cost - fee, Amount::ZERO);
                position.sell(base, cost);
                add_fees(position, Amount::ZERO, fee);
            }
        }
        if fee != Amount::ZERO {
            ledger.change(if in_base { self.fee_base } else { self.fee_quote }, fee, Amount::ZERO);
        }
    }

    fn remaining_hold(&self, order: &Resting, leaves: Qty, fees: &FeeMeter) -> Amount {
        self.worst_cost(order.side, order.price, leaves, fees).expect("it was checked when the order rested")
    }
}

/// What a fill moves: base units one way, quote units the other.
#[derive(Clone, Copy)]
pub(crate) struct Worth {
    pub(crate) base: Amount,
    pub(crate) cost: Amount,
}

fn add_fees(position: &mut Position, base: Amount, quote: Amount) {
    position.fees_base = position.fees_base.saturating_add(base);
    position.fees_quote = position.fees_quote.saturating_add(quote);
}

/// An order that goes to the tail of its level.
#[derive(Clone, Copy)]
pub(crate) struct NewResting {
    pub(crate) id: OrderId,
    pub(crate) side: Side,
    pub(crate) price: Price,
    pub(crate) qty: Qty,
}
