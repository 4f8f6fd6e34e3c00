//! Shanghai flows.

use std::path::PathBuf;

use papertape::import::sse::{SseArgs, run};
use papertape_engine::{InstrumentId, Phase, Price, TradeId};
use papertape_pipeline::{Boot, VenueConfig};

use crate::files::{Scratch, Told, gzip, names};

const ORDERS_HEADER: &str = "stock,channel,seq,time,action,side,price,qty,order_id\n";
const TRADES_HEADER: &str = "stock,channel,seq,time,aggressor,price,qty,buy_id,sell_id\n";

/// One day of one stock. Opening: 300 at 10.00, and order 1 rests with 200. Then order 5 takes order 3 and order 4 whole
/// and rests with 100, which order 6 takes. Orders 1 and 9 are withdrawn. The closing auction pairs orders 7 and 8.
const ORDERS: &str = "\
600000,1,1,09:15:00.000,A,B,10.00,500,1
600000,1,2,09:16:00.000,A,S,9.99,300,2
600000,1,3,09:17:00.000,A,S,10.05,200,3
600000,1,6,09:31:00.000,A,S,10.06,400,4
600000,1,7,09:31:00.000,A,S,10.08,100,9
600000,1,10,09:32:00.000,A,B,10.06,100,5
600000,1,12,09:34:00.000,D,B,10.00,200,1
600000,1,13,09:35:00.000,D,S,10.08,100,9
600000,1,14,14:57:00.000,A,B,10.10,100,7
600000,1,15,14:58:00.000,A,S,10.10,100,8
";
const TRADES: &str = "\
600000,1,5,09:25:00.000,N,10.00,300,1,2
600000,1,8,09:32:00.000,B,10.05,200,5,3
600000,1,9,09:32:00.000,B,10.06,400,5,4
600000,1,11,09:33:00.000,S,10.06,100,5,6
600000,1,16,15:00:00.000,N,10.10,100,7,8
";

struct Flow {
    scratch: Scratch,
    orders: String,
    trades: String,
    check: bool,
    stock: Option<String>,
    date: String,
    data: Option<PathBuf>,
}

impl Flow {
    fn new(test: &str) -> Self {
        let (orders, trades) = (format!("{ORDERS_HEADER}{ORDERS}"), format!("{TRADES_HEADER}{TRADES}"));
        Flow {
            scratch: Scratch::new(test),
            orders,
            trades,
            check: true,
            stock: None,
            date: "2023-07-11".to_owned(),
            data: None,
        }
    }

    fn keep(mut self) -> Self {
        self.data = Some(self.scratch.path("data"));
        self
    }

    fn import(&self) -> Told {
        self.import_bytes(&gzip(&self.orders), &gzip(&self.trades))
    }

    fn import_bytes(&self, orders: &[u8], trades: &[u8]) -> Told {
        let orders = self.scratch.write("orders.csv.gz", orders);
        let trades = self.scratch.write("trades.csv.gz", trades);
        let args = SseArgs {
            orders,
            trades,
            stock: self.stock.clone(),
            date: self.date.clone(),
            check: self.check,
            data: self.data.clone(),
        };
        Told::by(|out| run(&args, out))
    }
}

#[test]
fn a_day_with_both_auctions_comes_out_as_the_exchange_printed_it() {
    let told = Flow::new("sse-day").import();
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    assert_eq!(told.last(1), ["600000 continuous 3 of 3 auction 2 of 2 cancels 2 of 2"]);
    assert!(told.text.contains("events per second"), "{}", told.text);
}

#[test]
fn files_that_are_not_compressed_are_read_too() {
    let flow = Flow::new("sse-plain");
    let told = flow.import_bytes(flow.orders.as_bytes(), flow.trades.as_bytes());
    assert_eq!(told.exit_code(), 0, "{}", told.text);
}

