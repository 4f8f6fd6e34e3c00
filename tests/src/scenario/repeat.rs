//! `repeat 5000 times: alice sells 1 @ {100+n} as s{n}` stands for 5,000 lines; `n` counts from 1.

use super::words::number;

/// Most lines that one line may stand for.
const TIMES_MAX: i128 = 100_000;

/// The lines that a line stands for: itself, if it does not repeat.
pub(super) fn expand(line: &str) -> Result<Vec<String>, String> {
    let Some(rest) = line.trim_start().strip_prefix("repeat ") else { return Ok(vec![line.to_owned()]) };
    let parts = rest.split_once(" times: ").ok_or("expected `repeat N times: COMMAND; COMMAND`")?;
    let times = number(parts.0).filter(|times| (1..=TIMES_MAX).contains(times));
    let times = times.ok_or_else(|| format!("expected how many times, 1 to {TIMES_MAX}, found `{}`", parts.0))?;
    let mut lines = Vec::new();
    for n in 1..=times {
        for command in parts.1.split(';') {
            lines.push(substitute(command, n)?);
        }
    }
    Ok(lines)
}

/// Puts values in the place of `{…}`.
fn substitute(text: &str, n: i128) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (formula, after) = after.split_once('}').ok_or("expected `}` after `{`")?;
        out.push_str(before);
        let value = value(formula, n)
            .ok_or_else(|| format!("expected a formula of n, numbers, +, - and *, found `{{{formula}}}`"))?;
        out.push_str(&value.to_string());
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// `*` before `+` and `-`.
fn value(formula: &str, n: i128) -> Option<i128> {
    let (mut sum, mut rest, mut sign) = (0_i128, formula, '+');
    loop {
        let end = rest.find(['+', '-']).unwrap_or(rest.len());
        let product = rest[..end].split('*').try_fold(1_i128, |product, factor| {
            let factor = if factor.trim() == "n" { n } else { number(factor.trim())? };
            product.checked_mul(factor)
        })?;
        sum = if sign == '+' { sum.checked_add(product)? } else { sum.checked_sub(product)? };
        let Some(next) = rest[end..].chars().next() else { return Some(sum) };
        (sign, rest) = (next, &rest[end + 1..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_for_many() {
        let lines = expand("repeat 2 times: a sells {n} @ {100+n*2}; b cancels x{3-n}").unwrap();
        assert_eq!(lines, ["a sells 1 @ 102", " b cancels x2", "a sells 2 @ 104", " b cancels x1"]);
        assert_eq!(expand("a sells 1 @ 2").unwrap(), ["a sells 1 @ 2"]);
        for bad in
            ["repeat 0 times: x", "repeat x times: x", "repeat 2: x", "repeat 1 times: {n", "repeat 1 times: {m}"]
        {
            assert!(expand(bad).is_err(), "{bad}");
        }
    }
}
