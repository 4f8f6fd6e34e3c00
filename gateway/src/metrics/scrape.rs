//! What `/metrics` tells, in one text. Made by whoever asks; the core is not asked for anything.

use std::time::{Duration, UNIX_EPOCH};

use papertape_pipeline::{DurableCursor, Queues, SyncTimes};

use super::histogram::BOUNDS_US;
use super::text::{Kind, Text};
use super::{CLOSES, Metrics, Over, SocketKind, TcpMetrics};
use crate::app::App;

/// The content type of the format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything, now.
pub(crate) fn scrape(app: &App) -> String {
    let mut text = Text::default();
    process(&mut text, app);
    connections(&mut text, &app.metrics);
    tcp(&mut text, &app.metrics.tcp);
    requests(&mut text, &app.metrics);
    queues(&mut text, app.client.queues());
    journal(&mut text, &app.client.durable());
    core(&mut text, app);
    text.into_string()
}

fn process(text: &mut Text, app: &App) {
    text.family("papertape_build_info", Kind::Gauge, "Always 1; what runs is in the labels.");
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("durability", &app.durability.to_string())];
    text.sample("papertape_build_info", &labels, 1);
    let started = app.metrics.started.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let help = "When the gateway started, in seconds since 1970.";
    text.one("process_start_time_seconds", Kind::Gauge, help, started.as_secs_f64());
}

fn connections(text: &mut Text, metrics: &Metrics) {
    let opened = &metrics.connections;
    text.one("papertape_connections", Kind::Gauge, "Open TCP connections, WebSockets included.", opened.now());
    text.one("papertape_connections_accepted_total", Kind::Counter, "TCP connections accepted.", opened.opened.get());
    text.one("papertape_connections_closed_total", Kind::Counter, "TCP connections closed.", opened.closed.get());
    let kinds = [("session", SocketKind::Session), ("ticker", SocketKind::Ticker)];
    text.family("papertape_ws_connections", Kind::Gauge, "Open WebSockets.");
    for (name, kind) in kinds {
        text.sample("papertape_ws_connections", &[("kind", name)], metrics.sockets(kind).now());
    }
    text.family("papertape_ws_opened_total", Kind::Counter, "WebSockets opened.");
    for (name, kind) in kinds {
        text.sample("papertape_ws_opened_total", &[("kind", name)], metrics.sockets(kind).opened.get());
    }
    let help = "WebSockets closed, by close code; 1013: the reader was too slow; none: the other side left.";
    text.family("papertape_ws_closed_total", Kind::Counter, help);
    for (code, counter) in CLOSES.iter().zip(&metrics.closes) {
        let code = if *code == 0 { "none".to_owned() } else { code.to_string() };
        text.sample("papertape_ws_closed_total", &[("code", &code)], counter.get());
    }
    let help = "Messages written to WebSockets.";
    text.one("papertape_ws_messages_sent_total", Kind::Counter, help, metrics.sent.get());
    let help = "Text messages read from WebSockets.";
    text.one("papertape_ws_messages_received_total", Kind::Counter, help, metrics.received.get());
    let help = "Subscriptions that began with what their client had missed.";
    text.one("papertape_ws_resumed_total", Kind::Counter, help, metrics.feed.resumed.get());
    let help = "Subscriptions that began with a snapshot.";
    text.one("papertape_ws_snapshots_total", Kind::Counter, help, metrics.feed.snapshots.get());
    let help = "Messages that were merged into a later one because their reader was slow.";
    text.one("papertape_ws_conflated_total", Kind::Counter, help, metrics.feed.conflated.get());
}

fn tcp(text: &mut Text, tcp: &TcpMetrics) {
    for (name, help, opened) in [
        ("connections", "Open connections of binary order entry.", &tcp.connections),
        ("sessions", "Open sessions of binary order entry.", &tcp.sessions),
    ] {
        text.one(&format!("papertape_tcp_{name}"), Kind::Gauge, help, opened.now());
    }
    let help = "Connections of binary order entry accepted.";
    text.one("papertape_tcp_connections_accepted_total", Kind::Counter, help, tcp.connections.opened.get());
    let help = "Logins of binary order entry accepted.";
    text.one("papertape_tcp_logins_total", Kind::Counter, help, tcp.sessions.opened.get());
    let help = "Frames read by binary order entry.";
    text.one("papertape_tcp_frames_received_total", Kind::Counter, help, tcp.received.get());
    let help = "Sequenced messages sent by binary order entry.";
    text.one("papertape_tcp_messages_sent_total", Kind::Counter, help, tcp.sent.get());
    let help = "Bytes of messages that binary order entry keeps for replay.";
    text.one("papertape_tcp_kept_bytes", Kind::Gauge, help, tcp.kept_bytes.get());
    let help = "Requests of binary order entry that the core has not answered.";
    text.one("papertape_tcp_in_flight", Kind::Gauge, help, tcp.in_flight.get());
}

