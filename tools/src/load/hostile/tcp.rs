//! Over binary order entry.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use papertape_client::{Event, Machine, Options, Request, Terms, codes};
use papertape_wire::{FRAME_MAX, FromVenue, Login, PROTOCOL, read_frame, values};

use super::{Tally, Target};

/// Half frames that lie about at a time.
const HALF_MAX: usize = 32;

/// How many are begun in a second: each is held until the venue has lost patience with it, after five.
const HALF_PER_SECOND: u64 = 6;

/// Between two bursts of the flood.
const BURST: Duration = Duration::from_millis(5);

/// The next frame; none, if the venue says nothing more.
fn hear(stream: &mut TcpStream) -> Option<FromVenue> {
    let mut frame = [0; FRAME_MAX];
    stream.read_exact(frame.first_chunk_mut::<4>()?).ok()?;
    let length = usize::from(u16::from_le_bytes([frame[0], frame[1]]));
    stream.read_exact(frame.get_mut(4..length)?).ok()?;
    let (frame, _) = read_frame(frame.get(..length)?).ok()??;
    FromVenue::decode(frame).ok()
}

/// Why the venue ends the session.
fn ended(stream: &mut TcpStream) -> &'static str {
    while let Some(frame) = hear(stream) {
        let code = match frame {
            FromVenue::Logout(logout) => logout.code,
            FromVenue::LoginRejected(rejected) => rejected.code,
            _ => continue,
        };
        return name_of(code);
    }
    "CLOSED"
}

fn name_of(code: u16) -> &'static str {
    codes::code(code).map_or("UNKNOWN", |code| code.name)
}

/// Connections that begin a frame and never end it.
pub(super) fn half_frames(target: &Target) -> Tally {
    let (mut tally, mut held) = (Tally::default(), VecDeque::new());
    target.paced(HALF_PER_SECOND, || {
        let Some(mut stream) = target.tcp() else { return };
        tally.attempts += 1;
        if stream.write_all(&[130, 0, 0x10]).is_ok() {
            held.push_back(stream);
        }
        if held.len() > HALF_MAX
            && let Some(mut oldest) = held.pop_front()
        {
            tally.answer(ended(&mut oldest));
        }
    });
    tally
}

/// Lengths that no frame has.
pub(super) fn giant_lengths(target: &Target) -> Tally {
    let mut tally = Tally::default();
    target.paced(target.per_second, || {
        let Some(mut stream) = target.tcp() else { return };
        tally.attempts += 1;
        let length = if tally.attempts % 2 == 0 { [0xff, 0xff] } else { [1, 0] };
        if hear(&mut stream).is_some() && stream.write_all(&[length[0], length[1], 0x10, 1]).is_ok() {
            tally.answer(ended(&mut stream));
        }
    });
    tally
}

/// Logins to protocols that nobody speaks, under keys that nobody has.
pub(super) fn wrong_versions(target: &Target) -> Tally {
    let mut tally = Tally::default();
    // The flood logs in first.
    std::thread::sleep(Duration::from_secs(1));
    target.paced(target.per_second, || {
        let Some(mut stream) = target.tcp() else { return };
        tally.attempts += 1;
        let mut login = Vec::new();
        Login { protocol: PROTOCOL + 98, signature_kind: 2, client_time_ns: wall_ns(), ..Login::default() }
            .write(&mut login);
        if hear(&mut stream).is_some() && stream.write_all(&login).is_ok() {
            tally.answer(ended(&mut stream));
        }
    });
    tally
}

/// Orders past every limit, as fast as it was told.
pub(super) fn flood(target: &Target) -> Tally {
    let mut tally = Tally::default();
    let (Some((key, terms)), Some(mut stream)) = (target.order_entry.clone(), target.tcp()) else { return tally };
    let mut machine = Machine::new(Options::new(key), Instant::now());
    machine.connected(Instant::now());
    if stream.set_nonblocking(true).is_err() {
        return tally;
    }
    // Taken, and gone at once: what is refused is what is too much.
    let terms = Terms { time_in_force: values::time_in_force::IOC, ..terms };
    let (mut sent, mut begun) = (0, None);
    while !target.is_over() {
        let due =
            begun.map_or(0, |begun: Instant| (begun.elapsed().as_secs_f64() * target.flood_per_second as f64) as u64);
        // What the venue does not read is not piled up here.
        while sent < due && machine.output().len() < 64 << 10 && machine.ask(Request::place(None, terms)).is_some() {
            sent += 1;
        }
        sent = sent.max(due);
        if exchange(&mut stream, &mut machine).is_none() {
            tally.answer("CLOSED");
            break;
        }
        while let Some(event) = machine.event() {
            match event {
                Event::Open(_) => begun = Some(Instant::now()),
                Event::Venue(FromVenue::OrderAccepted(_)) => tally.answer("ACCEPTED"),
                Event::Venue(FromVenue::OrderRejected(rejected)) => tally.answer(name_of(rejected.code)),
                Event::Venue(FromVenue::CommandRejected(rejected)) => tally.answer(name_of(rejected.code)),
                _ => {}
            }
        }
        std::thread::sleep(BURST);
    }
    tally.attempts = tally.answers.values().sum();
    tally
}

/// Writes and reads what there is; nothing, if the connection is gone.
fn exchange(stream: &mut TcpStream, machine: &mut Machine) -> Option<()> {
    let now = Instant::now();
    while !machine.output().is_empty() {
        match stream.write(machine.output()) {
            Ok(written) => machine.written(written, now),
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(_) => return None,
        }
    }
    let mut buffer = [0; 32 << 10];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return None,
            Ok(read) => machine.receive(buffer.get(..read)?, now, wall_ns()).ok()?,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return machine.tick(now).ok(),
            Err(_) => return None,
        }
    }
}

fn wall_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}
