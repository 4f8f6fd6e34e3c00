//! LOBSTER days.

use std::path::PathBuf;

use papertape::import::lobster::{LobsterArgs, run};
use papertape_engine::{InstrumentId, Price, Qty, Side};
use papertape_pipeline::{Boot, VenueConfig};

use crate::files::{Scratch, Told, zip_of};

const MESSAGES_NAME: &str = "TEST_2020-01-02_34200000_57600000_message_5.csv";
const BOOK_NAME: &str = "TEST_2020-01-02_34200000_57600000_orderbook_5.csv";

/// Two levels a side at the start: asks 100 at 1.01 and 200 at 1.02, bids 100 at 1.00 and 200 at 0.99.
const MESSAGES: &str = "\
34200.000000001,5,0,1,10050,-1
34200.1,1,11,30,10100,-1
34200.2,4,7,100,10100,-1
34200.3,4,11,10,10100,-1
34200.4,2,11,5,10100,-1
34200.5,3,11,15,10100,-1
34200.6,7,0,0,-1,-1
34200.7,1,12,40,10000,1
34200.812345678912,3,8,100,10000,1
";
const ROWS: [[(u64, u64); 4]; 9] = [
    [(10_100, 100), (10_200, 200), (10_000, 100), (9_900, 200)],
    [(10_100, 130), (10_200, 200), (10_000, 100), (9_900, 200)],
    [(10_100, 30), (10_200, 200), (10_000, 100), (9_900, 200)],
    [(10_100, 20), (10_200, 200), (10_000, 100), (9_900, 200)],
    [(10_100, 15), (10_200, 200), (10_000, 100), (9_900, 200)],
    [(10_200, 200), (0, 0), (10_000, 100), (9_900, 200)],
    [(10_200, 200), (0, 0), (10_000, 100), (9_900, 200)],
    [(10_200, 200), (0, 0), (10_000, 140), (9_900, 200)],
    [(10_200, 200), (0, 0), (10_000, 40), (9_900, 200)],
];

/// The book file of rows of two levels a side.
fn book() -> String {
    let level = |(price, size): (u64, u64), empty: &str| {
        if size == 0 { format!("{empty},0") } else { format!("{price},{size}") }
    };
    let row = |row: &[(u64, u64); 4]| {
        let seen = [0, 1].map(|at| format!("{},{}", level(row[at], "9999999999"), level(row[2 + at], "-9999999999")));
        format!("{},{}{}\n", seen[0], seen[1], ",9999999999,0,-9999999999,0".repeat(3))
    };
    ROWS.iter().map(row).collect()
}

struct Day {
    scratch: Scratch,
    messages: String,
    book: String,
    check: bool,
    data: Option<PathBuf>,
}

impl Day {
    fn new(test: &str) -> Self {
        let (messages, book) = (MESSAGES.to_owned(), book());
        Day { scratch: Scratch::new(test), messages, book, check: true, data: None }
    }

    fn keep(mut self) -> Self {
        self.data = Some(self.scratch.path("data"));
        self
    }

    fn archive(&self) -> Vec<u8> {
        zip_of(&[(MESSAGES_NAME, &self.messages), (BOOK_NAME, &self.book), ("ReadMe.txt", "x")])
    }

    fn import(&self) -> Told {
        self.import_bytes(&self.archive())
    }

    fn import_bytes(&self, bytes: &[u8]) -> Told {
        let zip = self.scratch.write("day.zip", bytes);
        let args = LobsterArgs { zip, check: self.check, data: self.data.clone() };
        Told::by(|out| run(&args, out))
    }
}

#[test]
fn a_day_is_equal_in_every_row() {
    let told = Day::new("lobster-day").import();
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    assert_eq!(told.last(2), ["rows 8 of 8 equal", "oldest first: 100.0 % (1 of 1)"]);
    assert!(told.text.contains("1 hidden or auction trades and 1 halts"), "{}", told.text);
    assert!(told.text.contains("1 of 1 hit such quantity first"), "{}", told.text);
}

#[test]
fn an_execution_that_jumps_the_queue_is_counted_and_the_rows_stay_equal() {
    let mut day = Day::new("lobster-jump");
    // Order 11 stands behind the 100 from before the start, and is executed first.
    day.messages =
        day.messages.replace("4,7,100,10100", "4,11,10,10100").replace("4,11,10,10100,-1\n34200.4", "x\n34200.4");
    day.messages = day.messages.replace("34200.3,x", "34200.3,4,7,100,10100,-1");
    let rows: Vec<_> = day.book.lines().map(str::to_owned).collect();
    day.book = day.book.replace(&rows[2], &rows[1].replace("10100,130", "10100,120"));
    let told = day.import();
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    assert_eq!(told.last(2), ["rows 8 of 8 equal", "oldest first: 0.0 % (0 of 1)"]);
}

#[test]
fn a_level_that_enters_from_outside_is_taken_from_the_file_and_counted_apart() {
    let mut day = Day::new("lobster-enter");
    let side = |first: u64| (0..5).map(|at| format!("{},10,{},10", first + at, 100 - at)).collect::<Vec<_>>().join(",");
    day.messages =
        "1.0,5,0,1,1,1\n2.0,3,1,10,201,-1\n3.0,4,2,10,202,-1\n4.0,1,5,10,200,-1\n5.0,3,5,10,200,-1\n".to_owned();
    let back = side(203).replace("203,10", "200,10").replacen("204", "203", 1).replacen("205", "204", 1);
    let back = back.replacen("206", "205", 1).replacen("207", "206", 1);
    day.book = [side(201), side(202), side(203), back, side(203)].map(|row| row + "\n").concat();
    let told = day.import();
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    assert!(told.text.contains("in 3 rows a level entered"), "{}", told.text);
    assert_eq!(told.last(2)[0], "rows 1 of 1 equal");
}

