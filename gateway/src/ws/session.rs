//! `/api/v1/ws`: one client's session. Subscriptions go to the hub, orders to the desk; the answers come in the order
//! in which they are ready, told apart by `id`.

use std::collections::HashSet;
use std::future::pending;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use papertape_engine::{AccountId, Command, InstrumentId};
use papertape_platform::{Interval, KeyId, Origin, Permissions, Revoked};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

use super::answers::{acknowledged, answer_to, done, refused};
use super::connection::{self, Conversation};
use super::entered::{Answered, Entered, Later};
use super::handshake::Handshake;
use super::protocol::{Answer, Ask, Pong, Resumption, Shutdown, text};
use crate::app::App;
use crate::edge::body::read_json;
use crate::edge::caller::Caller;
use crate::edge::client::From;
use crate::edge::signed::{self, Claim};
use crate::errors::Failure;
use crate::hub::{ConnectionId, Encoding, End, Frames, Outbox, Request, Resume, Topic, text as text_frame};
use crate::metrics::SocketKind;
use crate::translate::commands::order_ref;
use crate::translate::lists::ListBody;
use crate::translate::requests::{AmendParams, CancelAllParams, CancelParams, KillSwitchBody, OrderBody};
use crate::translate::{find, time};
use crate::venue::level::Asker;
use crate::venue::lists::{self, Listed};
use crate::venue::orders;

/// Most topics that one connection listens to.
const TOPICS_MAX: usize = 200;

/// Most order requests of one connection that wait for their answer.
const IN_FLIGHT_MAX: usize = 64;

/// A key is looked at again after this long at the latest, in milliseconds.
const LOOK_AGAIN_MS: u64 = 60_000;

/// What a wrong channel is told.
const CHANNELS: &str = "must be trades, l1, book, l3, ticker, candles, status, orders, balances, positions, \
    market-data:<symbol>, trade-events:<userId> or position-updates:<userId>";

/// Opens a session: market data for everybody, own orders and order entry after `auth`.
#[utoipa::path(
    get, path = "/api/v1/ws", tag = "stream", summary = "WebSocket: market data, own orders, order entry",
    responses(
        (status = 101, description = "Requests are one JSON object a message, at most 16 KiB: `{\"op\":\"subscribe\",\"id\":\"1\",\"channel\":\"book\",\"symbol\":\"BTC-USD\"}` and so on. Channels: trades, l1, book, l3, ticker, candles, status; orders, balances, positions; market-data:<symbol>, trade-events:<userId>, position-updates:<userId>. Messages are numbered; `resume` gets what was missed; `encoding` may be binary. Of a slow reader public messages are merged; one that leaves 1 MiB of its own unread is closed with 1013. All of it: docs/protocol-ws.md."),
        (status = 400, description = "Not version 13 of the protocol, or no key (`NOT_A_WEBSOCKET`).", body = crate::errors::Problem, content_type = "application/problem+json"),
        (status = 403, description = "Opened from another site's page.", body = crate::errors::Problem, content_type = "application/problem+json"),
        (status = 426, description = "Not a request for a WebSocket (`NOT_A_WEBSOCKET`).", body = crate::errors::Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn open(State(app): State<Arc<App>>, from: From, handshake: Handshake) -> Result<Response, Failure> {
    handshake.accept(&Arc::clone(&app), async move |opened| {
        let (outbox, connection) = (Arc::new(Outbox::new(Arc::clone(&opened.stream))), app.next_connection());
        let mut session = Session {
            app: Arc::clone(&app),
            connection,
            outbox: Arc::clone(&outbox),
            origin: from.origin,
            caller: None,
            topics: HashSet::new(),
            entered: Entered::new(),
            in_flight: FuturesUnordered::new(),
            watch: JoinSet::new(),
        };
        connection::run(&app, SocketKind::Session, opened, &outbox, &mut session).await;
        app.ask_hub(Request::Forget(connection)).await;
    })
}

struct Session {
    app: Arc<App>,
    connection: ConnectionId,
    outbox: Arc<Outbox>,
    origin: Origin,
    caller: Option<Caller>,
    topics: HashSet<Topic>,
    /// Commands about one order.
    entered: Entered,
    /// What takes more than one command, or one reply.
    in_flight: FuturesUnordered<Later>,
    /// Who ends the connection when the session or the key ends that the caller came with. It ends with the connection.
    watch: JoinSet<()>,
}

impl Conversation for Session {
    async fn hear(&mut self, text: &str) {
        let answer = match read_json::<Ask>(text.as_bytes()).and_then(checked) {
            Ok(mut ask) => match self.obey(&mut ask).await {
                Ok(answer) => answer,
                Err(failure) => Some(refused(&self.app, answer_to(&mut ask), &failure).frame()),
            },
            Err(failure) => Some(refused(&self.app, Answer::default(), &failure).frame()),
        };
        if let Some(answer) = answer {
            self.outbox.push(answer);
        }
    }

    fn poll_proceed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut is_ready = self.entered.poll(context, &self.app, |answered| match answered {
            Answered::Now(answer) => self.outbox.push(answer),
            Answered::Later(answer) => self.in_flight.push(answer),
        });
        while let Poll::Ready(Some(answer)) = self.in_flight.poll_next_unpin(context) {
            self.outbox.push(answer);
            is_ready = Poll::Ready(());
        }
        is_ready
    }

    fn shutdown_notice(&self) -> Option<String> {
        let (closes_in_ms, now) = (self.app.drain.as_millis() as u64, time::now_ns());
        Some(text(&Shutdown { kind: "server_shutdown", closes_in_ms, time_ms: time::millis(now) }))
    }
}

/// What whoever names another user is told.
fn others() -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "FORBIDDEN", "This topic is another user's.")
}

