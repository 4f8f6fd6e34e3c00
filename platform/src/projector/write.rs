//! A batch to the database: one transaction with the cursor, so that a crash leaves all of it or nothing.

use std::collections::{BTreeMap, VecDeque};

use papertape_engine::{AccountId, FeeAsset, Instrument, InstrumentId, Position};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable,
    TransactionTrait, prelude::*,
};

use super::batch::Batch;
use super::order_row;
use crate::candles::Candle;
use crate::database::{asset, candle, cursor, from_sql, instrument, order, portfolio, tape, to_sql, told, trade};
use crate::money::{number, position_price_text};
use crate::users::UserId;
use crate::views::{TAPE_KEPT, TapeRow};

/// Rows in one statement: SQLite takes at most 32,766 values, and no row has more than 64.
const CHUNK: usize = 500;

/// Bars are kept this long: 90 days.
const CANDLES_KEPT_S: u64 = 90 * 24 * 3_600;

/// Writes a batch, unless the cursor says that it was written: after a commit whose answer was lost.
pub(super) async fn write(
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
    write_listings(&transaction, batch).await?;
    write_orders(&transaction, batch).await?;
    write_fills(&transaction, &batch.fills).await?;
    for ((user, instrument), (position, seq)) in &batch.holdings {
        if let Some(instrument) = instruments.get(usize::from(instrument.0)) {
            write_holding(&transaction, *user, instrument, position, *seq).await?;
        }
    }
    for (instrument, rows) in &batch.tape {
        write_tape(&transaction, *instrument, rows).await?;
    }
    write_candles(&transaction, batch).await?;
    write_told(&transaction, batch).await?;
    transaction.commit().await
}

async fn write_listings(transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
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
    upsert(transaction, assets.collect(), [asset::Column::Id]).await?;
    upsert(transaction, instruments.collect(), [instrument::Column::Id]).await
}

async fn write_orders(transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
    let mut rows: Vec<_> = batch.orders.values().map(|(user, view)| order_row::to_row(*user, view)).collect();
    rows.sort_unstable_by_key(|row| from_sql(row.id));
    upsert(transaction, rows, [order::Column::Id]).await
}

async fn write_told(transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
    let row =
        |(account, last): (&AccountId, &u64)| told::Model { account_id: account.0.into(), messages: to_sql(*last) };
    let mut rows: Vec<_> = batch.told.iter().map(row).collect();
    rows.sort_unstable_by_key(|row| row.account_id);
    upsert(transaction, rows, [told::Column::AccountId]).await
}

async fn write_fills(transaction: &DatabaseTransaction, fills: &[trade::ActiveModel]) -> Result<(), DbErr> {
    let name = [trade::Column::Seq, trade::Column::EventIndex, trade::Column::TradeType];
    for chunk in fills.chunks(CHUNK) {
        let known = OnConflict::columns(name).do_nothing().to_owned();
        trade::Entity::insert_many(chunk.iter().cloned())
            .on_conflict(known)
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

async fn write_holding(
    transaction: &DatabaseTransaction,
    user: UserId,
    instrument: &Instrument,
    position: &Position,
    seq: u64,
) -> Result<(), DbErr> {
    let symbol = instrument.spec.symbol.to_string();
    if position.qty.0 <= 0 {
        let mine = portfolio::Entity::delete_many().filter(portfolio::Column::UserId.eq(user.0));
        mine.filter(portfolio::Column::Symbol.eq(symbol)).exec(transaction).await?;
        return Ok(());
    }
    let (quantity, price) = (instrument.base.format(position.qty), position_price_text(instrument, position));
    let row = portfolio::Model {
        id: 0,
        user_id: user.0,
        symbol,
        quantity: number(&quantity),
        avg_price: number(&price),
        quantity_text: quantity,
        avg_price_text: price,
        realized_text: instrument.quote.format(position.realized),
        seq: to_sql(seq),
    };
    let row = portfolio::ActiveModel { id: ActiveValue::NotSet, ..row.into() };
    let changing = portfolio::Column::iter().filter(|column| !matches!(column, portfolio::Column::Id));
    let known =
        OnConflict::columns([portfolio::Column::UserId, portfolio::Column::Symbol]).update_columns(changing).to_owned();
    portfolio::Entity::insert(row).on_conflict(known).exec_without_returning(transaction).await?;
    Ok(())
}

async fn write_tape(
    transaction: &DatabaseTransaction,
    instrument: InstrumentId,
    rows: &VecDeque<TapeRow>,
) -> Result<(), DbErr> {
    let Some(newest) = rows.back().map(|row| row.id.0) else { return Ok(()) };
    let models = rows.iter().map(|row| tape::Model {
        instrument_id: row.instrument.0.into(),
        trade_id: to_sql(row.id.0),
        price: to_sql(row.price.0),
        qty: to_sql(row.qty.0),
        taker_side: row.taker_side.map(|side| side.name().to_owned()),
        time_ns: to_sql(row.time_ns),
    });
    upsert(transaction, models.collect(), [tape::Column::InstrumentId, tape::Column::TradeId]).await?;
    tape::Entity::delete_many()
        .filter(tape::Column::InstrumentId.eq(i32::from(instrument.0)))
        .filter(tape::Column::TradeId.lte(to_sql(newest.saturating_sub(TAPE_KEPT as u64))))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn write_candles(transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), DbErr> {
    let row = |(&(id, _), bar): (&(InstrumentId, u64), &Candle)| candle::Model {
        instrument_id: id.0.into(),
        start_s: to_sql(bar.start_s),
        open: to_sql(bar.open.0),
        high: to_sql(bar.high.0),
        low: to_sql(bar.low.0),
        close: to_sql(bar.close.0),
        volume: bar.volume.0.to_string(),
    };
    let name = [candle::Column::InstrumentId, candle::Column::StartS];
    upsert(transaction, batch.candles.iter().map(row).collect(), name).await?;
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

/// Inserts rows whole; a row whose `key` exists is replaced.
async fn upsert<M, E, A, const K: usize>(
    transaction: &DatabaseTransaction,
    rows: Vec<M>,
    key: [E::Column; K],
) -> Result<(), DbErr>
where
    M: ModelTrait<Entity = E> + IntoActiveModel<A>,
    E: EntityTrait<Model = M>,
    A: ActiveModelTrait<Entity = E> + Send,
{
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(CHUNK).collect();
        let known = OnConflict::columns(key).update_columns(E::Column::iter()).to_owned();
        E::insert_many(chunk).on_conflict(known).exec_without_returning(transaction).await?;
    }
    Ok(())
}
