//! A market whose every taker's order is one trade: somebody offers more than a measurement can buy.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use papertape_benches::{Served, User};
use papertape_client::{Event, FromVenue, Machine, Options, Request, Side, Terms, market};
use serde_json::{Value, json};

use crate::wire;

/// What a subscriber asks for.
pub(crate) const SUBSCRIBE: &str = r#"{"op":"subscribe","channel":"trades","symbol":"BTC-USD"}"#;

/// What causes one trade of the least value that the market takes.
pub(crate) const TAKE: &str = r#"{"op":"order.place","params":{"symbol":"BTC-USD","side":"buy","type":"limit","time_in_force":"ioc","price":"100.00","qty":"0.01"}}"#;

/// Offers of the largest quantity that an order may have: a million trades each.
const OFFERS: usize = 20;

/// Fills the market, and gives who may buy from it.
pub(crate) fn open_market(venue: &Served) -> io::Result<User> {
    let (maker, taker) = (venue.user("maker")?, venue.user("taker")?);
    for (user, asset, amount) in [(&maker, "BTC", "1000000"), (&taker, "USD", "100000000")] {
        venue.deposit(venue.account(user)?, asset, amount, "1")?;
    }
    let offer = json!({ "symbol": "BTC-USD", "side": "sell", "type": "limit", "price": "100.00", "qty": "10000" });
    for _ in 0..OFFERS {
        venue.post("/api/v1/orders", &maker.token, &offer)?;
    }
    Ok(taker)
}

/// A session of that account.
pub(crate) fn log_in(address: SocketAddr, user: &User) -> io::Result<TcpStream> {
    let mut stream = wire::open(address, "/api/v1/ws")?;
    authenticate(&mut stream, &user.token)?;
    Ok(stream)
}

/// A session of binary order entry, and the same order there.
pub(crate) fn session(venue: &Served, taker: &User) -> io::Result<(TcpStream, Machine, Terms)> {
    let address = venue.tcp.as_deref().ok_or_else(|| io::Error::other("the venue serves no binary order entry"))?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut machine = Machine::new(Options::new(venue.key(taker)?), Instant::now());
    machine.connected(Instant::now());
    let (mut bytes, mut order) = ([0; 4_096], None);
    loop {
        stream.write_all(machine.output())?;
        machine.written(machine.output().len(), Instant::now());
        let read = stream.read(&mut bytes)?;
        if read == 0 {
            return Err(io::Error::other("the venue ended the session"));
        }
        machine.receive(&bytes[..read], Instant::now(), wall_ns()).map_err(io::Error::other)?;
        while let Some(event) = machine.event() {
            match event {
                Event::Open(_) => drop(machine.ask(Request::instruments())),
                Event::Venue(FromVenue::Instrument(is)) if is.symbol.as_str() == Some("BTC-USD") => {
                    let lot = u64::try_from(is.lot).map_err(io::Error::other)?;
                    let hundredth = 10_u64.pow(is.base_decimals.into()) / 100 / lot;
                    order = Some(market(is.instrument, Side::Buy, hundredth));
                }
                Event::Venue(FromVenue::QueryDone(_)) => {
                    let order = order.ok_or_else(|| io::Error::other("the venue has no such market"))?;
                    return Ok((stream, machine, order));
                }
                _ => {}
            }
        }
    }
}

/// The time of day, in nanoseconds since 1970.
pub(crate) fn wall_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// The bytes of one update, as a subscriber gets them.
pub(crate) fn one_update(address: SocketAddr, taker: &User) -> io::Result<Vec<u8>> {
    let (mut listener, mut session) = (wire::open(address, "/api/v1/ws")?, log_in(address, taker)?);
    let mut request = Vec::new();
    wire::text(SUBSCRIBE, &mut request);
    listener.write_all(&request)?;
    wire::await_sign(&mut listener, b"\"snapshot\"")?;
    request.clear();
    wire::text(TAKE, &mut request);
    session.write_all(&request)?;
    let bytes = wire::await_sign(&mut listener, b"\"taker_side\"")?;
    let begin = memchr::memmem::find(&bytes, b"{\"channel\"");
    let whole =
        begin.and_then(|begin| serde_json::Deserializer::from_slice(&bytes[begin..]).into_iter::<Value>().next());
    match (begin, whole) {
        (Some(begin), Some(Ok(update))) if update["type"] == "update" => {
            let end = memchr::memmem::rfind(&bytes, b"}").map_or(bytes.len(), |end| end + 1);
            Ok(bytes[begin..end].to_vec())
        }
        _ => Err(io::Error::other(format!("no update: {}", String::from_utf8_lossy(&bytes)))),
    }
}

fn authenticate(stream: &mut TcpStream, token: &str) -> io::Result<()> {
    let mut request = Vec::new();
    wire::text(&json!({ "op": "auth", "token": token }).to_string(), &mut request);
    stream.write_all(&request)?;
    let answer = wire::await_sign(stream, b"}")?;
    let begin = memchr::memchr(b'{', &answer).unwrap_or_default();
    let answer: Value = serde_json::from_slice(&answer[begin..])?;
    if answer["ok"] == true { Ok(()) } else { Err(io::Error::other(format!("log in: {answer}"))) }
}
