//! One picture: two looks, as lines of text.

use std::time::{SystemTime, UNIX_EPOCH};

use super::look::Look;
use super::words::{bar, long, number, profile, time, whole};

/// A line, and how it is shown where colours are.
pub(super) struct Line {
    /// What it says.
    pub(super) text: String,
    /// How.
    pub(super) style: Style,
}

/// How a line is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    /// As text.
    Plain,
    /// Above others.
    Heading,
    /// Something is wrong.
    Bad,
}

/// What is counted, under the name by which it is shown.
const RATES: [(&str, &str); 6] = [
    ("journal records", "papertape_journal_seq"),
    ("HTTP requests", "papertape_http_requests_total"),
    ("WebSocket messages out", "papertape_ws_messages_sent_total"),
    ("WebSocket messages in", "papertape_ws_messages_received_total"),
    ("connections accepted", "papertape_connections_accepted_total"),
    ("refusals", "papertape_refusals_total"),
];

/// What fills up: depth and capacity.
const QUEUES: [(&str, &str, &str); 2] = [
    ("inbox", "papertape_inbox_depth", "papertape_inbox_capacity"),
    ("ring, slowest reader", "papertape_ring_lag_events", "papertape_ring_capacity_events"),
];

/// Families that other lines show, or that say nothing at a glance.
const ELSEWHERE: [&str; 14] = [
    "papertape_build_info",
    "process_start_time_seconds",
    "papertape_ready",
    "papertape_core_failed",
    "papertape_core_heartbeat_age_seconds",
    "papertape_connections",
    "papertape_connections_closed_total",
    "papertape_ws_connections",
    "papertape_ws_opened_total",
    "papertape_ws_closed_total",
    "papertape_journal_durable_lag_records",
    "papertape_projector_lag_commands",
    "papertape_told_seq",
    "papertape_projector_seq",
];

/// Above this share a queue is a reason to look closer.
const QUEUE_BAD: f64 = 0.5;

impl Line {
    fn plain(text: String) -> Self {
        Self { text, style: Style::Plain }
    }

    fn heading(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Heading }
    }

    /// Something is wrong.
    pub(super) fn bad(text: String) -> Self {
        Self { text, style: Style::Bad }
    }

    fn bad_if(is_bad: bool, text: String) -> Self {
        if is_bad { Self::bad(text) } else { Self::plain(text) }
    }
}

/// The picture, no line of it longer than `columns` characters.
pub(super) fn frame(url: &str, before: &Look, now: &Look, columns: usize) -> Vec<Line> {
    let mut lines = vec![title(url, now)];
    rates(&mut lines, before, now);
    latencies(&mut lines, before, now);
    queues(&mut lines, now);
    connections(&mut lines, now);
    journal(&mut lines, now);
    further(&mut lines, before, now);
    for line in &mut lines {
        if let Some((end, _)) = line.text.char_indices().nth(columns) {
            line.text.truncate(end);
        }
        line.text.truncate(line.text.trim_end().len());
    }
    lines
}

fn title(url: &str, now: &Look) -> Line {
    let of = |label| now.label("papertape_build_info", label).unwrap_or("?");
    let (ready, failed) = (now.sum("papertape_ready"), now.sum("papertape_core_failed"));
    let state = match (ready, failed) {
        (_, Some(1.0)) => "FAILED",
        (Some(1.0), _) => "ready",
        _ => "NOT READY",
    };
    let since = now.sum("process_start_time_seconds").unwrap_or(0.0);
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    let (version, level) = (of("version"), of("durability"));
    let text = format!("papertape {version} at {url}   {state}   up {}   durability {level}", long(clock - since));
    if state == "ready" { Line::heading(text) } else { Line::bad(text) }
}

