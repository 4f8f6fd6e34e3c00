//! One's own fills and orders, page by page.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Trader, World};

/// A maker with a sell order, and a taker who has bought from it so many times.
async fn traded(times: usize) -> (World, Trader, Trader) {
    let world = World::start().await;
    let (maker, taker) = (world.trader("maker").await, world.trader("taker").await);
    world.deposit_btc(&maker, 1).await;
    world.limit(&maker, "sell", "60000.00", "0.9").await;
    for _ in 0..times {
        world.limit(&taker, "buy", "60000.00", "0.01").await;
    }
    (world, maker, taker)
}

async fn fills(world: &World, trader: &Trader, query: &str) -> Value {
    let (status, page) = world.get(&format!("/api/v1/fills?{query}"), Some(&trader.token)).await;
    assert_eq!(status, 200, "{query}: {page}");
    page
}

fn numbers(page: &Value) -> Vec<u64> {
    page["fills"].as_array().unwrap().iter().map(|fill| fill["trade_id"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fills_are_told_once_each_while_others_come() {
    let (world, maker, taker) = traded(7).await;
    let first = fills(&world, &taker, "limit=3").await;
    assert_eq!(numbers(&first), [7, 6, 5]);
    let fill = &first["fills"][0];
    for (field, value) in [
        ("symbol", json!("BTC-USD")),
        ("side", json!("buy")),
        ("price", json!("60000.00")),
        ("qty", json!("0.01000")),
        ("quote_qty", json!("600")),
        ("fee", json!("0.3")),
        ("fee_asset", json!("USD")),
        ("liquidity", json!("taker")),
    ] {
        assert_eq!(fill[field], value, "{field}: {fill}");
    }
    // What trades meanwhile is newer than the first page, and shifts nothing.
    world.limit(&taker, "buy", "60000.00", "0.01").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = fills(&world, &taker, &format!("limit=3&cursor={cursor}")).await;
    assert_eq!(numbers(&second), [4, 3, 2]);
    world.limit(&taker, "buy", "60000.00", "0.01").await;
    let cursor = second["next_cursor"].as_str().unwrap();
    let third = fills(&world, &taker, &format!("limit=3&cursor={cursor}")).await;
    assert_eq!((numbers(&third), &third["next_cursor"]), (vec![1], &Value::Null));
    // A page that ends with the last fill is the last one.
    let whole = fills(&world, &taker, "limit=9").await;
    assert_eq!((numbers(&whole).len(), &whole["next_cursor"]), (9, &Value::Null));
    // Everybody has their own, and a cursor opens nobody else's.
    let (status, refused) = world.get(&format!("/api/v1/fills?cursor={cursor}"), Some(&maker.token)).await;
    assert_eq!((status, &refused["code"]), (400, &json!("INVALID_FIELD")), "{refused}");
    let makers = fills(&world, &maker, "").await;
    assert!(makers["fills"].as_array().unwrap().iter().all(|fill| fill["side"] == "sell"), "{makers}");
    assert_eq!(numbers(&fills(&world, &maker, "symbol=BTC").await).len(), 9);
    assert_eq!(numbers(&fills(&world, &maker, "symbol=ETH").await).len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fills_of_a_time_are_those_from_it_and_before_its_end() {
    let (world, _, taker) = traded(5).await;
    let all = fills(&world, &taker, "").await;
    let times: Vec<u64> =
        all["fills"].as_array().unwrap().iter().map(|fill| fill["time_ms"].as_u64().unwrap()).collect();
    assert_eq!(times.len(), 5);
    for begin in &times {
        let later = times.iter().filter(|time| *time >= begin).count();
        assert_eq!(numbers(&fills(&world, &taker, &format!("from={begin}")).await).len(), later);
        assert_eq!(numbers(&fills(&world, &taker, &format!("to={begin}")).await).len(), 5 - later);
        assert_eq!(numbers(&fills(&world, &taker, &format!("from={begin}&to={begin}")).await).len(), 0);
    }
    assert_eq!(numbers(&fills(&world, &taker, "from=0&to=18446744073709551615").await).len(), 5);
    assert_eq!(numbers(&fills(&world, &taker, "to=0").await).len(), 0);
    let page = fills(&world, &taker, "limit=2&from=0").await;
    let rest = fills(&world, &taker, &format!("limit=3&from=0&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!((numbers(&rest), &rest["next_cursor"]), (vec![3, 2, 1], &Value::Null));

    for query in [
        "limit=0",
        "limit=501",
        "cursor=",
        "cursor=1",
        "cursor=f1-zzzzzzzzzzzzzzzz",
        "cursor=f1-000000000000000100000000000000000000000000000000",
        "cursor=f1-0000000000000001",
        "cursor=o1-0000000000000001",
        "from=2&to=1",
        "from=-1",
        "from=yesterday",
        "symbol=XYZ",
        "format=xml",
        "page=1",
    ] {
        let (status, refused) = world.get(&format!("/api/v1/fills?{query}"), Some(&taker.token)).await;
        assert_eq!(status, 400, "{query}: {refused}");
    }
    assert_eq!(world.get("/api/v1/fills", None).await.0, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fills_are_lines_for_who_asks_for_them() {
    let (world, _, taker) = traded(3).await;
    let asked = async |query: &str, accept: &str| {
        let request = world.http().get(world.url(&format!("/api/v1/fills?{query}"))).bearer_auth(&taker.token);
        let answer = request.header("accept", accept).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (kind, next) = (header("content-type").unwrap(), header("papertape-next-cursor"));
        (kind, next, answer.text().await.unwrap())
    };
    for (query, accept) in [("limit=2&format=csv", "application/json"), ("limit=2", "text/csv, */*;q=0.1")] {
        let (kind, next, text) = asked(query, accept).await;
        assert_eq!(kind, "text/csv; charset=utf-8; header=present");
        let lines: Vec<_> = text.split("\r\n").collect();
        let names = "trade_id,order_id,symbol,side,price,qty,quote_qty,fee,fee_asset,liquidity,time,time_ms";
        assert_eq!((lines.len(), lines[0], lines[3]), (4, names, ""), "{text}");
        let fields: Vec<_> = lines[1].split(',').collect();
        assert_eq!(
            (fields[0], &fields[2..9]),
            ("3", &["BTC-USD", "buy", "60000.00", "0.01000", "600", "0.3", "USD"][..])
        );
        let (_, last, rest) = asked(&format!("{query}&cursor={}", next.unwrap()), accept).await;
        assert_eq!((rest.lines().count(), last), (2, None), "{rest}");
    }
    for (query, accept) in [("format=json", "text/csv"), ("", "application/json, text/csv"), ("", "*/*")] {
        assert_eq!(asked(query, accept).await.0, "application/json", "{query} {accept}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_page_by_page() {
    let (world, maker, taker) = traded(5).await;
    let open = world.limit(&taker, "buy", "50000.00", "0.01").await;
    for _ in 0..2 {
        world.limit(&taker, "buy", "60000.00", "0.01").await;
    }
    for (status, count) in [("closed", 7), ("all", 8), ("open", 1)] {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/orders?status={status}&limit=2{cursor}");
            let answer = world.raw(Method::GET, &path, Some(&taker.token), None).await;
            assert_eq!(answer.status(), 200);
            let next = answer.headers().get("papertape-next-cursor").map(|next| next.to_str().unwrap().to_owned());
            let page: Vec<Value> = answer.json().await.unwrap();
            assert!(page.len() == 2 || next.is_none(), "{page:?}");
            found.extend(page.iter().map(|order| order["order_id"].as_str().unwrap().parse::<u64>().unwrap()));
            // An order that comes meanwhile is newer than the first page.
            if status == "closed" {
                world.limit(&maker, "sell", "61000.00", "0.001").await;
            }
            let Some(next) = next else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found.len(), count, "{status}");
        assert!(found.is_sorted_by(|one, next| one > next), "{status}: newest first, each once: {found:?}");
        let is_there = found.contains(&open["order_id"].as_str().unwrap().parse().unwrap());
        assert_eq!(is_there, status != "closed");
    }
    for cursor in ["x", "f1-0000000000000001", "o1-1"] {
        let (status, refused) = world.get(&format!("/api/v1/orders?cursor={cursor}"), Some(&taker.token)).await;
        assert_eq!((status, &refused["code"]), (400, &json!("INVALID_FIELD")), "{cursor}");
    }
    world.stop().await;
}
