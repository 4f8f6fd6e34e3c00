//! Compares, then times in rounds, every contender once a round.

use std::collections::BTreeMap;
use std::time::Duration;

use papertape_benches::{Flow, Message, Print, Tally, prints_of};

use crate::BARE;
use crate::contender::Entry;

/// A timing lasts at least about this long: short flows are repeated.
const TIMING: Duration = Duration::from_millis(60);

/// What one contender did.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) ours: bool,
    /// How many of the flow's messages it ran.
    pub(crate) messages: usize,
    /// Its trades, and how they differ from those that should be, if they do.
    pub(crate) tally: Tally,
    pub(crate) difference: Option<String>,
    pub(crate) known: Option<&'static str>,
    /// Seconds for its messages, by round.
    pub(crate) seconds: Vec<f64>,
    /// Seconds of our bare book for the same messages, by round.
    pub(crate) bare_seconds: Vec<f64>,
}

/// One contender, ready to be timed.
struct Ready<'a> {
    entry: &'a Entry,
    messages: Vec<Message>,
    /// In its own order numbers: what each timed run must come to.
    expected: Tally,
    repeats: u32,
}

/// Runs every contender over a flow, interleaved.
pub(crate) fn all(flow: &Flow, entries: &[Entry], rounds: usize) -> Vec<Measured> {
    let bare = entries.iter().find(|entry| entry.name == BARE).expect("our book is among the contenders");
    let truth = flow.prints.clone().unwrap_or_else(|| (bare.prints)(flow, &flow.messages));
    let prepared: Vec<_> = entries.iter().map(|entry| prepare(flow, entry, entry.messages_max, &truth)).collect();
    let lengths: BTreeMap<usize, Ready<'_>> = prepared
        .iter()
        .map(|(ready, _)| ready.messages.len())
        .map(|len| (len, prepare(flow, bare, len, &truth).0))
        .collect();
    let mut seconds = vec![Vec::new(); entries.len()];
    let mut bare_seconds: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for _ in 0..rounds {
        for (len, ready) in &lengths {
            bare_seconds.entry(*len).or_default().push(timing(flow, ready));
        }
        for (seconds, (ready, _)) in seconds.iter_mut().zip(&prepared) {
            seconds.push(timing(flow, ready));
        }
    }
    let measured = |((ready, found), seconds): ((Ready<'_>, Found), Vec<f64>)| Measured {
        name: ready.entry.name,
        ours: ready.entry.ours,
        messages: ready.messages.len(),
        tally: found.tally,
        difference: found.difference,
        known: ready.entry.known,
        seconds,
        bare_seconds: bare_seconds[&ready.messages.len()].clone(),
    };
    prepared.into_iter().zip(seconds).map(measured).collect()
}

/// What the comparison found.
struct Found {
    tally: Tally,
    difference: Option<String>,
}

fn prepare<'a>(flow: &Flow, entry: &'a Entry, messages_max: usize, truth: &[Print]) -> (Ready<'a>, Found) {
    let mut messages = (entry.messages)(flow);
    messages.truncate(messages_max);
    let mut prints = (entry.prints)(flow, &messages);
    let expected = Tally::of(&prints);
    (entry.renumber)(flow, &mut prints);
    let truth = prints_of(&flow.messages[..messages.len()], truth);
    let found = Found { tally: Tally::of(&prints), difference: difference(&prints, truth) };
    let (once, _) = (entry.time)(flow, &messages);
    let repeats = TIMING.as_nanos().div_ceil(once.as_nanos().max(1)).clamp(1, 100) as u32;
    (Ready { entry, messages, expected, repeats }, found)
}

/// The first place where two lists differ, and how.
fn difference(prints: &[Print], truth: &[Print]) -> Option<String> {
    if prints == truth {
        return None;
    }
    let at = prints.iter().zip(truth).take_while(|(print, expected)| print == expected).count();
    let shown = |print: Option<&Print>| match print {
        None => "no trade".to_owned(),
        Some(Print { book, maker, taker, price, qty }) => {
            format!("{qty} at {price} of taker {taker} with maker {maker} in book {book}")
        }
    };
    let (expected, actual) = (shown(truth.get(at)), shown(prints.get(at)));
    let (count, total) = (prints.len(), truth.len());
    Some(format!("{count} trades where {total} belong; first difference at {at}: expected {expected}, actual {actual}"))
}

/// Seconds for the messages, once. Making the books and taking them apart is not in it.
fn timing(flow: &Flow, ready: &Ready<'_>) -> f64 {
    let mut sum = Duration::ZERO;
    for _ in 0..ready.repeats {
        let (time, tally) = (ready.entry.time)(flow, &ready.messages);
        assert_eq!(tally, ready.expected, "{} came to other trades than before", ready.entry.name);
        sum += time;
    }
    sum.as_secs_f64() / f64::from(ready.repeats)
}
