use std::io::Cursor;

use serde_json::Value;

use super::*;

const HELLO: &str = r#"{"type":"hello","protocol":"tracebook.conformance","protocol_version":1,"config":
    {"matching_algorithm":"fifo","tick_size":"0.01","self_trade_policy":"NONE","quantity_decimal_places":12}}"#;

const BOTH: Settings = Settings { snap_to_tick: true, replace_to_tail: true };

/// Plays events and gives the answers after `ready`, a snapshot and `complete` at the end.
fn played(settings: Settings, events: &[&str]) -> Vec<Value> {
    played_under(HELLO, settings, events)
}

fn played_under(hello: &str, settings: Settings, events: &[&str]) -> Vec<Value> {
    let mut lines = hello.replace('\n', " ") + "\n";
    for (index, event) in (1..).zip(events) {
        lines += &format!("{{\"type\":\"event\",\"index\":{index},\"event\":{event}}}\n");
    }
    let count = events.len();
    lines += &format!("{{\"type\":\"snapshot\",\"index\":{count}}}\n{{\"type\":\"finish\",\"event_count\":{count}}}\n");
    let mut output = Vec::new();
    serve(settings, Cursor::new(lines), &mut output).unwrap();
    let answers = String::from_utf8(output).unwrap();
    answers.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn new(id: u64, side: &str, price: &str, quantity: &str, owner: i64) -> String {
    format!(
        r#"{{"op":"new","symbol":"A-SYMBOL-LONGER-THAN-TWENTY","order_id":{id},"side":"{side}","order_type":"LIMIT",
        "price":{price},"quantity":{quantity},"owner":{owner},"timestamp_ns":null}}"#
    )
    .replace('\n', " ")
}

