//! The frames of binary order entry, as pure functions over byte slices: `docs/protocol-tcp.md` in code. It depends on
//! nothing but the standard library, and does no input or output.
//!
//! A frame is a length (u16, the whole frame), a type (u8), a version (u8) and a body. Everything is little-endian, packed
//! without padding, in the order in which the fields stand. A reader takes the fields that it knows and skips, by the
//! length, what a newer version appended.
//!
//! ```
//! use papertape_wire::{Cancel, FromClient, read_frame};
//!
//! let cancel = Cancel { reference: 7, order_id: 12, ..Cancel::default() };
//! let mut bytes = Vec::new();
//! cancel.write(&mut bytes);
//! let (frame, length) = read_frame(&bytes).unwrap().unwrap();
//! assert_eq!((frame.kind, length), (Cancel::KIND, bytes.len()));
//! assert_eq!(FromClient::decode(frame), Ok(FromClient::Cancel(cancel)));
//! ```

pub mod codes;
pub mod feed;
mod field;
mod frame;
mod from_client;
mod from_venue;
mod layout;
mod legs;
mod login;
mod terms;
pub mod values;

pub use codes::Code;
pub use field::{Field, Name, Signature, Text};
pub use frame::{FRAME_MAX, Frame, FrameError, HEADER, read_frame};
pub use from_client::{
    Amend, Cancel, CancelAll, ClientHeartbeat, ClientLogout, FromClient, KillSwitch, Login, PlaceList, PlaceOrder,
    QueryAccount, QueryInstruments, QueryLimits,
};
pub use from_venue::{
    AccountSuspended, Balance, Challenge, CommandRejected, EndOfReplay, FromVenue, Heartbeat, Instrument,
    KillSwitchSet, Limits, LoginAccepted, LoginRejected, Logout, MassCancelDone, OpenOrder, OrderAccepted,
    OrderCancelled, OrderExpired, OrderFilled, OrderRejected, OrderReleased, OrderRepeated, OrderReplaced, OrderRested,
    OrderTriggered, QueryDone, SelfTradePrevented, ServerShutdown, SnapshotBegin, SnapshotEnd,
};
pub use layout::{Column, DecodeError, FROM_CLIENT, FROM_VENUE, Layout};
pub use legs::{Leg, LegAt};
pub use login::{SIGNED_LEN, signed_bytes};
pub use terms::Terms;

/// The protocol's version, which a login names.
pub const PROTOCOL: u16 = 1;

/// The version of the frames that this crate writes.
pub const VERSION: u8 = 1;
