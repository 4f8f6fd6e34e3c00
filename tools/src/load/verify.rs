//! Looking for what was acknowledged: every order must be there, none may be there twice.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use papertape_engine::{ClientOrderId, Event};
use papertape_pipeline::Replay;

use super::LoadArgs;
use super::acked::Acknowledged;
use super::client::Http;
use super::known::{self, Known};
use crate::exit::{self, Failure, Outcome};
use crate::replay::existing;

/// What the check found.
#[derive(Default)]
struct Found {
    orders: usize,
    cancels: usize,
    lost: Vec<String>,
    doubled: Vec<String>,
}

pub(super) fn run(args: &LoadArgs, path: &Path, out: &mut impl Write) -> Outcome {
    let log = Acknowledged::read(path)?;
    let mut found = Found { cancels: log.cancelled.len(), ..Found::default() };
    ask_venue(&Http::new(&args.url)?, &known::read(args.users.as_deref())?, &log, &mut found)?;
    if let Some(data) = &args.data {
        count_in_journal(data, &log, &mut found)?;
    }
    for (what, names) in [("lost", &found.lost), ("doubled", &found.doubled)] {
        for name in names.iter().take(20) {
            writeln!(out, "{what}: {name}").map_err(Failure::io)?;
        }
    }
    let Found { orders, cancels, lost, doubled } = &found;
    let summary = format!("{orders} orders and {cancels} cancels acknowledged");
    writeln!(out, "{summary}, {} lost, {} doubled", lost.len(), doubled.len()).map_err(Failure::io)?;
    Ok(if lost.is_empty() && doubled.is_empty() { exit::OK } else { exit::DIFFERENT })
}

/// Each order is known to the venue under its number, with its name, and is open or cancelled as it was acknowledged.
fn ask_venue(http: &Http, known: &Known, log: &Acknowledged, found: &mut Found) -> Result<(), Failure> {
    let cancelled: std::collections::HashSet<&String> = log.cancelled.iter().collect();
    for (email, orders) in &log.placed {
        let token = known::token(http, known, email)?;
        for (name, id) in orders {
            found.orders += 1;
            let Some(order) = http.order(&token, id)? else {
                found.lost.push(format!("order {id} ({name}) is not known"));
                continue;
            };
            if order["client_order_id"] != name.as_str() {
                found.lost.push(format!("order {id} should be {name} and is {}", order["client_order_id"]));
            }
            if cancelled.contains(name) && order["status"] != "cancelled" {
                found.lost.push(format!("the cancel of order {id} ({name}): it is {}", order["status"]));
            }
        }
    }
    Ok(())
}

/// Each name was accepted exactly once.
fn count_in_journal(data: &Path, log: &Acknowledged, found: &mut Found) -> Result<(), Failure> {
    let mut accepted: HashMap<ClientOrderId, usize> = HashMap::new();
    Replay::whole(existing(data)?).run(|output| {
        if let Event::Accepted(order) = output.event
            && let Some(name) = order.terms.client_order_id
        {
            *accepted.entry(name).or_default() += 1;
        }
    })?;
    for (name, _) in log.placed.iter().flat_map(|(_, orders)| orders) {
        match ClientOrderId::new(name).and_then(|name| accepted.get(&name)) {
            Some(1) => {}
            Some(times) => found.doubled.push(format!("{name} was accepted {times} times")),
            None => found.lost.push(format!("{name} is not in the journal")),
        }
    }
    Ok(())
}
