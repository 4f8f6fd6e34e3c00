//! `papertape serve`: the venue with its database, its gateway and, if wanted, its simulated market.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use papertape_engine::{Command, Event, RuleBook};
use papertape_gateway::{Gateway, GatewayConfig, Network, Parts, Setup, TcpConfig};
use papertape_pipeline::{Boot, Durability, VenueConfig, VenueDir, are_processors_few, give_way};
use papertape_platform::database::Lost;
use papertape_platform::mail::Smtp;
use papertape_platform::simulator::{Simulator, SimulatorConfig};
use papertape_platform::{
    Accounts, OperatorKey, Platform, ProjectionWriter, Projections, Projector, Secrets, SignUpCredit, UsersConfig,
    Views, demo,
};
use parking_lot::RwLock;
use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use crate::checkpoint;
use crate::exit::{self, Failure, Outcome};
use crate::notify;

/// Runs the venue until it is told to stop (SIGTERM, SIGINT or Ctrl-C)
///
/// Serves the page at http://LISTEN/, REST under /api/v1, the trading WebSocket at /api/v1/ws, and the API's
/// description at /openapi.json. A new folder gets the markets BTC-USD, ETH-USD, SOL-USD, BTC-USDT and ETH-USDT.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// File of settings in TOML, each under the name of its option: `listen = "127.0.0.1:8080"`. Options and environment
    /// variables go before it, and it goes before defaults
    #[arg(long, value_name = "FILE", env = "PAPERTAPE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Print the settings in force as such a file, and end
    #[arg(long)]
    pub print_config: bool,
    /// Folder of the venue's data; created if it is not there
    #[arg(long, value_name = "DIR", env = "PAPERTAPE_DATA_DIR", default_value = "data")]
    pub data: PathBuf,
    /// Where users and projections are: sqlite://PATH?mode=rwc or postgres://USER@HOST/NAME; else platform.db in the folder of
    /// the venue's data. Passwords belong into PGPASSWORD or a file that PGPASSFILE names: a setting is shown to whoever asks
    #[arg(long, value_name = "URL", env = "PAPERTAPE_DATABASE", hide_env_values = true, value_parser = database)]
    pub database: Option<String>,
    /// Address and port to serve on
    #[arg(long, value_name = "ADDRESS", env = "PAPERTAPE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// A venue to try out: a simulated market trades, and new users get 100,000.00 USD instead of 5.00
    #[arg(long, env = "PAPERTAPE_DEMO", value_parser = FalseyValueParser::new())]
    pub demo: bool,
    /// File with the operator's key, 32 to 512 characters, mode 0600 or less; else operator.key in the folder of the venue's
    /// data, made at the first start
    #[arg(long, value_name = "FILE", env = "PAPERTAPE_OPERATOR_KEY_FILE")]
    pub operator_key_file: Option<PathBuf>,
    /// Proxies, as addresses or networks with commas between them, whose X-Forwarded-For is believed: the client is the last
    /// address in it that is none of theirs
    #[arg(long, value_name = "NETWORKS", env = "PAPERTAPE_TRUSTED_PROXIES", default_value = "")]
    pub trusted_proxies: String,
    /// What a new user's account begins with, in cents of a US dollar, as a deposit in the journal; 0: nothing. Else 500, and
    /// 10,000,000 with --demo
    #[arg(long, value_name = "CENTS", env = "PAPERTAPE_SIGN_UP_CENTS")]
    pub sign_up_cents: Option<u64>,
    /// Whether a suspended user's open orders end; if not, they stay in the book and may trade
    #[arg(long, value_enum, value_name = "SWITCH", env = "PAPERTAPE_SUSPENSION_CANCELS", default_value_t = Switch::On)]
    pub suspension_cancels: Switch,
    /// Where users find the page, for links in mail; else http://LISTEN
    #[arg(long, value_name = "URL", env = "PAPERTAPE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// File whose first line is the address of a server that takes mail: smtps://USER:PASSWORD@HOST, smtp://HOST?tls=required,
    /// or smtp://HOST without TLS; mode 0600 or less. Without it mail stays in the outbox, which administrators see
    #[arg(long, value_name = "FILE", env = "PAPERTAPE_SMTP_FILE")]
    pub smtp_file: Option<PathBuf>,
    /// Who mail is from
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "PAPERTAPE_MAIL_FROM",
        default_value = "Papertape <papertape@localhost>"
    )]
    pub mail_from: String,
    /// Whose rules the markets of a new folder follow, as far as they are settings (docs/rules.md); those of a folder that
    /// has them already stay as they were listed
    #[arg(long, value_enum, value_name = "BOOK", env = "PAPERTAPE_RULES", default_value_t = Rules::Binance)]
    pub rules: Rules,
    /// When an order is acknowledged
    ///
    /// `memory`: it is applied, and journalled in a moment. `process`: it is journalled, and survives the end of the process. `interval:MS`: the same, and the disk has it
    /// within so many milliseconds. `group`: the disk has it, and it survives the loss of power. `group+mark`: the same,
    /// and the disk has a note that it had it, so that even a last order which rots is missed.
    #[arg(long, value_name = "LEVEL", env = "PAPERTAPE_DURABILITY", default_value_t = Durability::Group)]
    pub durability: Durability,
    /// Whether a session may have its answers before --durability is met; the read models are kept a second time while one
    /// does
    #[arg(long, value_enum, value_name = "SWITCH", env = "PAPERTAPE_EARLY_ANSWERS", default_value_t = Switch::On)]
    pub early_answers: Switch,
    /// Which thread takes in what the venue tells, answers REST and WebSocket, and numbers the feed: one of its `own`, or the
    /// one that writes to WebSockets, `shared`. By itself it is shared where there are fewer than 4 processors
    #[arg(long, value_enum, value_name = "THREAD", env = "PAPERTAPE_DISPATCHER")]
    pub dispatcher: Option<Thread>,
    /// Which thread carries out orders: one of its `own`, or the one that read them, `shared`, one at a time. By itself it is
    /// shared where there are fewer than 4 processors
    #[arg(long, value_enum, value_name = "THREAD", env = "PAPERTAPE_CORE")]
    pub core: Option<Thread>,
    /// Bytes of a journal segment: a multiple of 4096 from 65536; two are on the disk from the start
    #[arg(long, value_name = "N", env = "PAPERTAPE_SEGMENT_BYTES", default_value_t = 64 << 20, value_parser = segment_bytes)]
    pub segment_bytes: u64,
    /// Records between two statements of the venue's state in the journal, which are made in quiet moments, too; 0: none. A
    /// thread beside the core finds them out, which holds a second copy of the state
    #[arg(long, value_name = "N", env = "PAPERTAPE_CHECKPOINT_AFTER", default_value_t = 65_536)]
    pub checkpoint_after: u64,
    /// Address and port of their own for /metrics, /healthz and /readyz, open to everybody who reaches them; without it
    /// /metrics is told on the venue's port, to whoever has the operator's key
    #[arg(long, value_name = "ADDRESS", env = "PAPERTAPE_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// Address and port of binary order entry (docs/protocol-tcp.md). With --demo and the usual --listen it is 127.0.0.1:8081;
    /// otherwise it is not served unless it is named
    #[arg(long, value_name = "ADDRESS", env = "PAPERTAPE_TCP")]
    pub tcp: Option<SocketAddr>,
    /// New orders and amends of one account in a second over binary order entry, and at once; twice as many cancels. 0: no
    /// limit
    #[arg(long, value_name = "N", env = "PAPERTAPE_TCP_ORDERS_PER_SECOND", default_value_t = 10_000)]
    pub tcp_orders_per_second: u32,
    /// Connections of one address at once, WebSockets included; further ones are closed. Trusted proxies are not counted. 0: no
    /// limit
    #[arg(long, value_name = "N", env = "PAPERTAPE_CONNECTIONS_PER_ADDRESS", default_value_t = 100)]
    pub connections_per_address: usize,
    /// New orders, lists of orders and amends of one account in a second over REST and WebSocket, and at once; twice as many
    /// cancels. 0: no limit
    #[arg(long, value_name = "N", env = "PAPERTAPE_ORDERS_PER_SECOND", default_value_t = 10_000)]
    pub orders_per_second: u32,
    /// Requests of one address in a minute, and at once. 0: no limit
    #[arg(long, value_name = "N", env = "PAPERTAPE_REQUESTS_PER_MINUTE", default_value_t = 60_000)]
    pub requests_per_minute: u32,
    /// Log-ins of one address in a minute, and at once; 10, or 0 with --demo. 0: no limit
    #[arg(long, value_name = "N", env = "PAPERTAPE_LOGINS_PER_MINUTE")]
    pub logins_per_minute: Option<u32>,
    /// Sign-ups of one address in a minute, and at once, and links for new passwords; 30, or 0 with --demo. 0: no limit
    #[arg(long, value_name = "N", env = "PAPERTAPE_SIGN_UPS_PER_MINUTE")]
    pub sign_ups_per_minute: Option<u32>,
    /// Seconds, at most 4, for which a venue that is told to stop still takes cancels, while somebody is connected; new
    /// orders are refused
    #[arg(long, value_name = "SECONDS", env = "PAPERTAPE_DRAIN", default_value_t = 2.0, value_parser = drain)]
    pub drain: f64,
    /// Turn the simulated market on or off; it is on with --demo
    #[arg(long, value_enum, value_name = "SWITCH", env = "PAPERTAPE_SIMULATOR")]
    pub simulator: Option<Switch>,
    /// What the simulated market's chance begins with
    #[arg(long, value_name = "N", env = "PAPERTAPE_SIMULATOR_SEED", default_value_t = 1)]
    pub simulator_seed: u64,
    /// How fast the simulated market runs: 1 sends up to 500 commands a second
    #[arg(long, value_name = "X", env = "PAPERTAPE_SIMULATOR_SPEED", default_value_t = 1.0, value_parser = speed)]
    pub simulator_speed: f64,
}

