//! What each account has traded in the last thirty days, by the asset it is paid with: what fee tiers look at.
//!
//! Days are those of UTC. A trade counts for both its sides, by its value in quote, and from the next day on: the sum is that
//! of the thirty whole days before today. Counting begins for an asset with the first fee table of an instrument that is
//! paid with it; without any table nothing here is ever called.

use crate::ids::{AccountId, AssetId};
use crate::units::Amount;

/// Days that count.
pub(crate) const DAYS: usize = 30;

const DAY_NS: u64 = 86_400 * 1_000_000_000;

/// What one account traded in one asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Volume {
    /// Since midnight, at most [`Amount::MAX`].
    pub(crate) today: Amount,
    /// The days before, each at its number modulo their count.
    days: [Amount; DAYS],
    /// Their sum: below thirty times [`Amount::MAX`], which fits.
    sum: Amount,
}

impl Volume {
    const NONE: Volume = Volume { today: Amount::ZERO, days: [Amount::ZERO; DAYS], sum: Amount::ZERO };

    /// So many days are over, the first of them `day`: its trades begin to count, and those of thirty days ago end to.
    fn pass(&mut self, day: u64, days: u64) {
        // After thirty days nothing is left of what was before.
        for number in 0..days.min(DAYS as u64 + 1) {
            let over = std::mem::take(&mut self.today);
            let place = &mut self.days[((day + number) % DAYS as u64) as usize];
            self.sum = self.sum + over - std::mem::replace(place, over);
        }
    }

    /// The thirty days before `day`, the oldest first.
    pub(crate) fn days_before(&self, day: u64) -> [Amount; DAYS] {
        std::array::from_fn(|age| self.days[((day % DAYS as u64) as usize + age) % DAYS])
    }
}

/// The volumes of all accounts.
#[derive(Clone, Debug)]
pub(crate) struct Volumes {
    /// The assets in which trades count, by number.
    counted: Vec<AssetId>,
    /// Today, in days since 1970.
    day: u64,
    /// When tomorrow begins; never, while nothing counts.
    next_day_ns: u64,
    /// Of each account, by asset.
    by_account: Vec<Vec<(AssetId, Volume)>>,
}

impl Default for Volumes {
    fn default() -> Self {
        Self { counted: Vec::new(), day: 0, next_day_ns: u64::MAX, by_account: Vec::new() }
    }
}

impl Volumes {
    pub(crate) fn add_account(&mut self) {
        self.by_account.push(Vec::new());
    }

    /// Whether anything counts at all.
    #[inline]
    pub(crate) fn is_counting(&self) -> bool {
        !self.counted.is_empty()
    }

    /// When the next day begins, as far as anybody counts.
    #[inline]
    pub(crate) fn next_day_ns(&self) -> u64 {
        self.next_day_ns
    }

    /// Today, in days since 1970.
    pub(crate) fn day(&self) -> u64 {
        self.day
    }

    pub(crate) fn counts(&self, asset: AssetId) -> bool {
        self.counted.contains(&asset)
    }

    /// The assets in which trades count, by number.
    pub(crate) fn counted(&self) -> &[AssetId] {
        &self.counted
    }

    /// From now on trades in this asset count.
    pub(crate) fn begin(&mut self, asset: AssetId, time_ns: u64) {
        if self.counted.is_empty() {
            self.set_day(time_ns / DAY_NS);
        }
        if let Err(at) = self.counted.binary_search(&asset) {
            self.counted.insert(at, asset);
        }
    }

    pub(crate) fn set_day(&mut self, day: u64) {
        self.day = day;
        self.next_day_ns = day.saturating_add(1).saturating_mul(DAY_NS);
    }

    /// What the account traded in the thirty days before today.
    #[inline]
    pub(crate) fn of(&self, account: AccountId, asset: AssetId) -> Amount {
        let rows = &self.by_account[account.0 as usize];
        rows.iter().find(|row| row.0 == asset).map_or(Amount::ZERO, |row| row.1.sum)
    }

