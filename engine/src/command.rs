//! What can be asked of the engine. Only these are journalled.

use wincode::{SchemaRead, SchemaWrite};

use crate::fee_tiers::FeeTiers;
use crate::ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, TradeGroup};
use crate::instrument::{Asset, InstrumentSpec, Phase};
use crate::margin::MarginTerms;
use crate::schedule::Schedule;
use crate::stage::{Purpose, Stage};
use crate::units::{Amount, Price, Qty};

/// When a command was taken in: its place in the journal, and the venue's time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Stamp {
    /// Dense number of the record, from 1.
    pub seq: u64,
    /// Nanoseconds since 1970-01-01 UTC; never less than the stamp before.
    pub time_ns: u64,
}

/// The side of the book that an order belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Side {
    /// Bids.
    Buy = 0,
    /// Asks.
    Sell = 1,
}

impl Side {
    /// The side that it trades with.
    #[inline]
    pub const fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }

    /// `buy` or `sell`.
    pub const fn name(self) -> &'static str {
        match self {
            Side::Buy => "buy",
            Side::Sell => "sell",
        }
    }
}

/// How much, and at which price.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub enum OrderKind {
    /// At `price` or better.
    Limit {
        /// Worst price.
        price: Price,
        /// Lots.
        qty: Qty,
    },
    /// At whatever the book offers.
    Market {
        /// Lots.
        qty: Qty,
    },
    /// At whatever the book offers: a buyer spends at most this, fee included; a seller sells for at most this.
    MarketQuote {
        /// Quote units.
        budget: Amount,
    },
    /// A limit order at the best price that the other side has when it comes: what cannot trade there at once rests
    /// there. Cancelled if the other side is empty.
    MarketToLimit {
        /// Lots.
        qty: Qty,
    },
}

impl OrderKind {
    /// Lots that it asks for; none of an order by amount.
    #[inline]
    pub const fn qty(self) -> Option<Qty> {
        match self {
            OrderKind::Limit { qty, .. } | OrderKind::Market { qty } | OrderKind::MarketToLimit { qty } => Some(qty),
            OrderKind::MarketQuote { .. } => None,
        }
    }
}

/// What an order waits for before it comes to the book: the instrument's reference price ([`TriggerSource`]) reaching
/// a price, or turning from its best by so much. Binance Spot's STOP_LOSS and TAKE_PROFIT, with `trailingDelta`.
///
/// [`TriggerSource`]: crate::TriggerSource
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct Trigger {
    /// From which side the price comes.
    pub kind: TriggerKind,
    /// Without `trail` the order fires when the reference reaches this price; with it, it begins to trail then. An order
    /// that trails and names no price begins at the reference of the moment.
    pub price: Option<Price>,
    /// How far the reference must turn. A sell trails the highest reference since it began and fires when the reference is
    /// so far below it; a buy trails the lowest.
    pub trail: Option<Trail>,
}

/// What the price of a pegged order follows: a limit order's, within its limit. Never prices of other pegged orders, and only
/// those that show.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub struct Peg {
    /// Which price.
    pub to: PegTo,
    /// So many ticks are added to it (FIX PegOffsetValue).
    pub offset: i32,
}

/// The price that a pegged order follows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, SchemaRead, SchemaWrite)]
#[repr(u8)]
pub enum PegTo {
    /// The best price of its own side.
    Primary = 1,
    /// The best price of the other side.
    Market = 2,
    /// The middle of both, rounded down for a buy and up for a sell.
    Mid = 3,
}

impl PegTo {
    /// All of them.
    pub const ALL: [PegTo; 3] = [Self::Primary, Self::Market, Self::Mid];

    /// `primary`, `market` or `mid`.
    pub const fn name(self) -> &'static str {
        match self {
            PegTo::Primary => "primary",
            PegTo::Market => "market",
            PegTo::Mid => "mid",
        }
    }
}

/// From which side a trigger price is reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, SchemaRead, SchemaWrite)]
#[repr(u8)]
pub enum TriggerKind {
    /// The market moves against the order: a buy waits for a reference at or above the price, a sell at or below it.
    Stop = 0,
    /// The market moves for it: a buy waits for a reference at or below the price, a sell at or above it.
    TakeProfit = 1,
}