/// By how much a sum grew in a second; nothing, if it is not told. A venue that began anew has grown from nothing.
fn rate(before: &Look, now: &Look, name: &str) -> Option<f64> {
    let (then, value) = (before.sum(name).unwrap_or(0.0), now.sum(name)?);
    let grown = if value >= then { value - then } else { value };
    Some(grown / now.at.duration_since(before.at).as_secs_f64().max(1e-6))
}

fn rates(lines: &mut Vec<Line>, before: &Look, now: &Look) {
    lines.push(Line::heading(format!("{:<28}{:>12}{:>18}", "THROUGHPUT", "a second", "total")));
    for (label, name) in RATES {
        if let (Some(rate), Some(total)) = (rate(before, now, name), now.sum(name)) {
            lines.push(Line::plain(format!("  {label:<26}{:>12}{:>18}", number(rate), whole(total))));
        }
    }
    let refusals = now.by("papertape_refusals_total", "code");
    let most: Vec<_> = refusals.iter().take(4).map(|(code, count)| format!("{code} {}", whole(*count))).collect();
    if !most.is_empty() {
        lines.push(Line::plain(format!("  most refusals: {}", most.join(", "))));
    }
}

fn latencies(lines: &mut Vec<Line>, before: &Look, now: &Look) {
    lines.push(Line::heading(format!(
        "{:<28}{:>12}{:>9}{:>9}{:>9}{:>12}  {}",
        "LATENCY", "a second", "p50", "p90", "p99", "p99 ever", "buckets"
    )));
    let seconds = now.at.duration_since(before.at).as_secs_f64().max(1e-6);
    for name in now.histograms() {
        let whole = now.histogram(name);
        let recent = whole.since(&before.histogram(name));
        let at = |share| time(recent.quantile(share));
        lines.push(Line::plain(format!(
            "  {:<26}{:>12}{:>9}{:>9}{:>9}{:>12} |{}|",
            label(name.trim_end_matches("_seconds")),
            number(recent.count() / seconds),
            at(0.5),
            at(0.9),
            at(0.99),
            time(whole.quantile(0.99)),
            profile(&recent.shares())
        )));
    }
}

/// A family's name in words.
fn label(name: &str) -> String {
    name.trim_start_matches("papertape_").trim_end_matches("_total").replace('_', " ")
}

fn queues(lines: &mut Vec<Line>, now: &Look) {
    lines.push(Line::heading("QUEUES"));
    for (label, depth, capacity) in QUEUES {
        if let (Some(depth), Some(capacity)) = (now.sum(depth), now.sum(capacity)) {
            let text = format!("  {label:<26}{} {} of {}", bar(depth, capacity, 24), whole(depth), whole(capacity));
            lines.push(Line::bad_if(depth > capacity * QUEUE_BAD, text));
        }
    }
    for (label, name) in [
        ("records not yet durable", "papertape_journal_durable_lag_records"),
        ("commands without rows", "papertape_projector_lag_commands"),
    ] {
        if let Some(lag) = now.sum(name) {
            lines.push(Line::plain(format!("  {label:<26}{}", whole(lag))));
        }
    }
}

fn connections(lines: &mut Vec<Line>, now: &Look) {
    lines.push(Line::heading("CONNECTIONS"));
    let of = |kind| whole(now.with("papertape_ws_connections", "kind", kind).unwrap_or(0.0));
    let all = whole(now.sum("papertape_connections").unwrap_or(0.0));
    lines.push(Line::plain(format!("  open {all}, WebSocket sessions {}, tickers {}", of("session"), of("ticker"))));
    let closed = now.by("papertape_ws_closed_total", "code");
    let closed: Vec<_> = closed.iter().filter(|(_, count)| *count > 0.0).collect();
    if !closed.is_empty() {
        let words: Vec<_> = closed.iter().map(|(code, count)| format!("{code} {}", whole(*count))).collect();
        lines.push(Line::plain(format!("  WebSockets closed: {}", words.join(", "))));
    }
}

