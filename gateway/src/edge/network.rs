//! Networks in CIDR notation, and who a request comes from: the peer, unless the peer is a proxy that the operator trusts.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};

/// What a proxy writes down of those before it.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What a trusted proxy says of how it was asked.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Addresses that begin alike, such as `10.0.0.0/8`; a single address is a network of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(mine) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(mine), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(mine) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = text.trim().split_once('/').map_or((text.trim(), None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| format!("{text} is no address and no network"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(most), str::parse).ok().filter(|prefix| *prefix <= most);
        let prefix = prefix.ok_or_else(|| format!("{text}: the prefix has at most {most} bits"))?;
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The client's address. What the headers say counts only as far as trusted proxies have said it: from the right, past
/// every trusted address, to the first that is none. Whatever a client writes stands to the left of that.
pub(crate) fn client_of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let values: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    for hop in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        // Something that is no address was not written by a proxy of ours.
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// Whether the client speaks TLS, as a trusted proxy says.
pub(crate) fn is_secure(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> bool {
    let is_trusted = trusted.iter().any(|network| network.contains(peer));
    is_trusted && headers.get(FORWARDED_PROTO).is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        client_of(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn u18_attack_a_spoofed_forwarding_header_is_not_believed() {
        let proxies = ["127.0.0.1", "10.0.0.0/8"];
        assert_eq!(client("203.0.113.5", &["1.2.3.4"], &proxies), "203.0.113.5", "the peer is no proxy");
        assert_eq!(client("127.0.0.1", &["1.2.3.4"], &[]), "127.0.0.1", "nobody is trusted");
        assert_eq!(client("127.0.0.1", &["1.2.3.4, 203.0.113.5"], &proxies), "203.0.113.5");
        assert_eq!(client("127.0.0.1", &["1.2.3.4", "203.0.113.5, 10.1.1.1"], &proxies), "203.0.113.5");
        assert_eq!(client("127.0.0.1", &["1.2.3.4, x, 10.1.1.1"], &proxies), "10.1.1.1");
        assert_eq!(client("127.0.0.1", &[], &proxies), "127.0.0.1");
        assert_eq!(client("::ffff:127.0.0.1", &["2001:db8::1"], &proxies), "2001:db8::1");
    }

    #[test]
    fn u18_networks_are_read_and_contain_what_begins_like_them() {
        let network = |text: &str| text.parse::<Network>();
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
        ] {
            assert!(network(text).unwrap().contains(inside.parse().unwrap()));
            assert!(!network(text).unwrap().contains(outside.parse().unwrap()));
        }
        assert!(network("0.0.0.0/0").unwrap().contains("8.8.8.8".parse().unwrap()));
        for bad in ["", "x", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0/8"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }
}
