//! A small venue: TEA for USD, both with two decimals. One lot is 1.00 TEA (100 units), one tick is a cent, so that
//! one tick times one lot is one cent.

use papertape_engine::{
    AccountId, AmendOrder, Amount, Asset, AssetId, Balance, CancelCause, ClientOrderId, Command, Engine, Event,
    InstrumentId, InstrumentSpec, LedgerEntry, OrderId, OrderKind, OrderRef, Phase, PlaceOrder, Position, Ppm, Price,
    Qty, Reason, Reference, SelfTradePrevention, Side, Stamp, Symbol, TimeInForce, Trail, Trigger, TriggerKind,
};

pub(crate) const TEA: AssetId = AssetId(0);
pub(crate) const USD: AssetId = AssetId(1);
pub(crate) const MARKET: InstrumentId = InstrumentId(0);
/// What each of the accounts 1 to 3 begins with, in units.
pub(crate) const FUNDS: i128 = 1_000_000;

pub(crate) struct Venue {
    pub(crate) engine: Engine,
    seq: u64,
    time_ns: u64,
}

pub(crate) fn spec() -> InstrumentSpec {
    InstrumentSpec {
        price_decimals: 2,
        lot: Amount(100),
        self_trade_prevention: SelfTradePrevention::None,
        ..InstrumentSpec::new(Symbol::new("TEA-USD").unwrap(), TEA, USD)
    }
}

/// The first commands of a test, each of which is compared with what a restored venue does.
const RESTORED_ALWAYS: u64 = 200;

/// The venue without fees.
pub(crate) fn venue() -> Venue {
    Venue::of(spec())
}

/// The venue with these fees, in parts per million, in quote.
pub(crate) fn with_fees(maker: i32, taker: i32) -> Venue {
    Venue::of(InstrumentSpec { maker_fee: Ppm(maker), taker_fee: Ppm(taker), ..spec() })
}

impl Venue {
    pub(crate) fn of(spec: InstrumentSpec) -> Self {
        let mut venue = Self { engine: Engine::new(), seq: 0, time_ns: 0 };
        for symbol in ["TEA", "USD"] {
            venue.send(Command::ListAsset(Asset { symbol: Symbol::new(symbol).unwrap(), decimals: 2 }));
        }
        venue.send(Command::ListInstrument(spec));
        for account in 1..=3 {
            venue.send(Command::OpenAccount { reference: Reference(account) });
            for asset in [TEA, USD] {
                venue.send(Command::Deposit(entry(account as u32, asset, FUNDS, asset.0.into())));
            }
        }
        venue
    }

    /// Applies a command. Whatever it is: the invariants hold after it, a refusal changes nothing, and a venue restored
    /// from a snapshot before it does the same (of a test with hundreds of commands, at every sixteenth of the later ones).
    pub(crate) fn send(&mut self, command: Command) -> Vec<Event> {
        (self.seq, self.time_ns) = (self.seq + 1, self.time_ns + 1);
        let stamp = Stamp { seq: self.seq, time_ns: self.time_ns };
        let (before, mut events) = (self.engine.state_hash(), Vec::new());
        let is_restored = self.seq <= RESTORED_ALWAYS || self.seq.is_multiple_of(16);
        let restored: Option<Engine> = is_restored.then(|| Engine::restore(&self.engine.snapshot()).unwrap());
        self.engine.apply(stamp, &command, &mut events);
        if let Some(mut restored) = restored {
            let mut again = Vec::new();
            restored.apply(stamp, &command, &mut again);
            assert_eq!(again, events, "after a restore: {command:?}");
            assert_eq!(restored.state_hash(), self.engine.state_hash(), "after a restore: {command:?}");
        }
        self.engine.check().unwrap();
        if matches!(events[..], [Event::Rejected { .. }]) {
            assert_eq!(self.engine.state_hash(), before, "a refusal changed something: {command:?}");
        }
        events
    }

    /// The time of the last command; each is a nanosecond later than the one before.
    pub(crate) fn time_ns(&self) -> u64 {
        self.time_ns
    }

    /// Time passes, so that the next command comes at this time.
    pub(crate) fn pass(&mut self, time_ns: u64) {
        self.time_ns = time_ns - 1;
    }

