//! Borrowing: requests to entries, and how an account stands as a message.

use papertape_engine::{AccountId, Amount, AssetId, Event, LedgerEntry, MarginTerms, Reason, Reference};
use papertape_platform::Views;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::orders::money;
use crate::errors::Failure;

/// A loan, or what is paid back of one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"asset": "BTC", "amount": "0.5", "reference": 1}))]
pub(crate) struct LoanBody {
    /// Which asset.
    pub asset: String,
    /// How much.
    pub amount: String,
    /// A number of the caller's choice, up to 2^53, that makes a repeat harmless: the same request again does nothing more.
    #[schema(maximum = 9_007_199_254_740_992_u64)]
    pub reference: u64,
}

impl LoanBody {
    /// The entry that it asks for.
    pub(crate) fn entry(&self, views: &Views, account: AccountId) -> Result<LedgerEntry, Failure> {
        let id = views.find_asset(&self.asset).ok_or(Reason::UnknownAsset)?;
        let asset = views.asset(id).ok_or(Reason::UnknownAsset)?;
        let amount = asset.parse(&self.amount).map_err(|error| Failure::field("amount", error.to_string()))?;
        if self.reference > 1 << 53 {
            return Err(Failure::field("reference", "must be at most 2^53"));
        }
        Ok(LedgerEntry { account, asset: id, amount, reference: Reference(self.reference) })
    }
}

/// What a loan or a repayment came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LoanMessage {
    /// Which asset.
    pub asset: String,
    /// How much was borrowed or paid back; zero if the same request was carried out before.
    pub amount: String,
    /// What the account owes of the asset now.
    pub debt: String,
    /// The command's number.
    pub seq: u64,
}

/// What a command's events say of a loan.
pub(crate) fn loan(views: &Views, entry: &LedgerEntry, events: &[Event], seq: u64) -> Option<LoanMessage> {
    let asset = views.asset(entry.asset)?;
    let done = events.iter().find_map(|event| match event {
        Event::Borrowed { amount, debt, .. } | Event::Repaid { amount, debt, .. } => Some((*amount, *debt)),
        _ => None,
    });
    let (amount, debt) = done.unwrap_or_else(|| {
        let owed = views.margin(entry.account).debts;
        let debt = owed.iter().find(|(of, _)| *of == entry.asset).map_or(Amount::ZERO, |(_, debt)| *debt);
        (Amount::ZERO, debt)
    });
    Some(LoanMessage { asset: asset.symbol.to_string(), amount: money(asset, amount), debt: money(asset, debt), seq })
}

/// What is owed of one asset.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DebtMessage {
    /// Which asset.
    pub asset: String,
    /// How much.
    pub amount: String,
}

/// An asset's terms for accounts that borrow.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MarginAssetMessage {
    /// Which asset.
    pub asset: String,
    /// The market whose mark price, or before one was set whose last trade, is its price; null of the asset in which
    /// everything is reckoned.
    pub priced_by: Option<String>,
    /// Which part of its value counts as collateral, in parts per million.
    pub collateral_ppm: i32,
    /// What must be left over what is owed of it when something is borrowed or taken out, in parts per million of that.
    pub initial_ppm: i32,
    /// What must be left at any time; below it the account is liquidated.
    pub maintenance_ppm: i32,
    /// The most that one account may owe of it; zero: it cannot be borrowed.
    pub max_debt: String,
}

/// How the caller stands as a borrower.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"margin": true, "reference": "USD", "collateral": "4350", "debt": "4000",
    "initial_margin": "800", "maintenance_margin": "400", "debts": [{"asset": "USD", "amount": "4000"}],
    "assets": [{"asset": "USD", "priced_by": null, "collateral_ppm": 1000000, "initial_ppm": 200000,
        "maintenance_ppm": 100000, "max_debt": "10000"}]}))]
pub(crate) struct MarginMessage {
    /// Whether the account may borrow.
    pub margin: bool,
    /// The asset in which everything is reckoned; null where nobody may borrow.
    pub reference: Option<String>,
    /// What the account has, held or not, at the prices of the moment and after haircuts.
    pub collateral: String,
    /// What it owes, at the prices of the moment.
    pub debt: String,
    /// `collateral` less `debt` must be at least this after something is borrowed or taken out.
    pub initial_margin: String,
    /// `collateral` less `debt` below this: the account is liquidated.
    pub maintenance_margin: String,
    /// What it owes, asset by asset.
    pub debts: Vec<DebtMessage>,
    /// The assets that are collateral or can be borrowed.
    pub assets: Vec<MarginAssetMessage>,
}

/// What an account owes.
pub(crate) fn debts(views: &Views, account: AccountId) -> Vec<DebtMessage> {
    let debt = |(asset, debt): (AssetId, Amount)| {
        let asset = views.asset(asset)?;
        Some(DebtMessage { asset: asset.symbol.to_string(), amount: money(asset, debt) })
    };
    views.debts_of(account).filter_map(debt).collect()
}

/// The terms of an asset; `None` if it is not listed.
pub(crate) fn terms(views: &Views, id: AssetId, terms: &MarginTerms) -> Option<MarginAssetMessage> {
    let asset = views.asset(id)?;
    let market = terms.priced_by.and_then(|market| views.instrument(market));
    Some(MarginAssetMessage {
        asset: asset.symbol.to_string(),
        priced_by: market.map(|market| market.spec.symbol.to_string()),
        collateral_ppm: terms.collateral.0,
        initial_ppm: terms.initial.0,
        maintenance_ppm: terms.maintenance.0,
        max_debt: money(asset, terms.borrow_max),
    })
}

/// How an account stands.
pub(crate) fn margin(views: &Views, account: AccountId) -> MarginMessage {
    let view = views.margin(account);
    let symbol = |id: AssetId| views.asset(id).map(|asset| asset.symbol.to_string());
    let reckoned = |amount: Amount| {
        let asset = view.reference.and_then(|reference| views.asset(reference));
        asset.map_or_else(|| "0".to_owned(), |asset| money(asset, amount))
    };
    MarginMessage {
        margin: view.is_margin,
        reference: view.reference.and_then(symbol),
        collateral: reckoned(view.level.collateral),
        debt: reckoned(view.level.debt),
        initial_margin: reckoned(view.level.initial),
        maintenance_margin: reckoned(view.level.maintenance),
        debts: debts(views, account),
        assets: views.margin_terms().filter_map(|(asset, of)| terms(views, asset, &of)).collect(),
    }
}
