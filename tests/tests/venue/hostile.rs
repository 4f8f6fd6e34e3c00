//! Commands with numbers from all over 64 and 128 bits, to a venue with instruments at the edges of what can be
//! listed: nothing panics, both books tell the same, every invariant holds, and bytes mean what they were made from.

use papertape_engine::{
    AccountId, Allocation, AmendOrder, AmendPriority, Amount, Asset, AssetId, Bands, ClientOrderId, Command, Engine,
    Event, FeeAsset, FeeTier, FeeTiers, Filters, InstrumentId, InstrumentSpec, KillScope, LadderBook, LedgerEntry, Leg,
    ListOrders, MarginTerms, OrderId, OrderKind, OrderRef, Peg, PegTo, Phase, PlaceList, PlaceOrder, PostOnlyRule, Ppm,
    Price, ProRata, Purpose, Qty, Reference, ReferenceBook, Schedule, SelfTradePrevention, Side, Stage, Symbol,
    TimeInForce, TradeGroup, Trail, Trigger, TriggerAtEntry, TriggerKind, TriggerSource,
};
use papertape_tests::cases;
use papertape_tests::random::Dice;

use crate::books::{Told, step};

const COMMANDS: u64 = 4_000;
const ACCOUNTS: u32 = 5;
/// Decimals of the assets.
const DECIMALS: [u8; 4] = [0, 18, 18, 8];

/// Someone who sends whatever the types can hold.
pub(crate) struct Hostile {
    dice: Dice,
    /// Orders that rested some time, and whose they were.
    rested: Vec<(AccountId, OrderId)>,
    /// The instruments in which this one is most active.
    haunts: [u16; 3],
    opening: Vec<Command>,
}

impl Hostile {
    pub(crate) fn new(seed: u64) -> Self {
        let mut opening = listings();
        opening.reverse();
        let count = specs().len() as u64;
        let haunts = [0, 5, 11].map(|apart| ((seed + apart) % count) as u16);
        Self { dice: Dice::new(seed), rested: Vec::new(), haunts, opening }
    }

