//! Settings by file.

use std::path::{Path, PathBuf};

use crate::{papertape, said};

fn file(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("papertape.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// The settings in force with this file, these options and this variable.
fn in_force(text: &str, options: &[&str], variable: Option<(&str, &str)>) -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut command = papertape(&["serve", "--print-config", "--config"]);
    command.arg(file(dir.path(), text)).args(options).envs(variable);
    let (code, out, err) = said(&mut command);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

fn refused(text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), text);
    let (code, out, err) = said(papertape(&["serve", "--print-config", "--config"]).arg(&path));
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains(&path.display().to_string()), "{err}");
    let line = err.split("papertape.toml:").nth(1).unwrap();
    line.trim().to_owned()
}

#[test]
fn q2_an_option_goes_before_the_environment_before_the_file_before_the_default() {
    let text = "drain = 1.5\ndurability = \"process\"\ndemo = true\nsimulator-seed = 0x10\nlisten = \"127.0.0.1:9\"\n";
    let variable = Some(("PAPERTAPE_DRAIN", "3"));
    for (options, variable, drain) in
        [(&[][..], None, "1.5"), (&[], variable, "3"), (&["--drain", "4"], variable, "4"), (&["--drain=0"], None, "0")]
    {
        let settings = in_force(text, options, variable);
        assert!(settings.contains(&format!("\ndrain = {drain}\n")), "{settings}");
        assert!(
            settings.contains("\ndurability = \"process\"\n") && settings.contains("\ndemo = true\n"),
            "{settings}"
        );
        assert!(settings.contains("\nsimulator-seed = 16\n") && settings.contains("\nlisten = \"127.0.0.1:9\"\n"));
        assert!(settings.contains("\nsegment-bytes = 67108864\n") && settings.contains("\n# simulator is not set\n"));
    }
    let off = in_force(text, &[], Some(("PAPERTAPE_DEMO", "0")));
    assert!(off.contains("\ndemo = false\n"), "{off}");
    assert!(in_force("", &[], None).contains("\ndrain = 2\n"));
}

#[test]
fn what_is_printed_is_a_file_that_says_the_same() {
    let odd =
        "data = 'a \"b\\c'\noperator-key-file = \"key\"\nmetrics-listen = \"[::1]:9464\"\nsimulator-speed = 0.5\n";
    let once = in_force(odd, &[], None);
    assert!(once.contains("data = \"a \\\"b\\\\c\"\n"), "{once}");
    assert_eq!(in_force(&once, &[], None), once);
}

#[test]
fn a_file_that_is_wrong_is_refused_with_its_line() {
    assert_eq!(refused("demo = true\n\nlissten = \"x\"\n"), "3: there is no setting lissten; did you mean listen?");
    assert_eq!(refused("segment_bytes = 1\n"), "1: there is no setting segment_bytes; did you mean segment-bytes?");
    assert_eq!(refused("colour = 1\n"), "1: there is no setting colour");
    assert_eq!(refused("config = \"other.toml\"\n"), "1: there is no setting config");
    assert_eq!(refused("demo = 1\n"), "1: demo: must be true or false");
    assert_eq!(refused("\ndrain = true\n"), "2: drain: must be text or a number");
    assert_eq!(refused("drain = [1]\n"), "1: drain: a setting is text, a number, true or false");
    assert!(refused("[venue]\ndemo = true\n").starts_with("1: venue: a setting is"));
    assert!(refused("drain = 1\ndrain = 2\n").starts_with("2: duplicate key"));
    let words = refused("drain = 9\n");
    assert!(words.starts_with("1: ") && words.ends_with("must lie between 0 and 4"), "{words}");
    assert!(refused("rules = \"house\"\n").contains("possible values: binance, cme-like, nasdaq-like"));
    assert!(refused("demo = yes\n").starts_with("1: "));
}

#[test]
fn what_the_file_does_not_decide_is_checked_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), "drain = 9\n");
    let (code, _, err) = said(papertape(&["serve", "--print-config", "--drain=1", "--config"]).arg(&path));
    assert!(code == 2 && err.contains("papertape.toml:1: "), "{err}");
    let (code, _, err) = said(&mut papertape(&["serve", "--print-config", "--config", "/nowhere/papertape.toml"]));
    assert!(code == 2 && err.contains("/nowhere/papertape.toml: "), "{err}");
}
