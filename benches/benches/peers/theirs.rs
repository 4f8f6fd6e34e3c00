//! The crates of the registry, each through the fastest entry that its documentation has, on one thread.

use std::sync::Arc;

use papertape_benches::{Action, Flow, Message, Print, Prints};
use papertape_engine::{Price, Qty, Side};

use crate::contender::Contender;

/// `matchcore`: one command in, one outcome out, by reference. It numbers orders itself, by the command of its book.
pub(crate) struct Matchcore {
    /// Each with the number of its next command.
    books: Vec<(matchcore::OrderBook, u64)>,
}

impl Contender for Matchcore {
    fn new(flow: &Flow) -> Self {
        Self { books: (0..flow.books).map(|_| (matchcore::OrderBook::new("SHARE"), 0)).collect() }
    }

    fn messages(flow: &Flow) -> Vec<Message> {
        let numbers = matchcore_numbers(flow);
        let renumbered = |message: &Message| Message { order: numbers[message.order as usize], ..*message };
        flow.messages.iter().map(renumbered).collect()
    }

    fn renumber(flow: &Flow, prints: &mut [Print]) {
        let mut orders = vec![Vec::new(); flow.books];
        for message in &flow.messages {
            // A cancel takes a number too, which no order ever has.
            orders[usize::from(message.book)].push(message.order);
        }
        for print in prints {
            let of_book = &orders[usize::from(print.book)];
            print.maker = of_book[print.maker as usize].into();
            print.taker = of_book[print.taker as usize].into();
        }
    }

    fn run(&mut self, messages: &[Message], prints: &mut impl Prints) {
        use matchcore::*;
        for message in messages {
            let (book, number) = &mut self.books[usize::from(message.book)];
            let meta = CommandMeta { sequence_number: SequenceNumber(*number), timestamp: Timestamp(*number) };
            *number += 1;
            let side = |side| if side == papertape_engine::Side::Buy { Side::Buy } else { Side::Sell };
            let submit = |order| CommandKind::Submit(SubmitCmd { order });
            let kind = match message.action {
                Action::Limit { side: of, price, qty } => submit(NewOrder::Limit(LimitOrder::new(
                    Price(price.0),
                    QuantityPolicy::Standard { quantity: Quantity(qty.0) },
                    OrderFlags::new(side(of), false, TimeInForce::Gtc),
                ))),
                Action::Market { side: of, qty } => {
                    submit(NewOrder::Market(MarketOrder::new(Quantity(qty.0), side(of), false)))
                }
                Action::Cancel => CommandKind::Cancel(CancelCmd {
                    order_id: OrderId(message.order.into()),
                    order_kind: OrderKind::Limit,
                }),
            };
            let CommandOutcome::Applied(report) = book.execute(&Command { meta, kind }) else { continue };
            let CommandReport::Submit(effects) = &report else { continue };
            for trade in effects.target_order().match_result().map_or(&[][..], MatchResult::trades) {
                prints.print(Print {
                    book: message.book,
                    maker: trade.maker_order_id().0,
                    taker: message.order.into(),
                    price: papertape_engine::Price(trade.price().0),
                    qty: Qty(trade.quantity().0),
                });
            }
        }
    }
}

/// The number of each order's command among those of its book.
fn matchcore_numbers(flow: &Flow) -> Vec<u32> {
    let (mut numbers, mut next) = (vec![0; flow.orders() + 1], vec![0; flow.books]);
    for message in &flow.messages {
        let number = &mut next[usize::from(message.book)];
        if message.action != Action::Cancel {
            numbers[message.order as usize] = *number;
        }
        *number += 1;
    }
    numbers
}

/// `orderbook-rs`: calls that give the trades back, a counter for a clock so that none is read, no listener.
pub(crate) struct OrderbookRs {
    books: Vec<orderbook_rs::OrderBook<()>>,
}

impl Contender for OrderbookRs {
    fn new(flow: &Flow) -> Self {
        let book = |_| orderbook_rs::OrderBook::with_clock("SHARE", Arc::new(orderbook_rs::StubClock::new()));
        Self { books: (0..flow.books).map(book).collect() }
    }

    fn run(&mut self, messages: &[Message], prints: &mut impl Prints) {
        use orderbook_rs::{Id, Side as TheirSide, TimeInForce};
        for message in messages {
            let (book, id) = (&self.books[usize::from(message.book)], Id::sequential(message.order.into()));
            let side = |side| if side == Side::Buy { TheirSide::Buy } else { TheirSide::Sell };
            let print = |maker: Id, price: u128, qty: u64| Print {
                book: message.book,
                maker: maker.as_u64().unwrap_or(0),
                taker: message.order.into(),
                price: Price(price as u64),
                qty: Qty(qty),
            };
            match message.action {
                Action::Limit { side: of, price, qty } => {
                    let gtc = TimeInForce::Gtc;
                    let done = book.add_limit_order_with_result(id, price.0.into(), qty.0, side(of), gtc, None);
                    let Ok((_, Some(result))) = &done else { continue };
                    for trade in result.match_result.trades().as_vec() {
                        let (price, qty) = (trade.price().as_u128(), trade.quantity().as_u64());
                        prints.print(print(trade.maker_order_id(), price, qty));
                    }
                }
                Action::Market { side: of, qty } => {
                    let Ok(result) = &book.submit_market_order(id, qty.0, side(of)) else { continue };
                    for trade in result.trades().as_vec() {
                        let (price, qty) = (trade.price().as_u128(), trade.quantity().as_u64());
                        prints.print(print(trade.maker_order_id(), price, qty));
                    }
                }
                Action::Cancel => {
                    // Whether it was there shows in the trades.
                    let _ = book.cancel_order(id);
                }
            }
        }
    }
}

/// `lobster`: its one call, statistics off, room for all orders made before.
pub(crate) struct Lobster {
    books: Vec<lobster::OrderBook>,
}

impl Contender for Lobster {
    fn new(flow: &Flow) -> Self {
        let room = flow.orders() / flow.books;
        Self { books: (0..flow.books).map(|_| lobster::OrderBook::new(room, 10, false)).collect() }
    }

    fn run(&mut self, messages: &[Message], prints: &mut impl Prints) {
        use lobster::{OrderEvent, OrderType, Side as TheirSide};
        for message in messages {
            let id = u128::from(message.order);
            let side = |side| if side == Side::Buy { TheirSide::Bid } else { TheirSide::Ask };
            let order = match message.action {
                Action::Limit { side: of, price, qty } => {
                    OrderType::Limit { id, side: side(of), qty: qty.0, price: price.0 }
                }
                Action::Market { side: of, qty } => OrderType::Market { id, side: side(of), qty: qty.0 },
                Action::Cancel => OrderType::Cancel { id },
            };
            let event = self.books[usize::from(message.book)].execute(order);
            let (OrderEvent::Filled { fills, .. } | OrderEvent::PartiallyFilled { fills, .. }) = &event else {
                continue;
            };
            for fill in fills {
                prints.print(Print {
                    book: message.book,
                    maker: fill.order_2 as u64,
                    taker: message.order.into(),
                    price: Price(fill.price),
                    qty: Qty(fill.qty),
                });
            }
        }
    }
}
