//! A market whose every taker's order is one trade: somebody offers more than a measurement can buy.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use crate::wire;

/// What a subscriber asks for.
pub(crate) const SUBSCRIBE: &str = r#"{"op":"subscribe","channel":"trades","symbol":"BTC-USD"}"#;

/// What causes one trade of the least value that the market takes.
pub(crate) const TAKE: &str = r#"{"op":"order.place","params":{"symbol":"BTC-USD","side":"buy","type":"limit","time_in_force":"ioc","price":"100.00","qty":"0.01"}}"#;

/// Offers of the largest quantity that an order may have: a million trades each.
const OFFERS: usize = 20;

const PASSWORD: &str = "fan-out-bench-7c21";

/// Somebody who may trade.
pub(crate) struct Account {
    token: String,
    id: u64,
}

/// Fills the market, and gives who may buy from it.
pub(crate) fn open_market(address: SocketAddr, operator: &str) -> io::Result<Account> {
    let (maker, taker) = (sign_up(address, "maker")?, sign_up(address, "taker")?);
    for (account, asset, amount) in [(&maker, "BTC", "1000000"), (&taker, "USD", "100000000")] {
        let url = format!("http://{address}/api/v1/admin/accounts/{}/deposits", account.id);
        let body = json!({ "asset": asset, "amount": amount, "reference": "1" });
        ask(ureq::post(url).header("Authorization", format!("Bearer {operator}")).send_json(body))?;
    }
    for _ in 0..OFFERS {
        let offer = json!({ "symbol": "BTC-USD", "side": "sell", "type": "limit", "price": "100.00", "qty": "10000" });
        let request = ureq::post(format!("http://{address}/api/v1/orders"));
        ask(request.header("Authorization", format!("Bearer {}", maker.token)).send_json(offer))?;
    }
    Ok(taker)
}

/// A session of that account.
pub(crate) fn log_in(address: SocketAddr, account: &Account) -> io::Result<TcpStream> {
    let mut stream = wire::open(address, "/api/v1/ws")?;
    authenticate(&mut stream, &account.token)?;
    Ok(stream)
}

/// The bytes of one update, as a subscriber gets them.
pub(crate) fn one_update(address: SocketAddr, taker: &Account) -> io::Result<Vec<u8>> {
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

fn sign_up(address: SocketAddr, name: &str) -> io::Result<Account> {
    let email = format!("{name}@example.com");
    let body = json!({ "email": email, "password": PASSWORD, "confirm_password": PASSWORD });
    ask(ureq::post(format!("http://{address}/signup")).send_json(body))?;
    let form = [("username", email.as_str()), ("password", PASSWORD)];
    let answer = ask(ureq::post(format!("http://{address}/login")).send_form(form))?;
    let token = answer["access_token"].as_str().unwrap_or_default().to_owned();
    let mut stream = wire::open(address, "/api/v1/ws")?;
    let id = authenticate(&mut stream, &token)?;
    Ok(Account { token, id })
}

/// The account's number.
fn authenticate(stream: &mut TcpStream, token: &str) -> io::Result<u64> {
    let mut request = Vec::new();
    wire::text(&json!({ "op": "auth", "token": token }).to_string(), &mut request);
    stream.write_all(&request)?;
    let answer = wire::await_sign(stream, b"}")?;
    let begin = memchr::memchr(b'{', &answer).unwrap_or_default();
    let answer: Value = serde_json::from_slice(&answer[begin..])?;
    answer["account_id"].as_u64().ok_or_else(|| io::Error::other(format!("log in: {answer}")))
}

fn ask(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> io::Result<Value> {
    let text = answer.and_then(|mut answer| answer.body_mut().read_to_string()).map_err(io::Error::other)?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}