impl TriggerKind {
    /// `stop` or `take_profit`.
    pub const fn name(self) -> &'static str {
        match self {
            TriggerKind::Stop => "stop",
            TriggerKind::TakeProfit => "take_profit",
        }
    }
}

/// How far a reference turns before an order that trails it fires.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub enum Trail {
    /// So many ticks, at least 1.
    Ticks(u32),
    /// So many hundredths of a percent of the best reference, 1 to 9,999. The price at which it fires is rounded away from
    /// the best: a sell's down, a buy's up.
    BasisPoints(u32),
}

impl Trail {
    /// Most basis points.
    pub const BASIS_POINTS_MAX: u32 = 9_999;

    /// The price at which an order on this side fires, if `best` is the best reference; `None` beyond 64 bits, or where no
    /// price can be.
    pub fn fires_at(self, side: Side, best: Price) -> Option<Price> {
        let best = u128::from(best.0);
        let whole = 10_000_u128;
        let at = match (self, side) {
            (Trail::Ticks(ticks), Side::Buy) => best + u128::from(ticks),
            (Trail::Ticks(ticks), Side::Sell) => best.saturating_sub(ticks.into()),
            (Trail::BasisPoints(points), Side::Buy) => (best * (whole + u128::from(points))).div_ceil(whole),
            (Trail::BasisPoints(points), Side::Sell) => best * whole.saturating_sub(points.into()) / whole,
        };
        u64::try_from(at).ok().filter(|at| *at > 0).map(Price)
    }
}

/// How long an order stays.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub enum TimeInForce {
    /// Until it is filled or cancelled.
    Gtc,
    /// What cannot trade at once is cancelled.
    Ioc,
    /// All of it at once, or nothing.
    Fok,
    /// As [`TimeInForce::Gtc`], until its instrument is closed.
    Day,
    /// As [`TimeInForce::Gtc`], until this venue time in nanoseconds since 1970: from then on it does not trade.
    Gtd {
        /// When it ends; ahead of the command's stamp.
        until_ns: u64,
    },
    /// It waits, in no book, for the next uncross of an opening auction; what that leaves of it is cancelled. FIX: at the
    /// opening.
    AtOpen,
    /// As [`TimeInForce::AtOpen`], for the closing auction. FIX: at the close.
    AtClose,
}

impl TimeInForce {
    /// Whether what cannot trade at once rests.
    #[inline]
    pub const fn stays(self) -> bool {
        matches!(self, TimeInForce::Gtc | TimeInForce::Day | TimeInForce::Gtd { .. })
    }

    /// What the auction is for that an order waits for.
    #[inline]
    pub const fn auction(self) -> Option<Purpose> {
        match self {
            TimeInForce::AtOpen => Some(Purpose::Opening),
            TimeInForce::AtClose => Some(Purpose::Closing),
            _ => None,
        }
    }

    /// `gtc`, `ioc`, `fok`, `day`, `gtd`, `at_open` or `at_close`.
    pub const fn name(self) -> &'static str {
        match self {
            TimeInForce::Gtc => "gtc",
            TimeInForce::Ioc => "ioc",
            TimeInForce::Fok => "fok",
            TimeInForce::Day => "day",
            TimeInForce::Gtd { .. } => "gtd",
            TimeInForce::AtOpen => "at_open",
            TimeInForce::AtClose => "at_close",
        }
    }
}

/// What happens when an order that comes would trade with one of its own account, or of an account in the same trade
/// group. The mode of the order that comes decides; that of the order that rests means nothing. Binance Spot's modes,
/// whose names are EXPIRE_TAKER, EXPIRE_MAKER, EXPIRE_BOTH. In the uncross of an auction nobody comes, and own orders
/// trade with each other (Nasdaq's rule for its crosses).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, SchemaRead, SchemaWrite)]
#[repr(u8)]
pub enum SelfTradePrevention {
    /// They trade.
    #[default]
    None = 0,
    /// What is left of the order that comes is cancelled.
    CancelTaker = 1,
    /// The order that rests is cancelled, and the other goes on.
    CancelMaker = 2,
    /// Both are cancelled.
    CancelBoth = 3,
    /// Both lose the quantity that would have traded; whichever has nothing left ends.
    Decrement = 4,
}

