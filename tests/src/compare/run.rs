//! The comparison itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use papertape_engine::{Command, Engine, Event, LadderBook, Stamp};

use crate::model::{Model, State};

/// What is compared with the model: an engine, or something that pretends to be one.
pub trait Subject {
    /// Decides a command, as [`Engine::apply`].
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>);

    /// The engine inside, for its invariants and its state.
    fn engine(&self) -> &Engine;

    /// Goes on with an engine that was restored from a snapshot of this one.
    fn replace(&mut self, engine: Engine);
}

impl Subject for Engine {
    fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        Engine::apply(self, stamp, command, events);
    }

    fn engine(&self) -> &Engine {
        self
    }

    fn replace(&mut self, engine: Engine) {
        *self = engine;
    }
}

/// One step of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Both decide a command.
    Command(Command),
    /// So many nanoseconds pass.
    Wait(u64),
    /// The engine is saved and restored; the model knows nothing of it.
    Restore,
}

/// In which way the two are not the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// They tell different events.
    Events,
    /// The engine breaks one of its invariants.
    Invariant,
    /// The engine is another one after it was restored, or cannot be restored.
    Restore,
    /// They tell the same and show another state.
    State,
    /// One of them panics.
    Panic,
}

/// The first difference in a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// At which step, from 0.
    pub step: usize,
    /// Which kind of difference.
    pub kind: Kind,
    /// What each of the two says.
    pub text: String,
}

/// A subject and the model, so far the same.
pub struct Run<S> {
    subject: S,
    model: Model,
    steps: usize,
    seq: u64,
    time_ns: u64,
    /// The invariants are checked after every so many commands.
    check_every: u64,
    found: Vec<Event>,
    expected: Vec<Event>,
}

impl<S: Subject> Run<S> {
    /// Begins with a venue in which nothing has happened.
    pub fn new(subject: S, check_every: u64) -> Self {
        let model = Model::default();
        Self { subject, model, steps: 0, seq: 0, time_ns: 0, check_every, found: Vec::new(), expected: Vec::new() }
    }

    /// Both go one step. Gives the events on which they agree.
    pub fn step(&mut self, step: &Step) -> Result<&[Event], Difference> {
        let went = catch_unwind(AssertUnwindSafe(|| self.go(step)));
        let went = went.unwrap_or_else(|panic| Err((Kind::Panic, panic_text(panic.as_ref()))));
        let at = self.steps;
        self.steps += 1;
        match went {
            Ok(()) => Ok(&self.expected),
            Err((kind, text)) => Err(Difference { step: at, kind, text }),
        }
    }

    fn go(&mut self, step: &Step) -> Result<(), (Kind, String)> {
        self.found.clear();
        self.expected.clear();
        let command = match step {
            Step::Command(command) => command,
            Step::Wait(ns) => {
                self.time_ns = self.time_ns.saturating_add(*ns);
                return Ok(());
            }
            Step::Restore => return self.restore(),
        };
        self.seq += 1;
        self.time_ns = self.time_ns.saturating_add(1);
        let stamp = Stamp { seq: self.seq, time_ns: self.time_ns };
        self.model.apply(stamp, command, &mut self.expected);
        self.subject.apply(stamp, command, &mut self.found);
        if self.found != self.expected {
            return Err((Kind::Events, first_difference(&self.expected, &self.found)));
        }
        if self.seq.is_multiple_of(self.check_every) {
            self.subject.engine().check().map_err(|broken| (Kind::Invariant, broken))?;
        }
        Ok(())
    }

    /// Both are in the same state, and the engine goes on with what a snapshot of it gives.
    fn restore(&mut self) -> Result<(), (Kind, String)> {
        let (expected, found) = (State::of_model(&self.model), State::of_engine(self.subject.engine()));
        if expected != found {
            return Err((Kind::State, format!("expected {expected:?}\nfound    {found:?}")));
        }
        let engine = self.subject.engine();
        let restored = Engine::<LadderBook>::restore(&engine.snapshot());
        let restored = restored.map_err(|error| (Kind::Restore, error.to_string()))?;
        if restored.state_hash() != engine.state_hash() {
            return Err((Kind::Restore, "the state has another hash after it was restored".to_owned()));
        }
        self.subject.replace(restored);
        Ok(())
    }

    /// The end of the stream: invariants, the state as a reader sees it, and the state as a snapshot keeps it.
    pub fn finish(&mut self) -> Result<(), Difference> {
        let ended = catch_unwind(AssertUnwindSafe(|| self.end()));
        let ended = ended.unwrap_or_else(|panic| Err((Kind::Panic, panic_text(panic.as_ref()))));
        ended.map_err(|(kind, text)| Difference { step: self.steps.saturating_sub(1), kind, text })
    }

    fn end(&mut self) -> Result<(), (Kind, String)> {
        self.subject.engine().check().map_err(|broken| (Kind::Invariant, broken))?;
        self.restore()
    }

    /// What the model came upon in the last command that its events do not show.
    pub fn notes(&self) -> &[&'static str] {
        self.model.notes()
    }

    /// Whether a part of an open order does not show.
    pub fn has_reserves(&self) -> bool {
        self.model.has_reserves()
    }

    /// How many orders are open.
    pub fn open_orders(&self) -> usize {
        self.model.open_orders_count()
    }
}

/// Runs steps from the beginning and gives the first difference.
pub fn run<S: Subject>(subject: S, check_every: u64, steps: &[Step]) -> Option<Difference> {
    let mut run = Run::new(subject, check_every);
    let differs = steps.iter().find_map(|step| run.step(step).err());
    differs.or_else(|| run.finish().err())
}

fn first_difference(expected: &[Event], found: &[Event]) -> String {
    let same = expected.iter().zip(found).take_while(|(expected, found)| expected == found).count();
    let show = |events: &[Event]| events.get(same).map_or("nothing more".to_owned(), |event| format!("{event:?}"));
    format!("event {same}:\nexpected {}\nfound    {}", show(expected), show(found))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}
