//! Trades: who meets whom, what each pays, and what goes into the book.

use papertape_engine::{
    AccountId, Amount, AssetId, CancelCause, Event, FeeAsset, InstrumentId, OrderId, Price, Qty, Side, Trade,
};
use papertape_engine::{ProRata, TradeId, TradeParty, TriggerSource};

use super::place::reaches;
use super::reduce::Given;
use super::share::share_out;
use super::{Fees, Model, Order, position};

/// How an order went that took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taken {
    /// It took what it could.
    Done,
    /// It met its own side and is over.
    Over,
    /// What it would trade with next lies outside a price band.
    Outside,
}

impl Order {
    /// How much of what is left shows when it comes to rest.
    pub(super) fn part(&self) -> u64 {
        self.display.map_or(self.leaves, |display| display.min(self.leaves))
    }

    /// Nothing of it shows.
    pub(super) fn is_hidden(&self) -> bool {
        self.display == Some(0)
    }

    /// How many lots somebody meets who comes to it.
    pub(super) fn front(&self) -> u64 {
        if self.is_hidden() { self.leaves } else { self.shown }
    }

    /// It went to the tail of its level.
    pub(super) fn rested(&self) -> Event {
        let Order { id: order, account, instrument, side, price, .. } = *self;
        let (leaves_qty, shown_qty) = (Qty(self.leaves), Qty(self.shown));
        Event::Rested { order, account, instrument, side, price, leaves_qty, shown_qty }
    }
}

impl Model {
    /// The open orders of a side in the order in which they trade: best price first, then those that show,
    /// then first come.
    pub(super) fn queue(&self, instrument: InstrumentId, side: Side) -> Vec<Order> {
        let of_side = |order: &&Order| order.instrument == instrument && order.side == side;
        let mut queue: Vec<Order> = self.orders.iter().filter(of_side).copied().collect();
        // The sort keeps the order of arrival among equal prices.
        match side {
            Side::Buy => queue.sort_by_key(|order| (std::cmp::Reverse(order.price), order.is_hidden())),
            Side::Sell => queue.sort_by_key(|order| (order.price, order.is_hidden())),
        }
        queue
    }

    /// The orders of a side's best price, those that show first, first come first.
    fn best_level(&self, instrument: InstrumentId, side: Side) -> Vec<Order> {
        let of_side = || self.orders.iter().filter(move |order| order.instrument == instrument && order.side == side);
        let prices = of_side().map(|order| order.price);
        let best = if side == Side::Buy { prices.max() } else { prices.min() };
        let mut level: Vec<Order> = of_side().filter(|order| Some(order.price) == best).copied().collect();
        level.sort_by_key(Order::is_hidden);
        level
    }

    /// Trades up to `lots` against the other side, best price first, within the limit and at the makers' prices. Says
    /// how it went.
    pub(super) fn take(
        &mut self,
        taker: &mut Order,
        limit: Option<Price>,
        lots: u64,
        events: &mut Vec<Event>,
    ) -> Taken {
        let bands = self.markets[usize::from(taker.instrument.0)].bands();
        let mut wanted = lots;
        let mut given = self.given(taker.instrument, taker.side.opposite());
        while wanted > 0 {
            let level = self.best_level(taker.instrument, taker.side.opposite());
            let Some(price) = level.first().map(|best| best.price) else { break };
            if limit.is_some_and(|limit| !reaches(taker.side, limit, price)) {
                break;
            }
            if !bands.let_take(taker.side, price) {
                return Taken::Outside;
            }
            let is_over = match self.markets[usize::from(taker.instrument.0)].pro_rata() {
                None => self.take_first(taker, &level[0], (&mut wanted, &mut given), events),
                Some(rules) => self.take_by_size(taker, &level, &mut wanted, &rules, events),
            };
            if is_over {
                return Taken::Over;
            }
        }
        Taken::Done
    }

