//! A real day of the Shanghai exchange as a plain flow, with the trades that the exchange printed.
//!
//! Included is continuous trading, 09:30 to 14:57. What the opening auction left in the books comes first, as limit
//! orders in the order of their arrival: they do not cross. The auctions themselves are left out, because not every
//! engine has them. The exchange publishes an aggressive order as its trades first and then only its residual under the
//! same id; the order that was sent is both together, at the residual's price or, without one, at the last trade's.
//!
//! Not the importer's code on purpose: two readers that come to the same trades check each other.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use papertape_engine::{Price, Qty, Side};

use crate::message::{Action, Flow, Message, Print};

const ORDERS: &str = "stock,channel,seq,time,action,side,price,qty,order_id";
const TRADES: &str = "stock,channel,seq,time,aggressor,price,qty,buy_id,sell_id";
const CONTINUOUS: &str = "09:30";
const CLOSING: &str = "14:57";

/// Reads `orders.csv.gz` and `trades.csv.gz` of a folder. The error says what is wrong with them, or that they are not
/// there.
pub fn shanghai(folder: &Path) -> Result<Flow, String> {
    let mut stocks: BTreeMap<String, BTreeMap<(u64, u64), Row>> = BTreeMap::new();
    for (name, header) in [("orders.csv.gz", ORDERS), ("trades.csv.gz", TRADES)] {
        read(&folder.join(name), header, &mut stocks)?;
    }
    let mut steps = Vec::new();
    for (book, rows) in (0..).zip(stocks.values()) {
        steps.append(&mut Rebuild::new(book).steps(rows.values())?);
    }
    // By time, at one time by stock; a stock's own order stays.
    steps.sort_by_key(|step| step.time_ms);
    Ok(number(&format!("Shanghai, {} stocks, one day", stocks.len()), stocks.len(), &steps))
}

/// A row of either file.
#[derive(Clone, Debug)]
struct Row {
    time: String,
    what: RowKind,
    price: Price,
    qty: Qty,
}

#[derive(Clone, Copy, Debug)]
enum RowKind {
    Add(Side, u64),
    Delete(u64),
    /// Aggressor, buyer, seller.
    Trade(Option<Side>, u64, u64),
}

fn read(path: &Path, header: &str, stocks: &mut BTreeMap<String, BTreeMap<(u64, u64), Row>>) -> Result<(), String> {
    let place = |line: usize| format!("{}, line {line}", path.display());
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = BufReader::new(MultiGzDecoder::new(BufReader::new(file))).lines();
    for (line, number) in lines.zip(1..) {
        let line = line.map_err(|error| format!("{}: {error}", place(number)))?;
        if number == 1 && line == header {
            continue;
        }
        let fields: Vec<&str> = line.split(',').collect();
        let (key, row) = row(&fields, header == ORDERS).ok_or_else(|| format!("{}: {line:?}", place(number)))?;
        stocks.entry(fields[0].to_owned()).or_default().insert(key, row);
    }
    Ok(())
}

fn row(fields: &[&str], is_order: bool) -> Option<((u64, u64), Row)> {
    let &[_, channel, seq, time, action, a, b, c, d] = fields else { return None };
    let number = |text: &str| text.parse::<u64>().ok();
    let (price, qty, what) = if is_order {
        let side = if a == "B" { Side::Buy } else { Side::Sell };
        let what = if action == "A" { RowKind::Add(side, number(d)?) } else { RowKind::Delete(number(d)?) };
        (b, c, what)
    } else {
        let aggressor = match action {
            "B" => Some(Side::Buy),
            "S" => Some(Side::Sell),
            _ => None,
        };
        (a, b, RowKind::Trade(aggressor, number(c)?, number(d)?))
    };
    let (whole, cents) = price.split_once('.').filter(|(_, cents)| cents.len() == 2)?;
    let price = Price(number(whole)? * 100 + number(cents)?);
    Some(((number(channel)?, number(seq)?), Row { time: time.to_owned(), what, price, qty: Qty(number(qty)?) }))
}

/// One message, in the exchange's order numbers.
struct Step {
    time_ms: u64,
    book: u16,
    id: u64,
    action: Action,
    /// The resting orders that it traded with.
    prints: Vec<(u64, Price, Qty)>,
}

/// An aggressive order whose rows are still coming.
struct Pending {
    id: u64,
    side: Side,
    price: Price,
    qty: Qty,
    prints: Vec<(u64, Price, Qty)>,
}

struct Rebuild {
    book: u16,
    /// What rests of the opening auction's orders, by id, which is by arrival only within the list below.
    opening: HashMap<u64, Qty>,
    arrivals: Vec<(u64, Side, Price)>,
    pending: Option<Pending>,
    steps: Vec<Step>,
    time_ms: u64,
}

impl Rebuild {
    fn new(book: u16) -> Self {
        let (opening, arrivals, steps) = (HashMap::new(), Vec::new(), Vec::new());
        Self { book, opening, arrivals, pending: None, steps, time_ms: 0 }
    }

