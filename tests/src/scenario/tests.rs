//! The language: what is read, what is complained about, and that any commands survive the way through words.

use papertape_engine::*;

use super::{Scenario, render_commands};
use crate::random::Dice;
use crate::{Stream, StreamOptions, listings};

fn read_back(commands: &[Command]) -> Vec<Command> {
    let text = render_commands(commands);
    Scenario::parse("saved", &text).unwrap_or_else(|error| panic!("{error}\n{text}")).commands().collect()
}

#[test]
fn streams_survive_the_way_through_words() {
    for seed in 0..20 {
        let stream = Stream::new(seed, StreamOptions::default()).take(2_000);
        let commands: Vec<Command> = listings().into_iter().chain(stream).collect();
        assert_eq!(read_back(&commands), commands, "seed {seed}");
    }
}

#[test]
fn any_commands_survive_the_way_through_words() {
    for seed in 0..200 {
        let mut any = Any(Dice::new(seed));
        let commands: Vec<Command> = (0..100).map(|_| any.command()).collect();
        assert_eq!(read_back(&commands), commands, "seed {seed}");
    }
}

/// Commands with every variant and numbers from everywhere.
struct Any(Dice);

impl Any {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    fn wide(&mut self) -> u64 {
        let edges = [0, 1, u64::MAX - 1, u64::MAX];
        let shift = self.below(64);
        if self.below(4) == 0 { edges[self.below(4) as usize] } else { self.0.any() >> shift }
    }

    fn amount(&mut self) -> Amount {
        let edges = [i128::MIN, -1, 0, i128::MAX];
        let shift = self.below(128);
        let random = self.0.any_wide() >> shift;
        Amount(if self.below(4) == 0 { edges[self.below(4) as usize] } else { random })
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        self.0.pick(of)
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.below(2) == 0 { None } else { Some(make(self)) }
    }

