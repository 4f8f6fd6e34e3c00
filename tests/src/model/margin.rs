//! Accounts that borrow: what they have and owe is reckoned anew from all prices each time somebody asks.

use papertape_engine::{
    AccountId, Amount, AssetId, CancelCause, Command, Event, InstrumentId, LedgerEntry, MarginLevel, MarginTerms,
    OrderKind, Phase, PlaceOrder, Ppm, Qty, Reason, SelfTradePrevention, Side,
};

use super::fire::cause_of;
use super::wide::multiply_divide;
use super::{AMOUNT_MAX, Fees, MILLION, Model};

impl Model {
    pub(super) fn set_margin_terms(
        &mut self,
        asset: AssetId,
        terms: MarginTerms,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        if usize::from(asset.0) >= self.assets.len() {
            return Err(Reason::UnknownAsset);
        }
        let reference = self.reference_asset();
        let belongs = match terms.priced_by {
            None => reference.is_none() || reference == Some(asset),
            Some(instrument) => {
                let spec = self.market(instrument)?.spec;
                reference == Some(spec.quote) && spec.base == asset
            }
        };
        let collateral = terms.collateral.0 >= 0 && i128::from(terms.collateral.0) <= MILLION;
        let (initial, maintenance) = (i128::from(terms.initial.0), i128::from(terms.maintenance.0));
        let requirements = maintenance > 0 && initial >= maintenance && initial <= 10 * MILLION;
        let most = terms.borrow_max.0 >= 0 && terms.borrow_max.0 <= AMOUNT_MAX;
        if !(belongs && collateral && requirements && most) {
            return Err(Reason::InvalidMarginTerms);
        }
        self.margin_terms.insert(asset, terms);
        events.push(Event::MarginTermsSet { asset, terms });
        Ok(())
    }

    pub(super) fn set_margin_account(
        &mut self,
        account: AccountId,
        margin: bool,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        if self.margin_accounts.contains(&account) == margin {
            return Err(Reason::SwitchUnchanged);
        }
        if self.owes(account) {
            return Err(Reason::AccountOwes);
        }
        self.margin_accounts.retain(|other| *other != account);
        if margin {
            self.margin_accounts.push(account);
        }
        events.push(Event::MarginAccountSet { account, margin });
        Ok(())
    }

    pub(super) fn borrow(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_suspension(entry.account)?;
        self.check_account(entry.account)?;
        if let Some(repeated) = self.check_entry(entry, command)? {
            events.push(repeated);
            return Ok(());
        }
        let LedgerEntry { account, asset, amount, reference } = *entry;
        if !self.margin_accounts.contains(&account) {
            return Err(Reason::NotAMarginAccount);
        }
        let terms = *self.margin_terms.get(&asset).ok_or(Reason::NotBorrowable)?;
        let debt = self.debt(account, asset) + amount.0;
        let by_all = self.debts.iter().filter(|((_, of), _)| *of == asset).map(|(_, debt)| debt).sum::<i128>();
        if debt > terms.borrow_max.0 || by_all + amount.0 > AMOUNT_MAX {
            return Err(Reason::BorrowLimit);
        }
        if self.supply(asset) + amount.0 > AMOUNT_MAX {
            return Err(Reason::BalanceTooLarge);
        }
        if self.value(asset, amount.0, true).is_none() {
            return Err(Reason::NoReferencePrice);
        }
        let level = self.level_with(account, asset, amount.0, amount.0);
        if level.collateral.0 < level.debt.0 + level.initial.0 {
            return Err(Reason::InsufficientMargin);
        }
        self.change(account, asset, amount.0);
        self.debts.insert((account, asset), debt);
        self.take_reference(account, reference, command);
        events.push(Event::Borrowed { account, asset, amount, debt: Amount(debt), reference });
        Ok(())
    }