fn on(op: &str, id: u64, rest: &str) -> String {
    format!(r#"{{"op":"{op}","symbol":"A-SYMBOL-LONGER-THAN-TWENTY","order_id":{id}{rest}}}"#)
}

fn play(settings: Settings, events: &[String]) -> Vec<Value> {
    played(settings, &events.iter().map(String::as_str).collect::<Vec<_>>())
}

fn queue(snapshot: &Value, side: &str) -> Vec<(u64, String)> {
    let orders = snapshot["state"]["books"][0][side].as_array().unwrap().iter();
    let quantity = |order: &Value| order["remaining_quantity"].as_str().unwrap().to_owned();
    orders.map(|order| (order["order_id"].as_u64().unwrap(), quantity(order))).collect()
}

#[test]
fn numbers_cross_the_adapter_exactly() {
    let answers = play(
        Settings::default(),
        &[new(7, "SELL", "123456789.01", "0.000000000001", 1), new(8, "BUY", "1.2345678901E+8", "1e-12", 2)],
    );
    let trade = &answers[1]["trades"][0];
    assert_eq!((&trade["buy_order_id"], &trade["sell_order_id"]), (&Value::from(8), &Value::from(7)));
    assert_eq!((&trade["price"], &trade["quantity"]), (&Value::from("123456789.01"), &Value::from("0.000000000001")));
    assert_eq!(answers[3]["event_count"], 2);
}

#[test]
fn the_hash_is_that_of_the_sorted_compact_json() {
    let answers = play(Settings::default(), &[new(1, "BUY", "100.5", "2", 9)]);
    // printf '%s' '{"books":[{"asks":[],"bids":[{"order_id":1,"order_type":"LIMIT","owner":9,"price":"100.5",
    // "remaining_quantity":"2"}],"symbol":"A-SYMBOL-LONGER-THAN-TWENTY"}]}' (one line) | sha256sum
    assert_eq!(answers[0]["state_hash"], "00d9a1437a17c2d01dfcea7d91b8ac5f1a9ee5a110307eb1adbea814e1ad6caa");
    assert_eq!(answers[0]["resting_order_count"], 1);
}

#[test]
fn a_price_off_the_grid_is_refused_unless_it_is_to_be_snapped() {
    let order = [new(1, "BUY", "100.006", "1", 1), new(2, "BUY", "100.005", "1", 1), new(3, "BUY", "0.004", "1", 1)];
    let strict = play(Settings::default(), &order);
    assert_eq!(strict[0]["outcome"]["reason"], "INVALID_ORDER");
    let snapped = play(BOTH, &order);
    let prices: Vec<&Value> = [0, 1].map(|n| &snapped[3]["state"]["books"][0]["bids"][n]["price"]).into();
    assert_eq!(prices, ["100.01", "100"]);
    assert_eq!(snapped[2]["outcome"]["reason"], "INVALID_ORDER", "it would be a price of zero");
}

#[test]
fn a_replacement_that_keeps_its_place_goes_to_the_tail_if_asked() {
    for rest in [r#","quantity":1"#, r#","price":100,"quantity":2"#] {
        let events = [new(1, "BUY", "100", "2", 1), new(2, "BUY", "100", "2", 2), on("replace", 1, rest)];
        let ids = |answers: &[Value]| queue(&answers[3], "bids").iter().map(|(id, _)| *id).collect::<Vec<_>>();
        assert_eq!(ids(&play(BOTH, &events)), [2, 1], "{rest}");
        assert_eq!(ids(&play(Settings::default(), &events)), [1, 2], "{rest}");
    }
}

#[test]
fn quantities_of_reductions_and_replacements_count_what_is_open() {
    let answers = play(
        BOTH,
        &[
            new(1, "BUY", "100", "5", 1),
            new(2, "SELL", "100", "2", 2),
            on("reduce", 1, r#","quantity":1"#),
            on("replace", 1, r#","price":99,"quantity":4"#),
            on("reduce", 1, r#","quantity":5"#),
        ],
    );
    assert_eq!(queue(&answers[5], "bids"), [(1, "4".to_owned())]);
    assert_eq!(answers[4]["outcome"]["reason"], "INVALID_ORDER", "more than is open");
}

#[test]
fn a_name_is_free_again_when_its_order_has_ended() {
    let answers = play(
        BOTH,
        &[
            new(1, "BUY", "100", "1", 1),
            new(1, "BUY", "100", "1", 1),
            new(1, "BUY", "99", "3", 1),
            new(1, "BUY", "99", "3", 2),
            new(2, "SELL", "100", "1", 2),
            on("cancel", 1, ""),
            new(1, "BUY", "98", "3", 2),
            on("cancel", 3, ""),
        ],
    );
    let reasons: Vec<&Value> = answers[..8].iter().map(|answer| &answer["outcome"]["reason"]).collect();
    let duplicate = Value::from("DUPLICATE_ORDER_ID");
    let inactive = Value::from("ORDER_NOT_ACTIVE");
    let none = Value::Null;
    assert_eq!(reasons, [&none, &duplicate, &duplicate, &duplicate, &none, &inactive, &none, &inactive]);
    assert_eq!(queue(&answers[8], "bids"), [(1, "3".to_owned())]);
}

#[test]
fn a_line_out_of_turn_ends_the_conversation() {
    for line in ["{}", "no json", r#"{"type":"snapshot","index":0}"#, r#"{"type":"hello","protocol":"other"}"#] {
        let mut output = Vec::new();
        assert!(serve(BOTH, Cursor::new(format!("{line}\n")), &mut output).is_err(), "{line}");
        let answer: Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(answer["type"], "error", "{line}");
    }
}

/// The trades of the last event: seller and quantity.
fn fills(answers: &[Value]) -> Vec<(u64, String)> {
    let trades = answers[answers.len() - 3]["trades"].as_array().unwrap().iter();
    let quantity = |trade: &Value| trade["quantity"].as_str().unwrap().to_owned();
    trades.map(|trade| (trade["sell_order_id"].as_u64().unwrap(), quantity(trade))).collect()
}

#[test]
fn allocation_and_self_trade_policy_are_the_traces() {
    let events = [new(1, "SELL", "100", "6", 1), new(2, "SELL", "100", "2", 2), new(3, "BUY", "100", "4", 1)];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let fills_under = |hello: String| fills(&played_under(&hello, BOTH, &events));
    let with = |policy: &str| HELLO.replace("NONE", policy);
    assert_eq!(fills_under(HELLO.to_owned()), [(1, "4".to_owned())]);
    assert_eq!(fills_under(with("CANCEL_RESTING")), [(2, "2".to_owned())]);
    assert_eq!(fills_under(with("CANCEL_INCOMING")), []);
    assert_eq!(fills_under(HELLO.replace("fifo", "pro_rata")), [(1, "3".to_owned()), (2, "1".to_owned())]);
}

#[test]
fn orders_without_an_owner_trade_with_each_other_under_every_policy() {
    let events = [new(1, "SELL", "100", "6", -1), new(2, "BUY", "100", "4", -1)];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let answers = played_under(&HELLO.replace("NONE", "CANCEL_INCOMING"), BOTH, &events);
    assert_eq!(fills(&answers), [(1, "4".to_owned())]);
}
