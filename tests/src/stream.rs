//! A seeded stream of commands: mostly sensible, often not.

use papertape_engine::{
    AccountId, AmendOrder, Amount, AssetId, ClientOrderId, Command, Engine, Event, InstrumentId, LedgerEntry, OrderId,
    OrderKind, OrderRef, Phase, PlaceOrder, Price, Qty, Reference, Side, Stamp, TimeInForce,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::venue::{ACCOUNTS, listings};

/// What a stream is made of.
#[derive(Clone, Copy, Debug)]
pub struct StreamOptions {
    /// Auctions, halts, ledger entries, unknown names and absurd numbers too.
    pub wild: bool,
    /// Prices lie this many ticks around the middle.
    pub width: u64,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self { wild: true, width: 20 }
    }
}

/// Commands without end. The same seed gives the same stream.
pub struct Stream {
    rng: ChaCha8Rng,
    options: StreamOptions,
    /// Where the stream would lead: who cancels and amends knows what rests.
    engine: Engine,
    sent: u64,
    events: Vec<Event>,
    rested: Vec<(AccountId, OrderId)>,
    recent: Vec<PlaceOrder>,
    last_entry: Option<Command>,
}

const MIDDLE: u64 = 1_000;
const RECENT: usize = 16;

impl Stream {
    /// A stream for the venue of [`crate::listings`], to be sent after these.
    pub fn new(seed: u64, options: StreamOptions) -> Self {
        let mut stream = Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            options,
            engine: Engine::new(),
            sent: 0,
            events: Vec::new(),
            rested: Vec::new(),
            recent: Vec::new(),
            last_entry: None,
        };
        listings().iter().for_each(|command| stream.follow(command));
        stream
    }

    fn follow(&mut self, command: &Command) {
        self.sent += 1;
        self.events.clear();
        self.engine.apply(Stamp { seq: self.sent, time_ns: self.sent }, command, &mut self.events);
        for event in &self.events {
            if let Event::Rested { account, order, .. } = event {
                self.rested.push((*account, *order));
            }
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn account(&mut self) -> AccountId {
        let strange = self.options.wild && self.chance(1);
        AccountId(if strange { self.below(ACCOUNTS.into()) as u32 * 3 } else { 1 + self.below(ACCOUNTS.into()) as u32 })
    }

    fn instrument(&mut self) -> InstrumentId {
        InstrumentId(if self.options.wild && self.chance(1) { 3 } else { self.below(3) as u16 })
    }

    fn side(&mut self) -> Side {
        if self.chance(50) { Side::Buy } else { Side::Sell }
    }

    fn price(&mut self) -> Price {
        if self.options.wild && self.chance(1) {
            let odd = [0, 1, 9, 100_001, 1_000_000_000, u64::MAX - 1, u64::MAX];
            return Price(odd[self.below(odd.len() as u64) as usize]);
        }
        Price(MIDDLE - self.options.width + self.below(2 * self.options.width))
    }

    fn qty(&mut self) -> Qty {
        if self.options.wild && self.chance(1) {
            let odd = [0, 1, 100_001, u64::MAX / 2, u64::MAX];
            return Qty(odd[self.below(odd.len() as u64) as usize]);
        }
        Qty(2 + self.below(200))
    }

    /// An order that rested not long ago, mostly by its owner.
    fn order(&mut self) -> (AccountId, OrderRef) {
        if self.chance(10) {
            return (self.account(), OrderRef::Client(self.name()));
        }
        let back = 1 + self.below(100) as usize;
        let known = self.rested.len().checked_sub(back).map(|at| self.rested[at]);
        let (owner, order) = known.unwrap_or((AccountId(1), OrderId(1)));
        let account = if self.chance(5) { self.account() } else { owner };
        (account, OrderRef::Id(order))
    }

    fn name(&mut self) -> ClientOrderId {
        let number = self.below(300);
        ClientOrderId::new(&format!("order-{number}")).expect("a short plain text")
    }

    fn place(&mut self) -> PlaceOrder {
        if !self.recent.is_empty() && self.chance(2) {
            let at = self.below(self.recent.len() as u64) as usize;
            return self.recent[at];
        }
        let kind = match self.below(20) {
            0 => OrderKind::Market { qty: self.qty() },
            1 => OrderKind::MarketQuote { budget: Amount(i128::from(self.below(3_000_000_000)) >> self.below(30)) },
            _ => OrderKind::Limit { price: self.price(), qty: self.qty() },
        };
        let limit = matches!(kind, OrderKind::Limit { .. });
        let time_in_force = match self.below(10) {
            0 => TimeInForce::Fok,
            1 | 2 => TimeInForce::Ioc,
            _ if limit || self.chance(5) => TimeInForce::Gtc,
            _ => TimeInForce::Ioc,
        };
        let order = PlaceOrder {
            account: self.account(),
            instrument: self.instrument(),
            side: self.side(),
            kind,
            time_in_force,
            post_only: self.chance(10),
            client_order_id: if self.chance(30) { Some(self.name()) } else { None },
        };
        if self.recent.len() < RECENT {
            self.recent.push(order);
        } else {
            let at = self.below(RECENT as u64) as usize;
            self.recent[at] = order;
        }
        order
    }

    fn amend(&mut self) -> AmendOrder {
        let (account, order) = self.order();
        AmendOrder {
            account,
            order,
            price: if self.chance(50) { Some(self.price()) } else { None },
            qty: if self.chance(70) { Some(self.qty()) } else { None },
        }
    }

    fn ledger(&mut self) -> Command {
        if let Some(entry) = self.last_entry.filter(|_| self.chance(10)) {
            return entry;
        }
        let entry = LedgerEntry {
            account: self.account(),
            asset: AssetId(self.below(4) as u16),
            amount: Amount(
                i128::from(self.below(1_000_000_000_000)) - if self.chance(5) { 1_000_000_000_000 } else { 0 },
            ),
            reference: Reference(100 + self.below(1_000)),
        };
        let command = match self.below(3) {
            0 => Command::Deposit(entry),
            1 => Command::Withdraw(entry),
            _ => Command::Transfer { from: entry, to: self.account() },
        };
        self.last_entry = Some(command);
        command
    }

    fn phase(&mut self) -> Phase {
        match self.below(6) {
            0 => Phase::Auction,
            1 => Phase::Halted,
            2 => Phase::Closed,
            _ => Phase::Continuous,
        }
    }

    /// Phases change rarely, and mostly back to continuous trading.
    fn session(&mut self) -> Command {
        let instrument = self.instrument();
        if self.chance(60) {
            let reference = if self.chance(50) { Some(self.price()).filter(|price| price.0 > 0) } else { None };
            return Command::Uncross { instrument, reference, then: self.phase() };
        }
        Command::SetPhase { instrument, phase: self.phase() }
    }
}

impl Iterator for Stream {
    type Item = Command;

    fn next(&mut self) -> Option<Command> {
        let roll = self.below(1_000);
        let command = match roll {
            0..=19 if self.options.wild => self.session(),
            20..=39 if self.options.wild => self.ledger(),
            40..=44 => {
                let instrument = if self.chance(50) { Some(self.instrument()) } else { None };
                let side = if self.chance(50) { Some(self.side()) } else { None };
                Command::CancelAll { account: self.account(), instrument, side }
            }
            45..=299 => {
                let (account, order) = self.order();
                Command::Cancel { account, order }
            }
            300..=399 => Command::Amend(self.amend()),
            _ => Command::Place(self.place()),
        };
        self.follow(&command);
        Some(command)
    }
}
