//! The command.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use papertape::import::lobster::{self, LobsterArgs};
use papertape::import::sse::{self, SseArgs};
use papertape::{admin, audit, auth_db, checkpoint, exit, fork, load, replay, serve, settings, sim, top};

/// A trading venue in one binary: order book, journal, gateway and web page
///
/// Try it: papertape serve --demo, then open http://127.0.0.1:8080.
/// Exit codes: 0 as it should be, 1 something compared is not equal, 2 refused input, 65 corrupt data, 70 a bug,
/// 74 the disk or the network failed.
#[derive(Parser)]
#[command(name = "papertape", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    /// Sends an exchange's published order flow through journal and engine, and compares
    #[command(subcommand)]
    Import(Import),
    Replay(replay::ReplayArgs),
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    Fork(fork::ForkArgs),
    #[command(subcommand)]
    Checkpoint(checkpoint::CheckpointCommand),
    Load(load::LoadArgs),
    Top(top::TopArgs),
    Admin(admin::AdminArgs),
    #[command(subcommand)]
    AuthDb(auth_db::AuthDbCommand),
    Sim(sim::SimArgs),
}

#[derive(Subcommand)]
enum Import {
    /// Shanghai: one day of orders and trades, with its call auctions
    Sse(SseArgs),
    /// NASDAQ: one day of one stock from a LOBSTER archive
    Lobster(LobsterArgs),
}

/// What is logged unless `PAPERTAPE_LOG` says otherwise: trouble, and what the operator does.
const LOG_DEFAULT: &str = "warn,papertape_gateway::venue::admin=info";

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("PAPERTAPE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOG_DEFAULT));
    // Files, and whatever gathers logs, get plain text.
    let ansi = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi).with_writer(io::stderr).init();
    let cli = Cli::command();
    let args = match settings::with_file(&cli, std::env::args_os().collect()) {
        Ok(args) => args,
        Err(failure) => return exit::end(Err(failure)),
    };
    let matches = cli.clone().get_matches_from(args);
    let command = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()).command;
    let mut out = io::stdout().lock();
    exit::end(match command {
        Command::Serve(args) if args.print_config => {
            let given = matches.subcommand_matches("serve");
            let text = given.map(|given| settings::effective(&cli, given)).unwrap_or_default();
            out.write_all(text.as_bytes()).map_err(exit::Failure::io).map(|()| exit::OK)
        }
        Command::Serve(args) => {
            drop(out);
            serve::run(&args)
        }
        Command::Import(Import::Sse(args)) => import(sse::run(&args, &mut out)),
        Command::Import(Import::Lobster(args)) => import(lobster::run(&args, &mut out)),
        Command::Replay(args) => replay::run(&args, &mut out),
        Command::Audit(command) => audit::run(&command, &mut out),
        Command::Fork(args) => fork::run(&args, &mut out),
        Command::Checkpoint(command) => checkpoint::run(&command, &mut out),
        Command::Load(args) => load::run(&args, &mut out),
        Command::Top(args) => top::run(&args, &mut out),
        Command::Admin(args) => admin::run(&args, &mut out),
        Command::AuthDb(command) => auth_db::run(&command, &mut out),
        Command::Sim(args) => sim::run(&args, &mut out),
    })
}

fn import(result: Result<papertape::import::Outcome, papertape::import::ImportError>) -> exit::Outcome {
    match result {
        Ok(outcome) => Ok(outcome.exit_code()),
        Err(error) => Err(exit::Failure::refused(error)),
    }
}
