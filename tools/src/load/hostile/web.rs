//! Over HTTP and WebSocket.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Tally, Target};
use crate::load::link::whole_frame;
use crate::load::outside::upgrade;

/// Requests that are on their way for ever.
const SLOW_MAX: usize = 64;

/// Between two bytes of each.
const SLOW: Duration = Duration::from_millis(100);

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

/// Requests whose heads come byte by byte.
pub(super) fn slow_loris(target: &Target) -> Tally {
    let (mut tally, mut held) = (Tally::default(), VecDeque::<TcpStream>::new());
    let head = b"GET /api/v1/instruments HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    target.paced(1_000 / SLOW.as_millis() as u64, || {
        if held.len() < SLOW_MAX
            && let Some(mut stream) = target.http()
            && stream.write_all(head).is_ok()
        {
            tally.attempts += 1;
            held.push_back(stream);
        }
        held.retain_mut(|stream| {
            let lives = stream.write_all(b"a").is_ok();
            if !lives {
                tally.answer("CLOSED");
            }
            lives
        });
    });
    tally
}

/// Somebody else's topics, and everything that needs a log-in without one.
pub(super) fn others_topic(target: &Target) -> Tally {
    let (mut tally, mut socket) = (Tally::default(), None);
    target.paced(target.per_second, || {
        let Some(session) = socket.get_or_insert_with(|| Session::open(target, true)) else {
            socket = None;
            return;
        };
        tally.attempts += 1;
        let names = ["trade-events", "position-updates"];
        let channel = format!("{}:{}", names[(tally.attempts % 2) as usize], target.user + 1);
        session.say(&json!({"op": "subscribe", "id": "x", "channel": channel}).to_string());
        let answer = session.hear();
        tally.answer(&answer);
        if answer == "CLOSED" {
            socket = None;
        }
    });
    tally
}

/// JSON that is nothing but brackets: as a request's body, and as a message.
pub(super) fn json_bombs(target: &Target) -> Tally {
    let (mut tally, mut socket) = (Tally::default(), None);
    let (body, message) = ("[".repeat(60 << 10), format!("{{\"op\":{}", "[".repeat(15 << 10)));
    target.paced(target.per_second, || {
        tally.attempts += 1;
        if tally.attempts % 2 == 0 {
            return tally.answer(&posted(target, &body).unwrap_or_else(|| "CLOSED".to_owned()));
        }
        let Some(session) = socket.get_or_insert_with(|| Session::open(target, true)) else {
            socket = None;
            return;
        };
        session.say(&message);
        let answer = session.hear();
        tally.answer(&answer);
        if answer == "CLOSED" {
            socket = None;
        }
    });
    tally
}

/// WebSocket frames of lengths that no message has.
pub(super) fn giant_frames(target: &Target) -> Tally {
    let mut tally = Tally::default();
    target.paced(target.per_second, || {
        let Some(mut session) = Session::open(target, false) else { return };
        tally.attempts += 1;
        let length: u64 = if tally.attempts % 2 == 0 { i64::MAX as u64 } else { 17 << 10 };
        let mut frame = vec![TEXT, 0x80 | 127];
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        if session.stream.write_all(&frame).is_ok() {
            tally.answer(&session.hear());
        }
    });
    tally
}

/// What a request with this body is answered.
fn posted(target: &Target, body: &str) -> Option<String> {
    let mut stream = target.http()?;
    let (host, token, length) = (&target.host, &target.token, body.len());
    let head = format!(
        "POST /api/v1/orders HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    // It may be refused before all of it is there.
    let _ = stream.write_all(body.as_bytes());
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).ok()?;
    Some(String::from_utf8_lossy(answer.get(9..)?).into_owned())
}

/// A WebSocket, as far as an attacker needs one.
struct Session {
    stream: TcpStream,
    came: Vec<u8>,
}

impl Session {
    fn open(target: &Target, logs_in: bool) -> Option<Self> {
        let mut stream = target.http()?;
        upgrade(&mut stream, &target.host).ok()?;
        let mut session = Self { stream, came: Vec::new() };
        if logs_in {
            session.say(&json!({"op": "auth", "token": target.token}).to_string());
            session.hear();
        }
        Some(session)
    }

    fn say(&mut self, text: &str) {
        let mut frame = vec![TEXT, 0x80 | 126];
        frame.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(text.as_bytes());
        // A connection that is gone says nothing back, which is counted.
        let _ = self.stream.write_all(&frame);
    }

    /// The code of the next answer, or with which number the venue closes.
    fn hear(&mut self) -> String {
        let mut buffer = [0; 4_096];
        loop {
            if let Some((kind, from, to)) = whole_frame(&self.came) {
                let frame: Vec<u8> = self.came.drain(..to).collect();
                let payload = frame.get(from..).unwrap_or_default();
                match kind {
                    TEXT => return said(payload),
                    CLOSE => {
                        let code = payload.first_chunk().map_or(0, |code| u16::from_be_bytes(*code));
                        return format!("CLOSED {code}");
                    }
                    _ => continue,
                }
            }
            match self.stream.read(&mut buffer) {
                Ok(read @ 1..) => self.came.extend_from_slice(buffer.get(..read).unwrap_or_default()),
                _ => return "CLOSED".to_owned(),
            }
        }
    }
}

/// The code of a refusal, or `OK`.
fn said(payload: &[u8]) -> String {
    let message: Value = serde_json::from_slice(payload).unwrap_or_default();
    if message["ok"] == true { "OK".to_owned() } else { message["error"]["code"].as_str().unwrap_or("?").to_owned() }
}
