//! Why a command was refused, and why an order ended: stable numbers, stable names, and a sentence for people.

use std::fmt;

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $text:literal, $sentence:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        pub enum $name { $(#[doc = $sentence] $variant = $code,)* }

        impl $name {
            /// Every value, in the order of its code.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The number that stands for it on wires and in files. Never reused.
            pub const fn code(self) -> u16 { self as u16 }

            /// The stable upper-case name.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// One sentence for the person who reads the answer.
            pub const fn sentence(self) -> &'static str {
                match self { $($name::$variant => $sentence,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.sentence())
            }
        }
    };
}

coded! {
    /// Why a command was refused. A refused command changes nothing.
    Reason {
        UnknownAccount = 1, "UNKNOWN_ACCOUNT", "There is no such account.";
        UnknownAsset = 2, "UNKNOWN_ASSET", "There is no such asset.";
        UnknownInstrument = 3, "UNKNOWN_INSTRUMENT", "There is no such instrument.";
        UnknownOrder = 4, "UNKNOWN_ORDER", "The account has no such open order.";
        InstrumentHalted = 10, "INSTRUMENT_HALTED", "Trading in this instrument is halted; only cancels are accepted.";
        InstrumentClosed = 11, "INSTRUMENT_CLOSED", "This instrument is closed; only cancels are accepted.";
        AuctionOnlyLimit = 12, "AUCTION_ONLY_LIMIT", "During an auction only plain limit orders that stay (GTC, GTD, day) are accepted.";
        BookCrossed = 13, "BOOK_CROSSED", "The book is crossed; uncross it before continuous trading.";
        NotInAuction = 14, "NOT_IN_AUCTION", "The instrument is not in an auction.";
        PhaseUnchanged = 15, "PHASE_UNCHANGED", "The instrument is in that phase already.";
        PriceOutOfRange = 20, "PRICE_OUT_OF_RANGE", "The price is outside the instrument's limits.";
        QtyOutOfRange = 21, "QTY_OUT_OF_RANGE", "The quantity is outside the instrument's limits.";
        NotionalOutOfRange = 22, "NOTIONAL_OUT_OF_RANGE", "The order's value is outside the instrument's limits.";
        AmountTooLarge = 23, "AMOUNT_TOO_LARGE", "The order's value cannot be represented.";
        TooManyOpenOrders = 24, "TOO_MANY_OPEN_ORDERS", "The account has as many open orders in this instrument as it may have.";
        BookFull = 25, "BOOK_FULL", "The book, or the level at this price, cannot hold this order.";
        InsufficientFunds = 30, "INSUFFICIENT_FUNDS", "The account's free balance does not cover this.";
        PostOnlyWouldTake = 31, "POST_ONLY_WOULD_TAKE", "The order is post-only and would trade at once.";
        PostOnlyNotResting = 32, "POST_ONLY_NOT_RESTING", "Post-only is for limit orders that stay (GTC, GTD, day).";
        MarketMustBeImmediate = 33, "MARKET_MUST_BE_IMMEDIATE", "A market order is immediate: IOC or FOK.";
        BudgetCannotBeFok = 34, "BUDGET_CANNOT_BE_FOK", "A market order by quote amount cannot be fill-or-kill.";
        DuplicateClientOrderId = 35, "DUPLICATE_CLIENT_ORDER_ID", "This client order id names another order of the account.";
        QtyBelowFilled = 36, "QTY_BELOW_FILLED", "The new quantity is not above what has been filled.";
        AtAuctionPlain = 91, "AT_AUCTION_PLAIN", "An order at the open or at the close is a limit or market order by quantity, without trigger, list, display or minimum quantity, peg, post-only or reduce-only.";
        InvalidImbalanceOnly = 93, "INVALID_IMBALANCE_ONLY", "An imbalance-only order is a limit order at the open or at the close.";
        InvalidSchedule = 92, "INVALID_SCHEDULE", "The times of a schedule are times of one day, each later than the one before.";
        InvalidPhase = 90, "INVALID_PHASE", "Only an auction has a purpose, and only an auction or a halt ends by itself, at a time that is ahead.";
        NothingToAmend = 37, "NOTHING_TO_AMEND", "The amend changes neither price nor quantity.";
        ExpiryNotAhead = 38, "EXPIRY_NOT_AHEAD", "The time at which the order would end has come already.";
        InvalidTrigger = 60, "INVALID_TRIGGER", "A trigger has a price or an offset to trail by, of at least one tick, or of 1 to 9,999 basis points.";
        TriggerAlreadyMet = 61, "TRIGGER_ALREADY_MET", "The trigger price has been reached already; the order would fire at once.";
        NoReferencePrice = 62, "NO_REFERENCE_PRICE", "There is no reference price yet that the order could follow.";
        TriggerNeedsQty = 63, "TRIGGER_NEEDS_QTY", "An order by quote amount cannot wait for a trigger.";
        OrderWaits = 64, "ORDER_WAITS", "An order that waits cannot be amended; cancel it and place it anew.";
        OrderInList = 65, "ORDER_IN_LIST", "An order of a list cannot be amended; cancel the list and place it anew.";
        ListLegsDiffer = 66, "LIST_LEGS_DIFFER", "The two orders of an OCO are on one side and for the same quantity.";
        ListLegMustStay = 67, "LIST_LEG_MUST_STAY", "Each order of an OCO rests or waits: a limit order that stays, or an order with a trigger.";
        ListNeedsTrigger = 68, "LIST_NEEDS_TRIGGER", "At least one order of an OCO has a trigger.";
        ListWorkingMustRest = 69, "LIST_WORKING_MUST_REST", "The first order of an OTO is a limit order that stays, without a trigger.";
        MarketToLimitStays = 70, "MARKET_TO_LIMIT_STAYS", "A market-to-limit order stays (GTC, GTD, day), and is not post-only.";
        AccountSuspended = 71, "ACCOUNT_SUSPENDED", "The account is suspended; only cancels and deposits are accepted.";
        KillSwitchEngaged = 72, "KILL_SWITCH_ENGAGED", "A kill switch is engaged; only cancels are accepted.";
        SwitchUnchanged = 73, "SWITCH_UNCHANGED", "It is so already.";
        PriceOutOfBand = 75, "PRICE_OUT_OF_BAND", "The price is outside the instrument's price band of the moment.";
        PositionLimit = 76, "POSITION_LIMIT", "The account would come to have more of the asset than it may.";
        OrderRate = 77, "ORDER_RATE", "The account has placed and amended as many orders in this second as it may.";
        InvalidDisplay = 78, "INVALID_DISPLAY", "An iceberg or hidden order is a limit order that stays where levels go by time; an iceberg shows less than all, in at most 100 parts.";
        ReduceOnly = 110, "REDUCE_ONLY", "The order is reduce-only, and its account's position, less its other open reduce-only orders, is smaller.";
        InvalidReduceOnly = 111, "INVALID_REDUCE_ONLY", "A reduce-only order names a quantity, and levels go by time.";
        InvalidMinQty = 112, "INVALID_MIN_QTY", "A minimum quantity is at most the quantity of an order that may take and is not fill-or-kill.";
        InvalidPeg = 113, "INVALID_PEG", "A pegged order is a limit order that stays, without a trigger or a minimum quantity, where levels go by time.";
        OrderPegged = 114, "ORDER_PEGGED", "A pegged order cannot be amended; cancel it and place it anew.";
        InvalidBands = 74, "INVALID_BANDS", "A price band is at most 9,999 basis points wide.";
        InvalidFeeTiers = 120, "INVALID_FEE_TIERS", "Each fee tier needs more volume than the one before, and at most 10^32.";
        RebateNotCovered = 121, "REBATE_NOT_COVERED", "Open orders keep their rates, and a rebate would not be covered by the other side's fee.";
        InvalidMarginTerms = 122, "INVALID_MARGIN_TERMS", "The one reference asset comes first, others are priced by an instrument that is paid with it, and requirements lie within their limits.";
        NotAMarginAccount = 123, "NOT_A_MARGIN_ACCOUNT", "The account may not borrow.";
        NotBorrowable = 124, "NOT_BORROWABLE", "This asset cannot be borrowed.";
        BorrowLimit = 125, "BORROW_LIMIT", "The account would owe more of the asset than it may.";
        NothingBorrowed = 126, "NOTHING_BORROWED", "The account owes nothing of the asset.";
        InsufficientMargin = 127, "INSUFFICIENT_MARGIN", "The collateral would not cover the debts and their initial margin.";
        AccountOwes = 128, "ACCOUNT_OWES", "The account owes something.";
        InvalidAmount = 40, "INVALID_AMOUNT", "The amount must be positive.";
        BalanceTooLarge = 41, "BALANCE_TOO_LARGE", "The balance would exceed what an account can hold.";
        SameAccount = 42, "SAME_ACCOUNT", "A transfer needs two accounts.";
        DuplicateReference = 43, "DUPLICATE_REFERENCE", "This reference names another ledger entry.";
        ReservedAccount = 44, "RESERVED_ACCOUNT", "The fee account does not trade.";
        AlreadyListed = 50, "ALREADY_LISTED", "The symbol is listed already.";
        InvalidAsset = 51, "INVALID_ASSET", "An asset has 0 to 18 decimals.";
        InvalidAssets = 52, "INVALID_ASSETS", "An instrument trades one listed asset for another.";
        InvalidStep = 53, "INVALID_STEP", "The tick and the lot must be positive.";
        InvalidGranularity = 54, "INVALID_GRANULARITY", "One tick times one lot must be worth a whole number of quote units.";
        InvalidFees = 55, "INVALID_FEES", "A fee must lie within 100 %, and a rebate must be covered by the other side's fee in quote.";
        InvalidFilters = 56, "INVALID_FILTERS", "A filter's minimum lies above its maximum.";
        InvalidAllocation = 58, "INVALID_ALLOCATION", "The least share of a pro-rata allocation must be at least one lot.";
        TooManyListed = 57, "TOO_MANY_LISTED", "No more assets, instruments or accounts can be numbered.";
    }
}

