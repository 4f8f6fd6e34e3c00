//! The engine behind the plain flow: accounts, funds checked and held, fees, positions, and every event written.

use papertape_engine::{
    AccountId, Amount, Asset, AssetId, Command, Engine, Event, InstrumentId, InstrumentSpec, LedgerEntry, OrderBook,
    OrderId, OrderKind, OrderRef, PlaceOrder, Ppm, Reference, SelfTradePrevention, Side, Stamp, Symbol, Trade,
};

use crate::generated::pick;
use crate::message::{Action, Message, Print};
use crate::tally::Prints;

/// What each account gets of each asset: more than all orders of a flow can hold.
const FUNDS: Amount = Amount(1_000_000_000_000_000_000);
/// Charged to both sides, so that fees take part.
const FEE: Ppm = Ppm(34);

/// An engine whose orders belong to accounts that were chosen by the order's number.
#[derive(Clone, Debug)]
pub struct FundedEngine<B: OrderBook> {
    engine: Engine<B>,
    accounts: u32,
    skewed: bool,
    seq: u64,
    events: Vec<Event>,
}

impl<B: OrderBook> FundedEngine<B> {
    /// Lists `books` instruments over two assets, and opens and funds `accounts` accounts.
    pub fn new(books: usize, accounts: u32) -> Self {
        let (engine, events) = (Engine::default(), Vec::with_capacity(4_096));
        let mut venue = Self { engine, accounts, skewed: false, seq: 0, events };
        for (symbol, decimals) in [("SHARE", 0), ("CNY", 2)] {
            venue.apply(&Command::ListAsset(Asset { symbol: symbol_of(symbol), decimals }));
        }
        for book in 0..books {
            venue.apply(&Command::ListInstrument(InstrumentSpec {
                price_decimals: 2,
                maker_fee: FEE,
                taker_fee: FEE,
                self_trade_prevention: SelfTradePrevention::None,
                ..InstrumentSpec::new(symbol_of(&format!("SHARE-{book}")), AssetId(0), AssetId(1))
            }));
        }
        for account in 1..=accounts {
            venue.apply(&Command::OpenAccount { reference: Reference(account.into()) });
            for asset in [AssetId(0), AssetId(1)] {
                let (account, reference) = (AccountId(account), Reference(asset.0.into()));
                venue.apply(&Command::Deposit(LedgerEntry { account, asset, amount: FUNDS, reference }));
            }
        }
        venue
    }

    /// Half of the orders come from a sixteenth of the accounts, instead of all from all alike.
    pub fn skewed(self, skewed: bool) -> Self {
        Self { skewed, ..self }
    }

    /// Does what the messages ask, in order.
    #[inline]
    pub fn run(&mut self, messages: &[Message], prints: &mut impl Prints) {
        for message in messages {
            self.step(message, prints);
        }
    }

    /// Does what one message asks. The engine numbers orders as the flow does: from 1, every one accepted.
    #[inline]
    pub fn step(&mut self, message: &Message, prints: &mut impl Prints) {
        let account = self.account_of(message.order);
        let place = |side: Side, kind: OrderKind| {
            Command::Place(PlaceOrder::new(account, InstrumentId(message.book), side, kind))
        };
        let command = match message.action {
            Action::Limit { side, price, qty } => place(side, OrderKind::Limit { price, qty }),
            Action::Market { side, qty } => place(side, OrderKind::Market { qty }),
            Action::Cancel => Command::Cancel { account, order: OrderRef::Id(OrderId(message.order.into())) },
        };
        self.apply(&command);
        for event in &self.events {
            match event {
                Event::Trade(Trade { aggressor: Some(side), price, qty, buy, sell, .. }) => {
                    let (taker, maker) = if *side == Side::Buy { (buy, sell) } else { (sell, buy) };
                    let (book, maker, taker) = (message.book, maker.order.0, taker.order.0);
                    prints.print(Print { book, maker, taker, price: *price, qty: *qty });
                }
                Event::Rejected { reason, .. } => panic!("a flow has nothing to refuse: {reason:?} for {command:?}"),
                _ => {}
            }
        }
    }

    fn apply(&mut self, command: &Command) {
        self.seq += 1;
        self.events.clear();
        self.engine.apply(Stamp { seq: self.seq, time_ns: self.seq }, command, &mut self.events);
    }

    /// Spreads orders over the accounts, neighbours far apart.
    #[inline]
    fn account_of(&self, order: u32) -> AccountId {
        AccountId(1 + pick(order.wrapping_mul(0x9e37_79b1), self.accounts, self.skewed))
    }
}

fn symbol_of(text: &str) -> Symbol {
    Symbol::new(text).expect("a short plain text")
}
