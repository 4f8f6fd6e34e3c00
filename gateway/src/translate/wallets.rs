//! Wallets as messages.

use papertape_engine::Amount;
use papertape_platform::{Chain, Wallet, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::orders::money;
use crate::app::App;

/// What balances of wallets are in.
const CASH: &str = "USD";

/// `ethereum`, `bitcoin` (its test network) or `solana`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ChainWord {
    /// Addresses with the checksum of EIP-55.
    Ethereum,
    /// Addresses in bech32, of the test network.
    Bitcoin,
    /// Addresses in base 58.
    Solana,
}

impl From<ChainWord> for Chain {
    fn from(word: ChainWord) -> Chain {
        match word {
            ChainWord::Ethereum => Chain::Ethereum,
            ChainWord::Bitcoin => Chain::Bitcoin,
            ChainWord::Solana => Chain::Solana,
        }
    }
}

impl From<Chain> for ChainWord {
    fn from(chain: Chain) -> ChainWord {
        match chain {
            Chain::Ethereum => ChainWord::Ethereum,
            Chain::Bitcoin => ChainWord::Bitcoin,
            Chain::Solana => ChainWord::Solana,
        }
    }
}

/// A wallet, without its private key.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "user_id": 7, "name": "Main", "address": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
    "blockchain": "ethereum", "is_primary": true, "balance": "5", "balance_cents": 500,
    "created_at": "2026-01-31T23:59:59.123Z", "updated_at": "2026-01-31T23:59:59.123Z"}))]
pub(crate) struct WalletMessage {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// What you call it.
    pub name: String,
    /// Where the chain finds it.
    pub address: String,
    /// The chain.
    pub blockchain: ChainWord,
    /// Whether it stands for the account: one of yours does.
    pub is_primary: bool,
    /// The account's US dollars, free and held, where it stands for the account; else zero.
    pub balance: String,
    /// The same in whole cents.
    pub balance_cents: i64,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When its name or its place last changed.
    pub updated_at: String,
}

impl WalletMessage {
    /// With what its user's account has now.
    pub(crate) fn of(app: &App, wallet: &Wallet) -> Self {
        let (balance, balance_cents) = if wallet.is_primary { cash(app, wallet) } else { ("0".to_owned(), 0) };
        Self {
            id: wallet.id.0,
            user_id: wallet.user.0,
            name: wallet.name.clone(),
            address: wallet.address.clone(),
            blockchain: wallet.chain.into(),
            is_primary: wallet.is_primary,
            balance,
            balance_cents,
            created_at: rfc3339(wallet.created_at),
            updated_at: rfc3339(wallet.updated_at),
        }
    }
}

/// The dollars of a user's account, as a decimal and in whole cents.
fn cash(app: &App, wallet: &Wallet) -> (String, i64) {
    let views = app.views.read();
    let id = views.find_asset(CASH);
    let account = app.platform.users().directory().account_of(wallet.user);
    let known = account.map(|account| views.balances(account)).unwrap_or_default();
    let total = known.iter().find(|view| Some(view.asset) == id).map_or(Amount::ZERO, |view| view.free + view.held);
    let Some(asset) = id.and_then(|id| views.asset(id)) else { return ("0".to_owned(), 0) };
    let cent = 10_i128.checked_pow(u32::from(asset.decimals.saturating_sub(2))).unwrap_or(i128::MAX);
    (money(asset, total), i64::try_from(total.0.div_euclid(cent)).unwrap_or(i64::MAX))
}
