//! From the events of the whole venue to the lines of one account.

use std::io::Write;

use papertape_engine::{
    AccountId, Amended, Amount, AssetId, Cancelled, Event, FeeAsset, OrderId, SelfTradePrevented, Side, Trade,
};
use papertape_pipeline::Step;

use super::entry::{Change, Entries, Entry};
use super::reckoning::Reckoning;
use crate::audit::Stop;
use crate::words::{Names, account_words, order_words};

/// A statement up to some record.
pub(super) struct Statement {
    account: AccountId,
    reckoning: Reckoning,
    /// Where balances and events first disagreed.
    difference: Option<String>,
}

/// What an event is to the account.
#[derive(Default)]
struct Line {
    what: &'static str,
    text: String,
    order: Option<OrderId>,
    /// By how much balances change.
    changes: Vec<(AssetId, Amount)>,
    /// By how much debts change.
    debts: Vec<(AssetId, Amount)>,
}

impl Line {
    fn of(what: &'static str, text: String) -> Option<Self> {
        Some(Self { what, text, ..Self::default() })
    }

    fn about(what: &'static str, order: OrderId, text: String) -> Option<Self> {
        Some(Self { what, text, order: Some(order), ..Self::default() })
    }

    fn changing(mut self, asset: AssetId, amount: Amount) -> Self {
        self.changes.push((asset, amount));
        self
    }

    fn owing(mut self, asset: AssetId, amount: Amount) -> Self {
        self.debts.push((asset, amount));
        self
    }
}

impl Statement {
    pub(super) fn new(account: AccountId) -> Self {
        Self { account, reckoning: Reckoning::default(), difference: None }
    }

    pub(super) fn reckoning(&self) -> &Reckoning {
        &self.reckoning
    }

    /// Where the engine told another balance than the one that is reckoned here, if anywhere.
    pub(super) fn first_difference(&self) -> Option<&str> {
        self.difference.as_deref()
    }

    /// Tells what a record did to the account.
    pub(super) fn step<W: Write>(&mut self, step: &Step<'_>, entries: &mut Entries<'_, W>) -> Result<(), Stop> {
        let names = Names::of(step.engine);
        for (index, event) in step.events.iter().enumerate() {
            if let Event::Balance { account, asset, free, held } = event
                && *account == self.account
            {
                self.settle(step, index, *asset, *free + *held, entries)?;
                continue;
            }
            let mut lines = [None, None];
            lines[0] = self.line(names, step, event);
            if let Event::Trade(trade) = event
                && trade.buy.account == trade.sell.account
            {
                lines[1] = self.fill(names, trade, Side::Sell);
            }
            for line in lines.into_iter().flatten() {
                self.write(names, step, index, &line, entries)?;
            }
        }
        Ok(())
    }

    fn write<W: Write>(
        &mut self,
        names: Names<'_>,
        step: &Step<'_>,
        index: usize,
        line: &Line,
        entries: &mut Entries<'_, W>,
    ) -> Result<(), Stop> {
        let mut changes = Vec::new();
        for &(asset, amount) in &line.changes {
            self.reckoning.add(asset, amount);
            changes.push(Change { asset, amount, total: self.reckoning.total(asset) });
        }
        for &(asset, amount) in &line.debts {
            self.reckoning.owe(asset, amount);
        }
        let (what, text, order) = (line.what, line.text.as_str(), line.order.map(|order| order.0));
        let entry = Entry { stamp: step.stamp, index, what, text, order, changes: &changes };
        Ok(entries.write(names, &entry)?)
    }

    /// Compares what is reckoned with what the engine told.
    fn settle<W: Write>(
        &mut self,
        step: &Step<'_>,
        index: usize,
        asset: AssetId,
        told: Amount,
        entries: &mut Entries<'_, W>,
    ) -> Result<(), Stop> {
        let names = Names::of(step.engine);
        let reckoned = self.reckoning.total(asset);
        let written_off = step.events.iter().any(|event| matches!(event, Event::BadDebt { .. }));
        if told > reckoned && written_off && self.account == AccountId::FEES {
            // What a bankrupt account had left goes to the venue's own, without an event of its own.
            let rest = Line::of("taken over", "what a bankrupt account had left".to_owned());
            let rest = rest.map(|line| line.changing(asset, told - reckoned));
            return rest.map_or(Ok(()), |line| self.write(names, step, index, &line, entries));
        }
        if told != reckoned && self.difference.is_none() {
            let (seq, told, reckoned) = (step.stamp.seq, names.money(asset, told), names.money(asset, reckoned));
            self.difference = Some(format!("after record {seq} the engine told {told}, the statement has {reckoned}"));
        }
        Ok(())
    }

