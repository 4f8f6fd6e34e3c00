//! Frames that clients send.

use crate::field::{Signature, Text};
use crate::layout::frames;
use crate::legs::LegAt;
use crate::terms::Terms;

frames! {
    /// Everything that a client can say.
    FromClient {
        /// Answers the challenge and opens the session. The first frame of a client.
        Login = 0x01 {
            protocol: u16, "", "", "Version of the protocol: 1.";
            signature_kind: u8, "", "", "1 Ed25519, 2 HMAC-SHA256.";
            durability: u8, "", "0", "What answers wait for: 1 memory, 2 process, 3 interval, 4 group, 5 group+mark; 0: the venue's level.";
            interval_ms: u32, "ms", "0", "Of the level interval.";
            cancel_on_disconnect: u8, "", "0", "1: when the session has ended and the grace time is over, all orders of the account are cancelled; 0: they stay.";
            resume: u8, "", "0", "0: messages from now on; 1: those after resume_after first; 2: a snapshot first.";
            reserved: u16, "", "0", "Zero.";
            grace_ms: u32, "ms", "0", "How long a new session of the same account may take to come before orders are cancelled; at most 60,000.";
            key_id: [u8; 16], "", "", "The API key's id: the 32 hexadecimal digits of its name as bytes.";
            client_time_ns: u64, "ns since 1970", "", "The client's clock, within 60 seconds of the venue's.";
            resume_after: u64, "", "0", "The sequence of the last message that the client has seen of this account.";
            resume_time_ns: u64, "ns since 1970", "0", "Its time_ns, so that a message that the venue has lost is not taken for another; 0: not said.";
            signature: Signature, "", "", "Over the 104 bytes that \"Logging in\" describes.";
        }
        /// Says that the client lives. Sent when nothing else was for a second.
        ClientHeartbeat = 0x02 {}
        /// Ends the session. What is under way is answered in the next one.
        ClientLogout = 0x03 {}
        /// A new order.
        PlaceOrder = 0x10 {
            reference: u64, "", "0", "Your number for the request; answers to this session repeat it.";
            client_order_id: Text<36>, "", "zeros", "Your name for the order: 1 to 36 of A-Z a-z 0-9 . : / _ -. With one, sending the same order again is harmless.";
            terms: Terms, "", "", "Terms.";
        }
        /// New terms for a resting order.
        Amend = 0x11 {
            reference: u64, "", "0", "Your number for the request.";
            order_id: u64, "", "0", "The order's number.";
            client_order_id: Text<36>, "", "zeros", "Or your name for it.";
            price: u64, "ticks", "0", "The new limit price; 0: as it is.";
            qty: u64, "lots", "0", "The new total quantity, filled part included; 0: as it is.";
        }
        /// Ends one order, and the list that it is in.
        Cancel = 0x12 {
            reference: u64, "", "0", "Your number for the request.";
            order_id: u64, "", "0", "The order's number.";
            client_order_id: Text<36>, "", "zeros", "Or your name for it.";
        }
        /// Ends all orders of the account, or those of one instrument or side.
        CancelAll = 0x13 {
            reference: u64, "", "0", "Your number for the request.";
            instrument: u16, "", "65535", "Only in this instrument.";
            side: u8, "", "0", "Only on this side: 1 buy, 2 sell.";
        }
        /// Ends all orders of the account and refuses new ones, or allows trading again.
        KillSwitch = 0x14 {
            reference: u64, "", "0", "Your number for the request.";
            engaged: u8, "", "", "1: trading stops; 0: it is allowed again.";
        }
        /// Two or three new orders that hang together: all of them are accepted, or none.
        PlaceList = 0x15 {
            reference: u64, "", "0", "Your number for the request; answers to this session repeat it.";
            client_order_id: Text<36>, "", "zeros", "Your name for the first order, and so for the list. With one, sending the same list again is harmless.";
            instrument: u16, "", "", "The instrument's number.";
            list_type: u8, "", "", "1 oco, 2 oto: two orders; 3 otoco: three. The one that comes first is the first.";
            self_trade: u8, "", "0", "Of all of them: 1 none, 2 cancel_taker, 3 cancel_maker, 4 cancel_both, 5 decrement; 0: the market's.";
            first: LegAt<1>, "", "", "The first order.";
            second: LegAt<2>, "", "", "The second order.";
            third: LegAt<3>, "", "", "The third order.";
        }
        /// Asks for the limits of the session and how much of them is left.
        QueryLimits = 0x20 {
            reference: u64, "", "0", "Your number for the request.";
        }
        /// Asks for instruments: their numbers, ticks and lots.
        QueryInstruments = 0x21 {
            reference: u64, "", "0", "Your number for the request.";
            instrument: u16, "", "65535", "Only this one.";
        }
        /// Asks for a snapshot of the account: open orders, balances, and the sequence that they are at.
        QueryAccount = 0x22 {
            reference: u64, "", "0", "Your number for the request.";
        }
    }
}