impl SelfTradePrevention {
    /// All modes.
    pub const ALL: [SelfTradePrevention; 5] =
        [Self::None, Self::CancelTaker, Self::CancelMaker, Self::CancelBoth, Self::Decrement];

    /// `none`, `cancel_taker`, `cancel_maker`, `cancel_both` or `decrement`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CancelTaker => "cancel_taker",
            Self::CancelMaker => "cancel_maker",
            Self::CancelBoth => "cancel_both",
            Self::Decrement => "decrement",
        }
    }
}

/// A new order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PlaceOrder {
    /// Who.
    pub account: AccountId,
    /// Where.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// How much, and at which price.
    pub kind: OrderKind,
    /// How long it stays. A market order is `Ioc` or `Fok`, or for an auction. An order with a trigger waits as long as it would stay, one that
    /// is `Ioc` or `Fok` until it is cancelled; a market order may name how long it waits, and is `Ioc` when it fires.
    pub time_in_force: TimeInForce,
    /// Refuse the order rather than let it take.
    pub post_only: bool,
    /// What happens where it would trade with its own side; `None` is the instrument's setting.
    pub self_trade_prevention: Option<SelfTradePrevention>,
    /// A hidden order shows nothing of what rests, zero, and an iceberg at most so many lots; at least 1, fewer than its quantity, and so many that all of it
    /// shows in at most [`PlaceOrder::ICEBERG_PARTS_MAX`] parts. When the part that shows has been filled, the next comes to the
    /// tail of the level. Either is a limit order that stays.
    pub display_qty: Option<Qty>,
    /// At entry at least so many lots trade, or the order is cancelled and none does (FIX MinQty); zero asks for nothing. As
    /// many as its quantity is all or none. What is left of it then is an order like any other.
    pub min_qty: Qty,
    /// It may only reduce the position that its account has in the instrument: see [`crate::Position`].
    pub reduce_only: bool,
    /// It waits for an auction, and only offsets what that leaves over: it comes when the auction's price is found, at that
    /// price, against the surplus. A limit order at the open or at the close.
    pub imbalance_only: bool,
    /// What its price follows; the price of its kind is its limit then, beyond which it does not follow, and what it holds
    /// funds for. It is a limit order that stays.
    pub peg: Option<Peg>,
    /// What it waits for. Until then it is in no book; it holds what it may come to need: a market order to buy what its
    /// quantity costs at the price at which it would fire, as seen when it is placed.
    pub trigger: Option<Trigger>,
    /// The client's own name for it. A repeat of a live or recent name with the same body is answered with the first
    /// order ([`crate::Event::Repeated`]); with another body it is refused.
    pub client_order_id: Option<ClientOrderId>,
}

impl PlaceOrder {
    /// Whether it asks for no more than most do at its entry: not for a minimum, a position that it reduces, or a price to
    /// follow.
    #[inline]
    pub(crate) const fn is_usual(&self) -> bool {
        !self.reduce_only & self.min_qty.is_zero() & self.peg.is_none()
    }

    /// PEGGED: how many pegged orders an instrument has at most. Each move of what they follow is told of each.
    pub const PEGGED_MAX: usize = 100;

    /// ICEBERG_PARTS: in how many parts an iceberg shows at most. Each part is told, and one order may take all of them.
    pub const ICEBERG_PARTS_MAX: u64 = 100;

    /// An order with the usual terms: a limit order stays until it is filled or cancelled, a market order is immediate;
    /// it may take, the instrument says what happens where it would trade with its own side, and it has no name.
    pub const fn new(account: AccountId, instrument: InstrumentId, side: Side, kind: OrderKind) -> Self {
        let time_in_force = match kind {
            OrderKind::Limit { .. } | OrderKind::MarketToLimit { .. } => TimeInForce::Gtc,
            OrderKind::Market { .. } | OrderKind::MarketQuote { .. } => TimeInForce::Ioc,
        };
        Self {
            account,
            instrument,
            side,
            kind,
            time_in_force,
            post_only: false,
            self_trade_prevention: None,
            display_qty: None,
            min_qty: Qty::ZERO,
            reduce_only: false,
            imbalance_only: false,
            peg: None,
            trigger: None,
            client_order_id: None,
        }
    }
}

