//! A market maker: a ladder of quotes on both sides of what it believes, leaning against what it holds.

use papertape_engine::{AccountId, AmendOrder, Command, OrderRef, Price, Qty, Side};

use super::grid::Grid;
use super::orders::{Name, Orders, Resting};
use super::random::Random;

/// Quotes on each side.
const LEVELS: usize = 8;

/// Commands of one maker in one step.
const REPAIRS_MAX: usize = 3;

/// Steps after which an unanswered ask is taken for lost: five seconds.
const LOST_STEPS: u64 = 100;

/// How a maker quotes. Distances are parts of the price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// From the fair value to the first quote.
    pub(super) half_spread: f64,
    /// From a quote to the next, at first; it widens outwards.
    pub(super) gap: f64,
    /// Value of the first quote, in whole quote asset.
    pub(super) notional: f64,
}

/// The makers of each market.
pub(super) const STYLES: [Style; 3] = [
    Style { half_spread: 0.4e-4, gap: 0.5e-4, notional: 1_500.0 },
    Style { half_spread: 0.8e-4, gap: 0.9e-4, notional: 4_000.0 },
    Style { half_spread: 1.7e-4, gap: 1.6e-4, notional: 9_000.0 },
];

/// One maker in one market.
#[derive(Clone, Debug)]
pub(super) struct Maker {
    pub(super) account: AccountId,
    style: Style,
    quotes: [[Option<Name>; LEVELS]; 2],
    /// Lots bought less lots sold, slowly forgotten.
    pub(super) inventory: f64,
}

/// What a level of the ladder should be.
struct Target {
    price: Price,
    qty: Qty,
    /// How far off, in ticks, a quote may be.
    tolerance: f64,
}

/// A level that is not as it should be.
struct Repair {
    side: Side,
    level: usize,
    /// Larger is more urgent.
    urgency: f64,
}

impl Maker {
    pub(super) fn new(account: AccountId, style: Style) -> Self {
        Self { account, style, quotes: [[None; LEVELS]; 2], inventory: 0.0 }
    }

    /// Mends the worst levels of the ladder around `fair` (ticks).
    pub(super) fn step(
        &mut self,
        (grid, market, fair): (&Grid, usize, f64),
        orders: &mut Orders,
        random: &mut Random,
        step: u64,
        commands: &mut Vec<Command>,
    ) {
        self.inventory *= 0.999;
        let mut repairs = self.inspect(grid, fair, orders, step);
        repairs.sort_by(|one, other| other.urgency.total_cmp(&one.urgency));
        for repair in repairs.iter().take(REPAIRS_MAX) {
            let target = self.target(grid, fair, repair, random.between(-0.3, 0.3), random.between(0.6, 1.4));
            commands.push(self.mend(grid, market, repair, &target, orders, step));
        }
    }

    /// Every quote is forgotten: they were cancelled all at once.
    pub(super) fn reset(&mut self) {
        self.quotes = [[None; LEVELS]; 2];
    }

    fn inspect(&mut self, grid: &Grid, fair: f64, orders: &mut Orders, step: u64) -> Vec<Repair> {
        let mut repairs = Vec::new();
        for side in [Side::Buy, Side::Sell] {
            for level in 0..LEVELS {
                let missing = Repair { side, level, urgency: 10.0 - level as f64 };
                let target = self.target(grid, fair, &missing, 0.0, 1.0);
                let quote = &mut self.quotes[side as usize][level];
                let Some(resting) = quote.and_then(|name| orders.get(name)) else {
                    *quote = None;
                    repairs.push(missing);
                    continue;
                };
                if resting.order.is_none() {
                    if step > resting.asked + LOST_STEPS
                        && let Some(name) = quote.take()
                    {
                        orders.forget(name);
                    }
                    continue;
                }
                let off = (resting.price.0 as f64 - target.price.0 as f64).abs() / target.tolerance;
                let thin = (resting.leaves.0 as f64) < 0.3 * target.qty.0 as f64;
                let recently = step < resting.asked + 4;
                if !recently && (off > 1.0 || thin) {
                    // A quote on the wrong side of the fair value gives money away.
                    let stale = match side {
                        Side::Buy => resting.price.0 as f64 >= fair,
                        Side::Sell => resting.price.0 as f64 <= fair,
                    };
                    repairs.push(Repair { side, level, urgency: off + if stale { 100.0 } else { 0.0 } });
                }
            }
        }
        repairs
    }

    fn target(&self, grid: &Grid, fair: f64, at: &Repair, jitter: f64, scale: f64) -> Target {
        let Style { half_spread, gap, notional } = self.style;
        let level = at.level as f64;
        let spacing = (gap * fair).max(1.0);
        let distance =
            (half_spread * fair).max(0.5) + spacing * (level * (1.0 + 0.1 * level) + jitter * level.min(1.0));
        // Leaning: who has bought too much quotes lower, on both sides.
        let limit = grid.lots(notional * 40.0, fair).0 as f64;
        let lean = -(self.inventory / limit).clamp(-1.0, 1.0) * half_spread * fair * 2.0;
        let ticks = match at.side {
            Side::Buy => (fair + lean - distance).floor(),
            Side::Sell => (fair + lean + distance).ceil(),
        };
        let qty = grid.lots(notional * (1.0 + 0.5 * level) * scale, fair);
        Target { price: grid.price(ticks), qty, tolerance: (0.2 * distance + 0.2 * spacing).max(1.0) }
    }

    fn mend(
        &mut self,
        grid: &Grid,
        market: usize,
        repair: &Repair,
        target: &Target,
        orders: &mut Orders,
        step: u64,
    ) -> Command {
        let quote = &mut self.quotes[repair.side as usize][repair.level];
        if let Some(resting) = quote.and_then(|name| orders.get_mut(name))
            && let Some(order) = resting.order
        {
            resting.asked = step;
            if resting.price == target.price || resting.leaves.0 * 3 < target.qty.0 {
                let filled = resting.qty.0.saturating_sub(resting.leaves.0);
                let qty = Qty(filled.saturating_add(target.qty.0));
                return amend(self.account, order, Some(target.price), Some(qty));
            }
            return amend(self.account, order, Some(target.price), None);
        }
        let resting = Resting {
            account: self.account,
            market,
            side: repair.side,
            price: target.price,
            qty: target.qty,
            leaves: target.qty,
            order: None,
            asked: step,
        };
        let (name, command) = orders.place(grid, resting, true);
        *quote = Some(name);
        command
    }
}

fn amend(account: AccountId, order: papertape_engine::OrderId, price: Option<Price>, qty: Option<Qty>) -> Command {
    Command::Amend(AmendOrder { account, order: OrderRef::Id(order), price, qty })
}