    /// Remembers what can be cancelled and amended.
    pub(crate) fn learn(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Rested { account, order, .. } => self.rested.push((*account, *order)),
                Event::Accepted(accepted) if accepted.list.is_some() || accepted.terms.trigger.is_some() => {
                    self.rested.push((accepted.terms.account, accepted.order));
                }
                _ => {}
            }
        }
    }

    /// Mostly small, so that things meet; else near an edge, or of any size.
    fn wide(&mut self) -> u64 {
        match self.dice.below(20) {
            0 => self.dice.below(3),
            1 => u64::MAX - self.dice.below(3),
            2 => (1_u64 << self.dice.below(64)).wrapping_add(self.dice.below(3)).wrapping_sub(1),
            3 => 10_u64.pow(self.dice.below(20) as u32),
            4 | 5 => self.dice.any() >> self.dice.below(64),
            _ => 1 + self.dice.below(12),
        }
    }

    fn wider(&mut self) -> i128 {
        match self.dice.below(12) {
            0 => Amount::MAX.0 + i128::from(self.dice.below(3)) - 1,
            1 => [i128::MIN, i128::MIN + 1, -1, 0, i128::MAX - 1, i128::MAX][self.dice.below(6) as usize],
            2 => self.dice.any_wide() >> self.dice.below(128),
            3 => 10_i128.pow(self.dice.below(39) as u32),
            4 => Amount::MAX.0 >> self.dice.below(30),
            _ => i128::from(self.wide()),
        }
    }

    fn account(&mut self) -> AccountId {
        let strange = self.dice.chance(2);
        AccountId(if strange { self.dice.any() as u32 >> self.dice.below(32) } else { 1 + self.dice.below(5) as u32 })
    }

    fn instrument(&mut self) -> InstrumentId {
        InstrumentId(match self.dice.below(100) {
            0 => self.dice.any() as u16,
            1..=5 => self.dice.below(40) as u16,
            _ => self.haunts[self.dice.below(3) as usize],
        })
    }

    fn name(&mut self) -> ClientOrderId {
        ClientOrderId::new(&format!("n{}", self.dice.below(400))).unwrap()
    }

    fn order(&mut self) -> (AccountId, OrderRef) {
        let recent = self.rested.len().saturating_sub(30) + self.dice.below(30) as usize;
        let known = self.rested.get(recent).copied();
        match (self.dice.below(10), known) {
            (0 | 1, _) => (self.account(), OrderRef::Client(self.name())),
            (2, _) | (_, None) => (self.account(), OrderRef::Id(OrderId(self.wide()))),
            (3, Some((_, order))) => (self.account(), OrderRef::Id(order)),
            (_, Some((account, order))) => (account, OrderRef::Id(order)),
        }
    }

    fn side(&mut self) -> Side {
        if self.dice.chance(50) { Side::Buy } else { Side::Sell }
    }

    fn stage(&mut self) -> Stage {
        let (phase, purpose) = (self.phase(), self.dice.pick(&Purpose::ALL));
        let purpose = if phase == Phase::Auction || self.dice.chance(10) { purpose } else { Purpose::Intraday };
        let until_ns = if self.dice.chance(20) { Some(self.wide()) } else { None };
        Stage { phase, purpose, until_ns }
    }

    fn phase(&mut self) -> Phase {
        match self.dice.below(8) {
            0 => Phase::Halted,
            1 => Phase::Closed,
            2 | 3 => Phase::Auction,
            _ => Phase::Continuous,
        }
    }

    fn leg(&mut self) -> Leg {
        let kind = match self.dice.below(9) {
            0 => OrderKind::Market { qty: Qty(self.wide()) },
            1 | 2 => OrderKind::MarketQuote { budget: Amount(self.wider()) },
            3 => OrderKind::MarketToLimit { qty: Qty(self.wide()) },
            _ => OrderKind::Limit { price: Price(self.wide()), qty: Qty(self.wide()) },
        };
        let stays = matches!(kind, OrderKind::Limit { .. } | OrderKind::MarketToLimit { .. });
        let time_in_force = match self.dice.below(10) {
            0 => TimeInForce::Fok,
            1 => TimeInForce::Ioc,
            2 if self.dice.chance(40) => self.dice.pick(&[TimeInForce::AtOpen, TimeInForce::AtClose]),
            2 => TimeInForce::Day,
            3 | 4 => {
                TimeInForce::Gtd { until_ns: if self.dice.chance(50) { self.wide() } else { self.dice.below(4_000) } }
            }
            _ if stays => TimeInForce::Gtc,
            _ => TimeInForce::Ioc,
        };
        let trigger = if self.dice.chance(15) { Some(self.trigger()) } else { None };
        Leg { side: self.side(), kind, time_in_force, post_only: self.dice.chance(10), trigger }
    }

    fn trigger(&mut self) -> Trigger {
        let offset = self.wide() as u32;
        let trail = self.dice.pick(&[None, None, Some(Trail::Ticks(offset)), Some(Trail::BasisPoints(offset))]);
        Trigger {
            kind: self.dice.pick(&[TriggerKind::Stop, TriggerKind::TakeProfit]),
            price: if self.dice.chance(80) { Some(Price(self.wide())) } else { None },
            trail,
        }
    }

    fn place(&mut self) -> PlaceOrder {
        let Leg { side, kind, time_in_force, post_only, trigger } = self.leg();
        // Half of them show so little of an order that it is just not refused for its parts, or just is.
        let qty = kind.qty().unwrap_or(Qty(1)).0;
        let display = if self.dice.chance(50) { qty.div_ceil(98 + self.dice.below(4)) } else { self.wide() };
        let display_qty = self.dice.chance(15).then_some(Qty(display));
        PlaceOrder {
            account: self.account(),
            instrument: self.instrument(),
            side,
            kind,
            time_in_force,
            post_only,
            self_trade_prevention: if self.dice.chance(50) { Some(self.mode()) } else { None },
            display_qty,
            min_qty: if self.dice.chance(97) { Qty(0) } else { Qty(self.wide()) },
            reduce_only: self.dice.chance(5),
            imbalance_only: self.dice.chance(5),
            peg: self.dice.chance(3).then(|| Peg { to: self.dice.pick(&PegTo::ALL), offset: self.wide() as i32 }),
            trigger,
            client_order_id: if self.dice.chance(30) { Some(self.name()) } else { None },
        }
    }

    /// Two orders that could be an OCO as far as their shape goes, mostly.
    fn pair(&mut self) -> [Leg; 2] {
        let (one, mut other) = (self.leg(), self.leg());
        if self.dice.chance(90) {
            let qty = one.kind.qty().unwrap_or(Qty(1));
            (other.side, other.kind) = (one.side, OrderKind::Market { qty });
            other.trigger = Some(self.trigger());
        }
        [one, other]
    }

    fn list(&mut self) -> PlaceList {
        let orders = match self.dice.below(3) {
            0 => ListOrders::Oco(self.pair()),
            1 => ListOrders::Oto { working: self.leg(), pending: self.leg() },
            _ => ListOrders::Otoco { working: self.leg(), pending: self.pair() },
        };
        PlaceList {
            account: self.account(),
            instrument: self.instrument(),
            orders,
            self_trade_prevention: if self.dice.chance(50) { Some(self.mode()) } else { None },
            client_order_id: if self.dice.chance(30) { Some(self.name()) } else { None },
        }
    }

    /// Released more often than engaged: something must go on.
    fn switch(&mut self) -> Command {
        let engaged = self.dice.chance(35);
        let scope = match self.dice.below(9) {
            0 => KillScope::Venue,
            1..=3 => KillScope::Instrument(self.instrument()),
            4..=6 => KillScope::Account(self.account()),
            _ => return Command::SetSuspended { account: self.account(), suspended: engaged },
        };
        Command::SetKillSwitch { scope, engaged }
    }

    fn entry(&mut self) -> LedgerEntry {
        LedgerEntry {
            account: self.account(),
            asset: AssetId(if self.dice.chance(3) { self.wide() as u16 } else { self.dice.below(4) as u16 }),
            amount: Amount(self.wider()),
            reference: Reference(self.wide()),
        }
    }

    fn listing(&mut self) -> Command {
        let symbol = Symbol::new(&format!("X{}", self.wide() % 1_000)).unwrap();
        let mut ppm = || Ppm([self.wider() as i32, 1_000_000, -1_000_000, 0][self.dice.below(4) as usize]);
        let (maker_fee, taker_fee) = (ppm(), ppm());
        let filters = Filters {
            price_min: Price(self.wide()),
            price_max: Price(self.wide()),
            qty_min: Qty(self.wide()),
            qty_max: Qty(self.wide()),
            market_qty_max: Qty(self.wide()),
            notional_min: Amount(self.wider()),
            notional_max: Amount(self.wider()),
            open_orders_max: self.wide() as u32,
            position_max: Amount(self.wider()),
            orders_per_second_max: self.wide() as u32,
        };
        match self.dice.below(3) {
            0 => Command::ListAsset(Asset { symbol, decimals: self.wide() as u8 }),
            _ => Command::ListInstrument(InstrumentSpec {
                symbol,
                base: AssetId(self.dice.below(5) as u16),
                quote: AssetId(self.dice.below(5) as u16),
                tick_mantissa: self.wide(),
                price_decimals: self.dice.below(20) as u8,
                lot: Amount(self.wider()),
                maker_fee,
                taker_fee,
                fee_asset: if self.dice.chance(50) { FeeAsset::Quote } else { FeeAsset::Received },
                filters: if self.dice.chance(50) { Filters::OPEN } else { filters },
                self_trade_prevention: self.mode(),
                allocation: self.allocation(),
                post_only: self.dice.pick(&PostOnlyRule::ALL),
                amend_priority: self.dice.pick(&AmendPriority::ALL),
                bands: Bands { static_points: self.wide() as u32, dynamic_points: self.wide() as u32 },
                volatility_auction_ns: self.wide(),
                trigger_source: self.dice.pick(&TriggerSource::ALL),
                trigger_at_entry: self.dice.pick(&TriggerAtEntry::ALL),
                phase: self.phase(),
            }),
        }
    }

    /// All assets are priced by some instrument that is paid with the first; the first accounts borrow.
    fn borrowing(&mut self) -> Command {
        match self.dice.below(8) {
            0 => {
                let instrument = self.instrument();
                let asset = AssetId(self.dice.below(4) as u16);
                let rates = [1, 10_000, 200_000, 1_000_000, self.wider() as i32];
                let [collateral, initial, maintenance] = [0; 3].map(|_| Ppm(self.dice.pick(&rates)));
                let priced_by = if self.dice.chance(60) { Some(instrument) } else { None };
                let terms =
                    MarginTerms { priced_by, collateral, initial, maintenance, borrow_max: Amount(self.wider()) };
                Command::SetMarginTerms { asset, terms }
            }
            1 => Command::SetMarginAccount { account: self.borrower(), margin: self.dice.chance(80) },
            2 => Command::Repay(self.entry()),
            _ => Command::Borrow(LedgerEntry { account: self.borrower(), ..self.entry() }),
        }
    }

    /// Mostly one of those that may borrow from the beginning.
    fn borrower(&mut self) -> AccountId {
        if self.dice.chance(80) { AccountId(2 + self.dice.below(2) as u32) } else { self.account() }
    }

    /// As many lots as there can be, where nobody is: two of them are too many for a level.
    fn whole_level(&mut self) -> Command {
        let kind = OrderKind::Limit { price: Price(1_000_000 + self.dice.below(2)), qty: Qty(u64::MAX) };
        let time_in_force = TimeInForce::Gtc;
        Command::Place(PlaceOrder {
            time_in_force,
            ..PlaceOrder::new(AccountId(1), self.instrument(), Side::Sell, kind)
        })
    }

    fn fee_tiers(&mut self) -> Command {
        let mut tiers = Vec::new();
        for _ in 0..self.dice.below(4) {
            let rates = [0, 0, 1, -1, 333_333, 1_000_000, -1_000_000, self.wider() as i32];
            let (maker_fee, taker_fee) = (Ppm(self.dice.pick(&rates)), Ppm(self.dice.pick(&rates)));
            tiers.push(FeeTier { volume_min: Amount(self.wider()), maker_fee, taker_fee });
        }
        tiers.sort_by_key(|tier| tier.volume_min);
        Command::SetFeeTiers { instrument: self.instrument(), tiers: FeeTiers::new(&tiers).unwrap() }
    }

    fn mode(&mut self) -> SelfTradePrevention {
        self.dice.pick(&SelfTradePrevention::ALL)
    }

    fn allocation(&mut self) -> Allocation {
        if self.dice.chance(40) {
            return Allocation::Fifo;
        }
        let share_min = if self.dice.chance(70) { self.dice.below(2) } else { self.wide() };
        let (top_max, share_min) = (Qty(self.wide()), Qty(share_min));
        Allocation::ProRata(ProRata { top_max, share_min, leveling: self.dice.chance(50) })
    }

    fn trade_group(&mut self) -> Command {
        let group = self.dice.chance(70).then(|| TradeGroup(self.dice.below(2) as u32));
        Command::SetTradeGroup { account: self.account(), group }
    }

    fn session(&mut self) -> Command {
        let instrument = self.instrument();
        let reference = [None, Some(Price(0)), Some(Price(self.wide()))][self.dice.below(3) as usize];
        match self.dice.chance(60) {
            true => Command::Uncross { instrument, reference, then: Phase::Continuous },
            false if self.dice.chance(10) => {
                let [pre_open_ns, open_ns, closing_ns, close_ns] = [(); 4].map(|()| self.wide());
                let schedule = Schedule { pre_open_ns, open_ns, closing_ns, close_ns };
                Command::SetSchedule { instrument, schedule: self.dice.chance(80).then_some(schedule) }
            }
            false => Command::SetPhase { instrument, stage: self.stage() },
        }
    }
}

