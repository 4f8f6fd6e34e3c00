//! The session without sockets.

use std::time::{Duration, Instant};

use papertape_client::{
    Broken, Event, FromVenue, Key, Machine, Options, OrderId, Request, Side, Start, Text, codes, limit,
};
use papertape_wire::{
    Challenge, EndOfReplay, FromClient, LoginAccepted, OrderAccepted, OrderCancelled, OrderRested, SnapshotBegin,
    SnapshotEnd, read_frame, values,
};

fn options(start: Start) -> Options {
    let key = Key::hmac("00112233445566778899aabbccddeeff", &"01".repeat(32)).unwrap();
    Options { start, ..Options::new(key) }
}

struct Session {
    machine: Machine,
    now: Instant,
}

impl Session {
    fn new(start: Start) -> Self {
        let now = Instant::now();
        Self { machine: Machine::new(options(start), now), now }
    }

    /// The venue says this; gives what happened.
    fn hear(&mut self, said: &[FromVenue]) -> Result<Vec<Event>, Broken> {
        let mut bytes = Vec::new();
        said.iter().for_each(|frame| frame.write(&mut bytes));
        self.machine.receive(&bytes, self.now, 1)?;
        Ok(std::iter::from_fn(|| self.machine.event()).collect())
    }

    /// What the client has said since the last time.
    fn said(&mut self) -> Vec<FromClient> {
        let (mut frames, mut rest) = (Vec::new(), self.machine.output());
        while let Some((frame, length)) = read_frame(rest).unwrap() {
            frames.push(FromClient::decode(frame).unwrap());
            rest = &rest[length..];
        }
        self.machine.written(usize::MAX, self.now);
        frames
    }

    /// Logs in; the venue answers so.
    fn log_in(&mut self, resumed: u8, next_sequence: u64) -> (FromClient, Vec<Event>) {
        self.machine.connected(self.now);
        self.hear(&[FromVenue::Challenge(Challenge::default())]).unwrap();
        let login = self.said().remove(0);
        let accepted = LoginAccepted {
            resumed,
            next_sequence,
            heartbeat_ms: 1_000,
            dead_after_ms: 15_000,
            ..LoginAccepted::default()
        };
        (login, self.hear(&[FromVenue::LoginAccepted(accepted)]).unwrap())
    }
}

fn rested(sequence: u64) -> FromVenue {
    FromVenue::OrderRested(OrderRested { sequence, time_ns: sequence * 10, ..OrderRested::default() })
}

fn place(name: &str) -> Request {
    Request::place(Text::new(name), limit(0, Side::Buy, 5, 6))
}

#[test]
fn messages_come_once_each_and_in_order_over_connections() {
    let mut session = Session::new(Start::Now);
    let (login, events) = session.log_in(values::resumed::NOW, 8);
    assert!(matches!(login, FromClient::Login(login) if login.resume == values::resume::NOW));
    assert!(matches!(events[..], [Event::Open(_), Event::CaughtUp]), "{events:?}");
    assert_eq!(session.hear(&[rested(8), rested(9)]).unwrap().len(), 2);
    assert_eq!(session.machine.last(), Some((9, 90)));

    let (login, events) = session.log_in(values::resumed::REPLAY, 10);
    let FromClient::Login(login) = login else { panic!("{login:?}") };
    assert_eq!((login.resume, login.resume_after, login.resume_time_ns), (values::resume::AFTER, 9, 90));
    assert_eq!(events.len(), 1);
    let events =
        session.hear(&[rested(9), rested(10), FromVenue::EndOfReplay(EndOfReplay { last_sequence: 10 })]).unwrap();
    assert!(
        matches!(events[..], [Event::Venue(FromVenue::OrderRested(one)), Event::CaughtUp] if one.sequence == 10),
        "{events:?}"
    );
    assert_eq!(session.hear(&[rested(12)]), Err(Broken::Gap { after: 10, came: 12 }));
}