    fn line(&self, names: Names<'_>, step: &Step<'_>, event: &Event) -> Option<Line> {
        let own = self.account;
        match event {
            Event::Trade(trade) if own == AccountId::FEES => fees_of(names, trade),
            Event::Trade(trade) if trade.buy.account == own => self.fill(names, trade, Side::Buy),
            Event::Trade(trade) => self.fill(names, trade, Side::Sell),
            Event::Accepted(accepted) if accepted.terms.account == own => {
                let text = format!("order {}: {}", accepted.order, names.order(&accepted.terms));
                Line::about("order", accepted.order, text)
            }
            Event::Cancelled(Cancelled { order, account, instrument, leaves_qty, cause, .. }) if *account == own => {
                let qty = names.qty(*instrument, *leaves_qty);
                Line::about("order ends", *order, format!("order {order} with {qty} left: {}", cause.sentence()))
            }
            Event::Amended(amended @ Amended { order, account, .. }) if *account == own => {
                let (qty, price) =
                    (names.qty(amended.instrument, amended.qty), names.price(amended.instrument, amended.price));
                Line::about("amended", *order, format!("order {order} is for {qty} at {price} now"))
            }
            Event::Triggered { order, account, instrument, price, .. } if *account == own => {
                let price = names.price(*instrument, *price);
                Line::about("triggered", *order, format!("order {order} fires at reference {price}"))
            }
            Event::Released { order, account, .. } if *account == own => {
                Line::about("released", *order, format!("order {order} comes now"))
            }
            Event::SelfTradePrevented(prevented) => self.prevented(names, prevented),
            Event::Rejected { account: Some(account), order, reason, .. } if *account == own => {
                let what = order.as_ref().map(|order| format!(" of {}", order_words(order))).unwrap_or_default();
                let asked = step.command.as_ref().map(|command| names.command(command)).unwrap_or_default();
                Line::of("refused", format!("{asked}: refused{what}, {}", reason.sentence()))
            }
            _ => self.of_money(names, event),
        }
    }

    /// A fill on one side, if that is the account's.
    fn fill(&self, names: Names<'_>, trade: &Trade, side: Side) -> Option<Line> {
        let (own, other) = (trade.party(side), trade.party(side.opposite()));
        if own.account != self.account {
            return None;
        }
        let of = names.instrument(trade.instrument)?;
        let (base, quote) = (of.base_value(trade.qty)?, of.quote_value(trade.price * trade.qty)?);
        let at = trade.instrument;
        let word = if side == Side::Buy { "bought" } else { "sold" };
        let text = format!(
            "order {}: {word} {} {} at {}, {}; trade {} with order {} of {}",
            own.order,
            names.qty(at, trade.qty),
            names.symbol(at),
            names.price(at, trade.price),
            names.fee(at, side, own.fee),
            trade.id,
            other.order,
            account_words(other.account)
        );
        let (base_change, quote_change) = match (side, of.spec.fee_asset) {
            (Side::Buy, FeeAsset::Received) => (base - own.fee, -quote),
            (Side::Buy, FeeAsset::Quote) => (base, -quote - own.fee),
            (Side::Sell, _) => (-base, quote - own.fee),
        };
        let line = Line::about("fill", own.order, text)?;
        Some(line.changing(of.spec.base, base_change).changing(of.spec.quote, quote_change))
    }

    fn prevented(&self, names: Names<'_>, prevented: &SelfTradePrevented) -> Option<Line> {
        let SelfTradePrevented { instrument, mode, price, qty, taker, maker, .. } = prevented;
        let own = [taker, maker].into_iter().find(|party| party.account == self.account)?;
        let (qty, price) = (names.qty(*instrument, *qty), names.price(*instrument, *price));
        let text = format!(
            "order {} came to order {}: no trade of {qty} at {price} ({})",
            taker.order,
            maker.order,
            mode.name()
        );
        Line::about("prevented", own.order, text)
    }