impl Iterator for Hostile {
    type Item = Command;

    fn next(&mut self) -> Option<Command> {
        if let Some(command) = self.opening.pop() {
            return Some(command);
        }
        Some(match self.dice.below(100) {
            0 | 59 => self.listing(),
            1 => Command::OpenAccount { reference: Reference(self.wide()) },
            2..=9 => match self.dice.below(4) {
                0 => Command::Deposit(self.entry()),
                1 => Command::Withdraw(self.entry()),
                _ => Command::Transfer { from: self.entry(), to: self.account() },
            },
            10..=12 => self.session(),
            13 => self.trade_group(),
            56 if self.dice.chance(25) => self.fee_tiers(),
            56 | 57 => self.borrowing(),
            58 if self.dice.chance(30) => self.whole_level(),
            14 => Command::CancelAll {
                account: self.account(),
                instrument: if self.dice.chance(50) { Some(self.instrument()) } else { None },
                side: if self.dice.chance(50) { Some(self.side()) } else { None },
            },
            15..=24 => {
                let (account, order) = self.order();
                Command::Cancel { account, order }
            }
            25..=44 => {
                let (account, order) = self.order();
                let price = if self.dice.chance(60) { Some(Price(self.wide())) } else { None };
                let qty = if self.dice.chance(60) { Some(Qty(self.wide())) } else { None };
                Command::Amend(AmendOrder { account, order, price, qty })
            }
            45..=50 => Command::PlaceList(self.list()),
            53 | 54 => Command::SetMark { instrument: self.instrument(), price: Price(self.wide()) },
            55 => self.switch(),
            _ => Command::Place(self.place()),
        })
    }
}

