//! Who reads a story, and so what it may say of others.

use papertape_engine::{AccountId, Command, InstrumentId, KillScope, OrderId};

use crate::words::{Names, account_words};

/// Who reads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Eyes {
    /// Whoever may see everything.
    All,
    /// The owner of an account: others are told of as the market shows them, without their numbers and names.
    Of(AccountId),
}

/// Who asked for something, if the reader may not know what it was.
const ANOTHER: &str = "what another account asked";
const OPERATOR: &str = "what the operator asked";

impl Eyes {
    /// Whether what belongs to an account is told whole.
    pub(crate) fn see(self, account: AccountId) -> bool {
        self == Eyes::All || self == Eyes::Of(account)
    }

    /// `order 7 of account 3`, or `another order`.
    pub(crate) fn order_words(self, order: OrderId, account: AccountId) -> String {
        if self.see(account) {
            format!("order {order} of {}", account_words(account))
        } else {
            "another order".to_owned()
        }
    }

    /// An order's number, if it may be told.
    pub(crate) fn order(self, order: OrderId, account: AccountId) -> Option<u64> {
        self.see(account).then_some(order.0)
    }

    /// An account's number, if it may be told.
    pub(crate) fn account(self, account: AccountId) -> Option<u32> {
        self.see(account).then_some(account.0)
    }

    /// A command in words. What others asked is not told, and of what the operator asks only what holds for everybody or for
    /// the reader.
    pub(crate) fn command_words(self, names: Names<'_>, command: &Command, at: Option<InstrumentId>) -> String {
        match self.hides(command) {
            Some(instead) => instead.to_owned(),
            None => names.command_in(command, at),
        }
    }

    /// What is said instead of a command.
    fn hides(self, command: &Command) -> Option<&'static str> {
        let of = |account: AccountId, instead| (!self.see(account)).then_some(instead);
        match command {
            Command::Place(order) => of(order.account, ANOTHER),
            Command::PlaceList(list) => of(list.account, ANOTHER),
            Command::Amend(amend) => of(amend.account, ANOTHER),
            Command::Cancel { account, .. } | Command::CancelAll { account, .. } => of(*account, ANOTHER),
            Command::SetKillSwitch { scope: KillScope::Account(account), .. } => of(*account, ANOTHER),
            Command::Borrow(entry) | Command::Repay(entry) => of(entry.account, ANOTHER),
            Command::SetSuspended { account, .. } => of(*account, OPERATOR),
            Command::Tick
            | Command::SetPhase { .. }
            | Command::SetMark { .. }
            | Command::SetKillSwitch { scope: KillScope::Venue | KillScope::Instrument(_), .. } => None,
            _ if self == Eyes::All => None,
            _ => Some(OPERATOR),
        }
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::{Amount, AssetId, Engine, LedgerEntry, Reference};

    use super::*;

    #[test]
    fn what_others_asked_is_not_told() {
        let engine = Engine::new();
        let (names, own, other) = (Names::of(&engine), AccountId(7), AccountId(8));
        let told = |eyes: Eyes, command| eyes.command_words(names, &command, None);
        let all = |account| Command::CancelAll { account, instrument: None, side: None };
        let entry = |account| LedgerEntry { account, asset: AssetId(0), amount: Amount(1), reference: Reference(5) };
        assert_eq!(told(Eyes::Of(own), all(own)), "account 7: cancel all orders");
        assert_eq!(told(Eyes::All, all(other)), "account 8: cancel all orders");
        for (command, instead) in [
            (all(other), ANOTHER),
            (Command::SetKillSwitch { scope: KillScope::Account(other), engaged: true }, ANOTHER),
            (Command::Borrow(entry(other)), ANOTHER),
            (Command::SetSuspended { account: other, suspended: true }, OPERATOR),
            (Command::Deposit(entry(other)), OPERATOR),
            (Command::Transfer { from: entry(own), to: other }, OPERATOR),
        ] {
            assert_eq!(told(Eyes::Of(own), command), instead, "{command:?}");
        }
        let stop = |scope| Command::SetKillSwitch { scope, engaged: true };
        assert_eq!(told(Eyes::Of(own), stop(KillScope::Venue)), "engage the kill switch for the whole venue");
        assert_eq!(told(Eyes::Of(own), stop(KillScope::Account(own))), "engage the kill switch for account 7");
        assert_eq!(told(Eyes::Of(own), Command::Tick), "time passes");
    }
}
