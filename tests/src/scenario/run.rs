//! Sending a scenario's commands to somebody, and writing down what they tell.

use papertape_engine::{AccountId, Command, Engine, Event, InstrumentId, OrderBook, Side, Stamp, WaitState};

use super::tell::Teller;
use super::told::Told;
use super::{Block, Line, Scenario, Show, Step};

/// Events of one line that are told one by one; more are counted.
const TOLD_MAX: usize = 40;
/// How many of them are told before and after the count.
const TOLD_FIRST: usize = 8;
const TOLD_LAST: usize = 4;

/// A line with more commands than this is checked at every [`CHECK_EVERY`]th.
const CHECK_ALL_MAX: usize = 64;
const CHECK_EVERY: usize = 64;

/// Somebody who decides commands: the engine, an engine behind a journal, a model that is obviously right.
pub trait Judge {
    /// Decides one command and appends what happened, as [`Engine::apply`] does.
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>);

    /// Saves the state and goes on from what was saved. Somebody who saves nothing goes on.
    fn restart(&mut self) {}

    /// Whether everything is in order, `told` being the sum of all events. The error says what is not.
    fn check(&mut self, told: &Told) -> Result<(), String> {
        let _ = told;
        Ok(())
    }
}

impl<B: OrderBook> Judge for Engine<B> {
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        Engine::apply(self, stamp, command, events);
    }

    fn restart(&mut self) {
        *self = Engine::restore(&self.snapshot()).expect("a snapshot of a sound state can be restored");
    }

    fn check(&mut self, told: &Told) -> Result<(), String> {
        check_engine(self, told)
    }
}

/// The invariants, and that the events add up to the state: a subscriber knows what the venue knows.
fn check_engine<B: OrderBook>(engine: &Engine<B>, told: &Told) -> Result<(), String> {
    engine.check()?;
    let told_of = told;
    for (instrument, _, stage) in told.instruments() {
        if engine.stage(instrument) != Some(stage) {
            return Err(format!("instrument {instrument} is not in the phase that was told, {stage:?}"));
        }
        let real = engine.waiting_orders(instrument).into_iter();
        let real = real.map(|waiting| (waiting.order, waiting.terms, waiting.state == WaitState::Pending));
        let (real, sum): (Vec<_>, _) = (real.collect(), told.waiting(instrument));
        if real != sum {
            return Err(format!("orders of instrument {instrument} that wait are {real:?}, told was {sum:?}"));
        }
        for side in [Side::Buy, Side::Sell] {
            check_side(engine, told, instrument, side)?;
        }
    }
    for account in (0..engine.account_count()).map(AccountId) {
        let told: Vec<_> = told.balances().filter(|(whose, ..)| *whose == account).collect();
        let told = told.into_iter().map(|(_, asset, balance)| (asset, balance));
        let told: Vec<_> = told.filter(|(_, balance)| *balance != Default::default()).collect();
        let real = engine.balances(account);
        let owed = told_of.debts().filter(|(whose, ..)| *whose == account);
        let owed: Vec<_> = owed.map(|(_, asset, debt)| (asset, debt)).collect();
        let owes: Vec<_> = engine.debts(account).into_iter().map(|(asset, debt)| (asset, debt.0)).collect();
        if owed != owes {
            return Err(format!("account {account} owes {owes:?}, told was {owed:?}"));
        }
        for (instrument, ..) in told_of.instruments() {
            let volume = |spec: &papertape_engine::InstrumentSpec| engine.volume(account, spec.quote);
            let real = engine.fees_of(account, instrument).zip(engine.instruments().nth(instrument.0.into()));
            let real = real.map(|((tier, maker, taker), of)| (tier, volume(&of.spec), maker, taker));
            if told_of.fees_of(account, instrument) != real {
                return Err(format!("account {account} pays {real:?} in instrument {instrument}, told was another"));
            }
        }
        if told != real {
            return Err(format!("account {account} has {real:?}, told was {told:?}"));
        }
    }
    Ok(())
}

/// How many places in queues are compared of one side, at most.
const PLACES: usize = 64;

