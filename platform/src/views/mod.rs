//! Read models in memory: books by level, tapes, candles, tickers, balances, positions, orders.
//!
//! One thread folds, many read: share it as `Arc<parking_lot::RwLock<Views>>`.

use std::sync::Arc;

use papertape_engine::{
    AccountId, Asset, Event, Indicated, Instrument, InstrumentId, InstrumentSpec, KillScope, OrderId, OrderKind, Phase,
    Qty, SelfTradePrevented, SelfTradePrevention, Side, Trade,
};
use rustc_hash::FxHashMap;

use crate::order::{Moment, OrderStatus, OrderView};
use crate::users::Directory;
use crate::venue::Output;

mod accounts;
mod change;
mod depth;
mod fees;
mod load;
mod margin;
mod market;
mod read;
mod stops;
mod symbols;

pub use accounts::{BalanceView, ENDED_ORDERS_KEPT, PositionView};
pub use change::{Change, Liquidity, OrderEvent, TapeRow};
pub use depth::{BestLevels, BookOrder, BookOrderChange, BookOrders, Depth, LevelChange, QueuePlace};
pub use fees::FeesView;
pub use margin::MarginView;
pub use market::{TAPE_KEPT, Ticker};

use accounts::AccountFolds;
use depth::Closed;
use margin::Margin;
use market::Market;
use stops::Stops;
use symbols::Symbols;

/// An order and whether it is in the book.
#[derive(Clone, Debug)]
struct KnownOrder {
    view: OrderView,
    rests: bool,
}

/// The read models, as of [`Views::seq`].
///
/// Bounds: open orders are those of the engine; of ended ones the last [`ENDED_ORDERS_KEPT`] of each user are kept (a
/// few of other accounts), of trades the last [`TAPE_KEPT`] of each instrument, of candles two days.
#[derive(Clone, Debug, Default)]
pub struct Views {
    seq: u64,
    /// Only some events of the command after `seq` are folded in.
    is_between: bool,
    assets: Vec<Asset>,
    markets: Vec<Market>,
    symbols: Symbols,
    accounts: AccountFolds,
    orders: FxHashMap<OrderId, KnownOrder>,
    stops: Stops,
    margin: Margin,
    directory: Arc<Directory>,
    /// Instruments whose book the current command has touched.
    touched: Vec<InstrumentId>,
    /// The orders by budget that came in the current command.
    by_budget: Vec<OrderId>,
}

