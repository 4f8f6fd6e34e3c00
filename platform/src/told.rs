//! Private messages: which events an account is told, and their numbers. An account's messages are numbered densely from 1,
//! in the order of events, whoever tells them over which wire; the numbers are a fold over events, kept in the database with
//! the cursor, and so the same after a restart.

use papertape_engine::{AccountId, Event, KillScope};
use rustc_hash::FxHashMap;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait};

use crate::database::{from_sql, told};

/// What an event is to the account that is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// All of it is the account's.
    Whole,
    /// The buyer's side of a trade.
    Buyer,
    /// The seller's side of a trade.
    Seller,
    /// The order that came, of a prevented trade.
    Taker,
    /// The order that rested, of a prevented trade.
    Maker,
}

/// Who is told of an event in private, in the order of the messages. A trade is told to both sides, even if both are one
/// account.
pub fn told_to(event: &Event) -> impl Iterator<Item = (AccountId, Part)> {
    let whole = |account| [Some((account, Part::Whole)), None];
    let told = match event {
        Event::Accepted(accepted) => whole(accepted.terms.account),
        Event::Cancelled(cancelled) => whole(cancelled.account),
        Event::Amended(amended) => whole(amended.account),
        Event::Trade(trade) => [Some((trade.buy.account, Part::Buyer)), Some((trade.sell.account, Part::Seller))],
        Event::SelfTradePrevented(prevented) => {
            [Some((prevented.taker.account, Part::Taker)), Some((prevented.maker.account, Part::Maker))]
        }
        Event::Released { account, .. }
        | Event::Triggered { account, .. }
        | Event::Rested { account, .. }
        | Event::Repeated { account, .. }
        | Event::Rejected { account: Some(account), .. }
        | Event::CancelledAll { account, .. }
        | Event::KillSwitchSet { scope: KillScope::Account(account), .. }
        | Event::SuspensionSet { account, .. } => whole(*account),
        _ => [None, None],
    };
    told.into_iter().flatten()
}

/// How many messages each account has been told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told(FxHashMap<AccountId, u64>);

impl Told {
    /// As of the database's cursor.
    pub(crate) async fn load(database: &DatabaseConnection) -> Result<Self, DbErr> {
        let rows = told::Entity::find().all(database).await?;
        let account = |id: i64| u32::try_from(id).ok().map(AccountId);
        Ok(Self(rows.iter().filter_map(|row| Some((account(row.account_id)?, from_sql(row.messages)))).collect()))
    }

    /// The number of the account's last message; 0 before the first.
    pub fn last(&self, account: AccountId) -> u64 {
        self.0.get(&account).copied().unwrap_or(0)
    }

    /// Numbers the account's next message.
    pub fn next(&mut self, account: AccountId) -> u64 {
        let last = self.0.entry(account).or_default();
        // 2^64 messages are more than any venue tells.
        *last = last.saturating_add(1);
        *last
    }

    /// Counts an event's messages, and shows each account's last number.
    pub fn fold(&mut self, event: &Event, mut show: impl FnMut(AccountId, u64)) {
        for (account, _) in told_to(event) {
            let last = self.next(account);
            show(account, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::{InstrumentId, OrderId, Price, Qty, Reference, Side, Trade, TradeId, TradeParty};

    use super::*;

    fn party(account: u32) -> TradeParty {
        let (order, account) = (OrderId(1), AccountId(account));
        TradeParty { order, account, leaves_qty: Qty(0), fee: papertape_engine::Amount(0) }
    }

    #[test]
    fn both_sides_of_a_trade_are_told_and_numbers_have_no_gap() {
        let (instrument, price, qty) = (InstrumentId(0), Price(1), Qty(1));
        let trade = |buy, sell| {
            let (id, aggressor) = (TradeId(1), Some(Side::Buy));
            Event::Trade(Trade { id, instrument, price, qty, aggressor, buy: party(buy), sell: party(sell) })
        };
        let mut told = Told::default();
        let mut seen = Vec::new();
        for event in [
            trade(1, 2),
            trade(1, 1),
            Event::CancelledAll { account: AccountId(2), orders: 0 },
            Event::AccountOpened { account: AccountId(2), reference: Reference(1) },
            Event::KillSwitchSet { scope: KillScope::Venue, engaged: true, orders: 0 },
        ] {
            told.fold(&event, |account, last| seen.push((account.0, last)));
        }
        assert_eq!(seen, [(1, 1), (2, 1), (1, 2), (1, 3), (2, 2)]);
        assert_eq!((told.last(AccountId(1)), told.last(AccountId(2)), told.last(AccountId(3))), (3, 2, 0));
    }
}
