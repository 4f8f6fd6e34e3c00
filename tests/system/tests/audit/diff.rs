//! Two journals to the first difference.

use papertape::audit::{AuditCommand, DiffArgs};

use crate::venue::{BEGIN_NS, Venue, audit, scenario, stream};

fn diff(left: &Venue, right: &Venue) -> (u8, String) {
    let args =
        DiffArgs { left: left.path().to_owned(), right: right.path().to_owned(), ignore_times: false, hash_every: 500 };
    audit(&AuditCommand::Diff(args))
}

#[test]
fn the_same_commands_are_equal_however_often_the_venue_was_started() {
    let commands = stream(1, 2_000);
    let (code, text) = diff(&Venue::early(&commands, 1), &Venue::early(&commands, 5));
    assert_eq!(code, 0, "{text}");
    let count = commands.len();
    assert!(text.starts_with(&format!("equal: {count} commands, all that they told, and the state ")), "{text}");
    // An opening and a closing each time, but no opening at the first.
    assert!(text.ends_with(&format!(": {} records, 9 of them the journal's own\n", count + 9)), "{text}");
}

#[test]
fn a_journal_that_goes_on_is_equal_as_far_as_both_go() {
    let commands = stream(2, 1_000);
    let (long, short) = (Venue::early(&commands, 1), Venue::early(&commands[..700], 1));
    for (left, right) in [(&long, &short), (&short, &long)] {
        let (code, text) = diff(left, right);
        assert_eq!(code, 0, "{text}");
        assert!(text.starts_with("equal as far as both go: 700 commands"), "{text}");
        assert!(text.contains(&format!("{} ends there", short.path().display())), "{text}");
    }
}

#[test]
fn the_first_difference_is_told_with_both_sides() {
    let setting = "\
# A difference of one lot, or of one fee.
list asset TEA with 0 decimals
list asset USD with 2 decimals
list market TEA-USD of TEA for USD, tick 1 with 2 decimals, lot 1
open account 7 as ann
deposit 10 TEA to ann reference 1
";
    let more = |rest: &str| Venue::of(&scenario(&format!("{setting}{rest}")), 1);
    let (left, right) = (more("ann sells 5 @ 100\n"), more("ann sells 6 @ 100\n"));
    let (code, text) = diff(&left, &right);
    assert_eq!(code, 1);
    let expected = format!(
        "the first difference is in command 6: what was asked\n\
         {}\n  record 6  2026-01-02 03:04:05.000000006 UTC  account 1: sell 5 TEA-USD at 1.00, good till cancelled\n\
         {}\n  record 6  2026-01-02 03:04:05.000000006 UTC  account 1: sell 6 TEA-USD at 1.00, good till cancelled\n",
        left.path().display(),
        right.path().display()
    );
    assert_eq!(text, expected);
    // The same commands at another time.
    let late = Venue::new();
    late.run(&scenario(&format!("{setting}ann sells 5 @ 100\n")), &mut (BEGIN_NS + 5));
    let (code, text) = diff(&left, &late);
    assert_eq!(code, 1);
    assert!(text.starts_with("the first difference is in command 1: when it was asked\n"), "{text}");
    let ignoring =
        DiffArgs { left: left.path().to_owned(), right: late.path().to_owned(), ignore_times: true, hash_every: 500 };
    assert_eq!(audit(&AuditCommand::Diff(ignoring)).0, 0);
}

#[test]
fn a_folder_without_a_venue_is_refused() {
    let venue = Venue::early(&stream(1, 1), 1);
    let args =
        DiffArgs { left: venue.path().to_owned(), right: venue.beside("none"), ignore_times: false, hash_every: 1 };
    let (code, text) = audit(&AuditCommand::Diff(args));
    assert_eq!(code, 2);
    assert!(text.contains("holds no venue's data"), "{text}");
}