/// What is told of sessions and keys that end.
struct Ends {
    sessions: Receiver<Revoked>,
    keys: Receiver<KeyId>,
}

impl Ends {
    /// From now on.
    fn of(app: &App) -> Self {
        Self { sessions: app.platform.users().directory().revocations(), keys: app.platform.api_keys().changes() }
    }

    /// Completes when that ends with which the caller came.
    async fn reach(self, app: &App, caller: Caller, origin: &Origin) {
        tokio::select! {
            () = is_revoked(app, caller, self.sessions) => {}
            () = is_key_over(app, caller, origin, self.keys) => {}
        }
    }
}

/// Completes when the session is ended under which the connection was opened. One whose time is over is not: the connection
/// shows that its user is there still.
async fn is_revoked(app: &App, caller: Caller, mut revocations: Receiver<Revoked>) {
    loop {
        let is_over = match revocations.recv().await {
            Ok(Revoked::Session(session)) => session == caller.session,
            Ok(Revoked::User(user)) => user == caller.user && !caller.is_open(app),
            Err(RecvError::Lagged(_)) => !caller.is_open(app),
            Err(RecvError::Closed) => return pending().await,
        };
        if is_over {
            return;
        }
    }
}

/// Completes when the key that the connection was opened with ends, or may not come from there any more.
async fn is_key_over(app: &App, caller: Caller, origin: &Origin, mut changes: Receiver<KeyId>) {
    let Some(holder) = caller.key() else { return pending().await };
    let keys = app.platform.api_keys();
    loop {
        let now_ms = time::millis(time::now_ns());
        if !origin.ip.is_some_and(|address| keys.admits(holder.key, address, now_ms)) {
            return;
        }
        let rest_ms = keys.expires_ms(holder.key).map_or(LOOK_AGAIN_MS, |end| end.saturating_sub(now_ms));
        let rest = Duration::from_millis(rest_ms.clamp(1, LOOK_AGAIN_MS));
        tokio::select! {
            told = changes.recv() => if matches!(told, Err(RecvError::Closed)) {
                return pending().await;
            },
            () = tokio::time::sleep(rest) => {}
        }
    }
}

fn checked(ask: Ask) -> Result<Ask, Failure> {
    match &ask.id {
        Some(id) if id.len() > Ask::ID_MAX => Err(Failure::field("id", "at most 64 bytes")),
        _ => Ok(ask),
    }
}

