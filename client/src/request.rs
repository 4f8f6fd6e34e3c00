//! What is asked of the venue.

use papertape_wire::{
    Amend, Cancel, CancelAll, KillSwitch, Leg, LegAt, PlaceList, PlaceOrder, QueryAccount, QueryInstruments,
    QueryLimits, Terms, Text, values,
};

/// Which side.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Side {
    /// Bids.
    Buy,
    /// Asks.
    Sell,
}

impl Side {
    /// Its number in frames.
    pub const fn number(self) -> u8 {
        match self {
            Side::Buy => values::side::BUY,
            Side::Sell => values::side::SELL,
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }
}

/// Which order: by the venue's number or by your name for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderId {
    /// The venue's number.
    Number(u64),
    /// Your name.
    Name(Text<36>),
}

impl OrderId {
    const fn fields(self) -> (u64, Text<36>) {
        match self {
            OrderId::Number(number) => (number, Text::NONE),
            OrderId::Name(name) => (0, name),
        }
    }
}

/// A request. Each gets a `reference` when it is sent, by which its answer is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    /// A new order.
    Place(PlaceOrder),
    /// New orders that hang together.
    List(PlaceList),
    /// New terms for a resting order.
    Amend(Amend),
    /// The end of an order.
    Cancel(Cancel),
    /// The end of all orders, or of those in one instrument or on one side.
    CancelAll(CancelAll),
    /// The account's kill switch.
    KillSwitch(KillSwitch),
    /// The limits of the session.
    Limits(QueryLimits),
    /// Instruments: their numbers, ticks and lots.
    Instruments(QueryInstruments),
    /// A snapshot of the account.
    Account(QueryAccount),
}

impl Request {
    /// An order with these terms. With a name, sending it again is harmless.
    pub fn place(name: Option<Text<36>>, terms: Terms) -> Self {
        Request::Place(PlaceOrder { reference: 0, client_order_id: name.unwrap_or(Text::NONE), terms })
    }

    /// Two orders, one of which cancels the other. With a name, sending it again is harmless.
    pub fn oco(name: Option<Text<36>>, instrument: u16, orders: [Leg; 2]) -> Self {
        Self::list(name, instrument, values::list_type::OCO, [orders[0], orders[1], Leg::default()])
    }

    /// An order, and one that comes when it has been filled whole.
    pub fn oto(name: Option<Text<36>>, instrument: u16, working: Leg, pending: Leg) -> Self {
        Self::list(name, instrument, values::list_type::OTO, [working, pending, Leg::default()])
    }

    /// A bracket: an order, and two that come when it has been filled whole, one of which cancels the other.
    pub fn otoco(name: Option<Text<36>>, instrument: u16, working: Leg, pending: [Leg; 2]) -> Self {
        Self::list(name, instrument, values::list_type::OTOCO, [working, pending[0], pending[1]])
    }

    fn list(name: Option<Text<36>>, instrument: u16, list_type: u8, [first, second, third]: [Leg; 3]) -> Self {
        let client_order_id = name.unwrap_or(Text::NONE);
        let (first, second, third) = (LegAt(first), LegAt(second), LegAt(third));
        Request::List(PlaceList {
            client_order_id,
            instrument,
            list_type,
            first,
            second,
            third,
            ..PlaceList::default()
        })
    }

    /// Another price, another total quantity, or both; 0 leaves what is.
    pub fn amend(order: OrderId, price: u64, qty: u64) -> Self {
        let (order_id, client_order_id) = order.fields();
        Request::Amend(Amend { reference: 0, order_id, client_order_id, price, qty })
    }

    /// The end of an order.
    pub fn cancel(order: OrderId) -> Self {
        let (order_id, client_order_id) = order.fields();
        Request::Cancel(Cancel { reference: 0, order_id, client_order_id })
    }

    /// The end of all orders, or of those in one instrument or on one side.
    pub fn cancel_all(instrument: Option<u16>, side: Option<Side>) -> Self {
        Request::CancelAll(CancelAll {
            reference: 0,
            instrument: instrument.unwrap_or(values::ANY_INSTRUMENT),
            side: side.map_or(0, Side::number),
        })
    }

    /// The account's kill switch, engaged or released.
    pub fn kill_switch(engaged: bool) -> Self {
        Request::KillSwitch(KillSwitch { reference: 0, engaged: u8::from(engaged) })
    }

    /// What instruments there are.
    pub fn instruments() -> Self {
        Request::Instruments(QueryInstruments { reference: 0, instrument: values::ANY_INSTRUMENT })
    }

    /// Open orders and balances.
    pub fn account() -> Self {
        Request::Account(QueryAccount { reference: 0 })
    }

    /// The session's limits, and what is left of them.
    pub fn limits() -> Self {
        Request::Limits(QueryLimits { reference: 0 })
    }

    /// The same with this reference.
    pub(crate) fn with(self, reference: u64) -> Self {
        match self {
            Request::Place(ask) => Request::Place(PlaceOrder { reference, ..ask }),
            Request::List(ask) => Request::List(PlaceList { reference, ..ask }),
            Request::Amend(ask) => Request::Amend(Amend { reference, ..ask }),
            Request::Cancel(ask) => Request::Cancel(Cancel { reference, ..ask }),
            Request::CancelAll(ask) => Request::CancelAll(CancelAll { reference, ..ask }),
            Request::KillSwitch(ask) => Request::KillSwitch(KillSwitch { reference, ..ask }),
            Request::Limits(_) => Request::Limits(QueryLimits { reference }),
            Request::Instruments(ask) => Request::Instruments(QueryInstruments { reference, ..ask }),
            Request::Account(_) => Request::Account(QueryAccount { reference }),
        }
    }

    /// Whether it may be sent once more when nobody knows what became of it: orders with a name, and what names its outcome.
    pub fn is_safe_to_repeat(&self) -> bool {
        match self {
            Request::Place(order) => !order.client_order_id.is_none(),
            Request::List(list) => !list.client_order_id.is_none(),
            Request::CancelAll(_) | Request::KillSwitch(_) => false,
            _ => true,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Request::Place(ask) => ask.write(out),
            Request::List(ask) => ask.write(out),
            Request::Amend(ask) => ask.write(out),
            Request::Cancel(ask) => ask.write(out),
            Request::CancelAll(ask) => ask.write(out),
            Request::KillSwitch(ask) => ask.write(out),
            Request::Limits(ask) => ask.write(out),
            Request::Instruments(ask) => ask.write(out),
            Request::Account(ask) => ask.write(out),
        }
    }
}

/// A limit order: a price in ticks and a quantity in lots.
pub fn limit(instrument: u16, side: Side, price: u64, qty: u64) -> Terms {
    Terms { price, qty, instrument, side: side.number(), order_type: values::order_type::LIMIT, ..Terms::default() }
}

/// A market order for a quantity in lots.
pub fn market(instrument: u16, side: Side, qty: u64) -> Terms {
    Terms { qty, instrument, side: side.number(), order_type: values::order_type::MARKET, ..Terms::default() }
}

/// A limit order that takes nothing: it rests, or is refused.
pub fn post_only(instrument: u16, side: Side, price: u64, qty: u64) -> Terms {
    Terms { flags: values::flags::POST_ONLY, ..limit(instrument, side, price, qty) }
}
