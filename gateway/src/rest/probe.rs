//! What of the routes' own shapes [`crate::probe`] reads.

use serde::de::DeserializeOwned;

use super::{api_keys, fills, market, orders, udf, users};
use crate::edge::body::{read_json, read_pairs};

fn reads<T: DeserializeOwned>(bytes: &[u8]) -> bool {
    read_pairs::<T>(bytes, "INVALID_QUERY").is_ok()
}

/// Queries and forms.
pub(crate) const PAIRS: [fn(&[u8]) -> bool; 5] = [
    reads::<orders::ListQuery>,
    reads::<fills::FillsQuery>,
    reads::<market::CandleQuery>,
    reads::<udf::HistoryQuery>,
    reads::<users::LogInForm>,
];

/// A sign-up.
pub(crate) fn reads_account_body(bytes: &[u8]) -> bool {
    read_json::<users::SignUpBody>(bytes).is_ok()
}

/// A new API key.
pub(crate) fn reads_key_body(bytes: &[u8]) -> bool {
    read_json::<api_keys::NewApiKeyBody>(bytes).is_ok()
}
