//! The real data, where it is.

use std::path::{Path, PathBuf};

use papertape::import::lobster::{self, LobsterArgs};
use papertape::import::sse::{self, SseArgs};

use crate::files::Told;

/// The folder of the real data, or `None` after saying why the test is skipped.
fn data(test: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let dir = std::env::var_os("PAPERTAPE_DATA").map_or(beside, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    println!("{test} is skipped: there is no real data in {} (set PAPERTAPE_DATA)", dir.display());
    None
}

#[test]
fn three_shanghai_stocks_are_identical_in_every_row() {
    let Some(dir) = data("three_shanghai_stocks_are_identical_in_every_row") else { return };
    let (orders, trades) = (dir.join("sse/orders.csv.gz"), dir.join("sse/trades.csv.gz"));
    let args = SseArgs { orders, trades, stock: None, date: "2023-07-11".to_owned(), check: true, data: None };
    let told = Told::by(|out| sse::run(&args, out));
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    let expected = [
        "600536 continuous 33105 of 33105 auction 448 of 448 cancels 12580 of 12580",
        "600961 continuous 28520 of 28520 auction 417 of 417 cancels 9087 of 9087",
        "605580 continuous 16393 of 16393 auction 603 of 603 cancels 7108 of 7108",
    ];
    assert_eq!(told.last(3), expected);
}

#[test]
fn a_nasdaq_day_is_equal_in_every_row() {
    let Some(dir) = data("a_nasdaq_day_is_equal_in_every_row") else { return };
    let zip = dir.join("lobster/LOBSTER_SampleFile_AMZN_2012-06-21_5.zip");
    let args = LobsterArgs { zip, check: true, data: None };
    let told = Told::by(|out| lobster::run(&args, out));
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    assert_eq!(told.last(2), ["rows 122094 of 122094 equal", "oldest first: 99.5 % (7272 of 7307)"]);
}
