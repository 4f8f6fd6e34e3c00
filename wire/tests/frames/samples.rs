//! One frame of each type, with values that tell its fields apart.

use papertape_wire::*;

/// A name in the golden file, and the frame.
pub(crate) enum Sample {
    Client(&'static str, FromClient),
    Venue(&'static str, FromVenue),
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn limit() -> Terms {
    let (side, order_type, time_in_force) = (values::side::BUY, values::order_type::LIMIT, values::time_in_force::GTC);
    Terms { price: 6_000_000, qty: 1_000, side, order_type, time_in_force, ..Terms::default() }
}

/// Every field has a value that no other has.
fn everything() -> Terms {
    Terms {
        price: 0x0102_0304_0506_0708,
        qty: 0x1112_1314_1516_1718,
        budget: 100_000_000_000_000_000_000_000_000_000_000,
        display_qty: 0,
        min_qty: 21,
        trigger_price: 22,
        expires_ns: 1_790_000_000_000_000_000,
        trail: 23,
        peg_offset: -2,
        instrument: 3,
        side: values::side::SELL,
        order_type: values::order_type::MARKET_TO_LIMIT,
        time_in_force: values::time_in_force::GTD,
        self_trade: values::self_trade::DECREMENT,
        trigger_kind: values::trigger_kind::TAKE_PROFIT,
        trail_kind: values::trail_kind::BASIS_POINTS,
        peg_to: values::peg_to::MID,
        flags: values::flags::ALL,
    }
}

/// A bracket whose fields have values that no others have.
fn bracket() -> PlaceList {
    let leg = |n: u64| Leg {
        price: 100 + n,
        qty: 200 + n,
        budget: 10_i128.pow(30) + i128::from(n),
        trigger_price: 300 + n,
        expires_ns: 1_790_000_000_000_000_000 + n,
        trail: 400 + n as u32,
        side: 10 + n as u8,
        order_type: 20 + n as u8,
        time_in_force: 30 + n as u8,
        trigger_kind: 40 + n as u8,
        trail_kind: 50 + n as u8,
        flags: 60 + n as u8,
    };
    PlaceList {
        reference: 16,
        client_order_id: text("list-1"),
        instrument: 3,
        list_type: values::list_type::OTOCO,
        self_trade: values::self_trade::CANCEL_BOTH,
        first: LegAt(leg(1)),
        second: LegAt(leg(2)),
        third: LegAt(leg(3)),
    }
}

fn key_id() -> [u8; 16] {
    std::array::from_fn(|at| at as u8 * 0x11)
}

pub(crate) fn from_client() -> Vec<Sample> {
    use FromClient as F;
    let login = Login {
        protocol: PROTOCOL,
        signature_kind: values::signature::ED25519,
        durability: values::durability::INTERVAL,
        interval_ms: 20,
        cancel_on_disconnect: values::cancel_on_disconnect::ALL,
        resume: values::resume::AFTER,
        reserved: 0,
        grace_ms: 5_000,
        key_id: key_id(),
        client_time_ns: 1_790_000_000_000_000_000,
        resume_after: 41,
        resume_time_ns: 1_789_999_999_000_000_000,
        signature: Signature(std::array::from_fn(|at| at as u8)),
    };
    let named = text("mine-1");
    [
        ("login", F::Login(login)),
        ("client_heartbeat", F::ClientHeartbeat(ClientHeartbeat {})),
        ("client_logout", F::ClientLogout(ClientLogout {})),
        ("place_limit", F::PlaceOrder(PlaceOrder { reference: 7, client_order_id: named, terms: limit() })),
        (
            "place_everything",
            F::PlaceOrder(PlaceOrder { reference: 8, client_order_id: text(&"x".repeat(36)), terms: everything() }),
        ),
        (
            "amend",
            F::Amend(Amend { reference: 9, order_id: 12, client_order_id: Text::NONE, price: 6_000_100, qty: 0 }),
        ),
        ("cancel_by_name", F::Cancel(Cancel { reference: 10, order_id: 0, client_order_id: named })),
        (
            "cancel_all",
            F::CancelAll(CancelAll { reference: 11, instrument: values::ANY_INSTRUMENT, side: values::side::SELL }),
        ),
        ("place_list", F::PlaceList(bracket())),
        ("kill_switch", F::KillSwitch(KillSwitch { reference: 12, engaged: 1 })),
        ("query_limits", F::QueryLimits(QueryLimits { reference: 13 })),
        (
            "query_instruments",
            F::QueryInstruments(QueryInstruments { reference: 14, instrument: values::ANY_INSTRUMENT }),
        ),
        ("query_account", F::QueryAccount(QueryAccount { reference: 15 })),
    ]
    .into_iter()
    .map(|(name, frame)| Sample::Client(name, frame))
    .collect()
}

pub(crate) fn from_venue() -> Vec<Sample> {
    let mut all = of_session();
    all.extend(sequenced());
    all.into_iter().map(|(name, frame)| Sample::Venue(name, frame)).collect()
}

fn of_session() -> Vec<(&'static str, FromVenue)> {
    use FromVenue as F;
    let (time_ns, retryable, reference) = (1_790_000_000_000_000_000, codes::Class::Retryable as u8, 7);
    let accepted = LoginAccepted {
        session: 3,
        server_time_ns: time_ns,
        next_sequence: 42,
        last_sequence: 44,
        account: 5,
        heartbeat_ms: 1_000,
        dead_after_ms: 15_000,
        interval_ms: 20,
        in_flight_max: 1_024,
        durability: values::durability::INTERVAL,
        resumed: values::resumed::REPLAY,
        permissions: values::permissions::READ | values::permissions::TRADE,
    };
    let limits = Limits {
        reference,
        orders_per_second: 1,
        orders_left: 2,
        cancels_per_second: 3,
        cancels_left: 4,
        in_flight_max: 5,
        in_flight: 6,
        sessions_max: 8,
        sessions: 9,
    };
    let instrument = Instrument {
        reference,
        symbol: text("BTC-USD"),
        base: text("BTC"),
        quote: text("USD"),
        tick_mantissa: 1,
        lot: 1_000,
        price_min: 1,
        price_max: u64::MAX,
        qty_min: 2,
        qty_max: 1_000_000,
        instrument: 1,
        base_asset: 2,
        quote_asset: 3,
        price_decimals: 2,
        base_decimals: 8,
        quote_decimals: 6,
        phase: values::phase::CONTINUOUS,
        fee_asset: values::fee_asset::QUOTE,
    };
    let order = OpenOrder {
        order_id: 12,
        client_order_id: text("mine-1"),
        terms: limit(),
        leaves_qty: 900,
        filled_qty: 100,
        list_id: 0,
        status: values::status::PARTIALLY_FILLED,
    };
    vec![
        (
            "challenge",
            F::Challenge(Challenge {
                nonce: std::array::from_fn(|at| 0xa0 + at as u8),
                server_time_ns: time_ns,
                protocol_min: 1,
                protocol_max: 1,
                login_within_ms: 5_000,
            }),
        ),
        ("login_accepted", F::LoginAccepted(accepted)),
        (
            "login_rejected",
            F::LoginRejected(LoginRejected { code: codes::TOO_MANY_SESSIONS, class: retryable, retry_after_ms: 1_000 }),
        ),
        ("heartbeat", F::Heartbeat(Heartbeat { last_sequence: 44 })),
        ("logout", F::Logout(Logout { last_sequence: 44, code: codes::SLOW_READER, class: retryable })),
        (
            "command_rejected",
            F::CommandRejected(CommandRejected {
                reference,
                client_order_id: text("mine-1"),
                retry_after_ms: 20,
                code: codes::RATE_LIMITED,
                class: retryable,
                request: PlaceOrder::KIND,
            }),
        ),
        ("server_shutdown", F::ServerShutdown(ServerShutdown { time_ns, closes_in_ms: 2_000 })),
        ("end_of_replay", F::EndOfReplay(EndOfReplay { last_sequence: 44 })),
        ("limits", F::Limits(limits)),
        ("instrument", F::Instrument(instrument)),
        (
            "snapshot_begin",
            F::SnapshotBegin(SnapshotBegin { reference, sequence: 44, journal_seq: 99, orders: 1, balances: 2 }),
        ),
        ("open_order", F::OpenOrder(order)),
        ("balance", F::Balance(Balance { asset: text("USD"), free: -1, held: 500, asset_id: 3, decimals: 6 })),
        ("snapshot_end", F::SnapshotEnd(SnapshotEnd { reference, sequence: 44 })),
        ("query_done", F::QueryDone(QueryDone { reference, count: 5, request: QueryInstruments::KIND })),
    ]
}

fn sequenced() -> Vec<(&'static str, FromVenue)> {
    use FromVenue as F;
    let (sequence, journal_seq, time_ns, reference) = (42, 1_001, 1_790_000_000_000_000_123, 7);
    let (order_id, instrument, side) = (12, 1, values::side::BUY);
    macro_rules! told {
        ($name:ident { $($rest:tt)* }) => { F::$name($name { sequence, journal_seq, time_ns, reference, $($rest)* }) };
    }
    let rejected = told!(OrderRejected {
        order_id: 0,
        client_order_id: text("mine-1"),
        instrument,
        code: codes::INSUFFICIENT_FUNDS,
        class: codes::Class::Final as u8
    });
    vec![
        (
            "order_accepted",
            told!(OrderAccepted {
                order_id,
                client_order_id: text("mine-1"),
                terms: limit(),
                list_id: 0,
                status: values::status::NEW
            }),
        ),
        ("order_rejected", rejected),
        (
            "order_filled",
            told!(OrderFilled {
                order_id,
                trade_id: 77,
                price: 6_000_000,
                qty: 400,
                leaves_qty: 600,
                fee: -24,
                instrument,
                side,
                liquidity: values::liquidity::MAKER
            }),
        ),
        ("order_cancelled", told!(OrderCancelled { order_id, leaves_qty: 600, instrument, cause: 1, side })),
        (
            "order_replaced",
            told!(OrderReplaced {
                order_id,
                price: 6_000_100,
                qty: 1_000,
                leaves_qty: 600,
                instrument,
                side,
                kept_priority: 1
            }),
        ),
        ("order_expired", told!(OrderExpired { order_id, leaves_qty: 600, instrument, side })),
        ("order_triggered", told!(OrderTriggered { order_id, price: 6_000_200, instrument, side })),
        ("order_released", told!(OrderReleased { order_id, instrument, side })),
        (
            "order_rested",
            told!(OrderRested { order_id, price: 6_000_000, leaves_qty: 1_000, shown_qty: 100, instrument, side }),
        ),
        (
            "self_trade_prevented",
            told!(SelfTradePrevented {
                order_id,
                other_order_id: 11,
                price: 6_000_000,
                qty: 5,
                leaves_qty: 995,
                instrument,
                mode: values::self_trade::DECREMENT
            }),
        ),
        ("order_repeated", told!(OrderRepeated { order_id, client_order_id: text("mine-1"), instrument })),
        ("mass_cancel_done", told!(MassCancelDone { orders: 3 })),
        ("kill_switch_set", told!(KillSwitchSet { orders: 3, engaged: 1 })),
        ("account_suspended", told!(AccountSuspended { orders: 3, suspended: 1 })),
    ]
}

impl Sample {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Sample::Client(name, _) | Sample::Venue(name, _) => name,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Sample::Client(_, frame) => frame.write(&mut bytes),
            Sample::Venue(_, frame) => frame.write(&mut bytes),
        }
        bytes
    }

    /// What the same side reads from these bytes is the same frame.
    pub(crate) fn is_read_from(&self, bytes: &[u8]) -> bool {
        let (frame, length) = read_frame(bytes).unwrap().unwrap();
        assert_eq!(length, bytes.len());
        match self {
            Sample::Client(_, known) => FromClient::decode(frame) == Ok(*known),
            Sample::Venue(_, known) => FromVenue::decode(frame) == Ok(*known),
        }
    }

    pub(crate) fn meaning(&self) -> (&'static str, Vec<(&'static str, String)>) {
        let mut fields = Vec::new();
        let mut show = |name, value| fields.push((name, value));
        let name = match self {
            Sample::Client(_, frame) => {
                frame.show(&mut show);
                frame.name()
            }
            Sample::Venue(_, frame) => {
                frame.show(&mut show);
                frame.name()
            }
        };
        (name, fields)
    }
}
