//! Settings of binary order entry.

use std::time::Duration;

/// What can be set. The defaults are those of a venue that strangers use.
#[derive(Clone, Debug)]
pub struct TcpConfig {
    /// Connections at once.
    pub connections_max: usize,
    /// Sessions of one account at once.
    pub sessions_max: u32,
    /// Requests of one session that may wait for their answer.
    pub in_flight_max: u32,
    /// New orders and amends of one account in a second, and at once; cancels have twice as many of their own. 0: no limit.
    pub orders_per_second: u32,
    /// Bytes of messages that are kept for one account: the oldest go first.
    pub kept_bytes: usize,
    /// Bytes of messages that are kept in all.
    pub kept_bytes_in_all: usize,
    /// Bytes that may wait in a connection before nothing more is read from it.
    pub waiting_bytes: usize,
    /// After so long without another message a session is sent a heartbeat.
    pub heartbeat: Duration,
    /// After so long without a byte from it a session is taken for gone; also if it takes no byte for so long.
    pub dead_after: Duration,
    /// How long a login may take.
    pub login_within: Duration,
    /// Failed logins a minute from one address; 0: no limit.
    pub failed_logins_per_minute: u32,
    /// How long the thread looks for the next message before it sleeps; not where the core is lent, since what this thread
    /// carried out is answered already.
    pub spin: Duration,
    /// Records of the journal whose messages are kept after a restart.
    pub refilled_records: u64,
}

impl Default for TcpConfig {
    /// 256 connections, 8 sessions, 1,024 in flight, 10,000 orders a second; 1 MiB an account, 64 MiB in all, 256 KiB a
    /// connection; 1, 15 and 5 seconds; 10 failed logins a minute; 40 microseconds; 262,144 records.
    fn default() -> Self {
        Self {
            connections_max: 256,
            sessions_max: 8,
            in_flight_max: 1_024,
            orders_per_second: 10_000,
            kept_bytes: 1 << 20,
            kept_bytes_in_all: 64 << 20,
            waiting_bytes: 256 << 10,
            heartbeat: Duration::from_secs(1),
            dead_after: Duration::from_secs(15),
            login_within: Duration::from_secs(5),
            failed_logins_per_minute: 10,
            spin: Duration::from_micros(40),
            refilled_records: 262_144,
        }
    }
}
