//! Whatever can be said can be read, byte for byte, and what a newer version appends is skipped.

use papertape_wire::{FROM_CLIENT, FROM_VENUE, FromClient, FromVenue, Layout, VERSION, read_frame};

use crate::hostile::Random;

/// A frame of this layout with random values in all fields.
fn filled(layout: &Layout, random: &mut Random) -> Vec<u8> {
    let mut bytes = (layout.len as u16).to_le_bytes().to_vec();
    bytes.extend([layout.kind, VERSION]);
    bytes.resize_with(layout.len, || random.next() as u8);
    bytes
}

#[test]
fn what_is_read_is_written_the_same() {
    let mut random = Random(1);
    for layout in FROM_CLIENT.iter().chain(FROM_VENUE) {
        for _ in 0..200 {
            let bytes = filled(layout, &mut random);
            let mut again = Vec::new();
            let (frame, _) = read_frame(&bytes).unwrap().unwrap();
            match (FromClient::decode(frame), FromVenue::decode(frame)) {
                (Ok(frame), Err(_)) => frame.write(&mut again),
                (Err(_), Ok(frame)) => frame.write(&mut again),
                both => panic!("a type belongs to one direction: {both:?}"),
            }
            assert_eq!(again, bytes, "{}", layout.name);
        }
    }
}

#[test]
fn what_a_newer_version_appended_is_skipped_and_what_is_missing_is_not_made_up() {
    let mut random = Random(2);
    for layout in FROM_CLIENT.iter().chain(FROM_VENUE) {
        let bytes = filled(layout, &mut random);
        let decoded = |bytes: &[u8]| {
            let (frame, length) = read_frame(bytes).unwrap().unwrap();
            assert_eq!(length, bytes.len());
            (FromClient::decode(frame), FromVenue::decode(frame))
        };
        let mut newer = bytes.clone();
        newer.extend([9; 5]);
        newer[0..2].copy_from_slice(&(layout.len as u16 + 5).to_le_bytes());
        newer[3] = VERSION + 1;
        assert_eq!(decoded(&newer), decoded(&bytes), "{}", layout.name);
        if layout.len > 4 {
            let mut short = bytes[..layout.len - 1].to_vec();
            short[0..2].copy_from_slice(&(layout.len as u16 - 1).to_le_bytes());
            let (client, venue) = decoded(&short);
            assert!(client.is_err() && venue.is_err(), "{}", layout.name);
        }
    }
}