#[test]
fn each_single_row_that_differs_is_reported_with_its_place() {
    for (what, from, to, place) in [
        (
            "resting order",
            "B,10.05,200,5,3",
            "B,10.05,200,5,4",
            "trades.csv.gz, line 3: expected buy trade 200 at 10.05",
        ),
        ("price", "B,10.05,200,5,3", "B,10.04,200,5,3", "trades.csv.gz, line 3: expected buy trade 200 at 10.04"),
        ("size", "B,10.06,400,5,4", "B,10.06,300,5,4", "trades.csv.gz, line 4: expected buy trade 300 at 10.06"),
        ("auction price", "N,10.00,300,1,2", "N,9.99,300,1,2", "trades.csv.gz, line 2: expected auction price 9.99"),
        ("auction pairing", "N,10.10,100,7,8", "N,10.10,100,7,9", "trades.csv.gz, line 6: expected auction trade"),
        ("delete's size", "D,S,10.08,100,9", "D,S,10.08,90,9", "orders.csv.gz, line 9: expected withdrawal of 90"),
        ("delete's price", "D,S,10.08,100,9", "D,S,10.07,100,9", "orders.csv.gz, line 9: expected withdrawal of 100"),
        ("delete's order", "D,S,10.08,100,9", "D,S,10.08,100,99", "orders.csv.gz, line 9: expected withdrawal of 100"),
    ] {
        let mut flow = Flow::new("sse-difference").keep();
        flow.orders = flow.orders.replace(from, to);
        flow.trades = flow.trades.replace(from, to);
        let told = flow.import();
        assert_eq!(told.exit_code(), 1, "{what}: {}", told.text);
        assert!(told.text.contains(place), "{what}: {}", told.text);
        assert_eq!(flow.scratch.names(), ["orders.csv.gz", "trades.csv.gz"], "{what}");
    }
}

#[test]
fn without_check_nothing_is_compared_and_the_journal_is_kept() {
    let mut flow = Flow::new("sse-unchecked").keep();
    flow.check = false;
    flow.trades = flow.trades.replace("B,10.05,200,5,3", "B,10.05,200,5,4");
    let told = flow.import();
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    assert!(told.last(1)[0].contains("not compared"), "{}", told.text);
    let boot = Boot::open(VenueConfig::new(flow.scratch.path("data"))).unwrap();
    assert_eq!(boot.engine().phase(InstrumentId(0)), Some(Phase::Closed));
    assert_eq!(boot.engine().last_trade(InstrumentId(0)), Some((TradeId(5), Price(1_010))));
    assert_eq!(boot.engine().check(), Ok(()));
}

#[test]
fn a_folder_that_is_not_empty_is_refused_and_left_alone() {
    let flow = Flow::new("sse-folder").keep();
    std::fs::create_dir(flow.scratch.path("data")).unwrap();
    flow.scratch.write("data/mine", b"x");
    let refusal = flow.import().refusal();
    assert!(refusal.contains("data: is not empty; give a folder that is new or empty"), "{refusal}");
    assert_eq!(names(&flow.scratch.path("data")), ["mine"]);
}

#[test]
fn a_truncated_file_is_refused_and_nothing_is_left() {
    let flow = Flow::new("sse-truncated").keep();
    let (orders, trades) = (gzip(&flow.orders), gzip(&flow.trades));
    let cut = &orders[..orders.len() - 12];
    let refusal = flow.import_bytes(cut, &trades).refusal();
    assert!(refusal.contains("orders.csv.gz, line") && refusal.contains("copy or download"), "{refusal}");
    for len in 0..trades.len() {
        let refusal = flow.import_bytes(&orders, &trades[..len]).refusal();
        assert!(refusal.contains("trades.csv.gz"), "{len}: {refusal}");
    }
    assert_eq!(flow.scratch.names(), ["orders.csv.gz", "trades.csv.gz"]);
}

