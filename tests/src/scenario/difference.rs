//! Two answers side by side, line by line.

use std::fmt::Write;

/// `None` if they are equal. Else the place of the first difference and all lines: `-` is expected and was not told,
/// `+` was told and not expected. `first_line` is the number of the first expected line in `file`.
pub fn difference(file: &str, first_line: usize, expected: &[String], told: &[String]) -> Option<String> {
    if expected == told {
        return None;
    }
    let same = expected.iter().zip(told).take_while(|(expected, told)| expected == told).count();
    let mut text = format!("{file}:{}: the answer is another\n", first_line + same);
    for (sign, line) in merge(expected, told) {
        writeln!(text, "  {sign} {line}").expect("a string takes everything");
    }
    Some(text)
}

/// Expected and told lines as one list, with as many common lines as possible.
fn merge<'a>(expected: &'a [String], told: &'a [String]) -> Vec<(char, &'a str)> {
    // common[i][j]: lines in common of what follows i and j.
    let mut common = vec![vec![0_usize; told.len() + 1]; expected.len() + 1];
    for (i, left) in expected.iter().enumerate().rev() {
        for (j, right) in told.iter().enumerate().rev() {
            common[i][j] =
                if left == right { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut merged = Vec::new();
    while i < expected.len() || j < told.len() {
        if i < expected.len() && j < told.len() && expected[i] == told[j] {
            merged.push((' ', expected[i].as_str()));
            (i, j) = (i + 1, j + 1);
        } else if j == told.len() || (i < expected.len() && common[i + 1][j] >= common[i][j + 1]) {
            merged.push(('-', expected[i].as_str()));
            i += 1;
        } else {
            merged.push(('+', told[j].as_str()));
            j += 1;
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_the_line_and_shows_both() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(difference("f", 5, &lines("a b"), &lines("a b")), None);
        let shown = difference("f.txt", 5, &lines("a b c d"), &lines("a x c e d")).unwrap();
        assert_eq!(shown, "f.txt:6: the answer is another\n    a\n  - b\n  + x\n    c\n  + e\n    d\n");
    }
}
