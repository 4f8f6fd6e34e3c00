//! What clients send, as the documents show it.

/// Messages over WebSocket and bodies of requests.
pub(super) const JSON: [&str; 22] = [
    r#"{"op":"ping","id":"1"}"#,
    r#"{"op":"auth","id":"1","token":"abc.def.ghi","durability":"group"}"#,
    r#"{"op":"subscribe","id":"1","channel":"candles","symbol":"BTC-USD","interval":"1m","encoding":"binary"}"#,
    r#"{"op":"subscribe","id":"1","channel":"book","symbol":"BTC-USD","resume":{"epoch":1790000000000000,"n":57}}"#,
    r#"{"op":"order.place","id":"1","params":{"symbol":"BTC-USD","side":"buy","type":"market","quote_qty":"1.50"}}"#,
    r#"{"symbol":"BTC-USD","side":"buy","type":"limit","price":"1000.00","qty":"0.001","client_order_id":"mine-1"}"#,
    r#"{"symbol":"BTC-USD","side":"sell","type":"limit","price":"6e4","qty":0.5,"time_in_force":"gtd","expires_at_ms":1,"display_qty":"0.1","post_only":true}"#,
    r#"{"symbol":"BTC","side":"sell","type":"market","qty":"1","trigger":{"kind":"stop","trail_bps":50},"reduce_only":true}"#,
    r#"{"symbol":"BTC-USD","side":"buy","type":"limit","price":"9","qty":"1","peg":{"to":"primary","offset_ticks":-1}}"#,
    r#"{"type":"otoco","symbol":"BTC-USD","orders":[{"side":"buy","type":"limit","price":"60000.00","qty":"0.01"},{"side":"sell","type":"limit","price":"63000.00","qty":"0.01"},{"side":"sell","type":"market","qty":"0.01","trigger":{"kind":"stop","price":"58000.00"}}]}"#,
    r#"{"order_id":"1042","price":"1001.00","qty":"0.002"}"#,
    r#"{"client_order_id":"mine-1"}"#,
    r#"{"symbol":"BTC-USD","side":"buy"}"#,
    r#"{"engaged":true}"#,
    r#"{"symbol":"BTC","trade_type":"BUY","quantity":0.001,"price":100000}"#,
    r#"{"email":"a@example.com","password":"correct-horse-7","confirm_password":"correct-horse-7"}"#,
    r#"{"name":"market maker","kind":"hmac","permissions":["read","trade"]}"#,
    r#"{"price":"1001.00"}"#,
    r#"{"symbol":"BTC","decimals":8}"#,
    r#"{"phase":"auction","auction":"opening","ends_at_ms":1790000000000}"#,
    r#"{"asset":"USD","amount":"100.00","reference":"r-1"}"#,
    r#"{"suspended":true}"#,
];

/// Queries and forms.
pub(super) const PAIRS: [&str; 7] = [
    "status=open&symbol=BTC-USD&limit=1000",
    "limit=2&cursor=f1-000000000000000100000000000000020000000000000003",
    "symbol=BTC-USD&interval=1m&limit=2",
    "symbol=BTC-USD&resolution=1D&from=1&to=1790000000&countback=2",
    "username=a%40example.com&password=correct+horse",
    "format=csv&symbol=BTC%2FUSD",
    "",
];

/// What stands in fields and headers.
pub(super) const TEXTS: [&str; 12] = [
    "60000.00",
    "-1e-7",
    "0.00001",
    "340282366920938463463374607431768211455",
    "mine-1",
    "18446744073709551615",
    "f1-000000000000000100000000000000020000000000000003",
    "o1-0000000000001000",
    "1D",
    "10.0.0.0/8",
    "192.0.2.1, 2001:db8::1",
    "a=b; papertape_refresh=0123456789abcdef",
];

/// What means something in JSON and in queries.
pub(super) const WORDS: [&[u8]; 16] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b":null",
    b"1e999",
    b"-0",
    b"%00",
    b"&",
    b"=",
    b"\xff",
    b"9999999999",
    b"\"op\":",
];