impl Session {
    /// Does what is asked. `None`: the answer comes later.
    async fn obey(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        match ask.op.as_str() {
            "ping" => {
                let pong = Pong { op: "pong", id: ask.id.take(), time_ms: time::millis(time::now_ns()) };
                Ok(Some(text_frame(&text(&pong))))
            }
            "auth" => self.auth(ask).map(Some),
            "subscribe" => self.subscribe(ask).await,
            "unsubscribe" => self.unsubscribe(ask).await,
            "order.place" => self.place(ask),
            "order.amend" => self.amend(ask),
            "order.cancel" => self.cancel(ask),
            "order.cancel_all" => self.cancel_all(ask),
            "order_list.place" => self.place_list(ask),
            "account.kill_switch" => self.set_kill_switch(ask),
            _ => Err(Failure::bad_request("UNKNOWN_OP", "There is no such op.")),
        }
    }

    fn auth(&mut self, ask: &mut Ask) -> Result<Frames, Failure> {
        // Before the caller is looked at: what ends in between is told.
        let ends = Ends::of(&self.app);
        let caller = match (&ask.token, &ask.key) {
            (Some(token), None) => Caller::of_token(&self.app, token)?,
            (None, Some(key)) => self.signed(ask, key)?,
            _ => return Err(Failure::field("token", "send a token, or a key with its signature")),
        };
        let caller = match &ask.durability {
            None => caller,
            Some(named) => caller.at(self.app.desk.level_named(named)?),
        };
        let asker = caller.asker()?;
        // Private topics of this connection belong to one account: whoever wants another opens another connection.
        if self.caller.is_some_and(|known| known.user != caller.user || known.key() != caller.key()) {
            return Err(Failure::bad_request("ALREADY_AUTHENTICATED", "This connection is another user's."));
        }
        self.caller = Some(caller);
        self.watch = JoinSet::new();
        let (app, outbox, origin) = (Arc::clone(&self.app), Arc::clone(&self.outbox), self.origin.clone());
        self.watch.spawn(async move {
            ends.reach(&app, caller, &origin).await;
            outbox.end(End::Revoked);
        });
        let (account_id, user_id) = (Some(asker.account.0), Some(caller.user.0));
        let Answer { op, id, .. } = answer_to(ask);
        Ok(Answer { op, id, account_id, user_id, ..acknowledged(asker.level) }.frame())
    }

    /// The program that has signed an `auth`: its method is `AUTH`, its path that of the socket, and it has no body.
    fn signed(&self, ask: &Ask, key: &str) -> Result<Caller, Failure> {
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let claim = Claim {
            key,
            timestamp: &number(ask.timestamp),
            recv_window: &number(ask.recv_window),
            nonce: ask.nonce.as_deref().unwrap_or_default(),
            signature: ask.signature.as_deref().unwrap_or_default(),
        };
        let signed = signed::check(&self.app, &claim, ("AUTH", "/api/v1/ws", b""), &self.origin)?;
        signed::note_use(&self.app, signed.holder.key);
        Ok(Caller::of_key(&self.app, signed.holder))
    }

    /// For what shows something of the account.
    fn account(&self) -> Result<AccountId, Failure> {
        self.allowed(|may| may.read)?.account()
    }

    /// For what is done with it, while it is not too late for it.
    fn asker(&self, ask: &Ask) -> Result<Asker, Failure> {
        let asker = self.allowed(|may| may.trade)?.asker()?;
        Ok(Asker { by_ns: signed::by_ns(ask.timestamp, ask.recv_window)?, ..asker })
    }

    /// Who speaks here, if it is a user, or a program whose key may do that.
    fn allowed(&self, may: fn(Permissions) -> bool) -> Result<Caller, Failure> {
        let caller = self.caller.ok_or_else(|| Failure::unauthenticated("Send auth with a token first."))?;
        if caller.key().is_none_or(|holder| may(holder.permissions)) {
            return Ok(caller);
        }
        Err(signed::not_permitted())
    }

    /// The topic that a channel names, and the symbol as listed.
    fn topic(&self, ask: &Ask) -> Result<(Topic, Option<String>), Failure> {
        let channel = ask.channel.as_deref().unwrap_or_default();
        if let Some((name, of)) = channel.split_once(':') {
            return Ok((self.plain_topic(name, of)?, None));
        }
        let private = |topic: fn(AccountId) -> Topic| Ok((topic(self.account()?), None));
        match channel {
            "trades" => self.market_topic(ask, Topic::Trades),
            "l1" => self.market_topic(ask, Topic::L1),
            "book" => self.market_topic(ask, Topic::Book),
            "l3" => self.market_topic(ask, Topic::L3),
            "ticker" => self.market_topic(ask, Topic::Ticker),
            "status" => self.market_topic(ask, Topic::Status),
            "candles" => {
                let interval = ask.interval.as_deref().and_then(Interval::parse);
                let interval = interval.ok_or_else(|| Failure::field("interval", "must be one from 1s to 1M"))?;
                self.market_topic(ask, |instrument| Topic::Candles(instrument, interval))
            }
            "orders" => private(Topic::Orders),
            "balances" => private(Topic::Balances),
            "positions" => private(Topic::Positions),
            _ => Err(Failure::field("channel", CHANNELS)),
        }
    }

