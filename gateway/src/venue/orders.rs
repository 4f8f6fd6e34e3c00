//! Order entry: what REST and WebSocket both do with an order.

use std::time::Instant;

use papertape_engine::{CancelCause, Command, Event, InstrumentId, KillScope, OrderRef, Side};
use papertape_platform::{OrderView, Views};

use super::level::{Asker, When};
use super::tickets::Reply;
use crate::app::App;
use crate::errors::Failure;
use crate::translate::number::Decimal;
use crate::translate::orders::{OrderMessage, order};
use crate::translate::requests::OrderBody;
use crate::translate::{commands, find};

/// An order as it was right after the command, and the command's number.
#[derive(Debug)]
pub(crate) struct Done {
    /// The order.
    pub order: OrderMessage,
    /// The command.
    pub seq: u64,
}

/// Places an order. The same client order id with the same body gives the first order back.
pub(crate) async fn place(app: &App, asker: Asker, body: &OrderBody) -> Result<Done, Failure> {
    let command = placing(app, asker, body)?;
    looked_up(app, app.desk.submit_for(asker, command).await?).await
}

/// The command that places an order.
pub(crate) fn placing(app: &App, asker: Asker, body: &OrderBody) -> Result<Command, Failure> {
    app.orders.check(asker.account, Instant::now())?;
    let views = app.views.read();
    let (id, instrument) = find(&views, &body.symbol)?;
    commands::place(asker.account, id, instrument, body).map(Command::Place)
}

/// Whether the order is one that only the database may have, so that it is to be [`looked_up`].
pub(crate) fn is_elsewhere(reply: &Reply) -> bool {
    reply.orders.is_empty() && reply.events.iter().any(|event| matches!(event, Event::Repeated { .. }))
}

/// The order that a command was about, wherever it is.
pub(crate) async fn looked_up(app: &App, mut reply: Reply) -> Result<Done, Failure> {
    if is_elsewhere(&reply) {
        reply.orders.extend(ended_before(app, &reply).await?);
    }
    one(app, &reply)
}

/// The first order of a repeated one that ended so long ago, or before the venue started, that only the database has it.
async fn ended_before(app: &App, reply: &Reply) -> Result<Option<OrderView>, Failure> {
    let repeated = reply.events.iter().find_map(|event| match event {
        Event::Repeated { account, order, .. } => Some((app.platform.users().directory().user_of(*account)?, *order)),
        _ => None,
    });
    let Some((user, order)) = repeated else { return Ok(None) };
    app.rows_are_current().await;
    app.platform.history().order(user, order).await.map_err(Failure::internal)
}

/// Changes price or total quantity of a resting order.
pub(crate) async fn amend(
    app: &App,
    asker: Asker,
    which: OrderRef,
    price: Option<&Decimal>,
    qty: Option<&Decimal>,
) -> Result<Done, Failure> {
    let command = amending(app, asker, which, price, qty)?;
    one(app, &app.desk.submit_for(asker, command).await?)
}

/// The command that does it.
pub(crate) fn amending(
    app: &App,
    asker: Asker,
    which: OrderRef,
    price: Option<&Decimal>,
    qty: Option<&Decimal>,
) -> Result<Command, Failure> {
    app.orders.check(asker.account, Instant::now())?;
    let instrument = instrument_of(app, asker, which).ok_or(papertape_engine::Reason::UnknownOrder)?;
    let views = app.views.read();
    let instrument = views.instrument(instrument).ok_or(papertape_engine::Reason::UnknownOrder)?;
    commands::amend(asker.account, which, instrument, price, qty)
}

/// The market of an order. Whoever does not wait for the disk may name an order that the others do not know yet.
fn instrument_of(app: &App, asker: Asker, which: OrderRef) -> Option<InstrumentId> {
    let find = |views: &Views| views.find_order(asker.account, which).map(|known| known.instrument);
    let ahead = || app.ahead.read().as_ref().and_then(find);
    find(&app.views.read()).or_else(|| (asker.level.when == When::Applied).then(ahead).flatten())
}

/// Ends one order, and the list that it is in.
pub(crate) async fn cancel(app: &App, asker: Asker, which: OrderRef) -> Result<Done, Failure> {
    let command = cancelling(app, asker, which)?;
    one(app, &app.desk.submit_for(asker, command).await?)
}

/// The command that does it.
pub(crate) fn cancelling(app: &App, asker: Asker, which: OrderRef) -> Result<Command, Failure> {
    app.cancels.check(asker.account, Instant::now())?;
    Ok(Command::Cancel { account: asker.account, order: which })
}

/// Ends all orders of the account, or those of one market or side.
pub(crate) async fn cancel_all(
    app: &App,
    asker: Asker,
    symbol: Option<&str>,
    side: Option<Side>,
) -> Result<(Vec<OrderMessage>, u64), Failure> {
    app.cancels.check(asker.account, Instant::now())?;
    let instrument = symbol.map(|symbol| find(&app.views.read(), symbol).map(|(id, _)| id)).transpose()?;
    ended(app, asker, Command::CancelAll { account: asker.account, instrument, side }).await
}

/// Stops the account's trading, or allows it again; gives the orders that ended by it.
pub(crate) async fn set_kill_switch(
    app: &App,
    asker: Asker,
    engaged: bool,
) -> Result<(Vec<OrderMessage>, u64), Failure> {
    let scope = KillScope::Account(asker.account);
    ended(app, asker, Command::SetKillSwitch { scope, engaged }).await
}

/// The orders of the account that a command ended, and the command's number.
async fn ended(app: &App, asker: Asker, command: Command) -> Result<(Vec<OrderMessage>, u64), Failure> {
    let reply = app.desk.submit_for(asker, command).await?;
    let views = app.views.read();
    let mine = reply.orders.iter().filter(|view| view.account == asker.account);
    Ok((mine.filter_map(|view| order(&*views, view)).collect(), reply.seq))
}

/// The order that a command was about.
pub(crate) fn one(app: &App, reply: &Reply) -> Result<Done, Failure> {
    let view = about(reply)?;
    let message = order(&*app.views.read(), view);
    let order = message.ok_or_else(|| Failure::internal("an order of an instrument that is not listed"))?;
    Ok(Done { order, seq: reply.seq })
}

/// The order that a command was about, as it was right after it: not those of lists that ended with it, or just before.
pub(crate) fn about(reply: &Reply) -> Result<&OrderView, Failure> {
    let sentence = "The order ended long ago; look it up in the history.";
    let named = reply.orders.iter().find(|view| view.cancel_cause != Some(CancelCause::List));
    named.ok_or_else(|| Failure::not_found(sentence))
}
