//! `wire/golden/login.txt`: what both kinds of keys sign, as clients in other languages do.

use papertape_client::Key;
use papertape_wire::{FromClient, Login, Signature, read_frame};

const ID: &str = "00112233445566778899aabbccddeeff";

/// A value of a block of the golden logins.
fn value_of(block: &str, name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../wire/golden/login.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let block = text.split("\n[").find_map(|rest| rest.strip_prefix(&format!("{block}]\n"))).unwrap();
    block.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).unwrap().to_owned()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn signs_as_it_was(block: &str, key: &Key) {
    let whole = bytes_of(&value_of(block, "login"));
    let (frame, _) = read_frame(&whole).unwrap().unwrap();
    let FromClient::Login(login) = FromClient::decode(frame).unwrap() else { panic!("no login") };
    let unsigned = Login { key_id: [0; 16], signature_kind: 0, signature: Signature([0; 64]), ..login };
    let nonce = bytes_of(&value_of(block, "nonce")).try_into().unwrap();
    let mut written = Vec::new();
    key.signed(&nonce, unsigned).write(&mut written);
    assert_eq!(written, whole, "{block}");
}

#[test]
fn both_kinds_of_keys_sign_as_the_vectors_say() {
    signs_as_it_was("hmac", &Key::hmac(ID, &value_of("hmac", "secret")).unwrap());
    signs_as_it_was("ed25519", &Key::ed25519(ID, &value_of("ed25519", "private")).unwrap());
}

#[test]
fn a_key_that_is_none_is_refused_and_a_secret_is_not_shown() {
    assert!(Key::hmac("00", &"0".repeat(64)).is_err());
    assert!(Key::hmac(ID, &"g".repeat(64)).is_err());
    assert!(Key::ed25519(ID, "").is_err());
    let shown = format!("{:?}", Key::hmac(ID, &"ab".repeat(32)).unwrap());
    assert!(shown.contains("hmac") && !shown.contains("171") && !shown.contains("ab"), "{shown}");
}
