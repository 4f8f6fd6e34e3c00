//! The whole venue again, so naive that it is obviously right. Tests compare the engine with it, event by event.
//!
//! It is written from the rules (the docs of commands, events and reasons, and the pages under `docs/`) and shares
//! only the engine's vocabulary: no book, no ledger, no arithmetic of its types. Every list is a list, searched from
//! the front; what an account has held is added up from its open orders each time somebody asks; an auction tries
//! every price that could matter. It keeps pace with a few hundred open orders, and is not meant for more.

mod account;
mod at_auction;
mod auction;
mod band;
mod change;
mod expire;
mod fee;
mod fire;
mod forecast;
mod judge;
mod limits;
mod list;
mod listing;
mod margin;
mod names;
mod peg;
mod place;
mod position;
mod read;
mod reduce;
mod release;
mod schedule;
mod self_trade;
mod settle;
mod share;
mod stage;
mod switch;
mod tier;
mod trade;
mod trigger;
mod value;
mod wait;
mod wide;

use std::collections::BTreeMap;

use papertape_engine::{
    AccountId, Asset, AssetId, Command, Event, FeeTiers, InstrumentId, InstrumentSpec, KillScope, MarginTerms, OrderId,
    OrderRef, Peg, Phase, Position, Price, Purpose, Reason, Reference, Schedule, SelfTradePrevention, Side, Stamp,
    TimeInForce, TradeGroup,
};

use at_auction::Indication;
use fee::Fees;
use list::List;
use names::{Entry, Name};
pub use read::State;
use settle::{News, Seen};
use tier::Traded;
use wait::Waiting;

/// The greatest balance, and the greatest value of anything: 10^32 units.
const AMOUNT_MAX: i128 = 10_i128.pow(32);
/// Parts in a whole of a rate.
const MILLION: i128 = 1_000_000;

/// A venue. Takes the commands that an engine takes and tells the same events.
#[derive(Clone, Debug)]
pub struct Model {
    assets: Vec<Asset>,
    markets: Vec<Market>,
    /// The reference that opened each account; the fee account, number 0, has none.
    openings: Vec<Option<Reference>>,
    /// The trade group of each account.
    groups: Vec<Option<TradeGroup>>,
    /// Everything that an account has of an asset, held or not.
    money: BTreeMap<(AccountId, AssetId), i128>,
    positions: BTreeMap<(AccountId, InstrumentId), Position>,
    /// All open orders in the order of arrival. One that lost its place arrives again, and so does a part of an iceberg.
    orders: Vec<Order>,
    /// Orders that wait for a trigger, or for the first order of their list, by number.
    waiting: Vec<Waiting>,
    /// Lists that last.
    lists: Vec<List>,
    /// What happened to orders of lists and is not worked yet.
    news: Vec<News>,
    /// Reference prices of the current command, in their order, and how many of them triggers have looked at.
    path: Vec<Seen>,
    looked: usize,
    /// Orders that fired and whose turn has not come, each with the price that fired it.
    queue: Vec<(OrderId, Price)>,
    /// Whose positions trades may have made smaller, for orders on which side.
    fallen: Vec<(InstrumentId, AccountId, Side)>,
    /// Who is being liquidated right now.
    buying_back: Option<AccountId>,
    /// Pegged orders that have not followed yet.
    due: Vec<(InstrumentId, OrderId)>,
    /// Whose trading is stopped.
    kills: Vec<KillScope>,
    suspended: Vec<AccountId>,
    /// How often an order came to rest.
    arrivals: u64,
    /// Orders accepted so far.
    accepted: u64,
    /// Each order and each amend that was accepted: whose, where, and in which second.
    rated: Vec<(AccountId, InstrumentId, u64)>,
    names: Vec<Name>,
    entries: Vec<Entry>,
    /// Balances and positions that the current command touched, in the order of the first touch.
    touched_balances: Vec<(AccountId, AssetId)>,
    touched_positions: Vec<(AccountId, InstrumentId)>,
    /// What assets are to accounts that borrow, who may, and what is owed: none of nothing.
    margin_terms: BTreeMap<AssetId, MarginTerms>,
    margin_accounts: Vec<AccountId>,
    debts: BTreeMap<(AccountId, AssetId), i128>,
    /// Assets in which trades count, what was traded in them by account and day, and the day of the last command.
    counted: Vec<AssetId>,
    traded: Vec<Traded>,
    today: u64,
    /// What the current command came upon that its events do not show.
    notes: Vec<&'static str>,
    /// The stamp's time.
    now_ns: u64,
}

