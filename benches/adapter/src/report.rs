//! A report as the matcher writes it: only what it says, 40 bytes. The thread that drains makes the interface's 64
//! bytes of it.

use crate::abi::WireReport;

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// An order was accepted.
    OrderAck,
    /// Two orders traded.
    Trade,
    /// An order was cancelled, or what was left of one that does not rest.
    CancelAck,
    /// An order has new terms.
    ModifyAck,
    /// There is no such order to cancel.
    CancelReject,
    /// There is no such order to modify.
    ModifyReject,
}

/// One thing that happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Report {
    /// Number of the message that caused it.
    pub sequence_number: u64,
    /// The order; in a trade the taker.
    pub order_id: u64,
    /// In a trade the maker.
    pub maker_id: u64,
    /// The order's limit; in a trade the maker's. In ticks.
    pub price_ticks: i64,
    /// The order's lots; in a trade the lots traded.
    pub quantity: u32,
    /// What happened.
    pub kind: Kind,
    /// 0 to buy and 1 to sell.
    pub side: u8,
}

const _: () = assert!(size_of::<Report>() == 40);

impl Report {
    /// Fills a ring before its first use.
    pub const BLANK: Self = Self {
        sequence_number: 0,
        order_id: 0,
        maker_id: 0,
        price_ticks: 0,
        quantity: 0,
        kind: Kind::OrderAck,
        side: 0,
    };

    /// As the interface has it.
    pub fn to_wire(self) -> WireReport {
        let trade = self.kind == Kind::Trade;
        WireReport {
            kind: self.kind as u8,
            side: self.side,
            sequence_number: self.sequence_number,
            order_id: self.order_id,
            price_ticks: self.price_ticks,
            quantity: self.quantity,
            maker_order_id: if trade { self.maker_id } else { 0 },
            taker_order_id: if trade { self.order_id } else { 0 },
            ..WireReport::default()
        }
    }
}
