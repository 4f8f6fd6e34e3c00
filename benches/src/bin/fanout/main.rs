//! Fan-out of a whole venue beside a bare loop, `nats-server` and Node's `ws`: the same bytes to as many subscribers, in
//! turns, in one run.
//!
//!     fanout --papertape BINARY --folder FOLDER [--rounds N] [--idle N] [--json FILE]
//!
//! `benches/fanout.sh` builds and installs what it needs. Subscribers are on one thread of this process, servers are
//! processes of their own; nothing is pinned to a processor.

mod contenders;
mod floor;
mod measure;
mod publisher;
mod report;
mod subscribers;
mod venue;
mod wire;

use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::contenders::{ALL, Contender, Door, Places};
use crate::report::Measured;

struct Args {
    papertape: PathBuf,
    folder: PathBuf,
    rounds: usize,
    idle: usize,
    json: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    raise_open_files();
    if let [floor, ws, control, file] = &words[..]
        && floor == "floor"
    {
        let port = |text: &String| text.parse().map_err(io::Error::other);
        return floor::serve(port(ws)?, port(control)?, Path::new(file));
    }
    let args = args(&words);
    std::fs::create_dir_all(&args.folder)?;
    let payload = payload(&args)?;
    let places = Places { papertape: &args.papertape, folder: &args.folder, payload: &payload };
    println!("updates of {} bytes; {} rounds", payload.len(), args.rounds);
    let (mut all, mut missing): (Vec<Measured>, _) = (Vec::new(), Vec::new());
    for contender in ALL {
        match contender.is_missing(&places) {
            Some(why) => missing.push(format!("{}: {why}", contender.name())),
            None => all.push((contender, Vec::new())),
        }
    }
    missing.iter().for_each(|why| println!("left out, {why}"));
    for number in 1..=args.rounds {
        for (contender, rounds) in &mut all {
            let round = measure::round(*contender, &places, args.idle)?;
            println!("round {number}, {}: {round:?}", contender.name());
            rounds.push(round);
        }
    }
    println!("\n{}", report::table(&all));
    if let Some(path) = &args.json {
        std::fs::write(path, report::json(&all, &missing, payload.len(), args.idle))?;
    }
    Ok(())
}

/// What a venue sends for one trade.
fn payload(args: &Args) -> io::Result<Vec<u8>> {
    let places = Places { papertape: &args.papertape, folder: &args.folder, payload: b"" };
    Contender::Papertape(Door::WebSocket).start(&places)?.one_update()
}

/// Each subscriber is an open file here and one in the server.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

fn args(words: &[String]) -> Args {
    let (papertape, folder) = ("target/release/papertape".into(), "target/fanout".into());
    let mut args = Args { papertape, folder, rounds: 3, idle: 5_000, json: None };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_else(|| panic!("{word} needs a value"));
        let number = || value.parse().unwrap_or_else(|_| panic!("{word} takes a number"));
        match word.as_str() {
            "--papertape" => args.papertape = value.into(),
            "--folder" => args.folder = value.into(),
            "--rounds" => args.rounds = number(),
            "--idle" => args.idle = number(),
            "--json" => args.json = Some(value.into()),
            _ => panic!("{word}: only --papertape, --folder, --rounds, --idle and --json are known"),
        }
    }
    args
}
