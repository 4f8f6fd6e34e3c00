//! The whole state of a venue, and the one function that changes it.

use std::collections::{BTreeMap, VecDeque};

use crate::apply;
use crate::book::{LadderBook, OrderBook, SequenceIndex};
use crate::clients::{OrderNames, References};
use crate::command::{
    Command, KillScope, OrderRef, Peg, PlaceOrder, Reference, SelfTradePrevention, Side, Stamp, TimeInForce,
};
use crate::event::{Event, Position};
use crate::fee_tiers::FeeTiers;
use crate::groups::TradeGroups;
use crate::holdings::{Holding, HoldingRow, Holdings};
use crate::ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, TradeGroup, TradeId};
use crate::instrument::{Asset, Instrument, InstrumentSpec, Phase};
use crate::interest::Indicated;
use crate::ledger::{Balance, Ledger};
use crate::lifetimes::Lifetimes;
use crate::lists::{Lists, Pending};
use crate::maps::TextMap;
use crate::margin::{Margin, MarginLevel, MarginTerms};
use crate::market::Market;
use crate::orders::Located;
use crate::reason::Reason;
use crate::schedule::Schedule;
use crate::stage::Stage;
use crate::switches::Switches;
use crate::triggers::WaitState;
use crate::units::{Amount, Ppm, Price, Qty};
use crate::volumes::Volumes;
use crate::waiting::WaitIndex;

/// A venue's books, accounts and positions. The same commands in the same order give the same events and the same
/// [`Engine::state_hash`], on any machine, with any [`OrderBook`].
///
/// ```
/// use papertape_engine::*;
///
/// let mut engine = Engine::new();
/// let mut events = Vec::new();
/// let asset = |symbol, decimals| Command::ListAsset(Asset { symbol: Symbol::new(symbol).unwrap(), decimals });
/// engine.apply(Stamp { seq: 1, time_ns: 0 }, &asset("BTC", 8), &mut events);
/// assert!(matches!(events[..], [Event::AssetListed { asset: AssetId(0), .. }]));
/// ```
#[derive(Clone, Debug)]
pub struct Engine<B: OrderBook = LadderBook> {
    pub(crate) assets: Vec<Asset>,
    pub(crate) markets: Vec<Market<B>>,
    pub(crate) desk: Desk,
    /// Codes in use.
    pub(crate) asset_codes: TextMap<crate::ids::Symbol, AssetId>,
    pub(crate) instrument_codes: TextMap<crate::ids::Symbol, InstrumentId>,
    /// The reference that opened each account, by account; the fee account's means nothing.
    pub(crate) openings: Vec<Reference>,
    pub(crate) accounts_by_reference: TextMap<Reference, AccountId>,
    /// Commands as bytes, to tell a repeat from another command under the same name.
    pub(crate) scratch: Vec<u8>,
    /// Orders that fired and have not come to the book yet. Empty between commands.
    pub(crate) fired: VecDeque<Fired>,
    /// Orders that new prices fire, for when lists have done what they have to. Empty between commands.
    pub(crate) reached: VecDeque<Fired>,
    /// The numbers of orders that one look fires.
    pub(crate) scratch_fired: Vec<(OrderId, Option<Price>)>,
    /// The orders of a level that is being shared out.
    pub(crate) scratch_level: Vec<apply::Claim>,
    /// The venue's time while a command is decided.
    pub(crate) now_ns: u64,
    /// How many instruments collect for an auction.
    pub(crate) auctions: u32,
    /// How many of the events of the command have been looked at for what auctions collect.
    pub(crate) heard: usize,
    /// The auctions that the command has changed.
    pub(crate) collected: Vec<InstrumentId>,
}

/// An order whose trigger fired.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fired {
    pub(crate) instrument: InstrumentId,
    pub(crate) order: OrderId,
    /// The reference that fired it.
    pub(crate) price: Price,
    /// The best reference before, if it trailed.
    pub(crate) best: Option<Price>,
}

/// Everything that belongs to accounts, over all instruments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Desk {
    pub(crate) ledger: Ledger,
    pub(crate) holdings: Holdings,
    pub(crate) names: OrderNames,
    pub(crate) references: References,
    pub(crate) groups: TradeGroups,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) waiting: WaitIndex,
    pub(crate) lists: Lists,
    pub(crate) switches: Switches,
    pub(crate) volumes: Volumes,
    pub(crate) margin: Margin,
    /// Where orders are counted: the second of an account's last order in an instrument, and how many it sent in it.
    pub(crate) rates: BTreeMap<(AccountId, InstrumentId), (u64, u32)>,
    pub(crate) orders: SequenceIndex<Located>,
    /// Orders accepted so far: the number of the last one.
    pub(crate) order_count: u64,
    /// Whose debts are being bought back: no limit of a position keeps that from happening. Nobody's between commands.
    pub(crate) buying_back: Option<AccountId>,
}