fn journal(lines: &mut Vec<Line>, now: &Look) {
    lines.push(Line::heading("JOURNAL"));
    let of = |name| now.sum(name).map_or_else(|| "?".to_owned(), whole);
    lines.push(Line::plain(format!(
        "  record {}, durable {}, on the disk {}, told {}, in the database {}",
        of("papertape_journal_seq"),
        of("papertape_journal_durable_seq"),
        of("papertape_journal_synced_seq"),
        of("papertape_told_seq"),
        of("papertape_projector_seq"),
    )));
    let (age, failed) = (now.sum("papertape_core_heartbeat_age_seconds"), now.sum("papertape_journal_failed"));
    let text = format!("  core seen alive {} ago", time(age));
    lines.push(Line::bad_if(age.is_none_or(|age| age > 1.0), text));
    if failed.is_some_and(|failed| failed > 0.0) {
        lines.push(Line::bad("  A WRITE OR A SYNC HAS FAILED: the venue stops".to_owned()));
    }
}

/// Whatever else the venue tells.
fn further(lines: &mut Vec<Line>, before: &Look, now: &Look) {
    let shown = |name: &str| {
        ELSEWHERE.contains(&name)
            || name.starts_with("papertape_journal_")
            || RATES.iter().any(|(_, of)| *of == name)
            || QUEUES.iter().any(|(_, depth, capacity)| *depth == name || *capacity == name)
    };
    let others: Vec<_> = now.plain().filter(|name| !shown(name)).collect();
    if others.is_empty() {
        return;
    }
    lines.push(Line::heading(format!("{:<38}{:>12}{:>18}", "FURTHER", "a second", "now")));
    for name in others {
        let rate = rate(before, now, name).filter(|_| name.ends_with("_total")).map(number).unwrap_or_default();
        let total = now.sum(name).map(number).unwrap_or_default();
        lines.push(Line::plain(format!("  {:<36}{rate:>12}{total:>18}", label(name))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(trades: u32, ready: u8) -> String {
        format!(
            "papertape_build_info{{version=\"0.1.0\",durability=\"group\"}} 1\npapertape_ready {ready}\n\
             papertape_journal_seq {trades}\npapertape_inbox_depth 9000\npapertape_inbox_capacity 16384\n\
             papertape_core_heartbeat_age_seconds 0.01\npapertape_feed_conflated_total {trades}\n\
             papertape_command_answer_seconds_bucket{{le=\"0.001\"}} {trades}\n\
             papertape_command_answer_seconds_bucket{{le=\"+Inf\"}} {trades}\n"
        )
    }

    fn drawn(before: &str, now: &str) -> Vec<Line> {
        let (mut before, now) = (Look::read(before), Look::read(now));
        before.at = now.at.checked_sub(std::time::Duration::from_secs(2)).unwrap_or(now.at);
        frame("http://venue", &before, &now, 100)
    }

    #[test]
    fn rates_and_latencies_are_those_between_two_looks() {
        let lines = drawn(&text(100, 1), &text(300, 1));
        let line = |begins: &str| {
            let found = lines.iter().find(|line| line.text.trim_start().starts_with(begins));
            found.map(|line| line.text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
        };
        assert_eq!(line("journal records"), "journal records 100 300");
        assert_eq!(line("command answer"), "command answer 100 500us 900us 990us 990us |@ |");
        assert_eq!(line("feed conflated"), "feed conflated 100 300");
        assert_eq!(line("inbox"), "inbox [#############...........] 9,000 of 16,384");
        assert!(lines.iter().all(|line| line.text.chars().count() <= 100));
    }

    #[test]
    fn what_is_wrong_is_marked() {
        let bad: Vec<_> = drawn(&text(1, 1), &text(2, 0)).into_iter().filter(|line| line.style == Style::Bad).collect();
        assert!(bad[0].text.contains("NOT READY") && bad[1].text.contains("inbox"));
        assert_eq!(bad.len(), 2);
    }
}
