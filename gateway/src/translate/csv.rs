//! Comma-separated values (RFC 4180), safe to open in a spreadsheet.

use std::borrow::Cow;

/// Appends a line.
pub(crate) fn line<'a>(out: &mut String, fields: impl IntoIterator<Item = &'a str>) {
    for (number, text) in fields.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push_str(&field(text));
    }
    out.push_str("\r\n");
}

/// A field; in quotes where RFC 4180 wants them. A text that a spreadsheet would take for a formula gets an apostrophe
/// before it; a number is none, whatever its sign.
fn field(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number(text);
    let text = if is_formula { Cow::from(format!("'{text}")) } else { Cow::from(text) };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")).into() } else { text }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn fields_are_quoted_where_they_must_be_and_no_formula_is_left() {
        for (text, written) in [
            ("BTC-USD", "BTC-USD"),
            ("-0.5", "-0.5"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=1+1", "'=1+1"),
            ("-1+1", "'-1+1"),
            ("@x", "'@x"),
            ("+A,1", "\"'+A,1\""),
        ] {
            let mut out = String::new();
            line(&mut out, [text, "end"]);
            assert_eq!(out, format!("{written},end\r\n"));
        }
    }
}
