//! Who trades: the published flow does not say, so orders are spread over accounts by their number.

use papertape_engine::{
    AccountId, Amount, Asset, AssetId, Command, Event, InstrumentId, InstrumentSpec, LedgerEntry, Phase, Ppm,
    Reference, SelfTradePrevention, Symbol,
};

use super::ImportError;
use super::venue::Venue;

/// How many accounts there are.
const ACCOUNTS: u32 = 64;
/// What each account gets of each asset, in its smallest units: more than all orders of a day can hold, and all
/// accounts together stay far below what a balance may have.
const FUNDS: Amount = Amount(1_000_000_000_000_000_000_000_000);
/// Charged to both sides, so that the fee account and rounding take part: about what handling costs in Shanghai.
const FEE: Ppm = Ppm(34);

/// The accounts, with funds.
#[derive(Debug)]
pub(crate) struct Accounts(Vec<AccountId>);

impl Accounts {
    /// Opens the accounts and gives each its funds of each asset.
    pub(crate) fn open(venue: &mut Venue, assets: &[AssetId]) -> Result<Self, ImportError> {
        let mut accounts = Vec::new();
        for number in 1..=ACCOUNTS {
            let command = Command::OpenAccount { reference: Reference(number.into()) };
            let account = venue.expect(&command, |event| match event {
                Event::AccountOpened { account, .. } => Some(*account),
                _ => None,
            })?;
            accounts.push(account);
        }
        let mut reference = 0;
        for &account in &accounts {
            for &asset in assets {
                reference += 1;
                let entry = LedgerEntry { account, asset, amount: FUNDS, reference: Reference(reference) };
                venue
                    .expect(&Command::Deposit(entry), |event| matches!(event, Event::Deposited { .. }).then_some(()))?;
            }
        }
        Ok(Accounts(accounts))
    }

    /// Whose order this is.
    pub(crate) fn of(&self, order: u64) -> AccountId {
        self.0[(order % self.0.len() as u64) as usize]
    }
}

/// Lists an asset.
pub(crate) fn list_asset(venue: &mut Venue, symbol: Symbol, decimals: u8) -> Result<AssetId, ImportError> {
    venue.expect(&Command::ListAsset(Asset { symbol, decimals }), |event| match event {
        Event::AssetListed { asset, .. } => Some(*asset),
        _ => None,
    })
}

/// Lists a share: lots of one share, ticks of `10^-price_decimals`.
pub(crate) fn list_share(
    venue: &mut Venue,
    symbol: Symbol,
    (base, quote): (AssetId, AssetId),
    price_decimals: u8,
    phase: Phase,
) -> Result<InstrumentId, ImportError> {
    let spec = InstrumentSpec {
        price_decimals,
        maker_fee: FEE,
        taker_fee: FEE,
        self_trade_prevention: SelfTradePrevention::None,
        phase,
        ..InstrumentSpec::new(symbol, base, quote)
    };
    venue.expect(&Command::ListInstrument(spec), |event| match event {
        Event::InstrumentListed { instrument, .. } => Some(*instrument),
        _ => None,
    })
}
