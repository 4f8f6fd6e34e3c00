//! What the events of a venue add up to, without asking the venue: open orders in the order of their queues, balances,
//! positions. That this is possible is a rule of its own, and [`super::Judge::check`] compares it with the venue.

use std::collections::{BTreeMap, HashMap};

use papertape_engine::{
    AccountId, Amount, AssetId, Balance, ClientOrderId, Event, FeeTiers, InstrumentId, InstrumentSpec, OpenOrder,
    OrderId, OrderKind, OrderRef, PlaceOrder, Position, Ppm, Price, Qty, SelfTradePrevented, SelfTradePrevention, Side,
    Stage, Trade,
};

/// The sum of all events so far.
#[derive(Clone, Default, Debug)]
pub struct Told {
    markets: Vec<Market>,
    orders: HashMap<OrderId, OpenOrder>,
    /// Orders that are in no book, and whether they are pending in a list.
    waiting: BTreeMap<OrderId, (PlaceOrder, bool)>,
    /// Orders of each list that have not ended, by the list's number.
    lists: BTreeMap<OrderId, Vec<OrderId>>,
    balances: BTreeMap<(AccountId, AssetId), Balance>,
    positions: BTreeMap<(AccountId, InstrumentId), Position>,
    volumes: BTreeMap<(AccountId, AssetId), Amount>,
    debts: BTreeMap<(AccountId, AssetId), i128>,
}

#[derive(Clone, Debug)]
struct Market {
    spec: InstrumentSpec,
    stage: Stage,
    fee_tiers: FeeTiers,
    /// Levels of each side, by price; in each the orders as they will trade.
    sides: [BTreeMap<Price, Vec<OrderId>>; 2],
}

impl Told {
    /// Takes in the next event.
    pub fn hear(&mut self, event: &Event) {
        match *event {
            Event::InstrumentListed { spec, .. } => {
                let (stage, fee_tiers) = (spec.phase.into(), FeeTiers::NONE);
                self.markets.push(Market { spec, stage, fee_tiers, sides: Default::default() });
            }
            Event::PhaseChanged { instrument, stage } => {
                self.market_mut(instrument).iter_mut().for_each(|market| market.stage = stage);
            }
            Event::Accepted(accepted) => {
                let terms = accepted.terms;
                let price = if let OrderKind::Limit { price, .. } = terms.kind { price } else { Price(0) };
                let qty = terms.kind.qty().unwrap_or(Qty::ZERO);
                let pending = accepted.list.is_some_and(|list| list.pending);
                if pending || terms.trigger.is_some() || terms.time_in_force.auction().is_some() {
                    self.waiting.insert(accepted.order, (terms, pending));
                }
                if let Some(place) = accepted.list {
                    self.lists.entry(place.list).or_default().push(accepted.order);
                }
                let order = OpenOrder {
                    order: accepted.order,
                    account: terms.account,
                    instrument: terms.instrument,
                    side: terms.side,
                    price,
                    qty,
                    leaves_qty: qty,
                    shown_qty: Qty::ZERO,
                    display_qty: terms.display_qty,
                    time_in_force: terms.time_in_force,
                    post_only: terms.post_only,
                    reduce_only: terms.reduce_only,
                    peg: terms.peg.map(|peg| (peg, price)),
                    self_trade_prevention: accepted.self_trade_prevention(),
                    list: None,
                    client_order_id: terms.client_order_id,
                };
                self.orders.insert(accepted.order, order);
            }
            Event::Rested { order, price, leaves_qty, shown_qty, .. } => {
                self.leave(order);
                self.rest(order, price, leaves_qty, shown_qty);
            }
            Event::Trade(trade) => self.trade(&trade),
            Event::SelfTradePrevented(prevented) => self.prevented(&prevented),
            Event::Cancelled(cancelled) => {
                self.waiting.remove(&cancelled.order);
                self.leave_list(cancelled.order);
                self.leave(cancelled.order);
            }
            Event::Released { order, .. } => {
                if let Some((terms, pending)) = self.waiting.get_mut(&order) {
                    *pending = false;
                    if terms.trigger.is_none() {
                        self.waiting.remove(&order);
                    }
                }
            }
            Event::Triggered { order, .. } => {
                self.waiting.remove(&order);
                self.leave_list(order);
            }
            Event::Amended(amended) => {
                if !amended.kept_priority {
                    self.leave(amended.order);
                }
                if let Some(order) = self.orders.get_mut(&amended.order) {
                    (order.price, order.qty, order.leaves_qty) = (amended.price, amended.qty, amended.leaves_qty);
                    order.shown_qty = amended.leaves_qty;
                }
            }
            Event::Balance { account, asset, free, held } => {
                self.balances.insert((account, asset), Balance { free, held });
            }
            Event::FeeTiersSet { instrument, tiers } => {
                self.market_mut(instrument).iter_mut().for_each(|market| market.fee_tiers = tiers);
            }
            Event::Borrowed { account, asset, debt, .. } | Event::Repaid { account, asset, debt, .. } => {
                self.debts.insert((account, asset), debt.0);
            }
            Event::BadDebt { account, asset, amount, paid } => {
                self.debts.remove(&(account, asset));
                *self.debts.entry((AccountId::FEES, asset)).or_default() += amount.0 - paid.0;
            }
            Event::VolumeChanged { account, asset, volume } => {
                self.volumes.insert((account, asset), volume);
            }
            Event::Position { account, instrument, position } => {
                self.positions.insert((account, instrument), position);
            }
            _ => {}
        }
    }

