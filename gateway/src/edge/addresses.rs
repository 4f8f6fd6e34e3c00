//! How many connections one address has: nobody takes all places alone. Proxies that are trusted bring everybody's, and are
//! not counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use papertape_platform::{Network, site_of};

/// Connections that are open, by address. No more addresses than there are connections.
pub(super) struct Addresses {
    most: usize,
    trusted: Arc<[Network]>,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection of an address; it is given back when it is dropped.
pub(super) struct Share {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Addresses {
    /// At most so many of one address; 0: no limit.
    pub(super) fn new(most: usize, trusted: Arc<[Network]>) -> Self {
        Self { most, trusted, open: Arc::default() }
    }

    /// One more; nothing, if the address has as many as it may have.
    pub(super) fn take(&self, address: IpAddr) -> Result<Option<Share>, ()> {
        let address = address.to_canonical();
        if self.most == 0 || self.trusted.iter().any(|network| network.contains(address)) {
            return Ok(None);
        }
        let address = site_of(address);
        let mut open = self.open.lock();
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return Err(());
        }
        *count += 1;
        Ok(Some(Share { address, open: Arc::clone(&self.open) }))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        if let Some(count) = open.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn api04_an_address_has_its_share_of_connections_and_gets_it_back() {
        let addresses = Addresses::new(2, Arc::new(["10.0.0.0/8".parse().unwrap()]));
        let (first, second) = (addresses.take(ip("192.0.2.1")), addresses.take(ip("::ffff:192.0.2.1")));
        assert!(first.is_ok() && second.is_ok() && addresses.take(ip("192.0.2.1")).is_err());
        assert!(addresses.take(ip("192.0.2.2")).is_ok(), "another address");
        let site = [addresses.take(ip("2001:db8::1")), addresses.take(ip("2001:db8::2"))];
        assert!(
            addresses.take(ip("2001:db8::3")).is_err() && addresses.take(ip("2001:db8:0:1::3")).is_ok(),
            "a site of IPv6"
        );
        drop(site);
        assert!((0..10).all(|_| matches!(addresses.take(ip("10.1.1.1")), Ok(None))), "a proxy");
        drop(first);
        assert!(addresses.take(ip("192.0.2.1")).is_ok());
        drop(second);
        assert!(addresses.open.lock().is_empty(), "nothing is remembered of who has gone");
        let open = Addresses::new(0, Arc::new([]));
        assert!((0..1_000).all(|_| matches!(open.take(ip("192.0.2.1")), Ok(None))));
    }
}
