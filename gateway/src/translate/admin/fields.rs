//! Fields that several of the operator's requests have.

use papertape_engine::{AccountId, Asset, AssetId, Reason, Reference};
use papertape_platform::Views;

use crate::errors::Failure;
use crate::translate::number::Decimal;
use crate::translate::time;

/// An account's number from its decimal text.
pub(crate) fn account_of(text: &str) -> Result<AccountId, Failure> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.map(AccountId).ok_or_else(|| Failure::field("account_id", "not an account's number"))
}

/// An account that is there.
pub(crate) fn known_account(views: &Views, text: &str) -> Result<AccountId, Failure> {
    let account = account_of(text)?;
    if account.0 < views.account_count() { Ok(account) } else { Err(Reason::UnknownAccount.into()) }
}

/// A number of 64 bits that names what is asked for.
pub(crate) fn reference(text: &Decimal) -> Result<Reference, Failure> {
    let number = text.as_str().parse().ok().filter(|_| text.as_str().bytes().all(|byte| byte.is_ascii_digit()));
    number.map(Reference).ok_or_else(|| Failure::field("reference", "must be a whole number below 2^64"))
}

/// A listed asset by its code.
pub(crate) fn asset<'a>(views: &'a Views, symbol: &str) -> Result<(AssetId, &'a Asset), Failure> {
    let id = views.find_asset(symbol);
    let found = id.and_then(|id| views.asset(id).map(|asset| (id, asset)));
    found.ok_or_else(|| Reason::UnknownAsset.into())
}

/// Nanoseconds from the milliseconds of a field.
pub(crate) fn nanos(field: &str, ms: u64) -> Result<u64, Failure> {
    ms.checked_mul(time::NS_PER_MS).ok_or_else(|| Failure::field(field, "too large"))
}