fn requests(text: &mut Text, metrics: &Metrics) {
    let name = "papertape_http_requests_total";
    text.family(name, Kind::Counter, "HTTP requests answered, by the template of their path.");
    for (route, method, status, count) in metrics.requests.counted() {
        text.sample(name, &[("route", route), ("method", method), ("status", status)], count);
    }
    let (buckets, sum) = metrics.request_times.read();
    let help = "From the head of an HTTP request to that of its answer.";
    text.histogram("papertape_http_request_duration_seconds", help, &BOUNDS_US, &buckets, sum);
    let name = "papertape_refusals_total";
    text.family(name, Kind::Counter, "Requests that failed, by code.");
    let refusals = metrics.refusals.lock().clone();
    for ((over, code), count) in refusals {
        let over = match over {
            Over::Http => "http",
            Over::WebSocket => "ws",
            Over::Tcp => "tcp",
        };
        text.sample(name, &[("code", code), ("over", over)], count);
    }
    let (buckets, sum) = metrics.answer_times.read();
    let help = "From a command's way into the inbox to its answer, as durable as was asked for.";
    text.histogram("papertape_command_answer_seconds", help, &BOUNDS_US, &buckets, sum);
}

fn queues(text: &mut Text, queues: Queues) {
    let help = "Commands that the core has not taken yet.";
    text.one("papertape_inbox_depth", Kind::Gauge, help, queues.inbox);
    let help = "Commands that the inbox holds at most.";
    text.one("papertape_inbox_capacity", Kind::Gauge, help, queues.inbox_capacity);
    let help = "Events that the slowest reader has not read, or may not yet; at the capacity the core waits.";
    text.one("papertape_ring_lag_events", Kind::Gauge, help, queues.outbox_lag);
    let help = "Events that the ring holds at most.";
    text.one("papertape_ring_capacity_events", Kind::Gauge, help, queues.outbox_capacity);
}

fn journal(text: &mut Text, journal: &DurableCursor) {
    // In the order in which they follow each other, so that no difference is below zero.
    let (synced, durable, published) = (journal.synced(), journal.get(), journal.published());
    text.one("papertape_journal_seq", Kind::Gauge, "The last record in the journal.", published);
    let help = "The last record that is durable under the venue's level.";
    text.one("papertape_journal_durable_seq", Kind::Gauge, help, durable);
    let help = "Records that are not durable under the venue's level.";
    text.one("papertape_journal_durable_lag_records", Kind::Gauge, help, published.saturating_sub(durable));
    let help = "The last record that is on the disk, under any level.";
    text.one("papertape_journal_synced_seq", Kind::Gauge, help, synced);
    let SyncTimes { buckets, sum } = journal.sync_times();
    let help = "How long syncs of the journal take.";
    text.histogram("papertape_journal_sync_seconds", help, &SyncTimes::BOUNDS_US, &buckets, sum);
    let help = "1 after a write or a sync has failed: the venue stops.";
    text.one("papertape_journal_failed", Kind::Gauge, help, u8::from(journal.failed().is_some()));
}

fn core(text: &mut Text, app: &App) {
    let age = app.client.heartbeat_age();
    let help = "How long ago the core was last seen alive.";
    text.one("papertape_core_heartbeat_age_seconds", Kind::Gauge, help, age.as_secs_f64());
    let help = "1 after the venue has stopped by itself.";
    text.one("papertape_core_failed", Kind::Gauge, help, u8::from(app.client.failure().is_some()));
    let help = "1 while new work may be sent here, as /readyz says.";
    text.one("papertape_ready", Kind::Gauge, help, u8::from(app.is_ready()));
    let flushed = app.projections.flushed_seq();
    let told = app.views.read().seq();
    text.one("papertape_told_seq", Kind::Gauge, "The last command that the gateway has heard and told.", told);
    let help = "The last command whose rows are in the database.";
    text.one("papertape_projector_seq", Kind::Gauge, help, flushed);
    let help = "Commands that were told and whose rows are not in the database.";
    text.one("papertape_projector_lag_commands", Kind::Gauge, help, told.saturating_sub(flushed));
}
