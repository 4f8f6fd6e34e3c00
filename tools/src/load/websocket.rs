//! Load over WebSocket: one user and one connection each, all on one runtime.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::LoadArgs;
use super::acked::AckLog;
use super::client::Http;
use super::plan::{Plan, Step};
use super::report::Report;
use crate::exit::Failure;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long answers may take after the last command was sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Commands of one connection that may wait for their answer; what is due beyond waits here, and its time runs.
const IN_FLIGHT_MAX: usize = 32;

pub(super) fn run(args: &LoadArgs) -> Result<Report, Failure> {
    let http = Http::new(&args.url)?;
    http.require_market(&args.symbol)?;
    let log = AckLog::create(args.acked.as_deref())?;
    let run = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let mut users = Vec::new();
    for n in 0..args.connections {
        let name = format!("load-{run}-{n}");
        let email = format!("{name}@example.com");
        users.push((name, http.sign_up(&email)?));
        log.line(&format!("user {email}"))?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(Failure::io)?;
    runtime.block_on(drive(args, &http, users, log))
}

async fn drive(args: &LoadArgs, http: &Http, users: Vec<(String, String)>, log: AckLog) -> Result<Report, Failure> {
    let mut report = Report::new("websocket", args.connections, args.rate);
    let mut sockets = Vec::new();
    for (name, token) in users {
        sockets.push((name, open(&http.websocket(), &token).await?));
    }
    let begun = Instant::now();
    let connections = sockets.into_iter().zip(0..).map(|((name, socket), index)| {
        let connection = Connection {
            socket,
            plan: Plan::new(name),
            symbol: args.symbol.clone(),
            log: log.clone(),
            begun,
            // Connections take turns on the common schedule.
            first: Duration::from_secs_f64(f64::from(index) / args.rate as f64),
            interval: Duration::from_secs_f64(args.connections as f64 / args.rate as f64),
            until: args.duration(),
            waiting: HashMap::new(),
            report: Report::new("websocket", 1, args.rate),
        };
        tokio::spawn(connection.run())
    });
    let tasks: Vec<_> = connections.collect();
    for task in tasks {
        report.add(task.await.map_err(Failure::io)?);
    }
    report.took = begun.elapsed();
    Ok(report)
}

async fn open(url: &str, token: &str) -> Result<Socket, Failure> {
    let failed = |what: &str| Failure::io(format!("{url}: {what}"));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.map_err(|error| failed(&error.to_string()))?;
    if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
        stream.set_nodelay(true).map_err(Failure::io)?;
    }
    let auth = json!({ "op": "auth", "id": "auth", "token": token });
    socket.send(text(&auth)).await.map_err(|error| failed(&error.to_string()))?;
    while let Some(message) = socket.next().await {
        let answer = parse(message.map_err(|error| failed(&error.to_string()))?);
        if let Some(answer) = answer.filter(|answer| answer["op"] == "auth") {
            return if answer["ok"] == true { Ok(socket) } else { Err(failed(&answer.to_string())) };
        }
    }
    Err(failed("closed before it answered"))
}

fn text(value: &Value) -> Message {
    Message::text(value.to_string())
}

fn parse(message: Message) -> Option<Value> {
    match message {
        Message::Text(text) => serde_json::from_str(&text).ok(),
        _ => None,
    }
}

struct Connection {
    socket: Socket,
    plan: Plan,
    symbol: String,
    log: AckLog,
    begun: Instant,
    first: Duration,
    interval: Duration,
    until: Duration,
    /// Steps without an answer, by request id, with their scheduled moment.
    waiting: HashMap<u64, (Step, Duration)>,
    report: Report,
}

impl Connection {
    async fn run(mut self) -> Report {
        if let Err(failure) = self.exchange().await {
            self.report.error = Some(failure.to_string());
        }
        self.report.unanswered = self.waiting.len() as u64;
        self.report.took = self.begun.elapsed();
        self.report
    }

    async fn exchange(&mut self) -> Result<(), Failure> {
        let mut due = self.first;
        loop {
            let sending = due < self.until;
            if !sending && self.waiting.is_empty() {
                return Ok(());
            }
            let wake = if sending { due } else { self.until + PATIENCE };
            let may_send = sending && self.waiting.len() < IN_FLIGHT_MAX;
            tokio::select! {
                biased;
                message = self.socket.next() => self.receive(message)?,
                () = tokio::time::sleep_until(self.begun + wake), if may_send || !sending => {
                    if !sending {
                        return Err(Failure::io("answers did not come in time"));
                    }
                    due = self.send_due(due).await?;
                }
            }
        }
    }

    /// Sends what is due by now in one write, and gives the next moment.
    async fn send_due(&mut self, mut due: Duration) -> Result<Duration, Failure> {
        while due <= self.begun.elapsed() && due < self.until && self.waiting.len() < IN_FLIGHT_MAX {
            let Some(step) = self.plan.next() else { break };
            self.report.sent += 1;
            let id = self.report.sent;
            let request = request(id, &self.symbol, &step);
            self.socket.feed(text(&request)).await.map_err(Failure::io)?;
            self.waiting.insert(id, (step, due));
            due += self.interval;
        }
        self.socket.flush().await.map_err(Failure::io)?;
        Ok(due)
    }

    fn receive(
        &mut self,
        message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    ) -> Result<(), Failure> {
        let message = message.ok_or_else(|| Failure::io("the venue closed the connection"))?.map_err(Failure::io)?;
        let Some(answer) = parse(message) else { return Ok(()) };
        let id = answer["id"].as_str().and_then(|id| id.parse().ok());
        let Some((step, due)) = id.and_then(|id: u64| self.waiting.remove(&id)) else { return Ok(()) };
        if answer["ok"] != true {
            self.report.refused += 1;
            return Ok(());
        }
        self.report.acknowledge(self.begun.elapsed().saturating_sub(due));
        if let Some(level) = answer["durability"].as_str() {
            level.clone_into(&mut self.report.durability);
        }
        match step {
            Step::Place(name) => {
                let order = answer["order"]["order_id"].as_str().unwrap_or("?").to_owned();
                self.log.line(&format!("place {name} {order}"))
            }
            Step::Cancel(name) => self.log.line(&format!("cancel {name}")),
        }
    }
}

fn request(id: u64, symbol: &str, step: &Step) -> Value {
    let id = id.to_string();
    match step {
        // A price that no market of ours comes near, and a value of one unit of quote.
        Step::Place(name) => json!({ "op": "order.place", "id": id, "params": {
            "symbol": symbol, "side": "buy", "type": "limit", "price": "1000.00", "qty": "0.001",
            "client_order_id": name,
        }}),
        Step::Cancel(name) => json!({ "op": "order.cancel", "id": id, "params": { "client_order_id": name } }),
    }
}
