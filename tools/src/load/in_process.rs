//! A venue in this process: from the scheduled moment of a command to the moment its last event may leave.

use std::time::{Duration, Instant};

use papertape_engine::{
    AccountId, Amount, Asset, AssetId, ClientOrderId, Command, InstrumentId, InstrumentSpec, LedgerEntry, OrderKind,
    OrderRef, PlaceOrder, Ppm, Price, Qty, Reference, SelfTradePrevention, Side, Symbol,
};
use papertape_pipeline::{Boot, Client, Subscriber, Ticket, VenueConfig};

use super::LoadArgs;
use super::plan::{Plan, Step};
use super::report::Report;
use crate::exit::Failure;

pub(super) fn run(args: &LoadArgs) -> Result<Report, Failure> {
    let dir = tempfile::tempdir().map_err(Failure::io)?;
    let durability = args.durability;
    let config = VenueConfig { durability, ..VenueConfig::new(dir.path().join("venue")) };
    let mut venue = Boot::open(config)?.with_subscribers(1).start()?;
    let subscriber = venue.take_subscriber().ok_or_else(|| Failure::io("the venue has no subscriber"))?;
    let client = venue.client();
    let mut run = Run { client, subscriber, begun: Instant::now(), answered: 0 };
    run.prepare(args.connections)?;
    let mut report = run.measure(args);
    durability.name().clone_into(&mut report.durability);
    venue.stop()?;
    Ok(report)
}

struct Run {
    client: Client,
    subscriber: Subscriber,
    begun: Instant,
    answered: u64,
}

impl Run {
    /// Lists a market, and opens and funds an account for each connection.
    fn prepare(&mut self, accounts: u64) -> Result<(), Failure> {
        for command in market().into_iter().chain((1..=accounts).flat_map(account)) {
            self.client.call(command, Duration::from_secs(10)).map_err(Failure::io)?;
            self.subscriber.poll(|_| {});
        }
        // The subscriber may be a moment behind the calls.
        while self.subscriber.poll(|_| {}) > 0 {}
        Ok(())
    }

    fn measure(&mut self, args: &LoadArgs) -> Report {
        let mut report = Report::new("in_process", args.connections, args.rate);
        let mut plans: Vec<Plan> = (0..args.connections).map(|n| Plan::new(format!("load-{n}"))).collect();
        let count = args.rate * args.seconds;
        let due = |n: u64| Duration::from_nanos((u128::from(n) * 1_000_000_000 / u128::from(args.rate)) as u64);
        let mut next = None;
        self.begun = Instant::now();
        while self.answered < count && self.begun.elapsed() < args.duration() + Duration::from_secs(30) {
            if report.sent < count && self.begun.elapsed() >= due(report.sent) {
                let connection = report.sent % args.connections;
                let plan = &mut plans[connection as usize];
                let command = next.take().or_else(|| plan.next().map(|step| command(connection, &step)));
                match command {
                    Some(command) if self.client.submit(Ticket(report.sent + 1), command).is_ok() => report.sent += 1,
                    busy => next = busy,
                }
            }
            self.read(&mut report, due);
        }
        report.took = self.begun.elapsed();
        report.unanswered = report.sent - self.answered;
        report
    }

    fn read(&mut self, report: &mut Report, due: impl Fn(u64) -> Duration) {
        let (begun, mut answered) = (self.begun, self.answered);
        self.subscriber.poll(|output| {
            if output.last && output.ticket != Ticket::default() {
                let now = begun.elapsed();
                report.acknowledge(now.saturating_sub(due(output.ticket.0 - 1)));
                answered += 1;
            }
        });
        self.answered = answered;
    }
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a short plain text")
}

fn market() -> [Command; 3] {
    [
        Command::ListAsset(Asset { symbol: symbol("BTC"), decimals: 8 }),
        Command::ListAsset(Asset { symbol: symbol("USD"), decimals: 8 }),
        Command::ListInstrument(InstrumentSpec {
            price_decimals: 2,
            lot: Amount(1_000),
            maker_fee: Ppm(200),
            taker_fee: Ppm(500),
            self_trade_prevention: SelfTradePrevention::None,
            ..InstrumentSpec::new(symbol("BTC-USD"), AssetId(0), AssetId(1))
        }),
    ]
}

fn account(number: u64) -> [Command; 2] {
    let entry = LedgerEntry {
        account: AccountId(number as u32),
        asset: AssetId(1),
        amount: Amount(1_000_000_000_000),
        reference: Reference(1),
    };
    [Command::OpenAccount { reference: Reference(number) }, Command::Deposit(entry)]
}

fn command(connection: u64, step: &Step) -> Command {
    let account = AccountId(connection as u32 + 1);
    let name = |text: &str| ClientOrderId::new(text).expect("names are short and plain");
    match step {
        Step::Place(text) => {
            let kind = OrderKind::Limit { price: Price(100_000), qty: Qty(100) };
            let order = PlaceOrder::new(account, InstrumentId(0), Side::Buy, kind);
            Command::Place(PlaceOrder { client_order_id: Some(name(text)), ..order })
        }
        Step::Cancel(text) => Command::Cancel { account, order: OrderRef::Client(name(text)) },
    }
}
