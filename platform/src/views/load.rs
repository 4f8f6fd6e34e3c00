//! Read models of a venue that has run before: what is from the engine, what was from the database.

use std::sync::Arc;

use papertape_engine::{
    Accepted, AccountId, Amount, AssetId, Engine, Instrument, InstrumentId, ListPlace, OpenOrder, OrderId, OrderKind,
    Price, Qty, Side, TradeId, WaitState, WaitingOrder,
};
use rustc_hash::FxHashMap;
use sea_orm::{DatabaseConnection, DbErr, QueryFilter, QueryOrder, QuerySelect, prelude::*};

use super::accounts::BalanceView;
use super::change::TapeRow;
use super::market::{Market, TAPE_KEPT};
use super::{KnownOrder, Views};
use crate::candles::{BEYOND_MEMORY, CANDLES_KEPT_S, CandleSeries};
use crate::database::{candle, from_sql, order, tape, to_sql};
use crate::order::{Moment, OrderStatus, OrderView, fee_asset};
use crate::platform::Platform;
use crate::projector::{candle_of, order_from_row, side_from_row};

impl Views {
    /// Read models as of command `seq`, the last one that `engine` has applied. The projections must have been written
    /// up to the same command: tapes, candles, and what open orders have traded so far are read from there.
    ///
    /// Of open orders that are no user's, fees, filled value and time of acceptance before the start are not known and
    /// are zero. Update ids of books go on above those that were told before.
    pub async fn load(engine: &Engine, platform: &Platform, seq: u64) -> Result<Self, DbErr> {
        let mut views = Views::new(Arc::clone(platform.users().directory()));
        views.seq = seq;
        views.assets = engine.assets().to_vec();
        let mut stored = stored_orders(platform.database()).await?;
        for (index, instrument) in engine.instruments().enumerate() {
            let id = InstrumentId(index as u16);
            views.load_market(engine, id, instrument, &mut stored);
            load_prints(platform.database(), id, &mut views.markets[index]).await?;
        }
        views.load_accounts(engine);
        Ok(views)
    }

    fn load_market(
        &mut self,
        engine: &Engine,
        id: InstrumentId,
        instrument: &Instrument,
        stored: &mut FxHashMap<OrderId, OrderView>,
    ) {
        let stage = engine.stage(id).unwrap_or(instrument.spec.phase.into());
        // A command changes a book at most once, so that an id above the command's number was never told.
        let mut market = Market::new(instrument.clone(), stage, self.seq);
        market.last_price = engine.last_trade(id).map(|(_, price)| price);
        market.mark = engine.mark(id);
        market.fee_tiers = engine.fee_tiers(id).unwrap_or_default();
        market.schedule = engine.schedule(id);
        market.indicated = engine.indicated(id);
        for side in [Side::Buy, Side::Sell] {
            for open in engine.open_orders(id, side) {
                market.depth.rest(open.order, side, open.price, open.shown_qty);
                let mut view = stored.remove(&open.order).unwrap_or_else(|| view_of(&open, instrument, self.seq));
                view.set_terms(open.price, open.qty);
                view.leaves_qty = open.leaves_qty;
                self.accounts.get_mut(open.account).open.insert(open.order);
                self.orders.insert(open.order, KnownOrder { view, rests: true });
            }
        }
        for waiting in engine.waiting_orders(id) {
            let account = waiting.terms.account;
            let stored = stored.remove(&waiting.order);
            let mut view = stored.unwrap_or_else(|| view_of_waiting(&waiting, instrument, self.seq));
            view.status = status_of_waiting(waiting.state);
            self.accounts.get_mut(account).open.insert(waiting.order);
            self.orders.insert(waiting.order, KnownOrder { view, rests: false });
        }
        market.depth.close();
        self.symbols.add(id, instrument);
        self.markets.push(market);
    }

    fn load_accounts(&mut self, engine: &Engine) {
        for scope in engine.kill_switches() {
            self.stops.set_kill_switch(scope, true);
        }
        for (asset, terms) in engine.margin_terms() {
            self.margin.set_terms(asset, terms);
        }
        for account in (0..engine.account_count()).map(AccountId) {
            for (asset, debt) in engine.debts(account) {
                self.margin.set_debt(account, asset, debt);
            }
        }
        for account in (1..engine.account_count()).map(AccountId) {
            self.margin.set_account(account, engine.is_margin(account));
            self.stops.set_suspended(account, engine.is_suspended(account));
            let fold = self.accounts.get_mut(account);
            fold.trade_group = engine.trade_group(account);
            for (asset, balance) in engine.balances(account) {
                fold.set_balance(BalanceView { asset, free: balance.free, held: balance.held });
            }
            for asset in (0..engine.assets().len()).map(|number| AssetId(number as u16)) {
                let volume = engine.volume(account, asset);
                if volume > Amount::ZERO {
                    fold.set_volume(asset, volume);
                }
            }
            for (instrument, position) in engine.positions(account) {
                fold.set_position(instrument, position);
            }
        }
    }
}