/// An open order, as [`Engine::open_orders`] shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenOrder {
    /// Its number.
    pub order: OrderId,
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// Its limit.
    pub price: Price,
    /// Total quantity, filled part included.
    pub qty: Qty,
    /// What is left of it.
    pub leaves_qty: Qty,
    /// How much of that shows.
    pub shown_qty: Qty,
    /// How much of it may show at a time, if not all.
    pub display_qty: Option<Qty>,
    /// How long it stays.
    pub time_in_force: TimeInForce,
    /// Whether it may not take.
    pub post_only: bool,
    /// Whether it may only reduce its account's position.
    pub reduce_only: bool,
    /// What its price follows, and its limit.
    pub peg: Option<(Peg, Price)>,
    /// What happens where it would trade with its own side, should an amend make it take.
    pub self_trade_prevention: SelfTradePrevention,
    /// The list that it is one of, by the number of its first order.
    pub list: Option<OrderId>,
    /// The client's name for it.
    pub client_order_id: Option<ClientOrderId>,
}

/// An order that waits, as [`Engine::waiting_orders`] shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitingOrder {
    /// Its number.
    pub order: OrderId,
    /// As accepted, with the self-trade prevention that applies.
    pub terms: PlaceOrder,
    /// What it holds: quote units of a buy, base units of a sell.
    pub held: Amount,
    /// The list that it is one of, by the number of its first order.
    pub list: Option<OrderId>,
    /// What it waits for.
    pub state: WaitState,
}

impl<B: OrderBook> Default for Engine<B> {
    fn default() -> Self {
        let mut engine = Self {
            assets: Vec::new(),
            markets: Vec::new(),
            desk: Desk::default(),
            asset_codes: TextMap::default(),
            instrument_codes: TextMap::default(),
            openings: Vec::new(),
            accounts_by_reference: TextMap::default(),
            scratch: Vec::new(),
            fired: VecDeque::new(),
            reached: VecDeque::new(),
            scratch_fired: Vec::new(),
            scratch_level: Vec::new(),
            now_ns: 0,
            auctions: 0,
            heard: 0,
            collected: Vec::new(),
        };
        engine.add_account(Reference::default());
        engine
    }
}

impl Engine {
    /// An empty venue over the fast book: no assets, no instruments, and the fee account.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<B: OrderBook> Engine<B> {
    /// Decides one command and appends what happened to `events`: at least one event. A refusal is an event, and
    /// leaves the state as it was.
    ///
    /// Where volumes count and a day has begun, those that changed are told first. Orders and phases whose time is up at the
    /// stamp end before anything else, also under a command that is refused; accounts that owe more than they may are
    /// liquidated when all else is done. The balances and positions that the command touched come last, once each.
    pub fn apply(&mut self, stamp: Stamp, command: &Command, events: &mut Vec<Event>) {
        debug_assert!(stamp.seq > 0, "the first record is number 1");
        let begins = events.len();
        if stamp.time_ns >= self.desk.volumes.next_day_ns() {
            self.begin_day(stamp.time_ns, events);
        }
        (self.now_ns, self.heard) = (stamp.time_ns, events.len());
        let due = self.desk.lifetimes.next_ns().is_some_and(|next_ns| next_ns <= stamp.time_ns);
        let expired = if due { self.pass_time(stamp.time_ns, events) } else { 0 };
        let seen = events.len();
        // Before the command: it may have a quote asset counted from now on.
        if seen > begins && self.desk.volumes.is_counting() {
            self.count_volumes(&events[begins..seen]);
        }
        if *command == Command::Tick {
            events.push(Event::Ticked { expired });
        } else if let Err(reason) = apply::dispatch(self, stamp, command, events) {
            events.push(refusal(command, reason));
        }
        if !self.desk.waiting.is_empty() || !self.desk.lists.is_empty() || self.desk.holdings.has_followers() {
            self.follow_up(seen, stamp.time_ns, events);
        }
        if self.desk.margin.has_debts() {
            self.check_margins(begins, stamp.time_ns, events);
        }
        if self.desk.volumes.is_counting() {
            self.count_volumes(&events[seen..]);
        }
        if self.auctions > 0 {
            self.tell_indications(events);
        }
        let Desk { ledger, holdings, .. } = &mut self.desk;
        ledger.drain_touched(|account, asset, Balance { free, held }| {
            events.push(Event::Balance { account, asset, free, held });
        });
        holdings.drain_touched(|holding| {
            let Holding { account, instrument, position, .. } = *holding;
            events.push(Event::Position { account, instrument, position });
        });
    }

