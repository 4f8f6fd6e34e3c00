//! What a key may do.

/// What a key may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Permissions {
    /// See the account.
    pub read: bool,
    /// Trade with it.
    pub trade: bool,
    /// Move money out of it.
    pub transfer: bool,
    /// Do what its owner may as an administrator.
    pub admin: bool,
}

/// What a key may do, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyType {
    /// See the account.
    Read,
    /// See it and trade.
    Write,
    /// Everything.
    Admin,
}

impl Permissions {
    /// Whether it may do nothing.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The word for it: the least that has all of it, but moving money.
    pub fn key_type(self) -> KeyType {
        match self {
            Permissions { admin: true, .. } => KeyType::Admin,
            Permissions { trade: true, .. } | Permissions { transfer: true, .. } => KeyType::Write,
            _ => KeyType::Read,
        }
    }
}

impl From<KeyType> for Permissions {
    fn from(word: KeyType) -> Self {
        match word {
            KeyType::Read => Self { read: true, ..Self::default() },
            KeyType::Write => Self { read: true, trade: true, ..Self::default() },
            KeyType::Admin => Self { read: true, trade: true, transfer: true, admin: true },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a1_a_type_is_the_word_for_its_permissions() {
        for word in [KeyType::Read, KeyType::Write, KeyType::Admin] {
            assert_eq!(Permissions::from(word).key_type(), word);
        }
        let trades = Permissions { trade: true, ..Permissions::default() };
        assert_eq!((trades.key_type(), trades.is_empty()), (KeyType::Write, false));
        assert!(Permissions::default().is_empty());
    }
}
