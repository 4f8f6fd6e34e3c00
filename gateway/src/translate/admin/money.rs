//! Money that the operator brings in, takes out or moves.

use papertape_engine::{AccountId, Amount, Event, LedgerEntry};
use papertape_platform::Views;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fields;
use crate::errors::Failure;
use crate::translate::account;
use crate::translate::account::BalanceMessage;
use crate::translate::number::Decimal;
use crate::translate::orders::money;

/// Money in or out of one account.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"asset": "USD", "amount": "1000.50", "reference": "1"}))]
pub(crate) struct EntryBody {
    /// Which asset.
    pub asset: String,
    /// How much; positive.
    pub amount: Decimal,
    /// A whole number of the operator's choice, below 2^64, as a string (or as a number up to 2^53), that names the entry
    /// within the account: the same request again does nothing more, another one is refused (`DUPLICATE_REFERENCE`).
    #[schema(value_type = String)]
    pub reference: Decimal,
}

/// Money from one account to another.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": 7, "to": 8, "asset": "USD", "amount": "10", "reference": "2"}))]
pub(crate) struct TransferBody {
    /// From whom.
    pub from: u32,
    /// To whom.
    pub to: u32,
    /// Which asset.
    pub asset: String,
    /// How much; positive.
    pub amount: Decimal,
    /// Names the entry within the account `from`, as that of a deposit.
    #[schema(value_type = String)]
    pub reference: Decimal,
}

/// What one account has of the asset after an entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AccountBalanceMessage {
    /// Whose.
    pub account_id: u32,
    /// How much; null of the venue's own account, of which none is told.
    pub balance: Option<BalanceMessage>,
}

/// What came of an entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"seq": 90001, "repeated": false, "asset": "USD", "amount": "1000.5", "accounts": [
    {"account_id": 7, "balance": {"asset": "USD", "free": "1000.5", "held": "0", "total": "1000.5"}}]}))]
pub(crate) struct EntryMessage {
    /// The command's number in the journal.
    pub seq: u64,
    /// Whether the same entry was made before; then nothing was done now.
    pub repeated: bool,
    /// Which asset.
    pub asset: String,
    /// How much, as asked.
    pub amount: String,
    /// Who has how much of the asset now.
    pub accounts: Vec<AccountBalanceMessage>,
}

impl EntryBody {
    /// The entry that it asks for.
    pub(crate) fn entry(&self, views: &Views, account: AccountId) -> Result<LedgerEntry, Failure> {
        entry(views, account, &self.asset, (&self.amount, &self.reference))
    }
}

impl TransferBody {
    /// The entry of the account that pays.
    pub(crate) fn entry(&self, views: &Views) -> Result<LedgerEntry, Failure> {
        entry(views, AccountId(self.from), &self.asset, (&self.amount, &self.reference))
    }
}

fn entry(
    views: &Views,
    account: AccountId,
    symbol: &str,
    (amount, reference): (&Decimal, &Decimal),
) -> Result<LedgerEntry, Failure> {
    let (id, asset) = fields::asset(views, symbol)?;
    let amount = asset.parse(amount.as_str()).map_err(|error| Failure::field("amount", error))?;
    Ok(LedgerEntry { account, asset: id, amount, reference: fields::reference(reference)? })
}

/// What a command's events say of an entry; `None` if the asset is not listed.
pub(crate) fn message(
    views: &Views,
    entry: &LedgerEntry,
    accounts: &[AccountId],
    (seq, events): (u64, &[Event]),
) -> Option<EntryMessage> {
    let asset = views.asset(entry.asset)?;
    let of = |account: &AccountId| {
        let known = views.balances(*account).into_iter().find(|balance| balance.asset == entry.asset);
        let (free, held) = known.map_or((Amount::ZERO, Amount::ZERO), |balance| (balance.free, balance.held));
        let balance = account::balance(views, entry.asset, free, held).filter(|_| *account != AccountId::FEES);
        AccountBalanceMessage { account_id: account.0, balance }
    };
    Some(EntryMessage {
        seq,
        repeated: events.iter().any(|event| matches!(event, Event::EntryRepeated { .. })),
        asset: asset.symbol.to_string(),
        amount: money(asset, entry.amount),
        accounts: accounts.iter().map(of).collect(),
    })
}