    pub(super) fn repay(
        &mut self,
        entry: &LedgerEntry,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(entry.account)?;
        if let Some(repeated) = self.check_entry(entry, command)? {
            events.push(repeated);
            return Ok(());
        }
        let LedgerEntry { account, asset, amount, reference } = *entry;
        let paid = amount.0.min(self.debt(account, asset));
        if paid == 0 {
            return Err(Reason::NothingBorrowed);
        }
        if paid > self.free(account, asset) {
            return Err(Reason::InsufficientFunds);
        }
        let debt = Amount(self.pay(account, account, asset, paid));
        self.take_reference(account, reference, command);
        events.push(Event::Repaid { account, asset, amount: Amount(paid), debt, reference: Some(reference) });
        Ok(())
    }

    /// Who owes something may take out only what leaves the initial margin.
    pub(super) fn check_taking_out(&self, account: AccountId, asset: AssetId, amount: i128) -> Result<(), Reason> {
        let level = self.level_with(account, asset, -amount, 0);
        let met = !self.owes(account) || level.collateral.0 >= level.debt.0 + level.initial.0;
        if met { Ok(()) } else { Err(Reason::InsufficientMargin) }
    }

    /// What somebody pays of a debt, his own or another's. Gives what is owed then.
    fn pay(&mut self, payer: AccountId, debtor: AccountId, asset: AssetId, amount: i128) -> i128 {
        self.change(payer, asset, -amount);
        let left = self.debt(debtor, asset) - amount;
        self.debts.insert((debtor, asset), left);
        self.debts.retain(|_, debt| *debt > 0);
        left
    }

    fn reference_asset(&self) -> Option<AssetId> {
        self.margin_terms.iter().find(|(_, terms)| terms.priced_by.is_none()).map(|(asset, _)| *asset)
    }

    fn debt(&self, account: AccountId, asset: AssetId) -> i128 {
        self.debts.get(&(account, asset)).copied().unwrap_or(0)
    }

    fn owes(&self, account: AccountId) -> bool {
        self.debts.keys().any(|(debtor, _)| *debtor == account)
    }

    /// What so much of an asset is worth now in the reference asset: at the mark, or else at the last trade. None without a
    /// price, or where a lot is worth too much to be said.
    fn value(&self, asset: AssetId, amount: i128, up: bool) -> Option<i128> {
        let Some(instrument) = self.margin_terms[&asset].priced_by else { return Some(amount) };
        let market = &self.markets[usize::from(instrument.0)];
        let lot = market.quote_value(market.mark.or(market.last_price)?, 1)?;
        let exact = multiply_divide(amount.unsigned_abs(), lot.unsigned_abs(), market.spec.lot.0.unsigned_abs());
        let whole = exact.map(|(whole, rest)| whole + u128::from(up && rest > 0));
        Some(whole.map_or(AMOUNT_MAX, |whole| whole.min(AMOUNT_MAX.unsigned_abs()) as i128))
    }

    pub(super) fn level(&self, account: AccountId) -> MarginLevel {
        self.level_with(account, AssetId(0), 0, 0)
    }

    fn level_with(&self, account: AccountId, asset: AssetId, has: i128, owes: i128) -> MarginLevel {
        let (mut collateral, mut debts, mut initial, mut maintenance) = (0, 0, 0, 0);
        let part = |value: i128, rate: Ppm| {
            let (whole, rest) = multiply_divide(value.unsigned_abs(), rate.0.unsigned_abs().into(), 1_000_000)
                .expect("at most ten times the largest amount");
            (whole as i128, i128::from(rest > 0))
        };
        let up = |value, rate| {
            let (whole, rest) = part(value, rate);
            whole + rest
        };
        for (of, terms) in &self.margin_terms {
            let (more, owed) = if *of == asset { (has, owes) } else { (0, 0) };
            let value = self.value(*of, self.total(account, *of) + more, false).unwrap_or(0);
            collateral += part(value, terms.collateral).0;
            let value = self.value(*of, self.debt(account, *of) + owed, true).unwrap_or(0);
            debts += value;
            initial += up(value, terms.initial);
            maintenance += up(value, terms.maintenance);
        }
        MarginLevel {
            collateral: Amount(collateral),
            debt: Amount(debts),
            initial: Amount(initial),
            maintenance: Amount(maintenance),
        }
    }

