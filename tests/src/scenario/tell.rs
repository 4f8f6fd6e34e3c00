//! Events and books as lines of a table that a person reads.

use papertape_engine::{
    Accepted, AccountId, Cancelled, ClientOrderId, Event, InstrumentId, ListPlace, OpenOrder, OrderId, OrderRef,
    PlaceOrder, Position, PreventedParty, Price, Qty, SelfTradePrevented, SelfTradePrevention, Side, Trade,
};

use super::allocation::show_mode;
use super::fees::show_tiers;
use super::listing::{show_schedule, show_spec, show_stage};
use super::margin::tell_margin;
use super::names::Names;
use super::render::{render_order, render_scope, render_terms};
use super::told::Told;

/// Levels of a side, and orders of a level, that are shown one by one.
const SHOWN_MAX: usize = 10;

/// `7`, or `3 of 7` where only three show.
fn show_part(leaves: Qty, shown: Qty) -> String {
    if shown == leaves { leaves.to_string() } else { format!("{shown} of {leaves}") }
}

/// Says things in the words of one scenario.
pub(super) struct Teller<'a> {
    pub(super) names: &'a Names,
    pub(super) told: &'a Told,
}

fn line(word: &str, rest: impl std::fmt::Display) -> String {
    format!("{word:<11}{rest}")
}