/// Where a venue that listens in the usual place and is to be tried out serves binary order entry.
const DEMO: (&str, &str) = ("127.0.0.1:8080", "127.0.0.1:8081");

/// Most connections, however many files may be open.
const CONNECTIONS_MAX: usize = 50_000;

/// A rule book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Rules {
    /// Binance Spot's: own resting orders cancelled, post-only orders refused where they would take
    Binance,
    /// Close to CME Globex: the same, and no trade further than 5 % from the last one
    CmeLike,
    /// Close to Nasdaq's book: own orders decremented, post-only orders repriced, triggers that are met already fire
    NasdaqLike,
}

impl From<Rules> for RuleBook {
    fn from(rules: Rules) -> RuleBook {
        match rules {
            Rules::Binance => RuleBook::Binance,
            Rules::CmeLike => RuleBook::CmeLike,
            Rules::NasdaqLike => RuleBook::NasdaqLike,
        }
    }
}

/// On or off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Switch {
    /// It is on
    On,
    /// It is off
    Off,
}

/// Whose thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Thread {
    /// One of its own
    Own,
    /// Another one's
    Shared,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.01..=100.0).contains(&speed) { Ok(speed) } else { Err("must lie between 0.01 and 100".to_owned()) }
}

fn drain(text: &str) -> Result<f64, String> {
    let seconds = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=4.0).contains(&seconds) { Ok(seconds) } else { Err("must lie between 0 and 4".to_owned()) }
}

