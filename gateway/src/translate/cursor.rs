//! Cursors: where the next page of a list begins. Clients hand them back as they got them.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::errors::Failure;

/// Where a list that is a bare array, or not JSON at all, says where its next page begins.
pub(crate) const NEXT: HeaderName = HeaderName::from_static("papertape-next-cursor");

/// Which list a cursor belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Of {
    /// `/api/v1/fills`.
    Fills,
    /// `/api/v1/orders`.
    Orders,
    /// `/api/v1/users/me/auth-logs`, and everybody's.
    AuthLogs,
    /// `/api/v1/admin/outbox`.
    Outbox,
    /// `/api/v1/admin/log`.
    AdminLog,
}

impl Of {
    const fn prefix(self) -> &'static str {
        match self {
            Of::Fills => "f1-",
            Of::Orders => "o1-",
            Of::AuthLogs => "a1-",
            Of::Outbox => "m1-",
            Of::AdminLog => "g1-",
        }
    }
}

/// The cursor behind the last row of a page, which these numbers name.
pub(crate) fn write<const N: usize>(of: Of, last: [u64; N]) -> String {
    last.iter().fold(of.prefix().to_owned(), |text, number| format!("{text}{number:016x}"))
}

/// The numbers in a cursor of this list; one of another list, or that the venue did not write, is refused.
pub(crate) fn read<const N: usize>(of: Of, text: &str) -> Result<[u64; N], Failure> {
    let digits = text.strip_prefix(of.prefix()).filter(|digits| digits.len() == 16 * N);
    let digits = digits.filter(|digits| digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    let number = |part: usize| u64::from_str_radix(digits?.get(16 * part..16 * (part + 1))?, 16).ok();
    let mut numbers = [0; N];
    for (part, to) in numbers.iter_mut().enumerate() {
        *to = number(part).ok_or_else(unknown)?;
    }
    Ok(numbers)
}

/// Not a cursor of this list.
pub(crate) fn unknown() -> Failure {
    Failure::field("cursor", "must be one that this list has given, or be left out")
}

/// The headers of a page: where the next one begins, if there is one.
pub(crate) fn headers(next: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(value) = next.and_then(|next| HeaderValue::from_str(next).ok()) {
        headers.insert(NEXT, value);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_and_nothing_else_does() {
        for number in [1, 4_711, u64::MAX] {
            assert_eq!(read(Of::Orders, &write(Of::Orders, [number])), Ok([number]));
            assert_eq!(read(Of::Fills, &write(Of::Fills, [number, 0, 1])), Ok([number, 0, 1]));
            assert!(read::<1>(Of::Orders, &write(Of::Fills, [number])).is_err());
            assert!(read::<3>(Of::Fills, &write(Of::Fills, [number])).is_err());
        }
        for text in ["", "o1-", "o1-1", "o1-000000000000000G", "o1-+00000000000000f", "o1-00000000000000é", "é"] {
            assert!(read::<1>(Of::Orders, text).is_err(), "{text}");
        }
    }
}
