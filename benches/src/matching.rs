//! A bare book behind the plain flow: price and time priority, an index from order numbers to slots, and nothing
//! else. No accounts, no checks, no events.

use papertape_engine::{Fill, Meet, OrderBook, OrderId, Price, SequenceIndex, Side, Slot};

use crate::message::{Action, Message, Print};
use crate::tally::Prints;

/// Books, and where each order rests.
#[derive(Clone, Debug)]
pub struct BareBooks<B> {
    books: Vec<B>,
    index: SequenceIndex<Slot>,
}

impl<B: OrderBook> BareBooks<B> {
    /// Empty books.
    pub fn new(books: usize) -> Self {
        Self::of((0..books).map(|_| B::default()).collect(), SequenceIndex::default())
    }

    /// These books, and the index of all their orders.
    pub fn of(books: Vec<B>, index: SequenceIndex<Slot>) -> Self {
        Self { books, index }
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
        let order = OrderId(message.order.into());
        let Self { books, index } = self;
        let book = &mut books[usize::from(message.book)];
        let mut sweep = |book: &mut B, side, limit, qty| {
            book.sweep(side, limit, qty, |Fill { maker, qty }| {
                if qty == maker.leaves_qty {
                    index.remove_at(maker.id, maker.slot);
                }
                prints.print(Print { book: message.book, maker: maker.id.0, taker: order.0, price: maker.price, qty });
                Meet::Take
            })
        };
        match message.action {
            Action::Limit { side, price, qty } => {
                let leaves = sweep(book, side, Some(price), qty);
                if !leaves.is_zero() {
                    debug_assert!(book.can_rest(side, price, leaves));
                    index.insert(order, book.rest(side, price, leaves, order));
                }
            }
            Action::Market { side, qty } => {
                sweep(book, side, None, qty);
            }
            Action::Cancel => {
                let slot = index.remove(order, |slot| book.id_at(slot).expect("the index knows open orders only"));
                let removed = slot.and_then(|slot| book.remove(slot));
                debug_assert!(removed.is_some(), "order {order} rests");
            }
        }
    }

    /// The best price of a side.
    pub fn best(&self, book: u16, side: Side) -> Option<Price> {
        self.books[usize::from(book)].best(side)
    }
}
