//! Order entry and one's own orders.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use papertape_engine::{AccountId, InstrumentId, OrderId, OrderRef};
use papertape_platform::{HISTORY_PAGE_MAX, OrderFilter, OrderView, Views};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::market::limit;
use super::{AnswerAt, OwnProblems};
use crate::app::App;
use crate::edge::acknowledged::{Acknowledged, Answered};
use crate::edge::body::{JsonBody, QueryOf};
use crate::edge::caller::Caller;
use crate::errors::Failure;
use crate::translate::cursor::{self, Of};
use crate::translate::orders::{OrderMessage, QueuedOrderMessage, order, queued};
use crate::translate::requests::{AmendBody, OrderBody, SideWord};
use crate::translate::{commands, find};
use crate::venue::orders;

/// Which orders to list.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wanted {
    /// Those that can still trade.
    #[default]
    Open,
    /// Those that have ended.
    Closed,
    /// Both.
    All,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only in this market.
    #[serde(default)]
    #[param(example = "BTC-USD")]
    symbol: Option<String>,
    /// Open, closed or all.
    #[serde(default)]
    #[param(inline)]
    status: Wanted,
    /// At most this many, 1 to 1000.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
    /// The `papertape-next-cursor` of the page before; the rest of the query stays the same.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelQuery {
    /// Only in this market.
    #[serde(default)]
    symbol: Option<String>,
    /// Only on this side.
    #[serde(default)]
    #[param(inline)]
    side: Option<SideWord>,
    /// Only the order of this name; goes with neither of the others.
    #[serde(default)]
    client_order_id: Option<String>,
}

/// What was cancelled.
#[derive(Serialize, ToSchema)]
pub(crate) struct CancelledMessage {
    /// The orders, as they ended.
    cancelled: Vec<OrderMessage>,
}

/// Places an order.
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders", summary = "Place an order", security(("bearer" = [])),
    request_body = OrderBody,
    params(AnswerAt),
    responses((status = 201, description = "The order, with what it did at once.", body = OrderMessage), OwnProblems),
)]
pub(crate) async fn place(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody<OrderBody>,
) -> Result<(StatusCode, Answered<OrderMessage>), Failure> {
    let asker = caller.asker()?;
    let done = orders::place(&app, asker, &body).await?;
    Ok((StatusCode::CREATED, Answered(Acknowledged::to(asker, done.seq), done.order)))
}

/// Lists one's own orders, newest first by number. The answer's header `papertape-next-cursor` says where the next page
/// begins. Orders that come while pages are read are newer than the first page, and shift nothing.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", summary = "My orders", security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "Newest first.", body = Vec<OrderMessage>, headers(
            ("papertape-next-cursor" = String, description = "The `cursor` of the next page; absent on the last one."),
        )),
        OwnProblems,
    ),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    QueryOf(query): QueryOf<ListQuery>,
) -> Result<(HeaderMap, Json<Vec<OrderMessage>>), Failure> {
    let (account, limit) = (caller.account()?, limit(query.limit)?);
    let symbol = query.symbol.as_deref();
    let instrument = symbol.map(|symbol| find(&app.views.read(), symbol).map(|(id, _)| id)).transpose()?;
    let before =
        query.cursor.as_deref().map(|text| cursor::read(Of::Orders, text).map(|[id]| OrderId(id))).transpose()?;
    // One more than a page tells whether there is a next one.
    let mut listed = listed(&app, (caller, account), (instrument, before), query.status, limit + 1).await?;
    listed.sort_by_key(|view| std::cmp::Reverse(view.order));
    listed.dedup_by_key(|view| view.order);
    let is_last = listed.len() <= limit;
    listed.truncate(limit);
    let next = listed.last().filter(|_| !is_last).map(|view| cursor::write(Of::Orders, [view.order.0]));
    let views = app.views.read();
    let page = listed.iter().filter_map(|view| order(&*views, view)).collect();
    Ok((cursor::headers(next.as_deref()), Json(page)))
}

