//! A random venue: a few assets, a few instruments with fees, steps and filters of every kind, a few accounts.

use papertape_engine::{
    Allocation, AmendPriority, Amount, Asset, AssetId, Bands, FeeAsset, Filters, InstrumentId, InstrumentSpec, Phase,
    PostOnlyRule, Ppm, Price, ProRata, Qty, RuleBook, SelfTradePrevention, Symbol, TriggerAtEntry, TriggerSource,
};

use super::dice::Dice;
use super::profile::Habits;

/// What a stream knows of an instrument: where its orders go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) instrument: InstrumentId,
    pub(super) base: AssetId,
    pub(super) quote: AssetId,
    /// The price around which orders are placed, and how far from it.
    pub(super) middle: u64,
    pub(super) width: u64,
    /// Most lots of an ordinary order.
    pub(super) lots: u64,
    /// Base units of a lot; quote units of a lot at a tick.
    pub(super) lot: i128,
    pub(super) unit: i128,
    /// As far as the stream was told.
    pub(super) phase: Phase,
    /// What its triggers look at, as far as the stream can tell.
    pub(super) source: TriggerSource,
    pub(super) last: Option<Price>,
    pub(super) mark: Option<Price>,
    /// Whether levels go by time, so that there are icebergs.
    pub(super) by_time: bool,
    /// Whether it counts how many orders an account sends in a second.
    pub(super) rated: bool,
}

impl Place {
    /// About where the reference of its triggers is.
    pub(super) fn reference(&self) -> u64 {
        let price = if self.source == TriggerSource::Mark { self.mark } else { self.last };
        price.map_or(self.middle, |price| price.0)
    }

    /// What a hundred ordinary orders need, in base and in quote.
    pub(super) fn needs(&self) -> [(AssetId, i128); 2] {
        let lots = i128::from(self.lots).saturating_mul(100);
        let base = lots.saturating_mul(self.lot);
        let quote = lots.saturating_mul(self.unit).saturating_mul(i128::from(self.middle));
        [(self.base, base), (self.quote, quote)]
    }
}

pub(super) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a short plain text")
}

pub(super) fn asset(dice: &mut Dice, number: u64) -> Asset {
    Asset { symbol: symbol(&format!("A{number}")), decimals: dice.pick(&[0, 2, 6, 8, 8, 18]) }
}

/// An instrument that can be listed, between two of these assets.
pub(super) fn instrument(dice: &mut Dice, habits: &Habits, number: u16, assets: &[Asset]) -> (InstrumentSpec, Place) {
    let base = dice.below(assets.len() as u64) as u16;
    let quote = (base + 1 + dice.below(assets.len() as u64 - 1) as u16) % assets.len() as u16;
    let decimals = |at: u16| u32::from(assets[usize::from(at)].decimals);
    let price_decimals = dice.pick(&[0, 2, 2, 4, 8]);
    let (up, down) = (decimals(quote), decimals(base) + u32::from(price_decimals));
    let tick_mantissa = dice.pick(&[1, 1, 5, 25, 1_000]);
    // The smallest lot of which a tick is worth a whole unit, or a few of them.
    let lots = i128::from(dice.pick(&[1_u64, 1, 3, 100]));
    let lot = lots * 10_i128.pow(down.saturating_sub(up));
    let unit = lots * i128::from(tick_mantissa) * 10_i128.pow(up.saturating_sub(down));
    let (middle, width) = middle(dice);
    let most = dice.pick(&[3, 20, 200, 200, 5_000, 1 << 40, 1 << 62]);
    let (maker_fee, taker_fee, fee_asset) = fees(dice);
    let place = Place {
        instrument: InstrumentId(number),
        base: AssetId(base),
        quote: AssetId(quote),
        middle,
        width,
        lots: most,
        lot,
        unit,
        phase: if dice.chance(80) { Phase::Continuous } else { dice.pick(&[Phase::Auction, Phase::Halted]) },
        source: dice.pick(&[
            TriggerSource::LastTrade,
            TriggerSource::LastTrade,
            TriggerSource::Mark,
            TriggerSource::Mid,
        ]),
        last: None,
        mark: None,
        by_time: !dice.chance(habits.by_size),
        rated: dice.chance(habits.limited / 2),
    };
    let spec = InstrumentSpec {
        symbol: symbol(&format!("I{number}")),
        base: place.base,
        quote: place.quote,
        tick_mantissa,
        price_decimals,
        lot: Amount(lot),
        maker_fee,
        taker_fee,
        fee_asset,
        filters: limits(dice, habits, &place),
        self_trade_prevention: if dice.chance(habits.defaults) {
            dice.pick(&SelfTradePrevention::ALL)
        } else {
            SelfTradePrevention::None
        },
        allocation: if place.by_time { Allocation::Fifo } else { by_size(dice, most) },
        post_only: dice.pick(&PostOnlyRule::ALL),
        amend_priority: dice.pick(&[AmendPriority::KeepIfReduced, AmendPriority::KeepIfReduced, AmendPriority::Lose]),
        bands: if dice.chance(habits.banded) { bands(dice, &place) } else { Bands::NONE },
        volatility_auction_ns: if dice.chance(50) { dice.pick(&[1, 10, 30, 100]) } else { 0 },
        trigger_source: place.source,
        trigger_at_entry: dice.pick(&TriggerAtEntry::ALL),
        phase: place.phase,
    };
    // Now and then the rules of another venue, as far as they leave what the stream knows as it is.
    if place.by_time && place.source == TriggerSource::LastTrade && dice.chance(8) {
        return (dice.pick(&RuleBook::ALL).of(spec), place);
    }
    (spec, place)
}

