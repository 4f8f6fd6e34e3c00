//! Entry of order lists: what REST and WebSocket both do with a list.

use std::time::Instant;

use papertape_engine::{AccountId, Command, Event, OrderId, Reason};
use papertape_platform::OrderView;

use super::level::{Asker, When};
use super::tickets::Reply;
use crate::app::App;
use crate::errors::Failure;
use crate::translate::find;
use crate::translate::lists::{self, ListBody, ListMessage};

/// A list as it was right after the command, and the command's number.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The list.
    pub list: ListMessage,
    /// The command.
    pub seq: u64,
}

/// Places a list. The same name with the same body gives the first list back.
pub(crate) async fn place(app: &App, asker: Asker, body: &ListBody) -> Result<Listed, Failure> {
    app.orders.check(asker.account, Instant::now())?;
    let command = {
        let views = app.views.read();
        let (id, instrument) = find(&views, &body.symbol)?;
        lists::place(asker.account, id, instrument, body)?
    };
    let reply = app.desk.submit_for(asker, Command::PlaceList(command)).await?;
    let (list, orders) = match placed(&reply, asker.account) {
        Placed::New(list, orders) => (list, orders),
        Placed::Before(list) => {
            let ahead = (asker.level.when == When::Applied).then(|| orders_ahead(app, asker.account, list));
            match ahead.filter(|orders| is_whole(orders, list)) {
                Some(orders) => (list, orders),
                None => (list, find_orders(app, asker.account, list).await?),
            }
        }
    };
    let message = lists::message(&*app.views.read(), list, &orders);
    let list = message.ok_or_else(|| Failure::internal("a list without orders"))?;
    Ok(Listed { list, seq: reply.seq })
}

/// A list by the number of its first order.
pub(crate) async fn get(app: &App, account: AccountId, list: OrderId) -> Result<ListMessage, Failure> {
    let orders = find_orders(app, account, list).await?;
    let message = lists::message(&*app.views.read(), list, &orders);
    message.ok_or_else(|| Reason::UnknownOrder.into())
}

enum Placed {
    /// Its orders as they were right after the command.
    New(OrderId, Vec<OrderView>),
    /// It is the repeat of this one.
    Before(OrderId),
}

fn placed(reply: &Reply, account: AccountId) -> Placed {
    let repeated = reply.events.iter().find_map(|event| match event {
        Event::Repeated { order, .. } => Some(*order),
        _ => None,
    });
    let accepted = |event: &Event| match event {
        Event::Accepted(accepted) => Some(accepted.order),
        _ => None,
    };
    let first = reply.events.iter().find_map(accepted).unwrap_or_default();
    let mut orders: Vec<_> = reply.orders.iter().filter(|view| view.list == Some(first)).cloned().collect();
    // An order that has ended at once is named twice.
    orders.sort_by_key(|view| view.order);
    orders.dedup_by_key(|view| view.order);
    debug_assert!(orders.iter().all(|view| view.account == account), "a list is of one account");
    repeated.map_or(Placed::New(first, orders), Placed::Before)
}

/// From what is ahead of the others: whoever does not wait for the disk may repeat a list that they do not know yet.
fn orders_ahead(app: &App, account: AccountId, list: OrderId) -> Vec<OrderView> {
    app.ahead.read().as_ref().map(|views| views.orders_of_list(account, list)).unwrap_or_default()
}

/// Whether they begin with the list's first order, by whose number it goes.
fn is_whole(orders: &[OrderView], list: OrderId) -> bool {
    orders.first().is_some_and(|view| view.order == list)
}

/// From memory, and of orders that ended long ago from the database.
async fn find_orders(app: &App, account: AccountId, list: OrderId) -> Result<Vec<OrderView>, Failure> {
    let known = app.views.read().orders_of_list(account, list);
    let is_known = is_whole(&known, list);
    let Some(user) = app.platform.users().directory().user_of(account).filter(|_| !is_known) else { return Ok(known) };
    app.rows_are_current().await;
    let mut orders = known;
    orders.extend(app.platform.history().orders_of_list(user, list).await.map_err(Failure::internal)?);
    orders.sort_by_key(|view| view.order);
    orders.dedup_by_key(|view| view.order);
    Ok(orders)
}
