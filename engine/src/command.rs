//! What can be asked of the engine. Only these are journalled.

use wincode::{SchemaRead, SchemaWrite};

use crate::ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, TradeGroup};
use crate::instrument::{Asset, InstrumentSpec, Phase};
use crate::units::{Amount, Price, Qty};

/// When a command was taken in: its place in the journal, and the venue's time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
}

/// How long an order stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, SchemaRead, SchemaWrite)]
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
}

impl TimeInForce {
    /// Whether what cannot trade at once rests.
    #[inline]
    pub const fn stays(self) -> bool {
        matches!(self, TimeInForce::Gtc | TimeInForce::Day | TimeInForce::Gtd { .. })
    }

    /// `gtc`, `ioc`, `fok`, `day` or `gtd`.
    pub const fn name(self) -> &'static str {
        match self {
            TimeInForce::Gtc => "gtc",
            TimeInForce::Ioc => "ioc",
            TimeInForce::Fok => "fok",
            TimeInForce::Day => "day",
            TimeInForce::Gtd { .. } => "gtd",
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlaceOrder {
    /// Who.
    pub account: AccountId,
    /// Where.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// How much, and at which price.
    pub kind: OrderKind,
    /// How long it stays. A market order is `Ioc` or `Fok`.
    pub time_in_force: TimeInForce,
    /// Refuse the order rather than let it take.
    pub post_only: bool,
    /// What happens where it would trade with its own side; `None` is the instrument's setting.
    pub self_trade_prevention: Option<SelfTradePrevention>,
    /// The client's own name for it. A repeat of a live or recent name with the same body is answered with the first
    /// order ([`crate::Event::Repeated`]); with another body it is refused.
    pub client_order_id: Option<ClientOrderId>,
}

impl PlaceOrder {
    /// An order with the usual terms: a limit order stays until it is filled or cancelled, a market order is immediate;
    /// it may take, the instrument says what happens where it would trade with its own side, and it has no name.
    pub const fn new(account: AccountId, instrument: InstrumentId, side: Side, kind: OrderKind) -> Self {
        let time_in_force = match kind {
            OrderKind::Limit { .. } => TimeInForce::Gtc,
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
            client_order_id: None,
        }
    }
}

/// Which order is meant. Only the owner's orders are found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderRef {
    /// By the venue's number.
    Id(OrderId),
    /// By the client's name.
    Client(ClientOrderId),
}

/// New terms for a resting order. Everything that is not named stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

/// Everything that can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// A new order.
    Place(PlaceOrder),
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
    /// Nothing but the time of its stamp: orders whose time is up end. Who stamps commands sends one when
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
    /// Halt, resume, begin collecting for an auction, close.
    SetPhase {
        /// Where.
        instrument: InstrumentId,
        /// The new phase.
        phase: Phase,
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
