//! Accounts that borrow, and prices that ruin them.

use papertape_engine::{Amount, AssetId, Command, LedgerEntry, MarginTerms, Ppm, Price, Reference};

use super::flow::Flow;

impl Flow {
    /// Terms first, then loans, and marks that go far.
    pub(super) fn borrowing(&mut self) -> Command {
        match self.dice.below(20) {
            0..=2 => self.margin_terms(),
            3 | 4 => Command::SetMarginAccount { account: self.account(), margin: self.dice.chance(80) },
            5..=11 => Command::Borrow(self.loan()),
            12 | 13 => Command::Repay(self.loan()),
            _ => self.shock(),
        }
    }

    /// The reference is what the first market is paid with.
    fn margin_terms(&mut self) -> Command {
        let reference = self.places[0].quote;
        let place = self.somewhere();
        let (asset, priced_by) = if self.dice.chance(30) {
            (reference, None)
        } else {
            let asset = if self.strange() { AssetId(self.dice.below(6) as u16) } else { place.base };
            (asset, Some(if self.strange() { self.instrument() } else { place.instrument }))
        };
        let maintenance = self.dice.pick(&[1, 10_000, 50_000, 200_000]);
        let initial = maintenance * self.dice.pick(&[1, 2, 3]);
        let (initial, maintenance) = if self.edge() { (self.dice.wide() as i32, 1) } else { (initial, maintenance) };
        let borrow_max = if self.edge() { self.dice.wider() } else { Amount(Amount::MAX.0 / self.dice.pick(&[1, 4])) };
        let collateral = Ppm(self.dice.pick(&[1_000_000, 1_000_000, 900_000, 500_000, 0]));
        let (initial, maintenance) = (Ppm(initial), Ppm(maintenance));
        Command::SetMarginTerms { asset, terms: MarginTerms { priced_by, collateral, initial, maintenance, borrow_max } }
    }

    fn loan(&mut self) -> LedgerEntry {
        let place = self.somewhere();
        let needs = place.needs();
        let (asset, need) = self.dice.pick(&needs);
        let amount = (need.min(Amount::MAX.0) >> self.dice.below(12)) / 4 + 1;
        let amount = if self.edge() { self.dice.wider() } else { Amount(amount) };
        let (account, reference) = (self.account(), Reference(10_000_000 + self.dice.below(100_000)));
        LedgerEntry { account, asset, amount, reference }
    }

    /// The mark doubles, or halves, or comes back.
    fn shock(&mut self) -> Command {
        let place = self.somewhere();
        let price = match self.dice.below(5) {
            0 => place.middle.saturating_mul(2),
            1 => place.middle / 2,
            2 => place.middle / 10,
            3 => place.middle.saturating_add(place.middle / 5),
            _ => place.middle,
        };
        Command::SetMark { instrument: place.instrument, price: Price(price.max(1)) }
    }
}