coded! {
    /// Why an order ended without being filled whole.
    CancelCause {
        User = 1, "USER", "Cancelled by the owner.";
        ImmediateRemainder = 2, "IMMEDIATE_REMAINDER", "What could not trade at once was cancelled (IOC or market).";
        FillOrKill = 3, "FILL_OR_KILL", "The order could not be filled whole at once.";
        BudgetSpent = 4, "BUDGET_SPENT", "The rest of the budget does not pay for one more lot.";
        SelfTrade = 5, "SELF_TRADE", "It would have traded with an order of its own account or trade group.";
        List = 7, "LIST", "Another order of its list was filled, fired or ended.";
        InsufficientFunds = 8, "INSUFFICIENT_FUNDS", "When its turn came, the free balance did not cover it.";
        PostOnlyWouldTake = 9, "POST_ONLY_WOULD_TAKE", "When its turn came, it was post-only and would have traded at once.";
        NoRoom = 10, "NO_ROOM", "When its turn came, its value could not be represented, or the book could not hold it.";
        OutsideLimits = 11, "OUTSIDE_LIMITS", "When its turn came, its price or value was outside the instrument's limits.";
        NotTrading = 12, "NOT_TRADING", "When its turn came, the instrument did not take such orders.";
        KillSwitch = 13, "KILL_SWITCH", "A kill switch was engaged.";
        Suspended = 14, "SUSPENDED", "The account was suspended.";
        PriceBand = 15, "PRICE_BAND", "What was left of it would have traded outside the price band.";
        ReduceOnly = 20, "REDUCE_ONLY", "The position that it would have reduced was smaller.";
        MinQty = 21, "MIN_QTY", "Its minimum quantity could not trade at once.";
        AuctionRemainder = 30, "AUCTION_REMAINDER", "What its auction left of an order at the open or at the close was cancelled.";
        Liquidation = 33, "LIQUIDATION", "The account was liquidated.";
        Expired = 6, "EXPIRED", "Its time was up: the time that it named (GTD), or the close (day).";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique() {
        let mut names: Vec<_> = Reason::ALL.iter().map(|reason| (reason.code(), reason.name())).collect();
        names.dedup_by(|a, b| a.0 == b.0 || a.1 == b.1);
        assert_eq!(names.len(), Reason::ALL.len());
    }
}
