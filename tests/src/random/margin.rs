//! Accounts that borrow, and prices that ruin them.

use papertape_engine::{
    AccountId, Amount, AssetId, Command, LedgerEntry, MarginTerms, OrderKind, PlaceOrder, Ppm, Price, Qty, Reference,
    Side, TimeInForce,
};

use super::flow::Flow;
use super::venue::Place;

impl Flow {
    /// Somebody poor borrows, buys, and is left with it when the market has fallen to a quarter: commands to be sent one after
    /// the other.
    fn ruin(&mut self) {
        let reference = self.places[0].quote;
        let here: Vec<Place> = self.places.iter().filter(|place| place.quote == reference).copied().collect();
        let place = self.dice.pick(&here);
        let (instrument, lots) = (place.instrument, Qty(place.lots));
        let victim = AccountId(2 + self.dice.below(self.accounts - 1) as u32);
        let value = place.unit.saturating_mul(i128::from(place.middle)).saturating_mul(i128::from(place.lots));
        let terms = |priced_by| MarginTerms {
            priced_by,
            collateral: Ppm(1_000_000),
            initial: Ppm(1),
            maintenance: Ppm(1),
            borrow_max: Amount::MAX,
        };
        let order = |account, side, price, qty, time_in_force| {
            let kind = OrderKind::Limit { price: Price(price), qty };
            Command::Place(PlaceOrder { time_in_force, ..PlaceOrder::new(account, instrument, side, kind) })
        };
        let (rich, low) = (AccountId(1), (place.middle / 4).max(1));
        let (reference_number, short) = (Reference(20_000_000 + self.time_ns % 1_000_000_000), self.dice.chance(40));
        // A loan of quote to buy with, or of base to sell.
        let (asset, amount) =
            if short { (place.base, place.lot.saturating_mul(lots.0.into())) } else { (reference, value) };
        let amount = Amount(amount.clamp(1, Amount::MAX.0));
        let loan = LedgerEntry { account: victim, asset, amount, reference: reference_number };
        let (first, then) = if short { (low, place.middle) } else { (place.middle, low) };
        let (side, gtc, ioc) = (if short { Side::Sell } else { Side::Buy }, TimeInForce::Gtc, TimeInForce::Ioc);
        let many = Qty(lots.0.saturating_mul(3));
        let clear =
            |account| Command::CancelAll { account: AccountId(account), instrument: Some(instrument), side: None };
        self.script.extend([
            Command::SetMarginTerms { asset: reference, terms: terms(None) },
            Command::SetMarginTerms { asset: place.base, terms: terms(Some(instrument)) },
            Command::SetMarginAccount { account: victim, margin: true },
        ]);
        self.script.extend((1..=self.accounts as u32).map(clear));
        // The victim has a little of the reference and nothing else.
        let had: Vec<(AssetId, i128)> = (0..)
            .map(AssetId)
            .take(self.asset_count())
            .map(|asset| (asset, self.had.get(&(victim, asset)).copied().unwrap_or_default()))
            .collect();
        for (asset, amount) in had {
            let amount = Amount(if asset == reference { amount - value / 50 } else { amount });
            let number = Reference(reference_number.0 + 2_000_000_000 + u64::from(asset.0));
            if amount > Amount::ZERO {
                let from = LedgerEntry { account: victim, asset, amount, reference: number };
                self.script.push_back(Command::Transfer { from, to: rich });
            }
        }
        // Who is rich stays rich.
        let base = place.lot.saturating_mul(place.lots.into());
        for (asset, worth) in [(place.base, base), (reference, value)] {
            let amount = Amount(worth.saturating_mul(4).clamp(1, Amount::MAX.0 / 100));
            let reference = Reference(reference_number.0 + 1_000_000_000 + u64::from(asset.0));
            self.script.push_back(Command::Deposit(LedgerEntry { account: rich, asset, amount, reference }));
        }
        self.script.extend([
            Command::SetMark { instrument, price: Price(first) },
            order(rich, side.opposite(), first, lots, gtc),
            Command::Borrow(loan),
            order(victim, side, first, lots, ioc),
            order(rich, side, then, many, gtc),
            Command::SetMark { instrument, price: Price(then) },
        ]);
    }