    /// Applies a command and says in words what happened, balances and positions left out.
    pub(crate) fn tell(&mut self, command: Command) -> Vec<String> {
        self.send(command).iter().filter_map(words).collect()
    }

    pub(crate) fn place(&mut self, order: PlaceOrder) -> Vec<String> {
        self.tell(Command::Place(order))
    }

    pub(crate) fn buy(&mut self, account: u32, price: u64, qty: u64) -> Vec<String> {
        self.place(limit(account, Side::Buy, price, qty))
    }

    pub(crate) fn sell(&mut self, account: u32, price: u64, qty: u64) -> Vec<String> {
        self.place(limit(account, Side::Sell, price, qty))
    }

    pub(crate) fn amend(&mut self, account: u32, order: u64, price: Option<u64>, qty: Option<u64>) -> Vec<String> {
        let (account, order) = (AccountId(account), OrderRef::Id(OrderId(order)));
        self.tell(Command::Amend(AmendOrder { account, order, price: price.map(Price), qty: qty.map(Qty) }))
    }

    pub(crate) fn cancel(&mut self, account: u32, order: u64) -> Vec<String> {
        self.tell(Command::Cancel { account: AccountId(account), order: OrderRef::Id(OrderId(order)) })
    }

    pub(crate) fn set_phase(&mut self, phase: Phase) -> Vec<String> {
        self.tell(Command::SetPhase { instrument: MARKET, stage: phase.into() })
    }

    pub(crate) fn uncross(&mut self, reference: Option<u64>) -> Vec<String> {
        let reference = reference.map(Price);
        self.tell(Command::Uncross { instrument: MARKET, reference, then: Phase::Continuous })
    }

    /// Free and held units.
    pub(crate) fn balance(&self, account: u32, asset: AssetId) -> (i128, i128) {
        let balances = self.engine.balances(AccountId(account));
        let found = balances.into_iter().find(|(id, _)| *id == asset).map_or(Balance::default(), |entry| entry.1);
        (found.free.0, found.held.0)
    }

    pub(crate) fn position(&self, account: u32) -> Position {
        self.engine.positions(AccountId(account)).first().map_or(Position::default(), |entry| entry.1)
    }

    /// The orders of a side in the order in which they would trade, as `number price leaves`.
    pub(crate) fn queue(&self, side: Side) -> Vec<(u64, u64, u64)> {
        let orders = self.engine.open_orders(MARKET, side);
        orders.iter().map(|order| (order.order.0, order.price.0, order.leaves_qty.0)).collect()
    }
}

pub(crate) fn limit(account: u32, side: Side, price: u64, qty: u64) -> PlaceOrder {
    PlaceOrder::new(AccountId(account), MARKET, side, OrderKind::Limit { price: Price(price), qty: Qty(qty) })
}

pub(crate) fn immediate(order: PlaceOrder, time_in_force: TimeInForce) -> PlaceOrder {
    PlaceOrder { time_in_force, ..order }
}

pub(crate) fn market(account: u32, side: Side, qty: u64) -> PlaceOrder {
    PlaceOrder::new(AccountId(account), MARKET, side, OrderKind::Market { qty: Qty(qty) })
}

pub(crate) fn spend(account: u32, side: Side, budget: i128) -> PlaceOrder {
    PlaceOrder::new(AccountId(account), MARKET, side, OrderKind::MarketQuote { budget: Amount(budget) })
}

/// Waits for a stop price.
pub(crate) fn stop(price: u64, order: PlaceOrder) -> PlaceOrder {
    waiting(TriggerKind::Stop, Some(price), None, order)
}

pub(crate) fn waiting(kind: TriggerKind, price: Option<u64>, trail: Option<Trail>, order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { trigger: Some(Trigger { kind, price: price.map(Price), trail }), ..order }
}

pub(crate) fn named(order: PlaceOrder, name: &str) -> PlaceOrder {
    PlaceOrder { client_order_id: Some(ClientOrderId::new(name).unwrap()), ..order }
}

pub(crate) fn entry(account: u32, asset: AssetId, amount: i128, reference: u64) -> LedgerEntry {
    LedgerEntry { account: AccountId(account), asset, amount: Amount(amount), reference: Reference(reference) }
}

