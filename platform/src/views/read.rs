//! What can be read. Everything is as of [`Views::seq`].

use papertape_engine::{
    AccountId, Amount, Asset, AssetId, FeeTiers, Indicated, Instrument, InstrumentId, KillScope, MarginTerms, OrderId,
    OrderRef, Phase, Price, Schedule, Side, Stage, TradeGroup, Worth,
};

use super::market::Market;
use super::{
    BalanceView, BestLevels, BookOrders, Depth, FeesView, MarginView, PositionView, QueuePlace, TapeRow, Ticker, Views,
};
use crate::candles::{Candle, Chart, Interval, Span};
use crate::order::OrderView;
use crate::users::UserId;

impl Views {
    /// The last command that is folded in.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Whether everything is as of [`Views::seq`] exactly: not while a part of the next command is folded in.
    pub fn is_whole(&self) -> bool {
        !self.is_between
    }

    /// Listed assets, by number.
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// One asset.
    pub fn asset(&self, id: AssetId) -> Option<&Asset> {
        self.assets.get(usize::from(id.0))
    }

    /// The number of the asset with this code.
    pub fn find_asset(&self, symbol: &str) -> Option<AssetId> {
        let index = self.assets.iter().position(|asset| asset.symbol.as_str() == symbol)?;
        u16::try_from(index).ok().map(AssetId)
    }

    /// Listed instruments, by number.
    pub fn instruments(&self) -> impl ExactSizeIterator<Item = (InstrumentId, &Instrument)> {
        self.markets.iter().enumerate().map(|(index, market)| (InstrumentId(index as u16), &market.instrument))
    }