fn check_side<B: OrderBook>(
    engine: &Engine<B>,
    told: &Told,
    instrument: InstrumentId,
    side: Side,
) -> Result<(), String> {
    let (real, sum) = (engine.open_orders(instrument, side), told.open_orders(instrument, side));
    if real != sum {
        let different = real.iter().zip(&sum).find(|(real, sum)| real != sum);
        let counts = (real.len(), sum.len());
        return Err(format!("{side:?} orders are not what was told (counts {counts:?}, first {different:?})"));
    }
    // Each place is looked for from the front of its level: of a long side some are.
    for order in real.iter().step_by(1 + real.len() / PLACES) {
        let (place, sum) = (engine.queue_place(order.order), told.queue_place(order.order));
        if place != sum {
            return Err(format!("order {} stands behind {place:?}, told was {sum:?}", order.order));
        }
    }
    // A level of nothing but hidden orders is in no depth.
    let mut levels = told.levels(instrument, side);
    levels.retain(|(_, qty, _)| *qty > 0);
    let depth = engine.depth(instrument, side, usize::MAX);
    let same = depth.iter().map(|(price, qty)| (*price, u128::from(qty.0))).eq(levels.iter().map(|(p, q, _)| (*p, *q)));
    let best = engine.depth(instrument, side, 1).first().map(|(price, _)| *price);
    if !same || best != levels.first().map(|(price, ..)| *price) {
        return Err(format!("{side:?} levels are {depth:?}, told was {levels:?}"));
    }
    Ok(())
}

/// What came of one step that was a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// The command.
    pub command: Command,
    /// When, in the venue's time.
    pub time_ns: u64,
    /// What happened.
    pub events: Vec<Event>,
}

/// A line of an answer, and the event that it tells.
type Said = (String, Option<Event>);

/// What came of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Lines, by block.
    pub blocks: Vec<Vec<String>>,
    /// Commands and events, by block.
    pub done: Vec<Vec<Done>>,
    /// The sum of all events after each block.
    pub told: Vec<Told>,
}

impl Scenario {
    /// Sends every command to `judge`, with seq and time counting from 1. The error is what [`Judge::check`] found,
    /// with file and line.
    pub fn run(&self, judge: &mut dyn Judge) -> Result<Answer, String> {
        let mut run =
            Run { scenario: self, judge, told: Told::default(), seq: 0, time_ns: 0, balances: false, positions: false };
        let mut answer = Answer::default();
        for block in &self.blocks {
            let (lines, done) = run.block(block)?;
            answer.blocks.push(lines);
            answer.done.push(done);
            answer.told.push(run.told.clone());
        }
        Ok(answer)
    }
}

struct Run<'a> {
    scenario: &'a Scenario,
    judge: &'a mut dyn Judge,
    told: Told,
    seq: u64,
    time_ns: u64,
    balances: bool,
    positions: bool,
}

