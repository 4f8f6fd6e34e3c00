//! Liquidation: an account that owes more than it may is closed through the book, and what nobody pays is accounted for.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::fire::cause_of;
use super::place::{Coming, check_filters};
use crate::book::OrderBook;
use crate::clients::NO_NAME;
use crate::command::{OrderKind, PlaceOrder, SelfTradePrevention, Side};
use crate::engine::{Desk, Engine};
use crate::event::Event;
use crate::ids::{AccountId, AssetId, InstrumentId};
use crate::instrument::{Instrument, Phase};
use crate::margin::{MarginTerms, Worth};
use crate::reason::{CancelCause, Reason};
use crate::units::{Amount, Qty};

impl<B: OrderBook> Engine<B> {
    /// Liquidates every account whose maintenance is not met, if prices or terms have changed since `begins`: by number, each
    /// at most once. What follows from it is done before the next one is looked at. Only those are looked at whom a change
    /// concerns.
    #[cold]
    #[inline(never)]
    pub(crate) fn check_margins(&mut self, begins: usize, time_ns: u64, events: &mut Vec<Event>) {
        let moves =
            |event: &Event| matches!(event, Event::Trade(_) | Event::MarkSet { .. } | Event::MarginTermsSet { .. });
        if !events[begins..].iter().any(moves) {
            return;
        }
        let (mut done, mut concerned) = (BTreeSet::new(), Vec::new());
        self.find_concerned(&events[begins..], &mut concerned);
        while let Some(account) = concerned.pop() {
            let Desk { margin, ledger, .. } = &mut self.desk;
            if done.contains(&account)
                || !margin.is_watched(ledger, account)
                || self.level(account).is_maintenance_met()
            {
                continue;
            }
            done.insert(account);
            let seen = events.len();
            self.liquidate(account, events);
            self.follow_up(seen, time_ns, events);
            // Where nothing traded, nobody stands otherwise than a moment ago.
            if events[seen..].iter().any(moves) {
                self.find_concerned(&events[seen..], &mut concerned);
            }
        }
        done.into_iter().for_each(|account| self.desk.margin.look_again(account));
    }

    /// Adds the accounts that may stand otherwise by what was told; the last is the one with the lowest number.
    fn find_concerned(&mut self, events: &[Event], concerned: &mut Vec<AccountId>) {
        let Self { markets, desk: Desk { margin, ledger, .. }, .. } = self;
        let price_of = |terms: &MarginTerms| {
            let market = &markets[usize::from(terms.priced_by?.0)];
            market.mark.or(market.clerk.last_price)
        };
        margin.find_concerned(ledger, price_of, events, concerned);
        concerned.sort_unstable_by_key(|account| Reverse(*account));
        concerned.dedup();
    }

    /// Ends all orders of an account, sells what it has, buys what it owes, and pays.
    fn liquidate(&mut self, account: AccountId, events: &mut Vec<Event>) {
        let level = self.level(account);
        events.push(Event::LiquidationBegun { account, level });
        self.end_orders(account, None, None, CancelCause::Liquidation, events);
        self.pay_debts(account, events);
        let terms: Vec<(AssetId, MarginTerms)> =
            self.desk.margin.terms().iter().map(|(asset, terms)| (*asset, *terms)).collect();
        for (asset, MarginTerms { priced_by, .. }) in &terms {
            if let Some(instrument) = *priced_by {
                let free = self.desk.ledger.balance(account, *asset).free;
                let lots = self.sellable(instrument, free);
                self.trade_out(account, instrument, Side::Sell, lots, events);
            }
        }
        self.pay_debts(account, events);
        for (asset, MarginTerms { priced_by, .. }) in &terms {
            if let Some(instrument) = *priced_by {
                let lots = self.missing(instrument, self.desk.margin.debt(account, *asset));
                self.trade_out(account, instrument, Side::Buy, lots, events);
            }
        }
        self.pay_debts(account, events);
        if self.is_bankrupt(account, &terms) {
            self.write_off(account, events);
        }
        let owes = self.desk.margin.owes(account);
        events.push(Event::LiquidationEnded { account, owes });
    }

    /// Pays every debt as far as the free balance of its asset goes.
    fn pay_debts(&mut self, account: AccountId, events: &mut Vec<Event>) {
        let debts: Vec<(AssetId, Amount)> = self.desk.margin.debts_of(account).collect();
        for (asset, debt) in debts {
            let amount = debt.min(self.desk.ledger.balance(account, asset).free);
            if amount > Amount::ZERO {
                let debt = self.pay_back(account, asset, amount);
                events.push(Event::Repaid { account, asset, amount, debt, reference: None });
            }
        }
    }

    /// How many lots one order can sell of so much.
    fn sellable(&self, instrument: InstrumentId, free: Amount) -> Qty {
        let of = &self.markets[usize::from(instrument.0)].clerk.instrument;
        let lots = Qty(u64::try_from(free.0 / of.spec.lot.0).unwrap_or(u64::MAX)).min(qty_max(of));
        if lots < of.spec.filters.qty_min { Qty::ZERO } else { lots }
    }

