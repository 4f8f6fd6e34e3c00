//! The golden messages, read by a program that knows only the document.

use std::process::Command;

#[test]
fn another_language_reads_the_golden_messages_by_the_document() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/check_feed.py");
    match Command::new("python3").arg("-B").arg(script).output() {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
        }
        Err(error) => println!("skipped: python3: {error}"),
    }
}
