//! The golden vectors, read by a program that knows only the document.

use std::process::Command;

#[test]
fn another_language_reads_the_golden_vectors_by_the_document() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/check.py");
    match Command::new("python3").arg(script).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => println!("skipped: python3: {error}"),
    }
}