impl Teller<'_> {
    /// One event in one line.
    pub(super) fn event(&self, event: &Event) -> String {
        let who = |account: &AccountId| self.names.show_account(*account);
        let place = |instrument: &InstrumentId| self.names.show_in(*instrument);
        match event {
            Event::Accepted(Accepted { order, terms, list }) => {
                let name = terms.client_order_id.map_or_else(String::new, |name| format!(" as {name}"));
                let (who, place) = (who(&terms.account), place(&terms.instrument));
                // A mode that prevents nothing is not told.
                let self_trade_prevention =
                    terms.self_trade_prevention.filter(|mode| *mode != SelfTradePrevention::None);
                let terms = render_terms(&PlaceOrder { self_trade_prevention, ..*terms }, true);
                let list = match list {
                    None => String::new(),
                    Some(ListPlace { list, pending: false }) => format!(", of list#{list}"),
                    Some(ListPlace { list, pending: true }) => format!(", pending in list#{list}"),
                };
                line("accepted", format_args!("order#{order}: {who} {terms}{place}{name}{list}"))
            }
            Event::Released { order, account, instrument, side } => {
                let (label, place) = (self.label(*account, *order), place(instrument));
                line("released", format_args!("{label}: {}{place}", side.name()))
            }
            Event::Triggered { order, account, instrument, side, price } => {
                let (label, place) = (self.label(*account, *order), place(instrument));
                line("triggered", format_args!("{label}: {}, reference {price}{place}", side.name()))
            }
            Event::Rested { order, account, instrument, side, price, leaves_qty, shown_qty } => {
                let (label, side, place) = (self.label(*account, *order), side.name(), place(instrument));
                let qty = show_part(*leaves_qty, *shown_qty);
                line("rested", format_args!("{label}: {side} {qty} @ {price}{place}"))
            }
            Event::Trade(trade) => self.trade(trade),
            Event::SelfTradePrevented(prevented) => self.prevented(prevented),
            Event::Cancelled(cancelled) => self.cancelled(cancelled),
            Event::Amended(amended) => {
                let place = if amended.kept_priority { "keeps its place" } else { "leaves its place" };
                let (label, instrument) =
                    (self.label(amended.account, amended.order), self.names.show_in(amended.instrument));
                let side = amended.side.name();
                let before = show_part(amended.old_leaves_qty, amended.old_shown_qty);
                let before = format!("{before} @ {}", amended.old_price);
                let after = format!("{} @ {} of {}", amended.leaves_qty, amended.price, amended.qty);
                line("amended", format_args!("{label}: {side} {before} becomes {after}, {place}{instrument}"))
            }
            Event::Repeated { account, instrument, order, client_order_id } => {
                let (who, place) = (who(account), place(instrument));
                line("repeated", format_args!("{who} {client_order_id} is order#{order}{place}"))
            }
            Event::Rejected { account, instrument, client_order_id, order, reason } => {
                let about = self.refused(*account, *instrument, *client_order_id, order.as_ref());
                line("rejected", format_args!("{about}: {}", reason.name()))
            }
            Event::Ticked { expired } => line("ticked", format_args!("{expired} orders ended")),
            Event::CancelledAll { account, orders } => {
                line("cancelled", format_args!("{orders} orders of {}", who(account)))
            }
            Event::AssetListed { asset, spec } => {
                line("listed", format_args!("asset#{asset}: {} with {} decimals", spec.symbol, spec.decimals))
            }
            Event::InstrumentListed { instrument, spec } => {
                line("listed", format_args!("instrument#{instrument}: {}", show_spec(spec, self.names)))
            }
            _ => self.ledger_event(event),
        }
    }

    fn ledger_event(&self, event: &Event) -> String {
        let who = |account: &AccountId| self.names.show_account(*account);
        let asset = |asset: &papertape_engine::AssetId| self.names.show_asset(*asset);
        match event {
            Event::AccountOpened { account, reference } => {
                line("opened", format_args!("account#{account}: {}, reference {}", who(account), reference.0))
            }
            Event::TradeGroupSet { account, group } => {
                let group = group.map_or_else(|| "none".to_owned(), |group| group.0.to_string());
                line("group", format_args!("of {} is {group}", who(account)))
            }
            Event::KillSwitchSet { scope, engaged, orders } => {
                let (on, scope) = (if *engaged { "on" } else { "off" }, render_scope(*scope, self.names));
                line("kill", format_args!("switch {on}{scope}, {orders} orders ended"))
            }
            Event::SuspensionSet { account, suspended: true, orders } => {
                line("suspended", format_args!("{}, {orders} orders ended", who(account)))
            }
            Event::SuspensionSet { account, .. } => line("reinstated", who(account)),
            Event::Deposited { account, asset: what, amount, reference } => {
                let (who, asset) = (who(account), asset(what));
                line("deposited", format_args!("{amount} {asset} to {who}, reference {}", reference.0))
            }
            Event::Withdrawn { account, asset: what, amount, reference } => {
                let (who, asset) = (who(account), asset(what));
                line("withdrawn", format_args!("{amount} {asset} from {who}, reference {}", reference.0))
            }
            Event::Transferred { from, to, asset: what, amount, reference } => {
                let (from, to, asset) = (who(from), who(to), asset(what));
                line("moved", format_args!("{amount} {asset} from {from} to {to}, reference {}", reference.0))
            }
            Event::EntryRepeated { account, reference } => {
                line("repeated", format_args!("{} reference {}", who(account), reference.0))
            }
            Event::ScheduleSet { instrument, schedule } => {
                line("schedule", format_args!("{}{}", show_schedule(*schedule), self.names.show_in(*instrument)))
            }
            Event::PhaseChanged { instrument, stage } => {
                line("phase", format_args!("{}{}", show_stage(*stage), self.names.show_in(*instrument)))
            }
            Event::FeeTiersSet { instrument, tiers } => {
                line("fee", format_args!("tiers {}{}", show_tiers(tiers), self.names.show_in(*instrument)))
            }
            Event::VolumeChanged { account, asset: what, volume } => {
                line("volume", format_args!("{} {}: {volume} in thirty days", who(account), asset(what)))
            }
            Event::MarkSet { instrument, price } => {
                line("mark", format_args!("{price}{}", self.names.show_in(*instrument)))
            }
            Event::Uncrossed { instrument, price, qty, surplus } => self.uncrossed(*instrument, *price, *qty, *surplus),
            Event::Indicated { instrument, price, qty, surplus } => {
                let would = self.uncrossed(*instrument, *price, *qty, *surplus);
                line("would", would.strip_prefix("uncrossed  ").unwrap_or(&would))
            }
            Event::Balance { account, asset, free, held } => {
                self.balance(*account, *asset, papertape_engine::Balance { free: *free, held: *held })
            }
            Event::Position { account, instrument, position } => self.position(*account, *instrument, position),
            other => match tell_margin(other, self.names) {
                Some((word, rest)) => line(word, rest),
                None => format!("{other:?}"),
            },
        }
    }

    fn trade(&self, trade: &Trade) -> String {
        let party = |side: Side| {
            let party = trade.party(side);
            let took = if trade.aggressor == Some(side) { "took, " } else { "" };
            let label = self.label(party.account, party.order);
            format!("{label} {}s ({took}leaves {}, fee {})", side.name(), party.leaves_qty, party.fee)
        };
        let Trade { id, qty, price, .. } = trade;
        let (buy, sell, place) = (party(Side::Buy), party(Side::Sell), self.names.show_in(trade.instrument));
        line("trade", format_args!("#{id} {qty} @ {price}{place}: {buy}, {sell}"))
    }

    /// A trade that did not happen, told like one.
    fn prevented(&self, prevented: &SelfTradePrevented) -> String {
        let SelfTradePrevented { instrument, mode, price, qty, taker_side, taker, maker } = prevented;
        let party = |side: Side, party: &PreventedParty, came: &str| {
            let label = self.label(party.account, party.order);
            format!("{label} {}s ({came}leaves {})", side.name(), party.leaves_qty)
        };
        let (came, rested) = (party(*taker_side, taker, "came, "), party(taker_side.opposite(), maker, ""));
        let (buy, sell) = if *taker_side == Side::Buy { (came, rested) } else { (rested, came) };
        let (place, mode) = (self.names.show_in(*instrument), show_mode(*mode));
        line("prevented", format_args!("{qty} @ {price}{place}: {buy}, {sell}, {mode}"))
    }

    fn cancelled(&self, cancelled: &Cancelled) -> String {
        let label = self.label(cancelled.account, cancelled.order);
        let (side, qty, place) =
            (cancelled.side.name(), cancelled.leaves_qty, self.names.show_in(cancelled.instrument));
        let qty = if cancelled.rested_at.is_some() { show_part(qty, cancelled.shown_qty) } else { qty.to_string() };
        let price = cancelled.rested_at.map_or_else(|| ", not rested".to_owned(), |price| format!(" @ {price}"));
        line("cancelled", format_args!("{label}: {side} {qty}{price}{place}, {}", cancelled.cause.name()))
    }

    fn refused(
        &self,
        account: Option<AccountId>,
        instrument: Option<InstrumentId>,
        client_order_id: Option<ClientOrderId>,
        order: Option<&OrderRef>,
    ) -> String {
        let mut words: Vec<String> = account.map(|account| self.names.show_account(account)).into_iter().collect();
        words.extend(order.map(render_order).or_else(|| client_order_id.map(|name| name.to_string())));
        if account.is_none() {
            words.extend(instrument.map(|instrument| self.names.show_instrument(instrument)));
        } else if let Some(instrument) = instrument.filter(|instrument| *instrument != InstrumentId(0)) {
            words.push(format!("in {}", self.names.show_instrument(instrument)));
        }
        if words.is_empty() { "the command".to_owned() } else { words.join(" ") }
    }

    fn uncrossed(
        &self,
        instrument: InstrumentId,
        price: Option<Price>,
        qty: Qty,
        surplus: Option<(Side, Qty)>,
    ) -> String {
        let place = self.names.show_in(instrument);
        let Some(price) = price else { return line("uncrossed", format_args!("nothing{place}")) };
        let surplus = surplus.map_or_else(
            || "nothing left over".to_owned(),
            |(side, qty)| format!("{qty} to {} left over", side.name()),
        );
        line("uncrossed", format_args!("{qty} @ {price}{place}, {surplus}"))
    }

    pub(super) fn balance(
        &self,
        account: AccountId,
        asset: papertape_engine::AssetId,
        balance: papertape_engine::Balance,
    ) -> String {
        let (who, asset) = (self.names.show_account(account), self.names.show_asset(asset));
        line("balance", format_args!("{who} {asset}: {} free, {} held", balance.free, balance.held))
    }

    pub(super) fn position(&self, account: AccountId, instrument: InstrumentId, position: &Position) -> String {
        let (who, place) = (self.names.show_account(account), self.names.show_instrument(instrument));
        let Position { qty, cost, basis, realized, fees_quote, fees_base } = position;
        let average = format!("{cost} paid for {basis}");
        let fees = format!("fees {fees_quote} quote and {fees_base} base");
        line("position", format_args!("{who} {place}: holds {qty}, {average}, realized {realized}, {fees}"))
    }

    /// `debt      alice TEA: 100`.
    pub(super) fn debt(&self, account: AccountId, asset: papertape_engine::AssetId, debt: i128) -> String {
        line("debt", format_args!("{} {}: {debt}", self.names.show_account(account), self.names.show_asset(asset)))
    }

    /// `fees      alice: tier 1 with 1200, maker -50 ppm, taker 400 ppm`.
    pub(super) fn fees(&self, account: AccountId, instrument: InstrumentId) -> String {
        let (who, place) = (self.names.show_account(account), self.names.show_in(instrument));
        let Some((tier, volume, maker, taker)) = self.told.fees_of(account, instrument) else {
            return line("fees", format_args!("{who}{place}: none"));
        };
        let rates = format!("maker {} ppm, taker {} ppm", maker.0, taker.0);
        line("fees", format_args!("{who}{place}: tier {tier} with {volume}, {rates}"))
    }

    /// `best      bid 5 @ 100, ask none`.
    pub(super) fn best(&self, instrument: InstrumentId) -> String {
        let best = |side| match self.told.levels(instrument, side).iter().find(|(_, qty, _)| *qty > 0) {
            Some((price, qty, _)) => format!("{qty} @ {price}"),
            None => "none".to_owned(),
        };
        let (bid, ask) = (best(Side::Buy), best(Side::Sell));
        line("best", format_args!("bid {bid}, ask {ask}{}", self.names.show_in(instrument)))
    }

    /// `place     alice a1: behind 2 orders, 5 lots`.
    pub(super) fn place(&self, account: AccountId, order: &OrderRef) -> String {
        let Some(id) = self.told.named(account, order) else {
            return line("place", format_args!("{} {}: none", self.names.show_account(account), render_order(order)));
        };
        let label = self.label(account, id);
        match self.told.queue_place(id) {
            Some((orders, lots)) => line("place", format_args!("{label}: behind {orders} orders, {lots} lots")),
            None => line("place", format_args!("{label}: none")),
        }
    }

    /// Every listed book: best levels first, in each the orders as they will trade.
    pub(super) fn books(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (instrument, _, stage) in self.told.instruments() {
            let sides = [Side::Sell, Side::Buy].map(|side| (side, self.told.levels(instrument, side)));
            let empty = if sides.iter().all(|(_, levels)| levels.is_empty()) { ", empty" } else { "" };
            let place = self.names.show_in(instrument);
            lines.push(line("book", format_args!("{}{place}{empty}", show_stage(stage))));
            for (side, levels) in sides {
                let shown = levels.iter().take(SHOWN_MAX);
                lines.extend(shown.map(|(price, qty, orders)| {
                    let orders = self.queue(orders);
                    format!("  {:<4} @ {price:<8} {qty:>6} = {orders}", side.name())
                }));
                if let Some((price, ..)) = levels.last().filter(|_| levels.len() > SHOWN_MAX) {
                    let qty: u128 = levels[SHOWN_MAX..].iter().map(|(_, qty, _)| qty).sum();
                    let more = levels.len() - SHOWN_MAX;
                    lines.push(format!("  {:<4} … {more} more levels to {price}, {qty} lots", side.name()));
                }
            }
            lines.extend(self.waiting(instrument));
        }
        lines
    }

    /// Orders that are in no book, by number.
    fn waiting(&self, instrument: InstrumentId) -> Vec<String> {
        let waiting = self.told.waiting(instrument);
        let shown = waiting.iter().take(SHOWN_MAX).map(|(order, terms, pending)| {
            let word = if *pending { "pending" } else { "waits" };
            let terms = PlaceOrder { self_trade_prevention: None, ..*terms };
            format!("  {word:<9}{} {}", self.label(terms.account, *order), render_terms(&terms, true))
        });
        let mut lines: Vec<String> = shown.collect();
        if waiting.len() > SHOWN_MAX {
            lines.push(format!("  waits    … {} more orders", waiting.len() - SHOWN_MAX));
        }
        lines
    }

    fn queue(&self, orders: &[OpenOrder]) -> String {
        let shown = orders.iter().take(SHOWN_MAX);
        let mut text: Vec<String> = shown
            .map(|order| {
                let qty = show_part(order.leaves_qty, order.shown_qty);
                format!("{} {qty}", self.label(order.account, order.order))
            })
            .collect();
        if orders.len() > SHOWN_MAX {
            let qty: u128 = orders[SHOWN_MAX..].iter().map(|order| u128::from(order.shown_qty.0)).sum();
            text.push(format!("… {} more orders {qty}", orders.len() - SHOWN_MAX));
        }
        text.join(" + ")
    }

    /// `alice a1`, or `alice order#7` if the client gave no name.
    fn label(&self, account: AccountId, order: OrderId) -> String {
        let who = self.names.show_account(account);
        match self.told.client_order_id(order) {
            Some(name) => format!("{who} {name}"),
            None => format!("{who} order#{order}"),
        }
    }
}
