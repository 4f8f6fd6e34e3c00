//! Where a request came from, as the log of the door keeps it.

use std::net::IpAddr;

/// Longest name of a program that is kept, in characters.
const USER_AGENT_MAX: usize = 256;

/// An address and a program.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Origin {
    /// The client's address.
    pub ip: Option<IpAddr>,
    user_agent: Option<String>,
}

impl Origin {
    /// The address, and what the program calls itself, cut to 256 characters.
    pub fn new(ip: IpAddr, user_agent: Option<&str>) -> Self {
        let kept = user_agent.map(|name| name.chars().filter(|c| !c.is_control()).take(USER_AGENT_MAX).collect());
        // An IPv4 address that came over an IPv6 socket is the same address.
        Self { ip: Some(ip.to_canonical()), user_agent: kept }
    }

    pub(crate) fn address(&self) -> Option<String> {
        self.ip.map(|ip| ip.to_string())
    }

    pub(crate) fn program(&self) -> Option<String> {
        self.user_agent.clone()
    }
}
