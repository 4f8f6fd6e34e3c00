//! Events to rows. Orders, fills and holdings of users only; tape and candles of everybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use papertape_engine::{
    Amount, Asset, AssetId, Event, FeeAsset, Instrument, InstrumentId, InstrumentSpec, OrderId, Price, Qty, Side,
    Symbol, Trade,
};
use rustc_hash::FxHashMap;
use sea_orm::prelude::TimeDateTimeWithTimeZone;
use sea_orm::{ActiveValue, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, prelude::*};

use super::batch::Row;
use super::order_row;
use crate::candles::Candle;
use crate::database::{asset, candle, corrupt, from_sql, instrument, order, to_sql, trade};
use crate::money::number;
use crate::order::{Moment, OrderStatus, OrderView, fee_asset};
use crate::users::{Directory, UserId};
use crate::venue::Output;
use crate::views::{Liquidity, TapeRow};

/// What must be remembered from row to row.
#[derive(Debug)]
pub(super) struct RowFold {
    directory: Arc<Directory>,
    assets: Vec<Asset>,
    instruments: Vec<Instrument>,
    /// Open orders of users.
    open: FxHashMap<OrderId, (UserId, OrderView)>,
    /// The last bar of each instrument.
    bars: BTreeMap<InstrumentId, Candle>,
    /// Orders by budget that came in the current command.
    by_budget: Vec<OrderId>,
}

impl RowFold {
    /// Goes on where the tables end.
    pub(super) async fn load(database: &DatabaseConnection, directory: Arc<Directory>) -> Result<Self, DbErr> {
        let assets = load_assets(database).await?;
        let instruments = load_instruments(database, &assets).await?;
        let mut fold = Self {
            directory,
            assets,
            instruments,
            open: FxHashMap::default(),
            bars: BTreeMap::new(),
            by_budget: Vec::new(),
        };
        let open = OrderStatus::ALL.into_iter().filter(|status| status.is_open()).map(OrderStatus::name);
        for row in order::Entity::find().filter(order::Column::Status.is_in(open)).all(database).await? {
            let view = order_row::from_row(&row)?;
            fold.open.insert(view.order, (UserId(row.user_id), view));
        }
        for index in 0..fold.instruments.len() {
            let id = InstrumentId(index as u16);
            let last = candle::Entity::find()
                .filter(candle::Column::InstrumentId.eq(i32::from(id.0)))
                .order_by_desc(candle::Column::StartS)
                .one(database)
                .await?;
            if let Some(row) = last {
                fold.bars.insert(id, candle_of(&row)?);
            }
        }
        Ok(fold)
    }

    /// Appends the rows that an event changes.
    pub(super) fn fold(&mut self, output: &Output, rows: &mut Vec<Row>) {
        let at = Moment { seq: output.seq, time_ns: output.time_ns };
        match output.event {
            Event::Accepted(ref accepted) => {
                let Some(user) = self.directory.user_of(accepted.terms.account) else { return };
                let Some(instrument) = self.instruments.get(usize::from(accepted.terms.instrument.0)) else { return };
                let view = OrderView::accepted(accepted, instrument, at);
                self.note_budget(&view);
                rows.push(Row::Order(user, Box::new(view.clone())));
                self.open.insert(view.order, (user, view));
            }
            Event::Released { order, .. } => {
                self.change(order, rows, |view| view.released(at));
                if let Some(view) = self.open.get(&order).map(|(_, view)| view.clone()) {
                    self.note_budget(&view);
                }
            }
            Event::Triggered { order, price, .. } => self.change(order, rows, |view| view.triggered(price, at)),
            // Only an order whose price the venue chose learns something by it.
            Event::Rested { order, price, .. } => {
                if let Some((user, view)) = self.open.get_mut(&order)
                    && view.rested(price, at)
                {
                    rows.push(Row::Order(*user, Box::new(view.clone())));
                }
            }
            Event::Trade(ref trade) => self.fold_trade(trade, output.index, at, rows),
            Event::SelfTradePrevented(ref prevented) => {
                for party in [prevented.maker, prevented.taker] {
                    self.change(party.order, rows, |view| view.prevented(prevented.mode, prevented.qty, party, at));
                }
            }
            Event::Cancelled(ref cancelled) => {
                self.change(cancelled.order, rows, |view| view.cancelled(cancelled, at));
            }
            Event::Amended(ref amended) => self.change(amended.order, rows, |view| view.amended(amended, at)),
            Event::Position { account, instrument, position } => {
                if let Some(user) = self.directory.user_of(account) {
                    rows.push(Row::Holding { user, instrument, position, seq: at.seq });
                }
            }
            Event::AssetListed { asset, spec } => {
                self.assets.push(spec);
                rows.push(Row::Asset(asset, spec));
            }
            Event::InstrumentListed { instrument, spec } => {
                if let Ok(checked) = Instrument::new(spec, &self.assets) {
                    self.instruments.push(checked);
                    rows.push(Row::Instrument(instrument, spec));
                }
            }
            _ => {}
        }
        if output.last {
            while let Some(order) = self.by_budget.pop() {
                self.change(order, rows, OrderView::command_over);
            }
        }
    }

    fn note_budget(&mut self, view: &OrderView) {
        if view.is_by_budget() && view.status == OrderStatus::New {
            self.by_budget.push(view.order);
        }
    }

