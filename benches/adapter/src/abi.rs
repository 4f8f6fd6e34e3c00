//! The interface's structures, as `api/matching_engine_api.h` of the benchmark lays them out.

use std::ffi::c_void;

/// A new order. `side` is 0 to buy and 1 to sell; `ioc` is 1 if what is left after matching is cancelled.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NewOrder {
    /// The sender's number for the order.
    pub order_id: u64,
    /// Number of the message.
    pub sequence_number: u64,
    /// Limit, in ticks.
    pub price_ticks: i64,
    /// Lots.
    pub quantity: u32,
    /// Buy or sell.
    pub side: u8,
    /// Immediate or cancel.
    pub ioc: u8,
    reserved: [u8; 2],
}

impl NewOrder {
    /// A limit order that rests if `ioc` is false.
    pub fn limit(order_id: u64, sequence_number: u64, side: u8, price_ticks: i64, quantity: u32, ioc: bool) -> Self {
        Self { order_id, sequence_number, price_ticks, quantity, side, ioc: ioc.into(), reserved: [0; 2] }
    }
}

/// Ends an order.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Cancel {
    /// The sender's number for the order.
    pub order_id: u64,
    /// Number of the message.
    pub sequence_number: u64,
}

/// New terms for an order, which goes to the tail of its level.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Modify {
    /// The sender's number for the order.
    pub order_id: u64,
    /// Number of the message.
    pub sequence_number: u64,
    /// New limit, in ticks.
    pub new_price_ticks: i64,
    /// New lots.
    pub new_quantity: u32,
    /// The side as the sender remembers it; the book knows better.
    pub side: u8,
    reserved: [u8; 3],
}

impl Modify {
    /// New terms for an order.
    pub fn to(order_id: u64, sequence_number: u64, new_price_ticks: i64, new_quantity: u32) -> Self {
        Self { order_id, sequence_number, new_price_ticks, new_quantity, side: 0, reserved: [0; 3] }
    }
}

/// One of the three, by `Message::kind`.
#[repr(C)]
#[derive(Clone, Copy)]
pub union Body {
    /// Kind 0.
    pub new: NewOrder,
    /// Kind 1.
    pub cancel: Cancel,
    /// Kind 2.
    pub modify: Modify,
}

/// A tagged message, as batches hold it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Message {
    /// Which body it has.
    pub kind: u8,
    reserved: [u8; 7],
    /// The order, cancel or modify.
    pub body: Body,
}

/// What happened, for whoever drains the reports.
#[repr(C)]
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct WireReport {
    /// 0 order accepted, 1 trade, 2 cancelled, 3 modified, 4 cancel refused, 5 modify refused.
    pub kind: u8,
    /// Side of the order, where it means something.
    pub side: u8,
    pub(crate) reserved: [u8; 6],
    /// Number of the message that caused it.
    pub sequence_number: u64,
    /// The order; in a trade the taker.
    pub order_id: u64,
    /// The order's limit; in a trade the maker's.
    pub price_ticks: i64,
    /// The order's lots; in a trade the lots traded.
    pub quantity: u32,
    pub(crate) reserved2: u32,
    /// Trades only.
    pub maker_order_id: u64,
    /// Trades only.
    pub taker_order_id: u64,
    pub(crate) reserved3: u64,
}

/// A queue of reports between two threads.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Transport {
    /// Makes a queue with room for so many reports.
    pub create: extern "C" fn(u32) -> *mut c_void,
    /// Puts one in: 1, or 0 if the queue is full.
    pub push: unsafe extern "C" fn(*mut c_void, *const WireReport) -> i32,
    /// Takes up to so many out, and returns how many.
    pub drain: unsafe extern "C" fn(*mut c_void, *mut WireReport, u32) -> u32,
    /// Shows the draining thread whatever it cannot see yet.
    pub flush: unsafe extern "C" fn(*mut c_void),
    /// Ends a queue.
    pub destroy: unsafe extern "C" fn(*mut c_void),
}

const _: () = assert!(size_of::<NewOrder>() == 32 && size_of::<Modify>() == 32 && size_of::<Cancel>() == 16);
const _: () = assert!(size_of::<Message>() == 40 && size_of::<WireReport>() == 64);
