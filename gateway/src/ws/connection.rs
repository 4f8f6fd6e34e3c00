//! One socket: writes what waits in its outbox, hands on what the client sends, and notices when nobody is there.
//!
//! One task does both directions, on the thread that fans out. While the client does not take what it is sent, nothing more
//! is read from it, so it cannot make the venue work without taking its answers. An idle connection has no buffers.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::frame::{self, Heard, Reader};
use super::handshake::Opened;
use crate::app::{App, Course};
use crate::hub::{End, Ending, Frames, Outbox, Wrote};
use crate::metrics::{Metrics, SocketKind};

/// Between two pings.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Nothing heard and nothing written for this long: the other side is gone.
const DEAD_AFTER: Duration = Duration::from_secs(40);

/// How long a closing connection may take to say goodbye.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Bytes that are read at once.
const READ: usize = 8 << 10;

/// What is said on a connection.
pub(super) trait Conversation: Send {
    /// Takes one text message. Answers go to the outbox.
    fn hear(&mut self, text: &str) -> impl Future<Output = ()> + Send;

    /// Completes when an answer that was under way has gone to the outbox; never, if none is under way.
    fn proceed(&mut self) -> impl Future<Output = ()> + Send;

    /// What is told when the venue is about to stop, if anything.
    fn shutdown_notice(&self) -> Option<String>;
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
            let _ = timeout(CLOSE_WITHIN, close(&stream, outbox, code, &reason)).await;
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
    // What seldom comes is waited for once, and not begun anew at each turn.
    let (mut is_told, mut course) = (false, pin!(reached(app.stopping.clone(), Course::Drains)));
    let (mut heard, mut wrote) = (Instant::now(), Instant::now());
    let mut ping = interval_at(heard + PING_EVERY, PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        if let Some(ending) = outbox.ending() {
            return ending.into();
        }
        let is_blocked = match flush(outbox, &app.metrics) {
            Ok(is_blocked) => is_blocked,
            Err(error) => return error.into(),
        };
        if !is_blocked {
            wrote = Instant::now();
        }
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
        tokio::select! {
            biased;
            // First, so that what was asked is under way before more is read.
            () = conversation.proceed() => {}
            ready = stream.readable(), if may_read => {
                match ready.and_then(|()| read(stream, reader)) {
                    Ok(0) => return Over::Left,
                    Ok(_) => heard = Instant::now(),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return error.into(),
                }
            }
            ready = stream.writable(), if is_blocked => {
                if let Err(error) = ready {
                    return error.into();
                }
            }
            _ = ping.tick() => {
                if is_blocked && wrote.elapsed() >= DEAD_AFTER {
                    return End::TooSlow.into();
                }
                if heard.elapsed() >= DEAD_AFTER && may_read {
                    return End::Silent.into();
                }
                outbox.push(frames(frame::ping()));
            }
            () = &mut course => {
                if is_told {
                    return End::GoingAway.into();
                }
                // Before the end, even where both come at once.
                is_told = true;
                course.set(reached(app.stopping.clone(), Course::Stops));
                conversation.shutdown_notice().iter().for_each(|notice| outbox.push(crate::hub::text(notice)));
            }
            () = outbox.changed() => {}
        }
    }
}

/// Completes when the venue is so far. The sender is as old as the application: if it is gone, so is the venue.
async fn reached(mut stopping: watch::Receiver<Course>, course: Course) {
    let _ = stopping.wait_for(|now| *now >= course).await;
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
