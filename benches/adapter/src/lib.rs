//! The venue's order book behind the C interface of `flash1-dev/matching-engine-benchmark`, as a shared library that
//! the benchmark loads. The book is the one that trades in the venue, driven through the same functions, and reports
//! leave through the venue's own ring (or through the benchmark's queue, with the feature `harness-queue`).
//!
//! The benchmark calls every function from its matching thread, but for the ring's `drain`, which has a thread of its
//! own.

#![allow(unsafe_code)]

pub mod abi;
#[cfg(feature = "harness-queue")]
mod foreign;
pub mod matcher;
#[cfg(not(feature = "harness-queue"))]
mod own;
pub mod report;
pub mod transport;

use std::cell::UnsafeCell;
use std::ffi::c_void;

use papertape_engine::Side;

use abi::{Cancel, Message, Modify, NewOrder, Transport};
#[cfg(feature = "harness-queue")]
use foreign::Out;
use matcher::{Matcher, Sink};
#[cfg(not(feature = "harness-queue"))]
use own::Out;

struct Session {
    matcher: Matcher,
    out: Out,
}

/// The session, from `engine_init` to `engine_shutdown`.
struct Global(UnsafeCell<Option<Session>>);

// SAFETY: the benchmark calls every function that touches the session from one thread.
unsafe impl Sync for Global {}

static SESSION: Global = Global(UnsafeCell::new(None));

/// # Safety
/// Only on the benchmark's matching thread, and never while the reference that an earlier call gave is in use.
#[inline]
unsafe fn session() -> &'static mut Session {
    // SAFETY: by the caller's promise nobody else has a reference.
    let session = unsafe { &mut *SESSION.0.get() };
    session.as_mut().expect("the benchmark begins with engine_init")
}

/// Begins: an empty book, and reports to `sink` through `transport`. The nonce means nothing here.
///
/// # Safety
/// As the benchmark promises: `transport` is what `engine_get_transport` gave, or the benchmark's own, and `sink` what
/// its `create` gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_init(_nonce: u64, transport: *const Transport, sink: *mut c_void) {
    // SAFETY: see above; the session is touched by this thread only.
    unsafe { *SESSION.0.get() = Some(Session { matcher: Matcher::default(), out: Out::new(transport, sink) }) };
}

/// Ends.
///
/// # Safety
/// On the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_shutdown() {
    // SAFETY: the session is touched by this thread only.
    unsafe { *SESSION.0.get() = None };
}

/// A new order.
///
/// # Safety
/// `order` points to one, on the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_on_new_order(order: *const NewOrder) {
    // SAFETY: the caller's promise.
    let (Session { matcher, out }, order) = unsafe { (session(), &*order) };
    matcher.new_order(order, out.sink());
}

/// The end of an order.
///
/// # Safety
/// `cancel` points to one, on the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_on_cancel(cancel: *const Cancel) {
    // SAFETY: the caller's promise.
    let (Session { matcher, out }, cancel) = unsafe { (session(), &*cancel) };
    matcher.cancel(cancel, out.sink());
}

/// New terms for an order.
///
/// # Safety
/// `modify` points to one, on the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_on_modify(modify: *const Modify) {
    // SAFETY: the caller's promise.
    let (Session { matcher, out }, modify) = unsafe { (session(), &*modify) };
    matcher.modify(modify, out.sink());
}

/// Several messages, one after the other: none is looked at before the one before it is done. A kind that is neither
/// 0 nor 1 is a modify.
///
/// # Safety
/// `messages` points to `count` of them, on the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_on_batch(messages: *const Message, count: u32) {
    if count == 0 {
        return;
    }
    // SAFETY: the caller's promise.
    let (Session { matcher, out }, messages) =
        unsafe { (session(), std::slice::from_raw_parts(messages, count as usize)) };
    let sink = out.sink();
    for message in messages {
        // SAFETY: the kind says which body a message has.
        unsafe {
            match message.kind {
                0 => matcher.new_order(&message.body.new, sink),
                1 => matcher.cancel(&message.body.cancel, sink),
                _ => matcher.modify(&message.body.modify, sink),
            }
        }
    }
    sink.show();
}

/// Everything that was delivered has been matched already; the last reports are shown now.
///
/// # Safety
/// On the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_flush() {
    // SAFETY: the caller's promise.
    unsafe { session() }.out.sink().show();
}

/// The best bid in ticks, or the least number there is.
///
/// # Safety
/// On the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_query_best_bid() -> i64 {
    // SAFETY: the caller's promise.
    unsafe { session() }.matcher.best(Side::Buy).unwrap_or(i64::MIN)
}

/// The best ask in ticks, or the greatest number there is.
///
/// # Safety
/// On the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_query_best_ask() -> i64 {
    // SAFETY: the caller's promise.
    unsafe { session() }.matcher.best(Side::Sell).unwrap_or(i64::MAX)
}

/// The lots that rest at a price.
///
/// # Safety
/// On the benchmark's matching thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_query_depth_at(price_ticks: i64, side: u8) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { session() }.matcher.depth_at(side, price_ticks)
}
