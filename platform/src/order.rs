//! One order as its owner sees it, folded from events. Read models and SQL rows share this fold, so they cannot differ.

use papertape_engine::{
    Accepted, AccountId, Amended, Amount, AssetId, CancelCause, Cancelled, ClientOrderId, FeeAsset, Instrument,
    InstrumentId, OrderId, OrderKind, Peg, PreventedParty, Price, Qty, SelfTradePrevention, Side, TimeInForce, Trade,
    Trigger,
};

use crate::money::average_price_text;

/// Where an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderStatus {
    /// Open, but it comes only when the first order of its list has been filled. Binance's PENDING_NEW.
    PendingNew,
    /// Open, but it waits for its trigger or its auction and is in no book.
    Waiting,
    /// Open, nothing filled.
    New,
    /// Open, a part filled.
    PartiallyFilled,
    /// Ended: filled whole, or its budget spent.
    Filled,
    /// Ended before that.
    Cancelled,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [OrderStatus; 6] =
        [Self::PendingNew, Self::Waiting, Self::New, Self::PartiallyFilled, Self::Filled, Self::Cancelled];

    /// `pending_new`, `waiting`, `new`, `partially_filled`, `filled` or `cancelled`.
    pub const fn name(self) -> &'static str {
        match self {
            OrderStatus::PendingNew => "pending_new",
            OrderStatus::Waiting => "waiting",
            OrderStatus::New => "new",
            OrderStatus::PartiallyFilled => "partially_filled",
            OrderStatus::Filled => "filled",
            OrderStatus::Cancelled => "cancelled",
        }
    }

    /// Whether it can still trade.
    pub const fn is_open(self) -> bool {
        !matches!(self, OrderStatus::Filled | OrderStatus::Cancelled)
    }

    /// Where an order stands that has come, or comes when its trigger fires.
    pub const fn of_trigger(trigger: Option<Trigger>) -> Self {
        if trigger.is_some() { OrderStatus::Waiting } else { OrderStatus::New }
    }
}

/// One order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderView {
    /// The venue's number.
    pub order: OrderId,
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// How much, and at which price; as amended, and as the venue has priced it where it may not take.
    pub kind: OrderKind,
    /// How long it stays.
    pub time_in_force: TimeInForce,
    /// Whether it may not take.
    pub post_only: bool,
    /// Whether it may only reduce its account's position.
    pub reduce_only: bool,
    /// Whether it only offsets what its auction leaves over.
    pub imbalance_only: bool,
    /// What its price follows, and the limit beyond which it does not.
    pub peg: Option<(Peg, Price)>,
    /// How much of what rests of it may show at a time, if not all: of an iceberg a part, of a hidden order nothing.
    pub display_qty: Option<Qty>,
    /// At least so many lots had to trade when it came; zero if it asked for nothing.
    pub min_qty: Qty,
    /// What happens where it would trade with its own side.
    pub self_trade_prevention: SelfTradePrevention,
    /// What it waits for, or waited for.
    pub trigger: Option<Trigger>,
    /// The reference price that fired its trigger.
    pub triggered_price: Option<Price>,
    /// The list that it came in, by the number of the list's first order.
    pub list: Option<OrderId>,
    /// The client's name for it.
    pub client_order_id: Option<ClientOrderId>,
    /// Where a market-to-limit order rests, or rested: the price that it got.
    pub rested_price: Option<Price>,
    /// Lots traded.
    pub filled_qty: Qty,
    /// Their value, in quote.
    pub filled_quote: Amount,
    /// Lots that it lost where it would have traded with its own side, see [`SelfTradePrevention::Decrement`]. The total
    /// quantity is without them.
    pub prevented_qty: Qty,
    /// Lots that can still trade; zero once it has ended, and for an order by budget.
    pub leaves_qty: Qty,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it was cancelled.
    pub cancel_cause: Option<CancelCause>,
    /// Fees paid less rebates, in `fee_asset`.
    pub fee: Amount,
    /// The asset of the fees.
    pub fee_asset: AssetId,
    /// Venue time of acceptance, in nanoseconds; 0 if it was before the read model's memory.
    pub created_ns: u64,
    /// Venue time of the last change.
    pub updated_ns: u64,
    /// The command of the last change.
    pub seq: u64,
}

