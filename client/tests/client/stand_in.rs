//! A stand-in for a venue, of one account: it numbers messages, keeps them, and replays what a login asks for.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use papertape_wire::{
    Challenge, EndOfReplay, FromClient, FromVenue, Heartbeat, LoginAccepted, OrderAccepted, OrderRepeated, PlaceOrder,
    read_frame, values,
};

/// What survives connections.
#[derive(Default)]
pub(crate) struct Account {
    /// Messages, the first one being number 1.
    pub(crate) messages: Vec<FromVenue>,
    /// Frames that came, in order.
    pub(crate) heard: Vec<FromClient>,
    /// Before which answers a connection is cut, counted over all of them.
    pub(crate) cuts: Vec<usize>,
    answers: usize,
}

/// A port on which the stand-in listens.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    pub(crate) account: Arc<Mutex<Account>>,
    thread: JoinHandle<()>,
}

impl StandIn {
    /// Serves so many connections, one after the other, and cuts them before these answers.
    pub(crate) fn start(connections: usize, cuts: Vec<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let account = Arc::new(Mutex::new(Account { cuts, ..Account::default() }));
        let shared = Arc::clone(&account);
        let thread = std::thread::spawn(move || {
            for _ in 0..connections {
                serve(listener.accept().unwrap().0, &shared);
            }
        });
        Self { address, account, thread }
    }

    /// Waits until all connections have ended.
    pub(crate) fn join(self) -> Arc<Mutex<Account>> {
        self.thread.join().unwrap();
        self.account
    }
}

fn serve(mut stream: TcpStream, account: &Mutex<Account>) {
    let (mut came, mut some) = (Vec::new(), [0; 4_096]);
    let challenge = Challenge { nonce: [9; 32], protocol_min: 1, protocol_max: 1, ..Challenge::default() };
    send(&mut stream, &[FromVenue::Challenge(challenge)]);
    while let Ok(read @ 1..) = stream.read(&mut some) {
        came.extend_from_slice(&some[..read]);
        let (mut at, mut goes_on) = (0, true);
        while let Some((frame, length)) = read_frame(&came[at..]).unwrap() {
            let said = FromClient::decode(frame).unwrap();
            at += length;
            goes_on = goes_on && answer(&mut stream, account, said);
        }
        came.drain(..at);
        if !goes_on {
            return;
        }
    }
}

/// Whether the connection goes on.
fn answer(stream: &mut TcpStream, account: &Mutex<Account>, said: FromClient) -> bool {
    let mut account = account.lock().unwrap();
    account.heard.push(said);
    match said {
        FromClient::Login(login) => {
            let last = account.messages.len() as u64;
            let replays = login.resume == values::resume::AFTER;
            let next_sequence = if replays { login.resume_after } else { last } + 1;
            let resumed = if replays { values::resumed::REPLAY } else { values::resumed::NOW };
            let accepted = LoginAccepted {
                resumed,
                next_sequence,
                last_sequence: last,
                heartbeat_ms: 100,
                dead_after_ms: 5_000,
                ..LoginAccepted::default()
            };
            send(stream, &[FromVenue::LoginAccepted(accepted)]);
            if replays {
                send(stream, &account.messages[login.resume_after as usize..]);
                send(stream, &[FromVenue::EndOfReplay(EndOfReplay { last_sequence: last })]);
            }
        }
        FromClient::PlaceOrder(order) => return account.place(stream, order),
        FromClient::ClientHeartbeat(_) => send(stream, &[FromVenue::Heartbeat(Heartbeat { last_sequence: 0 })]),
        FromClient::ClientLogout(_) => return false,
        other => panic!("the stand-in knows no {other:?}"),
    }
    true
}

impl Account {
    fn place(&mut self, stream: &mut TcpStream, order: PlaceOrder) -> bool {
        let (sequence, name) = (self.messages.len() as u64 + 1, order.client_order_id);
        let first = self.messages.iter().find_map(|message| match message {
            FromVenue::OrderAccepted(is) if is.client_order_id == name => Some(is.order_id),
            _ => None,
        });
        let message = |reference| match first {
            Some(order_id) => FromVenue::OrderRepeated(OrderRepeated {
                sequence,
                reference,
                order_id,
                client_order_id: name,
                ..OrderRepeated::default()
            }),
            None => FromVenue::OrderAccepted(OrderAccepted {
                sequence,
                reference,
                order_id: sequence,
                client_order_id: name,
                ..OrderAccepted::default()
            }),
        };
        // In a replay a message carries no reference.
        self.messages.push(message(0));
        self.answers += 1;
        if self.cuts.contains(&self.answers) {
            return false;
        }
        send(stream, &[message(order.reference)]);
        true
    }
}

fn send(stream: &mut TcpStream, frames: &[FromVenue]) {
    let mut bytes = Vec::new();
    frames.iter().for_each(|frame| frame.write(&mut bytes));
    // A client that has cut its connection hears it in the next one.
    let _ = stream.write_all(&bytes);
}
