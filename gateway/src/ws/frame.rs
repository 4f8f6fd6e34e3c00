//! WebSocket frames (RFC 6455, 5): those that a venue sends, and those that a client may send.

/// Longest header of a frame that we send.
pub(crate) const HEADER_MAX: usize = 10;

/// Largest message that a client may send.
pub(super) const MESSAGE_MAX: usize = 16 << 10;

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Longest payload of a control frame.
const CONTROL_MAX: usize = 125;

/// Appends a text frame.
pub(crate) fn write_text(out: &mut Vec<u8>, payload: &[u8]) {
    write(out, TEXT, payload);
}

/// Appends a text frame whose payload is written to where it stays.
pub(crate) fn write_text_by(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    // Most have a header of four bytes: nothing is moved for it.
    out.extend_from_slice(&[0; 4]);
    write(out);
    let (header, length) = header(TEXT, out.len().saturating_sub(begin + 4));
    out.splice(begin..begin + 4, header.into_iter().take(length));
}

/// Appends a binary frame.
pub(crate) fn write_binary(out: &mut Vec<u8>, payload: &[u8]) {
    write(out, BINARY, payload);
}

/// A ping without payload.
pub(super) fn ping() -> Vec<u8> {
    control(PING, &[])
}

/// The answer to a ping.
pub(super) fn pong(payload: &[u8]) -> Vec<u8> {
    control(PONG, payload)
}

/// A close frame; a reason that is too long is cut.
pub(super) fn close(code: u16, reason: &str) -> Vec<u8> {
    let mut payload = code.to_be_bytes().to_vec();
    let end = (0..=reason.len().min(CONTROL_MAX - 2)).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
    payload.extend_from_slice(reason.get(..end).unwrap_or_default().as_bytes());
    control(CLOSE, &payload)
}

fn control(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 2);
    write(&mut out, opcode, payload);
    out
}

fn write(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    let (header, length) = header(opcode, payload.len());
    out.extend(header.into_iter().take(length));
    out.extend_from_slice(payload);
}

/// The header of a frame with a payload of this length, and how much of it is used.
fn header(opcode: u8, payload: usize) -> ([u8; HEADER_MAX], usize) {
    let first = 0x80 | opcode;
    let [a, b, c, d, e, f, g, h] = (payload as u64).to_be_bytes();
    match payload {
        0..=125 => ([first, h, 0, 0, 0, 0, 0, 0, 0, 0], 2),
        126..=0xFFFF => ([first, 126, g, h, 0, 0, 0, 0, 0, 0], 4),
        _ => ([first, 127, a, b, c, d, e, f, g, h], 10),
    }
}

/// What a client sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Heard {
    /// A whole text message.
    Text(String),
    /// A ping, to be answered with the same payload.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// It closes.
    Close,
}

