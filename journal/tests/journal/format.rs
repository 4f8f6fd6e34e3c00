//! The documentation's tables are those of the code.

use papertape_journal::layout::{Field, mark, record, segment, snapshot};

fn documented(title: &str, fields: &[Field]) {
    let text = include_str!("../../../docs/journal-format.md");
    let (_, section) = text.split_once(&format!("## {title}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let numbered =
        |line: &&str| line.strip_prefix("| ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let rows: Vec<&str> = section.lines().filter(numbered).collect();
    assert_eq!(rows.len(), fields.len(), "{title}");
    for (row, field) in rows.iter().zip(fields) {
        let start = format!("| {} | {} | `{}` |", field.at, field.bytes, field.name);
        assert!(row.starts_with(&start), "{title}: {row} is not {start}");
    }
}

#[test]
fn the_tables_in_the_documentation_are_true() {
    documented("Segment header", &segment::ALL);
    documented("Record", &record::ALL);
    documented("Snapshot", &snapshot::ALL);
    documented("Watermark", &mark::ALL);
}
