//! What the database remembers of a user. The owner is an argument of every function.

use papertape_engine::{InstrumentId, OrderId};
use sea_orm::{DatabaseConnection, DbErr, QueryFilter, QueryOrder, QuerySelect, prelude::*};

use crate::database::{order, portfolio, to_sql, trade};
use crate::order::{OrderStatus, OrderView};
use crate::projector::order_from_row;
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

/// Reads rows as of the projections' cursor.
#[derive(Clone, Debug)]
pub struct History {
    database: DatabaseConnection,
}

impl History {
    pub(crate) fn new(database: DatabaseConnection) -> Self {
        Self { database }
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

    /// Holdings, by symbol.
    pub async fn portfolio(&self, user: UserId) -> Result<Vec<portfolio::Model>, DbErr> {
        let mine = portfolio::Entity::find().filter(portfolio::Column::UserId.eq(user.0));
        mine.order_by_asc(portfolio::Column::Symbol).all(&self.database).await
    }
}
