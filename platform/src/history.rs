//! What the database remembers: of a user, who is an argument of every such function, and of a market's chart.

use std::sync::Arc;

use papertape_engine::{InstrumentId, OrderId, Side};
use sea_orm::{DatabaseConnection, DbErr, QueryFilter, QueryOrder, QuerySelect, prelude::*};
use tokio::sync::Semaphore;

use crate::candles::{BegunChart, Candle};
use crate::database::{candle, order, portfolio, to_sql, trade};
use crate::order::{OrderStatus, OrderView};
use crate::projector::{candle_of, order_from_row, trade_type};
use crate::users::UserId;

/// Rows that one answer may have.
pub const HISTORY_PAGE_MAX: u64 = 500;

/// Which orders are wanted. The default is all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OrderFilter {
    /// Only in this instrument.
    pub instrument: Option<InstrumentId>,
    /// Only open (`true`) or ended (`false`) ones.
    pub open: Option<bool>,
    /// Only older ones than this.
    pub before: Option<OrderId>,
}

/// Which fills are wanted. The default is all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FillFilter {
    /// Only in this instrument.
    pub instrument: Option<InstrumentId>,
    /// Only rows with smaller numbers than this.
    pub before: Option<i64>,
    /// Only fills of this venue time, in nanoseconds, and later; the database counts microseconds.
    pub from_ns: Option<u64>,
    /// Only fills before this venue time.
    pub to_ns: Option<u64>,
}

/// A fill's name in the journal: an account may be on both sides of a trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FillName {
    /// The command.
    pub seq: u64,
    /// The event among the command's events.
    pub event_index: u64,
    /// The side.
    pub side: Side,
}

/// Base bars that are read at once.
const BARS_AT_ONCE: u64 = 10_000;

/// Reads rows as of the projections' cursor.
#[derive(Clone, Debug)]
pub struct History {
    database: DatabaseConnection,
    charts: Arc<Semaphore>,
}

impl History {
    pub(crate) fn new(database: DatabaseConnection, charts: Arc<Semaphore>) -> Self {
        Self { database, charts }
    }

    /// Orders, newest first, at most `limit` and [`HISTORY_PAGE_MAX`].
    pub async fn orders(&self, user: UserId, filter: OrderFilter, limit: u64) -> Result<Vec<OrderView>, DbErr> {
        let mut query = order::Entity::find().filter(order::Column::UserId.eq(user.0));
        if let Some(instrument) = filter.instrument {
            query = query.filter(order::Column::InstrumentId.eq(i32::from(instrument.0)));
        }
        if let Some(open) = filter.open {
            let wanted = OrderStatus::ALL.into_iter().filter(|status| status.is_open() == open);
            query = query.filter(order::Column::Status.is_in(wanted.map(OrderStatus::name)));
        }
        if let Some(before) = filter.before {
            query = query.filter(order::Column::Id.lt(to_sql(before.0)));
        }
        let page = query.order_by_desc(order::Column::Id).limit(limit.min(HISTORY_PAGE_MAX));
        page.all(&self.database).await?.iter().map(order_from_row).collect()
    }

    /// One order of this user.
    pub async fn order(&self, user: UserId, order: OrderId) -> Result<Option<OrderView>, DbErr> {
        let mine = order::Entity::find_by_id(to_sql(order.0)).filter(order::Column::UserId.eq(user.0));
        mine.one(&self.database).await?.as_ref().map(order_from_row).transpose()
    }

    /// The orders of one of this user's lists, by their numbers.
    pub async fn orders_of_list(&self, user: UserId, list: OrderId) -> Result<Vec<OrderView>, DbErr> {
        let mine = order::Entity::find().filter(order::Column::UserId.eq(user.0));
        // A list's orders are numbered one after the other, so that the primary key finds them.
        let near = mine.filter(order::Column::Id.between(to_sql(list.0), to_sql(list.0.saturating_add(2))));
        let rows = near.filter(order::Column::ListId.eq(to_sql(list.0))).order_by_asc(order::Column::Id);
        rows.all(&self.database).await?.iter().map(order_from_row).collect()
    }

    /// Fills, newest first, at most `limit` and [`HISTORY_PAGE_MAX`].
    pub async fn trades(&self, user: UserId, limit: u64) -> Result<Vec<trade::Model>, DbErr> {
        let mine = trade::Entity::find().filter(trade::Column::UserId.eq(user.0));
        mine.order_by_desc(trade::Column::Id).limit(limit.min(HISTORY_PAGE_MAX)).all(&self.database).await
    }