    /// Short words, so that they clash, and some that mean something in the language.
    fn text(&mut self) -> &'static str {
        let words = [
            "all", "to", "as", "in", "of", "for", "or", "then", "stop", "5", "-", "gtc", "market", "asset", "buys",
            "fees", "with", "A-B",
        ];
        self.pick(&words)
    }

    fn name(&mut self) -> ClientOrderId {
        let text = self.text();
        let marks = ["", "x:/._-", "Z9", "{n", "----"].map(|tail| format!("{text}{tail}"));
        let at = self.below(5) as usize;
        ClientOrderId::new(&marks[at]).unwrap_or(ClientOrderId::new(text).unwrap())
    }

    fn account(&mut self) -> AccountId {
        AccountId(if self.below(2) == 0 { self.below(4) as u32 } else { self.wide() as u32 })
    }

    fn asset(&mut self) -> AssetId {
        AssetId(if self.below(8) == 0 { self.wide() as u16 } else { self.below(4) as u16 })
    }

    fn instrument(&mut self) -> InstrumentId {
        InstrumentId(if self.below(8) == 0 { self.wide() as u16 } else { self.below(4) as u16 })
    }

    fn side(&mut self) -> Side {
        self.pick(&[Side::Buy, Side::Sell])
    }

    fn phase(&mut self) -> Phase {
        self.pick(&[Phase::Continuous, Phase::Auction, Phase::Halted, Phase::Closed])
    }

    fn order(&mut self) -> OrderRef {
        if self.below(2) == 0 { OrderRef::Id(OrderId(self.wide())) } else { OrderRef::Client(self.name()) }
    }

    fn entry(&mut self) -> LedgerEntry {
        let (account, asset, amount) = (self.account(), self.asset(), self.amount());
        LedgerEntry { account, asset, amount, reference: Reference(self.wide()) }
    }

    fn spec(&mut self) -> InstrumentSpec {
        let sane = self.below(2) == 0;
        let filters = Filters {
            price_min: Price(self.wide()),
            price_max: Price(self.wide()),
            qty_min: Qty(self.wide()),
            qty_max: Qty(self.wide()),
            market_qty_max: Qty(self.wide()),
            notional_min: self.amount(),
            notional_max: self.amount(),
            open_orders_max: self.wide() as u32,
            position_max: self.amount(),
            orders_per_second_max: self.wide() as u32,
        };
        InstrumentSpec {
            symbol: Symbol::new(self.text()).unwrap(),
            base: self.asset(),
            quote: self.asset(),
            tick_mantissa: if sane { 1 } else { self.wide() },
            price_decimals: if sane { 0 } else { self.wide() as u8 },
            lot: if sane { Amount(1) } else { self.amount() },
            maker_fee: Ppm(if sane { 0 } else { self.wide() as i32 }),
            taker_fee: Ppm(if sane { 0 } else { self.wide() as i32 }),
            fee_asset: self.pick(&[FeeAsset::Quote, FeeAsset::Received]),
            filters: if sane { Filters::OPEN } else { filters },
            self_trade_prevention: self.pick(&SelfTradePrevention::ALL),
            allocation: if sane { Allocation::Fifo } else { self.pro_rata() },
            post_only: self.pick(&PostOnlyRule::ALL),
            amend_priority: self.pick(&AmendPriority::ALL),
            bands: Bands { static_points: self.wide() as u32, dynamic_points: self.wide() as u32 },
            trigger_source: self.pick(&TriggerSource::ALL),
            volatility_auction_ns: self.wide(),
            trigger_at_entry: self.pick(&TriggerAtEntry::ALL),
            phase: self.phase(),
        }
    }

    fn pro_rata(&mut self) -> Allocation {
        let (top_max, share_min) = (Qty(self.wide()), Qty(self.wide()));
        Allocation::ProRata(ProRata { top_max, share_min, leveling: self.below(2) == 0 })
    }

    fn trigger(&mut self) -> Trigger {
        let trail = match self.below(2) {
            0 => Trail::Ticks(self.wide() as u32),
            _ => Trail::BasisPoints(self.wide() as u32),
        };
        Trigger {
            kind: self.pick(&[TriggerKind::Stop, TriggerKind::TakeProfit]),
            price: self.maybe(|any| Price(any.wide())),
            trail: self.maybe(|_| trail),
        }
    }

    fn leg(&mut self) -> Leg {
        let kind = match self.below(4) {
            0 => OrderKind::Limit { price: Price(self.wide()), qty: Qty(self.wide()) },
            1 => OrderKind::Market { qty: Qty(self.wide()) },
            2 => OrderKind::MarketToLimit { qty: Qty(self.wide()) },
            _ => OrderKind::MarketQuote { budget: self.amount() },
        };
        Leg {
            side: self.side(),
            kind,
            time_in_force: match self.below(5) {
                0 => TimeInForce::Gtd { until_ns: self.wide() },
                1 => self.pick(&[TimeInForce::AtOpen, TimeInForce::AtClose]),
                _ => self.pick(&[TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok, TimeInForce::Day]),
            },
            post_only: self.below(2) == 0,
            trigger: self.maybe(Self::trigger),
        }
    }

    fn list(&mut self) -> PlaceList {
        let orders = match self.below(3) {
            0 => ListOrders::Oco([self.leg(), self.leg()]),
            1 => ListOrders::Oto { working: self.leg(), pending: self.leg() },
            _ => ListOrders::Otoco { working: self.leg(), pending: [self.leg(), self.leg()] },
        };
        PlaceList {
            account: self.account(),
            instrument: self.instrument(),
            orders,
            self_trade_prevention: self.maybe(|any| any.pick(&SelfTradePrevention::ALL)),
            client_order_id: self.maybe(Self::name),
        }
    }

    fn place(&mut self) -> PlaceOrder {
        let Leg { side, kind, time_in_force, post_only, trigger } = self.leg();
        PlaceOrder {
            account: self.account(),
            instrument: self.instrument(),
            side,
            kind,
            time_in_force,
            post_only,
            self_trade_prevention: self.maybe(|any| any.pick(&SelfTradePrevention::ALL)),
            display_qty: self.maybe(|any| Qty(any.wide())),
            min_qty: Qty(if self.below(2) == 0 { 0 } else { self.wide() }),
            reduce_only: self.below(3) == 0,
            imbalance_only: self.below(3) == 0,
            peg: self.maybe(|any| Peg { to: any.pick(&PegTo::ALL), offset: any.wide() as i32 }),
            trigger,
            client_order_id: self.maybe(Self::name),
        }
    }

    fn command(&mut self) -> Command {
        match self.below(27) {
            0 => Command::Cancel { account: self.account(), order: self.order() },
            1 => {
                let (account, order) = (self.account(), self.order());
                let price = self.maybe(|any| Price(any.wide()));
                Command::Amend(AmendOrder { account, order, price, qty: self.maybe(|any| Qty(any.wide())) })
            }
            2 => {
                let account = self.account();
                let instrument = self.maybe(Self::instrument);
                Command::CancelAll { account, instrument, side: self.maybe(Self::side) }
            }
            3 => {
                let symbol = Symbol::new(self.text()).unwrap();
                Command::ListAsset(Asset { symbol, decimals: if self.below(2) == 0 { 2 } else { self.wide() as u8 } })
            }
            4 => Command::ListInstrument(self.spec()),
            5 => Command::OpenAccount { reference: Reference(self.wide()) },
            6 => Command::Deposit(self.entry()),
            7 => Command::Withdraw(self.entry()),
            8 => Command::Transfer { from: self.entry(), to: self.account() },
            9 if self.below(3) == 0 => {
                let [pre_open_ns, open_ns, closing_ns, close_ns] = [(); 4].map(|()| self.wide());
                let schedule = Schedule { pre_open_ns, open_ns, closing_ns, close_ns };
                let schedule = (self.below(3) > 0).then_some(schedule);
                Command::SetSchedule { instrument: self.instrument(), schedule }
            }
            9 => {
                let (phase, purpose) = (self.phase(), self.pick(&Purpose::ALL));
                let until_ns = (self.below(2) == 0).then(|| self.wide());
                Command::SetPhase { instrument: self.instrument(), stage: Stage { phase, purpose, until_ns } }
            }
            10 => {
                let instrument = self.instrument();
                let reference = self.maybe(|any| Price(any.wide()));
                Command::Uncross { instrument, reference, then: self.phase() }
            }
            12 => Command::Tick,
            23 => {
                let (asset, priced_by) = (self.asset(), self.maybe(Self::instrument));
                let [collateral, initial, maintenance] = [0; 3].map(|_| Ppm(self.wide() as i32));
                let terms = MarginTerms { priced_by, collateral, initial, maintenance, borrow_max: self.amount() };
                Command::SetMarginTerms { asset, terms }
            }
            24 => Command::SetMarginAccount { account: self.account(), margin: self.below(2) == 0 },
            25 => Command::Borrow(self.entry()),
            26 => Command::Repay(self.entry()),
            22 => {
                let count = self.below(9);
                let mut tier = |_| FeeTier {
                    volume_min: self.amount(),
                    maker_fee: Ppm(self.wide() as i32),
                    taker_fee: Ppm(self.wide() as i32),
                };
                let tiers: Vec<FeeTier> = (0..count).map(&mut tier).collect();
                Command::SetFeeTiers { instrument: self.instrument(), tiers: FeeTiers::new(&tiers).unwrap() }
            }
            13 => Command::SetMark { instrument: self.instrument(), price: Price(self.wide()) },
            14 => Command::SetSuspended { account: self.account(), suspended: self.below(2) == 0 },
            15 => {
                let scope = match self.below(3) {
                    0 => KillScope::Venue,
                    1 => KillScope::Account(self.account()),
                    _ => KillScope::Instrument(self.instrument()),
                };
                Command::SetKillSwitch { scope, engaged: self.below(2) == 0 }
            }
            16..=18 => Command::PlaceList(self.list()),
            11 => {
                let group = self.maybe(|any| TradeGroup(any.wide() as u32));
                Command::SetTradeGroup { account: self.account(), group }
            }
            _ => Command::Place(self.place()),
        }
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named_with_what_was_expected() {
    let setup = "# A rule.\nmarket TEA-USD\naccount alice with 5 USD\n";
    for (line, complaint) in [
        ("alice buys", "expected a quantity in lots, or `for at most`, found the end of the line"),
        ("alice buys 5", "expected `@` and a price, or `at market`, found the end of the line"),
        ("alice buys 5 @ 1.5", "expected a price in ticks, found `1.5`"),
        (
            "alice buys 5 @ 1 gtc ioc",
            "expected gtc, ioc, fok, day, `until` a time, `show` lots, hidden, `at least` lots, `pegged to` a price, post-only, reduce-only, imbalance-only, stop, take-profit, trail, a self-trade mode, `in` a market or `as` a name, each once, found `ioc`",
        ),
        ("alice buys 2^64 @ 1", "a quantity in lots, or `for at most` cannot be 18446744073709551616"),
        ("carol buys 5 @ 1", "expected a command's first word or an account's name, found `carol`"),
        ("alice steals 5 @ 1", "expected `buys`, `sells`, `amends` or `cancels`, found `steals`"),
        ("alice cancels", "expected an order: its client's name or order#N"),
        ("alice buys 5 @ 1 in ETH-USD", "expected a listed market or instrument#N, found `ETH-USD`"),
        (
            "alice buys 5 @ 1 decrement cancel-both",
            "expected gtc, ioc, fok, day, `until` a time, `show` lots, hidden, `at least` lots, `pegged to` a price, post-only, reduce-only, imbalance-only, stop, take-profit, trail, a self-trade mode,",
        ),
        ("alice buys 5 @ 1 stop trail x", "expected an offset in ticks, or in basis points with `bp`, found `x`"),
        ("alice buys 5 @ 1 trail 5 trail 6", "expected gtc, ioc, fok, day,"),
        ("alice buys 5 @ 1 then", "expected `buys` or `sells`, found the end of the line"),
        (
            "alice buys 5 @ 1 as a1 or buys 5 @ 2",
            "expected a self-trade mode, `in` and `as` after the last order of a list",
        ),
        ("alice buys 5 @ 1 or buys 5 @ 2 or buys 5 @ 3", "expected a list: one `or` other, one `then` other"),
        (
            "alice buys 5 @ 1 show 2 or buys 5 @ 2 stop 3",
            "expected a self-trade mode, `in` and `as` after the last order",
        ),
        ("alice buys 5 @ 1 or buys 5 @ 2 stop 3 show 2", "an order of a list has no display quantity"),
        ("market TEA-USD, static band 500", "expected a width in basis points with `bp`, found `500`"),
        ("market TEA-USD, rules cme", "expected `binance`, `cme-like` or `nasdaq-like`, found `cme`"),
        ("wait", "expected nanoseconds, found the end of the line"),
        ("place? alice", "expected an order: its client's name or order#N"),
        ("kill switch", "expected `on` or `off`, found the end of the line"),
        ("market TEA-USD, triggers on bid", "expected `trade`, `mark` or `middle`, found `bid`"),
        ("trade group of alice", "expected a group, or `none`, found the end of the line"),
        ("market TEA-USD, self-trade none", "expected stp-none, cancel-taker, cancel-maker, cancel-both or decrement"),
        ("phase open", "expected a phase: continuous, auction, halted or closed, found `open`"),
        ("market TEA-USD, maker 5", "expected `ppm`, found the end of the line"),
        ("account bob with 5 EUR", "expected a listed asset or asset#N, found `EUR`"),
        ("account phase", "`phase` has a meaning of its own and cannot be an account's name"),
        ("best? now", "expected the end of the line, found `now`"),
        ("not through a socket", "expected `: ` and the reason"),
        ("repeat x times: best?", "expected how many times, 1 to 100000, found `x`"),
    ] {
        let error = Scenario::parse("file.txt", &format!("{setup}{line}\n")).expect_err(line);
        assert_eq!((error.file.as_str(), error.line), ("file.txt", 4), "{line}");
        assert!(error.what.starts_with(complaint), "{line}: {}", error.what);
    }
    let error = Scenario::parse("f", "market TEA-USD\n").unwrap_err();
    assert_eq!(error.to_string(), "f:1: expected `# ` and the rule that this scenario shows");
}

#[test]
fn an_answer_is_written_into_its_place_and_read_again() {
    let text = "# A rule.\n\nmarket TEA-USD\naccount alice with 500 USD\n\nalice buys 5 @ 100 as a1\n----\nwrong\n\nalice cancels a1\n\n# The end.\n";
    let scenario = Scenario::parse("f", text).unwrap();
    let answer = scenario.run(&mut Engine::new()).unwrap();
    let written = scenario.with_answers(&answer);
    let expected = "# A rule.\n\nmarket TEA-USD\naccount alice with 500 USD\n\nalice buys 5 @ 100 as a1\n----\n\
                    accepted   order#1: alice buys 5 @ 100 gtc as a1\nrested     alice a1: buy 5 @ 100\n\
                    book       continuous\n  buy  @ 100           5 = alice a1 5\n\nalice cancels a1\n\n# The end.\n----\n\
                    cancelled  alice a1: buy 5 @ 100, USER\nbook       continuous, empty\n";
    assert_eq!(written, expected);
    let again = Scenario::parse("f", &written).unwrap();
    assert_eq!(again.with_answers(&again.run(&mut Engine::new()).unwrap()), written);
    let expected = again.blocks().iter().map(|block| block.expected.clone().unwrap());
    assert!(expected.eq(answer.blocks));
}

#[test]
fn the_example_of_the_document_is_true() {
    let document = include_str!("../../../docs/scenarios.md");
    let example = document.lines().skip_while(|line| !line.starts_with("    # ")).map_while(|line| {
        let code = line.strip_prefix("    ");
        code.or_else(|| line.is_empty().then_some(""))
    });
    let text: String = example.flat_map(|line| [line, "\n"]).collect();
    let scenario = Scenario::parse("docs/scenarios.md", &text).unwrap();
    let answer = scenario.run(&mut Engine::new()).unwrap();
    assert_eq!(scenario.blocks()[0].expected.as_ref(), Some(&answer.blocks[0]));
}

#[test]
fn a_rule_book_counts_from_where_it_stands() {
    let spec = |clauses: &str| {
        let text = format!("# A rule.\nmarket TEA-USD{clauses}\n");
        let scenario = Scenario::parse("f", &text).unwrap();
        let listed = scenario.commands().find_map(|command| match command {
            Command::ListInstrument(spec) => Some(spec),
            _ => None,
        });
        listed.unwrap()
    };
    for book in RuleBook::ALL {
        assert_eq!(spec(&format!(", rules {}", book.name())), book.of(spec("")), "{}", book.name());
    }
    let changed = spec(", dynamic band 100bp, rules cme-like, self-trade decrement");
    assert_eq!((changed.bands.dynamic_points, changed.self_trade_prevention), (100, SelfTradePrevention::Decrement));
}
