//! A client of binary order entry, as plain as can be.

use std::net::SocketAddr;
use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use papertape_gateway::TcpConfig;
use papertape_wire::{
    Challenge, FromClient, FromVenue, Login, LoginAccepted, PROTOCOL, PlaceOrder, Signature, Terms, Text, codes,
    read_frame, signed_bytes, values,
};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{DEADLINE, Trader, World, open_config};

/// A key, and what signs with it.
pub(crate) struct Key {
    pub(crate) id: [u8; 16],
    pub(crate) signer: Signs,
}

pub(crate) enum Signs {
    Hmac([u8; 32]),
    Ed25519(Box<SigningKey>),
}

pub(crate) fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    papertape_platform::from_hex(hex).unwrap()
}

impl Key {
    /// Makes an `hmac` key that may do everything.
    pub(crate) async fn hmac(world: &World, trader: &Trader) -> Key {
        Self::named(world, trader, "bot", json!(["read", "trade"])).await
    }

    pub(crate) async fn named(world: &World, trader: &Trader, name: &str, permissions: Value) -> Key {
        let body = json!({"name": name, "kind": "hmac", "permissions": permissions});
        Self::made(world, &trader.token, body).await
    }

    /// An `hmac` key as a body describes it.
    pub(crate) async fn made(world: &World, token: &str, body: Value) -> Key {
        let (status, made) = world.post("/api/v1/api-keys", Some(token), &body).await;
        assert_eq!(status, 201, "{made}");
        Self::of(&made)
    }

    /// What the venue said when it made one.
    pub(crate) fn of(made: &Value) -> Key {
        let signer = Signs::Hmac(bytes(made["secret"].as_str().unwrap()));
        Key { id: bytes(made["key"].as_str().unwrap()), signer }
    }

    pub(crate) async fn ed25519(world: &World, trader: &Trader) -> Key {
        let private = SigningKey::from_bytes(&[9; 32]);
        let public_key = papertape_platform::hex(private.verifying_key().as_bytes());
        let body =
            json!({"name": "signs", "kind": "ed25519", "public_key": public_key, "permissions": ["read", "trade"]});
        let (status, made) = world.post("/api/v1/api-keys", Some(&trader.token), &body).await;
        assert_eq!((status, &made["secret"]), (201, &Value::Null), "{made}");
        Key { id: bytes(made["key"].as_str().unwrap()), signer: Signs::Ed25519(Box::new(private)) }
    }

    /// The same login, signed.
    pub(crate) fn sign(&self, nonce: &[u8; 32], login: Login) -> Login {
        let signature_kind = match self.signer {
            Signs::Hmac(_) => values::signature::HMAC_SHA256,
            Signs::Ed25519(_) => values::signature::ED25519,
        };
        let login = Login { signature_kind, key_id: self.id, ..login };
        let signed = self.sign_bytes(&signed_bytes(nonce, &login));
        let mut signature = [0; 64];
        signature[..signed.len()].copy_from_slice(&signed);
        Login { signature: Signature(signature), ..login }
    }

    /// 32 bytes of an HMAC, or 64 of a signature.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Vec<u8> {
        match &self.signer {
            Signs::Hmac(secret) => {
                let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).unwrap().chain_update(message);
                mac.finalize().into_bytes().to_vec()
            }
            Signs::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

/// What a login says unless it says otherwise.
pub(crate) fn login() -> Login {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Login { protocol: PROTOCOL, client_time_ns: now.as_nanos() as u64, ..Login::default() }
}

/// The same, from after this message on.
pub(crate) fn resuming(after: u64, time_ns: u64) -> Login {
    Login { resume: values::resume::AFTER, resume_after: after, resume_time_ns: time_ns, ..login() }
}

/// A venue with the port open.
pub(crate) async fn world(tcp: TcpConfig) -> World {
    World::start_tcp(open_config(), tcp).await
}

/// One connection.
pub(crate) struct TcpClient {
    stream: TcpStream,
    input: Vec<u8>,
    /// The last sequenced message that came.
    pub(crate) sequence: u64,
}

impl TcpClient {
    pub(crate) async fn connect(address: SocketAddr) -> (TcpClient, Challenge) {
        Self::challenged(TcpStream::connect(address).await.unwrap()).await
    }

    /// The same on a socket of the test's own.
    pub(crate) async fn challenged(stream: TcpStream) -> (TcpClient, Challenge) {
        stream.set_nodelay(true).unwrap();
        let mut client = TcpClient { stream, input: Vec::new(), sequence: 0 };
        match client.next().await {
            FromVenue::Challenge(challenge) => (client, challenge),
            other => panic!("{other:?}"),
        }
    }

    /// A session; what is missed or a snapshot comes next, if that was asked for.
    pub(crate) async fn open(world: &World, key: &Key, login: Login) -> (TcpClient, LoginAccepted) {
        let (mut client, challenge) = Self::connect(world.tcp.unwrap()).await;
        client.send(&FromClient::Login(key.sign(&challenge.nonce, login))).await;
        match client.next().await {
            FromVenue::LoginAccepted(accepted) => (client, accepted),
            other => panic!("{other:?}"),
        }
    }