/// The smallest steps, the most decimals, the greatest fees and rebates.
fn specs() -> Vec<InstrumentSpec> {
    let fees = [(0, 0), (1_000_000, 1_000_000), (-1_000_000, 1_000_000), (1_000_000, -1_000_000), (333_333, 1)];
    let steps = [(0, 1, 0, 1, 0_i128), (1, 2, 18, 1, 18), (3, 0, 8, 100_000_000, 8), (2, 1, 18, 10_u64.pow(19), 0)];
    let rules = ProRata { top_max: Qty(3), share_min: Qty(2), leveling: true };
    let (by_size, mut specs) = (Allocation::ProRata(rules), Vec::new());
    for (base, quote, price_decimals, tick_mantissa, lot) in steps {
        for (n, (maker, taker)) in fees.into_iter().enumerate() {
            for fee_asset in [FeeAsset::Quote, FeeAsset::Received] {
                if fee_asset == FeeAsset::Received && (maker < 0 || taker < 0) {
                    continue;
                }
                let lot = if base == 3 { Amount(100_000_000) } else { Amount(10_i128.pow(lot as u32)) };
                let symbol = Symbol::new(&format!("I{}", specs.len())).unwrap();
                specs.push(InstrumentSpec {
                    tick_mantissa,
                    price_decimals,
                    lot,
                    maker_fee: Ppm(maker),
                    taker_fee: Ppm(taker),
                    fee_asset,
                    self_trade_prevention: SelfTradePrevention::ALL[specs.len() % SelfTradePrevention::ALL.len()],
                    allocation: [Allocation::Fifo, by_size][specs.len() % 2],
                    post_only: PostOnlyRule::ALL[specs.len() / 2 % 2],
                    amend_priority: AmendPriority::ALL[specs.len() / 4 % 2],
                    bands: Bands { static_points: [0, 0, 9_999][n % 3], dynamic_points: [0, 1, 5_000, 0][n % 4] },
                    volatility_auction_ns: [0, 0, 30][n % 3],
                    trigger_source: TriggerSource::ALL[specs.len() % 3],
                    trigger_at_entry: TriggerAtEntry::ALL[specs.len() / 3 % 2],
                    phase: if n == 4 { Phase::Auction } else { Phase::Continuous },
                    filters: Filters {
                        orders_per_second_max: if specs.len() % 5 == 2 { 8 } else { u32::MAX },
                        ..Filters::OPEN
                    },
                    ..InstrumentSpec::new(symbol, AssetId(base), AssetId(quote))
                });
            }
        }
    }
    specs
}