    /// The user's own fills, newest first, at most `limit` and [`HISTORY_PAGE_MAX`]. Rows are numbered as they are written,
    /// which is in the order of the journal, so that the number of a page's last row says where the next page begins,
    /// whatever is written meanwhile.
    pub async fn fills(&self, user: UserId, filter: FillFilter, limit: u64) -> Result<Vec<trade::Model>, DbErr> {
        let mut query = trade::Entity::find().filter(trade::Column::UserId.eq(user.0));
        if let Some(instrument) = filter.instrument {
            query = query.filter(trade::Column::InstrumentId.eq(i32::from(instrument.0)));
        }
        if let Some(before) = filter.before {
            query = query.filter(trade::Column::Id.lt(before));
        }
        if let Some(to_ns) = filter.to_ns {
            query = query.filter(trade::Column::Id.lt(self.first_fill_from(to_ns).await?));
        }
        if let Some(from_ns) = filter.from_ns {
            query = query.filter(trade::Column::Id.gte(self.first_fill_from(from_ns).await?));
        }
        query.order_by_desc(trade::Column::Id).limit(limit.min(HISTORY_PAGE_MAX)).all(&self.database).await
    }

    /// The number of the row of one of this user's fills.
    pub async fn fill_row(&self, user: UserId, name: FillName) -> Result<Option<i64>, DbErr> {
        let named = trade::Entity::find()
            .filter(trade::Column::TradeType.eq(trade_type(name.side)))
            .filter(trade::Column::Seq.eq(to_sql(name.seq)))
            .filter(trade::Column::EventIndex.eq(to_sql(name.event_index)));
        let row = named.filter(trade::Column::UserId.eq(user.0)).one(&self.database).await?;
        Ok(row.map(|row| row.id))
    }

    /// The number of the first row of this venue time or later; one that no row has yet, if there is none. Venue time does
    /// not go back, so rows are in its order, and halving finds it.
    async fn first_fill_from(&self, time_ns: u64) -> Result<i64, DbErr> {
        let newest = trade::Entity::find().order_by_desc(trade::Column::Id).one(&self.database).await?;
        let (mut low, mut high) = (0, newest.map_or(0, |row| row.id) + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let next = trade::Entity::find().filter(trade::Column::Id.gte(middle)).order_by_asc(trade::Column::Id);
            match next.one(&self.database).await? {
                Some(row) if row.timestamp.unix_timestamp_nanos() / 1_000 < i128::from(time_ns / 1_000) => {
                    low = row.id + 1
                }
                Some(_) | None => high = middle,
            }
        }
        Ok(low)
    }

    /// A chart that begins before what is in memory.
    pub async fn chart(&self, instrument: InstrumentId, chart: BegunChart) -> Result<Vec<Candle>, DbErr> {
        let BegunChart { mut roll, kept_from_s, recent } = chart;
        // It is never closed; without a place nothing would be lost but the order in which charts are read.
        let _place = self.charts.acquire().await;
        let mine = candle::Entity::find().filter(candle::Column::InstrumentId.eq(i32::from(instrument.0)));
        let mut next_s = roll.first_s();
        if let Some(before) = self.bar_row_before(instrument, next_s.min(kept_from_s)).await? {
            roll.take(&candle_of(&before)?);
        }
        loop {
            let page = mine.clone().filter(candle::Column::StartS.gte(to_sql(next_s)));
            let page = page.filter(candle::Column::StartS.lt(to_sql(roll.end_s().min(kept_from_s))));
            let rows = page.order_by_asc(candle::Column::StartS).limit(BARS_AT_ONCE).all(&self.database).await?;
            for row in &rows {
                let bar = candle_of(row)?;
                next_s = bar.start_s + 1;
                roll.take(&bar);
            }
            if (rows.len() as u64) < BARS_AT_ONCE {
                break;
            }
        }
        recent.iter().for_each(|bar| roll.take(bar));
        Ok(roll.finish())
    }

    /// Whether a base bar is stored that begins before a second.
    pub async fn has_bar_before(&self, instrument: InstrumentId, second: u64) -> Result<bool, DbErr> {
        Ok(self.bar_row_before(instrument, second).await?.is_some())
    }

    async fn bar_row_before(&self, instrument: InstrumentId, second: u64) -> Result<Option<candle::Model>, DbErr> {
        let mine = candle::Entity::find().filter(candle::Column::InstrumentId.eq(i32::from(instrument.0)));
        let before = mine.filter(candle::Column::StartS.lt(to_sql(second.min(i64::MAX as u64))));
        before.order_by_desc(candle::Column::StartS).one(&self.database).await
    }

    /// Holdings, by symbol.
    pub async fn portfolio(&self, user: UserId) -> Result<Vec<portfolio::Model>, DbErr> {
        let mine = portfolio::Entity::find().filter(portfolio::Column::UserId.eq(user.0));
        mine.order_by_asc(portfolio::Column::Symbol).all(&self.database).await
    }
}
