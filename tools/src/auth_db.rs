//! `papertape auth-db`: users, API keys and wallets as a SQLite file of three tables, out of a venue and into one.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use papertape_engine::{AccountId, Engine};
use papertape_pipeline::{Boot, Replay, VenueConfig};
use papertape_platform::auth_db::{self, AuthDbError};
use papertape_platform::{Platform, Secrets, SignUpCredit, UsersConfig, hex};
use tokio::runtime::Runtime;

use crate::exit::{self, Failure, Outcome};
use crate::replay::existing;
use crate::serve::database;

/// Users, API keys and wallets as a SQLite file (`users`, `api_keys`, `wallets`), for and from other programs
#[derive(Subcommand, Debug)]
pub enum AuthDbCommand {
    /// Write them into a new file, with balances in cents as the journal has them
    Export(AuthDbArgs),
    /// Add those of a file, all or none, and print the API keys that were made for them, with their secrets
    ///
    /// Accounts are opened and credited at the venue's next start. Users have no password until they ask for a link.
    Import(AuthDbArgs),
}

/// A venue that does not run, and a file.
#[derive(Args, Debug)]
pub struct AuthDbArgs {
    /// The venue's data folder; the venue must not run
    #[arg(long, value_name = "DIR", env = "PAPERTAPE_DATA_DIR", default_value = "data")]
    pub data: PathBuf,
    /// Where users are, as with `serve`
    #[arg(long, value_name = "URL", env = "PAPERTAPE_DATABASE", hide_env_values = true, value_parser = database)]
    pub database: Option<String>,
    /// The file
    #[arg(value_name = "FILE", default_value = "auth.db")]
    pub file: PathBuf,
}

/// Runs it.
pub fn run(command: &AuthDbCommand, out: &mut impl Write) -> Outcome {
    let (AuthDbCommand::Export(args) | AuthDbCommand::Import(args)) = command;
    // Whoever runs has users in memory that nobody else changes.
    let _locked = Boot::lock(VenueConfig::new(&args.data))?;
    let runtime = Runtime::new().map_err(Failure::io)?;
    let platform = open(args, &runtime)?;
    let done = match command {
        AuthDbCommand::Export(_) => export(args, &runtime, &platform, out),
        AuthDbCommand::Import(_) => import(&args.file, &runtime, &platform, out),
    };
    runtime.block_on(platform.close()).map_err(Failure::io)?;
    done
}

fn open(args: &AuthDbArgs, runtime: &Runtime) -> Result<Platform, Failure> {
    let secrets = Secrets::load(&args.data.join("secrets")).map_err(|error| Failure::caused(exit::REFUSED, &error))?;
    let file = || format!("sqlite://{}?mode=rwc", args.data.join("platform.db").display());
    let url = args.database.clone().unwrap_or_else(file);
    let opened = runtime.block_on(Platform::open(&url, &secrets, &UsersConfig::default()));
    opened.map_err(|error| Failure::caused(exit::IO, &error))
}

fn export(args: &AuthDbArgs, runtime: &Runtime, platform: &Platform, out: &mut impl Write) -> Outcome {
    let dir = existing(&args.data)?;
    let engine = Replay { dir, until: None, skip_to: Some(u64::MAX) }.run(|_| {})?.engine;
    let balance = |account| cents(&engine, account);
    let done = runtime.block_on(auth_db::export(platform, balance, &args.file)).map_err(failure)?;
    let said = writeln!(out, "{}: {} users, {} API keys", args.file.display(), done.users, done.api_keys);
    said.map(|()| exit::OK).map_err(Failure::io)
}

/// The dollars of an account, free and held, in whole cents.
fn cents(engine: &Engine, account: AccountId) -> i64 {
    let Some(cent) = SignUpCredit::of_cents(engine.assets(), 1) else { return 0 };
    let balances = engine.balances(account);
    let cash = balances.iter().find(|(asset, _)| *asset == cent.asset);
    let total = cash.map_or(0, |(_, balance)| balance.free.0 + balance.held.0);
    i64::try_from(total.div_euclid(cent.amount.0)).unwrap_or(i64::MAX)
}

fn import(file: &Path, runtime: &Runtime, platform: &Platform, out: &mut impl Write) -> Outcome {
    let done = runtime.block_on(auth_db::import(platform, file)).map_err(failure)?;
    let mut said = writeln!(out, "{}: {} users", file.display(), done.users);
    for key in &done.keys {
        let (email, name, secret) = (&key.email, &key.name, hex(&key.secret));
        said = said.and_then(|()| writeln!(out, "{email}\t{name}\t{}\t{secret}", key.key));
    }
    said.map(|()| exit::OK).map_err(Failure::io)
}

fn failure(error: AuthDbError) -> Failure {
    let code = if matches!(error, AuthDbError::Database(_)) { exit::IO } else { exit::REFUSED };
    Failure::caused(code, &error)
}
