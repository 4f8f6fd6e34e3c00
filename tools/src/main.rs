//! The command: serve, import, replay, audit, load.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use papertape::import::lobster::{self, LobsterArgs};
use papertape::import::sse::{self, SseArgs};
use papertape::import::{ImportError, Outcome};

/// A trading venue.
#[derive(Parser)]
#[command(name = "papertape", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Replay an exchange's published order flow through journal and engine
    #[command(subcommand)]
    Import(Import),
}

#[derive(Subcommand)]
enum Import {
    /// Shanghai: one day of orders and trades, with its call auctions
    Sse(SseArgs),
    /// NASDAQ: one day of one stock from a LOBSTER archive
    Lobster(LobsterArgs),
}

fn main() -> ExitCode {
    let Cli { command: Command::Import(import) } = Cli::parse();
    let mut out = io::stdout().lock();
    let result = match import {
        Import::Sse(args) => sse::run(&args, &mut out),
        Import::Lobster(args) => lobster::run(&args, &mut out),
    };
    report(result)
}

fn report(result: Result<Outcome, ImportError>) -> ExitCode {
    match result {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(error) => {
            // Where nobody reads the complaint, the exit status still tells.
            let _ = writeln!(io::stderr(), "papertape: {error}");
            ExitCode::from(ImportError::EXIT_CODE)
        }
    }
}