/// Open orders from memory, ended ones from the database. One that ends in between may come from both; the database's
/// is the newer one and goes first.
async fn listed(
    app: &App,
    (caller, account): (Caller, AccountId),
    (instrument, before): (Option<InstrumentId>, Option<OrderId>),
    wanted: Wanted,
    limit: usize,
) -> Result<Vec<OrderView>, Failure> {
    let mut open = match wanted {
        Wanted::Closed => Vec::new(),
        Wanted::Open | Wanted::All => app.views.read().open_orders(account, instrument),
    };
    open.retain(|view| before.is_none_or(|before| view.order < before));
    if wanted == Wanted::Open {
        return Ok(open);
    }
    app.rows_are_current().await;
    let mut ended: Vec<OrderView> = Vec::new();
    while ended.len() < limit {
        let before = ended.last().map(|view| view.order).or(before);
        let (filter, rest) = (OrderFilter { instrument, open: Some(false), before }, (limit - ended.len()) as u64);
        let page = app.platform.history().orders(caller.user, filter, rest).await.map_err(Failure::internal)?;
        let is_last = (page.len() as u64) < rest.min(HISTORY_PAGE_MAX);
        ended.extend(page);
        if is_last {
            break;
        }
    }
    Ok(ended.into_iter().chain(open).collect())
}

/// Cancels all orders, those of a market or side, or the one with a client's name.
#[utoipa::path(delete, path = "/api/v1/orders", tag = "orders", summary = "Cancel orders", security(("bearer" = [])),
    params(CancelQuery, AnswerAt),
    responses((status = 200, description = "What was cancelled.", body = CancelledMessage), OwnProblems),
)]
pub(crate) async fn cancel_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    QueryOf(query): QueryOf<CancelQuery>,
) -> Result<Answered<CancelledMessage>, Failure> {
    let asker = caller.asker()?;
    let (cancelled, seq) = match &query.client_order_id {
        Some(_) if query.symbol.is_some() || query.side.is_some() => {
            return Err(Failure::field("client_order_id", "goes with neither symbol nor side"));
        }
        Some(name) => {
            let which = OrderRef::Client(commands::client_order_id(name)?);
            let done = orders::cancel(&app, asker, which).await?;
            (vec![done.order], done.seq)
        }
        None => orders::cancel_all(&app, asker, query.symbol.as_deref(), query.side.map(Into::into)).await?,
    };
    Ok(Answered(Acknowledged::to(asker, seq), CancelledMessage { cancelled }))
}

/// One of one's own orders.
#[utoipa::path(get, path = "/api/v1/orders/{order_id}", tag = "orders", summary = "One order",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "The venue's number.")),
    responses((status = 200, description = "The order.", body = QueuedOrderMessage), OwnProblems),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(order_id): Path<String>,
) -> Result<Json<QueuedOrderMessage>, Failure> {
    let (account, id) = (caller.account()?, commands::order_id_of(&order_id)?);
    let unknown = || Failure::from(papertape_engine::Reason::UnknownOrder);
    let known = known(&app.views.read(), account, id);
    let message = match known {
        Some(message) => Some(message),
        None => {
            let view = app.platform.history().order(caller.user, id).await.map_err(Failure::internal)?;
            view.and_then(|view| queued(&*app.views.read(), &view, None))
        }
    };
    message.map(Json).ok_or_else(unknown)
}

/// An order and its place, as of one moment.
fn known(views: &Views, account: AccountId, id: OrderId) -> Option<QueuedOrderMessage> {
    queued(views, views.order(account, id)?, views.queue_place(account, id))
}

/// Changes price or total quantity of a resting order.
#[utoipa::path(patch, path = "/api/v1/orders/{order_id}", tag = "orders", summary = "Amend an order",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "The venue's number."), AnswerAt),
    request_body = AmendBody,
    responses((status = 200, description = "The order, with what it did at once.", body = OrderMessage), OwnProblems),
)]
pub(crate) async fn amend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(order_id): Path<String>,
    JsonBody(body): JsonBody<AmendBody>,
) -> Result<Answered<OrderMessage>, Failure> {
    let (asker, which) = (caller.asker()?, OrderRef::Id(commands::order_id_of(&order_id)?));
    let done = orders::amend(&app, asker, which, body.price.as_ref(), body.qty.as_ref()).await?;
    Ok(Answered(Acknowledged::to(asker, done.seq), done.order))
}

/// Cancels one order.
#[utoipa::path(delete, path = "/api/v1/orders/{order_id}", tag = "orders", summary = "Cancel an order",
    security(("bearer" = [])), params(("order_id" = String, Path, description = "The venue's number."), AnswerAt),
    responses((status = 200, description = "The order, as it ended.", body = OrderMessage), OwnProblems),
)]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(order_id): Path<String>,
) -> Result<Answered<OrderMessage>, Failure> {
    let (asker, which) = (caller.asker()?, OrderRef::Id(commands::order_id_of(&order_id)?));
    let done = orders::cancel(&app, asker, which).await?;
    Ok(Answered(Acknowledged::to(asker, done.seq), done.order))
}
