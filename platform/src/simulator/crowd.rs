//! All simulated traders together: told what happens, asked what they want. Knows no threads and no clock.

use std::collections::BTreeMap;

use papertape_engine::{
    AccountId, Amount, AssetId, Cancelled, Command, Event, Instrument, InstrumentId, Phase, Price, Reason,
    SelfTradePrevention, Side, Trade,
};

use super::SimulatorError;
use super::fair::FairValue;
use super::flow::Flow;
use super::funds::{Call, Funds};
use super::grid::Grid;
use super::maker::{Maker, STYLES};
use super::orders::Orders;
use super::random::Random;
use crate::venue::Output;

/// Simulated time between two steps, in nanoseconds.
pub const STEP_NS: u64 = 50_000_000;

/// Commands in one market in one step: with five markets at most 500 in a second of simulated time.
const COMMANDS_MAX: usize = 5;

/// Steps without a trade after which a market's quotes are thrown away and made anew: half a minute.
const STALLED_STEPS: u64 = 600;

/// Whole quote that each account has in every asset, by value.
const WEALTH: f64 = 50_000_000.0;

/// An instrument to trade in.
#[derive(Clone, Debug)]
pub struct SimulatedMarket {
    /// Its number.
    pub id: InstrumentId,
    /// As listed.
    pub instrument: Instrument,
    /// Its phase now.
    pub phase: Phase,
    /// Where to begin when nothing has traded, in whole quote.
    pub start: f64,
    /// Where to begin otherwise.
    pub last_price: Option<Price>,
}

#[derive(Clone, Debug)]
struct Market {
    grid: Grid,
    base: AssetId,
    quote: AssetId,
    /// Index of the base asset's fair value.
    fair: usize,
    is_open: bool,
    makers: Vec<Maker>,
    flow: Flow,
    last_trade: u64,
}

/// The traders.
#[derive(Clone, Debug)]
pub struct Crowd {
    random: Random,
    step: u64,
    fairs: Vec<FairValue>,
    markets: Vec<Market>,
    orders: Orders,
    funds: Funds,
}

impl Crowd {
    /// Opens accounts, ends what earlier runs left open, and begins at the last prices. `run` is any number that no
    /// earlier run of the venue had.
    pub fn open(
        venue: &mut impl Call,
        markets: &[SimulatedMarket],
        seed: u64,
        run: u64,
    ) -> Result<Self, SimulatorError> {
        let funds = Funds::open(venue, wealth(markets))?;
        let mut crowd = Self {
            random: Random::new(seed),
            step: 0,
            fairs: Vec::new(),
            markets: Vec::new(),
            orders: Orders::new(run),
            funds,
        };
        let mut bases: Vec<AssetId> = Vec::new();
        for market in markets {
            let base = market.instrument.spec.base;
            let fair = bases.iter().position(|known| *known == base).unwrap_or(bases.len());
            if let Some(added) = crowd.market(market, fair) {
                if fair == bases.len() {
                    bases.push(base);
                    let price = market.last_price.map_or(market.start, |price| added.grid.quote(price));
                    crowd.fairs.push(FairValue::new(price, market.start, 1.0 + 0.3 * fair as f64));
                }
                crowd.markets.push(added);
            }
        }
        Ok(crowd)
    }

    fn market(&self, market: &SimulatedMarket, fair: usize) -> Option<Market> {
        let [maker_1, maker_2, maker_3, taker_1, taker_2, small] = *self.funds.accounts();
        let makers = [maker_1, maker_2, maker_3].into_iter().zip(STYLES);
        Some(Market {
            grid: Grid::new(market.id, &market.instrument)?,
            base: market.instrument.spec.base,
            quote: market.instrument.spec.quote,
            fair,
            is_open: market.phase == Phase::Continuous,
            makers: makers.map(|(account, style)| Maker::new(account, style)).collect(),
            flow: Flow::new([taker_1, taker_2], small),
            last_trade: 0,
        })
    }

    /// What the traders want now: one step of [`STEP_NS`] of their time.
    pub fn step(&mut self, now_ns: u64) -> Vec<Command> {
        self.step += 1;
        let mut commands = Vec::new();
        self.fairs.iter_mut().for_each(|fair| fair.step(&mut self.random));
        self.funds.top_up(self.step, now_ns, &mut commands);
        for index in 0..self.markets.len() {
            let mut wanted = self.step_market(index);
            if wanted.len() > COMMANDS_MAX {
                for unsent in wanted.drain(COMMANDS_MAX..) {
                    self.orders.not_sent(&unsent);
                }
            }
            commands.append(&mut wanted);
        }
        commands
    }

