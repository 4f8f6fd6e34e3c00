//! Numbers that a venue gives out: when a step is left out, later commands mean another number by the same thing.

use papertape_engine::{
    AccountId, AssetId, Command, Event, InstrumentId, KillScope, LedgerEntry, OrderId, OrderRef, PlaceList, PlaceOrder,
    Stamp,
};

use super::run::Step;
use crate::model::Model;

/// What a step gave out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Given {
    Asset(AssetId),
    Instrument(InstrumentId),
    Account(AccountId),
    Order(OrderId),
}

/// What each step gives out for the first time: a list has several orders.
pub(super) fn given(steps: &[Step]) -> Vec<Vec<Given>> {
    let (mut model, mut events, mut seen, mut time_ns) = (Model::default(), Vec::new(), 0, 0);
    let give = |step: &Step| {
        let Step::Command(command) = step else {
            time_ns += duration_ns(step);
            return Vec::new();
        };
        events.clear();
        time_ns += 1;
        model.apply(Stamp { seq: 1, time_ns }, command, &mut events);
        let give = |event: &Event| match event {
            Event::AssetListed { asset, .. } => Some(Given::Asset(*asset)),
            Event::InstrumentListed { instrument, .. } => Some(Given::Instrument(*instrument)),
            Event::AccountOpened { account, .. } if account.0 > seen => {
                seen = account.0;
                Some(Given::Account(*account))
            }
            Event::Accepted(accepted) => Some(Given::Order(accepted.order)),
            _ => None,
        };
        events.iter().filter_map(give).collect()
    };
    steps.iter().map(give).collect()
}

/// How long a step takes.
pub(super) fn duration_ns(step: &Step) -> u64 {
    match step {
        Step::Command(_) => 1,
        Step::Wait(ns) => *ns,
        Step::Restore => 0,
    }
}

/// The command as it must be said when these numbers are not given out any more.
pub(super) fn renumbered(command: &Command, gone: &[Given]) -> Command {
    let asset = |id: AssetId| {
        let before = gone.iter().filter(|given| matches!(given, Given::Asset(gone) if *gone < id)).count();
        AssetId(id.0 - before as u16)
    };
    let instrument = |id: InstrumentId| {
        let before = gone.iter().filter(|given| matches!(given, Given::Instrument(gone) if *gone < id)).count();
        InstrumentId(id.0 - before as u16)
    };
    let account = |id: AccountId| {
        let before = gone.iter().filter(|given| matches!(given, Given::Account(gone) if *gone < id)).count();
        AccountId(id.0 - before as u32)
    };
    let order = |order: OrderRef| match order {
        OrderRef::Client(name) => OrderRef::Client(name),
        OrderRef::Id(id) => {
            let before = gone.iter().filter(|given| matches!(given, Given::Order(gone) if *gone < id)).count();
            OrderRef::Id(OrderId(id.0 - before as u64))
        }
    };
    map(command, &Numbers { asset: &asset, instrument: &instrument, account: &account, order: &order })
}

/// The command with one account in the place of another.
pub(super) fn with_account(command: &Command, from: AccountId, to: AccountId) -> Command {
    let account = |id: AccountId| if id == from { to } else { id };
    map(command, &Numbers { asset: &|id| id, instrument: &|id| id, account: &account, order: &|order| order })
}

/// The accounts that a command names.
pub(super) fn accounts_of(command: &Command) -> Vec<AccountId> {
    let named = std::cell::RefCell::new(Vec::new());
    let account = |id: AccountId| {
        named.borrow_mut().push(id);
        id
    };
    map(command, &Numbers { asset: &|id| id, instrument: &|id| id, account: &account, order: &|order| order });
    named.into_inner()
}

struct Numbers<'a> {
    asset: &'a dyn Fn(AssetId) -> AssetId,
    instrument: &'a dyn Fn(InstrumentId) -> InstrumentId,
    account: &'a dyn Fn(AccountId) -> AccountId,
    order: &'a dyn Fn(OrderRef) -> OrderRef,
}

fn map(command: &Command, to: &Numbers<'_>) -> Command {
    let Numbers { asset, instrument, account, order } = to;
    let entry =
        |entry: LedgerEntry| LedgerEntry { account: account(entry.account), asset: asset(entry.asset), ..entry };
    match *command {
        Command::Place(place) => Command::Place(PlaceOrder {
            account: account(place.account),
            instrument: instrument(place.instrument),
            ..place
        }),
        Command::PlaceList(list) => Command::PlaceList(PlaceList {
            account: account(list.account),
            instrument: instrument(list.instrument),
            ..list
        }),
        Command::Cancel { account: owner, order: named } => {
            Command::Cancel { account: account(owner), order: order(named) }
        }
        Command::Amend(mut amend) => {
            (amend.account, amend.order) = (account(amend.account), order(amend.order));
            Command::Amend(amend)
        }
        Command::CancelAll { account: owner, instrument: named, side } => {
            Command::CancelAll { account: account(owner), instrument: named.map(instrument), side }
        }
        Command::ListInstrument(mut spec) => {
            (spec.base, spec.quote) = (asset(spec.base), asset(spec.quote));
            Command::ListInstrument(spec)
        }
        Command::Deposit(given) => Command::Deposit(entry(given)),
        Command::Withdraw(given) => Command::Withdraw(entry(given)),
        Command::Transfer { from, to } => Command::Transfer { from: entry(from), to: account(to) },
        Command::SetSchedule { instrument: named, schedule } => {
            Command::SetSchedule { instrument: instrument(named), schedule }
        }
        Command::SetPhase { instrument: named, stage } => Command::SetPhase { instrument: instrument(named), stage },
        Command::Uncross { instrument: named, reference, then } => {
            Command::Uncross { instrument: instrument(named), reference, then }
        }
        Command::SetTradeGroup { account: named, group } => Command::SetTradeGroup { account: account(named), group },
        Command::SetSuspended { account: named, suspended } => {
            Command::SetSuspended { account: account(named), suspended }
        }
        Command::SetMark { instrument: named, price } => Command::SetMark { instrument: instrument(named), price },
        Command::SetKillSwitch { scope, engaged } => {
            let scope = match scope {
                KillScope::Venue => KillScope::Venue,
                KillScope::Instrument(named) => KillScope::Instrument(instrument(named)),
                KillScope::Account(named) => KillScope::Account(account(named)),
            };
            Command::SetKillSwitch { scope, engaged }
        }
        Command::Tick | Command::ListAsset(_) | Command::OpenAccount { .. } => *command,
    }
}
