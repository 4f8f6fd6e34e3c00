//! The words of one line, read from left to right, and the numbers among them.

/// Words that are left. A comma is a word of its own; a word that begins with `#` begins a comment.
pub(super) struct Words<'a> {
    words: Vec<&'a str>,
    at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        let mut words = Vec::new();
        for chunk in line.split_whitespace().take_while(|chunk| !chunk.starts_with('#')) {
            for part in chunk.split_inclusive(',') {
                match part.strip_suffix(',') {
                    Some(word) => words.extend([word, ","].into_iter().filter(|word| !word.is_empty())),
                    None => words.push(part),
                }
            }
        }
        Self { words, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    pub(super) fn next(&mut self, wanted: &str) -> Result<&'a str, String> {
        let word = self.peek().ok_or_else(|| self.expected(wanted))?;
        self.at += 1;
        Ok(word)
    }

    /// Takes the word if it is this one.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let is_it = self.peek() == Some(word);
        self.at += usize::from(is_it);
        is_it
    }

    /// Takes these words, which must follow.
    pub(super) fn must(&mut self, words: &str) -> Result<(), String> {
        for word in words.split(' ') {
            if !self.take(word) {
                return Err(self.expected(&format!("`{word}`")));
            }
        }
        Ok(())
    }

    /// That nothing is left.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("the end of the line")) }
    }

    /// The complaint at this place.
    pub(super) fn expected(&self, wanted: &str) -> String {
        match self.peek() {
            Some(found) => format!("expected {wanted}, found `{found}`"),
            None => format!("expected {wanted}, found the end of the line"),
        }
    }

    /// A number of any width that a command can hold.
    pub(super) fn number<T: TryFrom<i128>>(&mut self, wanted: &str) -> Result<T, String> {
        let complaint = self.expected(wanted);
        let word = self.next(wanted)?;
        let number = number(word).ok_or(complaint)?;
        T::try_from(number).map_err(|_| format!("{wanted} cannot be {number}"))
    }
}

/// `1_000`, `-5`, `10^9`, `2^64-1`: digits, underscores between them, one power, and then one number more or less.
pub(super) fn number(word: &str) -> Option<i128> {
    let (negative, rest) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
    let (first, sign, second) = match rest.find(['+', '-']) {
        Some(at) => (&rest[..at], &rest[at..=at], &rest[at + 1..]),
        None => (rest, "+", "0"),
    };
    let magnitude = match first.split_once('^') {
        Some((base, exponent)) => digits(base)?.checked_pow(u32::try_from(digits(exponent)?).ok()?)?,
        None => digits(first)?,
    };
    let second = digits(second)?;
    let magnitude = if sign == "+" { magnitude.checked_add(second)? } else { magnitude.checked_sub(second)? };
    if negative { 0_i128.checked_sub_unsigned(magnitude) } else { i128::try_from(magnitude).ok() }
}

fn digits(text: &str) -> Option<u128> {
    let plain = text.replace('_', "");
    let all_digits = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
    plain.parse().ok().filter(|_| all_digits && !text.starts_with('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_powers() {
        for (word, value) in [
            ("0", 0),
            ("1_000", 1_000),
            ("-5", -5),
            ("10^9", 1_000_000_000),
            ("2^64-1", i128::from(u64::MAX)),
            ("2^127-1", i128::MAX),
            ("-2^127", i128::MIN),
            ("170141183460469231731687303715884105727", i128::MAX),
            ("-170141183460469231731687303715884105728", i128::MIN),
        ] {
            assert_eq!(number(word), Some(value), "{word}");
        }
        for word in ["", "-", "x", "1.5", "_1", "2^", "^2", "1-", "2^128", "--1", "+1", "0-1"] {
            assert_eq!(number(word), None, "{word:?}");
        }
    }

    #[test]
    fn commas_are_words_and_comments_are_none() {
        let words = Words::new("a, b ,c,, account#3 # d");
        assert_eq!(words.words, ["a", ",", "b", ",", "c", ",", ",", "account#3"]);
    }
}
