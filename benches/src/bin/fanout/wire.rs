//! As much of WebSocket and HTTP as both ends need: the upgrade, a client's masked frame, a server's frame.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a peer may take to answer while things are set up.
const SET_UP_WITHIN: Duration = Duration::from_secs(20);

/// Opens a WebSocket at `path`.
pub(crate) fn open(address: SocketAddr, path: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SET_UP_WITHIN))?;
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    let answer = read_until(&mut stream, b"\r\n\r\n")?;
    if answer.starts_with(b"HTTP/1.1 101") {
        return Ok(stream);
    }
    Err(io::Error::other(format!("no upgrade: {}", String::from_utf8_lossy(&answer))))
}

/// Reads byte by byte, so that nothing beyond `end` is taken.
pub(crate) fn read_until(stream: &mut TcpStream, end: &[u8]) -> io::Result<Vec<u8>> {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(end) {
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    Ok(bytes)
}

/// Reads whatever comes until `sign` is in it.
pub(crate) fn await_sign(stream: &mut TcpStream, sign: &[u8]) -> io::Result<Vec<u8>> {
    let (mut bytes, mut some) = (Vec::new(), [0; 4_096]);
    while memchr::memmem::find(&bytes, sign).is_none() {
        match stream.read(&mut some)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&some[..count]),
        }
    }
    Ok(bytes)
}

/// A text frame from a client. The mask is zeros: nothing between here and there could be confused by the text.
pub(crate) fn text(payload: &str, out: &mut Vec<u8>) {
    masked(0x81, payload.as_bytes(), out);
}

/// A binary frame from a client.
pub(crate) fn binary(payload: &[u8], out: &mut Vec<u8>) {
    masked(0x82, payload, out);
}

/// A pong that nobody asked for: a sign of life (RFC 6455, 5.5.3).
pub(crate) fn pong(out: &mut Vec<u8>) {
    masked(0x8a, b"", out);
}

fn masked(first: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(first);
    match payload.len() {
        length @ 0..=125 => out.push(0x80 | length as u8),
        length => {
            let length = u16::try_from(length).expect("no request of ours is longer than 64 KiB");
            out.push(0x80 | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// A text frame from a server, of at most 64 KiB.
pub(crate) fn server_text(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match payload.len() {
        length @ 0..=125 => frame.push(length as u8),
        length => {
            let length = u16::try_from(length).expect("an update is shorter than 64 KiB");
            frame.push(126);
            frame.extend_from_slice(&length.to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}