/// One that this program speaks to, and without a password: what is set is printed, and seen by who looks at processes.
pub(crate) fn database(text: &str) -> Result<String, String> {
    if !papertape_platform::database::is_known(text) {
        return Err("must begin with sqlite:// or postgres://".to_owned());
    }
    let authority = text.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    if user.contains(':') || text.contains("password=") {
        return Err("no password belongs here: set PGPASSWORD, or PGPASSFILE to a file of them".to_owned());
    }
    Ok(text.to_owned())
}

pub(crate) fn segment_bytes(text: &str) -> Result<u64, String> {
    let bytes: u64 = text.parse().map_err(|_| "not a whole number".to_owned())?;
    let fits = (64 << 10..=4 << 30).contains(&bytes) && bytes.is_multiple_of(4_096);
    if fits { Ok(bytes) } else { Err("must be a multiple of 4096 from 65536 to 4294967296".to_owned()) }
}

/// Runs it.
pub fn run(args: &ServeArgs) -> Outcome {
    let runtime = runtime().map_err(Failure::io)?;
    // Before anything is created: a port that is taken leaves no trace.
    let listener = listen(&runtime, args.listen)?;
    let watchers = args.metrics_listen.map(|address| listen(&runtime, address)).transpose()?;
    let tcp = tcp_address(args).map(listen_tcp).transpose()?;
    let (mut projected, mut boot) = recover(args, &runtime)?;
    let operator_key = OperatorKey::load(&args.data, args.operator_key_file.as_deref());
    let (operator_key, key_path) = operator_key.map_err(|error| Failure::caused(exit::REFUSED, &error))?;
    let trusted_proxies = trusted_proxies(args)?;
    let setup = setup(args, &runtime, &projected.platform)?;
    let setup_path = setup.as_ref().and_then(|setup| setup.file.clone());
    let public_url = args.public_url.clone().unwrap_or_else(|| format!("http://{}", args.listen));
    list_markets(args, &mut boot, &mut projected)?;
    let Projected { platform, projector, projections, writer, last_seq } = projected;
    let simulated = args.simulator.map_or(args.demo, |switch| switch == Switch::On);
    let simulator = simulated.then(|| simulator_config(args, &boot));
    let accounts = accounts(args, &boot, &platform);
    let views = runtime.block_on(async {
        projections.watch().wait_for(|flushed| *flushed >= last_seq).await.map_err(Failure::io)?;
        Views::load(boot.engine(), &platform, boot.last_seq()).await.map_err(Failure::io)
    })?;
    let mut venue = boot.with_subscribers(1 + usize::from(simulated) + usize::from(tcp.is_some())).start()?;
    watch_snapshots(args, &venue);
    let failed = failure_signal(&venue);
    let subscriber = venue.take_subscriber().ok_or_else(|| Failure::io("the venue has no subscriber"))?;
    let data = Some(VenueDir::new(&args.data));
    let public_url = public_url.trim_end_matches('/').to_owned();
    let config = GatewayConfig { operator_key: Some(operator_key), data, ..gateway_config(args) };
    let config = GatewayConfig { setup, trusted_proxies, public_url, ..config };
    let gateway = {
        let (client, views) = (venue.client(), Arc::new(RwLock::new(views)));
        let (accounts, platform) = (accounts.clone(), platform.clone());
        let parts = Parts { platform, accounts, projector, projections, views, client, subscriber };
        let _inside = runtime.enter();
        Gateway::start(&config, parts).map_err(Failure::io)?
    };
    let tcp = tcp.map(|listener| open_tcp(args, &runtime, &gateway, &mut venue, listener)).transpose()?;
    runtime.block_on(accounts.reconcile(gateway.desk())).map_err(Failure::io)?;
    let simulator = match (simulator, venue.take_subscriber()) {
        (Some(config), Some(subscriber)) => {
            Some(Simulator::start(&config, venue.client(), subscriber).map_err(Failure::io)?)
        }
        _ => None,
    };
    announce(args, &listener, (watchers.as_ref(), tcp), &venue, (&key_path, setup_path.as_deref()));
    let failure = runtime.block_on(serve(&gateway, (listener, watchers), failed))?;
    notify::tell("STOPPING=1");
    if let Some(simulator) = simulator {
        simulator.stop();
    }
    let stopped = venue.stop();
    if stopped.is_ok() {
        checkpoint::witness_newest(&VenueDir::new(&args.data));
    }
    gateway.finish();
    runtime
        .block_on(async {
            writer.stop().await;
            platform.close().await
        })
        .map_err(Failure::io)?;
    match failure {
        Some(why) => Err(Failure::io(format!("the venue stopped: {why}"))),
        None => stopped.map(|()| exit::OK).map_err(Failure::from),
    }
}

