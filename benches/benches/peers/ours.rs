//! Our bare book, the reference book, and the engine.

use papertape_benches::{BareBooks, Flow, FundedEngine, Message, Prints};
use papertape_engine::{LadderBook, OrderBook, ReferenceBook, SequenceIndex};

use crate::contender::Contender;

/// How many accounts the engine's orders are spread over.
pub(crate) const ACCOUNTS: u32 = 64;

/// Orders a book has room for before it asks for memory.
const ROOM: usize = 1 << 14;

impl Contender for BareBooks<LadderBook> {
    fn new(flow: &Flow) -> Self {
        let books = (0..flow.books).map(|_| LadderBook::with_capacity(ROOM));
        let mut index = SequenceIndex::default();
        index.touch();
        BareBooks::of(books.collect(), index)
    }

    fn run(&mut self, messages: &[Message], prints: &mut impl Prints) {
        BareBooks::run(self, messages, prints);
    }
}

impl Contender for BareBooks<ReferenceBook> {
    fn new(flow: &Flow) -> Self {
        BareBooks::new(flow.books)
    }

    fn run(&mut self, messages: &[Message], prints: &mut impl Prints) {
        BareBooks::run(self, messages, prints);
    }
}

impl<B: OrderBook> Contender for FundedEngine<B> {
    fn new(flow: &Flow) -> Self {
        FundedEngine::new(flow.books, ACCOUNTS)
    }

    fn run(&mut self, messages: &[Message], prints: &mut impl Prints) {
        FundedEngine::run(self, messages, prints);
    }
}