    /// After a command that traded, set a mark or changed terms: whoever is below maintenance is liquidated, by number.
    pub(super) fn check_margins(&mut self, begins: usize, events: &mut Vec<Event>) {
        let moved = events[begins..]
            .iter()
            .any(|event| matches!(event, Event::Trade(_) | Event::MarkSet { .. } | Event::MarginTermsSet { .. }));
        if !moved {
            return;
        }
        let mut done: Vec<AccountId> = Vec::new();
        loop {
            let short = |account: &AccountId| {
                let level = self.level(*account);
                self.owes(*account) && level.collateral.0 < level.debt.0 + level.maintenance.0
            };
            let all = (1..self.openings.len() as u32).map(AccountId);
            let Some(account) = all.filter(|account| !done.contains(account)).find(short) else { break };
            done.push(account);
            self.liquidate(account, events);
            self.settle(events);
        }
        if done.len() > 1 {
            self.notes.push("several liquidated at once");
        }
    }

    fn liquidate(&mut self, account: AccountId, events: &mut Vec<Event>) {
        events.push(Event::LiquidationBegun { account, level: self.level(account) });
        if self.end_all(account, None, None, CancelCause::Liquidation, events) > 0 {
            self.notes.push("liquidation ended orders");
        }
        self.pay_own(account, events);
        let priced: Vec<(AssetId, InstrumentId)> =
            self.margin_terms.iter().filter_map(|(asset, terms)| Some((*asset, terms.priced_by?))).collect();
        for (asset, instrument) in &priced {
            let lots = self.lots_to_sell(*instrument, self.free(account, *asset));
            self.close(account, *instrument, Side::Sell, lots, events);
        }
        self.pay_own(account, events);
        for (asset, instrument) in &priced {
            let lots = self.lots_to_buy(*instrument, self.debt(account, *asset));
            self.close(account, *instrument, Side::Buy, lots, events);
        }
        self.pay_own(account, events);
        if self.owes(account) && self.has_nothing_left(account, &priced) {
            self.write_off(account, events);
        }
        let owes = self.owes(account);
        self.notes.push(if owes { "liquidation that goes on" } else { "liquidation that paid all" });
        events.push(Event::LiquidationEnded { account, owes });
    }

    fn debts_of(&self, account: AccountId) -> Vec<(AssetId, i128)> {
        let own = self.debts.iter().filter(|((debtor, _), _)| *debtor == account);
        own.map(|((_, asset), debt)| (*asset, *debt)).collect()
    }

    fn pay_own(&mut self, account: AccountId, events: &mut Vec<Event>) {
        for (asset, debt) in self.debts_of(account) {
            let amount = debt.min(self.free(account, asset));
            if amount > 0 {
                let debt = Amount(self.pay(account, account, asset, amount));
                events.push(Event::Repaid { account, asset, amount: Amount(amount), debt, reference: None });
            }
        }
    }

    /// As many whole lots as there are and one order takes; none if that is fewer than one order must have.
    fn lots_to_sell(&self, instrument: InstrumentId, free: i128) -> u64 {
        let spec = &self.markets[usize::from(instrument.0)].spec;
        let most = spec.filters.qty_max.0.min(spec.filters.market_qty_max.0);
        let lots = u64::try_from(free / spec.lot.0).unwrap_or(u64::MAX).min(most);
        if lots >= spec.filters.qty_min.0 { lots } else { 0 }
    }