/// Where HTTP is served, and the database written and asked: after the threads that orders go through, which are others.
fn runtime() -> io::Result<Runtime> {
    runtime::Builder::new_multi_thread().enable_all().on_thread_start(give_way).build()
}

fn listen(runtime: &Runtime, address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = runtime.block_on(TcpListener::bind(address));
    listener.map_err(|error| Failure::refused(format!("cannot listen on {address}: {error}")))
}

/// Where binary order entry is served, if it is.
fn tcp_address(args: &ServeArgs) -> Option<SocketAddr> {
    let usual = DEMO.0.parse() == Ok(args.listen);
    args.tcp.or_else(|| (args.demo && usual).then(|| DEMO.1.parse().ok()).flatten())
}

fn listen_tcp(address: SocketAddr) -> Result<std::net::TcpListener, Failure> {
    let listener = std::net::TcpListener::bind(address);
    listener.map_err(|error| Failure::refused(format!("cannot listen on {address}: {error}")))
}

fn open_tcp(
    args: &ServeArgs,
    runtime: &Runtime,
    gateway: &Gateway,
    venue: &mut papertape_pipeline::Venue,
    listener: std::net::TcpListener,
) -> Result<SocketAddr, Failure> {
    let address = listener.local_addr().map_err(Failure::io)?;
    let subscriber = venue.take_subscriber().ok_or_else(|| Failure::io("the venue has no subscriber"))?;
    let config = TcpConfig { orders_per_second: args.tcp_orders_per_second, ..TcpConfig::default() };
    let _inside = runtime.enter();
    gateway.open_tcp(listener, subscriber, &config).map_err(Failure::io)?;
    Ok(address)
}