    fn market_topic(
        &self,
        ask: &Ask,
        topic: impl Fn(InstrumentId) -> Topic,
    ) -> Result<(Topic, Option<String>), Failure> {
        let symbol = ask.symbol.as_deref().ok_or_else(|| Failure::field("symbol", "this channel needs one"))?;
        let views = self.app.views.read();
        let (id, instrument) = find(&views, symbol)?;
        Ok((topic(id), Some(instrument.spec.symbol.to_string())))
    }

    /// The topics whose name says of what or of whom they are.
    fn plain_topic(&self, name: &str, of: &str) -> Result<Topic, Failure> {
        let private = |topic: fn(AccountId) -> Topic| {
            let account = self.account()?;
            let is_own = self.caller.is_some_and(|caller| of == caller.user.0.to_string());
            if is_own { Ok(topic(account)) } else { Err(others()) }
        };
        match name {
            "market-data" => Ok(Topic::MarketData(find(&self.app.views.read(), of)?.0)),
            "trade-events" => private(Topic::TradeEvents),
            "position-updates" => private(Topic::PositionUpdates),
            _ => Err(Failure::field("channel", CHANNELS)),
        }
    }

    /// The hub answers: its confirmation, the snapshot and the updates come in that order.
    async fn subscribe(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        let (topic, symbol) = self.topic(ask)?;
        if self.topics.contains(&topic) {
            return Err(Failure::bad_request("ALREADY_SUBSCRIBED", "This connection has this subscription."));
        }
        if self.topics.len() >= TOPICS_MAX {
            let sentence = "A connection has at most 200 subscriptions.";
            return Err(Failure::bad_request("TOO_MANY_SUBSCRIPTIONS", sentence));
        }
        let resume = ask.resume.map(|Resumption { epoch, n }| Resume { epoch, n });
        let encoding = encoding(ask, topic)?;
        self.topics.insert(topic);
        let confirmation = Some(Box::new(confirmation(ask, symbol, topic)));
        let (connection, outbox) = (self.connection, Arc::clone(&self.outbox));
        self.outbox.expect_join();
        self.app.ask_hub(Request::Listen { connection, outbox, topic, encoding, resume, confirmation }).await;
        Ok(None)
    }

    async fn unsubscribe(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        let (topic, symbol) = self.topic(ask)?;
        if !self.topics.remove(&topic) {
            return Err(Failure::bad_request("NOT_SUBSCRIBED", "This connection has no such subscription."));
        }
        let confirmation = confirmation(ask, symbol, topic).frame();
        let (connection, outbox) = (self.connection, Arc::clone(&self.outbox));
        self.app.ask_hub(Request::Leave { connection, outbox, topic, confirmation }).await;
        Ok(None)
    }

    fn place(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        let (asker, body) = (self.asker(ask)?, params::<OrderBody>(ask.params.as_deref())?);
        self.enter(ask, asker, |app| orders::placing(app, asker, &body))
    }

    fn amend(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        let (asker, body) = (self.asker(ask)?, params::<AmendParams>(ask.params.as_deref())?);
        let which = order_ref(body.order_id.as_deref(), body.client_order_id.as_deref())?;
        let (price, qty) = (body.price.as_ref(), body.qty.as_ref());
        self.enter(ask, asker, |app| orders::amending(app, asker, which, price, qty))
    }

    fn cancel(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        let (asker, body) = (self.asker(ask)?, params::<CancelParams>(ask.params.as_deref())?);
        let which = order_ref(body.order_id.as_deref(), body.client_order_id.as_deref())?;
        self.enter(ask, asker, |app| orders::cancelling(app, asker, which))
    }