    /// One instrument.
    pub fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        Some(&self.market(id)?.instrument)
    }

    /// The phase of an instrument.
    pub fn phase(&self, id: InstrumentId) -> Option<Phase> {
        Some(self.market(id)?.stage.phase)
    }

    /// The schedule of an instrument.
    pub fn schedule(&self, id: InstrumentId) -> Option<Schedule> {
        self.market(id)?.schedule
    }

    /// The phase of an instrument with what belongs to it.
    pub fn stage(&self, id: InstrumentId) -> Option<Stage> {
        Some(self.market(id)?.stage)
    }

    /// The mark price that the operator has set.
    pub fn mark(&self, id: InstrumentId) -> Option<Price> {
        self.market(id)?.mark
    }

    /// How an account stands that borrows, or may.
    pub fn margin(&self, account: AccountId) -> MarginView {
        let worth = |terms: &MarginTerms| match terms.priced_by {
            None => Some(Worth::Itself),
            Some(instrument) => {
                let market = self.market(instrument)?;
                Some(Worth::By(&market.instrument, market.mark.or(market.last_price)))
            }
        };
        self.margin.view(account, &self.balances(account), worth)
    }

    /// Whether the account may borrow.
    pub fn is_margin(&self, account: AccountId) -> bool {
        self.margin.is_margin(account)
    }

    /// Everything that is owed, by account and asset. What the venue's own account owes are debts that were written off and
    /// that it has not paid yet.
    pub fn debts(&self) -> impl Iterator<Item = (AccountId, AssetId, Amount)> {
        self.margin.debts()
    }

    /// What one account owes, by asset.
    pub fn debts_of(&self, account: AccountId) -> impl Iterator<Item = (AssetId, Amount)> {
        self.margin.debts_of(account)
    }

    /// The user whose account this is, if it is one's.
    pub fn user_of(&self, account: AccountId) -> Option<UserId> {
        self.directory.user_of(account)
    }

    /// How many accounts there are, the venue's own included: they are numbered from 0.
    pub fn account_count(&self) -> u32 {
        u32::try_from(self.accounts.len().max(1)).unwrap_or(u32::MAX)
    }

    /// The trade group of an account.
    pub fn trade_group(&self, account: AccountId) -> Option<TradeGroup> {
        self.accounts.get(account)?.trade_group
    }

    /// How many orders of an account are open.
    pub fn open_order_count(&self, account: AccountId) -> usize {
        self.accounts.get(account).map_or(0, |fold| fold.open.len())
    }

    /// What an asset is to accounts that borrow.
    pub fn margin_terms(&self) -> impl Iterator<Item = (AssetId, MarginTerms)> {
        self.margin.terms()
    }

    /// The fee tiers of an instrument above what it is listed with.
    pub fn fee_tiers(&self, id: InstrumentId) -> FeeTiers {
        self.market(id).map(|market| market.fee_tiers).unwrap_or_default()
    }

    /// What an account's orders in an instrument cost.
    pub fn fees(&self, account: AccountId, id: InstrumentId) -> Option<FeesView> {
        let market = self.market(id)?;
        let volume = |asset| self.accounts.get(account).map_or(Amount::ZERO, |fold| fold.volume(asset));
        Some(FeesView::new(&market.instrument, &market.fee_tiers, volume(market.instrument.spec.quote)))
    }

    /// Whether this kill switch is engaged; that of another scope may stop the same trading.
    pub fn is_killed(&self, scope: KillScope) -> bool {
        self.stops.is_killed(scope)
    }

    /// Whether the account is suspended.
    pub fn is_suspended(&self, account: AccountId) -> bool {
        self.stops.is_suspended(account)
    }

    /// Finds `BTC-USD` as `BTC-USD`, `BTCUSD`, `BTC/USD`, `BTC_USD` and `BTC`, in any case.
    pub fn find_symbol(&self, name: &str) -> Option<InstrumentId> {
        self.symbols.find(name)
    }

    /// At most `limit` levels a side, best first. Empty for an unknown instrument, as the other readings.
    pub fn depth(&self, id: InstrumentId, limit: usize) -> Depth {
        self.market(id).map(|market| market.depth.snapshot(limit)).unwrap_or_default()
    }

    /// The orders that show, at most `limit` a side, best first, and the oldest first at each price.
    pub fn book_orders(&self, id: InstrumentId, limit: usize) -> BookOrders {
        self.market(id).map(|market| market.depth.orders(limit)).unwrap_or_default()
    }

    /// The number of the book's last change, and the best level of each side: bid and ask.
    pub fn best(&self, id: InstrumentId) -> Option<(u64, BestLevels)> {
        let depth = &self.market(id)?.depth;
        Some((depth.update_id(), [depth.best(Side::Buy), depth.best(Side::Sell)]))
    }

    /// What the auction of an instrument would trade now.
    pub fn indicated(&self, id: InstrumentId) -> Option<Indicated> {
        self.market(id)?.indicated
    }

    /// The last trades, newest first.
    pub fn trades(&self, id: InstrumentId, limit: usize) -> Vec<TapeRow> {
        self.market(id).map(|market| market.tape.iter().rev().take(limit).copied().collect()).unwrap_or_default()
    }

    /// The last bars up to `now_ns`, oldest first, the last one live; see [`crate::CandleSeries::rolled`].
    pub fn candles(&self, id: InstrumentId, interval: Interval, limit: usize, now_ns: u64) -> Vec<Candle> {
        self.market(id).map(|market| market.candles.rolled(interval, limit, now_ns)).unwrap_or_default()
    }

    /// The live bar of an interval at `now_ns`, flat if nothing has traded in it; `None` before the first trade.
    pub fn live_candle(&self, id: InstrumentId, interval: Interval, now_ns: u64) -> Option<Candle> {
        self.market(id)?.candles.live(interval, now_ns)
    }

    /// The bars of a span up to `now_ns`, as far as they are in memory; see [`crate::CandleSeries::chart`].
    pub fn chart(&self, id: InstrumentId, span: &Span, now_ns: u64) -> Chart {
        self.market(id).map_or(Chart::Whole(Vec::new()), |market| market.candles.chart(span, now_ns))
    }

    /// Start of the newest bar before a second; see [`crate::CandleSeries::bar_before`].
    pub fn bar_before(&self, id: InstrumentId, interval: Interval, second: u64, now_ns: u64) -> Option<(u64, bool)> {
        self.market(id)?.candles.bar_before(interval, second, now_ns)
    }

    /// The last 24 hours before `now_ns`, and the best prices.
    pub fn ticker(&self, id: InstrumentId, now_ns: u64) -> Ticker {
        self.market(id).map(|market| market.ticker(now_ns)).unwrap_or_default()
    }

    /// Price of the last trade.
    pub fn last_price(&self, id: InstrumentId) -> Option<Price> {
        self.market(id)?.last_price
    }

    /// All balances that the account ever had, by asset.
    pub fn balances(&self, account: AccountId) -> Vec<BalanceView> {
        self.accounts.get(account).map(|fold| fold.balances.clone()).unwrap_or_default()
    }

    /// All positions that the account ever had, by instrument; those that are closed have no quantity.
    pub fn positions(&self, account: AccountId) -> Vec<PositionView> {
        let positions = self.accounts.get(account).map(|fold| fold.positions.as_slice()).unwrap_or_default();
        let valued = positions.iter().filter_map(|(id, position)| {
            let market = self.market(*id)?;
            Some(PositionView::new(*id, &market.instrument, *position, market.last_price))
        });
        valued.collect()
    }

    /// One position of the account.
    pub fn position(&self, account: AccountId, id: InstrumentId) -> Option<PositionView> {
        let (_, position) = self.accounts.get(account)?.positions.iter().find(|(known, _)| *known == id)?;
        let market = self.market(id)?;
        Some(PositionView::new(id, &market.instrument, *position, market.last_price))
    }

    /// An open or recently ended order of this account.
    pub fn order(&self, account: AccountId, order: OrderId) -> Option<&OrderView> {
        self.orders.get(&order).map(|known| &known.view).filter(|view| view.account == account)
    }

    /// What is ahead of this account's order in the queue of its level, if it is in the book.
    pub fn queue_place(&self, account: AccountId, order: OrderId) -> Option<QueuePlace> {
        let view = self.order(account, order)?;
        self.market(view.instrument)?.depth.place(order)
    }

    /// An order by number, or the newest with this client's name among open and recently ended ones.
    pub fn find_order(&self, account: AccountId, order: OrderRef) -> Option<&OrderView> {
        match order {
            OrderRef::Id(id) => self.order(account, id),
            OrderRef::Client(name) => {
                let named = |view: &&OrderView| view.client_order_id == Some(name);
                self.open_of(account, None).find(named).or_else(|| self.ended_of(account, None).find(named))
            }
        }
    }

    /// The orders of a list, by their numbers, as far as they are open or ended recently.
    pub fn orders_of_list(&self, account: AccountId, list: OrderId) -> Vec<OrderView> {
        let of_list = |view: &&OrderView| view.list == Some(list);
        let mut orders: Vec<_> = self.open_of(account, None).filter(of_list).cloned().collect();
        orders.extend(self.ended_of(account, None).filter(of_list).cloned());
        orders.sort_unstable_by_key(|view| view.order);
        orders
    }

    /// Open orders, those that wait or are pending in a list included, newest first; only those of `instrument` if it is given.
    pub fn open_orders(&self, account: AccountId, instrument: Option<InstrumentId>) -> Vec<OrderView> {
        self.open_of(account, instrument).cloned().collect()
    }

    /// Orders that ended since the start, last ended first, at most [`super::ENDED_ORDERS_KEPT`]; older ones are in
    /// [`crate::History`].
    pub fn ended_orders(&self, account: AccountId, instrument: Option<InstrumentId>) -> Vec<OrderView> {
        self.ended_of(account, instrument).cloned().collect()
    }

    fn open_of(&self, account: AccountId, instrument: Option<InstrumentId>) -> impl Iterator<Item = &OrderView> {
        let open = self.accounts.get(account).into_iter().flat_map(|fold| fold.open.iter().rev().copied());
        self.views_of(open, instrument)
    }

    fn ended_of(&self, account: AccountId, instrument: Option<InstrumentId>) -> impl Iterator<Item = &OrderView> {
        self.views_of(self.accounts.get(account).into_iter().flat_map(|fold| fold.ended()), instrument)
    }

    fn views_of(
        &self,
        orders: impl Iterator<Item = OrderId>,
        instrument: Option<InstrumentId>,
    ) -> impl Iterator<Item = &OrderView> {
        let views = orders.filter_map(|order| self.orders.get(&order)).map(|known| &known.view);
        views.filter(move |view| instrument.is_none_or(|wanted| view.instrument == wanted))
    }

    fn market(&self, id: InstrumentId) -> Option<&Market> {
        self.markets.get(usize::from(id.0))
    }
}