/// When an event happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The command.
    pub seq: u64,
    /// Its venue time in nanoseconds.
    pub time_ns: u64,
}

impl OrderView {
    /// A fresh order.
    pub fn accepted(accepted: &Accepted, instrument: &Instrument, at: Moment) -> Self {
        let terms = &accepted.terms;
        let status = match accepted.list {
            Some(place) if place.pending => OrderStatus::PendingNew,
            _ if terms.time_in_force.auction().is_some() => OrderStatus::Waiting,
            _ => OrderStatus::of_trigger(terms.trigger),
        };
        Self {
            order: accepted.order,
            account: terms.account,
            instrument: terms.instrument,
            side: terms.side,
            kind: terms.kind,
            time_in_force: terms.time_in_force,
            post_only: terms.post_only,
            reduce_only: terms.reduce_only,
            imbalance_only: terms.imbalance_only,
            peg: terms.peg.zip(limit_of(&terms.kind)),
            display_qty: terms.display_qty,
            min_qty: terms.min_qty,
            self_trade_prevention: accepted.self_trade_prevention(),
            trigger: terms.trigger,
            triggered_price: None,
            list: accepted.list.map(|place| place.list),
            client_order_id: terms.client_order_id,
            rested_price: None,
            filled_qty: Qty::ZERO,
            filled_quote: Amount::ZERO,
            prevented_qty: Qty::ZERO,
            leaves_qty: terms.kind.qty().unwrap_or(Qty::ZERO),
            status,
            cancel_cause: None,
            fee: Amount::ZERO,
            fee_asset: fee_asset(instrument, terms.side),
            created_ns: at.time_ns,
            updated_ns: at.time_ns,
            seq: at.seq,
        }
    }

    /// The first order of its list has been filled, or its auction is uncrossed, and it comes, or begins to wait for its trigger.
    pub fn released(&mut self, at: Moment) {
        self.status = OrderStatus::of_trigger(self.trigger);
        self.touch(at);
    }

    /// Its trigger fired at this reference price, and it comes to the book.
    pub fn triggered(&mut self, price: Price, at: Moment) {
        self.triggered_price = Some(price);
        self.status = OrderStatus::New;
        self.touch(at);
    }

    /// What is left of it went to the book. `true` if the venue has chosen the price, as it does of a market-to-limit order
    /// and of a post-only order that would have taken: from then on it is the order's.
    pub fn rested(&mut self, price: Price, at: Moment) -> bool {
        // The worst price that a market order may get in its auction is not its price.
        let at_market = matches!(self.kind, OrderKind::Market { .. });
        let got_a_price = !at_market && self.price() != Some(price);
        if got_a_price {
            self.set_price(price);
            self.touch(at);
        }
        got_a_price
    }