    /// The listed assets, by [`AssetId`].
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The listed instruments, by [`InstrumentId`].
    pub fn instruments(&self) -> impl ExactSizeIterator<Item = &Instrument> {
        self.markets.iter().map(|market| &market.clerk.instrument)
    }

    /// The phase of an instrument.
    pub fn phase(&self, instrument: InstrumentId) -> Option<Phase> {
        self.market(instrument).map(|market| market.phase)
    }

    /// The phase of an instrument with what belongs to it.
    pub fn stage(&self, instrument: InstrumentId) -> Option<Stage> {
        self.market(instrument).map(Market::stage)
    }

    /// The instrument's schedule.
    pub fn schedule(&self, instrument: InstrumentId) -> Option<Schedule> {
        self.market(instrument)?.schedule
    }

    /// What the instrument's auction would trade now, if anything.
    pub fn indicated(&self, instrument: InstrumentId) -> Option<Indicated> {
        self.market(instrument)?.collecting.as_ref()?.indicated
    }

    /// The number and price of the instrument's last trade.
    pub fn last_trade(&self, instrument: InstrumentId) -> Option<(TradeId, Price)> {
        let market = self.market(instrument)?;
        market.clerk.last_price.map(|price| (TradeId(market.clerk.trades), price))
    }

    /// What the instrument's static band is around: the price of the last uncross that traded, or before one of the first
    /// trade, since the session began.
    pub fn session_price(&self, instrument: InstrumentId) -> Option<Price> {
        self.market(instrument)?.clerk.session_price
    }

    /// How many orders and amends each account has sent to an instrument that counts them, and in which second: that of its
    /// last one, in whole seconds since 1970.
    pub fn order_rates(&self, instrument: InstrumentId) -> Vec<(AccountId, (u64, u32))> {
        let here = self.desk.rates.iter().filter(|((_, of), _)| *of == instrument);
        here.map(|((account, _), rate)| (*account, *rate)).collect()
    }

    /// How many accounts there are, the fee account included: their numbers are below this.
    pub fn account_count(&self) -> u32 {
        self.openings.len() as u32
    }

    /// How many orders were accepted: they are numbered from 1 in this order.
    pub fn order_count(&self) -> u64 {
        self.desk.order_count
    }

    /// The reference that opened an account.
    pub fn opening_reference(&self, account: AccountId) -> Option<Reference> {
        self.openings.get(account.0 as usize).copied().filter(|_| account != AccountId::FEES)
    }

    /// When the next order or phase ends by itself, or the next day begins where volumes count, in nanoseconds since 1970: by
    /// then a command must have come, at least a [`Command::Tick`].
    #[inline]
    pub fn next_expiry(&self) -> Option<u64> {
        let next_day_ns = self.desk.volumes.next_day_ns();
        let next_ns = self.desk.lifetimes.next_ns().unwrap_or(u64::MAX).min(next_day_ns);
        (next_ns < u64::MAX).then_some(next_ns)
    }

    /// What assets are to accounts that borrow, by asset.
    pub fn margin_terms(&self) -> Vec<(AssetId, MarginTerms)> {
        self.desk.margin.terms().iter().map(|(asset, terms)| (*asset, *terms)).collect()
    }

    /// Whether an account may borrow.
    pub fn is_margin(&self, account: AccountId) -> bool {
        self.desk.margin.is_margin(account)
    }

    /// What an account owes, by asset; the fee account owes what nobody else will ever pay.
    pub fn debts(&self, account: AccountId) -> Vec<(AssetId, Amount)> {
        self.desk.margin.debts_of(account).collect()
    }

    /// How an account stands that borrows.
    pub fn margin_level(&self, account: AccountId) -> MarginLevel {
        if account.0 < self.account_count() { self.level(account) } else { MarginLevel::default() }
    }

    /// The instrument's fee tiers above what it is listed with.
    pub fn fee_tiers(&self, instrument: InstrumentId) -> Option<FeeTiers> {
        self.market(instrument).map(|market| market.clerk.fee_tiers)
    }