    /// How many lots one order can buy for a debt of so much.
    fn missing(&self, instrument: InstrumentId, debt: Amount) -> Qty {
        let of = &self.markets[usize::from(instrument.0)].clerk.instrument;
        if debt == Amount::ZERO {
            return Qty::ZERO;
        }
        let lots = debt.0 / of.spec.lot.0 + i128::from(debt.0 % of.spec.lot.0 != 0);
        Qty(u64::try_from(lots).unwrap_or(u64::MAX)).max(of.spec.filters.qty_min).min(qty_max(of))
    }

    /// A market order of the account, in continuous trading. A buy that it cannot pay for spends all that it has.
    fn trade_out(
        &mut self,
        account: AccountId,
        instrument: InstrumentId,
        side: Side,
        lots: Qty,
        events: &mut Vec<Event>,
    ) {
        let market = &self.markets[usize::from(instrument.0)];
        if lots.is_zero() || market.phase != Phase::Continuous {
            return;
        }
        self.desk.buying_back = Some(account);
        self.trade_out_freely((account, instrument, side, lots), events);
        self.desk.buying_back = None;
    }

    fn trade_out_freely(
        &mut self,
        (account, instrument, side, lots): (AccountId, InstrumentId, Side, Qty),
        events: &mut Vec<Event>,
    ) {
        let market = &self.markets[usize::from(instrument.0)];
        let (fees, quote) = (self.meter(market, account), market.clerk.instrument.spec.quote);
        let order = |kind| PlaceOrder {
            self_trade_prevention: Some(SelfTradePrevention::None),
            ..PlaceOrder::new(account, instrument, side, kind)
        };
        let mut terms = order(OrderKind::Market { qty: lots });
        let too_dear = |reason| matches!(reason, Reason::InsufficientFunds | Reason::AmountTooLarge);
        let short = self.intend(market, &terms, &fees, u32::MAX).is_err_and(too_dear);
        if side == Side::Buy && short {
            let most = market.clerk.instrument.spec.filters.notional_max;
            let budget = self.desk.ledger.balance(account, quote).free.min(most);
            if budget == Amount::ZERO {
                return;
            }
            terms = order(OrderKind::MarketQuote { budget });
        }
        let refused = check_filters(&market.clerk.instrument, &terms).err();
        let coming = self.accept(&terms, (fees, 0), None, events);
        match refused {
            Some(reason) => self.end_unseen(coming.order, coming.terms, cause_of(reason), events),
            None => self.come(&Coming { name: NO_NAME, ..coming }, events),
        }
    }

    /// Whether an account that owes something has nothing left with which an order could pay any of it, and nothing that
    /// orders here do not sell.
    fn is_bankrupt(&self, account: AccountId, terms: &[(AssetId, MarginTerms)]) -> bool {
        let Some(reference) = self.desk.margin.reference() else { return false };
        let free = self.desk.ledger.balance(account, reference).free;
        let mut owes = self.desk.margin.debts_of(account).peekable();
        let has = |(asset, terms): &(AssetId, MarginTerms)| {
            let balance = self.desk.ledger.balance(account, *asset).free;
            terms.priced_by.is_some_and(|instrument| !self.sellable(instrument, balance).is_zero())
        };
        let keeps = |(asset, _)| !self.desk.margin.terms().contains_key(&asset);
        if owes.peek().is_none() || terms.iter().any(has) || self.desk.ledger.balances(account).any(keeps) {
            return false;
        }
        owes.all(|(asset, _)| {
            let terms = &self.desk.margin.terms()[&asset];
            match self.worth(terms) {
                Worth::Itself => true,
                Worth::By(instrument, _) => {
                    let filters = &instrument.spec.filters;
                    let least =
                        instrument.base_value(filters.qty_min).and_then(|base| self.worth(terms).of(base, true));
                    least.is_some_and(|least| free < least.max(filters.notional_min))
                }
            }
        })
    }

    /// What a bankrupt account has left and owes: the venue's own account takes the one and pays the other as far as it can.
    /// What it cannot pay it owes itself.
    fn write_off(&mut self, account: AccountId, events: &mut Vec<Event>) {
        let reference = self.desk.margin.reference().expect("somebody has borrowed");
        let rest = self.desk.ledger.balance(account, reference).free;
        if rest > Amount::ZERO {
            self.desk.ledger.pass_on(reference, (account, AccountId::FEES), rest);
        }
        let debts: Vec<(AssetId, Amount)> = self.desk.margin.debts_of(account).collect();
        for (asset, amount) in debts {
            // Less than a unit for each order that rests may be of fees that were rounded up and are not due yet.
            let spare = self.desk.ledger.balance(AccountId::FEES, asset).free - Amount(self.desk.orders.len() as i128);
            let paid = amount.min(spare.max(Amount::ZERO));
            self.desk.margin.owe(account, asset, -amount);
            self.desk.margin.owe(AccountId::FEES, asset, amount);
            if paid > Amount::ZERO {
                self.pay_back(AccountId::FEES, asset, paid);
            }
            events.push(Event::BadDebt { account, asset, amount, paid });
        }
    }
}

/// The most lots of one market order.
fn qty_max(instrument: &Instrument) -> Qty {
    let filters = &instrument.spec.filters;
    filters.qty_max.min(filters.market_qty_max)
}
