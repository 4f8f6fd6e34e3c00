//! `papertape audit admin-log`: whether the log of administrators is what was written, without the venue.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use papertape_platform::{Receipt, Verified, database, verify_admin_log};
use tokio::runtime::Builder;

use crate::exit::{self, Failure, Outcome};

/// Which log
#[derive(Args, Debug)]
pub struct AdminLogArgs {
    /// The venue's data folder; it may be in use
    #[arg(long, value_name = "DIR", required_unless_present = "database")]
    pub data: Option<PathBuf>,
    /// The database, if it is elsewhere: sqlite://PATH?mode=ro or postgres://USER@HOST/NAME
    #[arg(long, value_name = "URL", env = "PAPERTAPE_DATABASE", hide_env_values = true, value_parser = crate::serve::database)]
    pub database: Option<String>,
    /// A Papertape-Admin-Log that somebody kept: the log must have that row, as it was
    #[arg(long, value_name = "RECEIPT", value_parser = receipt)]
    pub receipt: Vec<Receipt>,
}

fn receipt(text: &str) -> Result<Receipt, String> {
    text.parse().map_err(|error: papertape_platform::InvalidReceipt| error.to_string())
}

pub(super) fn run(args: &AdminLogArgs, out: &mut impl Write) -> Outcome {
    let url = match (&args.database, &args.data) {
        (Some(url), _) => url.clone(),
        (None, data) => {
            let file = data.clone().unwrap_or_default().join("platform.db");
            if !file.is_file() {
                return Err(Failure::refused(format!("{}: no database is there", file.display())));
            }
            format!("sqlite://{}?mode=ro", file.display())
        }
    };
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Failure::io)?;
    let (verified, receipts) = runtime.block_on(look(&url, &args.receipt))?;
    let mut is_intact = verified.broken.is_none();
    let write = |out: &mut dyn Write| -> std::io::Result<()> {
        writeln!(out, "{} rows verified, the last is {}", verified.rows, verified.last)?;
        if let Some(broken) = verified.broken {
            writeln!(out, "{broken}")?;
        }
        for (receipt, has) in &receipts {
            writeln!(out, "receipt {}: {}", receipt.id, if *has { "the row is as it was" } else { "not in this log" })?;
        }
        Ok(())
    };
    write(out).map_err(Failure::io)?;
    is_intact &= receipts.iter().all(|(_, has)| *has);
    Ok(if is_intact { exit::OK } else { exit::DIFFERENT })
}

async fn look(url: &str, receipts: &[Receipt]) -> Result<(Verified, Vec<(Receipt, bool)>), Failure> {
    let connection = database::look(url).await.map_err(|error| Failure::caused(exit::IO, &error))?;
    let verified = verify_admin_log(&connection, 0, u64::MAX).await.map_err(Failure::io)?;
    let mut found = Vec::new();
    for receipt in receipts {
        let has = papertape_platform::has_receipt(&connection, *receipt).await.map_err(Failure::io)?;
        found.push((*receipt, has));
    }
    connection.close().await.map_err(Failure::io)?;
    Ok((verified, found))
}
