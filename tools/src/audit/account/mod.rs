//! `papertape audit account`: the statement of an account.
//!
//! Balances are reckoned from what was paid in and out, traded, borrowed and taken as a fee, which is not how the engine
//! keeps them; after every record they are compared with what the engine told, and at the end with the replayed state.

mod entry;
mod reckoning;
mod statement;

use std::io::Write;

use clap::Args;
use papertape_engine::{AccountId, Engine};
use papertape_pipeline::{Replay, Steps};

use self::entry::Entries;
use self::reckoning::Reckoning;
use self::statement::Statement;
use super::{Ran, StoryFormat, beyond};
use crate::exit::{self, Failure};
use crate::replay::existing;

/// Whose
#[derive(Args, Debug)]
pub struct AccountArgs {
    /// The venue's number of the account; 0 is its own, where fees go
    #[arg(value_name = "ID")]
    pub account: u32,
    /// The venue's data folder; it may be in use
    #[arg(long, value_name = "DIR")]
    pub data: std::path::PathBuf,
    /// Stop after this record of the journal
    #[arg(long, value_name = "SEQ")]
    pub until: Option<u64>,
    /// How it is told
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = StoryFormat::Text)]
    pub format: StoryFormat,
}

pub(super) fn run(args: &AccountArgs, out: &mut impl Write) -> Ran {
    let account = AccountId(args.account);
    // From the first record: a statement that begins in the middle proves nothing.
    let mut steps = Steps::open(&Replay { dir: existing(&args.data)?, until: args.until, skip_to: None })?;
    let mut entries = Entries::new(account, args.format, out);
    let mut statement = Statement::new(account);
    if account == AccountId::FEES {
        entries.open()?;
    }
    while let Some(step) = steps.next()? {
        statement.step(&step, &mut entries)?;
    }
    if let Some(until) = args.until.filter(|until| *until > steps.last_seq()) {
        return Err(beyond(&args.data, steps.last_seq(), until).into());
    }
    let count = steps.engine().account_count();
    if account.0 >= count {
        let message =
            format!("there is no account {account} at record {}: they are 0 to {}", steps.last_seq(), count - 1);
        return Err(Failure::refused(message).into());
    }
    let differences = compare(statement.reckoning(), steps.engine(), account);
    let is_equal = differences.is_empty() && statement.first_difference().is_none();
    entries.close(&statement, steps.engine(), steps.last_seq(), &differences)?;
    Ok(if is_equal { exit::OK } else { exit::DIFFERENT })
}

/// Each asset whose reckoned balance or debt is not the state's.
fn compare(reckoning: &Reckoning, engine: &Engine, account: AccountId) -> Vec<String> {
    let names = crate::words::Names::of(engine);
    let (balances, debts) = (engine.balances(account), engine.debts(account));
    let mut differences = Vec::new();
    for (asset, _) in (0_u16..).map(papertape_engine::AssetId).zip(engine.assets()) {
        let has = balances.iter().find(|(of, _)| *of == asset).map(|(_, balance)| balance.free + balance.held);
        let owes = debts.iter().find(|(of, _)| *of == asset).map(|(_, debt)| *debt);
        let pairs = [("has", reckoning.total(asset), has), ("owes", reckoning.debt(asset), owes)];
        for (word, reckoned, replayed) in pairs {
            let replayed = replayed.unwrap_or_default();
            if reckoned != replayed {
                let (reckoned, replayed) = (names.money(asset, reckoned), names.money(asset, replayed));
                differences.push(format!("by this statement it {word} {reckoned}, by the replayed state {replayed}"));
            }
        }
    }
    differences
}
