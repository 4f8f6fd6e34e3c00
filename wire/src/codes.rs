//! Why something was refused, and why an order ended: stable numbers, never reused. Those below 1,000 are the venue's rules,
//! and the same as everywhere in its API; those from 1,000 on are of this protocol.

/// What a refused request means for whoever sent it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Class {
    /// Nothing was done, and the same request may succeed later.
    Retryable = 1,
    /// Nothing was done, and the same request will be refused again in the same state.
    Final = 2,
    /// It may have been done: look at the sequenced messages of the next session.
    OutcomeUnknown = 3,
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    /// Its number.
    pub number: u16,
    /// Its name.
    pub name: &'static str,
    /// What it means for a request.
    pub class: Class,
    /// What it says.
    pub says: &'static str,
}

/// A code by its number.
pub fn code(number: u16) -> Option<&'static Code> {
    CODES.binary_search_by_key(&number, |code| code.number).ok().and_then(|at| CODES.get(at))
}

/// The class of a number; one that is not known is final.
pub fn class_of(number: u16) -> Class {
    code(number).map_or(Class::Final, |code| code.class)
}

macro_rules! codes {
    ($( $name:ident = $number:literal, $class:ident, $says:literal; )*) => {
        $( #[doc = $says] pub const $name: u16 = $number; )*

        /// Every code, in the order of the numbers.
        pub const CODES: &[Code] = &[ $(
            Code { number: $number, name: stringify!($name), class: Class::$class, says: $says },
        )* ];
    };
}

codes! {
    UNKNOWN_ACCOUNT = 1, Final, "There is no such account.";
    UNKNOWN_ASSET = 2, Final, "There is no such asset.";
    UNKNOWN_INSTRUMENT = 3, Final, "There is no such instrument.";
    UNKNOWN_ORDER = 4, Final, "The account has no such open order.";
    INSTRUMENT_HALTED = 10, Final, "Trading in this instrument is halted; only cancels are accepted.";
    INSTRUMENT_CLOSED = 11, Final, "This instrument is closed; only cancels are accepted.";
    AUCTION_ONLY_LIMIT = 12, Final, "During an auction only plain limit orders that stay (GTC, GTD, day) are accepted.";
    BOOK_CROSSED = 13, Final, "The book is crossed; uncross it before continuous trading.";
    NOT_IN_AUCTION = 14, Final, "The instrument is not in an auction.";
    PHASE_UNCHANGED = 15, Final, "The instrument is in that phase already.";
    PRICE_OUT_OF_RANGE = 20, Final, "The price is outside the instrument's limits.";
    QTY_OUT_OF_RANGE = 21, Final, "The quantity is outside the instrument's limits.";
    NOTIONAL_OUT_OF_RANGE = 22, Final, "The order's value is outside the instrument's limits.";
    AMOUNT_TOO_LARGE = 23, Final, "The order's value cannot be represented.";
    TOO_MANY_OPEN_ORDERS = 24, Final, "The account has as many open orders in this instrument as it may have.";
    BOOK_FULL = 25, Final, "The book, or the level at this price, cannot hold this order.";
    INSUFFICIENT_FUNDS = 30, Final, "The account's free balance does not cover this.";
    POST_ONLY_WOULD_TAKE = 31, Final, "The order is post-only and would trade at once.";
    POST_ONLY_NOT_RESTING = 32, Final, "Post-only is for limit orders that stay (GTC, GTD, day).";
    MARKET_MUST_BE_IMMEDIATE = 33, Final, "A market order is immediate: IOC or FOK.";
    BUDGET_CANNOT_BE_FOK = 34, Final, "A market order by quote amount cannot be fill-or-kill.";
    DUPLICATE_CLIENT_ORDER_ID = 35, Final, "This client order id names another order of the account.";
    QTY_BELOW_FILLED = 36, Final, "The new quantity is not above what has been filled.";
    NOTHING_TO_AMEND = 37, Final, "The amend changes neither price nor quantity.";
    EXPIRY_NOT_AHEAD = 38, Final, "The time at which the order would end has come already.";
    INVALID_AMOUNT = 40, Final, "The amount must be positive, and at most 10^32 smallest units.";
    BALANCE_TOO_LARGE = 41, Final, "The balance would exceed what an account can hold.";
    SAME_ACCOUNT = 42, Final, "A transfer needs two accounts.";
    DUPLICATE_REFERENCE = 43, Final, "This reference names another ledger entry.";
    RESERVED_ACCOUNT = 44, Final, "The fee account does not trade.";
    ALREADY_LISTED = 50, Final, "The symbol is listed already.";
    INVALID_ASSET = 51, Final, "An asset has 0 to 18 decimals.";
    INVALID_ASSETS = 52, Final, "An instrument trades one listed asset for another.";
    INVALID_STEP = 53, Final, "The tick and the lot must be positive.";
    INVALID_GRANULARITY = 54, Final, "One tick times one lot must be worth a whole number of quote units.";
    INVALID_FEES = 55, Final, "A fee must lie within 100 %, and a rebate must be covered by the other side's fee in quote.";
    INVALID_FILTERS = 56, Final, "A filter's minimum lies above its maximum.";
    TOO_MANY_LISTED = 57, Final, "No more assets, instruments or accounts can be numbered.";
    INVALID_ALLOCATION = 58, Final, "The least share of a pro-rata allocation must be at least one lot.";
    INVALID_TRIGGER = 60, Final, "A trigger has a price or an offset to trail by, of at least one tick, or of 1 to 9,999 basis points.";
    TRIGGER_ALREADY_MET = 61, Final, "The trigger price has been reached already; the order would fire at once.";
    NO_REFERENCE_PRICE = 62, Final, "There is no reference price yet that the order could follow.";
    TRIGGER_NEEDS_QTY = 63, Final, "An order by quote amount cannot wait for a trigger.";
    ORDER_WAITS = 64, Final, "An order that waits cannot be amended; cancel it and place it anew.";
    ORDER_IN_LIST = 65, Final, "An order of a list cannot be amended; cancel the list and place it anew.";
    LIST_LEGS_DIFFER = 66, Final, "The two orders of an OCO are on one side and for the same quantity.";
    LIST_LEG_MUST_STAY = 67, Final, "Each order of an OCO rests or waits: a limit order that stays, or an order with a trigger.";
    LIST_NEEDS_TRIGGER = 68, Final, "At least one order of an OCO has a trigger.";
    LIST_WORKING_MUST_REST = 69, Final, "The first order of an OTO is a limit order that stays, without a trigger.";
    MARKET_TO_LIMIT_STAYS = 70, Final, "A market-to-limit order stays (GTC, GTD, day), and is not post-only.";
    ACCOUNT_SUSPENDED = 71, Final, "The account is suspended; only cancels and deposits are accepted.";
    KILL_SWITCH_ENGAGED = 72, Final, "A kill switch is engaged; only cancels are accepted.";
    SWITCH_UNCHANGED = 73, Final, "It is so already.";
    INVALID_BANDS = 74, Final, "A price band is at most 9,999 basis points wide.";
    PRICE_OUT_OF_BAND = 75, Final, "The price is outside the instrument's price band of the moment.";
    POSITION_LIMIT = 76, Final, "The account would come to have more of the asset than it may.";
    ORDER_RATE = 77, Retryable, "The account has placed and amended as many orders in this second as it may.";
    INVALID_DISPLAY = 78, Final, "An iceberg or hidden order is a limit order that stays where levels go by time; an iceberg shows less than all, in at most 100 parts.";
    INVALID_PHASE = 90, Final, "Only an auction has a purpose, and only an auction or a halt ends by itself, at a time that is ahead.";
    AT_AUCTION_PLAIN = 91, Final, "An order at the open or at the close is a limit or market order by quantity, without trigger, list, display or minimum quantity, peg, post-only or reduce-only.";
    INVALID_SCHEDULE = 92, Final, "The times of a schedule are times of one day, each later than the one before.";
    INVALID_IMBALANCE_ONLY = 93, Final, "An imbalance-only order is a limit order at the open or at the close.";
    REDUCE_ONLY = 110, Final, "The order is reduce-only, and its account's position, less its other open reduce-only orders, is smaller.";
    INVALID_REDUCE_ONLY = 111, Final, "A reduce-only order names a quantity, and levels go by time.";
    INVALID_MIN_QTY = 112, Final, "A minimum quantity is at most the quantity of an order that may take and is not fill-or-kill.";
    INVALID_PEG = 113, Final, "A pegged order is a limit order that stays, without a trigger or a minimum quantity, where levels go by time.";
    ORDER_PEGGED = 114, Final, "A pegged order cannot be amended; cancel it and place it anew.";
    INVALID_FEE_TIERS = 120, Final, "Each fee tier needs more volume than the one before, and at most 10^32.";
    REBATE_NOT_COVERED = 121, Final, "Open orders keep their rates, and a rebate would not be covered by the other side's fee.";
    INVALID_MARGIN_TERMS = 122, Final, "The one reference asset comes first, others are priced by an instrument that is paid with it, and requirements lie within their limits.";
    NOT_A_MARGIN_ACCOUNT = 123, Final, "The account may not borrow.";
    NOT_BORROWABLE = 124, Final, "This asset cannot be borrowed.";
    BORROW_LIMIT = 125, Final, "The account would owe more of the asset than it may.";
    NOTHING_BORROWED = 126, Final, "The account owes nothing of the asset.";
    INSUFFICIENT_MARGIN = 127, Final, "The collateral would not cover the debts and their initial margin.";
    ACCOUNT_OWES = 128, Final, "The account owes something.";
    MALFORMED = 1000, Final, "The frame is shorter than its type, or its length is no length.";
    UNKNOWN_TYPE = 1001, Final, "Nobody knows this type of frame.";
    INVALID_FIELD = 1002, Final, "A field has a value that it cannot have.";
    NOT_LOGGED_IN = 1003, Final, "The first frame is a login.";
    PERMISSION_DENIED = 1004, Final, "The key may not do that.";
    RATE_LIMITED = 1005, Retryable, "The account sends faster than it may; retry_after_ms says when the next one may come.";
    TOO_MANY_IN_FLIGHT = 1006, Retryable, "As many requests of the session as may wait for their answer.";
    BUSY = 1007, Retryable, "The venue takes no more at this moment.";
    STOPPING = 1008, Retryable, "The venue is about to stop: cancels are taken, new orders and amends are not.";
    OUTCOME_UNKNOWN = 1009, OutcomeUnknown, "The request was taken, and the venue failed before it was answered.";
    SNAPSHOT_TOO_LARGE = 1010, Final, "The account has more open orders than a snapshot holds.";
    AUTHENTICATION_FAILED = 1100, Final, "The key is not known, has been revoked or has expired, or the signature is wrong.";
    PROTOCOL_NOT_SPOKEN = 1101, Final, "The venue does not speak this version of the protocol.";
    CLOCK_OFF = 1102, Final, "The client's clock is more than 60 seconds off the venue's.";
    DURABILITY_UNAVAILABLE = 1103, Final, "The venue does not offer this level.";
    TOO_MANY_SESSIONS = 1104, Retryable, "The account has as many sessions as it may have.";
    TOO_MANY_LOGINS = 1105, Retryable, "Too many logins from this address have failed.";
    ALREADY_LOGGED_IN = 1106, Final, "The session is open already.";
    ACCOUNT_NOT_READY = 1107, Retryable, "The account is not open yet.";
    GOODBYE = 1200, Final, "As the client asked.";
    LOGIN_TIMEOUT = 1201, Retryable, "No login came in time.";
    SILENT = 1202, Retryable, "Nothing was heard for too long.";
    SLOW_READER = 1203, Retryable, "The client reads more slowly than its messages come; the next session replays them.";
    KEY_REVOKED = 1204, Final, "The key has been revoked or has expired.";
    VENUE_FAILED = 1205, OutcomeUnknown, "The venue has failed; what was under way may have been done.";
    TOO_MANY_ERRORS = 1206, Final, "The session has sent too many frames that could not be read.";
    TOO_MANY_CONNECTIONS = 1207, Retryable, "The port has as many connections as it takes.";
    USER_SHUT_OUT = 1208, Final, "The user of the key is suspended or not active.";
}

/// Why an order ended without being filled whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cause {
    /// Its number.
    pub number: u16,
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
}

