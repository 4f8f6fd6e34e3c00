//! The state as an engine shows it, for comparison.

use papertape_engine::{
    AccountId, Amount, AssetId, Balance, Engine, FeeTiers, InstrumentId, KillScope, MarginLevel, MarginTerms,
    OpenOrder, OrderBook, OrderId, Position, Price, Qty, Schedule, Side, Stage, TradeId, WaitingOrder,
};

use super::wait::Waiting;
use super::{Model, Order};

/// All that can be read of a venue: two in the same state are equal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    accounts: Vec<AccountState>,
    /// In the order of scopes: which was engaged first means nothing.
    kills: Vec<(u8, u32)>,
    margin_terms: Vec<(AssetId, MarginTerms)>,
    instruments: Vec<InstrumentState>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct AccountState {
    suspended: bool,
    /// Whether it may borrow, what it owes, and how it stands.
    margin: (bool, Vec<(AssetId, Amount)>, MarginLevel),
    /// What it traded in thirty days, by asset.
    volumes: Vec<Amount>,
    balances: Vec<(AssetId, Balance)>,
    positions: Vec<(InstrumentId, Position)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct InstrumentState {
    stage: Option<Stage>,
    schedule: Option<Schedule>,
    last_trade: Option<(TradeId, Price)>,
    session_price: Option<Price>,
    /// How many orders each account has sent in the second of its last one, where they are counted.
    rates: Vec<(AccountId, (u64, u32))>,
    mark: Option<Price>,
    tiers: Option<FeeTiers>,
    waiting: Vec<WaitingOrder>,
    sides: [SideState; 2],
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct SideState {
    levels: Vec<(Price, Qty)>,
    orders: Vec<OpenOrder>,
    /// How many orders and lots stand before each of them in its level.
    places: Vec<Option<(u32, Qty)>>,
}

impl State {
    /// What an engine shows.
    pub fn of_engine<B: OrderBook>(engine: &Engine<B>) -> Self {
        let accounts = (0..engine.account_count()).map(AccountId).map(|account| AccountState {
            suspended: engine.is_suspended(account),
            margin: (engine.is_margin(account), engine.debts(account), engine.margin_level(account)),
            volumes: (0..engine.assets().len()).map(|n| engine.volume(account, AssetId(n as u16))).collect(),
            balances: engine.balances(account),
            positions: engine.positions(account),
        });
        let instruments = (0..engine.instruments().len()).map(|n| {
            let instrument = InstrumentId(n as u16);
            let sides = [Side::Buy, Side::Sell].map(|side| {
                let orders = engine.open_orders(instrument, side);
                let places = orders.iter().map(|order| engine.queue_place(order.order)).collect();
                SideState { levels: engine.depth(instrument, side, usize::MAX), orders, places }
            });
            InstrumentState {
                stage: engine.stage(instrument),
                schedule: engine.schedule(instrument),
                last_trade: engine.last_trade(instrument),
                session_price: engine.session_price(instrument),
                rates: engine.order_rates(instrument),
                mark: engine.mark(instrument),
                tiers: engine.fee_tiers(instrument),
                waiting: engine.waiting_orders(instrument),
                sides,
            }
        });
        let kills = sorted(engine.kill_switches());
        let margin_terms = engine.margin_terms();
        Self { accounts: accounts.collect(), kills, margin_terms, instruments: instruments.collect() }
    }

    /// What the model has.
    pub fn of_model(model: &Model) -> Self {
        let accounts = (0..model.openings.len() as u32).map(|n| model.account_state(AccountId(n))).collect();
        let instruments = (0..model.markets.len() as u16).map(|n| model.instrument_state(InstrumentId(n))).collect();
        let margin_terms = model.margin_terms.iter().map(|(asset, terms)| (*asset, *terms)).collect();
        Self { accounts, kills: sorted(model.kills.clone()), margin_terms, instruments }
    }
}

fn sorted(kills: Vec<KillScope>) -> Vec<(u8, u32)> {
    let number = |scope| match scope {
        KillScope::Venue => (0, 0),
        KillScope::Instrument(instrument) => (1, instrument.0.into()),
        KillScope::Account(account) => (2, account.0),
    };
    let mut kills: Vec<(u8, u32)> = kills.into_iter().map(number).collect();
    kills.sort_unstable();
    kills
}

impl Model {
    fn debts_told(&self, account: AccountId) -> Vec<(AssetId, Amount)> {
        let own = self.debts.iter().filter(|((debtor, _), _)| *debtor == account);
        own.map(|((_, asset), debt)| (*asset, Amount(*debt))).collect()
    }

    fn account_state(&self, account: AccountId) -> AccountState {
        let own = self.money.keys().filter(|key| key.0 == account).map(|key| key.1);
        let balances = own.map(|asset| {
            let balance = Balance { free: Amount(self.free(account, asset)), held: Amount(self.held(account, asset)) };
            (asset, balance)
        });
        let own = self.positions.iter().filter(|(key, _)| key.0 == account);
        let positions = own.map(|(key, position)| (key.1, *position));
        AccountState {
            suspended: self.suspended.contains(&account),
            margin: (self.margin_accounts.contains(&account), self.debts_told(account), self.level(account)),
            volumes: (0..self.assets.len()).map(|n| Amount(self.volume(account, AssetId(n as u16)))).collect(),
            balances: balances.filter(|(_, balance)| *balance != Balance::default()).collect(),
            positions: positions.filter(|(_, position)| *position != Position::default()).collect(),
        }
    }

    fn instrument_state(&self, instrument: InstrumentId) -> InstrumentState {
        let market = &self.markets[usize::from(instrument.0)];
        InstrumentState {
            stage: Some(market.stage()),
            schedule: market.schedule,
            last_trade: market.last_price.map(|price| (TradeId(market.trades), price)),
            session_price: market.session_price,
            rates: self.order_rates(instrument),
            mark: market.mark,
            tiers: Some(market.tiers),
            waiting: self.waiting_orders(instrument),
            sides: [Side::Buy, Side::Sell].map(|side| self.side_state(instrument, side)),
        }
    }

    fn side_state(&self, instrument: InstrumentId, side: Side) -> SideState {
        let queue = self.queue(instrument, side);
        let mut levels: Vec<(Price, Qty)> = Vec::new();
        for order in queue.iter().filter(|order| !order.is_hidden()) {
            match levels.last_mut().filter(|level| level.0 == order.price) {
                Some(level) => level.1.0 += order.shown,
                None => levels.push((order.price, Qty(order.shown))),
            }
        }
        let orders = queue.iter().map(|order| self.open_order(order)).collect();
        let before = |order: &Order| {
            queue
                .iter()
                .filter(|other| other.price == order.price)
                .take_while(|other| other.id != order.id)
                .copied()
                .collect::<Vec<Order>>()
        };
        let place = |order: &Order| {
            let before = before(order);
            (before.len() as u32, Qty(before.iter().map(|order| order.shown).sum()))
        };
        SideState { levels, orders, places: queue.iter().map(|order| Some(place(order))).collect() }
    }

    fn waiting_orders(&self, instrument: InstrumentId) -> Vec<WaitingOrder> {
        let here = self.waiting.iter().filter(|waiting| waiting.terms.instrument == instrument);
        let shown = here.map(|waiting| {
            let Waiting { id: order, terms, held, state, .. } = *waiting;
            WaitingOrder { order, terms, held: Amount(held), list: self.list_number(order), state }
        });
        shown.collect()
    }

    fn order_rates(&self, instrument: InstrumentId) -> Vec<(AccountId, (u64, u32))> {
        if self.markets[usize::from(instrument.0)].spec.filters.orders_per_second_max == u32::MAX {
            return Vec::new();
        }
        let mut rates: Vec<(AccountId, (u64, u32))> = Vec::new();
        for (account, _, second) in self.rated.iter().filter(|(_, of, _)| *of == instrument) {
            match rates.iter_mut().find(|(of, _)| of == account) {
                Some((_, rate)) if rate.0 == *second => rate.1 += 1,
                Some((_, rate)) => *rate = (*second, 1),
                None => rates.push((*account, (*second, 1))),
            }
        }
        rates.sort_unstable();
        rates
    }

    /// The list that an order is in, by the number of its first order.
    fn list_number(&self, order: OrderId) -> Option<OrderId> {
        self.list_of(order).map(|at| self.lists[at].id)
    }

    fn open_order(&self, order: &Order) -> OpenOrder {
        OpenOrder {
            order: order.id,
            account: order.account,
            instrument: order.instrument,
            side: order.side,
            price: order.price,
            qty: Qty(order.qty),
            leaves_qty: Qty(order.leaves),
            shown_qty: Qty(order.shown),
            display_qty: order.display.map(Qty),
            time_in_force: order.time_in_force,
            post_only: order.post_only,
            reduce_only: order.reduce_only,
            peg: order.peg,
            self_trade_prevention: order.self_trade_prevention,
            list: self.list_number(order.id),
            client_order_id: self.name_of(order.id),
        }
    }
}