    fn cancel_all(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        let asker = self.asker(ask)?;
        let body = ask.params.as_deref().map_or_else(|| Ok(CancelAllParams::default()), |raw| params(Some(raw)))?;
        let app = Arc::clone(&self.app);
        self.launch(ask, async move {
            let side = body.side.map(Into::into);
            let (cancelled, seq) = orders::cancel_all(&app, asker, body.symbol.as_deref(), side).await?;
            Ok(Answer { cancelled: Some(cancelled), ..done(asker.level, seq) })
        })
    }

    fn place_list(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        let (asker, body) = (self.asker(ask)?, params::<ListBody>(ask.params.as_deref())?);
        let app = Arc::clone(&self.app);
        self.launch(ask, async move {
            let Listed { list, seq } = lists::place(&app, asker, &body).await?;
            Ok(Answer { list: Some(list), ..done(asker.level, seq) })
        })
    }

    fn set_kill_switch(&mut self, ask: &mut Ask) -> Result<Option<Frames>, Failure> {
        let (asker, body) = (self.asker(ask)?, params::<KillSwitchBody>(ask.params.as_deref())?);
        let app = Arc::clone(&self.app);
        self.launch(ask, async move {
            let (cancelled, seq) = orders::set_kill_switch(&app, asker, body.engaged).await?;
            Ok(Answer { engaged: Some(body.engaged), cancelled: Some(cancelled), ..done(asker.level, seq) })
        })
    }

    /// Hands a command about one order in; its answer goes out when it is there.
    fn enter(
        &mut self,
        ask: &mut Ask,
        asker: Asker,
        command: impl FnOnce(&App) -> Result<Command, Failure>,
    ) -> Result<Option<Frames>, Failure> {
        self.has_room()?;
        self.entered.enter(&self.app, asker, command(&self.app)?, ask).map(|()| None)
    }

    /// Sends a request on its way; its answer goes out when it is there. It is begun at once: commands reach the venue in the
    /// order in which they were sent.
    fn launch(
        &mut self,
        ask: &mut Ask,
        request: impl Future<Output = Result<Answer, Failure>> + Send + 'static,
    ) -> Result<Option<Frames>, Failure> {
        self.has_room()?;
        let (op, id) = (Some(std::mem::take(&mut ask.op)), ask.id.take());
        let app = Arc::clone(&self.app);
        let mut request: Later = Box::pin(async move {
            let answer = match request.await {
                Ok(answer) => Answer { op, id, ..answer },
                Err(failure) => refused(&app, Answer { op, id, ..Answer::default() }, &failure),
            };
            answer.frame()
        });
        // Whoever is in the set is asked once more, and wakes this task from then on.
        match request.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Ok(Some(answer)),
            Poll::Pending => {
                self.in_flight.push(request);
                Ok(None)
            }
        }
    }

    fn has_room(&self) -> Result<(), Failure> {
        if self.entered.len() + self.in_flight.len() < IN_FLIGHT_MAX {
            return Ok(());
        }
        let sentence = "64 order requests of this connection wait for their answer.";
        Err(Failure { detail: sentence.into(), ..Failure::busy() })
    }
}

fn params<T: DeserializeOwned>(raw: Option<&RawValue>) -> Result<T, Failure> {
    read_json(raw.ok_or_else(|| Failure::field("params", "missing"))?.get().as_bytes())
}

fn confirmation(ask: &mut Ask, symbol: Option<String>, topic: Topic) -> Answer {
    let Answer { op, id, .. } = answer_to(ask);
    let (channel, interval, encoding) = (ask.channel.take(), ask.interval.take(), ask.encoding.take());
    let instrument = encoding.as_ref().and_then(|_| topic.instrument()).map(|instrument| instrument.0);
    Answer { op, id, ok: true, channel, symbol, interval, encoding, instrument, ..Answer::default() }
}

/// The encoding that a subscription asks for.
fn encoding(ask: &Ask, topic: Topic) -> Result<Encoding, Failure> {
    match ask.encoding.as_deref() {
        None | Some("json") => Ok(Encoding::Json),
        Some("binary") if topic.has_binary() => Ok(Encoding::Binary),
        Some("binary") => Err(Failure::field("encoding", "this channel has no binary messages")),
        Some(_) => Err(Failure::field("encoding", "must be json or binary")),
    }
}