    /// Listed instruments, by number.
    pub fn instruments(&self) -> impl Iterator<Item = (InstrumentId, &InstrumentSpec, Stage)> {
        let numbered = (0_u16..).zip(&self.markets);
        numbered.map(|(number, market)| (InstrumentId(number), &market.spec, market.stage))
    }

    /// Open orders of a side in the order in which they would trade.
    pub fn open_orders(&self, instrument: InstrumentId, side: Side) -> Vec<OpenOrder> {
        self.levels(instrument, side).into_iter().flat_map(|(_, _, orders)| orders).collect()
    }

    /// Levels of a side, best first: price, lots that show, orders.
    pub fn levels(&self, instrument: InstrumentId, side: Side) -> Vec<(Price, u128, Vec<OpenOrder>)> {
        let Some(market) = self.markets.get(usize::from(instrument.0)) else { return Vec::new() };
        let level = |(price, ids): (&Price, &Vec<OrderId>)| {
            let orders = ids.iter().filter_map(|id| self.orders.get(id));
            let orders: Vec<OpenOrder> =
                orders.map(|order| OpenOrder { list: self.list(order.order), ..*order }).collect();
            (*price, orders.iter().map(|order| u128::from(order.shown_qty.0)).sum(), orders)
        };
        let levels = market.sides[side as usize].iter();
        if side == Side::Buy { levels.rev().map(level).collect() } else { levels.map(level).collect() }
    }

    /// How many orders, and how many lots that show, stand before an order in its level. None unless it rests.
    pub fn queue_place(&self, order: OrderId) -> Option<(u32, Qty)> {
        let OpenOrder { instrument, side, price, .. } = *self.orders.get(&order)?;
        let market = self.markets.get(usize::from(instrument.0))?;
        let level = market.sides[side as usize].get(&price)?;
        let at = level.iter().position(|other| *other == order)?;
        let lots = level[..at].iter().filter_map(|other| self.orders.get(other)).map(|other| other.shown_qty.0).sum();
        Some((at as u32, Qty(lots)))
    }

    /// An account's order, as its owner names it.
    pub fn named(&self, account: AccountId, order: &OrderRef) -> Option<OrderId> {
        match order {
            OrderRef::Id(id) => Some(*id),
            // The last one of this name.
            OrderRef::Client(name) => {
                let own = self.orders.values().filter(|order| order.account == account);
                own.filter(|order| order.client_order_id == Some(*name)).map(|order| order.order).max()
            }
        }
    }

    /// Orders that are in no book, by number: their terms, and whether they are pending in a list.
    pub fn waiting(&self, instrument: InstrumentId) -> Vec<(OrderId, PlaceOrder, bool)> {
        let here = self.waiting.iter().filter(|(_, (terms, _))| terms.instrument == instrument);
        here.map(|(order, (terms, pending))| (*order, *terms, *pending)).collect()
    }

    /// The list that an order is in. One that is left alone is in none.
    pub fn list(&self, order: OrderId) -> Option<OrderId> {
        let lasts = |orders: &Vec<OrderId>| orders.len() > 1 && orders.contains(&order);
        self.lists.iter().find(|(_, orders)| lasts(orders)).map(|(list, _)| *list)
    }

    /// An order that was accepted, open or not.
    pub fn order(&self, order: OrderId) -> Option<&OpenOrder> {
        self.orders.get(&order)
    }

