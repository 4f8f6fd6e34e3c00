//! Trades: who meets whom, what each pays, and what goes into the book.

use papertape_engine::{AccountId, Amount, AssetId, Event, FeeAsset, InstrumentId, OrderId, Price, Qty, Side, Trade};
use papertape_engine::{TradeId, TradeParty};

use super::place::reaches;
use super::{Model, Order, position};

impl Model {
    /// The open orders of a side in the order in which they trade: best price first, then first come.
    pub(super) fn queue(&self, instrument: InstrumentId, side: Side) -> Vec<Order> {
        let of_side = |order: &&Order| order.instrument == instrument && order.side == side;
        let mut queue: Vec<Order> = self.orders.iter().filter(of_side).copied().collect();
        // The sort keeps the order of arrival among equal prices.
        match side {
            Side::Buy => queue.sort_by_key(|order| std::cmp::Reverse(order.price)),
            Side::Sell => queue.sort_by_key(|order| order.price),
        }
        queue
    }

    /// Trades up to `lots` against the other side, each time with its first order and at that order's price, as long
    /// as it is within the limit.
    pub(super) fn take(&mut self, taker: &mut Order, limit: Option<Price>, lots: u64, events: &mut Vec<Event>) {
        let mut wanted = lots;
        for maker in self.queue(taker.instrument, taker.side.opposite()) {
            if wanted == 0 || limit.is_some_and(|limit| !reaches(taker.side, limit, maker.price)) {
                break;
            }
            let (qty, price) = (wanted.min(maker.leaves), maker.price);
            wanted -= qty;
            let made = self.fill_open(maker.id, maker.fees.maker, price, qty);
            let took = self.fill(taker, taker.fees.taker, price, qty);
            let (buy, sell) = if taker.side == Side::Buy { (took, made) } else { (made, took) };
            self.trade(taker.instrument, price, qty, Some(taker.side), (buy, sell), events);
        }
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
        let id = TradeId(market.trades);
        events.push(Event::Trade(Trade { id, instrument, price, qty: Qty(qty), aggressor, buy, sell }));
    }

    /// Fills a part of an open order, which ends if nothing is left of it.
    pub(super) fn fill_open(&mut self, id: OrderId, rate: i128, price: Price, qty: u64) -> TradeParty {
        let at = self.orders.iter().position(|order| order.id == id).expect("the order is open");
        let mut order = self.orders[at];
        let party = self.fill(&mut order, rate, price, qty);
        if order.leaves == 0 {
            self.orders.remove(at);
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
        let Order { id, account, instrument, side, price, leaves, .. } = order;
        self.orders.push(order);
        self.touch(account, self.markets[usize::from(instrument.0)].paid_with(side));
        events.push(Event::Rested { order: id, account, instrument, side, price, leaves_qty: Qty(leaves) });
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
