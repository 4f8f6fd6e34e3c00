//! Frames that the venue sends. Those from 0xA0 on are sequenced: an account's are numbered densely from 1, and survive.

use crate::field::{Name, Text};
use crate::layout::frames;
use crate::terms::Terms;

frames! {
    /// Everything that the venue can say.
    FromVenue {
        /// What the client's login must answer. The first frame of the venue.
        Challenge = 0x81 {
            nonce: [u8; 32], "", "", "Random, for this connection only.";
            server_time_ns: u64, "ns since 1970", "", "The venue's clock.";
            protocol_min: u16, "", "", "The oldest version of the protocol that it speaks.";
            protocol_max: u16, "", "", "The newest one.";
            login_within_ms: u32, "ms", "", "How long the login may take.";
        }
        /// The session is open.
        LoginAccepted = 0x82 {
            session: u64, "", "", "Its number, which no other session of this run has.";
            server_time_ns: u64, "ns since 1970", "", "The venue's clock.";
            next_sequence: u64, "", "0", "The sequence of the next sequenced message that is sent; 0: the snapshot says it.";
            last_sequence: u64, "", "0", "The highest sequence of the account so far.";
            account: u32, "", "", "The account's number.";
            heartbeat_ms: u32, "ms", "", "After so long without another message each side sends a heartbeat.";
            dead_after_ms: u32, "ms", "", "After so long without a byte the other side is taken for gone.";
            interval_ms: u32, "ms", "0", "Of the level interval.";
            in_flight_max: u32, "", "", "Requests of the session that may wait for their answer.";
            durability: u8, "", "", "What answers wait for: 1 memory, 2 process, 3 interval, 4 group, 5 group+mark.";
            resumed: u8, "", "", "0: messages from now on; 1: the missing ones, then EndOfReplay; 2 to 4: a snapshot follows: as asked, because the missing ones are no longer kept, or because the message that was named is not known.";
            permissions: u8, "", "", "Bits: 1 read, 2 trade.";
        }
        /// There is no session; the connection ends.
        LoginRejected = 0x83 {
            code: u16, "", "", "Why: a code of the table.";
            class: u8, "", "", "1 retryable, 2 final, 3 outcome unknown.";
            retry_after_ms: u32, "ms", "0", "When another attempt makes sense.";
        }
        /// Says that the venue lives. Sent when nothing else was for a second.
        Heartbeat = 0x84 {
            last_sequence: u64, "", "0", "The sequence of the last sequenced message that was sent.";
        }
        /// The session is over; the connection ends. All before it has been sent.
        Logout = 0x85 {
            last_sequence: u64, "", "0", "The sequence of the last sequenced message that was sent.";
            code: u16, "", "", "Why: a code of the table.";
            class: u8, "", "", "1 retryable, 2 final, 3 outcome unknown.";
        }
        /// A request that did not reach the core: nothing was done, unless the class says otherwise. Not sequenced.
        CommandRejected = 0x86 {
            reference: u64, "", "0", "The request's.";
            client_order_id: Text<36>, "", "zeros", "The request's.";
            retry_after_ms: u32, "ms", "0", "When another attempt makes sense.";
            code: u16, "", "", "Why: a code of the table.";
            class: u8, "", "", "1 retryable, 2 final, 3 outcome unknown.";
            request: u8, "", "", "The request's type.";
        }
        /// The venue is about to stop: new orders and amends are refused, cancels are taken.
        ServerShutdown = 0x87 {
            time_ns: u64, "ns since 1970", "", "The venue's clock.";
            closes_in_ms: u32, "ms", "", "The session ends then at the latest.";
        }
        /// What the session missed has been sent; what follows is new.
        EndOfReplay = 0x88 {
            last_sequence: u64, "", "0", "The sequence of the last message before it.";
        }
        /// The limits of the session.
        Limits = 0x89 {
            reference: u64, "", "0", "The request's.";
            orders_per_second: u32, "", "0", "New orders and amends of the account; 0: no limit.";
            orders_left: u32, "", "", "How many may come at this moment.";
            cancels_per_second: u32, "", "0", "Cancels of the account; 0: no limit.";
            cancels_left: u32, "", "", "How many may come at this moment.";
            in_flight_max: u32, "", "", "Requests of the session that may wait for their answer.";
            in_flight: u32, "", "", "How many wait.";
            sessions_max: u32, "", "", "Sessions of the account.";
            sessions: u32, "", "", "How many there are.";
        }
        /// An instrument: 1 tick is tick_mantissa * 10^-price_decimals of quote for one whole base, 1 lot is lot units of 10^-base_decimals base.
        Instrument = 0x8a {
            reference: u64, "", "0", "The request's.";
            symbol: Name, "", "", "Its symbol.";
            base: Name, "", "", "What is bought and sold.";
            quote: Name, "", "", "What it is paid with.";
            tick_mantissa: u64, "10^-price_decimals quote", "", "One tick.";
            lot: i128, "base units", "", "One lot.";
            price_min: u64, "ticks", "", "The lowest limit price.";
            price_max: u64, "ticks", "", "The highest limit price.";
            qty_min: u64, "lots", "", "The smallest quantity.";
            qty_max: u64, "lots", "", "The largest quantity.";
            instrument: u16, "", "", "Its number.";
            base_asset: u16, "", "", "The base asset's number.";
            quote_asset: u16, "", "", "The quote asset's number.";
            price_decimals: u8, "", "", "Decimals of a price.";
            base_decimals: u8, "", "", "Decimals of the base asset's unit.";
            quote_decimals: u8, "", "", "Decimals of the quote asset's unit.";
            phase: u8, "", "", "1 continuous, 2 auction, 3 halted, 4 closed.";
            fee_asset: u8, "", "", "1: fees are in quote; 2: in what is received, so that a buyer pays in base.";
        }
        /// A snapshot begins: so many orders and balances follow.
        SnapshotBegin = 0x8b {
            reference: u64, "", "0", "The request's; 0 after a login.";
            sequence: u64, "", "0", "The last sequenced message that it contains; the next one has one more.";
            journal_seq: u64, "", "", "The record of the journal that it is at.";
            orders: u32, "", "", "OpenOrder frames that follow.";
            balances: u32, "", "", "Balance frames that follow.";
        }
        /// An open order, as it is.
        OpenOrder = 0x8c {
            order_id: u64, "", "", "Its number.";
            client_order_id: Text<36>, "", "zeros", "Your name for it.";
            terms: Terms, "", "", "Terms, as amended.";
            leaves_qty: u64, "lots", "", "What can still trade.";
            filled_qty: u64, "lots", "", "What has traded.";
            list_id: u64, "", "0", "The number of its list's first order.";
            status: u8, "", "", "1 pending, 2 waiting, 3 new, 4 partially filled.";
        }
        /// A balance, as it is.
        Balance = 0x8d {
            asset: Name, "", "", "The asset's symbol.";
            free: i128, "units", "", "What can be spent.";
            held: i128, "units", "", "What open orders hold.";
            asset_id: u16, "", "", "The asset's number.";
            decimals: u8, "", "", "Decimals of its unit.";
        }
        /// The snapshot is whole.
        SnapshotEnd = 0x8e {
            reference: u64, "", "0", "The request's; 0 after a login.";
            sequence: u64, "", "0", "As in its beginning.";
        }
        /// All answers to a query have been sent.
        QueryDone = 0x8f {
            reference: u64, "", "0", "The request's.";
            count: u32, "", "", "How many there were.";
            request: u8, "", "", "The request's type.";
        }
        /// An order was accepted; what it does at once follows. In reply to PlaceOrder.
        OrderAccepted = 0xa0 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request, if it came in this session.";
            order_id: u64, "", "", "The order's number from now on.";
            client_order_id: Text<36>, "", "zeros", "Your name for it.";
            terms: Terms, "", "", "Terms; self_trade is the mode that applies.";
            list_id: u64, "", "0", "The number of its list's first order.";
            status: u8, "", "", "1 pending, 2 waiting, 3 new.";
        }
        /// The core refused a request of the account. Nothing changed.
        OrderRejected = 0xa1 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request, if it came in this session.";
            order_id: u64, "", "0", "The order that a cancel or an amend named by its number.";
            client_order_id: Text<36>, "", "zeros", "The name of the refused order, or of the order that a cancel or an amend named.";
            instrument: u16, "", "65535", "Where.";
            code: u16, "", "", "Why: a code of the table.";
            class: u8, "", "", "1 retryable, 2 final, 3 outcome unknown.";
        }
        /// An order traded.
        OrderFilled = 0xa2 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request that led to it, if it came in this session.";
            order_id: u64, "", "", "The order.";
            trade_id: u64, "", "", "The trade's number in its instrument.";
            price: u64, "ticks", "", "At which price.";
            qty: u64, "lots", "", "How much.";
            leaves_qty: u64, "lots", "", "What is left of the order; of one by amount, 0.";
            fee: i128, "units of the fee's asset", "", "What it cost; negative is a rebate.";
            instrument: u16, "", "", "Where.";
            side: u8, "", "", "1 buy, 2 sell.";
            liquidity: u8, "", "", "1 maker, 2 taker, 3 auction.";
        }
        /// An order ended before it was filled whole.
        OrderCancelled = 0xa3 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request that led to it, if it came in this session.";
            order_id: u64, "", "", "The order.";
            leaves_qty: u64, "lots", "", "What was left of it.";
            instrument: u16, "", "", "Where.";
            cause: u16, "", "", "Why: a cause of the table.";
            side: u8, "", "", "1 buy, 2 sell.";
        }
        /// A resting order has new terms. In reply to Amend, or because a pegged order has moved.
        OrderReplaced = 0xa4 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request that led to it, if it came in this session.";
            order_id: u64, "", "", "The order.";
            price: u64, "ticks", "", "Its price now.";
            qty: u64, "lots", "", "Its total quantity now, filled part included.";
            leaves_qty: u64, "lots", "", "What can still trade.";
            instrument: u16, "", "", "Where.";
            side: u8, "", "", "1 buy, 2 sell.";
            kept_priority: u8, "", "", "1: it kept its place in the queue; 0: it lost it, and what it does at its new price follows.";
        }
        /// An order's time was up.
        OrderExpired = 0xa5 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "Zero.";
            order_id: u64, "", "", "The order.";
            leaves_qty: u64, "lots", "", "What was left of it.";
            instrument: u16, "", "", "Where.";
            side: u8, "", "", "1 buy, 2 sell.";
        }
        /// An order's trigger fired: it comes to the book, and what it does there follows.
        OrderTriggered = 0xa6 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request that led to it, if it came in this session.";
            order_id: u64, "", "", "The order.";
            price: u64, "ticks", "", "The reference price that fired it.";
            instrument: u16, "", "", "Where.";
            side: u8, "", "", "1 buy, 2 sell.";
        }
        /// An order that was pending in a list, or waited for its auction, comes now; what it does at once follows.
        OrderReleased = 0xa7 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request that led to it, if it came in this session.";
            order_id: u64, "", "", "The order.";
            instrument: u16, "", "", "Where.";
            side: u8, "", "", "1 buy, 2 sell.";
        }
        /// What is left of an order went to the end of its price's queue; of an iceberg, the next part that shows.
        OrderRested = 0xa8 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request that led to it, if it came in this session.";
            order_id: u64, "", "", "The order.";
            price: u64, "ticks", "", "At which price.";
            leaves_qty: u64, "lots", "", "What is left of it.";
            shown_qty: u64, "lots", "", "How much of that shows.";
            instrument: u16, "", "", "Where.";
            side: u8, "", "", "1 buy, 2 sell.";
        }
        /// An order would have traded with its own account or trade group, and did not. If it ends by that, OrderCancelled follows.
        SelfTradePrevented = 0xa9 {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request that led to it, if it came in this session.";
            order_id: u64, "", "", "The order.";
            other_order_id: u64, "", "", "The order that it would have traded with.";
            price: u64, "ticks", "", "At which price.";
            qty: u64, "lots", "", "How much would have traded.";
            leaves_qty: u64, "lots", "", "What is left of the order.";
            instrument: u16, "", "", "Where.";
            mode: u8, "", "", "1 none, 2 cancel_taker, 3 cancel_maker, 4 cancel_both, 5 decrement.";
        }
        /// The same order came again, under the same client order id: nothing was done, this is the first one's number.
        OrderRepeated = 0xaa {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request, if it came in this session.";
            order_id: u64, "", "", "The first order.";
            client_order_id: Text<36>, "", "", "Your name for it.";
            instrument: u16, "", "", "Where.";
        }
        /// A mass cancel is done: each order that ended by it was told before. In reply to CancelAll, or when a session's grace time is over.
        MassCancelDone = 0xab {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request, if it came in this session.";
            orders: u32, "", "", "How many orders ended.";
        }
        /// The account's kill switch was engaged or released: each order that ended by it was told before.
        KillSwitchSet = 0xac {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "That of the request, if it came in this session.";
            orders: u32, "", "", "How many orders ended.";
            engaged: u8, "", "", "1: trading stops; 0: it is allowed again.";
        }
        /// The operator suspended the account, or lifted that: each order that ended by it was told before.
        AccountSuspended = 0xad {
            sequence: u64, "", "", "Number of the account's message.";
            journal_seq: u64, "", "", "Number of the command's record in the journal.";
            time_ns: u64, "ns since 1970", "", "The venue's time of the command.";
            reference: u64, "", "0", "Zero.";
            orders: u32, "", "", "How many orders ended.";
            suspended: u8, "", "", "1: it can neither trade nor move money out; 0: it can again.";
        }
    }
}

impl FromVenue {
    /// The first type that is sequenced.
    pub const SEQUENCED: u8 = 0xa0;
    /// Where the sequence of a sequenced frame begins.
    pub const SEQUENCE_AT: usize = 4;
    /// Where its request's reference begins.
    pub const REFERENCE_AT: usize = 28;
}
