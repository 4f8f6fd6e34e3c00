//! Those who take, in bursts, and those who leave small orders near the touch and change their minds.

use std::collections::VecDeque;

use papertape_engine::{AccountId, Command, OrderKind, OrderRef, PlaceOrder, Side, TimeInForce};

use super::grid::Grid;
use super::orders::{Name, Orders, Resting};
use super::random::Random;

/// Takers arrive with this probability in a calm step of 50 ms: three in four seconds.
const ARRIVAL: f64 = 0.0375;

/// Least value of a taken order, in whole quote asset.
const TAKER_NOTIONAL: f64 = 60.0;

/// Small orders that rest in a market at most.
const NOISE_MAX: usize = 40;

/// A market's takers and small traders.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    takers: [AccountId; 2],
    small: AccountId,
    /// How busy it is above the calm; each taker excites others.
    excitement: f64,
    /// Which side the takers lean to, -1 (sell) to 1 (buy).
    mood: f64,
    noise: VecDeque<(Name, u64)>,
}

impl Flow {
    pub(super) fn new(takers: [AccountId; 2], small: AccountId) -> Self {
        Self { takers, small, excitement: 0.0, mood: 0.0, noise: VecDeque::new() }
    }

    /// Takers, for one step.
    pub(super) fn take(&mut self, grid: &Grid, fair: f64, random: &mut Random, commands: &mut Vec<Command>) {
        self.excitement *= 0.94;
        self.mood = (self.mood * 0.995 + 0.03 * random.normal()).clamp(-1.0, 1.0);
        if !random.chance((ARRIVAL * (1.0 + self.excitement)).min(0.6)) {
            return;
        }
        self.excitement = (self.excitement + 1.2).min(12.0);
        let side = if random.chance(0.5 + 0.25 * self.mood) { Side::Buy } else { Side::Sell };
        let account = self.takers[usize::from(random.chance(0.5))];
        let qty = grid.lots(TAKER_NOTIONAL * random.heavy(600.0) * random.between(0.5, 1.5), fair);
        // Most take what there is; some only what is close to the fair value.
        let kind = if random.chance(0.7) {
            OrderKind::Market { qty }
        } else {
            let limit = fair * (1.0 + 2.0e-4 * if side == Side::Buy { 1.0 } else { -1.0 });
            OrderKind::Limit { price: grid.price(limit), qty }
        };
        commands.push(immediate(account, grid, side, kind));
    }

    /// Somebody who knows the fair value takes what is offered far on the wrong side of it, so that a book that others
    /// have left crossed with it comes back. Most of the time there is nothing, and nothing trades.
    pub(super) fn correct(&self, grid: &Grid, fair: f64, random: &mut Random, commands: &mut Vec<Command>) {
        if random.chance(0.05) {
            let side = if random.chance(0.5) { Side::Buy } else { Side::Sell };
            let edge = if side == Side::Buy { -3.0e-4 } else { 3.0e-4 };
            let price = grid.price(fair * (1.0 + edge));
            let kind = OrderKind::Limit { price, qty: grid.lots(20_000.0, fair) };
            commands.push(immediate(self.takers[0], grid, side, kind));
        }
    }

    /// Small orders come and go, for one step.
    pub(super) fn chatter(
        &mut self,
        (grid, market, fair): (&Grid, usize, f64),
        orders: &mut Orders,
        random: &mut Random,
        step: u64,
        commands: &mut Vec<Command>,
    ) {
        while self.noise.front().is_some_and(|(name, _)| orders.get(*name).is_none()) {
            self.noise.pop_front();
        }
        let is_due = |&(_, until): &(Name, u64)| until <= step;
        if self.noise.front().is_some_and(is_due)
            && let Some((name, _)) = self.noise.pop_front()
        {
            match orders.get(name).and_then(|resting| resting.order) {
                Some(order) => commands.push(Command::Cancel { account: self.small, order: OrderRef::Id(order) }),
                None => self.noise.push_back((name, step + 20)),
            }
        }
        if self.noise.len() < NOISE_MAX && random.chance(0.2) {
            let side = if random.chance(0.5 + 0.1 * self.mood) { Side::Buy } else { Side::Sell };
            let away = fair * 0.35e-4 * random.heavy(30.0) * random.between(0.3, 1.2);
            let ticks = if side == Side::Buy { (fair - away).floor() } else { (fair + away).ceil() };
            let qty = grid.lots(40.0 * random.heavy(60.0), fair);
            let price = grid.price(ticks);
            let resting =
                Resting { account: self.small, market, side, price, qty, leaves: qty, order: None, asked: step };
            let (name, command) = orders.place(grid, resting, false);
            self.noise.push_back((name, step + random.between(20.0, 300.0) as u64));
            commands.push(command);
        }
    }

    /// Every small order is forgotten: they were cancelled all at once.
    pub(super) fn reset(&mut self) {
        self.noise.clear();
    }
}

fn immediate(account: AccountId, grid: &Grid, side: Side, kind: OrderKind) -> Command {
    let order = PlaceOrder::new(account, grid.instrument, side, kind);
    Command::Place(PlaceOrder { time_in_force: TimeInForce::Ioc, ..order })
}
