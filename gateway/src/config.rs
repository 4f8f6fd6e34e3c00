//! Settings of a gateway.

/// What can be set. The defaults are those of a venue that strangers use.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Log-ins a minute from one address; 0: no limit.
    pub logins_per_minute: u32,
    /// Sign-ups a minute from one address; 0: no limit.
    pub sign_ups_per_minute: u32,
    /// The venue's durability level as clients are told it: `process`, `group`, …
    pub durability: &'static str,
}

impl Default for GatewayConfig {
    /// 10 log-ins and 30 sign-ups a minute; `group`.
    fn default() -> Self {
        Self { logins_per_minute: 10, sign_ups_per_minute: 30, durability: "group" }
    }
}