    /// A login that is refused.
    pub(crate) async fn refused(world: &World, key: &Key, login: Login) -> u16 {
        let (mut client, challenge) = Self::connect(world.tcp.unwrap()).await;
        client.send(&FromClient::Login(key.sign(&challenge.nonce, login))).await;
        let code = match client.next().await {
            FromVenue::LoginRejected(rejected) => rejected.code,
            other => panic!("{other:?}"),
        };
        client.is_over().await;
        code
    }

    pub(crate) async fn send(&mut self, frame: &FromClient) {
        self.send_all(std::slice::from_ref(frame)).await;
    }

    pub(crate) async fn send_all(&mut self, frames: &[FromClient]) {
        let mut bytes = Vec::new();
        frames.iter().for_each(|frame| frame.write(&mut bytes));
        self.send_bytes(&bytes).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next frame that is no heartbeat. Sequenced ones must come without a gap.
    pub(crate) async fn next(&mut self) -> FromVenue {
        loop {
            match self.next_or_end().await.expect("the connection has ended") {
                FromVenue::Heartbeat(_) => {}
                frame => return frame,
            }
        }
    }

    /// The next frame; none when the venue has closed.
    pub(crate) async fn next_or_end(&mut self) -> Option<FromVenue> {
        loop {
            if let Some((frame, length)) = read_frame(&self.input).unwrap() {
                let kind = frame.kind;
                let decoded = FromVenue::decode(frame).unwrap();
                if kind >= FromVenue::SEQUENCED {
                    let sequence = u64::from_le_bytes(self.input[4..12].try_into().unwrap());
                    assert!(self.sequence == 0 || sequence == self.sequence + 1, "{sequence} after {}", self.sequence);
                    self.sequence = sequence;
                }
                self.input.drain(..length);
                return Some(decoded);
            }
            let mut bytes = [0; 4_096];
            let read = tokio::time::timeout(DEADLINE, self.stream.read(&mut bytes)).await.expect("nothing came");
            match read {
                Ok(0) | Err(_) => return None,
                Ok(got) => self.input.extend(&bytes[..got]),
            }
        }
    }

    /// The venue says goodbye with this code, after whatever else it says.
    pub(crate) async fn logged_out(&mut self) -> (u16, u64) {
        let logout = loop {
            match self.next().await {
                FromVenue::Logout(logout) => break logout,
                _ => continue,
            }
        };
        self.is_over().await;
        (logout.code, logout.last_sequence)
    }

    /// The venue closes, and says nothing more.
    pub(crate) async fn is_over(&mut self) {
        assert_eq!(self.next_or_end().await, None);
    }

    /// Frames up to the first that this takes.
    pub(crate) async fn until<T>(&mut self, mut take: impl FnMut(&FromVenue) -> Option<T>) -> T {
        loop {
            let frame = self.next().await;
            if let Some(taken) = take(&frame) {
                return taken;
            }
            if let FromVenue::Logout(logout) = frame {
                panic!("logged out: {:?}", codes::code(logout.code));
            }
        }
    }

    pub(crate) async fn rejected(&mut self) -> (u16, u64) {
        self.until(|frame| match frame {
            FromVenue::CommandRejected(rejected) => Some((rejected.code, rejected.reference)),
            FromVenue::OrderRejected(rejected) => Some((rejected.code, rejected.reference)),
            _ => None,
        })
        .await
    }

    /// Places an order that rests; gives its number.
    pub(crate) async fn rest(&mut self, reference: u64, price: u64, name: &str) -> u64 {
        self.send(&buy(reference, price, name)).await;
        let order = self
            .until(|frame| match frame {
                FromVenue::OrderAccepted(accepted) if accepted.reference == reference => Some(accepted.order_id),
                FromVenue::OrderRejected(rejected) => panic!("{:?}", codes::code(rejected.code)),
                FromVenue::CommandRejected(rejected) => panic!("{:?}", codes::code(rejected.code)),
                _ => None,
            })
            .await;
        self.until(|frame| matches!(frame, FromVenue::OrderRested(_)).then_some(())).await;
        order
    }

    /// Nothing comes for a moment but heartbeats.
    pub(crate) async fn is_quiet(&mut self) {
        match tokio::time::timeout(Duration::from_millis(150), self.next()).await {
            Err(_) => {}
            Ok(frame) => panic!("{frame:?}"),
        }
    }
}

/// A limit order of BTC-USD to buy 10 lots.
pub(crate) fn buy(reference: u64, price: u64, name: &str) -> FromClient {
    order(reference, Terms { price, ..limit(values::side::BUY, 10) }, name)
}

pub(crate) fn order(reference: u64, terms: Terms, name: &str) -> FromClient {
    FromClient::PlaceOrder(PlaceOrder { reference, client_order_id: Text::new(name).unwrap(), terms })
}

/// A limit order of the first market without a price.
pub(crate) fn limit(side: u8, qty: u64) -> Terms {
    Terms { qty, side, order_type: values::order_type::LIMIT, ..Terms::default() }
}