    /// The oldest order of a level, with what it shows.
    fn take_first(
        &mut self,
        taker: &mut Order,
        maker: &Order,
        (wanted, given): (&mut u64, &mut Given),
        events: &mut Vec<Event>,
    ) -> bool {
        if self.is_own(taker.account, taker.self_trade_prevention, maker) {
            return self.prevent(taker, *maker, wanted, events);
        }
        if !self.is_covered(given, maker) {
            self.notes.push("reduce-only ended when it was met");
            self.end(maker.id, CancelCause::ReduceOnly, events);
            return false;
        }
        if maker.is_hidden() {
            self.notes.push("hidden order traded");
        }
        let qty = maker.front().min(*wanted);
        *wanted -= qty;
        self.gave(given, maker, qty);
        self.trade_with(taker, maker, qty, events);
        if self.refresh(maker.id, events) {
            self.notes.push("iceberg refreshed in a sweep");
        }
        false
    }

    /// All orders at once: first those that may not trade, then the others by their shares.
    fn take_by_size(
        &mut self,
        taker: &mut Order,
        level: &[Order],
        wanted: &mut u64,
        rules: &ProRata,
        events: &mut Vec<Event>,
    ) -> bool {
        let is_own = |maker: &Order| self.is_own(taker.account, taker.self_trade_prevention, maker);
        let (own, others): (Vec<Order>, Vec<Order>) = level.iter().copied().partition(is_own);
        for maker in own {
            if *wanted > 0 && self.prevent(taker, maker, wanted, events) {
                return true;
            }
        }
        let top = self.markets[usize::from(taker.instrument.0)].top[taker.side.opposite() as usize];
        for (maker, qty) in share_out(&others, *wanted, rules, top, &mut self.notes) {
            *wanted -= qty;
            self.trade_with(taker, &maker, qty, events);
        }
        false
    }

    /// A trade at the maker's price.
    fn trade_with(&mut self, taker: &mut Order, maker: &Order, qty: u64, events: &mut Vec<Event>) {
        let made = self.fill_open(maker.id, maker.fees.maker, maker.price, qty);
        let took = self.fill(taker, taker.fees.taker, maker.price, qty);
        self.heard_of_fill(taker.id, taker.leaves);
        let (buy, sell) = if taker.side == Side::Buy { (took, made) } else { (made, took) };
        self.trade(taker.instrument, maker.price, qty, Some(taker.side), (buy, sell), events);
    }

    /// Numbers and tells a trade.
    pub(super) fn trade(
        &mut self,
        instrument: InstrumentId,
        price: Price,
        qty: u64,
        aggressor: Option<Side>,
        (buy, sell): (TradeParty, TradeParty),
        events: &mut Vec<Event>,
    ) {
        let market = &mut self.markets[usize::from(instrument.0)];
        market.trades += 1;
        market.last_price = Some(price);
        market.session_price = market.session_price.or(Some(price));
        let id = TradeId(market.trades);
        let value = market.quote_value(price, qty).expect("checked before the orders were accepted");
        self.count_trade(instrument, value, [buy.account, sell.account]);
        self.fallen.push((instrument, sell.account, Side::Sell));
        self.fallen.push((instrument, buy.account, Side::Buy));
        self.see(instrument, TriggerSource::LastTrade, price);
        events.push(Event::Trade(Trade { id, instrument, price, qty: Qty(qty), aggressor, buy, sell }));
    }

    /// Fills a part of an open order, which ends if nothing is left of it.
    pub(super) fn fill_open(&mut self, id: OrderId, rate: i128, price: Price, qty: u64) -> TradeParty {
        let at = self.orders.iter().position(|order| order.id == id).expect("the order is open");
        let mut order = self.orders[at];
        let now = self.market_for(order.account, order.instrument).map(|market| Fees::new(&market.spec));
        if now.is_ok_and(|now| (now.maker, now.taker) != (order.fees.maker, order.fees.taker)) {
            self.notes.push("filled at the rates of another tier");
        }
        let party = self.fill(&mut order, rate, price, qty);
        self.heard_of_fill(id, order.leaves);
        if order.leaves == 0 {
            self.orders.remove(at);
            self.leave_top(&order);
            self.end_name(id);
        } else {
            self.orders[at] = order;
        }
        party
    }