    /// The client's name of an order.
    pub fn client_order_id(&self, order: OrderId) -> Option<ClientOrderId> {
        self.orders.get(&order)?.client_order_id
    }

    /// Balances that were ever told, by account and asset.
    pub fn balances(&self) -> impl Iterator<Item = (AccountId, AssetId, Balance)> + '_ {
        self.balances.iter().map(|((account, asset), balance)| (*account, *asset, *balance))
    }

    /// What is owed, by account and asset.
    pub fn debts(&self) -> impl Iterator<Item = (AccountId, AssetId, i128)> + '_ {
        let owed = self.debts.iter().filter(|(_, debt)| **debt > 0);
        owed.map(|((account, asset), debt)| (*account, *asset, *debt))
    }

    /// An account's fee tier in an instrument: its number, what the account traded in thirty days, the maker's and the
    /// taker's rate.
    pub fn fees_of(&self, account: AccountId, instrument: InstrumentId) -> Option<(u8, Amount, Ppm, Ppm)> {
        let market = self.markets.get(usize::from(instrument.0))?;
        let volume = self.volumes.get(&(account, market.spec.quote)).copied().unwrap_or_default();
        let tier = market.fee_tiers.tier_of(volume);
        let (maker, taker) = market.fee_tiers.rates(tier, &market.spec);
        Some((tier, volume, maker, taker))
    }

    /// Positions that were ever told, by account and instrument.
    pub fn positions(&self) -> impl Iterator<Item = (AccountId, InstrumentId, Position)> + '_ {
        self.positions.iter().map(|((account, instrument), position)| (*account, *instrument, *position))
    }

    fn market_mut(&mut self, instrument: InstrumentId) -> Option<&mut Market> {
        self.markets.get_mut(usize::from(instrument.0))
    }

    fn rest(&mut self, id: OrderId, price: Price, leaves_qty: Qty, shown_qty: Qty) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        (order.price, order.leaves_qty, order.shown_qty) = (price, leaves_qty, shown_qty);
        let OpenOrder { instrument, side, .. } = *order;
        if let Some(market) = self.market_mut(instrument) {
            market.sides[side as usize].entry(price).or_default().push(id);
        }
        self.show_first(instrument, side, price);
    }

    /// Of one price those that show trade before those that do not.
    fn show_first(&mut self, instrument: InstrumentId, side: Side, price: Price) {
        let Self { orders, markets, .. } = self;
        let level =
            markets.get_mut(usize::from(instrument.0)).and_then(|market| market.sides[side as usize].get_mut(&price));
        let hidden = |id: &OrderId| orders.get(id).is_some_and(|order| order.display_qty == Some(Qty::ZERO));
        level.into_iter().for_each(|level| level.sort_by_key(hidden));
    }

    fn trade(&mut self, trade: &Trade) {
        for side in [Side::Buy, Side::Sell] {
            let party = trade.party(side);
            if let Some(order) = self.orders.get_mut(&party.order) {
                order.leaves_qty = party.leaves_qty;
                order.shown_qty.0 = order.shown_qty.0.saturating_sub(trade.qty.0);
            }
            if party.leaves_qty.is_zero() {
                self.leave_list(party.order);
                self.leave(party.order);
            }
        }
    }

    /// Both orders lose what was decremented, of their totals too. Whichever ends is told to.
    fn prevented(&mut self, prevented: &SelfTradePrevented) {
        for party in [prevented.taker, prevented.maker] {
            let Some(order) = self.orders.get_mut(&party.order) else { continue };
            order.leaves_qty = party.leaves_qty;
            if prevented.mode == SelfTradePrevention::Decrement {
                order.qty = Qty(order.qty.0.saturating_sub(prevented.qty.0));
                order.shown_qty.0 = order.shown_qty.0.saturating_sub(prevented.qty.0);
            }
        }
    }

    fn leave_list(&mut self, id: OrderId) {
        self.lists.values_mut().for_each(|orders| orders.retain(|order| *order != id));
        self.lists.retain(|_, orders| orders.len() > 1);
    }

    /// Takes an order out of the book, if it is there.
    fn leave(&mut self, id: OrderId) {
        let Some(OpenOrder { instrument, side, price, .. }) = self.orders.get(&id).copied() else { return };
        let Some(market) = self.market_mut(instrument) else { return };
        let levels = &mut market.sides[side as usize];
        if let Some(orders) = levels.get_mut(&price) {
            orders.retain(|other| *other != id);
            if orders.is_empty() {
                levels.remove(&price);
            }
        }
    }
}
