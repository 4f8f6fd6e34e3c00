//! An event in one sentence.

use papertape_engine::{
    Accepted, Amended, Cancelled, Event, ListPlace, Position, SelfTradePrevented, Side, Trade, TradeParty,
};

use super::names::{Names, account, count, order_ref};
use super::settings::{asset, schedule, stage};

impl Names<'_> {
    /// What happened.
    pub fn event(self, event: &Event) -> String {
        match event {
            Event::Accepted(Accepted { order, terms, list }) => {
                let list = match list {
                    None => String::new(),
                    Some(ListPlace { list, pending: false }) => format!(", of list {list}"),
                    Some(ListPlace { list, pending: true }) => format!(", pending in list {list}"),
                };
                format!("order {order} of {} accepted: {}{list}", account(terms.account), self.order(terms))
            }
            Event::Released { order, account: who, instrument, side } => {
                format!("order {order} of {} is released: {} {}", account(*who), side.name(), self.symbol(*instrument))
            }
            Event::Triggered { order, account: who, instrument, price, .. } => {
                format!("order {order} of {} fires at reference {}", account(*who), self.price(*instrument, *price))
            }
            Event::Rested { order, account: who, instrument, side, price, leaves_qty, shown_qty } => {
                let (at, who) = (*instrument, account(*who));
                let qty = self.part(at, *leaves_qty, *shown_qty);
                let (side, symbol, price) = (side.name(), self.symbol(at), self.price(at, *price));
                format!("order {order} of {who} rests: {side} {qty} {symbol} at {price}")
            }
            Event::Trade(trade) => self.trade(trade),
            Event::SelfTradePrevented(prevented) => self.prevented(prevented),
            Event::Cancelled(cancelled) => self.cancelled(cancelled),
            Event::Amended(amended) => self.amended(amended),
            Event::Repeated { account: who, order, client_order_id, .. } => {
                format!("{} sent \"{client_order_id}\" again: it is order {order}", account(*who))
            }
            Event::Rejected { account: who, client_order_id, order, reason, .. } => {
                let who = who.map(|who| format!(" for {}", account(who))).unwrap_or_default();
                let what = match (order, client_order_id) {
                    (Some(order), _) => format!(" of {}", order_ref(order)),
                    (None, Some(name)) => format!(" of \"{name}\""),
                    (None, None) => String::new(),
                };
                format!("refused{what}{who}: {} ({})", reason.sentence(), reason.name())
            }
            Event::Balance { account: who, asset, free, held } => {
                let (free, held) = (self.money(*asset, *free), self.money(*asset, *held));
                format!("balance of {}: {free} free, {held} held", account(*who))
            }
            Event::Position { account: who, instrument, position } => self.position(*who, *instrument, position),
            _ => self.of_money(event),
        }
    }

    /// `0.5`, or `0.2 of 0.5 showing`.
    pub(crate) fn part(
        self,
        at: papertape_engine::InstrumentId,
        leaves: papertape_engine::Qty,
        shown: papertape_engine::Qty,
    ) -> String {
        if leaves == shown {
            return self.qty(at, leaves);
        }
        format!("{} ({} showing)", self.qty(at, leaves), self.qty(at, shown))
    }

    fn trade(self, trade: &Trade) -> String {
        let at = trade.instrument;
        let party = |side: Side| {
            let TradeParty { order, account: who, leaves_qty, fee } = trade.party(side);
            let took = if trade.aggressor == Some(side) { ", took" } else { "" };
            let (leaves, fee) = (self.qty(at, *leaves_qty), self.fee(at, side, *fee));
            format!("order {order} of {} {}s (leaves {leaves}, {fee}{took})", account(*who), side.name())
        };
        let (qty, price, symbol) = (self.qty(at, trade.qty), self.price(at, trade.price), self.symbol(at));
        let auction = if trade.aggressor.is_none() { " in the auction" } else { "" };
        let (buy, sell) = (party(Side::Buy), party(Side::Sell));
        format!("trade {}{auction}: {qty} {symbol} at {price}; {buy}; {sell}", trade.id)
    }

    fn prevented(self, prevented: &SelfTradePrevented) -> String {
        let SelfTradePrevented { instrument, mode, price, qty, taker, maker, .. } = prevented;
        let (qty, price, symbol) =
            (self.qty(*instrument, *qty), self.price(*instrument, *price), self.symbol(*instrument));
        let (taker, maker) = (taker, maker);
        format!(
            "no trade of {qty} {symbol} at {price}: order {} of {} came to order {} of {} ({})",
            taker.order,
            account(taker.account),
            maker.order,
            account(maker.account),
            mode.name()
        )
    }

    fn cancelled(self, cancelled: &Cancelled) -> String {
        let Cancelled { order, account: who, instrument, rested_at, leaves_qty, cause, .. } = cancelled;
        let (who, qty) = (account(*who), self.qty(*instrument, *leaves_qty));
        let place = match rested_at {
            Some(price) => format!(" at {}", self.price(*instrument, *price)),
            None => String::new(),
        };
        let (sentence, name) = (cause.sentence(), cause.name());
        format!("order {order} of {who} ends with {qty} left{place}: {sentence} ({name})")
    }

    fn amended(self, amended: &Amended) -> String {
        let Amended { order, account: who, instrument, old_price, old_leaves_qty, price, qty, leaves_qty, .. } =
            amended;
        let at = *instrument;
        let before = format!("{} at {}", self.qty(at, *old_leaves_qty), self.price(at, *old_price));
        let after = format!("{} of {} at {}", self.qty(at, *leaves_qty), self.qty(at, *qty), self.price(at, *price));
        let place = if amended.kept_priority { "keeps its place" } else { "leaves its place" };
        format!("order {order} of {}: {before} becomes {after}, {place}", account(*who))
    }

    fn position(
        self,
        who: papertape_engine::AccountId,
        at: papertape_engine::InstrumentId,
        position: &Position,
    ) -> String {
        let Position { qty, cost, realized, .. } = position;
        let (qty, cost, realized) =
            (self.base_money(at, *qty), self.quote_money(at, *cost), self.quote_money(at, *realized));
        format!("position of {} in {}: {qty}, cost {cost}, realized {realized}", account(who), self.symbol(at))
    }

    fn of_money(self, event: &Event) -> String {
        match event {
            Event::Deposited { account: who, asset, amount, reference } => {
                format!("{} received {} (reference {})", account(*who), self.money(*asset, *amount), reference.0)
            }
            Event::Withdrawn { account: who, asset, amount, reference } => {
                format!("{} paid out {} (reference {})", account(*who), self.money(*asset, *amount), reference.0)
            }
            Event::Transferred { from, to, asset, amount, reference } => {
                let (from, to, money) = (account(*from), account(*to), self.money(*asset, *amount));
                format!("{money} moved from {from} to {to} (reference {})", reference.0)
            }
            Event::EntryRepeated { account: who, reference } => {
                format!("the entry with reference {} of {} was made before", reference.0, account(*who))
            }
            Event::Borrowed { account: who, asset, amount, debt, .. } => {
                let (money, debt) = (self.money(*asset, *amount), self.money(*asset, *debt));
                format!("{} borrowed {money}, owes {debt}", account(*who))
            }
            Event::Repaid { account: who, asset, amount, debt, reference } => {
                let (money, debt) = (self.money(*asset, *amount), self.money(*asset, *debt));
                let how = if reference.is_none() { " in its liquidation" } else { "" };
                format!("{} repaid {money}{how}, owes {debt}", account(*who))
            }
            Event::LiquidationBegun { account: who, level } => {
                let (has, owes) = (level.collateral, level.debt + level.maintenance);
                format!("liquidation of {} begins: collateral {has}, debts and margin {owes} units", account(*who))
            }
            Event::LiquidationEnded { account: who, owes } => {
                let how = if *owes { "it still owes" } else { "it owes nothing" };
                format!("liquidation of {} ends: {how}", account(*who))
            }
            Event::BadDebt { account: who, asset, amount, paid } => {
                let (money, paid) = (self.money(*asset, *amount), self.money(*asset, *paid));
                format!("bad debt of {}: {money}, of which the fee account paid {paid}", account(*who))
            }
            Event::VolumeChanged { account: who, asset, volume } => {
                format!("volume of {} in thirty days: {}", account(*who), self.money(*asset, *volume))
            }
            _ => self.of_venue(event),
        }
    }

    fn of_venue(self, event: &Event) -> String {
        let symbol = |at| self.symbol(at);
        match event {
            Event::Ticked { expired } => format!("{} ended by time", count((*expired).into(), "order")),
            Event::CancelledAll { account: who, orders } => {
                format!("{} of {} ended", count((*orders).into(), "order"), account(*who))
            }
            Event::AssetListed { asset: id, spec } => format!("asset {id} listed: {}", asset(spec)),
            Event::InstrumentListed { instrument, spec } => {
                format!("instrument {instrument} listed: {}", self.spec(spec))
            }
            Event::AccountOpened { account: who, reference } => {
                format!("{} is open (reference {})", account(*who), reference.0)
            }
            Event::TradeGroupSet { account: who, group } => match group {
                Some(group) => format!("{} is in trade group {group}", account(*who)),
                None => format!("{} is in no trade group", account(*who)),
            },
            Event::KillSwitchSet { scope, engaged, orders } => {
                let (state, scope) = (if *engaged { "engaged" } else { "released" }, self.scope(*scope));
                format!("kill switch for {scope} {state}, {} ended", count((*orders).into(), "order"))
            }
            Event::SuspensionSet { account: who, suspended, orders } => {
                let state = if *suspended { "suspended" } else { "reinstated" };
                format!("{} {state}, {} ended", account(*who), count((*orders).into(), "order"))
            }
            Event::PhaseChanged { instrument, stage: now } => format!("{}: {}", symbol(*instrument), stage(now)),
            Event::ScheduleSet { instrument, schedule: day } => {
                format!("{}: {}", symbol(*instrument), schedule(day.as_ref()))
            }
            Event::MarkSet { instrument, price } => {
                format!("{}: mark price {}", symbol(*instrument), self.price(*instrument, *price))
            }
            Event::MarginTermsSet { asset, terms } => {
                format!("margin terms of {}: {}", self.asset(*asset), self.terms(*asset, terms))
            }
            Event::MarginAccountSet { account: who, margin } => {
                format!("{} may borrow{}", account(*who), if *margin { "" } else { " no longer" })
            }
            Event::FeeTiersSet { instrument, tiers } => {
                format!("{}: {}", symbol(*instrument), self.tiers(*instrument, tiers))
            }
            Event::Uncrossed { instrument, price, qty, surplus } => {
                format!(
                    "{}: the auction traded {}",
                    symbol(*instrument),
                    self.uncross(*instrument, *price, *qty, *surplus)
                )
            }
            Event::Indicated { instrument, price, qty, surplus } => {
                let would = self.uncross(*instrument, *price, *qty, *surplus);
                format!("{}: the auction would trade {would}", symbol(*instrument))
            }
            other => format!("{other:?}"),
        }
    }
}