    fn steps<'a>(mut self, rows: impl Iterator<Item = &'a Row>) -> Result<Vec<Step>, String> {
        let mut continuous = false;
        for row in rows.take_while(|row| row.time.as_str() < CLOSING) {
            if row.time.as_str() < CONTINUOUS {
                self.collect(row);
                continue;
            }
            if !continuous {
                continuous = true;
                self.begin(time_ms(CONTINUOUS));
            }
            self.time_ms = self.time_ms.max(time_ms(&row.time));
            self.trade(row)?;
        }
        self.flush();
        Ok(self.steps)
    }

    /// Before continuous trading: only what is left of each order matters.
    fn collect(&mut self, row: &Row) {
        match row.what {
            RowKind::Add(side, id) => {
                self.opening.insert(id, row.qty);
                self.arrivals.push((id, side, row.price));
            }
            RowKind::Delete(id) => {
                self.opening.remove(&id);
            }
            RowKind::Trade(_, buy, sell) => {
                for id in [buy, sell] {
                    self.opening.entry(id).and_modify(|left| *left = Qty(left.0.saturating_sub(row.qty.0)));
                }
            }
        }
    }

    fn begin(&mut self, time_ms: u64) {
        self.time_ms = time_ms;
        for (id, side, price) in std::mem::take(&mut self.arrivals) {
            if let Some(&qty) = self.opening.get(&id).filter(|qty| !qty.is_zero()) {
                self.push(id, Action::Limit { side, price, qty }, Vec::new());
            }
        }
    }

    fn trade(&mut self, row: &Row) -> Result<(), String> {
        match row.what {
            RowKind::Trade(None, ..) => return Err(format!("an auction trade at {}", row.time)),
            RowKind::Trade(Some(side), buy, sell) => {
                let (id, maker) = if side == Side::Buy { (buy, sell) } else { (sell, buy) };
                if self.pending.as_ref().is_some_and(|pending| pending.id != id) {
                    self.flush();
                }
                let new = || Pending { id, side, price: row.price, qty: Qty::ZERO, prints: Vec::new() };
                let pending = self.pending.get_or_insert_with(new);
                pending.price = row.price;
                pending.qty += row.qty;
                pending.prints.push((maker, row.price, row.qty));
            }
            RowKind::Add(side, id) => {
                let residual = self.pending.as_mut().filter(|pending| pending.id == id);
                if let Some(pending) = residual {
                    pending.price = row.price;
                    pending.qty += row.qty;
                    self.flush();
                } else {
                    self.flush();
                    self.push(id, Action::Limit { side, price: row.price, qty: row.qty }, Vec::new());
                }
            }
            RowKind::Delete(id) => {
                self.flush();
                self.push(id, Action::Cancel, Vec::new());
            }
        }
        Ok(())
    }

    fn flush(&mut self) {
        if let Some(Pending { id, side, price, qty, prints }) = self.pending.take() {
            self.push(id, Action::Limit { side, price, qty }, prints);
        }
    }

    fn push(&mut self, id: u64, action: Action, prints: Vec<(u64, Price, Qty)>) {
        self.steps.push(Step { time_ms: self.time_ms, book: self.book, id, action, prints });
    }
}

/// `HH:MM` or `HH:MM:SS.mmm` as milliseconds of the day; only digits count.
fn time_ms(text: &str) -> u64 {
    let digits = text.bytes().filter(u8::is_ascii_digit).chain(std::iter::repeat(b'0'));
    let part = |from: usize, len: usize| {
        digits.clone().skip(from).take(len).fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    };
    (part(0, 2) * 60 + part(2, 2)) * 60_000 + part(4, 2) * 1_000 + part(6, 3)
}

/// Numbers the orders of all stocks in one row.
fn number(name: &str, books: usize, steps: &[Step]) -> Flow {
    let mut numbers: HashMap<(u16, u64), u32> = HashMap::new();
    let (mut messages, mut prints) = (Vec::with_capacity(steps.len()), Vec::new());
    for step in steps {
        let next = numbers.len() as u32 + 1;
        let order = *numbers.entry((step.book, step.id)).or_insert(next);
        messages.push(Message { order, book: step.book, action: step.action });
        for (maker, price, qty) in &step.prints {
            // An order that is not known would show as a difference: no order has number 0.
            let maker = numbers.get(&(step.book, *maker)).copied().unwrap_or(0);
            let (maker, taker) = (u64::from(maker), u64::from(order));
            prints.push(Print { book: step.book, maker, taker, price: *price, qty: *qty });
        }
    }
    Flow { name: name.to_owned(), books, messages, prints: Some(prints) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(orders: &str, trades: &str) -> Vec<Row> {
        let mut rows = BTreeMap::new();
        for (text, is_order) in [(orders, true), (trades, false)] {
            for line in text.lines() {
                let fields: Vec<&str> = line.split(',').collect();
                let (key, row) = row(&fields, is_order).unwrap();
                rows.insert(key, row);
            }
        }
        rows.into_values().collect()
    }

    #[test]
    fn an_aggressive_order_is_its_trades_and_its_residual() {
        let orders = "S,1,1,09:15:00.000,A,S,10.00,300,7\n\
                      S,1,2,09:16:00.000,A,B,9.99,100,6\n\
                      S,1,3,09:17:00.000,D,B,9.99,100,6\n\
                      S,1,6,09:31:00.000,A,B,10.01,50,9\n\
                      S,1,7,09:31:00.500,D,B,10.01,50,9\n";
        let trades = "S,1,4,09:25:00.000,N,10.00,100,8,7\n\
                      S,1,5,09:31:00.000,B,10.00,200,9,7\n";
        let flow = number("test", 1, &Rebuild::new(0).steps(rows(orders, trades).iter()).unwrap());
        let limit = |side, price, qty| Action::Limit { side, price: Price(price), qty: Qty(qty) };
        let actions: Vec<(u32, Action)> = flow.messages.iter().map(|message| (message.order, message.action)).collect();
        let expected = [(1, limit(Side::Sell, 1_000, 200)), (2, limit(Side::Buy, 1_001, 250)), (2, Action::Cancel)];
        assert_eq!(actions, expected);
        let print = Print { book: 0, maker: 1, taker: 2, price: Price(1_000), qty: Qty(200) };
        assert_eq!(flow.prints.unwrap(), [print]);
        assert_eq!(time_ms("09:31:00.500"), 34_260_500);
    }
}
