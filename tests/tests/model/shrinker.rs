//! The comparison finds what is wrong, and the shrinker leaves little of it: three engines with a fault each.

use papertape_engine::{Command, Engine, Event, LadderBook, Stamp};
use papertape_tests::compare::{self, Coverage, Found, Kind, Plan, Step, Subject};
use papertape_tests::scenario::{self, Scenario};

/// An engine whose events go through a fault on their way out.
struct Faulty {
    engine: Engine,
    fault: fn(&Command, &mut Vec<Event>),
}

impl Subject for Faulty {
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        self.engine.apply(stamp, command, events);
        (self.fault)(command, events);
    }

    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn replace(&mut self, engine: Engine) {
        self.engine = engine;
    }
}

/// An engine that comes out of a snapshot without the command that came before it.
#[derive(Default)]
struct Forgetful {
    engine: Engine,
    sent: Vec<(Stamp, Command)>,
}

impl Subject for Forgetful {
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        self.sent.push((stamp, *command));
        self.engine.apply(stamp, command, events);
    }

    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn replace(&mut self, _restored: Engine) {
        self.sent.pop();
        self.engine = Engine::new();
        for (stamp, command) in &self.sent {
            self.engine.apply(*stamp, command, &mut Vec::new());
        }
    }
}

/// Runs streams until one differs, and shrinks it.
fn find<S: Subject>(subject: impl Fn() -> S) -> Found {
    // Short streams: some of the engines are copied at each step.
    let plan = Plan { commands: 600, check_every: 500, ..Plan::default() };
    let mut coverage = Coverage::default();
    for seed in 0..200 {
        let Err(streamed) = compare::stream(seed, &plan, subject(), &mut coverage) else { continue };
        let differs = |steps: &[Step]| compare::run(subject(), plan.check_every, steps);
        let (steps, difference) = compare::shrink(&streamed.steps, differs);
        assert_eq!(compare::run(subject(), plan.check_every, &steps), Some(difference.clone()));
        return Found { seed, repeat: String::new(), steps, difference };
    }
    panic!("two hundred streams found nothing");
}

/// What is left beside the listings, accounts and deposits without which nobody trades.
fn trading(found: &Found) -> Vec<Command> {
    let is_opening = |command: &Command| {
        matches!(
            command,
            Command::ListAsset(_) | Command::ListInstrument(_) | Command::OpenAccount { .. } | Command::Deposit(_)
        )
    };
    let commands = found.commands().into_iter().filter(|command| !is_opening(command)).collect();
    let opening = found.steps.len() - found.commands().iter().filter(|command| !is_opening(command)).count();
    assert!(opening <= 8, "{}", found.text());
    commands
}

#[test]
fn an_event_that_is_lost_after_an_amend_shrinks_to_three_orders() {
    let lost = |_: &Command, events: &mut Vec<Event>| {
        let traded = events.iter().any(|event| matches!(event, Event::Trade(_)));
        // Nothing that ended by its time came before.
        if matches!(events.first(), Some(Event::Amended(_))) && traded {
            events.retain(|event| !matches!(event, Event::Rested { .. }));
        }
    };
    let found = find(|| Faulty { engine: Engine::new(), fault: lost });
    let trading = trading(&found);
    // One command more where what the amend leaves takes another one before.
    let [orders @ .., Command::Amend(_)] = &trading[..] else { panic!("{trading:#?}") };
    let of_orders = orders.iter().all(|command| matches!(command, Command::Place(_) | Command::Amend(_)));
    assert!(of_orders && (2..=3).contains(&orders.len()), "{trading:#?}");
    assert_eq!(found.difference.kind, Kind::Events);
}

#[test]
fn a_wrong_price_of_a_third_fill_shrinks_to_three_fills() {
    let dear = |_: &Command, events: &mut Vec<Event>| {
        let mut trades = events.iter_mut().filter_map(|event| match event {
            Event::Trade(trade) if trade.aggressor.is_some() => Some(trade),
            _ => None,
        });
        if let Some(third) = trades.nth(2) {
            third.price.0 += 1;
        }
    };
    let found = find(|| Faulty { engine: Engine::new(), fault: dear });
    let trading = trading(&found);
    // Three orders and their taker, or fewer if one of them is an iceberg.
    assert!((2..=4).contains(&trading.len()), "{trading:#?}");
    let of_orders =
        |command: &Command| matches!(command, Command::Place(_) | Command::PlaceList(_) | Command::Amend(_));
    assert!(trading.iter().all(of_orders), "{trading:#?}");
}

#[test]
fn a_command_that_a_snapshot_forgets_shrinks_to_it_and_the_restore() {
    let found = find(Forgetful::default);
    assert!(found.steps.contains(&Step::Restore), "{:#?}", found.steps);
    // The forgotten command, the restore, and perhaps the opening and one more that shows what is missing.
    assert!(trading(&found).len() <= 2, "{:#?}", found.steps);
    let text = found.text();
    assert!(text.contains("\nsnapshot and restore\n"), "{text}");
}

#[test]
fn a_panic_is_a_difference_like_any_other() {
    let panics = |command: &Command, events: &mut Vec<Event>| {
        let is_asked = matches!(command, Command::Uncross { .. });
        if is_asked && events.iter().any(|event| matches!(event, Event::Uncrossed { price: Some(_), .. })) {
            // Past the hook that would print it, a few hundred times.
            std::panic::resume_unwind(Box::new("the auctioneer fainted"));
        }
    };
    let found = find(|| Faulty { engine: Engine::new(), fault: panics });
    assert_eq!((found.difference.kind, found.difference.text.as_str()), (Kind::Panic, "the auctioneer fainted"));
    let trading = trading(&found);
    let orders = trading.iter().filter(|command| matches!(command, Command::Place(_))).count();
    assert!(orders == 2 && matches!(trading[..], [.., Command::Uncross { .. }]), "{trading:#?}");
    assert!(trading.len() <= 4, "{trading:#?}");
}

#[test]
fn what_was_found_is_written_as_a_scenario_with_its_seed() {
    let none = |_: &Command, events: &mut Vec<Event>| events.retain(|event| !matches!(event, Event::Deposited { .. }));
    let mut found = find(|| Faulty { engine: Engine::new(), fault: none });
    found.repeat = "SEED=3 make fuzz".to_owned();
    let folder = tempfile::tempdir().unwrap();
    let path = found.write(folder.path()).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with(&format!("# Seed {}. Repeat: SEED=3 make fuzz\n", found.seed)), "{text}");
    // An asset, an account, a deposit of one unit.
    assert_eq!(text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count(), 3, "{text}");
    assert!(text.contains("\ndeposit 1 "), "{text}");

    // As it would be filled in, and read again, among the scenarios.
    let scenario = Scenario::parse("found", &text).unwrap();
    assert_eq!(scenario.commands().collect::<Vec<_>>(), found.commands());
    let answer = scenario.run(&mut Engine::<LadderBook>::new()).unwrap();
    let filled = Scenario::parse("filled", &scenario.with_answers(&answer)).unwrap();
    assert_eq!(filled.blocks()[0].expected.as_ref(), Some(&answer.blocks[0]));
    assert!(filled.rule.starts_with("Seed "), "{}", filled.rule);
}

#[test]
fn a_restore_that_was_found_is_a_step_of_the_scenario() {
    let found = find(Forgetful::default);
    let scenario = Scenario::parse("found", &found.text()).unwrap();
    let restarts = scenario.steps().map(|step| step == scenario::Step::Restart);
    let restores = found.steps.iter().map(|step| *step == Step::Restore);
    assert!(restarts.eq(restores), "{}", found.text());
}
