//! Trades from outside: binary order entry over TCP, and the market data feed over WebSocket.
//!
//! It knows the venue's protocols (`docs/protocol-tcp.md`, `docs/protocol-ws.md`) and nothing of its insides. [`Machine`] is
//! a session without sockets; [`Client`] drives one on the thread that uses it, [`AsyncClient`] on a tokio runtime. Both keep
//! the session alive, make a lost connection anew and ask for what was missed meanwhile: the account's messages come once
//! each, in order, over as many connections as it takes. [`feed::Follower`] keeps the books of markets, and proves them by
//! the venue's checksums.
//!
//! ```no_run
//! use std::time::Duration;
//! use papertape_client::{Client, Event, Key, Options, Request, Side, limit};
//!
//! # fn trade() -> Result<(), Box<dyn std::error::Error>> {
//! let key = Key::hmac("00112233445566778899aabbccddeeff", &std::env::var("PAPERTAPE_SECRET")?)?;
//! let mut client = Client::connect("127.0.0.1:8081", Options::new(key))?;
//! let name = papertape_client::Text::new("mine-1");
//! let reference = client.send(Request::place(name, limit(0, Side::Buy, 6_000_000, 1_000)))?;
//! while let Some(event) = client.event(Duration::from_secs(5))? {
//!     if let Event::Venue(said) = event {
//!         println!("{reference}: {said:?}");
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod blocking;
mod error;
pub mod feed;
mod key;
mod machine;
mod nonblocking;
mod options;
mod request;
mod retry;

pub use blocking::Client;
pub use error::Error;
pub use key::{Key, KeyError};
pub use machine::{Broken, Event, Machine};
pub use nonblocking::AsyncClient;
pub use options::{Options, Start};
pub use papertape_wire::{FromVenue, Leg, Terms, Text, codes, values};
pub use request::{OrderId, Request, Side, limit, market, post_only};
pub use retry::Retry;

/// The time of day, in nanoseconds since 1970.
fn wall_ns() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