/// As wide as prices lie apart, or narrower; now and then one of the two alone.
fn bands(dice: &mut Dice, place: &Place) -> Bands {
    let width = u128::from(place.width) * 10_000 / u128::from(place.middle.max(1));
    let width = u32::try_from(width.clamp(100, 2_000)).unwrap_or(2_000);
    let mut points = || dice.pick(&[0, 100, width / 2, width, width, 2_000, 1, Bands::POINTS_MAX]);
    Bands { static_points: points(), dynamic_points: points() }
}

/// Filters, and sometimes limits on what an account may have and send.
fn limits(dice: &mut Dice, habits: &Habits, place: &Place) -> Filters {
    let filters = filters(dice, place);
    // An account begins with about twenty-five ordinary orders' lots.
    let lots = i128::from(place.lots).saturating_mul(i128::from(dice.pick(&[20_u64, 25, 25, 26, 26, 27, 30, 100])));
    let position_max = if dice.chance(habits.limited) {
        Amount(lots.saturating_mul(place.lot).clamp(0, Amount::MAX.0))
    } else {
        Amount::MAX
    };
    let orders_per_second_max = if place.rated { dice.pick(&[0, 1, 3, 8, 8, 20]) } else { u32::MAX };
    Filters { position_max, orders_per_second_max, ..filters }
}

/// Shares of every kind; a top order's part is nothing, a little, or all that comes.
fn by_size(dice: &mut Dice, most: u64) -> Allocation {
    Allocation::ProRata(ProRata {
        top_max: Qty(dice.pick(&[0, 1, most / 8, most / 2, u64::MAX])),
        share_min: Qty(dice.pick(&[1, 1, 2, 2, 5, most / 8 + 1])),
        leveling: dice.chance(50),
    })
}

fn middle(dice: &mut Dice) -> (u64, u64) {
    let width = dice.pick(&[2, 5, 10, 20, 60]);
    let middle = match dice.below(10) {
        0 => 1 + dice.below(5),
        1 => 1 << 40,
        2 => 1 << 63,
        3 => u64::MAX - dice.below(5),
        4 => 1_000_000,
        _ => 1_000,
    };
    // Far apart, so that levels lie in distant corners of the book.
    if dice.chance(5) { (middle, middle.max(1 << 33) - 1) } else { (middle, width) }
}

fn fees(dice: &mut Dice) -> (Ppm, Ppm, FeeAsset) {
    if dice.chance(30) {
        let (maker, taker) = dice.pick(&[(0, 0), (1_000, 1_500), (1, 999_999), (1_000_000, 1_000_000)]);
        return (Ppm(maker), Ppm(taker), FeeAsset::Received);
    }
    let (maker, taker) = dice.pick(&[
        (-75, 333),
        (-75, 333),
        (0, 0),
        (0, 250),
        (1_000, 1_000),
        (2_000, -1_000),
        (333_333, 1),
        (-1_000_000, 1_000_000),
        (1_000_000, 1_000_000),
    ]);
    (Ppm(maker), Ppm(taker), FeeAsset::Quote)
}

/// No filters, or such as ordinary orders meet now and then.
fn filters(dice: &mut Dice, place: &Place) -> Filters {
    let open_orders_max = dice.pick(&[2, 6, 12, u32::MAX]);
    if dice.chance(40) {
        return Filters { open_orders_max, ..Filters::OPEN };
    }
    let cheapest = place.unit.saturating_mul(i128::from(place.middle));
    let dearest = cheapest.saturating_mul(i128::from(place.lots));
    let notional_max = Amount(dearest.saturating_mul(9) / 10).clamp(Amount(1), Amount::MAX);
    let (qty_min, far) = (Qty(1 + dice.below(2)), place.width - place.width / 10);
    Filters {
        price_min: Price(place.middle.saturating_sub(far).max(1)),
        price_max: Price(place.middle.saturating_add(far)),
        qty_min,
        qty_max: Qty(place.lots / 10 * 9).max(qty_min),
        market_qty_max: Qty(place.lots / 2).max(qty_min),
        notional_min: Amount(cheapest.saturating_mul(2)).min(notional_max),
        notional_max,
        open_orders_max,
        ..Filters::OPEN
    }
}
