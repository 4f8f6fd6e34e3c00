//! Row Q9: a market that moves by itself, on an engine in memory and on a running venue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use papertape_engine::{AccountId, Command, Engine, Event, InstrumentId, Phase, PostOnlyRule, RuleBook, Side};
use papertape_pipeline::{Boot, VenueConfig};
use papertape_platform::simulator::{Call, Crowd, STEP_NS, Simulator, SimulatorConfig, SimulatorError};
use papertape_platform::{Accounts, Ask, NewUser, SignUpCredit, demo};

use crate::support::{Folder, Port, Venue};

impl Call for Venue {
    fn call(&mut self, command: Command) -> Result<Vec<Event>, SimulatorError> {
        Ok(self.send(command))
    }
}

fn listed() -> Venue {
    listed_by(RuleBook::Binance)
}

fn listed_by(rules: RuleBook) -> Venue {
    let mut venue = Venue::empty();
    demo::missing(&venue.engine, rules).into_iter().for_each(|command| drop(venue.send(command)));
    venue
}

fn open(venue: &mut Venue, seed: u64) -> Crowd {
    let config = SimulatorConfig::demo(&venue.engine, seed);
    assert_eq!(config.markets.len(), demo::MARKETS.len());
    let run = venue.seq;
    Crowd::open(venue, &config.markets, seed, run).unwrap()
}

/// Lets the traders trade for some of their time; gives the number of commands.
fn trade(venue: &mut Venue, crowd: &mut Crowd, seconds: u64) -> usize {
    let mut commands = 0;
    for _ in 0..seconds * 1_000_000_000 / STEP_NS {
        venue.time_ns += STEP_NS;
        for command in crowd.step(venue.time_ns) {
            commands += 1;
            venue.send(command);
        }
        for output in venue.outputs.drain(..) {
            crowd.fold(&output);
        }
    }
    commands
}

fn spread(engine: &Engine, id: InstrumentId) -> f64 {
    let bid = engine.depth(id, Side::Buy, 1)[0].0.0 as f64;
    let ask = engine.depth(id, Side::Sell, 1)[0].0.0 as f64;
    (ask - bid) / bid
}

fn trades(engine: &Engine, id: InstrumentId) -> u64 {
    engine.last_trade(id).map_or(0, |trade| trade.0.0)
}

fn markets() -> impl Iterator<Item = InstrumentId> {
    (0..demo::MARKETS.len() as u16).map(InstrumentId)
}

#[tokio::test]
async fn q9_a_seed_gives_the_same_market_again() {
    let mut hashes = Vec::new();
    for seed in [7, 7, 8] {
        let mut venue = listed();
        let mut crowd = open(&mut venue, seed);
        trade(&mut venue, &mut crowd, 30);
        hashes.push(venue.engine.state_hash());
    }
    assert_eq!(hashes[0], hashes[1]);
    assert_ne!(hashes[0], hashes[2]);
}

#[tokio::test]
async fn q9_books_keep_two_sides_and_prices_move() {
    let mut venue = listed();
    let mut crowd = open(&mut venue, 1);
    trade(&mut venue, &mut crowd, 10);
    let mut before: Vec<_> = markets().map(|id| trades(&venue.engine, id)).collect();
    let (mut commands, mut prices) = (0, vec![Vec::new(); before.len()]);
    for _ in 0..30 {
        commands += trade(&mut venue, &mut crowd, 10);
        for id in markets() {
            assert!(spread(&venue.engine, id) < 10e-4, "{id}: {}", spread(&venue.engine, id));
            let levels = |side| venue.engine.depth(id, side, 100).len();
            assert!(levels(Side::Buy) >= 8 && levels(Side::Sell) >= 8, "{id}");
            prices[usize::from(id.0)].push(venue.engine.last_trade(id).unwrap().1);
        }
    }
    assert!((300 * 5 * 30..300 * 500).contains(&commands), "{commands} commands in 300 seconds");
    for id in markets() {
        let market = demo::MARKETS[usize::from(id.0)];
        let traded = trades(&venue.engine, id) - std::mem::take(&mut before[usize::from(id.0)]);
        assert!(traded > 300, "{id}: {traded} trades in 300 seconds");
        let seen = &mut prices[usize::from(id.0)];
        let start = u64::from(market.start) * 100;
        assert!(seen.iter().all(|price| (start * 8 / 10..start * 12 / 10).contains(&price.0)), "{seen:?}");
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() > 10, "{id}: the price stands still");
    }
    venue.engine.check().unwrap();
}

#[tokio::test]
async fn q9_every_rule_book_makes_a_market_that_lives() {
    for rules in RuleBook::ALL {
        let mut venue = listed_by(rules);
        let mut crowd = open(&mut venue, 1);
        trade(&mut venue, &mut crowd, 120);
        for id in markets() {
            assert_eq!(venue.engine.instruments().nth(usize::from(id.0)).unwrap().spec.post_only, post_only(rules));
            assert!(trades(&venue.engine, id) > 100, "{}: {id}", rules.name());
            assert!(spread(&venue.engine, id) < 10e-4, "{}: {id}", rules.name());
            assert!(venue.engine.depth(id, Side::Buy, 100).len() >= 8, "{}: {id}", rules.name());
        }
        venue.engine.check().unwrap();
    }
}

fn post_only(rules: RuleBook) -> PostOnlyRule {
    if rules == RuleBook::NasdaqLike { PostOnlyRule::Reprice } else { PostOnlyRule::Reject }
}