    /// What an account traded in the thirty days before today, in the asset that it was paid with; zero where nobody counts.
    pub fn volume(&self, account: AccountId, asset: AssetId) -> Amount {
        if account.0 < self.account_count() { self.desk.volumes.of(account, asset) } else { Amount::ZERO }
    }

    /// The account's tier in an instrument, and the maker's and taker's rate with which its orders are accepted.
    pub fn fees_of(&self, account: AccountId, instrument: InstrumentId) -> Option<(u8, Ppm, Ppm)> {
        let clerk = &self.market(instrument)?.clerk;
        let tier = clerk.fee_tiers.tier_of(self.volume(account, clerk.instrument.spec.quote));
        let (maker, taker) = clerk.fee_tiers.rates(tier, &clerk.instrument.spec);
        Some((tier, maker, taker))
    }

    /// The trade group that an account is in.
    pub fn trade_group(&self, account: AccountId) -> Option<TradeGroup> {
        self.desk.groups.of(account)
    }

    /// The account's balances that are not nothing, in the order of the assets.
    pub fn balances(&self, account: AccountId) -> Vec<(AssetId, Balance)> {
        self.desk.ledger.balances(account).collect()
    }

    /// The account's positions that are not nothing, in the order of the instruments.
    pub fn positions(&self, account: AccountId) -> Vec<(InstrumentId, Position)> {
        let holdings = (0..).map_while(|n| self.desk.holdings.nth(account, n));
        let positions = holdings.map(|holding| (holding.instrument, holding.position));
        positions.filter(|(_, position)| *position != Position::default()).collect()
    }

    /// The best levels of a side, best first, at most `limit`.
    pub fn depth(&self, instrument: InstrumentId, side: Side, limit: usize) -> Vec<(Price, Qty)> {
        let Some(market) = self.market(instrument) else { return Vec::new() };
        let levels = std::iter::successors(market.book.level_after(side, None), |level| {
            market.book.level_after(side, Some(level.price))
        });
        levels.take(limit).map(|level| (level.price, level.qty)).collect()
    }

    /// The orders that wait, for a trigger or for the list's first order, by number. They are in no book.
    pub fn waiting_orders(&self, instrument: InstrumentId) -> Vec<WaitingOrder> {
        let Some(market) = self.market(instrument) else { return Vec::new() };
        let mut orders: Vec<WaitingOrder> = market
            .triggers
            .iter()
            .map(|(order, waiting)| WaitingOrder {
                order,
                terms: waiting.terms,
                held: waiting.held,
                list: self.desk.lists.of(order),
                state: market.triggers.state(order).expect("it was just seen"),
            })
            .collect();
        let here = self.desk.lists.all_pending().filter(|(at, _)| *at == instrument);
        orders.extend(here.map(|(_, &Pending { order, terms, .. })| {
            let (held, list, state) = (Amount::ZERO, self.desk.lists.of(order), WaitState::Pending);
            WaitingOrder { order, terms, held, list, state }
        }));
        orders.sort_unstable_by_key(|waiting| waiting.order);
        orders
    }

    /// An order's place in the queue of its level: how many orders are ahead of it, and how many lots that
    /// show. None unless it rests.
    pub fn queue_place(&self, order: OrderId) -> Option<(u32, Qty)> {
        let at = self.find(order)?;
        let market = &self.markets[usize::from(at.instrument.0)];
        let resting = market.book.get(at.slot)?;
        let (mut orders, mut lots) = (0, Qty::ZERO);
        market.book.walk_level(resting.side, resting.price, &mut |other| {
            let ahead = other.id != order;
            if ahead {
                orders += 1;
                lots += market.clerk.shown_of(other.slot.0, other.leaves_qty);
            }
            ahead
        });
        Some((orders, lots))
    }

    /// The instrument's mark price, once one was set.
    pub fn mark(&self, instrument: InstrumentId) -> Option<Price> {
        self.market(instrument)?.mark
    }

    /// Whether an account is suspended.
    pub fn is_suspended(&self, account: AccountId) -> bool {
        self.desk.switches.is_suspended(account)
    }

    /// The kill switches that are engaged.
    pub fn kill_switches(&self) -> Vec<KillScope> {
        self.desk.switches.kills().collect()
    }

