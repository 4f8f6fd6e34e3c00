//! What counts as an e-mail address here, and the user name that is derived from it.

/// Longest address, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
pub const EMAIL_LEN_MAX: usize = 254;

/// Lower case without surrounding space, or `None` if it is not `local@domain.tld` in plain ASCII.
///
/// Quoted local parts, address literals and non-ASCII addresses are refused, though RFC 5321 and 6531 know them:
/// two spellings of one mailbox must not make two users.
pub fn normalise(text: &str) -> Option<String> {
    let email = text.trim().to_ascii_lowercase();
    let (local, domain) = email.split_once('@')?;
    let fits = email.len() <= EMAIL_LEN_MAX && local.len() <= 64;
    (fits && is_local_part(local) && is_domain(domain)).then_some(email)
}

/// Dot-separated atoms (RFC 5322, section 3.2.3).
fn is_local_part(local: &str) -> bool {
    let is_atom_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte))
}

/// At least two labels of letters, digits and inner hyphens; the last one is not a number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or("");
    domain.contains('.') && domain.split('.').all(is_label) && top.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Longest user name, in bytes.
const USERNAME_LEN_MAX: usize = 32;

/// Lower case without surrounding space, or `None` if it is not 3 to 32 letters, digits, dots, hyphens and underscores that
/// begin with a letter. There is no `@` in it, so that no name is taken for an address.
pub(super) fn normalise_username(text: &str) -> Option<String> {
    let name = text.trim().to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = (3..=USERNAME_LEN_MAX).contains(&name.len()) && name.bytes().all(plain);
    (fits && name.starts_with(|c: char| c.is_ascii_lowercase())).then_some(name)
}

/// The letters and digits of the local part, at most 24, or `trader` if it has none.
pub(super) fn username_of(email: &str) -> String {
    let local = email.split('@').next().unwrap_or("");
    let kept: String = local.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).collect();
    let name = kept.trim_matches(['.', '_', '-']);
    if name.is_empty() { "trader".to_owned() } else { name.chars().take(24).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lowered_and_trimmed() {
        assert_eq!(normalise(" Ada.Lovelace+x@Example.COM ").as_deref(), Some("ada.lovelace+x@example.com"));
        assert_eq!(username_of("ada.lovelace+x@example.com"), "ada.lovelacex");
        assert_eq!(username_of("+@example.com"), "trader");
    }

    #[test]
    fn u1_user_names_are_plain() {
        assert_eq!(normalise_username(" Ada.L ").as_deref(), Some("ada.l"));
        for bad in ["", "ab", "1ada", "ada@x", "ad a", "\u{e4}da", &"a".repeat(33)] {
            assert_eq!(normalise_username(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a@b@c.de",
            "a..b@example.com",
            ".a@example.com",
            "a@-example.com",
            "a@example-.com",
            "a@example..com",
            "a b@example.com",
            "a@1.2.3.4",
            "ä@example.com",
            &long,
        ] {
            assert_eq!(normalise(bad), None, "{bad:?}");
        }
    }
}