/// The database and what writes to it, at the state of the journal.
struct Projected {
    platform: Platform,
    projector: Projector,
    projections: Projections,
    writer: ProjectionWriter,
    /// The last command that was shown to the projector, or that it knew already.
    last_seq: u64,
}

/// Takes the folder, opens the database, and brings both engine and projections to the end of the journal.
fn recover(args: &ServeArgs, runtime: &Runtime) -> Result<(Projected, Boot), Failure> {
    let (durability, segment_bytes) = (args.durability, args.segment_bytes);
    let checkpoint_after = if args.checkpoint_after == 0 { u64::MAX } else { args.checkpoint_after };
    let lends_core = args.core.map_or(are_processors_few(), |thread| thread == Thread::Shared);
    let usual = VenueConfig::new(&args.data);
    let config = VenueConfig { durability, segment_bytes, checkpoint_after, lends_core, ..usual };
    let locked = Boot::lock(config)?;
    let secrets = Secrets::load(&args.data.join("secrets")).map_err(|error| Failure::caused(exit::REFUSED, &error))?;
    let file = || format!("sqlite://{}?mode=rwc", args.data.join("platform.db").display());
    let (url, smtp) = (args.database.clone().unwrap_or_else(file), smtp(args)?);
    // On a thread of the runtime: those that the database starts give way as it does.
    let opening =
        runtime.spawn(async move { Platform::open_with(&url, &secrets, &UsersConfig::default(), smtp).await });
    let opened = runtime.block_on(async {
        let platform = opening.await.map_err(Failure::io)?;
        let platform = platform.map_err(|error| Failure::caused(exit::IO, &error))?;
        warn_of_lost(&platform).await?;
        let cursor = platform.cursor().await.map_err(Failure::io)?;
        let started = Projector::start(&platform).await.map_err(Failure::io)?;
        Ok::<_, Failure>((platform, cursor, started))
    });
    let (platform, cursor, (mut projector, projections, writer)) = opened?;
    let mut last_seq = cursor;
    let boot = locked.recover(cursor, |output| {
        projector.push(output);
        last_seq = output.seq;
    })?;
    writer.follow(boot.durable());
    if cursor > boot.last_seq() {
        let message =
            "the database holds events up to record {cursor}, but the journal ends before: records are missing";
        return Err(Failure::new(exit::CORRUPT, message.replace("{cursor}", &cursor.to_string())));
    }
    if cursor == 0 && boot.engine().account_count() > 1 {
        tracing::warn!("the database is new and the journal is not: the journal's accounts belong to no user");
    }
    if let Some(torn) = boot.torn() {
        tracing::warn!(bytes = torn.bytes, last_good_seq = torn.last_good_seq, "a half-written tail was cut off");
    }
    for why in boot.skipped_snapshots() {
        tracing::warn!(%why, "a snapshot was passed over");
    }
    Ok((Projected { platform, projector, projections, writer, last_seq }, boot))
}

