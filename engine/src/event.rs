//! What the engine tells. An event's name is the seq of its command and its index among that command's events.

use crate::command::{KillScope, OrderRef, PlaceOrder, Reference, SelfTradePrevention, Side};
use crate::fee_tiers::FeeTiers;
use crate::ids::{AccountId, AssetId, ClientOrderId, InstrumentId, OrderId, TradeGroup, TradeId};
use crate::instrument::{Asset, InstrumentSpec};
use crate::margin::{MarginLevel, MarginTerms};
use crate::reason::{CancelCause, Reason};
use crate::schedule::Schedule;
use crate::stage::Stage;
use crate::units::{Amount, Price, Qty};

/// An order was accepted. What it did at once follows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Accepted {
    /// Its number from now on.
    pub order: OrderId,
    /// As asked, but `self_trade_prevention` is always `Some`: the mode that applies, the instrument's if the order
    /// named none.
    pub terms: PlaceOrder,
    /// Its place in a list.
    pub list: Option<ListPlace>,
}

/// An order's place in a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ListPlace {
    /// The list goes by the number of its first order.
    pub list: OrderId,
    /// Whether the order comes only when the list's first one has been filled ([`Event::Released`]).
    pub pending: bool,
}

impl Accepted {
    /// What happens where it would trade with its own side.
    #[inline]
    pub const fn self_trade_prevention(&self) -> SelfTradePrevention {
        self.terms.self_trade_prevention.expect("an accepted order has a mode")
    }
}

/// One party of a trade.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TradeParty {
    /// The order.
    pub order: OrderId,
    /// Its account.
    pub account: AccountId,
    /// What is left of the order after this trade.
    pub leaves_qty: Qty,
    /// Fee taken; negative is a rebate. In quote, or for a buyer in base where fees are taken in the asset received.
    pub fee: Amount,
}

/// Two orders traded, at the price of the one that rested, or at the auction's price.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Trade {
    /// Its number in the instrument.
    pub id: TradeId,
    /// Where.
    pub instrument: InstrumentId,
    /// At which price.
    pub price: Price,
    /// How many lots.
    pub qty: Qty,
    /// The side that took; `None` in an auction.
    pub aggressor: Option<Side>,
    /// The buyer.
    pub buy: TradeParty,
    /// The seller.
    pub sell: TradeParty,
}

impl Trade {
    /// The party on one side.
    #[inline]
    pub const fn party(&self, side: Side) -> &TradeParty {
        match side {
            Side::Buy => &self.buy,
            Side::Sell => &self.sell,
        }
    }
}

/// One party of a trade that was prevented.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PreventedParty {
    /// The order.
    pub order: OrderId,
    /// Its account.
    pub account: AccountId,
    /// What is left of the order: less than before only under [`SelfTradePrevention::Decrement`].
    pub leaves_qty: Qty,
}

/// Two orders of one account or trade group would have traded. The orders that end by it are told next, each with its
/// [`Event::Cancelled`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SelfTradePrevented {
    /// Where.
    pub instrument: InstrumentId,
    /// The mode of the order that came.
    pub mode: SelfTradePrevention,
    /// The price at which they would have traded.
    pub price: Price,
    /// How many lots would have traded; of a market order by amount that goes on, at most as many as it goes on for.
    /// Under [`SelfTradePrevention::Decrement`] both orders lose them, and the depth at `price` too.
    pub qty: Qty,
    /// The side of the order that came.
    pub taker_side: Side,
    /// The order that came.
    pub taker: PreventedParty,
    /// The order that rested.
    pub maker: PreventedParty,
}

/// An order ended before it was filled whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Cancelled {
    /// The order.
    pub order: OrderId,
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// The resting price; `None` if it was not in the book, so that depth does not change.
    pub rested_at: Option<Price>,
    /// What was left of it.
    pub leaves_qty: Qty,
    /// How much of that showed at the resting price, and so leaves the depth.
    pub shown_qty: Qty,
    /// Why.
    pub cause: CancelCause,
}

/// A resting order has new terms.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Amended {
    /// The order.
    pub order: OrderId,
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// Price before.
    pub old_price: Price,
    /// Open quantity before.
    pub old_leaves_qty: Qty,
    /// How much of that showed.
    pub old_shown_qty: Qty,
    /// Price now.
    pub price: Price,
    /// Total quantity now, filled part included.
    pub qty: Qty,
    /// Open quantity now.
    pub leaves_qty: Qty,
    /// Whether it kept its place in the queue, and then all of it shows. If not it left the book; trades and [`Event::Rested`] follow.
    pub kept_priority: bool,
}