/// One order of a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Leg {
    /// Buy or sell.
    pub side: Side,
    /// How much, and at which price.
    pub kind: OrderKind,
    /// As of a [`PlaceOrder`].
    pub time_in_force: TimeInForce,
    /// Refuse the order rather than let it take.
    pub post_only: bool,
    /// What it waits for.
    pub trigger: Option<Trigger>,
}

/// Orders that hang together. Whatever ends one of them before its time ends the others too.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ListOrders {
    /// One cancels the other: a fill of one of them, or its trigger, cancels the other. Both are on one side and for the
    /// same quantity, each rests or waits, and at least one waits. What the dearer one needs is held once.
    Oco([Leg; 2]),
    /// One triggers the other: the second comes when the first, a limit order that stays, has been filled whole. Until then
    /// it holds nothing.
    Oto {
        /// Comes at once.
        working: Leg,
        /// Comes then.
        pending: Leg,
    },
    /// One triggers an OCO: a bracket.
    Otoco {
        /// Comes at once.
        working: Leg,
        /// Come then.
        pending: [Leg; 2],
    },
}

impl ListOrders {
    /// Its orders, in the order of their numbers.
    pub fn legs(&self) -> impl Iterator<Item = &Leg> {
        let (first, others) = match self {
            ListOrders::Oco([first, second]) => (first, std::slice::from_ref(second)),
            ListOrders::Oto { working, pending } => (working, std::slice::from_ref(pending)),
            ListOrders::Otoco { working, pending } => (working, &pending[..]),
        };
        std::iter::once(first).chain(others)
    }

    /// `oco`, `oto` or `otoco`.
    pub const fn name(&self) -> &'static str {
        match self {
            ListOrders::Oco(_) => "oco",
            ListOrders::Oto { .. } => "oto",
            ListOrders::Otoco { .. } => "otoco",
        }
    }
}

/// New orders that hang together. They are accepted all together or not at all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PlaceList {
    /// Who.
    pub account: AccountId,
    /// Where.
    pub instrument: InstrumentId,
    /// Which orders.
    pub orders: ListOrders,
    /// As of a [`PlaceOrder`], for all of them.
    pub self_trade_prevention: Option<SelfTradePrevention>,
    /// The client's own name for the first order, and so for the list.
    pub client_order_id: Option<ClientOrderId>,
}

impl PlaceList {
    /// One of its orders, as if it came by itself.
    pub const fn order(&self, leg: &Leg) -> PlaceOrder {
        let Self { account, instrument, self_trade_prevention, .. } = *self;
        let Leg { side, kind, time_in_force, post_only, trigger } = *leg;
        let (client_order_id, display_qty, min_qty, reduce_only) = (None, None, Qty::ZERO, false);
        let (imbalance_only, peg) = (false, None);
        PlaceOrder {
            account,
            instrument,
            side,
            kind,
            time_in_force,
            post_only,
            self_trade_prevention,
            display_qty,
            min_qty,
            reduce_only,
            imbalance_only,
            peg,
            trigger,
            client_order_id,
        }
    }
}

/// Which order is meant. Only the owner's orders are found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderRef {
    /// By the venue's number.
    Id(OrderId),
    /// By the client's name.
    Client(ClientOrderId),
}

/// New terms for a resting order. Everything that is not named stays.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AmendOrder {
    /// The owner.
    pub account: AccountId,
    /// Which order.
    pub order: OrderRef,
    /// New limit price.
    pub price: Option<Price>,
    /// New total quantity, filled part included (FIX OrderQty).
    pub qty: Option<Qty>,
}

/// A name for a ledger entry that makes its repeat harmless. Chosen by whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Reference(pub u64);

/// Money in or out of one account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LedgerEntry {
    /// Whose.
    pub account: AccountId,
    /// Which asset.
    pub asset: AssetId,
    /// How much; positive.
    pub amount: Amount,
    /// Names the entry.
    pub reference: Reference,
}