#[tokio::test]
async fn q9_a_restart_finds_its_accounts_and_goes_on_near_the_last_price() {
    let mut venue = listed();
    let mut crowd = open(&mut venue, 3);
    trade(&mut venue, &mut crowd, 60);
    let accounts = venue.engine.account_count();
    let before: Vec<_> = markets().map(|id| venue.engine.last_trade(id).unwrap().1.0 as f64).collect();
    let supply = |engine: &Engine| -> i128 {
        (0..engine.account_count()).flat_map(|a| engine.balances(AccountId(a))).map(|b| b.1.free.0 + b.1.held.0).sum()
    };
    let money = supply(&venue.engine);

    let mut crowd = open(&mut venue, 4);
    assert_eq!(venue.engine.account_count(), accounts);
    assert_eq!(supply(&venue.engine), money);
    assert!(markets().all(|id| venue.engine.open_orders(id, Side::Buy).is_empty()), "stale orders are ended");
    trade(&mut venue, &mut crowd, 10);
    for (id, before) in markets().zip(before) {
        let after = venue.engine.last_trade(id).unwrap().1.0 as f64;
        assert!((after / before - 1.0).abs() < 0.01, "{id}: {before} to {after}");
        assert!(spread(&venue.engine, id) < 10e-4);
    }
}

#[tokio::test]
async fn q9_a_market_that_was_halted_or_emptied_comes_back() {
    let mut venue = listed();
    let mut crowd = open(&mut venue, 5);
    trade(&mut venue, &mut crowd, 10);
    let id = InstrumentId(0);
    venue.send(Command::SetPhase { instrument: id, stage: Phase::Halted.into() });
    for account in 1..venue.engine.account_count() {
        venue.send(Command::CancelAll { account: AccountId(account), instrument: Some(id), side: None });
    }
    trade(&mut venue, &mut crowd, 60);
    assert!(venue.engine.open_orders(id, Side::Buy).is_empty());
    venue.send(Command::SetPhase { instrument: id, stage: Phase::Continuous.into() });
    let before = trades(&venue.engine, id);
    trade(&mut venue, &mut crowd, 40);
    assert!(trades(&venue.engine, id) > before + 20);
    assert!(spread(&venue.engine, id) < 10e-4);
}

#[tokio::test]
async fn q9_events_that_were_never_told_do_not_stop_the_market() {
    let mut venue = listed();
    let mut crowd = open(&mut venue, 6);
    trade(&mut venue, &mut crowd, 10);
    // The traders believe in orders that are gone.
    for account in 1..venue.engine.account_count() {
        venue.send(Command::CancelAll { account: AccountId(account), instrument: None, side: None });
    }
    venue.outputs.clear();
    trade(&mut venue, &mut crowd, 45);
    for id in markets() {
        assert!(spread(&venue.engine, id) < 10e-4);
        assert!(venue.engine.depth(id, Side::Buy, 100).len() >= 8);
    }
}

#[tokio::test]
async fn q9_five_dollars_buy_something_everywhere() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let port = Port::new(listed());
    let credit = SignUpCredit::parse(port.venue.lock().engine.assets(), SignUpCredit::DEFAULT);
    let accounts = Accounts::new(Arc::clone(platform.users()), credit);
    let new = NewUser { email: "ada@example.com".to_owned(), password: "analytical engine".to_owned() };
    let user = accounts.sign_up(&new, &port).await.unwrap().account.unwrap();
    let mut venue = port.venue.into_inner();
    assert_eq!(demo::missing(&venue.engine, RuleBook::Binance), [], "everything is listed");
    let mut crowd = open(&mut venue, 9);
    trade(&mut venue, &mut crowd, 5);
    for (id, market) in markets().zip(demo::MARKETS).filter(|(_, market)| market.quote == "USD") {
        let budget = papertape_engine::Amount(150_000_000);
        let kind = papertape_engine::OrderKind::MarketQuote { budget };
        let order = papertape_engine::PlaceOrder::new(user, id, Side::Buy, kind);
        let events = venue.send(Command::Place(order));
        assert!(events.iter().any(|event| matches!(event, Event::Trade(_))), "{}: {events:?}", market.symbol());
        let whole = venue.engine.instruments().nth(usize::from(id.0)).unwrap().parse_qty("1").unwrap();
        assert!(whole.0 > 0, "a whole {} is on the grid", market.base);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q9_the_simulator_trades_on_a_running_venue() {
    let folder = Folder::new();
    let config = VenueConfig::new(folder.path());
    let mut boot = Boot::open(config).unwrap().with_subscribers(2);
    for command in demo::missing(boot.engine(), RuleBook::Binance) {
        boot.apply(&command, |_| {}).unwrap();
    }
    let config = SimulatorConfig { speed: 20.0, ..SimulatorConfig::demo(boot.engine(), 1) };
    let mut venue = boot.start().unwrap();
    let (mine, theirs) = (venue.take_subscriber(), venue.take_subscriber());
    let client = venue.client();
    let simulator =
        tokio::task::spawn_blocking(move || Simulator::start(&config, client, theirs.unwrap()).unwrap()).await.unwrap();
    let watched = tokio::task::spawn_blocking(move || {
        let mut mine = mine.unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut trades = 0;
        while trades < 100 {
            assert!(Instant::now() < deadline, "{trades} trades in 20 seconds");
            mine.poll(|output| trades += usize::from(matches!(output.event, Event::Trade(_))));
            mine.wait(Duration::from_millis(50));
        }
    });
    watched.await.unwrap();
    simulator.pause(true);
    simulator.stop();
    assert!(venue.client().ask(Command::OpenAccount { reference: Default::default() }).await.is_ok());
    venue.stop().unwrap();
}