/// Whoever has left a pepper out hears of it before users do.
async fn warn_of_lost(platform: &Platform) -> Result<(), Failure> {
    let lost = platform.lost_with_peppers().await.map_err(Failure::io)?;
    let Lost { passwords, second_factors, api_keys } = lost;
    if lost != Lost::default() {
        tracing::warn!(passwords, second_factors, api_keys, "their pepper is not there: they are refused");
    }
    Ok(())
}

/// The server that takes mail, if one is named.
fn smtp(args: &ServeArgs) -> Result<Option<Smtp>, Failure> {
    let Some(path) = &args.smtp_file else { return Ok(None) };
    let text = Secrets::read_line(path).map_err(|error| Failure::caused(exit::REFUSED, &error))?;
    Smtp::new(&text, &args.mail_from).map(Some).map_err(|error| Failure::refused(error.to_string()))
}

/// The token of the first administrator, while there is none.
fn setup(args: &ServeArgs, runtime: &Runtime, platform: &Platform) -> Result<Option<Setup>, Failure> {
    let file = args.data.join("setup.token");
    if runtime.block_on(platform.users().has_admin()).map_err(Failure::io)? {
        // Of a start before: it would open nothing.
        let _ = std::fs::remove_file(&file);
        return Ok(None);
    }
    let token = OperatorKey::made_at(&args.data, &file).map_err(|error| Failure::caused(exit::REFUSED, &error))?;
    Ok(Some(Setup { token, file: Some(file) }))
}

fn trusted_proxies(args: &ServeArgs) -> Result<Vec<Network>, Failure> {
    let named = args.trusted_proxies.split(',').map(str::trim).filter(|text| !text.is_empty());
    let named: Result<Vec<Network>, String> = named.map(str::parse).collect();
    named.map_err(|error| Failure::refused(format!("--trusted-proxies: {error}")))
}

/// Lists what a new venue trades; nothing on later starts.
fn list_markets(args: &ServeArgs, boot: &mut Boot, projected: &mut Projected) -> Result<(), Failure> {
    for command in demo::missing(boot.engine(), args.rules.into()) {
        let mut refused = None;
        boot.apply(&command, |output| {
            projected.projector.push(output);
            projected.last_seq = output.seq;
            if let Event::Rejected { reason, .. } = output.event {
                refused = Some(reason);
            }
        })?;
        if let Some(reason) = refused {
            return Err(Failure::new(exit::BUG, format!("{}: {reason}", listed(&command))));
        }
    }
    Ok(())
}

fn listed(command: &Command) -> String {
    match command {
        Command::ListAsset(asset) => asset.symbol.to_string(),
        Command::ListInstrument(spec) => spec.symbol.to_string(),
        other => format!("{other:?}"),
    }
}

/// What opens and credits accounts.
fn accounts(args: &ServeArgs, boot: &Boot, platform: &Platform) -> Accounts {
    let assets = boot.engine().assets();
    let credit = match args.sign_up_cents {
        Some(cents) => SignUpCredit::of_cents(assets, cents),
        None => SignUpCredit::parse(assets, if args.demo { SignUpCredit::DEMO } else { SignUpCredit::DEFAULT }),
    };
    Accounts::new(Arc::clone(platform.users()), credit).with_cent(SignUpCredit::of_cents(assets, 1))
}

fn simulator_config(args: &ServeArgs, boot: &Boot) -> SimulatorConfig {
    let config = SimulatorConfig::demo(boot.engine(), args.simulator_seed);
    SimulatorConfig { speed: args.simulator_speed, ..config }
}

