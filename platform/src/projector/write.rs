//! A batch to the database: one transaction with the cursor, so that a crash leaves all of it or nothing.

use std::collections::{BTreeMap, VecDeque};

use papertape_engine::{AccountId, FeeAsset, Instrument, InstrumentId, Position};
use sea_orm::{ActiveValue, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, TransactionTrait, prelude::*};

use super::batch::Batch;
use super::order_row;
use super::statements::Statements;
use crate::candles::Candle;
use crate::database::{asset, candle, cursor, instrument, order, portfolio, tape, to_sql, told, trade};
use crate::money::{number, position_price_text};
use crate::users::UserId;
use crate::views::{TAPE_KEPT, TapeRow};

/// Bars are kept this long: 90 days.
const CANDLES_KEPT_S: u64 = 90 * 24 * 3_600;

/// Writes batches.
pub(super) struct Writer {
    assets: Statements<asset::ActiveModel>,
    instruments: Statements<instrument::ActiveModel>,
    orders: Statements<order::ActiveModel>,
    fills: Statements<trade::ActiveModel>,
    holdings: Statements<portfolio::ActiveModel>,
    tape: Statements<tape::ActiveModel>,
    candles: Statements<candle::ActiveModel>,
    told: Statements<told::ActiveModel>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            assets: Statements::last_stays([asset::Column::Id], &[]),
            instruments: Statements::last_stays([instrument::Column::Id], &[]),
            orders: Statements::last_stays([order::Column::Id], &[order::Column::UserId]),
            fills: Statements::first_stays([trade::Column::Seq, trade::Column::EventIndex, trade::Column::TradeType]),
            holdings: Statements::last_stays(
                [portfolio::Column::UserId, portfolio::Column::Symbol],
                &[portfolio::Column::Id],
            ),
            tape: Statements::last_stays([tape::Column::InstrumentId, tape::Column::TradeId], &[]),
            candles: Statements::last_stays([candle::Column::InstrumentId, candle::Column::StartS], &[]),
            told: Statements::last_stays([told::Column::AccountId], &[]),
        }
    }

    /// Writes a batch, unless the cursor says that it was written: after a commit whose answer was lost.
    pub(super) async fn write(
        &mut self,
        database: &DatabaseConnection,
        batch: &Batch,
        instruments: &[Instrument],
    ) -> Result<(), DbErr> {
        let transaction = database.begin().await?;
        // The first statement writes, so that the transaction never has to become a writing one halfway.
        let moved = cursor::Entity::update_many()
            .col_expr(cursor::Column::Seq, Expr::value(to_sql(batch.seq)))
            .filter(cursor::Column::Id.eq(cursor::ONLY))
            .filter(cursor::Column::Seq.lt(to_sql(batch.seq)))
            .exec(&transaction)
            .await?;
        if moved.rows_affected == 0 {
            return transaction.rollback().await;
        }
        self.write_listings(&transaction, batch).await?;
        self.write_orders(&transaction, batch).await?;
        self.fills.write(&transaction, batch.fills.iter().cloned()).await?;
        self.write_holdings(&transaction, batch, instruments).await?;
        for (instrument, rows) in &batch.tape {
            self.write_tape(&transaction, *instrument, rows).await?;
        }
        self.write_candles(&transaction, batch).await?;
        self.write_told(&transaction, batch).await?;
        transaction.commit().await
    }

    async fn write_listings(&mut self, transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
        let assets = batch.assets.iter().map(|(id, asset)| asset::Model {
            id: id.0.into(),
            symbol: asset.symbol.to_string(),
            decimals: asset.decimals.into(),
        });
        let instruments = batch.instruments.iter().map(|(id, spec)| instrument::Model {
            id: id.0.into(),
            symbol: spec.symbol.to_string(),
            base_id: spec.base.0.into(),
            quote_id: spec.quote.0.into(),
            tick_mantissa: to_sql(spec.tick_mantissa),
            price_decimals: spec.price_decimals.into(),
            lot: spec.lot.0.to_string(),
            fee_in_received: spec.fee_asset == FeeAsset::Received,
        });
        self.assets.write(transaction, assets).await?;
        self.instruments.write(transaction, instruments).await
    }

    async fn write_orders(&mut self, transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
        let mut orders: Vec<_> = batch.orders.iter().collect();
        orders.sort_unstable_by_key(|(order, _)| **order);
        let orders = orders.into_iter().map(|(_, (user, view))| order_row::to_row(*user, view));
        self.orders.write(transaction, orders).await
    }

    async fn write_told(&mut self, transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
        let mut told: Vec<_> = batch.told.iter().collect();
        told.sort_unstable();
        let row =
            |(account, last): (&AccountId, &u64)| told::Model { account_id: account.0.into(), messages: to_sql(*last) };
        self.told.write(transaction, told.into_iter().map(row)).await
    }

    async fn write_holdings(
        &mut self,
        transaction: &DatabaseTransaction,
        batch: &Batch,
        instruments: &[Instrument],
    ) -> Result<(), DbErr> {
        let mut held = Vec::new();
        for ((user, instrument), (position, seq)) in &batch.holdings {
            let Some(instrument) = instruments.get(usize::from(instrument.0)) else { continue };
            if position.qty.0 > 0 {
                held.push(holding(*user, instrument, position, *seq));
                continue;
            }
            let mine = portfolio::Entity::delete_many().filter(portfolio::Column::UserId.eq(user.0));
            mine.filter(portfolio::Column::Symbol.eq(instrument.spec.symbol.to_string())).exec(transaction).await?;
        }
        self.holdings.write(transaction, held.into_iter()).await
    }

    async fn write_tape(
        &mut self,
        transaction: &DatabaseTransaction,
        instrument: InstrumentId,
        trades: &VecDeque<TapeRow>,
    ) -> Result<(), DbErr> {
        let Some(newest) = trades.back().map(|row| row.id.0) else { return Ok(()) };
        let models = trades.iter().map(|row| tape::Model {
            instrument_id: row.instrument.0.into(),
            trade_id: to_sql(row.id.0),
            price: to_sql(row.price.0),
            qty: to_sql(row.qty.0),
            taker_side: row.taker_side.map(|side| side.name().to_owned()),
            time_ns: to_sql(row.time_ns),
        });
        self.tape.write(transaction, models).await?;
        tape::Entity::delete_many()
            .filter(tape::Column::InstrumentId.eq(i32::from(instrument.0)))
            .filter(tape::Column::TradeId.lte(to_sql(newest.saturating_sub(TAPE_KEPT as u64))))
            .exec(transaction)
            .await?;
        Ok(())
    }

    async fn write_candles(&mut self, transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
        let row = |(&(id, _), bar): (&(InstrumentId, u64), &Candle)| candle::Model {
            instrument_id: id.0.into(),
            start_s: to_sql(bar.start_s),
            open: to_sql(bar.open.0),
            high: to_sql(bar.high.0),
            low: to_sql(bar.low.0),
            close: to_sql(bar.close.0),
            volume: bar.volume.0.to_string(),
        };
        self.candles.write(transaction, batch.candles.iter().map(row)).await?;
        // The last entry of each instrument is its newest bar; the key begins with the instrument, so nothing is scanned.
        let newest: BTreeMap<InstrumentId, u64> = batch.candles.keys().copied().collect();
        for (instrument, start_s) in newest {
            candle::Entity::delete_many()
                .filter(candle::Column::InstrumentId.eq(i32::from(instrument.0)))
                .filter(candle::Column::StartS.lt(to_sql(start_s.saturating_sub(CANDLES_KEPT_S))))
                .exec(transaction)
                .await?;
        }
        Ok(())
    }
}

fn holding(user: UserId, instrument: &Instrument, position: &Position, seq: u64) -> portfolio::ActiveModel {
    let (quantity, price) = (instrument.base.format(position.qty), position_price_text(instrument, position));
    let row = portfolio::Model {
        id: 0,
        user_id: user.0,
        symbol: instrument.spec.symbol.to_string(),
        quantity: number(&quantity),
        avg_price: number(&price),
        quantity_text: quantity,
        avg_price_text: price,
        realized_text: instrument.quote.format(position.realized),
        seq: to_sql(seq),
    };
    portfolio::ActiveModel { id: ActiveValue::NotSet, ..row.into() }
}
