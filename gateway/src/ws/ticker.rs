//! `/ws/{ticker}`: what a market does, each second, as JSON with numbers.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::{Path, State};
use axum::response::Response;

use super::connection::{self, Conversation};
use super::handshake::Handshake;
use crate::app::App;
use crate::errors::Failure;
use crate::hub::{Encoding, End, Outbox, Request, Topic};
use crate::metrics::SocketKind;

/// Nothing that a client says changes anything here.
struct Listening;

impl Conversation for Listening {
    async fn hear(&mut self, _: &str) {}

    fn poll_proceed(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    /// Whoever listens here knows one shape alone.
    fn shutdown_notice(&self) -> Option<String> {
        None
    }
}

/// Opens the feed of one market. All listeners of a market share one feed. An unknown ticker is accepted and then
/// closed with 4404, because a browser is not shown the status of a refused WebSocket.
#[utoipa::path(
    get, path = "/ws/{ticker}", tag = "plain", summary = "WebSocket: a market's tile, each second",
    params(("ticker" = String, Path, description = "The market: `BTC-USD`, `BTCUSD` or `BTC`.", example = "BTC-USD")),
    responses(
        (status = 101, description = "Messages `{symbol, price, volume, change_percentage, timestamp}` follow each second. An unknown ticker is closed with 4404, a slow reader with 1013."),
        (status = 400, description = "Not version 13 of the protocol, or no key (`NOT_A_WEBSOCKET`).", body = crate::errors::Detail),
        (status = 403, description = "Opened from another site's page.", body = crate::errors::Detail),
        (status = 426, description = "Not a request for a WebSocket (`NOT_A_WEBSOCKET`).", body = crate::errors::Detail),
    ),
)]
pub(crate) async fn feed(
    State(app): State<Arc<App>>,
    Path(ticker): Path<String>,
    handshake: Handshake,
) -> Result<Response, Failure> {
    let instrument = app.views.read().find_symbol(&ticker);
    handshake.accept(&Arc::clone(&app), async move |opened| {
        let (connection, outbox) = (app.next_connection(), Arc::new(Outbox::new(Arc::clone(&opened.stream))));
        match instrument {
            None => outbox.end(End::UnknownTicker),
            Some(instrument) => {
                let (topic, outbox) = (Topic::Tile(instrument), Arc::clone(&outbox));
                let encoding = Encoding::Json;
                let listen = Request::Listen { connection, outbox, topic, encoding, resume: None, confirmation: None };
                app.ask_hub(listen).await;
            }
        }
        connection::run(&app, SocketKind::Ticker, opened, &outbox, &mut Listening).await;
        app.ask_hub(Request::Forget(connection)).await;
    })
}
