//! The transcript of `docs/protocol-tcp.md`: a whole session in bytes.

use std::fmt::Write as _;

use papertape_wire::codes::GOODBYE;
use papertape_wire::*;

use crate::golden::{bytes_of, value_of};

/// One frame, who sends it, and what happens.
pub(crate) struct Said(&'static str, Vec<u8>, &'static str);

pub(crate) fn session() -> Vec<Said> {
    let time_ns = 1_790_000_000_000_000_000;
    let challenge = Challenge {
        nonce: std::array::from_fn(|at| 0xa0 + at as u8),
        server_time_ns: time_ns,
        protocol_min: 1,
        protocol_max: 1,
        login_within_ms: 5_000,
    };
    let login = bytes_of(&value_of("login.txt", "hmac", "login"));
    let accepted = LoginAccepted {
        session: 1,
        server_time_ns: time_ns,
        next_sequence: 1,
        last_sequence: 0,
        account: 3,
        heartbeat_ms: 1_000,
        dead_after_ms: 15_000,
        interval_ms: 0,
        in_flight_max: 1_024,
        durability: values::durability::GROUP,
        resumed: values::resumed::NOW,
        permissions: values::permissions::READ | values::permissions::TRADE,
    };
    let (side, order_type, time_in_force) = (values::side::BUY, values::order_type::LIMIT, values::time_in_force::GTC);
    let terms = Terms { price: 6_000_000, qty: 1_000, side, order_type, time_in_force, ..Terms::default() };
    let client_order_id = Text::new("mine-1").unwrap();
    let place = PlaceOrder { reference: 1, client_order_id, terms };
    let (order_id, time_ns) = (12, time_ns + 1_000_000);
    let taken = OrderAccepted {
        sequence: 1,
        journal_seq: 1_001,
        time_ns,
        reference: 1,
        order_id,
        client_order_id,
        terms: Terms { self_trade: values::self_trade::CANCEL_MAKER, ..terms },
        list_id: 0,
        status: values::status::NEW,
    };
    let rested = OrderRested {
        sequence: 2,
        journal_seq: 1_001,
        time_ns,
        reference: 1,
        order_id,
        price: 6_000_000,
        leaves_qty: 1_000,
        shown_qty: 1_000,
        instrument: 0,
        side,
    };
    let cancel = Cancel { reference: 2, order_id, client_order_id: Text::NONE };
    let (journal_seq, time_ns) = (1_002, time_ns + 1_000_000);
    let cancelled = OrderCancelled {
        sequence: 3,
        journal_seq,
        time_ns,
        reference: 2,
        order_id,
        leaves_qty: 1_000,
        instrument: 0,
        cause: 1,
        side,
    };
    let over = Logout { last_sequence: 3, code: GOODBYE, class: codes::class_of(GOODBYE) as u8 };
    let bytes = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        write(&mut bytes);
        bytes
    };
    vec![
        Said("venue", bytes(&|out| challenge.write(out)), "The connection is open: what the login must sign."),
        Said("client", login, "A key of the kind `hmac`, whose secret is the bytes 0 to 31; messages from now on."),
        Said("venue", bytes(&|out| accepted.write(out)), "The session is open; the account has no messages yet."),
        Said("client", bytes(&|out| place.write(out)), "A limit order: buy 1,000 lots at 6,000,000 ticks."),
        Said("venue", bytes(&|out| taken.write(out)), "It is order 12."),
        Said("venue", bytes(&|out| rested.write(out)), "All of it rests in the book."),
        Said("client", bytes(&|out| cancel.write(out)), "It is to end."),
        Said("venue", bytes(&|out| cancelled.write(out)), "It has ended, by its owner's wish."),
        Said("client", bytes(&|out| ClientLogout {}.write(out)), "Goodbye."),
        Said("venue", bytes(&|out| over.write(out)), "Goodbye; the connection ends."),
    ]
}

pub(crate) fn written() -> String {
    let mut text = String::new();
    for Said(who, bytes, says) in session() {
        let (frame, _) = read_frame(&bytes).unwrap().unwrap();
        let name = match who {
            "client" => FromClient::decode(frame).unwrap().name(),
            _ => FromVenue::decode(frame).unwrap().name(),
        };
        writeln!(text, "\n**{who}** `{name}`: {says}\n").unwrap();
        for line in bytes.chunks(32) {
            let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(text, "    {}", hex.join(" ")).unwrap();
        }
    }
    text
}

#[test]
fn what_a_login_signs_is_what_the_golden_vectors_say() {
    for kind in ["hmac", "ed25519"] {
        let value = |name| bytes_of(&value_of("login.txt", kind, name));
        let bytes = value("login");
        let (frame, _) = read_frame(&bytes).unwrap().unwrap();
        let login = Login::read(frame).unwrap();
        let nonce = value("nonce").try_into().unwrap();
        assert_eq!(signed_bytes(&nonce, &login), value("signed"), "{kind}");
        assert!(login.signature.0.starts_with(&value("signature")), "{kind}");
    }
}