/// Every cause, in the order of the numbers.
pub const CAUSES: &[Cause] = &[
    Cause { number: 1, name: "USER", says: "Cancelled by the owner." },
    Cause {
        number: 2,
        name: "IMMEDIATE_REMAINDER",
        says: "What could not trade at once was cancelled (IOC or market).",
    },
    Cause { number: 3, name: "FILL_OR_KILL", says: "The order could not be filled whole at once." },
    Cause { number: 4, name: "BUDGET_SPENT", says: "The rest of the budget does not pay for one more lot." },
    Cause {
        number: 5,
        name: "SELF_TRADE",
        says: "It would have traded with an order of its own account or trade group.",
    },
    Cause { number: 6, name: "EXPIRED", says: "Its time was up: the time that it named (GTD), or the close (day)." },
    Cause { number: 7, name: "LIST", says: "Another order of its list was filled, fired or ended." },
    Cause { number: 8, name: "INSUFFICIENT_FUNDS", says: "When its turn came, the free balance did not cover it." },
    Cause {
        number: 9,
        name: "POST_ONLY_WOULD_TAKE",
        says: "When its turn came, it was post-only and would have traded at once.",
    },
    Cause {
        number: 10,
        name: "NO_ROOM",
        says: "When its turn came, its value could not be represented, or the book could not hold it.",
    },
    Cause {
        number: 11,
        name: "OUTSIDE_LIMITS",
        says: "When its turn came, its price or value was outside the instrument's limits.",
    },
    Cause { number: 12, name: "NOT_TRADING", says: "When its turn came, the instrument did not take such orders." },
    Cause { number: 13, name: "KILL_SWITCH", says: "A kill switch was engaged." },
    Cause { number: 14, name: "SUSPENDED", says: "The account was suspended." },
    Cause { number: 15, name: "PRICE_BAND", says: "What was left of it would have traded outside the price band." },
    Cause { number: 20, name: "REDUCE_ONLY", says: "The position that it would have reduced was smaller." },
    Cause { number: 21, name: "MIN_QTY", says: "Its minimum quantity could not trade at once." },
    Cause {
        number: 30,
        name: "AUCTION_REMAINDER",
        says: "What its auction left of an order at the open or at the close was cancelled.",
    },
    Cause { number: 33, name: "LIQUIDATION", says: "The account was liquidated." },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_have_names_of_their_own() {
        assert!(CODES.is_sorted_by(|one, next| one.number < next.number));
        assert!(CAUSES.is_sorted_by(|one, next| one.number < next.number));
        let mut names: Vec<_> = CODES.iter().map(|code| code.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CODES.len());
        assert_eq!(code(BUSY).map(|code| code.name), Some("BUSY"));
        assert_eq!((code(9), class_of(9)), (None, Class::Final));
    }
}