/// What a client may not send, as the close code and its words.
pub(super) type Refused = (u16, &'static str);

/// Puts frames together out of the bytes of a socket. Between messages it holds no memory.
#[derive(Debug, Default)]
pub(super) struct Reader {
    bytes: Vec<u8>,
    /// How much of them was taken.
    taken: usize,
    /// The fragments of a text message so far.
    fragments: Option<Vec<u8>>,
}

impl Reader {
    /// Takes in what was read.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message or control frame, if it is there whole.
    pub(super) fn next(&mut self) -> Result<Option<Heard>, Refused> {
        loop {
            let Some((frame, length)) = parse(self.bytes.get(self.taken..).unwrap_or_default())? else {
                self.bytes.drain(..self.taken);
                self.taken = 0;
                if self.bytes.is_empty() {
                    self.bytes = Vec::new();
                }
                return Ok(None);
            };
            self.taken += length;
            if let Some(heard) = self.take(frame)? {
                return Ok(Some(heard));
            }
        }
    }

    fn take(&mut self, frame: Frame) -> Result<Option<Heard>, Refused> {
        match (frame.opcode, self.fragments.take()) {
            (CLOSE, _) => Ok(Some(Heard::Close)),
            (PING, fragments) => {
                self.fragments = fragments;
                Ok(Some(Heard::Ping(frame.payload)))
            }
            (PONG, fragments) => {
                self.fragments = fragments;
                Ok(Some(Heard::Pong))
            }
            (BINARY, None) => Err((1003, "text messages only")),
            (TEXT, None) => self.append(Vec::new(), frame),
            (0, Some(fragments)) => self.append(fragments, frame),
            _ => Err((1002, "a frame out of place")),
        }
    }

    fn append(&mut self, mut message: Vec<u8>, frame: Frame) -> Result<Option<Heard>, Refused> {
        if message.len() + frame.payload.len() > MESSAGE_MAX {
            return Err((1009, "a message may have 16 KiB"));
        }
        if message.is_empty() {
            message = frame.payload;
        } else {
            message.extend_from_slice(&frame.payload);
        }
        if !frame.is_last {
            self.fragments = Some(message);
            return Ok(None);
        }
        String::from_utf8(message).map(|text| Some(Heard::Text(text))).map_err(|_| (1007, "text must be UTF-8"))
    }
}

/// How many messages and control frames there are in bytes that come in two parts, and whether more may come.
pub(crate) fn heard_of(first: &[u8], second: &[u8]) -> (usize, bool) {
    let (mut reader, mut count) = (Reader::default(), 0);
    for part in [first, second] {
        reader.feed(part);
        loop {
            match reader.next() {
                Ok(Some(_)) => count += 1,
                Ok(None) => break,
                Err(_) => return (count, false),
            }
        }
    }
    (count, true)
}

/// One frame, unmasked.
struct Frame {
    opcode: u8,
    is_last: bool,
    payload: Vec<u8>,
}

/// The first frame of these bytes and how long it is, if it is whole.
fn parse(bytes: &[u8]) -> Result<Option<(Frame, usize)>, Refused> {
    let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
    let (opcode, is_last, short) = (first & 0x0F, first & 0x80 != 0, usize::from(second & 0x7F));
    if first & 0x70 != 0 || second & 0x80 == 0 || !matches!(opcode, 0..=2 | 8..=10) {
        return Err((1002, "not a frame of a client"));
    }
    if opcode >= CLOSE && (short > CONTROL_MAX || !is_last) {
        return Err((1002, "a control frame is short and whole"));
    }
    let (length, rest) = match short {
        126 => match rest.split_first_chunk() {
            Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), rest),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk() {
            Some((length, rest)) => (u64::from_be_bytes(*length), rest),
            None => return Ok(None),
        },
        length => (length as u64, rest),
    };
    if length > MESSAGE_MAX as u64 {
        return Err((1009, "a message may have 16 KiB"));
    }
    let Some((mask, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
    let Some(masked) = rest.get(..length as usize) else { return Ok(None) };
    let payload = masked.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    let whole = bytes.len() - rest.len() + masked.len();
    Ok(Some((Frame { opcode, is_last, payload }, whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a client would send it.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        write(&mut frame, first & 0x0F, payload);
        frame[0] = first;
        let header = frame.len() - payload.len();
        frame[1] |= 0x80;
        let mask = [9_u8, 200, 3, 77];
        let body: Vec<u8> = payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        frame.truncate(header);
        frame.extend_from_slice(&mask);
        frame.extend_from_slice(&body);
        frame
    }

    fn all(reader: &mut Reader) -> Result<Vec<Heard>, Refused> {
        let mut heard = Vec::new();
        while let Some(next) = reader.next()? {
            heard.push(next);
        }
        Ok(heard)
    }

    #[test]
    fn messages_come_whole_however_they_were_cut() {
        let long = "y".repeat(300);
        let mut sent = masked(0x81, b"one");
        sent.extend(masked(0x01, "zw\u{f6}".as_bytes().split_at(3).0));
        sent.extend(masked(0x89, b"are you there"));
        sent.extend(masked(0x80, "zw\u{f6}".as_bytes().split_at(3).1));
        sent.extend(masked(0x81, long.as_bytes()));
        sent.extend(masked(0x8A, b""));
        let expected = vec![
            Heard::Text("one".into()),
            Heard::Ping(b"are you there".to_vec()),
            Heard::Text("zw\u{f6}".into()),
            Heard::Text(long),
            Heard::Pong,
        ];
        for size in [1, 2, 7, sent.len()] {
            let mut reader = Reader::default();
            let mut heard = Vec::new();
            for part in sent.chunks(size) {
                reader.feed(part);
                heard.extend(all(&mut reader).unwrap());
            }
            assert_eq!(heard, expected, "in parts of {size}");
            assert_eq!(reader.bytes.capacity(), 0, "nothing is kept between messages");
        }
    }

    #[test]
    fn what_no_client_may_send_is_refused() {
        let mut unmasked = Vec::new();
        write(&mut unmasked, TEXT, b"x");
        let cases = [
            (unmasked, 1002),
            (masked(0x82, b"x"), 1003),
            (masked(0x83, b"x"), 1002),
            (masked(0xC1, b"x"), 1002),
            (masked(0x80, b"x"), 1002),
            (masked(0x09, b"x"), 1002),
            (masked(0x89, &[0; 126]), 1002),
            (masked(0x81, &[0xFF, 0xFE]), 1007),
            (masked(0x81, &vec![b'x'; MESSAGE_MAX + 1]), 1009),
            ([masked(0x01, &vec![b'x'; MESSAGE_MAX]), masked(0x80, b"x")].concat(), 1009),
            ([masked(0x01, b"x"), masked(0x81, b"x")].concat(), 1002),
        ];
        for (bytes, code) in cases {
            let mut reader = Reader::default();
            reader.feed(&bytes);
            assert_eq!(all(&mut reader).map_err(|(code, _)| code), Err(code), "{:?}", bytes.get(..4));
        }
    }

    #[test]
    fn a_reason_that_is_too_long_is_cut_between_letters() {
        let frame = close(1013, &"\u{f6}".repeat(100));
        assert_eq!(frame[1], 124);
        assert!(std::str::from_utf8(&frame[4..]).is_ok());
    }
}
