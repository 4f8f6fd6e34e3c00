//! A command in one sentence.

use papertape_engine::{AmendOrder, Command, InstrumentId, LedgerEntry};

use super::names::{Names, account, order_ref};
use super::settings::{asset, phase, schedule, stage};

impl Names<'_> {
    /// What a command asks, and who, if it says so.
    pub fn command(self, command: &Command) -> String {
        match command {
            Command::Place(order) => format!("{}: {}", account(order.account), self.order(order)),
            Command::PlaceList(list) => format!("{}: {}", account(list.account), self.list(list)),
            Command::Cancel { account: who, order } => format!("{}: cancel {}", account(*who), order_ref(order)),
            Command::Amend(amend) => format!("{}: {}", account(amend.account), self.amend(amend, None)),
            Command::CancelAll { account: who, instrument, side } => {
                let side = side.map(|side| format!(" {}", side.name())).unwrap_or_default();
                let place = instrument.map(|at| format!(" in {}", self.symbol(at))).unwrap_or_default();
                format!("{}: cancel all{side} orders{place}", account(*who))
            }
            Command::Tick => "time passes".to_owned(),
            Command::Deposit(entry) => format!("deposit {}", self.entry(entry, "to")),
            Command::Withdraw(entry) => format!("withdraw {}", self.entry(entry, "from")),
            Command::Borrow(entry) => format!("borrow {}", self.entry(entry, "for")),
            Command::Repay(entry) => format!("repay {}", self.entry(entry, "for")),
            Command::Transfer { from, to } => {
                let LedgerEntry { account: payer, asset, amount, reference } = from;
                let (money, from, to) = (self.money(*asset, *amount), account(*payer), account(*to));
                format!("transfer {money} from {from} to {to} (reference {})", reference.0)
            }
            _ => self.setting(command),
        }
    }

    /// A command in words, where an amend is of an order of an instrument.
    pub fn command_in(self, command: &Command, at: Option<InstrumentId>) -> String {
        match (command, at) {
            (Command::Amend(amend), Some(at)) => format!("account {}: {}", amend.account, self.amend(amend, Some(at))),
            _ => self.command(command),
        }
    }

    /// `amend order 7 to 5 at 100.00`. The scale is that of `at`, if it is known.
    pub fn amend(self, amend: &AmendOrder, at: Option<InstrumentId>) -> String {
        let AmendOrder { order, price, qty, .. } = amend;
        let qty = qty.map(|qty| match at {
            Some(at) => format!(" to {}", self.qty(at, qty)),
            None => format!(" to {qty} lots"),
        });
        let price = price.map(|price| match at {
            Some(at) => format!(" at {}", self.price(at, price)),
            None => format!(" at {price} ticks"),
        });
        format!("amend {}{}{}", order_ref(order), qty.unwrap_or_default(), price.unwrap_or_default())
    }

    fn entry(self, entry: &LedgerEntry, word: &str) -> String {
        let LedgerEntry { account: who, asset, amount, reference } = entry;
        format!("{} {word} {} (reference {})", self.money(*asset, *amount), account(*who), reference.0)
    }

    fn setting(self, command: &Command) -> String {
        match command {
            Command::ListAsset(spec) => format!("list {}", asset(spec)),
            Command::ListInstrument(spec) => format!("list {}", self.spec(spec)),
            Command::OpenAccount { reference } => format!("open an account (reference {})", reference.0),
            Command::SetTradeGroup { account: who, group: Some(group) } => {
                format!("put {} into trade group {group}", account(*who))
            }
            Command::SetTradeGroup { account: who, group: None } => {
                format!("take {} out of its trade group", account(*who))
            }
            Command::SetKillSwitch { scope, engaged } => {
                let what = if *engaged { "engage" } else { "release" };
                format!("{what} the kill switch for {}", self.scope(*scope))
            }
            Command::SetSuspended { account: who, suspended: true } => format!("suspend {}", account(*who)),
            Command::SetSuspended { account: who, .. } => format!("reinstate {}", account(*who)),
            Command::SetMarginTerms { asset, terms } => {
                format!("margin terms of {}: {}", self.asset(*asset), self.terms(*asset, terms))
            }
            Command::SetMarginAccount { account: who, margin: true } => format!("let {} borrow", account(*who)),
            Command::SetMarginAccount { account: who, .. } => format!("let {} borrow no longer", account(*who)),
            Command::SetPhase { instrument, stage: next } => {
                format!("{}: begin {}", self.symbol(*instrument), stage(next))
            }
            Command::SetSchedule { instrument, schedule: day } => {
                format!("{}: {}", self.symbol(*instrument), schedule(day.as_ref()))
            }
            Command::SetMark { instrument, price } => {
                format!("{}: mark price {}", self.symbol(*instrument), self.price(*instrument, *price))
            }
            Command::SetFeeTiers { instrument, tiers } => {
                format!("{}: {}", self.symbol(*instrument), self.tiers(*instrument, tiers))
            }
            Command::Uncross { instrument, reference, then } => {
                let reference = reference.map(|price| format!(", reference {}", self.price(*instrument, price)));
                let (reference, then) = (reference.unwrap_or_default(), phase(*then));
                format!("{}: uncross{reference}, then {then}", self.symbol(*instrument))
            }
            other => format!("{other:?}"),
        }
    }
}