/// Whose trading a kill switch stops.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, SchemaRead, SchemaWrite)]
pub enum KillScope {
    /// Everybody's.
    Venue,
    /// In one instrument.
    Instrument(InstrumentId),
    /// Of one account.
    Account(AccountId),
}

/// Everything that can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Command {
    /// A new order.
    Place(PlaceOrder),
    /// New orders that hang together.
    PlaceList(PlaceList),
    /// End one order.
    Cancel {
        /// The owner.
        account: AccountId,
        /// Which order.
        order: OrderRef,
    },
    /// Change one order.
    Amend(AmendOrder),
    /// End all orders of an account, or those of one instrument or side.
    CancelAll {
        /// The owner.
        account: AccountId,
        /// Only in this instrument.
        instrument: Option<InstrumentId>,
        /// Only on this side.
        side: Option<Side>,
    },
    /// Nothing but the time of its stamp: orders and phases whose time is up end. Who stamps commands sends one when
    /// [`crate::Engine::next_expiry`] has come and nobody else sends anything.
    Tick,
    /// Add an asset.
    ListAsset(Asset),
    /// Add an instrument.
    ListInstrument(InstrumentSpec),
    /// Open an account. The same reference gives the same account.
    OpenAccount {
        /// Names the opening.
        reference: Reference,
    },
    /// Put an account into a trade group, or take it out: accounts of one group are one for self-trade prevention.
    SetTradeGroup {
        /// Which account.
        account: AccountId,
        /// The group; `None` takes the account out of its group.
        group: Option<TradeGroup>,
    },
    /// Stop trading, for an account, an instrument or the whole venue, or allow it again. All open orders end, and new ones
    /// and amends are refused.
    SetKillSwitch {
        /// For whom.
        scope: KillScope,
        /// Whether trading stops.
        engaged: bool,
    },
    /// Suspend an account, or lift it: its orders end, and it can neither trade nor move money out.
    SetSuspended {
        /// Which account.
        account: AccountId,
        /// Whether it is suspended from now on.
        suspended: bool,
    },
    /// Money comes in.
    Deposit(LedgerEntry),
    /// Money goes out.
    Withdraw(LedgerEntry),
    /// Money moves between two accounts.
    Transfer {
        /// From whom, what, how much.
        from: LedgerEntry,
        /// To whom.
        to: AccountId,
    },
    /// What an asset is to accounts that borrow. The reference asset comes first; terms change and stay.
    SetMarginTerms {
        /// Which asset.
        asset: AssetId,
        /// From now on.
        terms: MarginTerms,
    },
    /// Let an account borrow, or, if it owes nothing, no longer.
    SetMarginAccount {
        /// Which account.
        account: AccountId,
        /// Whether it may borrow.
        margin: bool,
    },
    /// Borrow money from the venue: it is in the balance, and owed.
    Borrow(LedgerEntry),
    /// Pay back what is owed, at most so much.
    Repay(LedgerEntry),
    /// Halt, resume, begin collecting for an auction, close; a halt or an auction may end by itself.
    SetPhase {
        /// Where.
        instrument: InstrumentId,
        /// The new phase.
        stage: Stage,
    },
    /// Give an instrument a day of phases, or none.
    SetSchedule {
        /// Where.
        instrument: InstrumentId,
        /// From the next of its times on; `None` leaves the phase as it is.
        schedule: Option<Schedule>,
    },
    /// What an instrument is worth by the venue's own reckoning: the reference of triggers, where they look at it.
    SetMark {
        /// Where.
        instrument: InstrumentId,
        /// The mark price.
        price: Price,
    },
    /// Give an instrument a fee table, or take it away: what its orders cost accounts that trade much. Orders that are open
    /// keep their rates.
    SetFeeTiers {
        /// Where.
        instrument: InstrumentId,
        /// The tiers above what it is listed with.
        tiers: FeeTiers,
    },
    /// Trade the collected orders at one price and go on in another phase.
    Uncross {
        /// Where.
        instrument: InstrumentId,
        /// Decides between prices that are equal by all else; the last trade's price if absent or zero.
        reference: Option<Price>,
        /// What follows.
        then: Phase,
    },
}