fn listings() -> Vec<Command> {
    let mut commands = Vec::new();
    for (n, decimals) in DECIMALS.into_iter().enumerate() {
        commands.push(Command::ListAsset(Asset { symbol: Symbol::new(&format!("A{n}")).unwrap(), decimals }));
    }
    commands.extend(specs().into_iter().map(Command::ListInstrument));
    for account in 1..=ACCOUNTS {
        commands.push(Command::OpenAccount { reference: Reference(account.into()) });
        for asset in 0..DECIMALS.len() as u16 {
            // The first has nearly everything that can exist, the last has next to nothing.
            let amount = if account == 1 { Amount::MAX.0 / 10 * 9 } else { 10_i128.pow(36 - 6 * account) };
            commands.push(Command::Deposit(LedgerEntry {
                account: AccountId(account),
                asset: AssetId(asset),
                amount: Amount(amount),
                reference: Reference(u64::from(asset)),
            }));
        }
    }
    commands.extend(lending());
    commands
}

/// The second asset is the reference, two others are priced in it; accounts 2 and 3 borrow.
fn lending() -> Vec<Command> {
    let terms = |priced_by| MarginTerms {
        priced_by,
        collateral: Ppm(1_000_000),
        initial: Ppm(1_000_000),
        maintenance: Ppm(1),
        borrow_max: Amount(10_i128.pow(22)),
    };
    let mut commands = vec![Command::SetMarginTerms { asset: AssetId(1), terms: terms(None) }];
    for (number, spec) in (0..).map(InstrumentId).zip(specs()) {
        if spec.quote == AssetId(1) {
            commands.push(Command::SetMarginTerms { asset: spec.base, terms: terms(Some(number)) });
        }
    }
    commands.extend([2, 3].map(|account| Command::SetMarginAccount { account: AccountId(account), margin: true }));
    commands
}

