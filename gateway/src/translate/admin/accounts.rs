//! Accounts as the operator sees them, and what is set of them.

use papertape_engine::{AccountId, KillScope, TradeGroup};
use papertape_platform::Views;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::translate::account::{self, BalanceMessage};
use crate::translate::margin::{self, DebtMessage};
use crate::translate::number::Decimal;

/// An account to be opened that is no user's: a market maker's, or one that money passes through.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reference": "4711"}))]
pub(crate) struct AccountBody {
    /// A whole number of the operator's choice, below 2^64, as a string (or as a number up to 2^53): the same reference gives
    /// the same account.
    #[schema(value_type = String)]
    pub reference: Decimal,
}

/// Whether an account is suspended.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"suspended": true}))]
pub(crate) struct SuspensionBody {
    /// `true`: its orders end, and it can neither trade nor move money out. `false` lifts it.
    pub suspended: bool,
}

/// Whether an account may borrow.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"margin": true}))]
pub(crate) struct MarginBody {
    /// `true`: it may. `false`: no longer, which is refused while it owes something (`ACCOUNT_OWES`).
    pub margin: bool,
}

/// The trade group of an account.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"group": 7}))]
pub(crate) struct TradeGroupBody {
    /// A number of the operator's choice, below 2^32: accounts of one group are one for self-trade prevention.
    pub group: u32,
}

/// An account as the operator sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"account_id": 7, "user_id": 3, "kill_switch": false, "suspended": false, "margin": false,
    "trade_group": null, "open_orders": 2, "balances": [{"asset": "USD", "free": "99399.4", "held": "0", "total": "99399.4"}],
    "debts": []}))]
pub(crate) struct AdminAccountMessage {
    /// The account's number; 0 is the venue's own, where fees go, of which neither orders nor balances are told.
    pub account_id: u32,
    /// Whose it is; null: no user's.
    pub user_id: Option<i64>,
    /// Whether its own kill switch is engaged.
    pub kill_switch: bool,
    /// Whether it is suspended.
    pub suspended: bool,
    /// Whether it may borrow.
    pub margin: bool,
    /// Its trade group; null: none.
    pub trade_group: Option<u32>,
    /// How many of its orders are open, waiting and pending ones included.
    pub open_orders: usize,
    /// One for each asset that it ever had.
    pub balances: Vec<BalanceMessage>,
    /// What it owes. What the venue's own account owes are bad debts.
    pub debts: Vec<DebtMessage>,
}

/// An account after a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AccountDone {
    /// The command's number in the journal.
    pub seq: u64,
    /// How many orders ended by it.
    pub orders_ended: usize,
    /// The account as it is now.
    pub account: AdminAccountMessage,
}

/// An account as it is now.
pub(crate) fn message(views: &Views, account: AccountId) -> AdminAccountMessage {
    let user = views.user_of(account);
    AdminAccountMessage {
        account_id: account.0,
        user_id: user.map(|user| user.0),
        kill_switch: views.is_killed(KillScope::Account(account)),
        suspended: views.is_suspended(account),
        margin: views.is_margin(account),
        trade_group: views.trade_group(account).map(|TradeGroup(group)| group),
        open_orders: views.open_order_count(account),
        balances: account::balances(views, account),
        debts: margin::debts(views, account),
    }
}