    fn step_market(&mut self, index: usize) -> Vec<Command> {
        let Self { random, step, fairs, markets, orders, funds } = self;
        let market = &mut markets[index];
        let mut commands = Vec::new();
        if !market.is_open {
            return commands;
        }
        if *step > market.last_trade + STALLED_STEPS {
            market.last_trade = *step;
            market.makers.iter_mut().for_each(Maker::reset);
            market.flow.reset();
            orders.forget_market(index);
            let instrument = Some(market.grid.instrument);
            let cancel = |account: &AccountId| Command::CancelAll { account: *account, instrument, side: None };
            return funds.accounts().iter().filter(|account| **account != AccountId::FEES).map(cancel).collect();
        }
        let fair = market.grid.ticks(fairs[market.fair].price());
        market.flow.take(&market.grid, fair, random, &mut commands);
        market.flow.correct(&market.grid, fair, random, &mut commands);
        market.flow.chatter((&market.grid, index, fair), orders, random, *step, &mut commands);
        // Last, because what is cut off here is asked again.
        let turn = *step as usize % market.makers.len();
        market.makers[turn].step((&market.grid, index, fair), orders, random, *step, &mut commands);
        commands
    }

    /// A command of the last step was not taken by the venue.
    pub fn not_taken(&mut self, command: &Command) {
        self.orders.not_sent(command);
    }

    /// Takes in an event. Others' events cost a comparison.
    pub fn fold(&mut self, output: &Output) {
        match output.event {
            Event::Trade(ref trade) => self.fold_trade(trade),
            Event::Accepted(ref accepted) if self.funds.is_own(accepted.terms.account) => {
                if let Some(name) = self.orders.named(accepted.terms.client_order_id) {
                    self.orders.number(name, accepted.order);
                }
            }
            // A post-only quote that would have taken may rest elsewhere than asked.
            Event::Rested { order, account, price, .. } if self.funds.is_own(account) => {
                if let Some(resting) = self.orders.by_order(order) {
                    resting.price = price;
                }
            }
            Event::SelfTradePrevented(ref prevented) if prevented.mode == SelfTradePrevention::Decrement => {
                for party in [prevented.maker, prevented.taker] {
                    if let Some(resting) = self.orders.by_order(party.order) {
                        (resting.qty, resting.leaves) = (resting.qty - prevented.qty, party.leaves_qty);
                    }
                }
            }
            Event::Cancelled(Cancelled { order, account, .. }) if self.funds.is_own(account) => self.orders.end(order),
            Event::Amended(ref amended) if self.funds.is_own(amended.account) => {
                if let Some(resting) = self.orders.by_order(amended.order) {
                    (resting.price, resting.qty, resting.leaves) = (amended.price, amended.qty, amended.leaves_qty);
                }
            }
            Event::Rejected { account: Some(account), instrument, client_order_id, order, reason }
                if self.funds.is_own(account) =>
            {
                let refused = order.and_then(|order| self.orders.by_ref(order));
                if reason == Reason::InsufficientFunds {
                    let at = refused.and_then(|name| Some(self.orders.get(name)?.market));
                    self.is_short(account, at, instrument);
                }
                let gone = if reason == Reason::UnknownOrder { refused } else { self.orders.named(client_order_id) };
                if let Some(name) = gone {
                    self.orders.forget(name);
                }
            }
            Event::Balance { account, asset, free, .. } if self.funds.is_own(account) => {
                self.funds.balance(account, asset, free);
            }
            Event::PhaseChanged { instrument, stage } => {
                if let Some(market) = self.markets.iter_mut().find(|market| market.grid.instrument == instrument) {
                    market.is_open = stage.phase == Phase::Continuous;
                }
            }
            _ => {}
        }
    }

    fn fold_trade(&mut self, trade: &Trade) {
        let Some(market) = self.markets.iter_mut().find(|market| market.grid.instrument == trade.instrument) else {
            return;
        };
        market.last_trade = self.step;
        for side in [Side::Buy, Side::Sell] {
            let party = trade.party(side);
            if !self.funds.is_own(party.account) {
                continue;
            }
            if let Some(maker) = market.makers.iter_mut().find(|maker| maker.account == party.account) {
                let lots = trade.qty.0 as f64;
                maker.inventory += if side == Side::Buy { lots } else { -lots };
            }
            if party.leaves_qty.is_zero() {
                self.orders.end(party.order);
            } else if let Some(resting) = self.orders.by_order(party.order) {
                resting.leaves = party.leaves_qty;
            }
        }
    }

    /// Which of the two assets is missing is not told: both are topped up.
    fn is_short(&mut self, account: AccountId, market: Option<usize>, instrument: Option<InstrumentId>) {
        let named = instrument.and_then(|id| self.markets.iter().position(|market| market.grid.instrument == id));
        if let Some(market) = market.or(named).and_then(|index| self.markets.get(index)) {
            self.funds.is_short(account, market.base);
            self.funds.is_short(account, market.quote);
        }
    }
}

/// The same value of every asset for each account.
fn wealth(markets: &[SimulatedMarket]) -> BTreeMap<AssetId, Amount> {
    let units = |whole: f64, decimals: u8| {
        let unit = 10_i128.checked_pow(decimals.into()).unwrap_or(1);
        // Whole assets first: floating point knows these exactly.
        Amount((whole.max(1.0) as i128).saturating_mul(unit).min(Amount::MAX.0 / 1_000_000))
    };
    let mut wanted = BTreeMap::new();
    for market in markets {
        let instrument = &market.instrument;
        wanted.insert(instrument.spec.quote, units(WEALTH, instrument.quote.decimals));
        wanted
            .entry(instrument.spec.base)
            .or_insert_with(|| units(WEALTH / market.start.max(1e-9), instrument.base.decimals));
    }
    wanted
}