impl Run<'_> {
    fn block(&mut self, block: &Block) -> Result<(Vec<String>, Vec<Done>), String> {
        let (mut lines, mut done) = (Vec::new(), Vec::new());
        for line in &block.lines {
            let (told, more) =
                self.line(line).map_err(|broken| format!("{}:{}: {broken}", self.scenario.name, line.number))?;
            lines.extend(shorten(told));
            done.extend(more);
        }
        lines.extend(self.teller().books());
        Ok((lines, done))
    }

    fn line(&mut self, line: &Line) -> Result<(Vec<Said>, Vec<Done>), String> {
        let (mut told, mut done) = (Vec::new(), Vec::new());
        let say = |text: String| (text, None);
        for (index, step) in line.steps.iter().enumerate() {
            match step {
                Step::Command(command) => {
                    let events = self.send(command);
                    let shown = events.iter().filter(|event| self.is_shown(event, line.is_quiet));
                    let teller = self.teller();
                    told.extend(shown.map(|event| (teller.event(event), Some(*event))));
                    done.push(Done { command: *command, time_ns: self.time_ns, events });
                }
                Step::Restart => {
                    self.judge.restart();
                    told.push(say("restored".to_owned()));
                }
                Step::Wait(ns) => self.time_ns = self.time_ns.saturating_add(*ns),
                Step::Place(account, order) => told.push(say(self.teller().place(*account, order))),
                Step::Debts(account) => told.extend(self.debts(*account).into_iter().map(say)),
                Step::Fees(account, instrument) => told.extend(self.fees(*account, *instrument).into_iter().map(say)),
                Step::Best(instrument) => told.push(say(self.teller().best(*instrument))),
                Step::Balances(account) => told.extend(self.balances(*account).into_iter().map(say)),
                Step::Positions(account) => told.extend(self.positions(*account).into_iter().map(say)),
                Step::Show(Show::Balances, on) => self.balances = *on,
                Step::Show(Show::Positions, on) => self.positions = *on,
            }
            let is_due = line.steps.len() <= CHECK_ALL_MAX || index % CHECK_EVERY == 0;
            if is_due || index + 1 == line.steps.len() {
                self.judge.check(&self.told)?;
            }
        }
        Ok((told, done))
    }

    fn send(&mut self, command: &Command) -> Vec<Event> {
        self.seq += 1;
        self.time_ns = self.time_ns.saturating_add(self.scenario.step_ns);
        let mut events = Vec::new();
        self.judge.apply(Stamp { seq: self.seq, time_ns: self.time_ns }, command, &mut events);
        events.iter().for_each(|event| self.told.hear(event));
        events
    }

    fn is_shown(&self, event: &Event, is_quiet: bool) -> bool {
        match event {
            Event::Rejected { .. } => true,
            Event::Balance { .. } => self.balances && !is_quiet,
            Event::Position { .. } => self.positions && !is_quiet,
            _ => !is_quiet,
        }
    }

    fn teller(&self) -> Teller<'_> {
        Teller { names: &self.scenario.names, told: &self.told }
    }

    fn balances(&self, of: Option<AccountId>) -> Vec<String> {
        let wanted = self.told.balances().filter(|(account, ..)| of.is_none_or(|of| of == *account));
        wanted.map(|(account, asset, balance)| self.teller().balance(account, asset, balance)).collect()
    }

    fn debts(&self, of: Option<AccountId>) -> Vec<String> {
        let wanted = self.told.debts().filter(|(account, ..)| of.is_none_or(|of| of == *account));
        wanted.map(|(account, asset, debt)| self.teller().debt(account, asset, debt)).collect()
    }

    /// Of one account, or of all that have a balance.
    fn fees(&self, of: Option<AccountId>, instrument: InstrumentId) -> Vec<String> {
        let mut known: Vec<AccountId> = self.told.balances().map(|(account, ..)| account).collect();
        known.dedup();
        known.retain(|account| *account != AccountId::FEES);
        let wanted = of.map_or(known, |of| vec![of]);
        wanted.into_iter().map(|account| self.teller().fees(account, instrument)).collect()
    }

    fn positions(&self, of: Option<AccountId>) -> Vec<String> {
        let wanted = self.told.positions().filter(|(account, ..)| of.is_none_or(|of| of == *account));
        wanted.map(|(account, instrument, position)| self.teller().position(account, instrument, &position)).collect()
    }
}

/// The first and last of many lines, and a count of the events between.
fn shorten(told: Vec<Said>) -> Vec<String> {
    if told.len() <= TOLD_MAX {
        return told.into_iter().map(|(text, _)| text).collect();
    }
    let between = &told[TOLD_FIRST..told.len() - TOLD_LAST];
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let (mut lots, mut value) = (0_u128, 0_u128);
    for (text, event) in between {
        let word = text.split(' ').next().unwrap_or_default();
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
        if let Some(Event::Trade(trade)) = event {
            lots += u128::from(trade.qty.0);
            value += (trade.price * trade.qty).0;
        }
    }
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let traded = if lots > 0 { format!("; {lots} lots traded for {value} ticks") } else { String::new() };
    let count = format!("…          {}{traded}", counts.join(", "));
    let text = |part: &[Said]| part.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
    [text(&told[..TOLD_FIRST]), vec![count], text(&told[told.len() - TOLD_LAST..])].concat()
}