    /// Terms first, then loans, and marks that go far.
    pub(super) fn borrowing(&mut self) -> Command {
        if self.dice.chance(20) {
            self.ruin();
        }
        match self.dice.below(28) {
            0..=2 => self.margin_terms(),
            3 | 4 => Command::SetMarginAccount { account: self.account(), margin: self.dice.chance(80) },
            5..=11 => Command::Borrow(self.loan()),
            12 | 13 => Command::Repay(self.loan()),
            // Whoever has lost everything begins again.
            20 | 21 => {
                let LedgerEntry { amount, .. } = self.loan();
                Command::Deposit(LedgerEntry { amount: Amount((amount.0 / 100).max(1)), ..self.loan() })
            }
            14..=19 => self.shock(),
            _ => self.deep(),
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
        let maintenance = self.dice.pick(&[1, 1, 10_000, 10_000, 50_000, 200_000]);
        let initial = maintenance * self.dice.pick(&[1, 1, 2, 3]);
        let (initial, maintenance) = if self.edge() { (self.dice.wide() as i32, 1) } else { (initial, maintenance) };
        let borrow_max = if self.edge() { self.dice.wider() } else { Amount(Amount::MAX.0 / self.dice.pick(&[1, 4])) };
        let collateral = Ppm(self.dice.pick(&[1_000_000, 1_000_000, 900_000, 500_000, 0]));
        let (initial, maintenance) = (Ppm(initial), Ppm(maintenance));
        Command::SetMarginTerms {
            asset,
            terms: MarginTerms { priced_by, collateral, initial, maintenance, borrow_max },
        }
    }

    fn loan(&mut self) -> LedgerEntry {
        let place = self.somewhere();
        let needs = place.needs();
        let (asset, need) = self.dice.pick(&needs);
        // Often as much as a few orders are worth: little of it is the account's own.
        let amount = (need.min(Amount::MAX.0) >> self.dice.below(8)) / 4 + 1;
        let amount = if self.edge() { self.dice.wider() } else { Amount(amount) };
        let (account, reference) = (self.account(), Reference(10_000_000 + self.dice.below(100_000)));
        LedgerEntry { account, asset, amount, reference }
    }

    /// Somebody rich buys and sells much, so that who is liquidated finds a market.
    fn deep(&mut self) -> Command {
        let place = self.somewhere();
        let side = if self.dice.chance(50) { Side::Buy } else { Side::Sell };
        let apart = 1 + self.dice.below(place.width);
        let price = match side {
            Side::Buy => place.middle.saturating_sub(apart).max(1),
            Side::Sell => place.middle.saturating_add(apart),
        };
        let kind = OrderKind::Limit { price: Price(price), qty: Qty(place.lots.saturating_mul(8)) };
        Command::Place(PlaceOrder::new(AccountId(1), place.instrument, side, kind))
    }

    /// The market doubles, halves or worse, and the mark stays behind; or the mark comes after it, or goes far by itself.
    fn shock(&mut self) -> Command {
        let at = self.dice.below(self.places.len() as u64) as usize;
        let Place { instrument, middle, width, .. } = self.places[at];
        let far =
            self.dice.pick(&[middle.saturating_mul(2), middle / 2, middle / 4, middle.saturating_add(middle / 5)]);
        if self.dice.chance(30) && width < 1 << 32 {
            self.places[at].middle = far.clamp(width + 1, u64::MAX - width);
            return self.deep();
        }
        let price = if self.dice.chance(80) { middle } else { far };
        Command::SetMark { instrument, price: Price(price.max(1)) }
    }
}
