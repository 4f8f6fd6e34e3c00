//! Terms of borrowing, and everybody who borrows.

use std::collections::BTreeSet;

use papertape_engine::{AccountId, Asset, MarginTerms, Ppm};
use papertape_platform::Views;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::errors::Failure;
use crate::translate::find;
use crate::translate::margin::{self, DebtMessage, MarginAssetMessage, MarginMessage};
use crate::translate::number::Decimal;

/// What an asset is to be to accounts that borrow (`INVALID_MARGIN_TERMS`).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"priced_by": "BTC-USD", "collateral_ppm": 900_000, "initial_ppm": 200_000,
    "maintenance_ppm": 100_000, "max_debt": "10"}))]
pub(crate) struct MarginTermsBody {
    /// The market whose mark price, or before one was set whose last trade, is its price; it is paid with the reference asset.
    /// Without it the asset is the reference itself, in which everything is reckoned: it comes first, and there is one.
    #[serde(default)]
    pub priced_by: Option<String>,
    /// Which part of its value counts as collateral, in parts per million, 0 to 1000000.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub collateral_ppm: i32,
    /// What must be left over what is owed of it when something is borrowed or taken out, in parts per million of that: at
    /// least `maintenance_ppm`, at most 10000000.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub initial_ppm: i32,
    /// What must be left at any time, at least 1; below it an account is liquidated.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub maintenance_ppm: i32,
    /// The most that one account may owe of it; zero: it cannot be borrowed.
    pub max_debt: Decimal,
}

impl MarginTermsBody {
    /// The terms that it asks for.
    pub(crate) fn terms(&self, views: &Views, asset: &Asset) -> Result<MarginTerms, Failure> {
        let priced_by = self.priced_by.as_deref().map(|symbol| find(views, symbol).map(|(id, _)| id)).transpose()?;
        let most = asset.parse(self.max_debt.as_str()).map_err(|error| Failure::field("max_debt", error))?;
        Ok(MarginTerms {
            priced_by,
            collateral: Ppm(self.collateral_ppm),
            initial: Ppm(self.initial_ppm),
            maintenance: Ppm(self.maintenance_ppm),
            borrow_max: most,
        })
    }
}

/// An account that borrows, or may.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BorrowerMessage {
    /// The account.
    pub account_id: u32,
    /// Whether it may borrow.
    pub margin: bool,
    /// What it has, held or not, at the prices of the moment and after haircuts.
    pub collateral: String,
    /// What it owes, at the prices of the moment.
    pub debt: String,
    /// `collateral` less `debt` must be at least this after something is borrowed or taken out.
    pub initial_margin: String,
    /// `collateral` less `debt` below this: the account is liquidated.
    pub maintenance_margin: String,
    /// What it owes, asset by asset.
    pub debts: Vec<DebtMessage>,
}

/// Everything about borrowing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"seq": 90001, "reference": "USD", "assets": [], "accounts": [],
    "bad_debts": [{"asset": "BTC", "amount": "0.1"}]}))]
pub(crate) struct AdminMarginMessage {
    /// The last command that is in it.
    pub seq: u64,
    /// The asset in which everything is reckoned; null where nobody may borrow.
    pub reference: Option<String>,
    /// The assets that are collateral or can be borrowed.
    pub assets: Vec<MarginAssetMessage>,
    /// The accounts that may borrow, or owe something.
    pub accounts: Vec<BorrowerMessage>,
    /// Debts that were written off, and that the venue's own account has not paid: it owes them.
    pub bad_debts: Vec<DebtMessage>,
}

/// Everything about borrowing, as it is now.
pub(crate) fn message(views: &Views) -> AdminMarginMessage {
    let numbers = (1..views.account_count()).map(AccountId);
    let borrower = |account: AccountId| {
        let MarginMessage { margin, collateral, debt, initial_margin, maintenance_margin, debts, .. } =
            margin::margin(views, account);
        let account_id = account.0;
        BorrowerMessage { account_id, margin, collateral, debt, initial_margin, maintenance_margin, debts }
    };
    let MarginMessage { reference, assets, .. } = margin::margin(views, AccountId::FEES);
    let bad_debts = margin::debts(views, AccountId::FEES);
    let owes: BTreeSet<AccountId> = views.debts().map(|(whose, ..)| whose).collect();
    let borrowers = numbers.filter(|account| views.is_margin(*account) || owes.contains(account));
    AdminMarginMessage { seq: views.seq(), reference, assets, accounts: borrowers.map(borrower).collect(), bad_debts }
}
