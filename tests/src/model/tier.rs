//! Fee tiers: what an account has traded in thirty days, added up each time somebody asks, decides the rates of its orders.

use papertape_engine::{AccountId, Amount, AssetId, Event, FeeAsset, FeeTiers, InstrumentId, Ppm, Reason};

use super::{AMOUNT_MAX, Fees, MILLION, Market, Model};

const NS_IN_A_DAY: u64 = 24 * 3_600 * 1_000_000_000;
/// Days that count.
const DAYS: u64 = 30;

/// One side of a trade, where it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traded {
    account: AccountId,
    asset: AssetId,
    day: u64,
    value: i128,
}

impl Market {
    /// The market as it is for an account that pays these rates.
    pub(super) fn at_rates(&self, maker: i128, taker: i128) -> Market {
        let ppm = |rate: i128| Ppm(i32::try_from(rate).expect("rates are at most a whole"));
        let mut market = *self;
        (market.spec.maker_fee, market.spec.taker_fee) = (ppm(maker), ppm(taker));
        market
    }

    /// The rates of every tier, what the market is listed with first.
    fn rates(&self, tiers: &FeeTiers) -> Vec<(i128, i128)> {
        let above = tiers.iter().map(|tier| (tier.maker_fee, tier.taker_fee));
        let all = std::iter::once((self.spec.maker_fee, self.spec.taker_fee)).chain(above);
        all.map(|(maker, taker)| (maker.0.into(), taker.0.into())).collect()
    }
}

impl Model {
    /// The market with the rates of an account's tier: of the last one for which it has traded enough.
    pub(super) fn market_for(&self, account: AccountId, instrument: InstrumentId) -> Result<Market, Reason> {
        let market = self.market(instrument)?;
        let volume = self.volume(account, market.spec.quote);
        let reached = market.tiers.iter().filter(|tier| tier.volume_min.0 <= volume).count();
        let (maker, taker) = market.rates(&market.tiers)[reached];
        Ok(market.at_rates(maker, taker))
    }

    /// What an account traded in the thirty days before today. A day counts for at most the greatest balance.
    pub(super) fn volume(&self, account: AccountId, asset: AssetId) -> i128 {
        self.volume_at(self.today, account, asset)
    }

    fn volume_at(&self, today: u64, account: AccountId, asset: AssetId) -> i128 {
        let day = |day: u64| {
            let of_day = |traded: &&Traded| (traded.account, traded.asset, traded.day) == (account, asset, day);
            self.traded.iter().filter(of_day).fold(0, |sum, traded| (sum + traded.value).min(AMOUNT_MAX))
        };
        (today.saturating_sub(DAYS)..today).map(day).sum()
    }

    /// A new day: whoever has another volume than the day before is told.
    pub(super) fn begin_day(&mut self, events: &mut Vec<Event>) {
        let (before, today) = (self.today, self.now_ns / NS_IN_A_DAY);
        self.today = today;
        if self.counted.is_empty() || before == today {
            return;
        }
        let mut known: Vec<(AccountId, AssetId)> =
            self.traded.iter().map(|traded| (traded.account, traded.asset)).collect();
        known.sort();
        known.dedup();
        for (account, asset) in known {
            let volume = self.volume_at(today, account, asset);
            if volume != self.volume_at(before, account, asset) {
                let grew = volume > self.volume_at(before, account, asset);
                self.notes.push(if grew { "volume grew" } else { "volume ceased to count" });
                let volume = Amount(volume);
                events.push(Event::VolumeChanged { account, asset, volume });
            }
        }
        self.traded.retain(|traded| traded.day + DAYS >= today);
    }

    /// Both sides of a trade, where somebody counts.
    pub(super) fn count_trade(&mut self, instrument: InstrumentId, value: i128, parties: [AccountId; 2]) {
        let asset = self.markets[usize::from(instrument.0)].spec.quote;
        if self.counted.contains(&asset) {
            let day = self.today;
            for account in parties {
                let same = |traded: &&mut Traded| (traded.account, traded.asset, traded.day) == (account, asset, day);
                match self.traded.iter_mut().find(same) {
                    Some(traded) => traded.value = (traded.value + value).min(AMOUNT_MAX),
                    None => self.traded.push(Traded { account, asset, day, value }),
                }
            }
        }
    }

    /// Another table. From the first one on trades in the asset that is paid with count.
    pub(super) fn set_fee_tiers(
        &mut self,
        instrument: InstrumentId,
        tiers: &FeeTiers,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        let market = *self.market(instrument)?;
        let mut before = 0;
        for tier in tiers.iter() {
            if tier.volume_min.0 <= before || tier.volume_min.0 > AMOUNT_MAX {
                return Err(Reason::InvalidFeeTiers);
            }
            before = tier.volume_min.0;
        }
        let mut rates = market.rates(tiers);
        if !are_sound(&rates, market.spec.fee_asset) {
            return Err(Reason::InvalidFees);
        }
        let resting = self.orders.iter().map(|order| (order.instrument, order.fees));
        let waiting = self.waiting.iter().map(|waiting| (waiting.terms.instrument, waiting.fees));
        let open = resting.chain(waiting).filter(|(place, _)| *place == instrument);
        rates.extend(open.map(|(_, Fees { maker, taker, .. })| (maker, taker)));
        if !are_sound(&rates, market.spec.fee_asset) {
            return Err(Reason::RebateNotCovered);
        }
        self.markets[usize::from(instrument.0)].tiers = *tiers;
        if !tiers.is_empty() && !self.counted.contains(&market.spec.quote) {
            self.counted.push(market.spec.quote);
        }
        if tiers.is_empty() {
            self.notes.push("fee table taken away");
        }
        events.push(Event::FeeTiersSet { instrument, tiers: *tiers });
        Ok(())
    }
}

/// Whether every maker's rate goes with every taker's: none beyond a whole, and no rebate without a fee that pays for it.
fn are_sound(rates: &[(i128, i128)], fee_asset: FeeAsset) -> bool {
    rates.iter().all(|(maker, _)| {
        rates.iter().all(|(_, taker)| {
            let in_range = maker.abs() <= MILLION && taker.abs() <= MILLION;
            let paid_for = maker + taker >= 0 && (fee_asset == FeeAsset::Quote || (*maker >= 0 && *taker >= 0));
            in_range && paid_for
        })
    })
}
