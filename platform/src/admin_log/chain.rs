//! The chain: what is hashed of a row, and what is given to whoever acted.

use std::fmt;
use std::str::FromStr;

use crate::api_keys::{from_hex, hex};
use crate::database::admin_log::Model;

/// What the hash of every row begins with, so that no hash of something else is one.
const DOMAIN: &[u8] = b"papertape admin log 1\n";

/// A row's place and hash: whoever keeps it can tell later whether the log up to there is the one that it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Receipt {
    /// The row.
    pub id: i64,
    /// Its hash; zeros before the first row.
    pub hash: [u8; 32],
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.id, hex(&self.hash))
    }
}

/// Not a number, a hyphen and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidReceipt;

impl fmt::Display for InvalidReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a number, a hyphen and 64 hexadecimal digits")
    }
}

impl FromStr for Receipt {
    type Err = InvalidReceipt;

    fn from_str(text: &str) -> Result<Self, InvalidReceipt> {
        let (id, hash) = text.trim().split_once('-').ok_or(InvalidReceipt)?;
        let id = id.parse().ok().filter(|id| *id > 0).ok_or(InvalidReceipt)?;
        Ok(Self { id, hash: from_hex(hash).ok_or(InvalidReceipt)? })
    }
}

/// BLAKE3 of the domain, and then of each column in its order: one byte whether there is a value, and if there is one its
/// length as eight bytes, the lowest first, and its bytes. Numbers are decimal digits, moments microseconds since 1970.
pub(super) fn hash_of(row: &Model) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(DOMAIN);
    let mut field = |value: Option<&str>| {
        hasher.update(&[u8::from(value.is_some())]);
        if let Some(value) = value {
            hasher.update(&(value.len() as u64).to_le_bytes());
            hasher.update(value.as_bytes());
        }
    };
    let micros = row.created_at.unix_timestamp_nanos() / 1_000;
    field(Some(&row.id.to_string()));
    field(Some(&micros.to_string()));
    field(Some(&row.actor));
    field(row.user_id.map(|id| id.to_string()).as_deref());
    field(row.ip_address.as_deref());
    field(row.user_agent.as_deref());
    field(Some(&row.action));
    field(Some(&row.object));
    field(Some(&row.status));
    field(row.code.as_deref());
    field(row.request.as_deref());
    field(row.state_before.as_deref());
    field(row.state_after.as_deref());
    field(Some(&row.previous_hash));
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::of_millis;

    fn row() -> Model {
        Model {
            id: 1,
            created_at: of_millis(1_700_000_000_123).unwrap(),
            actor: "operator".into(),
            user_id: None,
            ip_address: Some("192.0.2.1".into()),
            user_agent: None,
            action: "PUT /api/v1/admin/kill-switch".into(),
            object: "venue".into(),
            status: "done".into(),
            code: None,
            request: Some("{\"engaged\":true}".into()),
            state_before: None,
            state_after: None,
            previous_hash: "0".repeat(64),
            hash: String::new(),
        }
    }

    #[test]
    fn every_column_is_in_the_hash_and_none_can_be_moved_into_another() {
        let whole = hash_of(&row());
        let text = || Some("x".to_owned());
        let altered = [
            Model { id: 2, ..row() },
            Model { created_at: of_millis(1_700_000_000_124).unwrap(), ..row() },
            Model { actor: "venue".into(), ..row() },
            Model { user_id: Some(1), ..row() },
            Model { ip_address: None, ..row() },
            Model { ip_address: None, user_agent: Some("192.0.2.1".into()), ..row() },
            Model { user_agent: text(), ..row() },
            Model { action: "PUT /api/v1/admin/kill-switchv".into(), object: "enue".into(), ..row() },
            Model { object: "market BTC-USD".into(), ..row() },
            Model { status: "refused".into(), ..row() },
            Model { code: text(), ..row() },
            Model { request: None, ..row() },
            Model { state_before: text(), ..row() },
            Model { state_after: text(), ..row() },
            Model { previous_hash: "1".repeat(64), ..row() },
        ];
        for other in altered {
            assert_ne!(hash_of(&other), whole, "{other:?}");
        }
        assert_eq!(hash_of(&Model { hash: "x".into(), ..row() }), whole);
    }

    #[test]
    fn a_receipt_is_read_as_it_is_written() {
        let receipt = Receipt { id: 42, hash: hash_of(&row()) };
        assert_eq!(receipt.to_string().parse(), Ok(receipt));
        for bad in ["", "42", "-", "0-00", &format!("0-{}", "0".repeat(64)), &format!("x-{}", "0".repeat(64))] {
            assert_eq!(bad.parse::<Receipt>(), Err(InvalidReceipt), "{bad}");
        }
    }
}
