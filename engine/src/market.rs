//! One instrument with its book, and what the engine knows of each resting order beside it.

use std::collections::BTreeMap;

use crate::book::{OrderBook, Resting, Slot, crosses};
use crate::clients::{NO_NAME, NameSlot};
use crate::closers::Closers;
use crate::command::{PlaceOrder, SelfTradePrevention, Side, TimeInForce};
use crate::event::Position;
use crate::fee_tiers::FeeTiers;
use crate::fees::FeeMeter;
use crate::holdings::{Holding, HoldingRow, Holdings, NO_SLOT};
use crate::ids::{AccountId, InstrumentId, OrderId, TradeId};
use crate::instrument::{Allocation, Bands, FeeAsset, Instrument, Phase, TriggerSource};
use crate::interest::{Indicated, Interest};
use crate::ledger::{BalanceRow, Ledger};
use crate::pegs::Pegs;
use crate::reason::Reason;
use crate::schedule::Schedule;
use crate::stage::{Purpose, Stage};
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
    /// What few orders have, and the clerk keeps beside.
    pub(crate) rare: Rare,
    pub(crate) self_trade_prevention: SelfTradePrevention,
    pub(crate) fees: FeeMeter,
    pub(crate) name: NameSlot,
    pub(crate) holding: HoldingRow,
    /// The account's next older open order in this instrument, by slot.
    pub(crate) older: u32,
    /// The account's next younger one.
    pub(crate) younger: u32,
}

/// What few orders have: a bit for each.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Rare(u8);

impl Rare {
    const ICEBERG: u8 = 1;
    const REDUCE_ONLY: u8 = 2;
    const HIDDEN: u8 = 4;
    const PEGGED: u8 = 8;

    /// What a restored order has.
    pub(crate) const fn restored(reduce_only: bool, pegged: bool) -> Self {
        let reduces = if reduce_only { Self::REDUCE_ONLY } else { 0 };
        Self(if pegged { reduces | Self::PEGGED } else { reduces })
    }

    /// What a new order has; an iceberg is one when it rests.
    pub(crate) const fn of(order: &PlaceOrder) -> Self {
        let reduces = if order.reduce_only { Self::REDUCE_ONLY } else { 0 };
        Self(if order.peg.is_some() { reduces | Self::PEGGED } else { reduces })
    }

    #[inline]
    pub(crate) fn is_any(self) -> bool {
        self.0 != 0
    }

    /// Not all of it may show: it is among the clerk's icebergs.
    #[inline]
    pub(crate) fn is_iceberg(self) -> bool {
        self.0 & Self::ICEBERG != 0
    }

    /// It may only reduce a position: it is among the clerk's closers.
    #[inline]
    pub(crate) fn is_reduce_only(self) -> bool {
        self.0 & Self::REDUCE_ONLY != 0
    }

    /// Its price follows another: it is among the clerk's pegs.
    #[inline]
    pub(crate) fn is_pegged(self) -> bool {
        self.0 & Self::PEGGED != 0
    }

    /// Nothing of it shows.
    #[inline]
    pub(crate) fn is_hidden(self) -> bool {
        self.0 & Self::HIDDEN != 0
    }

    /// What an order is that may show so much: an iceberg, hidden, or neither.
    fn with_display(self, display: Option<Qty>) -> Self {
        let bit = match display {
            None => 0,
            Some(Qty::ZERO) => Self::HIDDEN,
            Some(_) => Self::ICEBERG,
        };
        Self(self.0 & !(Self::ICEBERG | Self::HIDDEN) | bit)
    }
}

impl Terms {
    /// Of nobody.
    const VACANT: Self = Self {
        account: AccountId(0),
        qty: Qty::ZERO,
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        linked: false,
        rare: Rare(0),
        self_trade_prevention: SelfTradePrevention::None,
        fees: FeeMeter::new(Ppm(0), Ppm(0)),
        name: NO_NAME,
        holding: HoldingRow::NONE,
        older: NO_SLOT,
        younger: NO_SLOT,
    };
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
    /// What the auction is for, if there is one.
    pub(crate) purpose: Purpose,
    /// When the phase ends by itself.
    pub(crate) until_ns: Option<u64>,
    /// Its day, and when the next step of it is due.
    pub(crate) schedule: Option<Schedule>,
    pub(crate) step_ns: Option<u64>,
    /// While it is an auction.
    pub(crate) collecting: Option<Box<Collecting>>,
}

