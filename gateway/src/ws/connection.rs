//! One socket: writes what waits in its outbox, hands on what the client sends, and notices when nobody is there.
//!
//! One task does both directions, on the thread that fans out. While the client does not take what it is sent, nothing more
//! is read from it, so it cannot make the venue work without taking its answers. An idle connection has no buffers.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::frame::{self, Heard, Reader};
use super::handshake::Opened;
use super::seldom::{Rare, Seldom};
use crate::app::{App, Course};
use crate::hub::{End, Ending, Frames, Outbox, Wrote};
use crate::metrics::{Metrics, SocketKind};

/// Nothing written for this long: the other side is gone.
const DEAD_AFTER: Duration = Duration::from_secs(40);

/// Nothing heard between so many pings: the same.
const SILENT_PINGS: u32 = 2;

/// Bytes that are read at once.
const READ: usize = 8 << 10;

/// What is said on a connection.
pub(super) trait Conversation: Send {
    /// Takes one text message. Answers go to the outbox.
    fn hear(&mut self, text: &str) -> impl Future<Output = ()> + Send;

    /// Ready when answers that were under way have gone to the outbox; asked again and again, by one task.
    fn poll_proceed(&mut self, context: &mut Context<'_>) -> Poll<()>;

    /// What is told when the venue is about to stop, if anything.
    fn shutdown_notice(&self) -> Option<String>;
}

/// Why a connection has its turn.
enum Turn {
    /// Something is there to be written.
    Written,
    /// Something is there to be read.
    Readable(io::Result<()>),
    /// The socket takes more.
    Writable(io::Result<()>),
    /// What comes seldom.
    Rare(Rare),
}

/// How a connection came to its end.
enum Over {
    /// The other side left, or the socket failed.
    Left,
    /// We end it.
    Ended(u16, String),
}

impl From<Ending> for Over {
    fn from(ending: Ending) -> Self {
        Over::Ended(ending.end.code(), ending.reason)
    }
}

impl From<End> for Over {
    fn from(end: End) -> Self {
        Ending::from(end).into()
    }
}

impl From<io::Error> for Over {
    fn from(error: io::Error) -> Self {
        tracing::debug!(%error, "websocket failed");
        Over::Left
    }
}

/// Runs a connection to its end, and counts it.
pub(super) async fn run(
    app: &App,
    kind: SocketKind,
    opened: Opened,
    outbox: &Outbox,
    conversation: &mut impl Conversation,
) {
    let _open = app.metrics.sockets(kind).open();
    let Opened { stream, early, place } = opened;
    let mut reader = Reader::default();
    reader.feed(&early);
    let over = converse(&stream, &mut reader, outbox, app, conversation).await;
    // Before the goodbye: nothing else comes between.
    outbox.end(End::GoingAway);
    match over {
        Over::Left => app.metrics.socket_closed(None),
        Over::Ended(code, reason) => {
            app.metrics.socket_closed(Some(code));
            tracing::debug!(code, reason, "websocket closed by the venue");
            let _ = timeout(app.goodbye_within, close(&stream, outbox, code, &reason)).await;
        }
    }
    drop(place);
}

async fn converse(
    stream: &TcpStream,
    reader: &mut Reader,
    outbox: &Outbox,
    app: &App,
    conversation: &mut impl Conversation,
) -> Over {
    let (mut is_told, mut seldom) = (false, Seldom::new(app));
    let (mut is_heard, mut silent_pings, mut blocked_since) = (false, 0, None);
    loop {
        if let Some(ending) = outbox.ending() {
            return ending.into();
        }
        let is_blocked = match flush(outbox, &app.metrics) {
            Ok(is_blocked) => is_blocked,
            Err(error) => return error.into(),
        };
        // The clock is read where it matters, and not at each turn.
        blocked_since = if is_blocked { blocked_since.or_else(|| Some(Instant::now())) } else { None };
        let may_read = outbox.may_read();
        if may_read {
            match next(reader, outbox) {
                Ok(Some(text)) => {
                    app.metrics.received.add(1);
                    conversation.hear(&text).await;
                    continue;
                }
                Ok(None) => {}
                Err(over) => return over,
            }
        }
        let turn = poll_fn(|context| {
            // First, so that what was asked is under way before more is read.
            if conversation.poll_proceed(context).is_ready() {
                return Poll::Ready(Turn::Written);
            }
            if may_read && let Poll::Ready(ready) = stream.poll_read_ready(context) {
                return Poll::Ready(Turn::Readable(ready));
            }
            if is_blocked && let Poll::Ready(ready) = stream.poll_write_ready(context) {
                return Poll::Ready(Turn::Writable(ready));
            }
            if let Poll::Ready(rare) = seldom.poll(context) {
                return Poll::Ready(Turn::Rare(rare));
            }
            outbox.poll_changed(context).map(|()| Turn::Written)
        });
        match turn.await {
            Turn::Written => {}
            Turn::Readable(ready) => match ready.and_then(|()| read(stream, reader)) {
                Ok(0) => return Over::Left,
                Ok(_) => is_heard = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return error.into(),
            },
            Turn::Writable(ready) => {
                if let Err(error) = ready {
                    return error.into();
                }
            }
            Turn::Rare(Rare::Ping) => {
                if blocked_since.is_some_and(|since: Instant| since.elapsed() >= DEAD_AFTER) {
                    return End::TooSlow.into();
                }
                silent_pings = if std::mem::take(&mut is_heard) { 0 } else { silent_pings + 1 };
                if silent_pings >= SILENT_PINGS && may_read {
                    return End::Silent.into();
                }
                outbox.push(frames(frame::ping()));
            }
            Turn::Rare(Rare::Course) => {
                if is_told {
                    return End::GoingAway.into();
                }
                // Before the end, even where both come at once.
                is_told = true;
                seldom.wait_for(app, Course::Stops);
                conversation.shutdown_notice().iter().for_each(|notice| outbox.push(crate::hub::text(notice)));
            }
        }
    }
}

/// Writes what waits; whether the socket takes no more.
fn flush(outbox: &Outbox, metrics: &Metrics) -> io::Result<bool> {
    let (is_blocked, sent) = match outbox.write()? {
        Wrote::All(frames) => (false, frames),
        Wrote::Blocked(frames) => (true, frames),
    };
    metrics.sent.add(sent);
    Ok(is_blocked)
}

/// Reads what is there, through a buffer that is there only meanwhile.
fn read(stream: &TcpStream, reader: &mut Reader) -> io::Result<usize> {
    let mut buffer = [0; READ];
    let count = stream.try_read(&mut buffer)?;
    reader.feed(buffer.get(..count).unwrap_or_default());
    Ok(count)
}

/// The next text message that was read. Pings are answered on the way.
fn next(reader: &mut Reader, outbox: &Outbox) -> Result<Option<String>, Over> {
    loop {
        match reader.next() {
            Ok(Some(Heard::Text(text))) => return Ok(Some(text)),
            Ok(Some(Heard::Ping(payload))) => outbox.push(frames(frame::pong(&payload))),
            Ok(Some(Heard::Pong)) => {}
            Ok(Some(Heard::Close)) => {
                outbox.push(frames(frame::close(1000, "")));
                // Whoever has closed need not listen any more: what the socket does not take at once is lost.
                let _ = outbox.write();
                return Err(Over::Left);
            }
            Ok(None) => return Ok(None),
            Err((code, reason)) => return Err(Over::Ended(code, reason.to_owned())),
        }
    }
}

fn frames(frame: Vec<u8>) -> Frames {
    Frames { bytes: frame.into(), count: 0 }
}

/// Says why, then reads until the other side has said goodbye too.
async fn close(stream: &TcpStream, outbox: &Outbox, code: u16, reason: &str) {
    outbox.push_last(frames(frame::close(code, reason)));
    while let Ok(Wrote::Blocked(_)) = outbox.write() {
        if stream.writable().await.is_err() {
            return;
        }
    }
    let mut reader = Reader::default();
    while stream.readable().await.is_ok() {
        // What it still asks is not heard, and what is no frame is no goodbye: the end of the stream is.
        match read(stream, &mut reader) {
            Ok(0) => return,
            Ok(_) => {
                if goodbye(&mut reader) {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// Whether the other side says goodbye. Anything else is passed over.
fn goodbye(reader: &mut Reader) -> bool {
    loop {
        match reader.next() {
            Ok(Some(Heard::Close)) => return true,
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(_) => {
                *reader = Reader::default();
                return false;
            }
        }
    }
}