    /// The instruments that were listed up to here, by number.
    pub(super) fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    fn fold_trade(&mut self, trade: &Trade, index: u32, at: Moment, rows: &mut Vec<Row>) {
        let mut bar = Candle::of_trade(trade.price, trade.qty, at.time_ns);
        if let Some(last) = self.bars.get(&trade.instrument).filter(|last| last.start_s >= bar.start_s) {
            let mut extended = *last;
            extended.extend(&bar);
            bar = extended;
        }
        self.bars.insert(trade.instrument, bar);
        rows.push(Row::Candle(trade.instrument, bar));
        rows.push(Row::Tape(TapeRow {
            instrument: trade.instrument,
            id: trade.id,
            price: trade.price,
            qty: trade.qty,
            taker_side: trade.aggressor,
            time_ns: at.time_ns,
        }));
        for side in [Side::Buy, Side::Sell] {
            let party = trade.party(side);
            let Some(user) = self.directory.user_of(party.account) else { continue };
            let Some(instrument) = self.instruments.get(usize::from(trade.instrument.0)) else { continue };
            let instrument = instrument.clone();
            rows.push(Row::Fill(Box::new(self.fill(user, side, trade, &instrument, index, at))));
            self.change(party.order, rows, |view| view.traded(trade, &instrument, at));
        }
    }

    fn fill(
        &self,
        user: UserId,
        side: Side,
        trade: &Trade,
        instrument: &Instrument,
        index: u32,
        at: Moment,
    ) -> trade::ActiveModel {
        let party = trade.party(side);
        let (price, quantity) = (instrument.format_price(trade.price), instrument.format_qty(trade.qty));
        let value = instrument.quote_value(trade.price * trade.qty).unwrap_or(Amount::MAX);
        let fee_asset =
            if fee_asset(instrument, side) == instrument.spec.base { instrument.base } else { instrument.quote };
        let row = trade::Model {
            id: 0,
            user_id: user.0,
            symbol: instrument.spec.symbol.to_string(),
            trade_type: trade_type(side).to_owned(),
            quantity: number(&quantity),
            price: number(&price),
            timestamp: timestamp(at.time_ns),
            quantity_text: quantity,
            price_text: price,
            quote_text: instrument.quote.format(value),
            fee_text: fee_asset.format(party.fee),
            fee_asset: fee_asset.symbol.to_string(),
            order_id: to_sql(party.order.0),
            instrument_id: trade.instrument.0.into(),
            trade_id: to_sql(trade.id.0),
            liquidity: Liquidity::of(side, trade.aggressor).name().to_owned(),
            seq: to_sql(at.seq),
            event_index: index.into(),
        };
        trade::ActiveModel { id: ActiveValue::NotSet, ..row.into() }
    }

    /// Changes an open order of a user; an ended one is written for the last time and forgotten.
    fn change(&mut self, order: OrderId, rows: &mut Vec<Row>, change: impl FnOnce(&mut OrderView)) {
        let Some((user, view)) = self.open.get_mut(&order) else { return };
        change(view);
        rows.push(Row::Order(*user, Box::new(view.clone())));
        if !view.status.is_open() {
            self.open.remove(&order);
        }
    }
}

/// `BUY` or `SELL`.
pub(crate) const fn trade_type(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

/// Venue time as a database's time; the last representable one beyond its range.
fn timestamp(time_ns: u64) -> TimeDateTimeWithTimeZone {
    TimeDateTimeWithTimeZone::from_unix_timestamp_nanos(time_ns.into()).unwrap_or(TimeDateTimeWithTimeZone::UNIX_EPOCH)
}

pub(crate) fn candle_of(row: &candle::Model) -> Result<Candle, DbErr> {
    let volume = row.volume.parse().map(Qty).map_err(|_| corrupt("candles", "volume", &row.volume))?;
    Ok(Candle {
        start_s: from_sql(row.start_s),
        open: Price(from_sql(row.open)),
        high: Price(from_sql(row.high)),
        low: Price(from_sql(row.low)),
        close: Price(from_sql(row.close)),
        volume,
    })
}

async fn load_assets(database: &DatabaseConnection) -> Result<Vec<Asset>, DbErr> {
    let rows = asset::Entity::find().order_by_asc(asset::Column::Id).all(database).await?;
    let assets = rows.iter().map(|row| {
        let symbol = Symbol::new(&row.symbol).ok_or_else(|| corrupt("assets", "symbol", &row.symbol))?;
        let decimals = u8::try_from(row.decimals).map_err(|_| corrupt("assets", "decimals", row.decimals))?;
        Ok(Asset { symbol, decimals })
    });
    assets.collect()
}

/// Only what is needed to read rows is stored: fees and filters are the engine's business.
async fn load_instruments(database: &DatabaseConnection, assets: &[Asset]) -> Result<Vec<Instrument>, DbErr> {
    let rows = instrument::Entity::find().order_by_asc(instrument::Column::Id).all(database).await?;
    let instruments = rows.iter().map(|row| {
        let wrong = || corrupt("instruments", "id", row);
        let symbol = Symbol::new(&row.symbol).ok_or_else(wrong)?;
        let asset = |id| u16::try_from(id).map(AssetId).map_err(|_| wrong());
        let spec = InstrumentSpec {
            tick_mantissa: from_sql(row.tick_mantissa),
            price_decimals: u8::try_from(row.price_decimals).map_err(|_| wrong())?,
            lot: Amount(row.lot.parse().map_err(|_| wrong())?),
            fee_asset: if row.fee_in_received { FeeAsset::Received } else { FeeAsset::Quote },
            ..InstrumentSpec::new(symbol, asset(row.base_id)?, asset(row.quote_id)?)
        };
        Instrument::new(spec, assets).map_err(|_| wrong())
    });
    instruments.collect()
}