/// What an account has in one instrument.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Position {
    /// Bought here and still held, in base units. Selling what was deposited does not make it negative.
    pub qty: Amount,
    /// What was paid for `basis`, in quote. The average price paid is `cost / basis`: buys move it, sells do not.
    pub cost: Amount,
    /// What was held after the last buy, in base units.
    pub basis: Amount,
    /// Profit of sells over the average price paid, in quote, before fees.
    pub realized: Amount,
    /// Fees paid in quote, less rebates.
    pub fees_quote: Amount,
    /// Fees paid in base.
    pub fees_base: Amount,
}

/// Everything that can happen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// An order was accepted. One that is pending in a list, or waits for an auction, comes with its [`Event::Released`], one
    /// with a trigger waits for
    /// its [`Event::Triggered`]; before that it is in no book.
    Accepted(Accepted),
    /// An order that was pending in a list, or waited for an auction, comes now; what it does at once follows.
    Released {
        /// The order.
        order: OrderId,
        /// Whose.
        account: AccountId,
        /// Where.
        instrument: InstrumentId,
        /// Buy or sell.
        side: Side,
    },
    /// An order that waited for its trigger comes to the book now; what it does there follows.
    Triggered {
        /// The order.
        order: OrderId,
        /// Whose.
        account: AccountId,
        /// Where.
        instrument: InstrumentId,
        /// Buy or sell.
        side: Side,
        /// The reference price that fired it.
        price: Price,
    },
    /// The order's remainder went to the tail of its level; of an iceberg, the next part that shows.
    Rested {
        /// The order.
        order: OrderId,
        /// Whose.
        account: AccountId,
        /// Where.
        instrument: InstrumentId,
        /// Buy or sell.
        side: Side,
        /// At which price.
        price: Price,
        /// How many lots are left of it.
        leaves_qty: Qty,
        /// How many of them show, and so come to the depth.
        shown_qty: Qty,
    },
    /// Two orders traded.
    Trade(Trade),
    /// Two orders of one account or trade group would have traded, and did not.
    SelfTradePrevented(SelfTradePrevented),
    /// An order ended before it was filled whole.
    Cancelled(Cancelled),
    /// A resting order has new terms.
    Amended(Amended),
    /// The same order was sent again; this is the first one's number.
    Repeated {
        /// Whose.
        account: AccountId,
        /// Where.
        instrument: InstrumentId,
        /// The first order.
        order: OrderId,
        /// The client's name for it.
        client_order_id: ClientOrderId,
    },
    /// A command was refused. Nothing changed.
    Rejected {
        /// Who asked, if the command names an account.
        account: Option<AccountId>,
        /// Where, if the command names an instrument.
        instrument: Option<InstrumentId>,
        /// The client's name for the refused order, if it was given.
        client_order_id: Option<ClientOrderId>,
        /// The order that a refused cancel or amend named.
        order: Option<OrderRef>,
        /// Why.
        reason: Reason,
    },
    /// Time has passed, and this many orders ended by it; each has its own [`Event::Cancelled`] before.
    Ticked {
        /// How many.
        expired: u32,
    },
    /// A mass cancel ended this many orders; each has its own [`Event::Cancelled`] before.
    CancelledAll {
        /// Whose.
        account: AccountId,
        /// How many.
        orders: u32,
    },
    /// An asset was listed.
    AssetListed {
        /// Its number.
        asset: AssetId,
        /// As listed.
        spec: Asset,
    },
    /// An instrument was listed.
    InstrumentListed {
        /// Its number.
        instrument: InstrumentId,
        /// As listed.
        spec: InstrumentSpec,
    },
    /// An account exists; the same for a repeated reference.
    AccountOpened {
        /// Its number.
        account: AccountId,
        /// As asked.
        reference: Reference,
    },
    /// An account is in a trade group, or in none.
    TradeGroupSet {
        /// Which account.
        account: AccountId,
        /// The group from now on.
        group: Option<TradeGroup>,
    },
    /// A kill switch is engaged or released. Each order that ended by it has its own [`Event::Cancelled`] before.
    KillSwitchSet {
        /// For whom.
        scope: KillScope,
        /// Whether trading stops.
        engaged: bool,
        /// How many orders ended.
        orders: u32,
    },
    /// An account is suspended, or no longer. Each order that ended by it has its own [`Event::Cancelled`] before.
    SuspensionSet {
        /// Which account.
        account: AccountId,
        /// Whether it is suspended from now on.
        suspended: bool,
        /// How many orders ended.
        orders: u32,
    },
    /// Money came in.
    Deposited {
        /// Whose.
        account: AccountId,
        /// Which asset.
        asset: AssetId,
        /// How much.
        amount: Amount,
        /// As asked.
        reference: Reference,
    },
    /// Money went out.
    Withdrawn {
        /// Whose.
        account: AccountId,
        /// Which asset.
        asset: AssetId,
        /// How much.
        amount: Amount,
        /// As asked.
        reference: Reference,
    },
    /// Money moved between accounts.
    Transferred {
        /// From whom.
        from: AccountId,
        /// To whom.
        to: AccountId,
        /// Which asset.
        asset: AssetId,
        /// How much.
        amount: Amount,
        /// As asked.
        reference: Reference,
    },
    /// This ledger entry was made before; nothing changed now.
    EntryRepeated {
        /// Whose.
        account: AccountId,
        /// As asked.
        reference: Reference,
    },
    /// An instrument is in another phase, or its phase has another purpose or end.
    PhaseChanged {
        /// Where.
        instrument: InstrumentId,
        /// From now on.
        stage: Stage,
    },
    /// An instrument has another schedule, or none.
    ScheduleSet {
        /// Where.
        instrument: InstrumentId,
        /// From now on.
        schedule: Option<Schedule>,
    },
    /// An instrument has a new mark price.
    MarkSet {
        /// Where.
        instrument: InstrumentId,
        /// From now on.
        price: Price,
    },
    /// What an asset is to accounts that borrow.
    MarginTermsSet {
        /// Which asset.
        asset: AssetId,
        /// From now on.
        terms: MarginTerms,
    },
    /// An account may borrow, or no longer.
    MarginAccountSet {
        /// Which account.
        account: AccountId,
        /// Whether it may from now on.
        margin: bool,
    },
    /// Money was borrowed.
    Borrowed {
        /// By whom.
        account: AccountId,
        /// Which asset.
        asset: AssetId,
        /// How much.
        amount: Amount,
        /// What the account owes of the asset now.
        debt: Amount,
        /// As asked.
        reference: Reference,
    },
    /// A debt was paid back, by its owner or in a liquidation.
    Repaid {
        /// By whom.
        account: AccountId,
        /// Which asset.
        asset: AssetId,
        /// How much.
        amount: Amount,
        /// What the account owes of the asset now.
        debt: Amount,
        /// As asked; none in a liquidation.
        reference: Option<Reference>,
    },
    /// An account owes more than it may: its orders end, what it has is sold, what it owes is bought and paid back.
    LiquidationBegun {
        /// Whose.
        account: AccountId,
        /// How it stands.
        level: MarginLevel,
    },
    /// A liquidation has done what it could.
    LiquidationEnded {
        /// Whose.
        account: AccountId,
        /// Whether the account still owes something: the books took or had no more. It goes on when a price changes.
        owes: bool,
    },
    /// A debt that an account will never pay: the venue's own account owes it now, as far as it could not pay it at once.
    BadDebt {
        /// Who owed it.
        account: AccountId,
        /// Which asset.
        asset: AssetId,
        /// How much.
        amount: Amount,
        /// What the venue's own account has paid of it.
        paid: Amount,
    },
    /// An instrument has another fee table.
    FeeTiersSet {
        /// Where.
        instrument: InstrumentId,
        /// The tiers above what it is listed with, from now on.
        tiers: FeeTiers,
    },
    /// A day of UTC has begun, and an account's volume of the thirty days before it is another one than on the day before.
    /// Nothing else that the command did is told before.
    VolumeChanged {
        /// Whose.
        account: AccountId,
        /// The asset with which was paid.
        asset: AssetId,
        /// What the account traded, as buyer and as seller.
        volume: Amount,
    },
    /// The collected orders traded at one price (or nothing could trade), and imbalance-only orders with what they left over.
    Uncrossed {
        /// Where.
        instrument: InstrumentId,
        /// The price, if anything traded.
        price: Option<Price>,
        /// Lots traded.
        qty: Qty,
        /// The side on which orders at the price were left over, and how many lots.
        surplus: Option<(Side, Qty)>,
    },
    /// What an auction would trade now, imbalance-only orders not counted; told when it is another than before.
    Indicated {
        /// Where.
        instrument: InstrumentId,
        /// The price, if anything would trade.
        price: Option<Price>,
        /// Lots that would trade.
        qty: Qty,
        /// The side on which orders at the price would be left over, and how many lots: the imbalance.
        surplus: Option<(Side, Qty)>,
    },
    /// A balance after the command. Once for each balance that the command touched.
    Balance {
        /// Whose.
        account: AccountId,
        /// Which asset.
        asset: AssetId,
        /// Can be spent.
        free: Amount,
        /// Held by open orders.
        held: Amount,
    },
    /// A position after the command. Once for each position that the command touched.
    Position {
        /// Whose.
        account: AccountId,
        /// Where.
        instrument: InstrumentId,
        /// What it is now.
        position: Position,
    },
}