    fn of_money(&self, names: Names<'_>, event: &Event) -> Option<Line> {
        let own = self.account;
        match *event {
            Event::AccountOpened { account, reference } if account == own => {
                Line::of("opened", format!("reference {}", reference.0))
            }
            Event::Deposited { account, asset, amount, reference } if account == own => {
                let line = Line::of("deposit", format!("reference {}", reference.0))?;
                Some(line.changing(asset, amount))
            }
            Event::Withdrawn { account, asset, amount, reference } if account == own => {
                let line = Line::of("withdrawal", format!("reference {}", reference.0))?;
                Some(line.changing(asset, -amount))
            }
            Event::Transferred { from, to, asset, amount, reference } if from == own && to != own => {
                let line = Line::of("transfer", format!("to {} (reference {})", account_words(to), reference.0))?;
                Some(line.changing(asset, -amount))
            }
            Event::Transferred { from, to, asset, amount, reference } if to == own && from != own => {
                let line = Line::of("transfer", format!("from {} (reference {})", account_words(from), reference.0))?;
                Some(line.changing(asset, amount))
            }
            Event::EntryRepeated { account, reference } if account == own => {
                Line::of("repeated", format!("the entry with reference {} was made before", reference.0))
            }
            Event::Borrowed { account, asset, amount, .. } if account == own => {
                let line = Line::of("loan", format!("borrowed {}", names.money(asset, amount)))?;
                Some(line.changing(asset, amount).owing(asset, amount))
            }
            Event::Repaid { account, asset, amount, .. } if account == own => {
                let line = Line::of("repayment", format!("repaid {}", names.money(asset, amount)))?;
                Some(line.changing(asset, -amount).owing(asset, -amount))
            }
            Event::BadDebt { account, asset, amount, paid } => self.bad_debt(names, account, asset, amount, paid),
            Event::LiquidationBegun { account, .. } if account == own => {
                Line::of("liquidation", "it owes more than it may".to_owned())
            }
            Event::LiquidationEnded { account, owes } if account == own => {
                let how = if owes { "ended, and it still owes something" } else { "ended, and it owes nothing" };
                Line::of("liquidation", how.to_owned())
            }
            Event::SuspensionSet { account, suspended, .. } if account == own => {
                Line::of(if suspended { "suspended" } else { "reinstated" }, String::new())
            }
            _ => None,
        }
    }

    /// The debt passes to the venue's own account, with what the other had left of the reference asset.
    fn bad_debt(
        &self,
        names: Names<'_>,
        account: AccountId,
        asset: AssetId,
        amount: Amount,
        paid: Amount,
    ) -> Option<Line> {
        let debt = names.money(asset, amount);
        if self.account == AccountId::FEES {
            let line = Line::of("bad debt", format!("{debt} of {}, taken over", account_words(account)))?;
            return Some(line.changing(asset, -paid).owing(asset, amount - paid));
        }
        if account != self.account {
            return None;
        }
        let line = Line::of("bad debt", format!("{debt} that it will never pay: the venue owes it now"))?;
        let mut line = line.owing(asset, -amount);
        // What it has left of the reference asset goes to the venue with the first bad debt.
        let rest = names.reference_asset().map(|asset| (asset, -self.reckoning.total(asset)));
        line.changes.extend(rest.filter(|(_, amount)| *amount != Amount::ZERO));
        Some(line)
    }
}

/// Both parties' fees, to the venue's own account.
fn fees_of(names: Names<'_>, trade: &Trade) -> Option<Line> {
    let at = trade.instrument;
    let text =
        format!("trade {} in {}: orders {} and {}", trade.id, names.symbol(at), trade.buy.order, trade.sell.order);
    let mut line = Line::of("fees", text)?;
    for side in [Side::Buy, Side::Sell] {
        let fee = trade.party(side).fee;
        if fee != Amount::ZERO {
            line.changes.push((names.fee_asset(at, side)?, fee));
        }
    }
    (!line.changes.is_empty()).then_some(line)
}