#[test]
fn bad_rows_are_refused_with_file_line_and_field() {
    for (from, to, place) in [
        ("A,S,10.06,400,4", "A,S,10.06,5e2,4", "orders.csv.gz, line 5, field qty"),
        ("A,S,10.06,400,4", "A,S,10.06,99999999999999999999,4", "orders.csv.gz, line 5, field qty"),
        ("A,S,10.06,400,4", "A,S,10.065,400,4", "orders.csv.gz, line 5, field price"),
        ("A,S,10.06,400,4", "A,S,10.06,400", "orders.csv.gz, line 5: 8 fields where 9 belong"),
        ("A,S,10.06,400,4", "A,S,10.06,400,3", "orders.csv.gz, line 5, field order_id"),
        ("600000,1,6,", "600000,1,2,", "orders.csv.gz, line 5, field seq"),
        ("600000,1,10,", "600000,1,9,", "trades.csv.gz, line 4, field seq"),
        ("600000,1,9,", "600000,1,8,", "trades.csv.gz, line 4, field seq"),
        ("B,10.06,400,5,4", "X,10.06,400,5,4", "trades.csv.gz, line 4, field aggressor"),
        ("09:33:00.000", "09:60:00.000", "trades.csv.gz, line 5, field time"),
        ("stock,channel", "stock,chan", "orders.csv.gz, line 1: the header is not"),
    ] {
        let mut flow = Flow::new("sse-bad-row").keep();
        flow.orders = flow.orders.replace(from, to);
        flow.trades = flow.trades.replace(from, to);
        let refusal = flow.import().refusal();
        assert!(refusal.contains(place), "{to}: {refusal}");
        assert_eq!(flow.scratch.names(), ["orders.csv.gz", "trades.csv.gz"], "{to}");
    }
}

#[test]
fn files_in_the_wrong_places_are_told_apart_by_their_headers() {
    let flow = Flow::new("sse-swapped");
    let refusal = flow.import_bytes(&gzip(&flow.trades), &gzip(&flow.orders)).refusal();
    assert!(refusal.contains("orders to --orders and trades to --trades"), "{refusal}");
}

#[test]
fn a_stock_that_the_files_do_not_have_is_refused_with_those_they_have() {
    let mut flow = Flow::new("sse-stock");
    flow.stock = Some("600001".to_owned());
    assert!(flow.import().refusal().contains("has no row of stock 600001; it has 600000"));
    flow.stock = Some("no such code".to_owned());
    assert!(flow.import().refusal().contains("give --stock a code"));
    flow.stock = Some("600000".to_owned());
    assert_eq!(flow.import().exit_code(), 0);
}

#[test]
fn a_date_that_is_none_is_refused() {
    let mut flow = Flow::new("sse-date");
    flow.date = "11.7.2023".to_owned();
    assert!(flow.import().refusal().contains("give --date as YYYY-MM-DD"));
}

#[test]
fn a_file_that_is_missing_or_no_file_is_refused() {
    let flow = Flow::new("sse-missing");
    let args = SseArgs {
        orders: flow.scratch.path("nowhere.csv.gz"),
        trades: flow.scratch.path(""),
        stock: None,
        date: "2023-07-11".to_owned(),
        check: true,
        data: None,
    };
    assert!(Told::by(|out| run(&args, out)).refusal().contains("nowhere.csv.gz: cannot be opened"));
    let args = SseArgs { orders: flow.scratch.path(""), ..args };
    assert!(Told::by(|out| run(&args, out)).refusal().contains("is a folder"));
}

#[test]
fn a_bomb_of_one_endless_row_is_refused_before_it_is_unpacked() {
    let flow = Flow::new("sse-bomb");
    let refusal = flow.import_bytes(&gzip(&"0".repeat(50_000_000)), &gzip(&flow.trades)).refusal();
    assert!(refusal.contains("more than 1024 bytes"), "{refusal}");
}

#[test]
fn stocks_are_interleaved_by_time_and_reported_apart() {
    let mut flow = Flow::new("sse-two");
    for (text, rows) in [(&mut flow.orders, ORDERS), (&mut flow.trades, TRADES)] {
        text.push_str(&rows.replace("600000", "600001"));
    }
    let told = flow.import();
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    let line = |stock: &str| format!("{stock} continuous 3 of 3 auction 2 of 2 cancels 2 of 2");
    assert_eq!(told.last(2), [line("600000"), line("600001")]);
}