    /// One side of a trade: a buyer gets base for quote, a seller quote for base, and the venue gets its fee.
    fn fill(&mut self, order: &mut Order, rate: i128, price: Price, qty: u64) -> TradeParty {
        let Order { account, instrument, side, .. } = *order;
        let market = self.markets[usize::from(instrument.0)];
        let base = market.base_value(qty).expect("checked before the order was accepted");
        let cost = market.quote_value(price, qty).expect("checked before the order was accepted");
        let in_base = side == Side::Buy && market.spec.fee_asset == FeeAsset::Received;
        let fee = order.fees.charge(rate, if in_base { base } else { cost });
        let (fee_base, fee_quote) = if in_base { (fee, 0) } else { (0, fee) };
        order.leaves -= qty;
        order.shown = order.shown.saturating_sub(qty);
        let (base_asset, quote_asset) = (market.spec.base, market.spec.quote);
        match side {
            Side::Buy => {
                self.change(account, quote_asset, -cost - fee_quote);
                self.change(account, base_asset, base - fee_base);
            }
            Side::Sell => {
                self.change(account, base_asset, -base);
                self.change(account, quote_asset, cost - fee_quote);
            }
        }
        if fee != 0 {
            self.change(AccountId::FEES, if in_base { base_asset } else { quote_asset }, fee);
        }
        if !self.touched_positions.contains(&(account, instrument)) {
            self.touched_positions.push((account, instrument));
        }
        let position = self.positions.entry((account, instrument)).or_default();
        match side {
            Side::Buy => position::buy(position, base - fee_base, cost),
            Side::Sell => position::sell(position, base, cost),
        }
        position::add_fees(position, fee_base, fee_quote);
        TradeParty { order: order.id, account, leaves_qty: Qty(order.leaves), fee: Amount(fee) }
    }

    /// What is left of an order goes behind all others at its price; nothing happens if nothing is left.
    pub(super) fn rest(&mut self, order: Order, events: &mut Vec<Event>) {
        if order.leaves == 0 {
            self.end_name(order.id);
            return;
        }
        self.arrivals += 1;
        let order = Order { shown: order.part(), arrival: self.arrivals, ..order };
        self.crown(&order);
        self.orders.push(order);
        self.touch(order.account, self.markets[usize::from(order.instrument.0)].paid_with(order.side));
        events.push(order.rested());
    }

    /// An order that comes to rest at a better price than all others of its side is the top order.
    fn crown(&mut self, order: &Order) {
        let others = self.queue(order.instrument, order.side);
        let betters = |other: &Order| other.price != order.price && reaches(order.side, order.price, other.price);
        if others.iter().all(betters) {
            self.markets[usize::from(order.instrument.0)].top[order.side as usize] = Some(order.id);
        }
    }

    /// An order that leaves its place is not the top order any more.
    pub(super) fn leave_top(&mut self, order: &Order) {
        let top = &mut self.markets[usize::from(order.instrument.0)].top[order.side as usize];
        *top = top.filter(|top| *top != order.id);
    }

    /// Adds to what an account has.
    pub(super) fn change(&mut self, account: AccountId, asset: AssetId, by: i128) {
        *self.money.entry((account, asset)).or_default() += by;
        self.touch(account, asset);
    }

    /// The balance will be told at the end of the command.
    pub(super) fn touch(&mut self, account: AccountId, asset: AssetId) {
        if !self.touched_balances.contains(&(account, asset)) {
            self.touched_balances.push((account, asset));
        }
    }

    pub(super) fn balance_event(&self, account: AccountId, asset: AssetId) -> Event {
        let held = self.held(account, asset);
        Event::Balance { account, asset, free: Amount(self.total(account, asset) - held), held: Amount(held) }
    }
}