    /// As many lots as are owed, begun ones whole, within what one order may have.
    fn lots_to_buy(&self, instrument: InstrumentId, debt: i128) -> u64 {
        let spec = &self.markets[usize::from(instrument.0)].spec;
        let most = spec.filters.qty_max.0.min(spec.filters.market_qty_max.0);
        let lots = u64::try_from(debt / spec.lot.0 + i128::from(debt % spec.lot.0 > 0)).unwrap_or(u64::MAX);
        if debt == 0 { 0 } else { lots.clamp(spec.filters.qty_min.0, most) }
    }

    /// A market order, where trading is continuous. A buy that is too dear spends what there is.
    fn close(&mut self, account: AccountId, instrument: InstrumentId, side: Side, lots: u64, events: &mut Vec<Event>) {
        let market = self.market_for(account, instrument).expect("terms name what is listed");
        if lots == 0 || market.phase != Phase::Continuous {
            return;
        }
        self.buying_back = Some(account);
        let order = |kind| PlaceOrder {
            self_trade_prevention: Some(SelfTradePrevention::None),
            ..PlaceOrder::new(account, instrument, side, kind)
        };
        let mut terms = order(OrderKind::Market { qty: Qty(lots) });
        let refused = self.check_terms(&market, &terms).err();
        let too_dear = matches!(refused, Some(Reason::InsufficientFunds | Reason::AmountTooLarge));
        if side == Side::Buy && too_dear {
            let budget = Amount(self.free(account, market.spec.quote)).min(market.spec.filters.notional_max);
            if budget.0 == 0 {
                self.buying_back = None;
                return;
            }
            self.notes.push("liquidation spent all it had");
            terms = order(OrderKind::MarketQuote { budget });
        }
        let id = self.number(&terms, None, events);
        match market.check_filters(&terms) {
            Ok(()) => self.come_late(id, &terms, Fees::new(&market.spec), events),
            Err(reason) => self.end_before_it_came(id, &terms, cause_of(reason), events),
        }
        self.buying_back = None;
    }

    /// Whether no order could pay any of what an account owes.
    fn has_nothing_left(&self, account: AccountId, priced: &[(AssetId, InstrumentId)]) -> bool {
        let free = self.reference_asset().map_or(0, |reference| self.free(account, reference));
        let sells = priced.iter().any(|(asset, at)| self.lots_to_sell(*at, self.free(account, *asset)) > 0);
        let buys = self.debts_of(account).iter().any(|(asset, _)| {
            let Some(instrument) = self.margin_terms[asset].priced_by else { return false };
            let market = &self.markets[usize::from(instrument.0)];
            let least = market.base_value(market.spec.filters.qty_min.0);
            let least = least.and_then(|base| self.value(*asset, base, true));
            least.is_none_or(|least| free >= least.max(market.spec.filters.notional_min.0))
        });
        let of_account = self.money.iter().filter(|((owner, _), amount)| *owner == account && **amount > 0);
        let keeps = of_account.into_iter().any(|((_, asset), _)| !self.margin_terms.contains_key(asset));
        !sells && !buys && !keeps
    }

    /// The venue takes what is left and pays what it can; what it cannot, it owes.
    fn write_off(&mut self, account: AccountId, events: &mut Vec<Event>) {
        let reference = self.reference_asset().expect("somebody has borrowed");
        let rest = self.free(account, reference);
        if rest > 0 {
            self.change(account, reference, -rest);
            self.change(AccountId::FEES, reference, rest);
        }
        for (asset, amount) in self.debts_of(account) {
            let paid = amount.min(self.free(AccountId::FEES, asset) - self.orders.len() as i128).max(0);
            self.debts.remove(&(account, asset));
            *self.debts.entry((AccountId::FEES, asset)).or_default() += amount;
            if paid > 0 {
                self.pay(AccountId::FEES, AccountId::FEES, asset, paid);
            }
            self.notes.push(if paid > 0 { "bad debt that was paid" } else { "bad debt that nobody paid" });
            events.push(Event::BadDebt { account, asset, amount: Amount(amount), paid: Amount(paid) });
        }
    }
}
