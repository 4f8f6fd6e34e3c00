//! Binary order entry of a whole program: killed in the middle, started again, and nobody has missed anything.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use papertape_wire::{
    FromClient, FromVenue, Login, PROTOCOL, PlaceOrder, Signature, Terms, Text, read_frame, signed_bytes, values,
};
use serde_json::{Value, json};

use crate::{Running, papertape};

/// What a client knows of its key.
pub(crate) struct Key {
    pub(crate) id: [u8; 16],
    pub(crate) secret: [u8; 32],
}

pub(crate) fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    papertape_platform::from_hex(value.as_str().unwrap()).unwrap()
}

fn started(data: &Path) -> Running {
    let mut command = papertape(&["serve", "--listen=127.0.0.1:0", "--tcp=127.0.0.1:0", "--durability=process"]);
    command.arg("--data").arg(data).args(["--demo", "--simulator=off"]);
    Running::start(&mut command, 4)
}

/// Signs up, and makes a key.
fn key(address: &str) -> Key {
    let password = "a quite long password 47";
    let user = json!({"email": "ada@example.com", "password": password, "confirm_password": password});
    ureq::post(format!("http://{address}/signup")).send_json(&user).unwrap();
    let form = [("username", "ada@example.com"), ("password", password)];
    let token: Value =
        ureq::post(format!("http://{address}/login")).send_form(form).unwrap().body_mut().read_json().unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let body = json!({"name": "bot", "kind": "hmac", "permissions": ["read", "trade"]});
    let mut made = ureq::post(format!("http://{address}/api/v1/api-keys"))
        .header("authorization", bearer)
        .send_json(&body)
        .unwrap();
    let made: Value = made.body_mut().read_json().unwrap();
    Key { id: bytes(&made["key"]), secret: bytes(&made["secret"]) }
}

pub(crate) struct Session(TcpStream, Vec<u8>);

impl Session {
    pub(crate) fn open(address: &str, key: &Key, resume_after: u64) -> Self {
        let mut session = Self(TcpStream::connect(address).unwrap(), Vec::new());
        let FromVenue::Challenge(challenge) = session.next() else { panic!("no challenge") };
        let login = Login {
            protocol: PROTOCOL,
            signature_kind: values::signature::HMAC_SHA256,
            key_id: key.id,
            client_time_ns: challenge.server_time_ns,
            resume: values::resume::AFTER,
            resume_after,
            ..Login::default()
        };
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&hmac(&key.secret, &signed_bytes(&challenge.nonce, &login)));
        session.send(&FromClient::Login(Login { signature: Signature(signature), ..login }));
        let FromVenue::LoginAccepted(accepted) = session.next() else { panic!("not accepted") };
        assert_eq!(accepted.resumed, values::resumed::REPLAY);
        session
    }

    fn send(&mut self, frame: &FromClient) {
        let mut bytes = Vec::new();
        frame.write(&mut bytes);
        self.0.write_all(&bytes).unwrap();
    }

    fn next(&mut self) -> FromVenue {
        loop {
            if let Some((frame, length)) = read_frame(&self.1).unwrap() {
                let frame = FromVenue::decode(frame).unwrap();
                self.1.drain(..length);
                if !matches!(frame, FromVenue::Heartbeat(_)) {
                    return frame;
                }
                continue;
            }
            let mut bytes = [0; 4_096];
            let got = self.0.read(&mut bytes).unwrap();
            assert!(got > 0, "the venue has closed");
            self.1.extend(&bytes[..got]);
        }
    }

    fn missed(&mut self) -> Vec<FromVenue> {
        let mut missed = Vec::new();
        loop {
            match self.next() {
                FromVenue::EndOfReplay(_) => return missed,
                frame => missed.push(frame),
            }
        }
    }

    /// An order that rests: what is told of it.
    fn place(&mut self, name: &str) -> [FromVenue; 2] {
        self.place_only(name);
        [self.next(), self.next()]
    }

    fn place_only(&mut self, name: &str) {
        let (side, order_type) = (values::side::BUY, values::order_type::LIMIT);
        let terms = Terms { price: 1_000_000, qty: 10, side, order_type, ..Terms::default() };
        let client_order_id = Text::new(name).unwrap();
        self.send(&FromClient::PlaceOrder(PlaceOrder { reference: 0, client_order_id, terms }));
    }
}

fn hmac(secret: &[u8; 32], message: &[u8]) -> [u8; 32] {
    use hmac::{Hmac, KeyInit, Mac};
    let mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(secret).unwrap();
    mac.chain_update(message).finalize().into_bytes().into()
}

#[test]
fn whoever_was_away_while_the_venue_was_killed_gets_what_was_missed() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut venue = started(&data);
    let (http, tcp) = (venue.address(" at http://"), venue.address("binary order entry at "));
    let key = key(&http);
    let mut session = Session::open(&tcp, &key, 0);
    assert_eq!(session.missed(), []);
    let mut told = Vec::new();
    for order in 0..20 {
        told.extend(session.place(&format!("order-{order}")));
    }
    venue.child.kill().unwrap();
    venue.child.wait().unwrap();

    let venue = started(&data);
    let tcp = venue.address("binary order entry at ");
    let mut session = Session::open(&tcp, &key, 7);
    assert_eq!(session.missed(), told[7..], "the same messages under the same numbers");
    session.place_only("order-19");
    let again = session.next();
    assert!(matches!(again, FromVenue::OrderRepeated(repeated) if repeated.sequence == 41), "{again:?}");
    drop(session);
    venue.terminate();
}