/// A listed instrument.
#[derive(Clone, Copy, Debug)]
struct Market {
    spec: InstrumentSpec,
    /// Quote units of one lot at one tick.
    unit: u128,
    /// Fee tiers above what it is listed with.
    tiers: FeeTiers,
    phase: Phase,
    /// What the auction is for.
    purpose: Purpose,
    /// When the phase ends by itself.
    until_ns: Option<u64>,
    /// Its day, and when the next step of it is due.
    schedule: Option<Schedule>,
    step_ns: Option<u64>,
    trades: u64,
    last_price: Option<Price>,
    /// The price of the last uncross that traded, or before one of the first trade, since the session began.
    session_price: Option<Price>,
    /// The best prices that its pegged orders have followed.
    pegged_to: peg::Best,
    /// What the operator says it is worth.
    mark: Option<Price>,
    /// What its auction would trade, as told last.
    indicated: Option<Indication>,
    /// The order of each side that came to rest at a better price than all others and is still the last to have done so.
    top: [Option<OrderId>; 2],
}

/// An order, open or on its way into the book.
#[derive(Clone, Copy, Debug)]
struct Order {
    id: OrderId,
    account: AccountId,
    instrument: InstrumentId,
    side: Side,
    price: Price,
    /// Lots in total, and what is left of them.
    qty: u64,
    leaves: u64,
    /// An iceberg's: how many lots it shows at most.
    display: Option<u64>,
    /// How many of the lots that are left show; all of them, but of an iceberg.
    shown: u64,
    /// The how-manieth it was to come to rest; a new part of an iceberg does not make it younger.
    arrival: u64,
    time_in_force: TimeInForce,
    post_only: bool,
    reduce_only: bool,
    /// What its price follows, and its limit.
    peg: Option<(Peg, Price)>,
    self_trade_prevention: SelfTradePrevention,
    fees: Fees,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            assets: Vec::new(),
            markets: Vec::new(),
            openings: vec![None],
            groups: vec![None],
            money: BTreeMap::new(),
            positions: BTreeMap::new(),
            orders: Vec::new(),
            waiting: Vec::new(),
            lists: Vec::new(),
            news: Vec::new(),
            path: Vec::new(),
            looked: 0,
            queue: Vec::new(),
            fallen: Vec::new(),
            buying_back: None,
            due: Vec::new(),
            kills: Vec::new(),
            suspended: Vec::new(),
            arrivals: 0,
            accepted: 0,
            rated: Vec::new(),
            names: Vec::new(),
            entries: Vec::new(),
            touched_balances: Vec::new(),
            touched_positions: Vec::new(),
            margin_terms: BTreeMap::new(),
            margin_accounts: Vec::new(),
            debts: BTreeMap::new(),
            counted: Vec::new(),
            traded: Vec::new(),
            today: 0,
            notes: Vec::new(),
            now_ns: 0,
        }
    }
}

