//! Our bare book, the reference book, and the engine.

use papertape_benches::{BareBooks, Flow, FundedEngine, Message, Prints};
use papertape_engine::OrderBook;

use crate::contender::Contender;

/// How many accounts the engine's orders are spread over.
pub(crate) const ACCOUNTS: u32 = 64;

impl<B: OrderBook> Contender for BareBooks<B> {
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