#[test]
fn hostile_numbers_break_nothing() {
    let mut told = Told::default();
    // What is rare takes a while.
    for seed in 500..500 + 6 * cases() {
        let (mut fast, mut replayed) = (Engine::<LadderBook>::default(), Engine::<ReferenceBook>::default());
        let mut bytes = Vec::new();
        let mut hostile = Hostile::new(seed);
        for seq in 1..=COMMANDS {
            let command = hostile.next().unwrap();
            bytes.clear();
            let kind = command.encode(&mut bytes);
            let journalled = Command::decode(kind, &bytes).unwrap();
            let (live, again) = (step(&mut fast, seq, &command), step(&mut replayed, seq, &journalled));
            assert_eq!(live, again, "seed {seed}, seq {seq}: {command:?}, journalled as {journalled:?}");
            hostile.learn(&live);
            told.add(&live);
            fast.check().unwrap_or_else(|broken| panic!("seed {seed}, seq {seq}, {command:?}: {broken}"));
        }
        assert_eq!(fast.state_hash(), replayed.state_hash(), "seed {seed}");
        let restored = Engine::<LadderBook>::restore(&fast.snapshot()).unwrap();
        assert_eq!(restored.state_hash(), fast.state_hash(), "seed {seed}");
    }
    if cases() >= 8 {
        told.check_rare();
    }
}