    /// A side of a trade was the account's.
    pub(crate) fn count(&mut self, account: AccountId, asset: AssetId, value: Amount) {
        let row = self.row(account, asset);
        row.today = (row.today + value).min(Amount::MAX);
    }

    fn row(&mut self, account: AccountId, asset: AssetId) -> &mut Volume {
        let rows = &mut self.by_account[account.0 as usize];
        let at = match rows.binary_search_by_key(&asset, |row| row.0) {
            Ok(at) => at,
            Err(at) => {
                rows.insert(at, (asset, Volume::NONE));
                at
            }
        };
        &mut rows[at].1
    }

    /// Midnight has passed, perhaps more than once: shows each volume that is another now, by account and asset.
    pub(crate) fn begin_day(&mut self, time_ns: u64, mut show: impl FnMut(AccountId, AssetId, Amount)) {
        let (before, day) = (self.day, time_ns / DAY_NS);
        self.set_day(day);
        for (account, rows) in (0..).map(AccountId).zip(&mut self.by_account) {
            for (asset, volume) in rows.iter_mut() {
                let old = volume.sum;
                volume.pass(before, day - before);
                if volume.sum != old {
                    show(account, *asset, volume.sum);
                }
            }
            rows.retain(|(_, volume)| *volume != Volume::NONE);
        }
    }

    /// Every volume of which something is left, by account and asset.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (AccountId, AssetId, &Volume)> {
        let accounts = (0..).map(AccountId).zip(&self.by_account);
        accounts.flat_map(|(account, rows)| rows.iter().map(move |(asset, volume)| (account, *asset, volume)))
    }

    /// Puts a volume back from a snapshot, after the day; says whether it is one.
    pub(crate) fn restore(&mut self, account: AccountId, asset: AssetId, today: Amount, days: &[Amount; DAYS]) -> bool {
        let fits = |amount: &Amount| (Amount::ZERO..=Amount::MAX).contains(amount);
        if !self.counts(asset) || !fits(&today) || !days.iter().all(fits) {
            return false;
        }
        let first = (self.day % DAYS as u64) as usize;
        let row = self.row(account, asset);
        row.today = today;
        for (age, amount) in days.iter().enumerate() {
            row.days[(first + age) % DAYS] = *amount;
        }
        row.sum = days.iter().fold(Amount::ZERO, |sum, amount| sum + *amount);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_counts_from_the_next_one_on_and_for_thirty() {
        let (mut volumes, ann, usd) = (Volumes::default(), AccountId(0), AssetId(3));
        volumes.add_account();
        volumes.begin(usd, 5 * DAY_NS + 7);
        volumes.count(ann, usd, Amount(10));
        assert_eq!(volumes.of(ann, usd), Amount(0), "not today");
        for day in 6..=35 {
            volumes.begin_day(day * DAY_NS, |_, _, _| {});
            assert_eq!(volumes.of(ann, usd), Amount(10), "day {day}");
        }
        let mut told = Vec::new();
        volumes.begin_day(36 * DAY_NS, |account, asset, volume| told.push((account, asset, volume)));
        assert_eq!(told, [(ann, usd, Amount(0))]);
        assert_eq!(volumes.iter().count(), 0, "nothing is left of it");
    }

    proptest! {
        #[test]
        fn the_sum_is_that_of_thirty_days(
            traded in prop::collection::vec((0_u64..40, 0_i128..1_000), 1..60), begins in 0_u64..1_000,
        ) {
            let (mut volumes, ann, usd) = (Volumes::default(), AccountId(0), AssetId(0));
            volumes.add_account();
            volumes.begin(usd, begins * DAY_NS);
            let mut days: Vec<(u64, i128)> = Vec::new();
            let mut day = begins;
            for (pause, value) in traded {
                if pause > 0 {
                    day += pause;
                    volumes.begin_day(day * DAY_NS, |_, _, _| {});
                }
                volumes.count(ann, usd, Amount(value));
                days.push((day, value));
                let sum: i128 = days.iter().filter(|(at, _)| *at < day && at + 30 >= day).map(|(_, value)| value).sum();
                prop_assert_eq!(volumes.of(ann, usd), Amount(sum));
            }
        }
    }
}