    /// The open orders of a side in the order in which they would trade.
    pub fn open_orders(&self, instrument: InstrumentId, side: Side) -> Vec<OpenOrder> {
        let mut orders = Vec::new();
        let Some(market) = self.market(instrument) else { return orders };
        market.book.for_each(side, &mut |resting| {
            let terms = market.clerk.terms(resting.slot.0);
            let shown_qty = market.clerk.shown_of(resting.slot.0, resting.leaves_qty);
            let resting = market.clerk.whole(resting);
            orders.push(OpenOrder {
                order: resting.id,
                account: terms.account,
                instrument,
                side,
                price: resting.price,
                qty: terms.qty,
                leaves_qty: resting.leaves_qty,
                shown_qty,
                display_qty: market.clerk.display(resting.slot.0),
                time_in_force: terms.time_in_force,
                post_only: terms.post_only,
                reduce_only: terms.rare.is_reduce_only(),
                peg: market.clerk.pegs.get(resting.id).map(|pegged| (pegged.peg, pegged.limit)),
                self_trade_prevention: terms.self_trade_prevention,
                list: if terms.linked { self.desk.lists.of(resting.id) } else { None },
                client_order_id: self.desk.name(terms.name),
            });
        });
        orders
    }

    pub(crate) fn market(&self, instrument: InstrumentId) -> Option<&Market<B>> {
        self.markets.get(usize::from(instrument.0))
    }

    pub(crate) fn add_account(&mut self, reference: Reference) -> AccountId {
        let account = AccountId(self.openings.len() as u32);
        self.openings.push(reference);
        self.desk.add_account();
        if account != AccountId::FEES {
            self.accounts_by_reference.insert(reference, account);
        }
        account
    }

    /// The account, if it exists and may be traded and paid for.
    pub(crate) fn check_account(&self, account: AccountId) -> Result<(), Reason> {
        match account {
            AccountId::FEES => Err(Reason::ReservedAccount),
            _ if account.0 < self.account_count() => Ok(()),
            _ => Err(Reason::UnknownAccount),
        }
    }
}

impl Desk {
    /// The row of an account's stake in an instrument, made if it is the first time.
    pub(crate) fn holding(
        &mut self,
        account: AccountId,
        instrument: InstrumentId,
        spec: &InstrumentSpec,
    ) -> HoldingRow {
        let Desk { ledger, holdings, .. } = self;
        holdings.row(account, instrument, || (ledger.row(account, spec.base), ledger.row(account, spec.quote)))
    }

    fn add_account(&mut self) {
        self.ledger.add_account();
        self.holdings.add_account();
        self.names.add_account();
        self.references.add_account();
        self.groups.add_account();
        self.volumes.add_account();
    }
}

/// The event of a refused command, with as much of the command as its sender needs to recognise it.
fn refusal(command: &Command, reason: Reason) -> Event {
    let (mut instrument, mut client_order_id, mut order) = (None, None, None);
    let account = match command {
        Command::Place(place) => {
            instrument = Some(place.instrument);
            client_order_id = place.client_order_id;
            Some(place.account)
        }
        Command::PlaceList(list) => {
            instrument = Some(list.instrument);
            client_order_id = list.client_order_id;
            Some(list.account)
        }
        Command::Cancel { account, order: named } => {
            order = Some(*named);
            Some(*account)
        }
        Command::Amend(amend) => {
            order = Some(amend.order);
            Some(amend.account)
        }
        Command::CancelAll { account, instrument: named, .. } => {
            instrument = *named;
            Some(*account)
        }
        Command::SetTradeGroup { account, .. } | Command::SetSuspended { account, .. } => Some(*account),
        Command::SetKillSwitch { scope, .. } => match *scope {
            KillScope::Account(account) => Some(account),
            KillScope::Instrument(named) => {
                instrument = Some(named);
                None
            }
            KillScope::Venue => None,
        },
        Command::Deposit(entry)
        | Command::Withdraw(entry)
        | Command::Borrow(entry)
        | Command::Repay(entry)
        | Command::Transfer { from: entry, .. } => Some(entry.account),
        Command::SetMarginAccount { account, .. } => Some(*account),
        Command::SetMark { instrument: named, .. }
        | Command::SetFeeTiers { instrument: named, .. }
        | Command::SetPhase { instrument: named, .. }
        | Command::SetSchedule { instrument: named, .. }
        | Command::Uncross { instrument: named, .. } => {
            instrument = Some(*named);
            None
        }
        Command::SetMarginTerms { .. }
        | Command::Tick
        | Command::ListAsset(_)
        | Command::ListInstrument(_)
        | Command::OpenAccount { .. } => None,
    };
    if let Some(OrderRef::Client(id)) = order {
        client_order_id = Some(id);
    }
    Event::Rejected { account, instrument, client_order_id, order, reason }
}
