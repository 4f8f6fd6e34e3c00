//! A bare book behind the plain flow: price and time priority, an index from order numbers to slots, and nothing
//! else. No accounts, no checks, no events.

use papertape_engine::{OrderBook, OrderId, Price, Qty, Side, Slot};

use crate::message::{Action, Message, Print};
use crate::tally::Prints;

/// No order.
const NONE: Slot = Slot(u32::MAX);

/// Books, and where each order rests. The venue numbers orders without a gap, so the index is a plain list.
#[derive(Clone, Debug)]
pub struct BareBooks<B> {
    books: Vec<B>,
    slots: Vec<Slot>,
}

impl<B: OrderBook> BareBooks<B> {
    /// What one order takes in the index.
    pub const INDEX_BYTES: usize = size_of::<Slot>();

    /// Empty books, for orders numbered up to `orders`.
    pub fn new(books: usize, orders: usize) -> Self {
        Self { books: (0..books).map(|_| B::default()).collect(), slots: vec![NONE; orders + 1] }
    }

    /// Does what the messages ask, in order.
    #[inline]
    pub fn run(&mut self, messages: &[Message], prints: &mut impl Prints) {
        for message in messages {
            self.step(message, prints);
        }
    }

    /// Does what one message asks.
    #[inline]
    pub fn step(&mut self, message: &Message, prints: &mut impl Prints) {
        let (book, order) = (&mut self.books[usize::from(message.book)], message.order as usize);
        let print = |maker: OrderId, price, qty| {
            prints.print(Print { book: message.book, maker: maker.0, taker: u64::from(message.order), price, qty });
        };
        match message.action {
            Action::Limit { side, price, qty } => {
                let leaves = sweep(book, side, Some(price), qty, print);
                if !leaves.is_zero() {
                    debug_assert!(book.can_rest(side, price, leaves));
                    self.slots[order] = book.rest(side, price, leaves, OrderId(order as u64));
                }
            }
            Action::Market { side, qty } => {
                sweep(book, side, None, qty, print);
            }
            Action::Cancel => {
                let removed = book.remove(self.slots[order]);
                debug_assert!(removed.is_some(), "order {order} rests");
            }
        }
    }

    /// The best price of a side.
    pub fn best(&self, book: u16, side: Side) -> Option<Price> {
        self.books[usize::from(book)].best(side)
    }
}

/// Matches one taker against the other side, best price first, oldest first, and gives what is left of it. This is the
/// one place where benchmarks match.
#[inline]
fn sweep<B: OrderBook>(
    book: &mut B,
    taker: Side,
    limit: Option<Price>,
    qty: Qty,
    mut on_fill: impl FnMut(OrderId, Price, Qty),
) -> Qty {
    book.sweep(taker, limit, qty, |fill| on_fill(fill.maker.id, fill.maker.price, fill.qty))
}
