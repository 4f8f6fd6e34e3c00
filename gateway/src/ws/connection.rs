//! One socket: writes what waits in its outbox, hands on what the client sends, and notices when nobody is there.
//!
//! One task does both directions. While it writes to a reader that does not read, it does not read either, so a client
//! cannot make the venue work without taking its answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::app::{App, Course};
use crate::hub::{End, Frames, Outbox};
use crate::metrics::{Metrics, SocketKind};

/// Between two pings.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Nothing heard and nothing written for this long: the other side is gone.
const DEAD_AFTER: Duration = Duration::from_secs(40);

/// How long a closing connection may take to say goodbye.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// What is said on a connection.
pub(super) trait Conversation: Send {
    /// Takes one text message. Answers go to the outbox.
    fn hear(&mut self, text: &str) -> impl Future<Output = ()> + Send;

    /// Completes when an answer that was under way has gone to the outbox; never, if none is under way.
    fn proceed(&mut self) -> impl Future<Output = ()> + Send;

    /// What is told when the venue is about to stop, if anything.
    fn shutdown_notice(&self) -> Option<Utf8Bytes>;
}

/// How a connection came to its end.
enum Over {
    /// The other side left, or the socket failed.
    Left,
    /// We end it.
    Ended(u16, &'static str),
}

impl From<End> for Over {
    fn from(end: End) -> Self {
        Over::Ended(end.code(), end.reason())
    }
}

impl From<axum::Error> for Over {
    fn from(error: axum::Error) -> Self {
        tracing::debug!(%error, "websocket failed");
        Over::Left
    }
}

/// Runs a connection to its end, and counts it.
pub(super) async fn run(
    app: &App,
    kind: SocketKind,
    mut socket: WebSocket,
    outbox: Arc<Outbox>,
    conversation: &mut impl Conversation,
) {
    let _open = app.metrics.sockets(kind).open();
    match converse(&mut socket, &outbox, app, conversation).await {
        Over::Left => {
            app.metrics.socket_closed(None);
            outbox.end(End::GoingAway);
        }
        Over::Ended(code, reason) => {
            app.metrics.socket_closed(Some(code));
            outbox.end(End::GoingAway);
            tracing::debug!(code, reason, "websocket closed by the venue");
            let _ = timeout(CLOSE_WITHIN, close(&mut socket, code, reason)).await;
        }
    }
}

async fn converse(socket: &mut WebSocket, outbox: &Outbox, app: &App, conversation: &mut impl Conversation) -> Over {
    let (mut draining, mut stopping, mut is_told) = (app.stopping.clone(), app.stopping.clone(), false);
    let mut heard = Instant::now();
    let mut ping = interval_at(heard + PING_EVERY, PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let wrote = match outbox.take() {
            Ok(waiting) if waiting.is_empty() => false,
            Ok(waiting) => {
                if let Err(over) = write_unless_ended(socket, outbox, &app.metrics, waiting).await {
                    return over;
                }
                true
            }
            Err(end) => return end.into(),
        };
        tokio::select! {
            biased;
            // First, so that what was asked is under way before more is read.
            () = conversation.proceed() => {}
            message = socket.recv() => {
                heard = Instant::now();
                app.metrics.received.add(u64::from(matches!(message, Some(Ok(Message::Text(_))))));
                if let Err(over) = hear(message, conversation).await {
                    return over;
                }
            }
            _ = ping.tick() => {
                if heard.elapsed() >= DEAD_AFTER {
                    return End::Silent.into();
                }
                if let Err(error) = socket.send(Message::Ping(Default::default())).await {
                    return error.into();
                }
            }
            // Before the end, even where both come at once.
            () = reached(&mut draining, Course::Drains), if !is_told => {
                is_told = true;
                outbox.push(conversation.shutdown_notice().into_iter().collect());
            }
            () = reached(&mut stopping, Course::Stops) => return End::GoingAway.into(),
            // The wait for the end of a write may have taken the notice of a push: look again after each write.
            () = std::future::ready(()), if wrote => {}
            () = outbox.changed() => {}
        }
    }
}

/// Completes when the venue is so far. The sender is as old as the application: if it is gone, so is the venue.
async fn reached(stopping: &mut watch::Receiver<Course>, course: Course) {
    let _ = stopping.wait_for(|now| *now >= course).await;
}

/// Feeds all that waits into the socket's buffer and flushes once: one system call for many messages.
async fn write_unless_ended(
    socket: &mut WebSocket,
    outbox: &Outbox,
    metrics: &Metrics,
    waiting: VecDeque<Frames>,
) -> Result<(), Over> {
    let write = async {
        for frame in waiting.iter().flat_map(|frames| frames.iter()) {
            socket.feed(Message::Text(frame.clone())).await?;
        }
        socket.flush().await
    };
    tokio::select! {
        written = timeout(DEAD_AFTER, write) => match written {
            Ok(written) => {
                written?;
                metrics.sent.add(waiting.iter().map(|frames| frames.len() as u64).sum());
                Ok(())
            }
            Err(_) => Err(End::TooSlow.into()),
        },
        end = outbox.ended() => Err(end.into()),
    }
}

async fn hear(message: Option<Result<Message, axum::Error>>, conversation: &mut impl Conversation) -> Result<(), Over> {
    match message {
        Some(Ok(Message::Text(text))) => conversation.hear(text.as_str()).await,
        Some(Ok(Message::Binary(_))) => return Err(Over::Ended(1003, "text messages only")),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
        Some(Ok(Message::Close(_))) | None => return Err(Over::Left),
        Some(Err(error)) => return Err(refused(error)),
    }
    Ok(())
}

/// What the library refuses to read. An oversized message has its own close code; whatever else is a broken peer.
fn refused(error: axum::Error) -> Over {
    let text = error.to_string();
    if text.contains("too long") || text.contains("too big") {
        return Over::Ended(1009, "a message may have 16 KiB");
    }
    if text.contains("UTF-8") {
        return Over::Ended(1007, "text must be UTF-8");
    }
    error.into()
}

/// Says why, then reads until the other side has said goodbye too.
async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    if socket.send(Message::Close(Some(frame))).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}