#[test]
fn each_single_row_that_differs_is_reported_with_its_place() {
    for (from, to, place) in [
        (
            "10100,130,",
            "10100,131,",
            "orderbook_5.csv, line 2: expected ask level 1 131 at 1.0100; actual ask level 1 130",
        ),
        ("1,12,40,10000", "1,12,41,10000", "orderbook_5.csv, line 8: expected bid level 1 140 at 1.0000"),
        ("3,11,15,10100", "3,11,14,10100", "message_5.csv, line 6: expected withdrawal of 14 at 1.0100"),
        ("4,11,10,10100", "4,11,10,10200", "message_5.csv, line 4: expected 10 at 1.0200; actual 10 at 1.0100"),
    ] {
        let mut day = Day::new("lobster-difference").keep();
        day.messages = day.messages.replace(from, to);
        day.book = day.book.replace(from, to);
        let told = day.import();
        assert_eq!(told.exit_code(), 1, "{to}: {}", told.text);
        assert!(told.text.contains(place), "{to}: {}", told.text);
        assert_eq!(day.scratch.names(), ["day.zip"], "{to}");
    }
}

#[test]
fn without_check_nothing_is_compared_and_the_journal_is_kept() {
    let mut day = Day::new("lobster-unchecked").keep();
    day.check = false;
    let told = day.import();
    assert_eq!(told.exit_code(), 0, "{}", told.text);
    assert!(told.last(2)[0].contains("not compared"), "{}", told.text);
    let boot = Boot::open(VenueConfig::new(day.scratch.path("data"))).unwrap();
    assert_eq!(
        boot.engine().depth(InstrumentId(0), Side::Buy, 5),
        [(Price(10_000), Qty(40)), (Price(9_900), Qty(200))]
    );
    assert_eq!(boot.engine().check(), Ok(()));
}

#[test]
fn a_truncated_archive_is_refused_and_nothing_is_left() {
    let day = Day::new("lobster-truncated").keep();
    let bytes = day.archive();
    for len in 0..bytes.len() {
        let refusal = day.import_bytes(&bytes[..len]).refusal();
        assert!(refusal.contains("day.zip"), "{len}: {refusal}");
    }
    assert_eq!(day.scratch.names(), ["day.zip"]);
}

#[test]
fn an_archive_with_a_changed_byte_never_passes_unseen() {
    let day = Day::new("lobster-flipped").keep();
    let bytes = day.archive();
    let whole = day.import_bytes(&bytes).text.lines().last().map(str::to_owned);
    std::fs::remove_dir_all(day.scratch.path("data")).unwrap();
    for at in (0..bytes.len()).step_by(9) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x10;
        let told = day.import_bytes(&bytes);
        // A byte that carries no content, such as a date, may change.
        if told.result.is_ok_and(|outcome| outcome.exit_code() == 0) {
            assert_eq!(told.text.lines().last().map(str::to_owned), whole, "byte {at}");
            std::fs::remove_dir_all(day.scratch.path("data")).unwrap();
        }
        assert_eq!(day.scratch.names(), ["day.zip"], "byte {at}");
    }
}

#[test]
fn bad_rows_are_refused_with_file_line_and_field() {
    for (from, to, place) in [
        ("4,7,100,10100", "9,7,100,10100", "message_5.csv, line 3, field type"),
        ("4,7,100,10100", "4,7,-100,10100", "message_5.csv, line 3, field size"),
        ("34200.3,", "34200.0,", "message_5.csv, line 4, field time"),
        ("1,12,40,10000", "1,12,40", "message_5.csv, line 8: 5 fields where 6 belong"),
        ("34200.2,4,7,100,10100,-1\n", "", "message_5.csv, line 8: ends here"),
        ("1,12,40,10000", "1,12,40,99999999999999", "message_5.csv, line 8, field price"),
        ("10100,130,", "10100,x,", "orderbook_5.csv, line 2, field ask_size_1"),
    ] {
        let mut day = Day::new("lobster-bad-row").keep();
        day.messages = day.messages.replace(from, to);
        day.book = day.book.replace(from, to);
        let refusal = day.import().refusal();
        assert!(refusal.contains(place), "{to}: {refusal}");
        assert_eq!(day.scratch.names(), ["day.zip"], "{to}");
    }
}

#[test]
fn an_order_that_is_added_twice_is_refused() {
    let mut day = Day::new("lobster-twice");
    day.messages = day.messages.replace("34200.4,2,11,5", "34200.4,1,11,5");
    let refusal = day.import().refusal();
    assert!(refusal.contains("message_5.csv, line 5, field order_id: order 11 is in the book already"), "{refusal}");
}

#[test]
fn an_archive_without_the_two_files_is_refused() {
    let day = Day::new("lobster-members");
    let refusal = day.import_bytes(&zip_of(&[("a.txt", "x")])).refusal();
    assert!(refusal.contains("has no member whose name ends with _message_5.csv"), "{refusal}");
    let refusal = day.import_bytes(b"stock,channel\n").refusal();
    assert!(refusal.contains("is not a whole zip archive"), "{refusal}");
    let refusal = day.import_bytes(&zip_of(&[(MESSAGES_NAME, ""), (BOOK_NAME, "")])).refusal();
    assert!(refusal.contains("has no rows"), "{refusal}");
}

#[test]
fn a_bomb_of_one_endless_row_is_refused_before_it_is_unpacked() {
    let day = Day::new("lobster-bomb");
    let zeros = "0".repeat(50_000_000);
    let refusal = day.import_bytes(&zip_of(&[(MESSAGES_NAME, &zeros), (BOOK_NAME, &day.book)])).refusal();
    assert!(refusal.contains("more than 1024 bytes"), "{refusal}");
}
