//! Who a request comes from: the peer, unless the peer is a proxy that the operator trusts.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use papertape_platform::Network;

/// What a proxy writes down of those before it.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What a trusted proxy says of how it was asked.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The client's address. What the headers say counts only as far as trusted proxies have said it: from the right, past
/// every trusted address, to the first that is none. Whatever a client writes stands to the left of that.
pub(crate) fn client_of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let values: Vec<&[u8]> = headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes).collect();
    for hop in values.iter().rev().flat_map(|value| value.rsplit(|byte| *byte == b',')) {
        // Something that is no address was not written by a proxy of ours.
        let hop = std::str::from_utf8(hop).ok().and_then(|hop| hop.trim().parse::<IpAddr>().ok());
        let Some(address) = hop else { break };
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

    fn client(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(value.as_bytes()).unwrap());
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
        assert_eq!(
            client("127.0.0.1", &["\u{e9}, 203.0.113.5"], &proxies),
            "203.0.113.5",
            "letters beside it hide nothing"
        );
        assert_eq!(client("127.0.0.1", &[], &proxies), "127.0.0.1");
        assert_eq!(client("::ffff:127.0.0.1", &["2001:db8::1"], &proxies), "2001:db8::1");
    }
}
