//! Which number a name stands for. The engine numbers what it lists and opens in order; this counts along, by the
//! rules that refuse a listing, so that a file can be read without an engine.

use papertape_engine::{
    AccountId, Asset, AssetId, Command, Instrument, InstrumentId, InstrumentSpec, Reference, Symbol,
};

/// Names of what the commands so far have listed and opened.
#[derive(Clone, Default, Debug)]
pub(super) struct Names {
    assets: Vec<Asset>,
    instruments: Vec<InstrumentSpec>,
    openings: Vec<Reference>,
    accounts: Vec<(String, AccountId)>,
}

/// The venue's own account.
const FEES: &str = "fees";

impl Names {
    /// Counts what a command lists or opens.
    pub(super) fn follow(&mut self, command: &Command) {
        match command {
            Command::ListAsset(asset) => {
                let is_new = !self.assets.iter().any(|listed| listed.symbol == asset.symbol);
                let fits = asset.decimals <= Asset::MAX_DECIMALS && u16::try_from(self.assets.len()).is_ok();
                self.assets.extend(Some(*asset).filter(|_| is_new && fits));
            }
            Command::ListInstrument(spec) => {
                let is_new = !self.instruments.iter().any(|listed| listed.symbol == spec.symbol);
                let fits =
                    Instrument::new(*spec, &self.assets).is_ok() && u16::try_from(self.instruments.len()).is_ok();
                self.instruments.extend(Some(*spec).filter(|_| is_new && fits));
            }
            Command::OpenAccount { reference } if !self.openings.contains(reference) => {
                self.openings.push(*reference);
            }
            _ => {}
        }
    }

    /// The account that a reference opened.
    pub(super) fn opened_by(&self, reference: Reference) -> Option<AccountId> {
        let at = self.openings.iter().position(|opening| *opening == reference)?;
        u32::try_from(at + 1).ok().map(AccountId)
    }

    /// A reference that opened no account yet: the number that the next account gets, or the next free one above.
    pub(super) fn next_opening(&self) -> Reference {
        let mut reference = Reference(self.openings.len() as u64 + 1);
        while self.openings.contains(&reference) {
            reference.0 += 1;
        }
        reference
    }

    /// How many accounts were opened.
    pub(super) fn account_count(&self) -> u32 {
        self.openings.len() as u32
    }

    /// Gives an account a name. A word that could be another line's first is refused, and so is a name in use.
    pub(super) fn name_account(&mut self, name: &str, account: AccountId) -> Result<(), String> {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !plain || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Err(format!(
                "expected an account's name (a letter, then letters, digits, - and _), found `{name}`"
            ));
        }
        if super::commands::VERBS.contains(&name) || name == FEES {
            return Err(format!("`{name}` has a meaning of its own and cannot be an account's name"));
        }
        if let Some((_, other)) = self.accounts.iter().find(|(known, _)| known == name)
            && *other != account
        {
            return Err(format!("`{name}` names account#{other} already"));
        }
        self.accounts.push((name.to_owned(), account));
        Ok(())
    }

    pub(super) fn account(&self, word: &str) -> Option<AccountId> {
        if word == FEES {
            return Some(AccountId::FEES);
        }
        let named = self.accounts.iter().find(|(name, _)| name == word).map(|(_, account)| *account);
        named.or_else(|| word.strip_prefix("account#")?.parse().ok().map(AccountId))
    }

    pub(super) fn asset(&self, word: &str) -> Option<AssetId> {
        let listed = self.assets.iter().position(|asset| asset.symbol.as_str() == word).map(|at| AssetId(at as u16));
        listed.or_else(|| word.strip_prefix("asset#")?.parse().ok().map(AssetId))
    }

    pub(super) fn instrument(&self, word: &str) -> Option<InstrumentId> {
        let at = self.instruments.iter().position(|spec| spec.symbol.as_str() == word);
        let listed = at.map(|at| InstrumentId(at as u16));
        listed.or_else(|| word.strip_prefix("instrument#")?.parse().ok().map(InstrumentId))
    }

    pub(super) fn is_listed(&self, asset: Symbol) -> bool {
        self.asset(asset.as_str()).is_some()
    }

    /// The word for an account.
    pub(super) fn show_account(&self, account: AccountId) -> String {
        if account == AccountId::FEES {
            return FEES.to_owned();
        }
        let named = self.accounts.iter().find(|(_, known)| *known == account);
        named.map_or_else(|| format!("account#{account}"), |(name, _)| name.clone())
    }

    /// The word for an asset.
    pub(super) fn show_asset(&self, asset: AssetId) -> String {
        let listed = self.assets.get(usize::from(asset.0));
        listed.map_or_else(|| format!("asset#{asset}"), |asset| asset.symbol.to_string())
    }

    /// The word for an instrument.
    pub(super) fn show_instrument(&self, instrument: InstrumentId) -> String {
        let listed = self.instruments.get(usize::from(instrument.0));
        listed.map_or_else(|| format!("instrument#{instrument}"), |spec| spec.symbol.to_string())
    }

    /// ` in ETH-USD`; nothing for the first instrument, which is meant when none is named.
    pub(super) fn show_in(&self, instrument: InstrumentId) -> String {
        if instrument == InstrumentId(0) { String::new() } else { format!(" in {}", self.show_instrument(instrument)) }
    }
}
