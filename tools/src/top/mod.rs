//! `papertape top`: what a running venue does, once a second, out of its `/metrics`.
//!
//! Rates and latencies are those between two looks. Whatever histogram the venue tells is shown, so that a new one needs
//! nothing here.

mod frame;
mod look;
mod scrape;
mod screen;
mod words;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::exit::{self, Failure, Outcome};
use look::Look;
use scrape::Source;
use screen::{Screen, Wish};

/// Columns of a frame that goes to no terminal.
const COLUMNS: usize = 100;

/// Shows throughput, latencies, queues, connections and journal of a running venue
///
/// In a terminal the picture is renewed until q is pressed; p holds it. Elsewhere one frame follows the other as text.
/// Rates and latencies are those of the last interval.
#[derive(Args, Debug)]
pub struct TopArgs {
    /// The venue, or its port of --metrics-listen
    #[arg(long, value_name = "URL", env = "PAPERTAPE_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// File with the operator's key, which the venue's own port asks for; the port of --metrics-listen does not
    #[arg(long, value_name = "FILE", env = "PAPERTAPE_OPERATOR_KEY_FILE", default_value = "data/operator.key")]
    pub key_file: PathBuf,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = interval)]
    pub interval: f64,
    /// Print one frame as text, and end
    #[arg(long)]
    pub once: bool,
}

fn interval(text: &str) -> Result<f64, String> {
    let seconds = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.05..=3_600.0).contains(&seconds) { Ok(seconds) } else { Err("must lie between 0.05 and 3600".to_owned()) }
}

/// Runs it.
pub fn run(args: &TopArgs, out: &mut impl Write) -> Outcome {
    let source = Source::new(&args.url, &args.key_file)?;
    let every = Duration::from_secs_f64(args.interval);
    let mut before = source.look()?;
    if !args.once && io::stdout().is_terminal() {
        return watch(&source, before, every, out);
    }
    loop {
        std::thread::sleep(every);
        let now = source.look()?;
        for line in frame::frame(&args.url, &before, &now, COLUMNS) {
            writeln!(out, "{}", line.text).map_err(Failure::io)?;
        }
        out.flush().map_err(Failure::io)?;
        if args.once {
            return Ok(exit::OK);
        }
        writeln!(out).map_err(Failure::io)?;
        before = now;
    }
}

/// In a terminal, until somebody has seen enough.
fn watch(source: &Source, mut before: Look, every: Duration, out: &mut impl Write) -> Outcome {
    let mut screen = Screen::enter(out).map_err(Failure::io)?;
    let mut is_held = false;
    loop {
        match screen.wish(every).map_err(Failure::io)? {
            Wish::End => return Ok(exit::OK),
            Wish::Hold => is_held = !is_held,
            Wish::Nothing if is_held => {}
            Wish::Nothing => {
                let columns = screen.columns();
                let drawn = match source.look() {
                    Ok(now) => {
                        let lines = frame::frame(source.url(), &before, &now, columns);
                        before = now;
                        lines
                    }
                    // A venue that is started again is seen again.
                    Err(failure) => vec![frame::Line::bad(failure.to_string())],
                };
                screen.draw(&drawn).map_err(Failure::io)?;
            }
        }
    }
}
