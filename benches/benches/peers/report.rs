//! The table of one flow, and its part of the plot.

use papertape_benches::plot::{Panel, PlotRow};
use papertape_benches::{Flow, Spread, ratio};

use crate::measure::Measured;
use crate::{BARE, FUNDED};

/// Prints the table, and gives the rows of the plot.
pub(crate) fn of(flow: &Flow, measured: &[Measured]) -> Panel {
    let (messages, orders, cancels) = (flow.messages.len(), flow.orders(), flow.cancels());
    let rounds = measured.first().map_or(0, |first| first.seconds.len());
    println!("{}: {messages} messages ({orders} new orders, {cancels} cancels), {rounds} rounds", flow.name);
    let heads = ["engine", "messages", "M messages/s, median (min to max)", "our book over it", "trades"];
    println!("| {} |\n|{}", heads.join(" | "), "---|".repeat(heads.len()));
    let mut rows = Vec::new();
    for each in measured {
        let rate = Spread::of(each.seconds.iter().map(|seconds| each.messages as f64 / seconds / 1e6).collect());
        let over =
            if each.name == BARE { "1".to_owned() } else { ratio(&each.seconds, &each.bare_seconds).to_string() };
        let agreement = match each.difference {
            None => format!("{} agree", each.tally.count),
            Some(_) => "DIFFER, see below".to_owned(),
        };
        println!("| {} | {} | {rate} | {over} | {agreement} |", each.name, each.messages);
        let name = each.name.to_owned() + if each.difference.is_some() { ", trades differ" } else { "" };
        rows.push(PlotRow { name, spread: rate, ours: each.ours });
    }
    for each in measured {
        if let Some(difference) = &each.difference {
            println!("{}: {difference}. Why: {}", each.name, each.known.unwrap_or("not known"));
        }
    }
    println!("judged by: {}", if flow.prints.is_some() { "what the exchange printed" } else { "our bare book" });
    accounts(measured);
    Panel { title: flow.name.clone(), rows }
}

/// What the engine does beside the book, as a multiple of the book.
fn accounts(measured: &[Measured]) {
    let Some(engine) = measured.iter().find(|each| each.name == FUNDED) else { return };
    let beside = engine.seconds.iter().zip(&engine.bare_seconds).map(|(engine, book)| engine - book);
    let beside = ratio(&beside.collect::<Vec<_>>(), &engine.bare_seconds);
    println!("accounts, risk and events cost {beside} times the bare book\n");
}