    /// It traded, on its own side. An order by budget ends with its command, not with a fill.
    pub fn traded(&mut self, trade: &Trade, instrument: &Instrument, at: Moment) {
        let party = trade.party(self.side);
        let value = instrument.quote_value(trade.price * trade.qty).unwrap_or(Amount::MAX);
        self.filled_qty += trade.qty;
        self.filled_quote += value;
        self.fee += party.fee;
        if !self.is_by_budget() {
            self.leaves_qty = party.leaves_qty;
        }
        let whole = self.leaves_qty.is_zero() && !self.is_by_budget();
        self.status = if whole { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        self.touch(at);
    }

    /// It ended before it was filled whole. A budget that was spent counts as filled.
    pub fn cancelled(&mut self, cancelled: &Cancelled, at: Moment) {
        self.leaves_qty = Qty::ZERO;
        if cancelled.cause == CancelCause::BudgetSpent && !self.filled_qty.is_zero() {
            self.status = OrderStatus::Filled;
        } else {
            self.status = OrderStatus::Cancelled;
            self.cancel_cause = Some(cancelled.cause);
        }
        self.touch(at);
    }

    /// It would have traded `qty` with its own side. Where both orders lose that, it has what `party` says left.
    pub fn prevented(&mut self, mode: SelfTradePrevention, qty: Qty, party: PreventedParty, at: Moment) {
        if mode == SelfTradePrevention::Decrement {
            // Over amends it can lose more than it ever had at once.
            self.prevented_qty = self.prevented_qty.checked_add(qty).unwrap_or(Qty(u64::MAX));
            if let OrderKind::Limit { qty: total, .. }
            | OrderKind::Market { qty: total }
            | OrderKind::MarketToLimit { qty: total } = &mut self.kind
            {
                *total -= qty;
                self.leaves_qty = party.leaves_qty;
            }
        }
        self.touch(at);
    }

    /// It has new terms.
    pub fn amended(&mut self, amended: &Amended, at: Moment) {
        self.set_terms(amended.price, amended.qty);
        self.leaves_qty = amended.leaves_qty;
        self.touch(at);
    }

    /// The terms of an order in the book.
    pub(crate) fn set_terms(&mut self, price: Price, qty: Qty) {
        match &mut self.kind {
            OrderKind::MarketToLimit { qty: total } => {
                *total = qty;
                self.rested_price = Some(price);
            }
            kind => *kind = OrderKind::Limit { price, qty },
        }
    }

    fn set_price(&mut self, price: Price) {
        match &mut self.kind {
            OrderKind::Limit { price: named, .. } => *named = price,
            _ => self.rested_price = Some(price),
        }
    }

    /// Its command is over and it does not rest: an order by budget whose last lot spent the budget exactly.
    pub fn command_over(&mut self) {
        if self.is_by_budget() && self.status.is_open() {
            self.status = OrderStatus::Filled;
        }
    }

    /// When it ends by itself, in nanoseconds of venue time, if it names a time.
    pub const fn expires_ns(&self) -> Option<u64> {
        match self.time_in_force {
            TimeInForce::Gtd { until_ns } => Some(until_ns),
            _ => None,
        }
    }

    /// Limit price; of an order that the venue has priced the one that it got.
    pub const fn price(&self) -> Option<Price> {
        match self.kind {
            OrderKind::Limit { price, .. } => Some(price),
            OrderKind::MarketToLimit { .. } => self.rested_price,
            OrderKind::Market { .. } | OrderKind::MarketQuote { .. } => None,
        }
    }

    /// Total quantity.
    pub const fn qty(&self) -> Option<Qty> {
        self.kind.qty()
    }

    /// Budget in quote.
    pub const fn budget(&self) -> Option<Amount> {
        match self.kind {
            OrderKind::MarketQuote { budget } => Some(budget),
            _ => None,
        }
    }

    /// Average price of what was filled, rounded down to the quote asset's decimals; `None` before the first fill.
    pub fn average_price_text(&self, instrument: &Instrument) -> Option<String> {
        average_price_text(instrument, self.filled_quote, self.filled_qty)
    }

    /// Whether nothing of it shows where it rests.
    pub fn is_hidden(&self) -> bool {
        self.display_qty == Some(Qty::ZERO)
    }

    /// Whether its quantity is a budget in quote.
    pub(crate) const fn is_by_budget(&self) -> bool {
        matches!(self.kind, OrderKind::MarketQuote { .. })
    }

    fn touch(&mut self, at: Moment) {
        self.updated_ns = at.time_ns;
        self.seq = at.seq;
    }
}

const fn limit_of(kind: &OrderKind) -> Option<Price> {
    if let OrderKind::Limit { price, .. } = kind { Some(*price) } else { None }
}

/// The asset in which an order of this side pays its fee.
pub fn fee_asset(instrument: &Instrument, side: Side) -> AssetId {
    match (instrument.spec.fee_asset, side) {
        (FeeAsset::Received, Side::Buy) => instrument.spec.base,
        (FeeAsset::Received, Side::Sell) | (FeeAsset::Quote, _) => instrument.spec.quote,
    }
}
