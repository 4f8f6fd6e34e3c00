//! A seeded stream of commands: mostly sensible, often not.

use papertape_engine::{
    AccountId, AmendOrder, Amount, AssetId, ClientOrderId, Command, Engine, Event, FeeTier, FeeTiers, InstrumentId,
    KillScope, LedgerEntry, Leg, ListOrders, OrderId, OrderKind, OrderRef, Peg, PegTo, Phase, PlaceList, PlaceOrder,
    Ppm, Price, Purpose, Qty, Reference, Schedule, SelfTradePrevention, Side, Stage, Stamp, TimeInForce, TradeGroup,
    Trail, Trigger, TriggerKind,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::venue::{ACCOUNTS, listings, open_market};

/// What a stream is made of.
#[derive(Clone, Copy, Debug)]
pub struct StreamOptions {
    /// Icebergs, orders that wait, lists, marks, kill switches, auctions, halts, ledger entries, unknown names and absurd numbers too.
    /// Otherwise all instruments trade continuously from the start.
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
    /// Orders that rest, and their names; a wild stream keeps those that ended too.
    rested: Vec<(AccountId, OrderId, Option<ClientOrderId>)>,
    recent: Vec<PlaceOrder>,
    /// What releases a kill switch or a suspension.
    stopped: Option<Command>,
    last_entry: Option<Command>,
}

const MIDDLE: u64 = 1_000;
const RECENT: usize = 16;
/// Above this a stream that is not wild cancels more often: the filters leave little more room.
const RESTING_MAX: usize = 150;
/// Where cancels and new orders begin in a roll of a thousand.
const CANCEL: u64 = 45;
const PLACE: u64 = 400;

impl Stream {
    /// A stream for the venue of [`crate::listings`], to be sent after these; one that is not wild for that of
    /// [`crate::open_market`].
    pub fn new(seed: u64, options: StreamOptions) -> Self {
        let mut stream = Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            options,
            engine: Engine::new(),
            sent: 0,
            events: Vec::new(),
            rested: Vec::new(),
            recent: Vec::new(),
            stopped: None,
            last_entry: None,
        };
        let before = if options.wild { listings() } else { open_market() };
        before.iter().for_each(|command| stream.follow(command));
        stream
    }

    fn follow(&mut self, command: &Command) {
        self.sent += 1;
        self.events.clear();
        self.engine.apply(Stamp { seq: self.sent, time_ns: self.sent }, command, &mut self.events);
        let mut name = None;
        for event in &self.events {
            match event {
                Event::Accepted(accepted) => {
                    name = accepted.terms.client_order_id;
                    if accepted.terms.trigger.is_some() || accepted.list.is_some() {
                        self.rested.push((accepted.terms.account, accepted.order, name));
                    }
                }
                Event::Rested { order, .. }
                    if self.options.wild && self.rested.iter().any(|known| known.1 == *order) => {}
                Event::Amended(amended) => {
                    // It rests again if it lost its place; what it is called does not change.
                    let known = self.rested.iter().rfind(|known| known.1 == amended.order);
                    name = known.and_then(|known| known.2);
                    forget(&mut self.rested, amended.order, self.options.wild || amended.kept_priority);
                }
                Event::Rested { account, order, .. } => self.rested.push((*account, *order, name)),
                Event::Trade(trade) => {
                    for party in [trade.buy, trade.sell].iter().filter(|party| party.leaves_qty.is_zero()) {
                        forget(&mut self.rested, party.order, self.options.wild);
                    }
                }
                Event::Cancelled(cancelled) => forget(&mut self.rested, cancelled.order, self.options.wild),
                _ => {}
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
        let by_name = self.chance(10);
        if by_name && self.options.wild {
            return (self.account(), OrderRef::Client(self.name()));
        }
        let among = if self.options.wild { 100 } else { self.rested.len().clamp(1, 100) };
        let back = 1 + self.below(among as u64) as usize;
        let known = self.rested.len().checked_sub(back).map(|at| self.rested[at]);
        let (owner, order, name) = known.unwrap_or((AccountId(1), OrderId(1), None));
        if let Some(name) = name.filter(|_| by_name) {
            return (owner, OrderRef::Client(name));
        }
        let account = if self.chance(5) { self.account() } else { owner };
        (account, OrderRef::Id(order))
    }

    fn name(&mut self) -> ClientOrderId {
        let number = if self.options.wild || self.chance(10) { self.below(300) } else { self.sent };
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
            3 if self.options.wild && self.chance(20) => TimeInForce::AtOpen,
            3 if self.options.wild && self.chance(20) => TimeInForce::AtClose,
            3 if self.options.wild && limit => TimeInForce::Day,
            4 if self.options.wild && limit => TimeInForce::Gtd { until_ns: self.sent + self.below(100) },
            _ if limit || self.chance(5) => TimeInForce::Gtc,
            _ => TimeInForce::Ioc,
        };
        let mut order = PlaceOrder {
            account: self.account(),
            instrument: self.instrument(),
            side: self.side(),
            kind,
            time_in_force,
            post_only: self.chance(10),
            self_trade_prevention: if self.options.wild && self.chance(50) {
                let mode = self.below(SelfTradePrevention::ALL.len() as u64);
                Some(SelfTradePrevention::ALL[mode as usize])
            } else {
                None
            },
            display_qty: None,
            min_qty: Qty::ZERO,
            reduce_only: false,
            imbalance_only: false,
            peg: None,
            trigger: None,
            client_order_id: if self.chance(30) { Some(self.name()) } else { None },
        };
        if self.options.wild && limit && time_in_force.stays() && self.chance(20) {
            order.display_qty = order.kind.qty().map(|qty| Qty(qty.0 / (1 + self.below(8))));
        }
        if self.options.wild {
            order.reduce_only = order.side == Side::Sell && self.chance(3);
            if limit && time_in_force.stays() && self.chance(1) {
                let to = PegTo::ALL[self.below(3) as usize];
                order.peg = Some(Peg { to, offset: self.below(7) as i32 - 3 });
            }
            order.imbalance_only = time_in_force.auction().is_some() && self.chance(30);
            order.min_qty = if self.chance(2) { Qty(self.below(60)) } else { Qty::ZERO };
        }
        if self.options.wild && self.chance(15) {
            (order.trigger, order.kind) = (Some(self.trigger()), self.waiting_kind());
        }
        if let OrderKind::Limit { price, .. } = &mut order.kind
            && !self.options.wild
            && self.chance(85)
        {
            *price = own_side(order.side, *price);
        }
        if self.recent.len() < RECENT {
            self.recent.push(order);
        } else {
            let at = self.below(RECENT as u64) as usize;
            self.recent[at] = order;
        }
        order
    }

    /// Near the middle, where trades reach it.
    fn trigger(&mut self) -> Trigger {
        let kind = if self.chance(50) { TriggerKind::Stop } else { TriggerKind::TakeProfit };
        let trail = if self.chance(50) {
            Trail::Ticks(self.below(12) as u32)
        } else {
            Trail::BasisPoints(self.below(120) as u32)
        };
        let (price, trail) = match self.below(4) {
            0 => (None, Some(trail)),
            1 => (Some(self.price()), Some(trail)),
            _ => (Some(self.price()), None),
        };
        Trigger { kind, price, trail }
    }

    fn waiting_kind(&mut self) -> OrderKind {
        let qty = self.qty();
        match self.below(4) {
            0 => OrderKind::Limit { price: self.price(), qty },
            1 => OrderKind::MarketToLimit { qty },
            _ => OrderKind::Market { qty },
        }
    }

    fn leg(&mut self, side: Side, qty: Qty, waits: bool) -> Leg {
        let kind = OrderKind::Limit { price: own_side(side, self.price()), qty };
        let trigger = if waits { Some(self.trigger()) } else { None };
        let kind = match self.below(40) {
            0 => OrderKind::MarketQuote { budget: Amount(1_000) },
            1 => OrderKind::MarketToLimit { qty },
            roll if waits && roll < 20 => OrderKind::Market { qty },
            _ => kind,
        };
        Leg { side, kind, time_in_force: TimeInForce::Gtc, post_only: false, trigger }
    }

    fn list(&mut self) -> PlaceList {
        let (side, qty) = (self.side(), self.qty());
        let working = self.leg(side, qty, false);
        let both_wait = self.chance(30);
        let orders = match self.below(3) {
            0 => {
                // Now and then their sides differ, or nobody waits.
                let (of, waits) = (if self.chance(5) { side.opposite() } else { side }, !self.chance(5));
                ListOrders::Oco([self.leg(side, qty, both_wait), self.leg(of, qty, waits)])
            }
            1 => {
                let waits = self.chance(50);
                ListOrders::Oto { working, pending: self.leg(side.opposite(), qty, waits) }
            }
            _ => {
                let of = side.opposite();
                ListOrders::Otoco { working, pending: [self.leg(of, qty, both_wait), self.leg(of, qty, true)] }
            }
        };
        PlaceList {
            account: self.account(),
            instrument: self.instrument(),
            orders,
            self_trade_prevention: None,
            client_order_id: if self.chance(30) { Some(self.name()) } else { None },
        }
    }

    /// Lists, marks, and now and then a stop for somebody, which does not last.
    fn hanging(&mut self) -> Command {
        if let Some(release) = self.stopped {
            if self.chance(80) {
                self.stopped = None;
            }
            return release;
        }
        match self.below(40) {
            0 => {
                let scope = match self.below(3) {
                    0 => KillScope::Venue,
                    1 => KillScope::Instrument(self.instrument()),
                    _ => KillScope::Account(self.account()),
                };
                self.stopped = Some(Command::SetKillSwitch { scope, engaged: false });
                Command::SetKillSwitch { scope, engaged: true }
            }
            1 => {
                let account = self.account();
                self.stopped = Some(Command::SetSuspended { account, suspended: false });
                Command::SetSuspended { account, suspended: true }
            }
            2 => {
                let (volume_min, fee) = (Amount(1 + i128::from(self.below(1_000))), self.below(400) as i32);
                let tier = FeeTier { volume_min, maker_fee: Ppm(-fee), taker_fee: Ppm(fee) };
                let tiers = FeeTiers::new(&[tier]).expect("one");
                Command::SetFeeTiers { instrument: self.instrument(), tiers }
            }
            3..=12 => Command::SetMark { instrument: self.instrument(), price: self.price() },
            _ => Command::PlaceList(self.list()),
        }
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

    fn trade_group(&mut self) -> Command {
        let group = Some(TradeGroup(self.below(2) as u32)).filter(|_| self.chance(60));
        Command::SetTradeGroup { account: self.account(), group }
    }

    fn phase(&mut self) -> Phase {
        match self.below(6) {
            0 => Phase::Auction,
            1 => Phase::Halted,
            2 => Phase::Closed,
            _ => Phase::Continuous,
        }
    }

    /// A phase, which now and then ends by itself soon.
    fn stage(&mut self) -> Stage {
        let phase = self.phase();
        let ends = matches!(phase, Phase::Auction | Phase::Halted) && self.chance(50);
        let until_ns = ends.then_some(self.sent + self.below(100));
        let purpose = if phase == Phase::Auction { Purpose::ALL[self.below(4) as usize] } else { Purpose::Intraday };
        Stage { phase, purpose, until_ns }
    }

    /// Phases change rarely, and mostly back to continuous trading.
    fn session(&mut self) -> Command {
        let instrument = self.instrument();
        if self.chance(60) {
            let reference = if self.chance(50) { Some(self.price()).filter(|price| price.0 > 0) } else { None };
            return Command::Uncross { instrument, reference, then: self.phase() };
        }
        if self.chance(20) {
            return Command::SetSchedule { instrument, schedule: self.schedule() };
        }
        Command::SetPhase { instrument, stage: self.stage() }
    }

    /// A day that is soon over, none, or an impossible one.
    fn schedule(&mut self) -> Option<Schedule> {
        let pre_open_ns = self.sent + self.below(30);
        let [open_ns, closing_ns, close_ns] = [20, 40, 60].map(|later| pre_open_ns + self.below(20) + later - 10);
        let schedule = Schedule { pre_open_ns, open_ns, closing_ns, close_ns };
        let schedule = if self.chance(20) { Schedule { open_ns: close_ns, ..schedule } } else { schedule };
        Some(schedule).filter(|_| !self.chance(30))
    }
}

/// As far from the middle, on the side where the order rests.
fn own_side(side: Side, price: Price) -> Price {
    let away = price.0.abs_diff(MIDDLE).saturating_add(1);
    Price(if side == Side::Buy { MIDDLE.saturating_sub(away) } else { MIDDLE.saturating_add(away) })
}

/// Takes an order off the list, unless it is kept: a wild stream goes on naming orders that ended.
fn forget(rested: &mut Vec<(AccountId, OrderId, Option<ClientOrderId>)>, order: OrderId, keep: bool) {
    if let Some(at) = rested.iter().rposition(|known| known.1 == order).filter(|_| !keep) {
        rested.remove(at);
    }
}

impl Stream {
    /// Keeps the books neither empty nor so full that the filters refuse what comes.
    fn sensible(&mut self, roll: u64) -> u64 {
        match roll {
            _ if self.rested.is_empty() => PLACE,
            PLACE.. if self.rested.len() > RESTING_MAX && self.chance(50) => CANCEL,
            // Each of these empties a sixth of the books.
            41..CANCEL => PLACE,
            _ => roll,
        }
    }
}

impl Iterator for Stream {
    type Item = Command;

    fn next(&mut self) -> Option<Command> {
        let mut roll = self.below(1_000);
        if !self.options.wild {
            roll = self.sensible(roll);
        }
        let command = match roll {
            0..=19 if self.options.wild => self.session(),
            20..=23 if self.options.wild => self.trade_group(),
            24..=39 if self.options.wild => self.ledger(),
            40..=44 => {
                let instrument = if self.chance(50) { Some(self.instrument()) } else { None };
                let side = if self.chance(50) { Some(self.side()) } else { None };
                Command::CancelAll { account: self.account(), instrument, side }
            }
            CANCEL..=299 => {
                let (account, order) = self.order();
                Command::Cancel { account, order }
            }
            300..=399 => Command::Amend(self.amend()),
            950.. if self.options.wild => self.hanging(),
            _ => Command::Place(self.place()),
        };
        self.follow(&command);
        Some(command)
    }
}