fn view_of(open: &OpenOrder, instrument: &Instrument, seq: u64) -> OrderView {
    let filled_qty = open.qty - open.leaves_qty;
    OrderView {
        order: open.order,
        account: open.account,
        instrument: open.instrument,
        side: open.side,
        kind: OrderKind::Limit { price: open.price, qty: open.qty },
        time_in_force: open.time_in_force,
        post_only: open.post_only,
        reduce_only: open.reduce_only,
        imbalance_only: false,
        peg: open.peg,
        display_qty: open.display_qty,
        // It counted when the order came: the engine keeps it no longer.
        min_qty: Qty::ZERO,
        self_trade_prevention: open.self_trade_prevention,
        trigger: None,
        triggered_price: None,
        list: open.list,
        client_order_id: open.client_order_id,
        rested_price: None,
        filled_qty,
        filled_quote: Amount::ZERO,
        prevented_qty: Qty::ZERO,
        leaves_qty: open.leaves_qty,
        status: if filled_qty.is_zero() { OrderStatus::New } else { OrderStatus::PartiallyFilled },
        cancel_cause: None,
        fee: Amount::ZERO,
        fee_asset: fee_asset(instrument, open.side),
        created_ns: 0,
        updated_ns: 0,
        seq,
    }
}

fn view_of_waiting(waiting: &WaitingOrder, instrument: &Instrument, seq: u64) -> OrderView {
    let WaitingOrder { order, terms, list, state, .. } = *waiting;
    let list = list.map(|list| ListPlace { list, pending: state == WaitState::Pending });
    OrderView::accepted(&Accepted { order, terms, list }, instrument, Moment { seq, time_ns: 0 })
}

const fn status_of_waiting(state: WaitState) -> OrderStatus {
    match state {
        WaitState::Pending => OrderStatus::PendingNew,
        WaitState::Armed | WaitState::Trailing { .. } | WaitState::ForAuction { .. } => OrderStatus::Waiting,
    }
}

async fn stored_orders(database: &DatabaseConnection) -> Result<FxHashMap<OrderId, OrderView>, DbErr> {
    let open = OrderStatus::ALL.into_iter().filter(|status| status.is_open()).map(OrderStatus::name);
    let rows = order::Entity::find().filter(order::Column::Status.is_in(open)).all(database).await?;
    rows.iter().map(|row| Ok((OrderId(from_sql(row.id)), order_from_row(row)?))).collect()
}

async fn load_prints(database: &DatabaseConnection, id: InstrumentId, market: &mut Market) -> Result<(), DbErr> {
    let mine = tape::Entity::find().filter(tape::Column::InstrumentId.eq(i32::from(id.0)));
    let rows = mine.order_by_desc(tape::Column::TradeId).limit(TAPE_KEPT as u64).all(database).await?;
    for row in rows.iter().rev() {
        market.tape.push_back(tape_row(id, row)?);
    }
    let mine = candle::Entity::find().filter(candle::Column::InstrumentId.eq(i32::from(id.0)));
    let Some(newest) = mine.clone().order_by_desc(candle::Column::StartS).one(database).await? else { return Ok(()) };
    let from_s = from_sql(newest.start_s).saturating_sub(CANDLES_KEPT_S);
    let kept = mine.clone().filter(candle::Column::StartS.gte(to_sql(from_s))).order_by_asc(candle::Column::StartS);
    let bars: Result<Vec<_>, DbErr> = kept.all(database).await?.iter().map(candle_of).collect();
    let bars = bars?;
    let older = mine.clone().filter(candle::Column::StartS.lt(to_sql(from_s))).one(database).await?;
    market.candles = CandleSeries::default().with_older(older.is_some());
    // What the longest live bars began with.
    let begun_s = BEYOND_MEMORY.iter().map(|interval| interval.floor(from_sql(newest.start_s))).min().unwrap_or(from_s);
    let begun =
        mine.filter(candle::Column::StartS.gte(to_sql(begun_s))).filter(candle::Column::StartS.lt(to_sql(from_s)));
    for row in begun.order_by_asc(candle::Column::StartS).all(database).await? {
        market.candles.forget(&candle_of(&row)?);
    }
    bars.into_iter().for_each(|bar| market.candles.push(bar));
    market.tape.iter().for_each(|row| market.candles.remember(row.price, row.qty, row.time_ns));
    Ok(())
}

fn tape_row(instrument: InstrumentId, row: &tape::Model) -> Result<TapeRow, DbErr> {
    Ok(TapeRow {
        instrument,
        id: TradeId(from_sql(row.trade_id)),
        price: Price(from_sql(row.price)),
        qty: Qty(from_sql(row.qty)),
        taker_side: row.taker_side.as_deref().map(side_from_row).transpose()?,
        time_ns: from_sql(row.time_ns),
    })
}