#[test]
fn a_snapshot_says_where_messages_go_on() {
    let mut session = Session::new(Start::Snapshot);
    session.log_in(values::resumed::SNAPSHOT, 1);
    let begin = SnapshotBegin { sequence: 40, ..SnapshotBegin::default() };
    let end = SnapshotEnd { sequence: 40, ..SnapshotEnd::default() };
    let events =
        session.hear(&[FromVenue::SnapshotBegin(begin), FromVenue::SnapshotEnd(end), rested(40), rested(41)]).unwrap();
    assert!(matches!(events[..], [Event::Venue(_), Event::Venue(_), Event::CaughtUp, Event::Venue(_)]), "{events:?}");
    assert_eq!(session.machine.last(), Some((41, 410)));
}

#[test]
fn requests_that_a_lost_connection_took_with_it_are_told_after_the_replay() {
    let mut session = Session::new(Start::Now);
    assert_eq!(session.machine.ask(place("early")), None, "nothing is sent before the session is open");
    session.log_in(values::resumed::NOW, 1);
    let (told, lost) = (session.machine.ask(place("told")).unwrap(), session.machine.ask(place("lost")).unwrap());
    let cancel = session.machine.ask(Request::cancel(OrderId::Number(7))).unwrap();
    assert_eq!(session.said().len(), 3);
    let ended = OrderCancelled { sequence: 1, reference: cancel, ..OrderCancelled::default() };
    session.hear(&[FromVenue::OrderCancelled(ended)]).unwrap();
    assert_eq!((session.machine.in_flight(), told), (2, 1));

    session.log_in(values::resumed::REPLAY, 2);
    // In a replay the reference is not that of a request; the name is.
    let accepted =
        OrderAccepted { sequence: 2, client_order_id: Text::new("told").unwrap(), ..OrderAccepted::default() };
    let end = FromVenue::EndOfReplay(EndOfReplay { last_sequence: 2 });
    let events = session.hear(&[FromVenue::OrderAccepted(accepted), end]).unwrap();
    let [Event::Venue(_), Event::CaughtUp, Event::Unanswered { reference, request }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(*reference, lost);
    assert!(request.is_safe_to_repeat());
    assert!(!Request::place(None, limit(0, Side::Buy, 5, 6)).is_safe_to_repeat());
    assert_eq!(session.machine.in_flight(), 0);
}

#[test]
fn a_mass_cancel_is_answered_by_its_own_answer() {
    let mut session = Session::new(Start::Now);
    session.log_in(values::resumed::NOW, 1);
    let all = session.machine.ask(Request::cancel_all(None, None)).unwrap();
    let ended = OrderCancelled { sequence: 1, reference: all, ..OrderCancelled::default() };
    session.hear(&[FromVenue::OrderCancelled(ended)]).unwrap();
    assert_eq!(session.machine.in_flight(), 1);
    let done = papertape_wire::MassCancelDone { sequence: 2, reference: all, orders: 1, ..Default::default() };
    session.hear(&[FromVenue::MassCancelDone(done)]).unwrap();
    assert_eq!(session.machine.in_flight(), 0);
}

#[test]
fn silence_is_broken_by_heartbeats_and_ends_the_connection() {
    let mut session = Session::new(Start::Now);
    session.log_in(values::resumed::NOW, 1);
    session.now += Duration::from_secs(1);
    assert!(session.machine.deadline() <= session.now);
    session.machine.tick(session.now).unwrap();
    assert!(matches!(session.said()[..], [FromClient::ClientHeartbeat(_)]));
    session.machine.tick(session.now).unwrap();
    assert!(session.said().is_empty());
    session.now += Duration::from_secs(15);
    assert_eq!(session.machine.tick(session.now), Err(Broken::Silent));
}

#[test]
fn a_refusal_says_whether_another_attempt_makes_sense() {
    let mut session = Session::new(Start::Now);
    session.machine.connected(session.now);
    let refused = |code| papertape_wire::LoginRejected { code, class: 2, retry_after_ms: 70 };
    for (code, again) in [(codes::AUTHENTICATION_FAILED, false), (codes::TOO_MANY_SESSIONS, true)] {
        let broken = session.hear(&[FromVenue::LoginRejected(refused(code))]).unwrap_err();
        assert_eq!(broken, Broken::Refused { code, retry_after_ms: 70 });
        assert_eq!(broken.is_worth_another_try(), again);
    }
    assert!(session.machine.receive(&[1, 0], session.now, 1).is_err(), "no frame is so short");
}
