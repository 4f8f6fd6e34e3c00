//! Names of things: dense numbers that the engine gives out, and short texts that people choose.

use std::fmt;

use wincode::{SchemaRead, SchemaWrite};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// An account, numbered from 1 in the order of opening. Number 0 is the venue's own fee account.
    AccountId(u32)
}
number! {
    /// An asset, numbered from 0 in the order of listing.
    AssetId(u16)
}
number! {
    /// An instrument, numbered from 0 in the order of listing.
    InstrumentId(u16)
}
number! {
    /// An accepted order, numbered from 1 over the whole venue in the order of acceptance. Refused orders have none.
    OrderId(u64)
}
number! {
    /// A trade, numbered from 1 in each instrument.
    TradeId(u64)
}

number! {
    /// Accounts that are one for self-trade prevention, by a number that the operator chooses.
    TradeGroup(u32)
}

impl AccountId {
    /// The venue's own account, where fees go.
    pub const FEES: AccountId = AccountId(0);
}

/// Text of at most `N` bytes, kept in place: copying it allocates nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortText<const N: usize> {
    len: u8,
    bytes: [u8; N],
}

impl<const N: usize> ShortText<N> {
    /// Takes a text that `allowed` accepts byte for byte; `None` if it is empty, too long, or holds another byte.
    fn checked(text: &str, allowed: fn(u8) -> bool) -> Option<Self> {
        let fits = (1..=N).contains(&text.len()) && text.bytes().all(allowed);
        let mut bytes = [0; N];
        bytes.get_mut(..text.len()).filter(|_| fits)?.copy_from_slice(text.as_bytes());
        Some(Self { len: text.len() as u8, bytes })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("only ASCII is accepted by the constructors")
    }
}

impl<const N: usize> fmt::Debug for ShortText<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident($max:literal), $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(ShortText<$max>);

        impl $name {
            /// Longest text, in bytes.
            pub const MAX_LEN: usize = $max;

            /// Takes the text, or `None` if it breaks the type's rule.
            pub fn new(text: &str) -> Option<Self> {
                ShortText::checked(text, $allowed).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.as_str().fmt(f)
            }
        }
    };
}

text! {
    /// The code of an asset or instrument (`BTC`, `BTC-USD`, `600961`): 1 to 20 of `A-Z a-z 0-9 - . _`.
    Symbol(20), |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}
impl Symbol {
    /// None yet: records have it beside.
    pub(crate) const NONE: Self = Self(ShortText { len: 0, bytes: [0; Self::MAX_LEN] });
}

text! {
    /// A client's own name for an order: 1 to 36 of `A-Z a-z 0-9 . : / _ -`, as Binance Spot's `newClientOrderId`.
    ClientOrderId(36), |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'/' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_order_ids_are_one_to_thirty_six_plain_characters() {
        assert_eq!(ClientOrderId::new("my-bot:1/a_b.c").unwrap().as_str(), "my-bot:1/a_b.c");
        assert!(ClientOrderId::new(&"x".repeat(36)).is_some());
        for refused in ["", "with space", "ümlaut", &"x".repeat(37), "quote\""] {
            assert!(ClientOrderId::new(refused).is_none(), "{refused:?}");
        }
    }
}
