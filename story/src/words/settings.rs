//! What an operator sets.

use papertape_engine::{
    Allocation, Asset, FeeTiers, InstrumentId, InstrumentSpec, KillScope, MarginTerms, Phase, Ppm, Qty, Schedule, Side,
    Stage,
};

use super::names::{Names, account};
use super::utc::utc;

impl Names<'_> {
    /// `BTC-USD (BTC for USD), ticks of …`.
    pub(crate) fn spec(self, spec: &InstrumentSpec) -> String {
        let tick = papertape_engine::decimal::format_unsigned(spec.tick_mantissa.into(), spec.price_decimals);
        let (base, quote) = (self.asset(spec.base), self.asset(spec.quote));
        let (lot, fees) = (self.money(spec.base, spec.lot), rates(spec.maker_fee, spec.taker_fee));
        let allocation = match spec.allocation {
            Allocation::Fifo => "oldest first",
            Allocation::ProRata(_) => "shared by size",
        };
        let phase = phase(spec.phase);
        format!("{} ({base} for {quote}), ticks of {tick}, lots of {lot}, {fees}, {allocation}, {phase}", spec.symbol)
    }

    pub(crate) fn scope(self, scope: KillScope) -> String {
        match scope {
            KillScope::Venue => "the whole venue".to_owned(),
            KillScope::Instrument(id) => self.symbol(id),
            KillScope::Account(id) => account(id),
        }
    }

    pub(crate) fn terms(self, asset: papertape_engine::AssetId, terms: &MarginTerms) -> String {
        let MarginTerms { priced_by, collateral, initial, maintenance, borrow_max } = terms;
        let priced =
            priced_by.map_or_else(|| "the reference asset".to_owned(), |by| format!("priced by {}", self.symbol(by)));
        let debts = self.money(asset, *borrow_max);
        format!(
            "{priced}, {} collateral, {} initial and {} maintenance margin, debts up to {debts}",
            rate(*collateral),
            rate(*initial),
            rate(*maintenance)
        )
    }

    pub(crate) fn tiers(self, at: InstrumentId, tiers: &FeeTiers) -> String {
        if tiers.is_empty() {
            return "no fee tiers".to_owned();
        }
        let tier = |tier: papertape_engine::FeeTier| {
            format!("from {}: {}", self.quote_money(at, tier.volume_min), rates(tier.maker_fee, tier.taker_fee))
        };
        format!("fee tiers {}", tiers.iter().map(tier).collect::<Vec<_>>().join("; "))
    }

    /// What an auction trades or would trade.
    pub(crate) fn uncross(
        self,
        at: InstrumentId,
        price: Option<papertape_engine::Price>,
        qty: Qty,
        surplus: Option<(Side, Qty)>,
    ) -> String {
        let Some(price) = price else { return "nothing".to_owned() };
        let left = surplus.map(|(side, left)| format!(", {} to {} left over", self.qty(at, left), side.name()));
        format!("{} at {}{}", self.qty(at, qty), self.price(at, price), left.unwrap_or_default())
    }
}

pub(crate) fn asset(spec: &Asset) -> String {
    format!("{} with {} decimals", spec.symbol, spec.decimals)
}

pub(crate) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Continuous => "continuous trading",
        Phase::Auction => "auction",
        Phase::Halted => "halted",
        Phase::Closed => "closed",
    }
}

pub(crate) fn stage(stage: &Stage) -> String {
    let purpose = match stage.phase {
        Phase::Auction => format!("{} auction", stage.purpose.name()),
        other => phase(other).to_owned(),
    };
    let until = stage.until_ns.map(|until_ns| format!(" until {}", utc(until_ns))).unwrap_or_default();
    format!("{purpose}{until}")
}

pub(crate) fn schedule(schedule: Option<&Schedule>) -> String {
    let Some(day) = schedule else { return "no schedule".to_owned() };
    let of_day = |ns: u64| utc(ns)[11..].replace(" UTC", "");
    let Schedule { pre_open_ns, open_ns, closing_ns, close_ns } = *day;
    format!(
        "a day of pre-open {}, open {}, closing auction {}, close {} UTC",
        of_day(pre_open_ns),
        of_day(open_ns),
        of_day(closing_ns),
        of_day(close_ns)
    )
}

fn rates(maker: Ppm, taker: Ppm) -> String {
    format!("maker {} and taker {}", rate(maker), rate(taker))
}

/// A rate in parts per million as percent.
fn rate(ppm: Ppm) -> String {
    format!("{} %", papertape_engine::decimal::format(ppm.0.into(), 4))
}