impl Views {
    /// Read models of a venue where nothing has happened. `directory` tells which accounts are users': only theirs are
    /// reported as changes.
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { directory, ..Self::default() }
    }

    /// Takes in one event; what it changed is appended to `changes`. Outputs come in order, each once.
    pub fn fold(&mut self, output: &Output, changes: &mut Vec<Change>) {
        let at = Moment { seq: output.seq, time_ns: output.time_ns };
        self.fold_event(&output.event, at, changes);
        self.is_between = !output.last;
        if output.last {
            self.close_command(at, changes);
        }
    }

    fn fold_event(&mut self, event: &Event, at: Moment, changes: &mut Vec<Change>) {
        match *event {
            Event::Accepted(ref accepted) => {
                let Some(market) = self.markets.get(usize::from(accepted.terms.instrument.0)) else { return };
                let view = OrderView::accepted(accepted, &market.instrument, at);
                self.note_budget(&view);
                self.accounts.get_mut(view.account).open.insert(view.order);
                self.tell_order(&view, OrderEvent::Accepted, changes);
                self.orders.insert(view.order, KnownOrder { view, rests: false });
            }
            Event::Released { order, .. } => {
                self.change_order(order, OrderEvent::Released, changes, |known, _| known.view.released(at));
                if let Some(view) = self.orders.get(&order).map(|known| known.view.clone()) {
                    self.note_budget(&view);
                }
            }
            Event::Triggered { order, price, .. } => {
                self.change_order(order, OrderEvent::Triggered, changes, |known, _| known.view.triggered(price, at));
            }
            Event::Rested { order, instrument, side, price, shown_qty, .. } => {
                // A market order that has come for its auction trades or ends at once: its worst price does not show.
                let shows = |known: &&mut KnownOrder| !matches!(known.view.kind, OrderKind::Market { .. });
                let Some(known) = self.orders.get_mut(&order).filter(shows) else { return };
                known.rests = true;
                if known.view.rested(price, at) {
                    let view = known.view.clone();
                    self.tell_order(&view, OrderEvent::Rested, changes);
                }
                self.book(instrument).rest(order, side, price, shown_qty);
            }
            Event::Trade(ref trade) => self.fold_trade(trade, at, changes),
            Event::SelfTradePrevented(ref prevented) => self.fold_prevented(prevented, at, changes),
            Event::Cancelled(ref cancelled) => {
                let shown = self.orders.get(&cancelled.order).is_none_or(|known| known.rests);
                if shown && cancelled.rested_at.is_some() {
                    self.book(cancelled.instrument).take(cancelled.order, cancelled.shown_qty);
                    self.book(cancelled.instrument).leave_hidden(cancelled.order);
                }
                self.change_order(cancelled.order, OrderEvent::Cancelled, changes, |known, _| {
                    known.rests = false;
                    known.view.cancelled(cancelled, at);
                });
            }
            Event::Amended(ref amended) => {
                // Icebergs and hidden orders never keep their place: all of an order that does shows.
                let stays = if amended.kept_priority { amended.leaves_qty.0 } else { 0 };
                let gone = Qty(amended.old_shown_qty.0.saturating_sub(stays));
                self.book(amended.instrument).take(amended.order, gone);
                self.book(amended.instrument).leave_hidden(amended.order);
                self.change_order(amended.order, OrderEvent::Amended, changes, |known, _| {
                    known.rests = amended.kept_priority;
                    known.view.amended(amended, at);
                });
            }
            Event::Rejected { account: Some(account), instrument, client_order_id, order, reason } => {
                if self.directory.user_of(account).is_some() {
                    changes.push(Change::Rejected { account, instrument, client_order_id, order, reason });
                }
            }
            Event::AssetListed { spec, .. } => self.assets.push(spec),
            Event::InstrumentListed { instrument, spec } => self.list(instrument, spec, changes),
            Event::PhaseChanged { instrument, stage } => {
                if let Some(market) = self.markets.get_mut(usize::from(instrument.0)) {
                    market.stage = stage;
                    if stage.phase != Phase::Auction {
                        market.indicated = None;
                    }
                }
                changes.push(Change::Status { instrument });
            }
            Event::Indicated { instrument, price, qty, surplus } => {
                if let Some(market) = self.markets.get_mut(usize::from(instrument.0)) {
                    market.indicated = price.map(|price| Indicated { price, qty, surplus });
                }
                changes.push(Change::Status { instrument });
            }
            Event::Uncrossed { instrument, .. } => {
                if let Some(market) = self.markets.get_mut(usize::from(instrument.0)) {
                    market.indicated = None;
                }
                changes.push(Change::Status { instrument });
            }
            Event::ScheduleSet { instrument, schedule } => {
                if let Some(market) = self.markets.get_mut(usize::from(instrument.0)) {
                    market.schedule = schedule;
                }
            }
            Event::MarkSet { instrument, price } => {
                if let Some(market) = self.markets.get_mut(usize::from(instrument.0)) {
                    market.mark = Some(price);
                }
            }
            Event::MarginTermsSet { asset, terms } => self.margin.set_terms(asset, terms),
            Event::MarginAccountSet { account, margin } => self.margin.set_account(account, margin),
            Event::Borrowed { account, asset, debt, .. } | Event::Repaid { account, asset, debt, .. } => {
                self.margin.set_debt(account, asset, debt);
            }
            Event::BadDebt { account, asset, amount, paid } => self.margin.write_off(account, asset, amount - paid),
            Event::TradeGroupSet { account, group } => self.accounts.get_mut(account).trade_group = group,
            Event::FeeTiersSet { instrument, tiers } => {
                if let Some(market) = self.markets.get_mut(usize::from(instrument.0)) {
                    market.fee_tiers = tiers;
                }
            }
            Event::VolumeChanged { account, asset, volume } => self.accounts.get_mut(account).set_volume(asset, volume),
            Event::KillSwitchSet { scope, engaged, .. } => {
                self.stops.set_kill_switch(scope, engaged);
                self.tell_stopped(scope, changes);
            }
            Event::SuspensionSet { account, suspended, .. } => self.stops.set_suspended(account, suspended),
            Event::Balance { account, asset, free, held } if account != AccountId::FEES => {
                self.accounts.get_mut(account).set_balance(BalanceView { asset, free, held });
                if self.directory.user_of(account).is_some() {
                    changes.push(Change::Balance { account, asset, free, held });
                }
            }
            Event::Position { account, instrument, position } if account != AccountId::FEES => {
                self.accounts.get_mut(account).set_position(instrument, position);
                if self.directory.user_of(account).is_some() {
                    changes.push(Change::Position { account, instrument });
                }
            }
            Event::AccountOpened { account, .. } => {
                self.accounts.get_mut(account);
            }
            Event::Rejected { .. }
            | Event::Repeated { .. }
            | Event::CancelledAll { .. }
            | Event::Ticked { .. }
            | Event::Deposited { .. }
            | Event::Withdrawn { .. }
            | Event::Transferred { .. }
            | Event::EntryRepeated { .. }
            | Event::Balance { .. }
            | Event::Position { .. }
            | Event::LiquidationBegun { .. }
            | Event::LiquidationEnded { .. } => {}
        }
    }

    fn fold_trade(&mut self, trade: &Trade, at: Moment, changes: &mut Vec<Change>) {
        let row = TapeRow {
            instrument: trade.instrument,
            id: trade.id,
            price: trade.price,
            qty: trade.qty,
            taker_side: trade.aggressor,
            time_ns: at.time_ns,
        };
        if let Some(market) = self.markets.get_mut(usize::from(trade.instrument.0)) {
            market.print(row);
            changes.push(Change::Trade(row));
        }
        for side in [Side::Buy, Side::Sell] {
            let party = trade.party(side);
            match self.orders.get(&party.order).filter(|known| known.rests).map(|known| known.view.is_hidden()) {
                Some(false) => self.book(trade.instrument).take(party.order, trade.qty),
                Some(true) if party.leaves_qty.is_zero() => self.book(trade.instrument).leave_hidden(party.order),
                _ => {}
            }
            let event = |view: &OrderView| OrderEvent::Trade {
                trade_id: trade.id,
                price: trade.price,
                qty: trade.qty,
                fee: party.fee,
                fee_asset: view.fee_asset,
                liquidity: Liquidity::of(side, trade.aggressor),
            };
            self.change_order_by(party.order, event, changes, |known, instrument| {
                known.view.traded(trade, instrument, at);
            });
        }
    }

    /// A match within one account or trade group: where both orders lose its lots, so does the book.
    fn fold_prevented(&mut self, prevented: &SelfTradePrevented, at: Moment, changes: &mut Vec<Change>) {
        let SelfTradePrevented { instrument, mode, price, qty, taker, maker, .. } = *prevented;
        let hidden = self.orders.get(&maker.order).is_some_and(|known| known.view.is_hidden());
        if mode == SelfTradePrevention::Decrement && !hidden {
            self.book(instrument).take(maker.order, qty);
        }
        for (party, other) in [(taker, maker), (maker, taker)] {
            let event = OrderEvent::SelfTradePrevented { price, qty, other: other.order };
            self.change_order(party.order, event, changes, |known, _| known.view.prevented(mode, qty, party, at));
        }
    }

    fn change_order(
        &mut self,
        order: OrderId,
        event: OrderEvent,
        changes: &mut Vec<Change>,
        change: impl FnOnce(&mut KnownOrder, &Instrument),
    ) {
        self.change_order_by(order, |_| event, changes, change);
    }

    /// Changes an order, tells its owner, and files it with the ended ones if it is over.
    fn change_order_by(
        &mut self,
        order: OrderId,
        event: impl FnOnce(&OrderView) -> OrderEvent,
        changes: &mut Vec<Change>,
        change: impl FnOnce(&mut KnownOrder, &Instrument),
    ) {
        let Some(known) = self.orders.get_mut(&order) else { return };
        let Some(market) = self.markets.get(usize::from(known.view.instrument.0)) else { return };
        change(known, &market.instrument);
        let account = known.view.account;
        let is_user = self.directory.user_of(account).is_some();
        if is_user {
            let event = event(&known.view);
            changes.push(Change::Order { account, order: Box::new(known.view.clone()), event });
        }
        if !known.view.status.is_open() {
            known.rests = false;
            self.end_order(order, account, is_user);
        }
    }

    fn end_order(&mut self, order: OrderId, account: AccountId, is_user: bool) {
        if let Some(forgotten) = self.accounts.get_mut(account).end(order, is_user) {
            self.orders.remove(&forgotten);
        }
    }

    fn close_command(&mut self, at: Moment, changes: &mut Vec<Change>) {
        while let Some(order) = self.by_budget.pop() {
            self.close_budget(order, changes);
        }
        while let Some(instrument) = self.touched.pop() {
            let market = &mut self.markets[usize::from(instrument.0)];
            market.is_touched = false;
            if let Some(Closed { update_id, levels, orders }) = market.depth.close() {
                changes.push(Change::Depth {
                    instrument,
                    first_update_id: update_id,
                    last_update_id: update_id,
                    time_ns: at.time_ns,
                    levels,
                    orders,
                });
            }
        }
        self.seq = at.seq;
    }

    /// An order by budget that came ends with this command, whatever it did.
    fn note_budget(&mut self, view: &OrderView) {
        if view.is_by_budget() && view.status == OrderStatus::New {
            self.by_budget.push(view.order);
        }
    }

    fn close_budget(&mut self, order: OrderId, changes: &mut Vec<Change>) {
        let Some(known) = self.orders.get_mut(&order).filter(|known| known.view.status.is_open()) else { return };
        known.view.command_over();
        let account = known.view.account;
        let is_user = self.directory.user_of(account).is_some();
        if is_user {
            let order = Box::new(known.view.clone());
            changes.push(Change::Order { account, order, event: OrderEvent::Cancelled });
        }
        self.end_order(order, account, is_user);
    }

    fn list(&mut self, id: InstrumentId, spec: InstrumentSpec, changes: &mut Vec<Change>) {
        // The engine has checked it against the same assets; one that does not check here is not shown.
        if let Ok(instrument) = Instrument::new(spec, &self.assets) {
            debug_assert_eq!(usize::from(id.0), self.markets.len(), "instruments are numbered densely");
            self.symbols.add(id, &instrument);
            self.markets.push(Market::new(instrument, spec.phase.into(), self.seq));
            changes.push(Change::Listed { instrument: id });
        }
    }

    /// The book of an instrument that a resting order or an amend names, which is therefore listed.
    fn book(&mut self, instrument: InstrumentId) -> &mut depth::DepthFold {
        let market = &mut self.markets[usize::from(instrument.0)];
        if !market.is_touched {
            market.is_touched = true;
            self.touched.push(instrument);
        }
        &mut market.depth
    }

    fn tell_stopped(&self, scope: KillScope, changes: &mut Vec<Change>) {
        match scope {
            KillScope::Account(_) => {}
            KillScope::Instrument(instrument) => changes.push(Change::Status { instrument }),
            KillScope::Venue => {
                changes.extend(self.instruments().map(|(instrument, _)| Change::Status { instrument }));
            }
        }
    }

    fn tell_order(&self, view: &OrderView, event: OrderEvent, changes: &mut Vec<Change>) {
        if self.directory.user_of(view.account).is_some() {
            changes.push(Change::Order { account: view.account, order: Box::new(view.clone()), event });
        }
    }
}