fn gateway_config(args: &ServeArgs) -> GatewayConfig {
    let (durability, early_answers) = (args.durability, args.early_answers == Switch::On);
    let (drain, connections_max) = (Duration::from_secs_f64(args.drain), connections_max());
    let usual = GatewayConfig { durability, early_answers, drain, connections_max, ..GatewayConfig::default() };
    let shared_dispatcher = args.dispatcher.map_or(usual.shared_dispatcher, |thread| thread == Thread::Shared);
    let suspension_cancels = args.suspension_cancels == Switch::On;
    // Whoever tries a venue out makes users by the dozen.
    let limit = |set: Option<u32>, usual| set.unwrap_or(if args.demo { 0 } else { usual });
    GatewayConfig {
        shared_dispatcher,
        suspension_cancels,
        requests_per_minute: args.requests_per_minute,
        connections_per_address: args.connections_per_address,
        orders_per_second: args.orders_per_second,
        logins_per_minute: limit(args.logins_per_minute, usual.logins_per_minute),
        sign_ups_per_minute: limit(args.sign_ups_per_minute, usual.sign_ups_per_minute),
        ..usual
    }
}

/// As many as the process may open files, less what journal, database and logs need.
fn connections_max() -> usize {
    const OUR_OWN: u64 = 128;
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files.saturating_sub(OUR_OWN)).unwrap_or(usize::MAX).clamp(1, CONNECTIONS_MAX)
}

fn failure_signal(venue: &papertape_pipeline::Venue) -> oneshot::Receiver<String> {
    let (failed, failure) = oneshot::channel();
    let failed = std::sync::Mutex::new(Some(failed));
    venue.on_failure(Box::new(move |why| {
        let failed = failed.lock().ok().and_then(|mut failed| failed.take());
        if let Some(failed) = failed {
            // Nobody listens any more when the process is ending already.
            let _ = failed.send(why.to_owned());
        }
    }));
    failure
}

/// Each snapshot is a moment of which the hash of the state is known: it is signed as well.
fn watch_snapshots(args: &ServeArgs, venue: &papertape_pipeline::Venue) {
    let data = args.data.clone();
    venue.on_snapshot(Box::new(move |result| match result {
        Ok(written) => {
            tracing::info!(seq = written.seq, path = %written.path.display(), "snapshot written");
            checkpoint::witness(&data, written.seq, written.state_hash);
        }
        Err(error) => tracing::warn!(%error, "no snapshot was written; the venue goes on without it"),
    }));
}

fn announce(
    args: &ServeArgs,
    listener: &TcpListener,
    (watchers, tcp): (Option<&TcpListener>, Option<SocketAddr>),
    venue: &papertape_pipeline::Venue,
    (key_path, setup_path): (&Path, Option<&Path>),
) {
    let address = listener.local_addr().unwrap_or(args.listen);
    let mut lines = vec![
        format!("papertape {} at http://{address}", env!("CARGO_PKG_VERSION")),
        format!(
            "data {}, durability {}, seq {}",
            args.data.display(),
            args.durability.name(),
            venue.client().status().seq
        ),
    ];
    lines.extend(tcp.map(|address| format!("binary order entry at {address}")));
    lines.push(format!("operator's key in {}", key_path.display()));
    if let Some(Ok(address)) = watchers.map(TcpListener::local_addr) {
        lines.push(format!("metrics at http://{address}/metrics"));
    }
    lines.extend(
        setup_path.map(|path| format!("no administrator yet: POST /api/v1/setup with the token in {}", path.display())),
    );
    // Whoever reads the first lines and goes is no reason to end.
    let _ = writeln!(io::stdout(), "{}", lines.join("\n"));
    // The port is open since before the recovery; from here on somebody answers.
    notify::tell("READY=1");
}

/// Serves until told to stop, or until the venue has failed: then gives why.
async fn serve(
    gateway: &Gateway,
    (listener, watchers): (TcpListener, Option<TcpListener>),
    failed: oneshot::Receiver<String>,
) -> Result<Option<String>, Failure> {
    let (stop, stopped) = oneshot::channel::<()>();
    let signals = async {
        let why = tokio::select! {
            () = told_to_stop() => None,
            Ok(why) = failed => Some(why),
        };
        // The gateway may have ended by itself.
        let _ = stop.send(());
        why
    };
    let shutdown = async {
        // A sender that is gone is a stop too.
        let _ = stopped.await;
    };
    let watched = async {
        if let Some(watchers) = watchers {
            gateway.serve_metrics(watchers).await;
        }
    };
    let (served, why, ()) = tokio::join!(gateway.serve(listener, shutdown), signals, watched);
    served.map_err(Failure::io)?;
    Ok(why)
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
