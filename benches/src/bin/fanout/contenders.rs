//! Who is measured: a server in a process of its own, and whoever causes its updates.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use papertape_benches::{Served, User};

use crate::publisher::{Cause, Publisher, TextOrders};
use crate::{venue, wire};

/// Who.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Contender {
    /// A loop that writes frames and does nothing else.
    Floor,
    /// A whole venue: each update is a trade.
    Papertape(Door),
    /// `nats-server` with its WebSocket port.
    Nats,
    /// Node's `ws`.
    NodeWs,
}

/// By which door the orders come that trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    WebSocket,
    Binary,
}

/// In what order they take turns.
pub(crate) const ALL: [Contender; 5] = [
    Contender::Floor,
    Contender::Papertape(Door::WebSocket),
    Contender::Papertape(Door::Binary),
    Contender::Nats,
    Contender::NodeWs,
];

/// Where what is needed lies.
pub(crate) struct Places<'a> {
    /// The venue's binary.
    pub(crate) papertape: &'a Path,
    /// A folder for files, with `server.mjs` and its `node_modules` if Node is there.
    pub(crate) folder: &'a Path,
    /// One update of the venue, as all servers send it.
    pub(crate) payload: &'a [u8],
}

/// A server that runs. Dropping it ends the process.
pub(crate) struct Running {
    server: Server,
    contender: Contender,
    address: SocketAddr,
    control: SocketAddr,
}

enum Server {
    /// A venue, and who trades there.
    Venue(Served, User),
    /// Any other.
    Other(Other),
}

/// A process that ends with this.
struct Other(Child);

impl Contender {
    /// As it is called in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Contender::Floor => "bare loop",
            Contender::Papertape(Door::WebSocket) => "papertape",
            Contender::Papertape(Door::Binary) => "papertape, binary orders",
            Contender::Nats => "nats-server",
            Contender::NodeWs => "Node `ws`",
        }
    }

    /// Why it cannot run here, if it cannot.
    pub(crate) fn is_missing(self, places: &Places<'_>) -> Option<String> {
        let answers = |program: &str, word: &str| {
            Command::new(program).arg(word).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        };
        match self {
            Contender::Floor => None,
            Contender::Papertape(_) => {
                (!places.papertape.exists()).then(|| format!("no {}", places.papertape.display()))
            }
            Contender::Nats => (!answers("nats-server", "--version")).then(|| "nats-server is not installed".into()),
            Contender::NodeWs if !answers("node", "--version") => Some("node is not installed".into()),
            Contender::NodeWs => {
                (!places.folder.join("node_modules/ws").exists()).then(|| "npm could not install ws".into())
            }
        }
    }

    /// Starts it, and waits until its ports are open.
    pub(crate) fn start(self, places: &Places<'_>) -> io::Result<Running> {
        let (address, control) = (free_port()?, free_port()?);
        let (ws, cmd) = (address.port().to_string(), control.port().to_string());
        let file = places.folder.join("payload");
        std::fs::write(&file, places.payload)?;
        let mut command = match self {
            Contender::Papertape(_) => return start_venue(self, places),
            Contender::Floor => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["floor", &ws, &cmd]).arg(&file);
                command
            }
            Contender::NodeWs => {
                let mut command = Command::new("node");
                command.arg(places.folder.join("server.mjs")).args([&ws, &cmd]).arg(&file);
                command
            }
            Contender::Nats => {
                let config = places.folder.join("nats.conf");
                let text = format!("websocket {{ host: 127.0.0.1, port: {ws}, no_tls: true, compression: false }}\n");
                std::fs::write(&config, text)?;
                let mut command = Command::new("nats-server");
                command.args(["-a", "127.0.0.1", "-p", &cmd, "-c"]).arg(&config).stderr(Stdio::null());
                command
            }
        };
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let running = Running { server: Server::Other(Other(child)), contender: self, address, control };
        reached(address)?;
        reached(control)?;
        Ok(running)
    }
}

fn start_venue(contender: Contender, places: &Places<'_>) -> io::Result<Running> {
    let served = Served::start(
        places.papertape,
        places.folder,
        &["--durability", "process", "--tcp", "127.0.0.1:0", "--tcp-orders-per-second", "0"],
    )?;
    let taker = venue::open_market(&served)?;
    let address = served.http.parse().map_err(io::Error::other)?;
    Ok(Running { server: Server::Venue(served, taker), contender, address, control: address })
}

impl Running {
    /// Opens this many connections that hear every update.
    pub(crate) fn subscribe(&self, count: usize) -> io::Result<Vec<TcpStream>> {
        let path = if matches!(self.contender, Contender::Papertape(_)) { "/api/v1/ws" } else { "/" };
        (0..count).map(|_| self.listen(wire::open(self.address, path)?)).collect()
    }

    fn listen(&self, mut stream: TcpStream) -> io::Result<TcpStream> {
        let (mut request, sign): (_, &[u8]) = (
            Vec::new(),
            match self.contender {
                Contender::Floor | Contender::NodeWs => return Ok(stream),
                Contender::Papertape(_) => b"\"snapshot\"",
                Contender::Nats => b"PONG\r\n",
            },
        );
        match self.contender {
            Contender::Nats => wire::binary(b"CONNECT {\"verbose\":false}\r\nSUB t 1\r\nPING\r\n", &mut request),
            _ => wire::text(venue::SUBSCRIBE, &mut request),
        }
        stream.write_all(&request)?;
        wire::await_sign(&mut stream, sign)?;
        Ok(stream)
    }

    /// Connects whoever causes updates.
    pub(crate) fn publisher(&self, places: &Places<'_>) -> io::Result<Publisher> {
        match &self.server {
            Server::Venue(served, taker) if self.contender == Contender::Papertape(Door::Binary) => {
                let (stream, session, order) = venue::session(served, taker)?;
                Publisher::over(stream, Cause::Frames(Box::new(session), order))
            }
            Server::Venue(_, taker) => {
                Publisher::over(venue::log_in(self.address, taker)?, Cause::Text(TextOrders::new(venue::TAKE)))
            }
            Server::Other(_) if self.contender == Contender::Nats => {
                Publisher::connect(self.control, Cause::Nats(places.payload.to_vec()))
            }
            Server::Other(_) => Publisher::connect(self.control, Cause::Byte),
        }
    }

    /// What a subscriber of the venue gets for one trade.
    pub(crate) fn one_update(&self) -> io::Result<Vec<u8>> {
        match &self.server {
            Server::Venue(_, taker) => venue::one_update(self.address, taker),
            Server::Other(_) => Err(io::Error::other("only a venue trades")),
        }
    }

    /// Bytes that the server has in memory.
    pub(crate) fn resident(&self) -> io::Result<u64> {
        match &self.server {
            Server::Venue(served, _) => served.memory("VmRSS"),
            Server::Other(other) => papertape_benches::memory(other.0.id(), "VmRSS"),
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Waits until somebody listens there.
fn reached(address: SocketAddr) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match TcpStream::connect(address) {
            Ok(_) => return Ok(()),
            Err(error) if begun.elapsed() > Duration::from_secs(10) => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