pub(crate) fn rejected(reason: Reason) -> Vec<String> {
    vec![format!("rejected {}", reason.name())]
}

pub(crate) fn cancelled(order: u64, leaves: u64, cause: CancelCause) -> String {
    format!("cancelled {order}, {leaves} left, {}", cause.name())
}

fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::Accepted(accepted) => format!("accepted {}", accepted.order),
        Event::Rested { order, price, leaves_qty, .. } => format!("rested {order}, {leaves_qty} at {price}"),
        Event::Trade(trade) => {
            let (buy, sell) = (trade.buy, trade.sell);
            format!(
                "trade {} at {}: {} from {}, fees {} {}",
                trade.qty, trade.price, buy.order, sell.order, buy.fee, sell.fee
            )
        }
        Event::SelfTradePrevented(prevented) => {
            let (taker, maker, mode) = (prevented.taker, prevented.maker, prevented.mode.name());
            let (qty, price) = (prevented.qty, prevented.price);
            format!(
                "prevented {qty} at {price}: {} with {}, {} and {} left, {mode}",
                taker.order, maker.order, taker.leaves_qty, maker.leaves_qty
            )
        }
        Event::Released { order, .. } => format!("released {order}"),
        Event::Triggered { order, price, .. } => format!("triggered {order} at {price}"),
        Event::MarginTermsSet { asset, .. } => format!("margin terms of {asset}"),
        Event::MarginAccountSet { account, margin } => format!("account {account} borrows {margin}"),
        Event::Borrowed { amount, debt, .. } => format!("borrowed {amount}, owes {debt}"),
        Event::Repaid { amount, debt, .. } => format!("repaid {amount}, owes {debt}"),
        Event::LiquidationBegun { account, .. } => format!("liquidates {account}"),
        Event::LiquidationEnded { account, owes } => format!("liquidated {account}, owes {owes}"),
        Event::BadDebt { account, amount, paid, .. } => format!("bad debt {amount} of {account}, {paid} paid"),
        Event::FeeTiersSet { tiers, .. } => format!("{} fee tiers", tiers.iter().len()),
        Event::VolumeChanged { account, volume, .. } => format!("volume of {account}: {volume}"),
        Event::MarkSet { price, .. } => format!("mark {price}"),
        Event::KillSwitchSet { engaged, orders, .. } => format!("kill switch {engaged}, {orders} ended"),
        Event::SuspensionSet { account, suspended, orders } => {
            format!("account {account} suspended {suspended}, {orders} ended")
        }
        Event::TradeGroupSet { account, group } => format!("account {account} in {group:?}"),
        Event::Cancelled(ended) => cancelled(ended.order.0, ended.leaves_qty.0, ended.cause),
        Event::Amended(amended) => {
            let place = if amended.kept_priority { "kept" } else { "lost" };
            format!("amended {}, {} at {}, place {place}", amended.order, amended.leaves_qty, amended.price)
        }
        Event::Repeated { order, .. } => format!("repeated {order}"),
        Event::Rejected { reason, .. } => format!("rejected {}", reason.name()),
        Event::Ticked { expired } => format!("ticked {expired}"),
        Event::CancelledAll { orders, .. } => format!("cancelled all {orders}"),
        Event::Uncrossed { price, qty, surplus, .. } => {
            let price = price.map_or("nothing".to_owned(), |price| price.to_string());
            let surplus = surplus.map_or(String::new(), |(side, qty)| format!(", {qty} {} left", side.name()));
            format!("uncrossed {qty} at {price}{surplus}")
        }
        Event::ScheduleSet { .. } => "schedule".to_owned(),
        Event::PhaseChanged { stage, .. } => format!("{:?}", stage.phase),
        Event::EntryRepeated { .. } => "entry repeated".to_owned(),
        Event::AccountOpened { account, .. } => format!("account {account}"),
        Event::Deposited { amount, .. } => format!("deposited {amount}"),
        Event::Withdrawn { amount, .. } => format!("withdrawn {amount}"),
        Event::Transferred { amount, .. } => format!("transferred {amount}"),
        Event::Balance { .. } | Event::Position { .. } => return None,
        Event::AssetListed { .. } | Event::InstrumentListed { .. } | Event::Indicated { .. } => return None,
    })
}