impl Model {
    /// Decides one command and appends what happened to `events`: first the volumes of a new day, then what ends by the time
    /// of the stamp, and what follows from that.
    pub fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        self.notes.clear();
        self.now_ns = stamp.time_ns;
        let begins = events.len();
        self.begin_day(events);
        let expired = self.pass_time(events);
        if *command == Command::Tick {
            events.push(Event::Ticked { expired });
        } else if let Err(reason) = self.decide(command, events) {
            events.push(rejected(command, reason));
        }
        self.settle(events);
        self.check_margins(begins, events);
        self.indicate(events);
        for (account, asset) in std::mem::take(&mut self.touched_balances) {
            events.push(self.balance_event(account, asset));
        }
        for (account, instrument) in std::mem::take(&mut self.touched_positions) {
            let position = self.positions[&(account, instrument)];
            events.push(Event::Position { account, instrument, position });
        }
    }

    /// What the last command came upon that its events do not show, in words: for counting.
    pub fn notes(&self) -> &[&'static str] {
        &self.notes
    }

    /// Whether a part of an open order does not show, but some of it does.
    pub fn has_reserves(&self) -> bool {
        self.orders.iter().any(|order| order.shown < order.leaves && !order.is_hidden())
    }

    /// How many orders rest in all books, or wait.
    pub fn open_orders_count(&self) -> usize {
        self.orders.len() + self.waiting.len()
    }

    fn decide(&mut self, command: &Command, events: &mut Vec<Event>) -> Result<(), Reason> {
        match command {
            Command::Place(order) => self.place(order, events),
            Command::PlaceList(list) => self.place_list(list, events),
            Command::Cancel { account, order } => self.cancel(*account, *order, events),
            Command::Amend(amend) => self.amend(amend, events),
            Command::CancelAll { account, instrument, side } => self.cancel_all(*account, *instrument, *side, events),
            Command::ListAsset(asset) => self.list_asset(*asset, events),
            Command::ListInstrument(spec) => self.list_instrument(*spec, events),
            Command::OpenAccount { reference } => self.open_account(*reference, events),
            Command::Tick => Ok(()),
            Command::SetTradeGroup { account, group } => self.set_trade_group(*account, *group, events),
            Command::SetKillSwitch { scope, engaged } => self.set_kill_switch(*scope, *engaged, events),
            Command::SetSuspended { account, suspended } => self.set_suspended(*account, *suspended, events),
            Command::Deposit(entry) => self.deposit(entry, command, events),
            Command::Withdraw(entry) => self.withdraw(entry, command, events),
            Command::Transfer { from, to } => self.transfer(from, *to, command, events),
            Command::SetMarginTerms { asset, terms } => self.set_margin_terms(*asset, *terms, events),
            Command::SetMarginAccount { account, margin } => self.set_margin_account(*account, *margin, events),
            Command::Borrow(entry) => self.borrow(entry, command, events),
            Command::Repay(entry) => self.repay(entry, command, events),
            Command::SetFeeTiers { instrument, tiers } => self.set_fee_tiers(*instrument, tiers, events),
            Command::SetSchedule { instrument, schedule } => self.set_schedule(*instrument, *schedule, events),
            Command::SetPhase { instrument, stage } => self.set_phase(*instrument, *stage, events),
            Command::SetMark { instrument, price } => self.set_mark(*instrument, *price, events),
            Command::Uncross { instrument, reference, then } => self.uncross(*instrument, *reference, *then, events),
        }
    }

    fn set_trade_group(
        &mut self,
        account: AccountId,
        group: Option<TradeGroup>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reason> {
        self.check_account(account)?;
        self.groups[account.0 as usize] = group;
        events.push(Event::TradeGroupSet { account, group });
        Ok(())
    }

    fn market(&self, instrument: InstrumentId) -> Result<&Market, Reason> {
        self.markets.get(usize::from(instrument.0)).ok_or(Reason::UnknownInstrument)
    }

    /// The fee account neither trades nor pays; others must be open.
    fn check_account(&self, account: AccountId) -> Result<(), Reason> {
        if account.0 == 0 {
            Err(Reason::ReservedAccount)
        } else if (account.0 as usize) < self.openings.len() {
            Ok(())
        } else {
            Err(Reason::UnknownAccount)
        }
    }
}

/// The event of a refusal names what the command named.
fn rejected(command: &Command, reason: Reason) -> Event {
    let (account, instrument, order, mut client_order_id) = match *command {
        Command::Place(place) => (Some(place.account), Some(place.instrument), None, place.client_order_id),
        Command::PlaceList(list) => (Some(list.account), Some(list.instrument), None, list.client_order_id),
        Command::Cancel { account, order } => (Some(account), None, Some(order), None),
        Command::Amend(amend) => (Some(amend.account), None, Some(amend.order), None),
        Command::CancelAll { account, instrument, .. } => (Some(account), instrument, None, None),
        Command::SetTradeGroup { account, .. }
        | Command::SetSuspended { account, .. }
        | Command::SetMarginAccount { account, .. }
        | Command::SetKillSwitch { scope: KillScope::Account(account), .. } => (Some(account), None, None, None),
        Command::Deposit(entry)
        | Command::Withdraw(entry)
        | Command::Borrow(entry)
        | Command::Repay(entry)
        | Command::Transfer { from: entry, .. } => (Some(entry.account), None, None, None),
        Command::SetPhase { instrument, .. }
        | Command::SetSchedule { instrument, .. }
        | Command::SetMark { instrument, .. }
        | Command::SetFeeTiers { instrument, .. }
        | Command::SetKillSwitch { scope: KillScope::Instrument(instrument), .. }
        | Command::Uncross { instrument, .. } => (None, Some(instrument), None, None),
        Command::Tick
        | Command::SetMarginTerms { .. }
        | Command::SetKillSwitch { scope: KillScope::Venue, .. }
        | Command::ListAsset(_)
        | Command::ListInstrument(_)
        | Command::OpenAccount { .. } => (None, None, None, None),
    };
    if let Some(OrderRef::Client(name)) = order {
        client_order_id = Some(name);
    }
    Event::Rejected { account, instrument, client_order_id, order, reason }
}
