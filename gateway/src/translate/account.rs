//! Balances and positions as messages.

use papertape_engine::{AccountId, Amount, AssetId, KillScope};
use papertape_platform::{BalanceView, PositionView, Views, position_price_text};
use serde::Serialize;
use utoipa::ToSchema;

use super::Markets;
use super::orders::{money, price_text};

/// What an account has of one asset.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BalanceMessage {
    /// The asset.
    pub asset: String,
    /// Can be spent.
    pub free: String,
    /// Held by open orders.
    pub held: String,
    /// Both.
    pub total: String,
}

/// What an account bought and holds in one market, and what it made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PositionMessage {
    /// The market.
    pub symbol: String,
    /// Bought and still held, in base.
    pub qty: String,
    /// Average price paid; null when nothing is held.
    pub avg_price: Option<String>,
    /// Profit of what was sold, in quote, before fees.
    pub realized_pnl: String,
    /// Fees paid in quote, less rebates.
    pub fees_paid: String,
    /// Price at which the holding is valued: the last trade's.
    pub mark_price: Option<String>,
    /// Profit if the holding were sold at `mark_price`, in quote, before fees.
    pub unrealized_pnl: Option<String>,
}

/// An account as it was after a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"account_id": 7, "seq": 90001, "kill_switch": false, "suspended": false,
    "balances": [{"asset": "USD", "free": "99399.4", "held": "0", "total": "99399.4"}],
    "positions": [{"symbol": "BTC-USD", "qty": "0.01", "avg_price": "60000.00", "realized_pnl": "0",
        "fees_paid": "0.6", "mark_price": "60010.00", "unrealized_pnl": "0.1"}]}))]
pub(crate) struct AccountMessage {
    /// The account's number.
    pub account_id: u32,
    /// The last command that is in it.
    pub seq: u64,
    /// Whether the account's own kill switch is engaged: it trades nothing until it is released.
    pub kill_switch: bool,
    /// Whether the operator has suspended the account: it neither trades nor moves money out.
    pub suspended: bool,
    /// One for each asset that the account ever had.
    pub balances: Vec<BalanceMessage>,
    /// One for each market that the account traded in.
    pub positions: Vec<PositionMessage>,
}

/// A balance; `None` if the asset is not listed.
pub(crate) fn balance(markets: &impl Markets, asset: AssetId, free: Amount, held: Amount) -> Option<BalanceMessage> {
    let asset = markets.asset(asset)?;
    Some(BalanceMessage {
        asset: asset.symbol.to_string(),
        free: money(asset, free),
        held: money(asset, held),
        total: money(asset, free + held),
    })
}

/// A position; `None` if the instrument is not listed.
pub(crate) fn position(markets: &impl Markets, view: &PositionView) -> Option<PositionMessage> {
    let instrument = markets.instrument(view.instrument)?;
    let held = view.position.qty > Amount::ZERO;
    let average = held.then(|| price_text(instrument, &position_price_text(instrument, &view.position)));
    Some(PositionMessage {
        symbol: instrument.spec.symbol.to_string(),
        qty: money(&instrument.base, view.position.qty),
        avg_price: average,
        realized_pnl: money(&instrument.quote, view.position.realized),
        fees_paid: money(&instrument.quote, view.position.fees_quote),
        mark_price: view.mark.map(|mark| instrument.format_price(mark)),
        unrealized_pnl: view.unrealized.map(|profit| money(&instrument.quote, profit)),
    })
}

/// Everything that an account has.
pub(crate) fn balances(views: &Views, account: AccountId) -> Vec<BalanceMessage> {
    let known = views.balances(account);
    known.iter().filter_map(|BalanceView { asset, free, held }| balance(views, *asset, *free, *held)).collect()
}

/// The account as it is now.
pub(crate) fn account(views: &Views, account: AccountId) -> AccountMessage {
    let positions = views.positions(account);
    AccountMessage {
        account_id: account.0,
        seq: views.seq(),
        kill_switch: views.is_killed(KillScope::Account(account)),
        suspended: views.is_suspended(account),
        balances: balances(views, account),
        positions: positions.iter().filter_map(|view| position(views, view)).collect(),
    }
}
