//! A state that comes back from its bytes, and bytes that no state has. (Every command of the other tests is applied
//! to a restored venue too.)

use papertape_engine::{Engine, RestoreError, Side};

use crate::support::{limit, named, with_fees};

const ASSETS: usize = 0;
const BALANCES: usize = 3;
const ORDERS: usize = 5;

fn busy() -> Vec<(u32, Vec<u8>)> {
    let mut venue = with_fees(-500, 1_000);
    venue.sell(1, 101, 3);
    venue.buy(2, 101, 1);
    venue.place(named(limit(2, Side::Buy, 90, 4), "mine"));
    venue.engine.snapshot()
}

fn restored(change: impl FnOnce(&mut Vec<(u32, Vec<u8>)>)) -> Result<Engine, RestoreError> {
    let mut sections = busy();
    change(&mut sections);
    Engine::restore(&sections)
}

#[test]
fn a_snapshot_of_the_restored_state_is_the_same() {
    assert_eq!(restored(|_| {}).unwrap().snapshot(), busy());
}

#[test]
fn an_asset_with_more_decimals_than_there_can_be_is_refused() {
    let refused = restored(|sections| *sections[ASSETS].1.last_mut().unwrap() = 200);
    assert_eq!(refused.unwrap_err(), RestoreError::Contradiction("asset"));
}

#[test]
fn balances_beyond_what_can_be_summed_are_refused() {
    // After the count: the account in 4 bytes, the asset in 2, free and held in 16 each.
    let largest = i128::MAX.to_le_bytes();
    for held in [[0; 16], largest, i128::MIN.to_le_bytes()] {
        let refused = restored(|sections| {
            sections[BALANCES].1[14..30].copy_from_slice(&largest);
            sections[BALANCES].1[30..46].copy_from_slice(&held);
        });
        assert_eq!(refused.unwrap_err(), RestoreError::Contradiction("balance"));
    }
}

#[test]
fn an_orders_fees_are_its_instruments() {
    let refused = restored(|sections| {
        // Rates of -500 and 1,000 ppm, one after the other.
        let rates = [(-500_i32).to_le_bytes(), 1_000_i32.to_le_bytes()].concat();
        let bytes = &mut sections[ORDERS].1;
        let at = bytes.windows(8).position(|window| window == rates).unwrap();
        bytes[at..at + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    });
    assert_eq!(refused.unwrap_err(), RestoreError::Contradiction("order fees"));
}

#[test]
fn a_section_that_is_missing_or_cut_is_refused() {
    for section in 0..busy().len() {
        assert!(restored(|sections| drop(sections.remove(section))).is_err(), "without section {section}");
        assert!(restored(|sections| assert!(sections[section].1.pop().is_some())).is_err(), "section {section} cut");
        assert!(restored(|sections| sections[section].1.push(0)).is_err(), "section {section} with a byte more");
    }
}