/// What an auction has collected.
#[derive(Clone, Debug)]
pub(crate) struct Collecting {
    pub(crate) interest: Interest,
    /// What it would trade, as told last.
    pub(crate) indicated: Option<Indicated>,
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
    /// What the static band is around: the last uncross, or the session's first trade.
    pub(crate) session_price: Option<Price>,
    /// What does not show, by slot.
    icebergs: BTreeMap<u32, Iceberg>,
    /// What does not show, by side and price.
    reserves: [BTreeMap<Price, u128>; 2],
    /// Reduce-only orders.
    pub(crate) closers: Closers,
    /// Pegged orders.
    pub(crate) pegs: Pegs,
    /// How many orders do not show at all.
    pub(crate) hidden: usize,
    /// How many reasons there are to go order by order, see [`Clerk::needs_care`].
    care: usize,
    /// The top order of each side, kept for pro-rata only: who it was, if it has ended since.
    pub(crate) top: [Option<OrderId>; 2],
    /// What orders of accounts cost that trade much.
    pub(crate) fee_tiers: FeeTiers,
    /// Where the venue's fees go.
    pub(crate) fee_base: BalanceRow,
    pub(crate) fee_quote: BalanceRow,
}

impl<B: OrderBook> Market<B> {
    pub(crate) fn new(instrument_id: InstrumentId, instrument: Instrument, ledger: &mut Ledger) -> Self {
        let fee_base = ledger.row(AccountId::FEES, instrument.spec.base);
        let fee_quote = ledger.row(AccountId::FEES, instrument.spec.quote);
        let phase = instrument.spec.phase;
        let (terms, trades, last_price, session_price, top) = (Vec::new(), 0, None, None, [None; 2]);
        let care = usize::from(instrument.spec.allocation != Allocation::Fifo);
        let (icebergs, reserves) = (BTreeMap::new(), [BTreeMap::new(), BTreeMap::new()]);
        let clerk = Clerk {
            instrument,
            instrument_id,
            terms,
            trades,
            last_price,
            session_price,
            icebergs,
            reserves,
            closers: Closers::default(),
            pegs: Pegs::default(),
            hidden: 0,
            care,
            top,
            fee_tiers: FeeTiers::NONE,
            fee_base,
            fee_quote,
        };
        let (triggers, purpose) = (Triggers::default(), Purpose::Intraday);
        let (schedule, step_ns, collecting) = (None, None, None);
        Self {
            phase,
            book: B::default(),
            clerk,
            triggers,
            mark: None,
            purpose,
            until_ns: None,
            schedule,
            step_ns,
            collecting,
        }
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

    /// Whether the schedule can be, and its next step is one of its steps.
    pub(crate) fn has_possible_schedule(&self) -> bool {
        match (self.schedule, self.step_ns) {
            (None, step_ns) => step_ns.is_none(),
            (Some(schedule), None) => schedule.is_possible(),
            (Some(schedule), Some(step_ns)) => schedule.is_possible() && schedule.step_at(step_ns).is_some(),
        }
    }

    /// The phase with what belongs to it.
    pub(crate) fn stage(&self) -> Stage {
        Stage { phase: self.phase, purpose: self.purpose, until_ns: self.until_ns }
    }

    /// Whether somebody would buy for at least what somebody else would sell for.
    pub(crate) fn is_crossed(&self) -> bool {
        let (bid, ask) = (self.book.best_of_all(Side::Buy), self.book.best_of_all(Side::Sell));
        bid.zip(ask).is_some_and(|(bid, ask)| bid >= ask)
    }

    /// Puts an order at the tail of its level and at the end of its account's list. Its hold is the caller's.
    #[inline(always)]
    pub(crate) fn rest(&mut self, holdings: &mut Holdings, order: NewResting, terms: Terms) -> Slot {
        if self.clerk.is_pro_rata() {
            self.crown(&order);
        }
        let slot = self.queue(holdings, order, terms);
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

    /// An order that rests, with what does not show.
    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> Option<Resting> {
        self.book.get(slot).map(|shown| self.clerk.whole(shown))
    }

    /// Whether so much more can rest at a price. All of an iceberg counts: its next part must find room when its turn comes.
    pub(crate) fn can_rest(&self, side: Side, price: Price, qty: Qty) -> bool {
        match self.clerk.icebergs.len() + self.clerk.hidden {
            0 => self.book.can_rest(side, price, qty),
            _ => self.can_rest_with_all(side, price, qty),
        }
    }

    /// As [`Market::can_rest`], where not everything shows.
    #[cold]
    fn can_rest_with_all(&self, side: Side, price: Price, qty: Qty) -> bool {
        let unseen = self.clerk.reserve_at(side, price) + u128::from(self.book.unseen_at(side, price).0);
        let all = u64::try_from(u128::from(qty.0) + unseen);
        all.is_ok_and(|all| self.book.can_rest(side, price, Qty(all)))
    }

    /// Puts an order at the tail of its level only.
    #[inline(always)]
    fn queue(&mut self, holdings: &mut Holdings, order: NewResting, terms: Terms) -> Slot {
        if order.display.is_some() | terms.rare.is_any() {
            return self.queue_rare(holdings, (order, order.shown()), terms);
        }
        let slot = self.book.rest(order.side, order.price, order.qty, order.id);
        *self.clerk.entry(slot.0) = terms;
        slot
    }

    /// As [`Market::queue`], of an order that has what few have, or of which a part of what may show has been filled.
    #[cold]
    #[inline(never)]
    pub(crate) fn queue_rare(
        &mut self,
        holdings: &mut Holdings,
        (order, shown): (NewResting, Qty),
        mut terms: Terms,
    ) -> Slot {
        terms.rare = terms.rare.with_display(order.display);
        let slot = match terms.rare.is_hidden() {
            false => self.book.rest(order.side, order.price, shown, order.id),
            true => self.book.rest_hidden(order.side, order.price, order.qty, order.id),
        };
        if terms.rare.is_iceberg() {
            let display = order.display.unwrap_or(order.qty);
            self.clerk.freeze(slot.0, &order, Iceberg { display, reserve: order.qty - shown });
        }
        if terms.rare.is_reduce_only() {
            self.clerk.closers.insert(terms.account, order.side, order.id, slot);
            holdings.add_closer();
        }
        self.clerk.hidden += usize::from(terms.rare.is_hidden());
        self.clerk.care += usize::from(terms.rare.is_hidden()) + usize::from(terms.rare.is_reduce_only());
        *self.clerk.entry(slot.0) = terms;
        slot
    }
}

impl Clerk {
    /// Where the terms of an order in this slot are to be written.
    #[inline(always)]
    fn entry(&mut self, slot: u32) -> &mut Terms {
        if self.terms.len() <= slot as usize {
            self.add_entry(slot);
        }
        self.terms_mut(slot)
    }

    #[cold]
    fn add_entry(&mut self, slot: u32) {
        self.terms.resize(slot as usize + 1, Terms::VACANT);
    }

    /// An order as the book shows it, with what does not show.
    #[inline(always)]
    pub(crate) fn whole(&self, shown: Resting) -> Resting {
        let hidden = if self.terms(shown.slot.0).rare.is_iceberg() { self.reserve_of(shown.slot.0) } else { Qty::ZERO };
        Resting { leaves_qty: shown.leaves_qty + hidden, ..shown }
    }

    #[cold]
    fn reserve_of(&self, slot: u32) -> Qty {
        self.icebergs[&slot].reserve
    }

    /// Whether something does not show anywhere.
    #[inline]
    pub(crate) fn has_icebergs(&self) -> bool {
        !self.icebergs.is_empty()
    }

    /// What an order does not show.
    pub(crate) fn iceberg(&self, slot: u32) -> Option<Iceberg> {
        self.icebergs.get(&slot).copied()
    }

    /// How much of an order may show, if not all: of an iceberg a part, of a hidden order nothing.
    pub(crate) fn display(&self, slot: u32) -> Option<Qty> {
        let rare = self.terms(slot).rare;
        if rare.is_hidden() { Some(Qty::ZERO) } else { self.iceberg(slot).map(|iceberg| iceberg.display) }
    }

    /// How much shows of a resting order, of which the book has so much.
    #[inline]
    pub(crate) fn shown_of(&self, slot: u32, lots: Qty) -> Qty {
        if self.terms(slot).rare.is_hidden() { Qty::ZERO } else { lots }
    }

    /// What does not show at a price.
    pub(crate) fn reserve_at(&self, side: Side, price: Price) -> u128 {
        self.reserves[side as usize].get(&price).copied().unwrap_or_default()
    }

    pub(crate) fn reserves(&self, side: Side) -> &BTreeMap<Price, u128> {
        &self.reserves[side as usize]
    }

    fn freeze(&mut self, slot: u32, order: &NewResting, iceberg: Iceberg) {
        if !iceberg.reserve.is_zero() {
            *self.reserves[order.side as usize].entry(order.price).or_default() += u128::from(iceberg.reserve.0);
        }
        self.icebergs.insert(slot, iceberg);
    }

    /// The part of an iceberg that showed is gone: how many lots show next.
    #[cold]
    pub(crate) fn thaw(&mut self, side: Side, price: Price, slot: u32) -> Qty {
        let Some(iceberg) = self.icebergs.get_mut(&slot) else { return Qty::ZERO };
        let next = iceberg.display.min(iceberg.reserve);
        iceberg.reserve -= next;
        self.give_up_reserve(side, price, next);
        next
    }

    /// An order leaves the book with what it did not show; gives what it was allowed to show.
    #[cold]
    pub(crate) fn melt(&mut self, side: Side, price: Price, slot: u32) -> Option<Qty> {
        let Iceberg { display, reserve } = self.icebergs.remove(&slot)?;
        self.give_up_reserve(side, price, reserve);
        Some(display)
    }

    fn give_up_reserve(&mut self, side: Side, price: Price, lots: Qty) {
        if lots.is_zero() {
            return;
        }
        let reserves = &mut self.reserves[side as usize];
        let sum = reserves.get_mut(&price).expect("what does not show was added when it came");
        *sum -= u128::from(lots.0);
        if *sum == 0 {
            reserves.remove(&price);
        }
    }

    /// Whether a limit price lies within the static band.
    #[inline]
    pub(crate) fn check_band(&self, price: Price) -> Result<(), Reason> {
        let points = self.instrument.spec.bands.static_points;
        let fits = points == 0 || Bands::range(points, self.session_price).contains(&price);
        if fits { Ok(()) } else { Err(Reason::PriceOutOfBand) }
    }

    /// The worst price at which an order on this side may trade now, if there is a band.
    #[inline]
    pub(crate) fn band(&self, side: Side) -> Option<Price> {
        let bands = self.instrument.spec.bands;
        if bands == Bands::NONE { None } else { self.band_of(bands, side) }
    }

    #[cold]
    fn band_of(&self, bands: Bands, side: Side) -> Option<Price> {
        let by_session = Bands::range(bands.static_points, self.session_price);
        let by_last = Bands::range(bands.dynamic_points, self.last_price);
        let worst = match side {
            Side::Buy => *by_session.end().min(by_last.end()),
            Side::Sell => *by_session.start().max(by_last.start()),
        };
        Some(worst)
    }

    /// Whether orders that take must go order by order, and ask at each: levels are shared out by size, or some of
    /// their orders may only reduce a position, or do not show.
    #[inline]
    pub(crate) fn needs_care(&self) -> bool {
        self.care > 0
    }

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

    /// At which price an order holds funds: its own, or a pegged one's limit.
    #[inline]
    pub(crate) fn held_at(&self, rare: Rare, order: OrderId, price: Price) -> Price {
        if rare.is_pegged() { self.pegs.get(order).map_or(price, |pegged| pegged.limit) } else { price }
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

    /// An order leaves the book: out of its account's list, and with what it did not show.
    #[inline]
    pub(crate) fn leave(&mut self, holdings: &mut Holdings, order: &Resting) {
        let slot = order.slot.0;
        if self.terms(slot).rare.is_any() {
            self.leave_rare(holdings, order);
        }
        self.forget(holdings, slot);
    }

    #[cold]
    fn leave_rare(&mut self, holdings: &mut Holdings, order: &Resting) {
        let Terms { rare, account, .. } = *self.terms(order.slot.0);
        if rare.is_iceberg() {
            self.melt(order.side, order.price, order.slot.0);
        }
        self.hidden -= usize::from(rare.is_hidden());
        self.care -= usize::from(rare.is_hidden()) + usize::from(rare.is_reduce_only());
        if rare.is_pegged() && self.pegs.moving != Some(order.id) {
            self.pegs.remove(order.id);
            holdings.remove_peg(self.instrument_id);
        }
        if rare.is_reduce_only() {
            self.closers.remove(account, order.side, order.id);
            holdings.remove_closer();
        }
    }

    /// Takes a slot out of its account's list, after its order left the book.
    fn forget(&mut self, holdings: &mut Holdings, slot: u32) {
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
        self.session_price = self.session_price.or(Some(price));
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
            (Side::Buy, FeeAsset::Received) => {
                self.worth(self.held_at(self.terms(order.slot.0).rare, order.id, order.price), qty).cost
            }
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
        let price = self.held_at(self.terms(order.slot.0).rare, order.id, order.price);
        self.worst_cost(order.side, price, leaves, fees).expect("it was checked when the order rested")
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
    /// How much of it may show.
    pub(crate) display: Option<Qty>,
}

impl NewResting {
    /// How much of it shows.
    pub(crate) fn shown(&self) -> Qty {
        self.display.map_or(self.qty, |display| display.min(self.qty))
    }
}

/// What does not show of an order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Iceberg {
    /// How much shows at a time.
    pub(crate) display: Qty,
    /// What does not show now.
    pub(crate) reserve: Qty,
}
