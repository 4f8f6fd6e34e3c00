//! A venue in memory, a database in a temporary folder, and a stream of random commands.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use papertape_engine::*;
use papertape_platform::{
    Ask, AskError, AuthError, LogIn, Origin, Output, Peppers, Platform, Secrets, User, UsersConfig, WalletKeys,
};
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::database_url::new_database;

pub(crate) const BTC_USD: InstrumentId = InstrumentId(0);
pub(crate) const USD: AssetId = AssetId(1);
const START_NS: u64 = 1_700_000_000_000_000_000;

/// A folder that goes away with the test, and the database that belongs to it.
pub(crate) struct Folder(PathBuf, OnceCell<String>);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("papertape-platform-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path, OnceCell::new())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) async fn url(&self) -> &str {
        self.1.get_or_init(|| new_database(&self.0, None)).await
    }

    /// Begins with what the database of another folder has, which nobody is connected to.
    pub(crate) async fn copy_from(&self, other: &Folder) {
        let copied = new_database(&self.0, Some(other.url().await)).await;
        self.1.set(copied).unwrap();
    }

    pub(crate) async fn platform(&self) -> Platform {
        Platform::open(self.url().await, &secrets(), &config()).await.unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Shows a login and a password.
pub(crate) async fn log_in(platform: &Platform, login: &str, password: &str) -> Result<User, AuthError> {
    let with = LogIn { login, password, code: None };
    platform.users().log_in(with, &Origin::default()).await.map(|logged_in| logged_in.user)
}

pub(crate) fn secrets() -> Secrets {
    let wallets = WalletKeys::parse("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
    Secrets { jwt: vec![7; 32], peppers: Peppers::new(vec![9; 32], Vec::new()), wallets }
}

pub(crate) fn config() -> UsersConfig {
    UsersConfig { bcrypt_cost: 4, ..UsersConfig::default() }
}

/// Small numbers from a seed (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// An engine that numbers commands and keeps everything it told.
pub(crate) struct Venue {
    pub(crate) engine: Engine,
    pub(crate) seq: u64,
    pub(crate) time_ns: u64,
    pub(crate) outputs: Vec<Output>,
}

impl Venue {
    pub(crate) fn empty() -> Self {
        Self { engine: Engine::new(), seq: 0, time_ns: START_NS, outputs: Vec::new() }
    }

    /// BTC and USD with two instruments, the second of which takes fees in the asset received and has the rarer rules.
    pub(crate) fn listed() -> Self {
        let mut venue = Self::empty();
        for symbol in ["BTC", "USD"] {
            venue.send(Command::ListAsset(Asset { symbol: Symbol::new(symbol).unwrap(), decimals: 8 }));
        }
        venue.send(Command::ListInstrument(spec("BTC-USD", FeeAsset::Quote)));
        let (post_only, amend_priority) = (PostOnlyRule::Reprice, AmendPriority::Lose);
        let bands = Bands { static_points: 9, dynamic_points: 6 };
        let rarer = InstrumentSpec { post_only, amend_priority, bands, ..spec("XBT-USD", FeeAsset::Received) };
        venue.send(Command::ListInstrument(rarer));
        venue
    }

    pub(crate) fn send(&mut self, command: Command) -> Vec<Event> {
        self.seq += 1;
        let mut events = Vec::new();
        self.engine.apply(Stamp { seq: self.seq, time_ns: self.time_ns }, &command, &mut events);
        let last = events.len() - 1;
        for (index, event) in events.iter().enumerate() {
            self.outputs.push(Output {
                seq: self.seq,
                time_ns: self.time_ns,
                ticket: Default::default(),
                index: index as u32,
                last: index == last,
                event: *event,
            });
        }
        events
    }

    pub(crate) fn open_funded(&mut self, reference: u64) -> AccountId {
        let events = self.send(Command::OpenAccount { reference: Reference(reference) });
        let Event::AccountOpened { account, .. } = events[0] else { panic!("{events:?}") };
        for asset in [AssetId(0), AssetId(1)] {
            let amount = Amount(1_000_000_000_000_000);
            let reference = Reference(asset.0.into());
            self.send(Command::Deposit(LedgerEntry { account, asset, amount, reference }));
        }
        account
    }

    pub(crate) fn limit(&mut self, account: AccountId, side: Side, price: u64, qty: u64) -> Vec<Event> {
        let kind = OrderKind::Limit { price: Price(price), qty: Qty(qty) };
        self.send(Command::Place(PlaceOrder::new(account, BTC_USD, side, kind)))
    }

    /// All of it, and what shows.
    pub(crate) fn iceberg(
        &mut self,
        account: AccountId,
        side: Side,
        price: u64,
        (qty, shown): (u64, u64),
    ) -> Vec<Event> {
        let kind = OrderKind::Limit { price: Price(price), qty: Qty(qty) };
        let display_qty = Some(Qty(shown));
        self.send(Command::Place(PlaceOrder { display_qty, ..PlaceOrder::new(account, BTC_USD, side, kind) }))
    }

    pub(crate) fn market_for(&mut self, account: AccountId, side: Side, budget: Amount) -> Vec<Event> {
        let kind = OrderKind::MarketQuote { budget };
        self.send(Command::Place(PlaceOrder::new(account, BTC_USD, side, kind)))
    }

    /// Random orders, cancels and amends of the accounts, auctions included.
    pub(crate) fn random_step(&mut self, random: &mut Random, accounts: &[AccountId]) {
        self.time_ns += random.below(2_000_000_000);
        let account = accounts[random.below(accounts.len() as u64) as usize];
        let instrument = InstrumentId(random.below(2) as u16);
        let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
        let price = Price(9_990 + random.below(20));
        let qty = Qty(1 + random.below(50));
        let phase = self.engine.phase(instrument).unwrap();
        let some_order = OrderRef::Id(OrderId(1 + random.below(self.seq)));
        let place = |kind| PlaceOrder::new(account, instrument, side, kind);
        let limit =
            |time_in_force| Command::Place(PlaceOrder { time_in_force, ..place(OrderKind::Limit { price, qty }) });
        let command = match random.below(100) {
            0 if phase == Phase::Continuous => Command::SetPhase { instrument, stage: Phase::Auction.into() },
            0..=5 if phase == Phase::Auction => {
                Command::Uncross { instrument, reference: None, then: Phase::Continuous }
            }
            0..=29 => limit(TimeInForce::Gtc),
            30..=39 => Command::Place(self.part(random, place(OrderKind::Limit { price, qty }))),
            40..=45 => {
                Command::Place(PlaceOrder { trigger: Some(trigger(random)), ..place(OrderKind::Limit { price, qty }) })
            }
            46..=48 => {
                Command::Place(PlaceOrder { trigger: Some(trigger(random)), ..place(OrderKind::Market { qty }) })
            }
            49..=51 => Command::Place(place(OrderKind::MarketToLimit { qty })),
            52..=54 => self.list(random, &place(OrderKind::Limit { price, qty }), qty),
            55..=59 => limit(TimeInForce::Ioc),
            60..=62 => limit(TimeInForce::Fok),
            63..=66 => Command::Place(place(OrderKind::Market { qty })),
            67..=70 => {
                let budget = Amount(1 + qty.0 as i128 * 1_234_567);
                Command::Place(place(OrderKind::MarketQuote { budget }))
            }
            71..=80 => Command::Cancel { account, order: some_order },
            81..=97 => Command::Amend(AmendOrder { account, order: some_order, price: Some(price), qty: Some(qty) }),
            98 if random.below(4) == 0 => self.switch(random, account),
            _ => Command::CancelAll { account, instrument: Some(instrument), side: None },
        };
        self.send(command);
    }

    /// An iceberg or a hidden order, or an order that may not take, or both, perhaps against its own account's.
    fn part(&self, random: &mut Random, order: PlaceOrder) -> PlaceOrder {
        let modes = SelfTradePrevention::ALL;
        PlaceOrder {
            display_qty: Some(Qty(random.below(26).saturating_sub(5))).filter(|_| random.below(4) > 0),
            post_only: random.below(3) == 0,
            trigger: Some(trigger(random)).filter(|_| random.below(8) == 0),
            self_trade_prevention: Some(modes[random.below(modes.len() as u64) as usize]),
            ..order
        }
    }

    /// A list around an order: its pending orders are on the other side.
    fn list(&self, random: &mut Random, order: &PlaceOrder, qty: Qty) -> Command {
        let PlaceOrder { account, instrument, side, kind, time_in_force, post_only, .. } = *order;
        let working = Leg { side, kind, time_in_force, post_only, trigger: None };
        let other = |side, kind| Leg { side, kind, ..working };
        let price = Price(9_990 + random.below(20));
        let waits = Leg { trigger: Some(trigger(random)), ..other(side.opposite(), OrderKind::Market { qty }) };
        let orders = match random.below(4) {
            0 => ListOrders::Oco([working, Leg { side, ..waits }]),
            1 => ListOrders::Oto { working, pending: waits },
            2 => {
                let budget = Amount(1 + i128::from(qty.0) * 1_234_567);
                let kind = OrderKind::MarketQuote { budget };
                ListOrders::Oto {
                    working,
                    pending: Leg { time_in_force: TimeInForce::Ioc, ..other(side.opposite(), kind) },
                }
            }
            _ => {
                ListOrders::Otoco { working, pending: [other(side.opposite(), OrderKind::Limit { price, qty }), waits] }
            }
        };
        Command::PlaceList(PlaceList {
            account,
            instrument,
            orders,
            self_trade_prevention: None,
            client_order_id: None,
        })
    }

    /// Stops an account, or lets it go on.
    fn switch(&self, random: &mut Random, account: AccountId) -> Command {
        let scope = KillScope::Account(account);
        if random.below(3) == 0 {
            let fee = Ppm(random.below(200) as i32);
            let row = FeeTier { volume_min: Amount(1), maker_fee: fee, taker_fee: fee };
            Command::SetFeeTiers { instrument: BTC_USD, tiers: FeeTiers::new(&[row]).unwrap() }
        } else if random.below(2) == 0 {
            Command::SetSuspended { account, suspended: !self.engine.is_suspended(account) }
        } else {
            Command::SetKillSwitch { scope, engaged: !self.engine.kill_switches().contains(&scope) }
        }
    }
}

/// Near the prices of the random orders.
fn trigger(random: &mut Random) -> Trigger {
    let kind = if random.below(2) == 0 { TriggerKind::Stop } else { TriggerKind::TakeProfit };
    let price = Price(9_990 + random.below(20));
    let trail = match random.below(4) {
        0 => Some(Trail::Ticks(1 + random.below(5) as u32)),
        1 => Some(Trail::BasisPoints(1 + random.below(8) as u32)),
        _ => None,
    };
    Trigger { kind, price: Some(price).filter(|_| trail.is_none() || random.below(2) == 0), trail }
}

fn spec(symbol: &str, fee_asset: FeeAsset) -> InstrumentSpec {
    InstrumentSpec {
        price_decimals: 2,
        lot: Amount(1_000),
        maker_fee: Ppm(200),
        taker_fee: Ppm(500),
        fee_asset,
        self_trade_prevention: SelfTradePrevention::None,
        ..InstrumentSpec::new(Symbol::new(symbol).unwrap(), AssetId(0), USD)
    }
}

/// A venue that can be asked, and that can be made to lose the answer, or the question, of the `n`th ask from now.
pub(crate) struct Port {
    pub(crate) venue: Mutex<Venue>,
    fault: Mutex<Option<(u32, Fault)>>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    QuestionLost,
    AnswerLost,
}

impl Port {
    pub(crate) fn new(venue: Venue) -> Self {
        Self { venue: Mutex::new(venue), fault: Mutex::new(None) }
    }

    pub(crate) fn fail_at(&self, ask: u32, fault: Fault) {
        *self.fault.lock() = Some((ask, fault));
    }

    fn fault_now(&self) -> Option<Fault> {
        let mut fault = self.fault.lock();
        let (left, kind) = fault.take()?;
        if left == 0 {
            return Some(kind);
        }
        *fault = Some((left - 1, kind));
        None
    }
}

impl Ask for Port {
    async fn ask(&self, command: Command) -> Result<Vec<Event>, AskError> {
        match self.fault_now() {
            Some(Fault::QuestionLost) => Err(AskError::Busy),
            Some(Fault::AnswerLost) => {
                self.venue.lock().send(command);
                Err(AskError::Timeout)
            }
            None => Ok(self.venue.lock().send(command)),
        }
    }
}
