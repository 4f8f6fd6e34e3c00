//! The numbers that fields of one byte hold. Zero is always "not said".

macro_rules! values {
    ($( $(#[$doc:meta])* $module:ident { $( $name:ident = $value:literal, $says:literal; )* } )*) => { $(
        $(#[$doc])*
        pub mod $module { $( #[doc = $says] pub const $name: u8 = $value; )* }
    )* };
}

values! {
    /// Sides.
    side { BUY = 1, "Bids."; SELL = 2, "Asks."; }
    /// Types of orders.
    order_type {
        LIMIT = 1, "At its price or better.";
        MARKET = 2, "At whatever the book offers.";
        MARKET_BY_AMOUNT = 3, "The same, for an amount of quote.";
        MARKET_TO_LIMIT = 4, "At the best price of the other side, where its remainder rests.";
    }
    /// How long an order stays.
    time_in_force {
        GTC = 1, "Until it is filled or cancelled.";
        IOC = 2, "What cannot trade at once is cancelled.";
        FOK = 3, "All of it at once, or nothing.";
        DAY = 4, "Until the market closes.";
        GTD = 5, "Until it expires.";
        AT_OPEN = 6, "For the opening auction.";
        AT_CLOSE = 7, "For the closing auction.";
    }
    /// Where an order would trade with its own side.
    self_trade {
        NONE = 1, "They trade.";
        CANCEL_TAKER = 2, "The order that comes ends.";
        CANCEL_MAKER = 3, "The order that rests ends.";
        CANCEL_BOTH = 4, "Both end.";
        DECREMENT = 5, "Both lose what would have traded.";
    }
    /// How the orders of a list hang together.
    list_type {
        OCO = 1, "One cancels the other.";
        OTO = 2, "The second comes when the first has been filled whole.";
        OTOCO = 3, "So do the second and the third, one of which cancels the other.";
    }
    /// Kinds of triggers.
    trigger_kind { STOP = 1, "The market moves against the order."; TAKE_PROFIT = 2, "The market moves for it."; }
    /// Kinds of trails.
    trail_kind { TICKS = 1, "Ticks."; BASIS_POINTS = 2, "Hundredths of a percent."; }
    /// What a peg follows.
    peg_to {
        PRIMARY = 1, "The best price of its own side.";
        MARKET = 2, "The best price of the other side.";
        MID = 3, "The middle of both.";
    }
    /// Bits of an order's flags.
    flags {
        POST_ONLY = 1, "It never takes.";
        REDUCE_ONLY = 2, "It only reduces the position.";
        IMBALANCE_ONLY = 4, "It only offsets what its auction leaves over.";
        ALL = 7, "All bits that mean something.";
    }
    /// Who signs a login, and how.
    signature { ED25519 = 1, "With a private key, whose public key the venue has."; HMAC_SHA256 = 2, "With a shared secret."; }
    /// Durability levels.
    durability {
        MEMORY = 1, "Applied.";
        PROCESS = 2, "Journalled: it survives the end of the process.";
        INTERVAL = 3, "The same, and on the disk within so many milliseconds.";
        GROUP = 4, "On the disk.";
        GROUP_MARK = 5, "The same, with a watermark.";
    }
    /// From where a session wants the account's messages.
    resume {
        NOW = 0, "From those that follow the login on.";
        AFTER = 1, "From the one after a message that the client names.";
        SNAPSHOT = 2, "A snapshot first, then from there on.";
    }
    /// What becomes of the wish.
    resumed {
        NOW = 0, "Messages follow from now on.";
        REPLAY = 1, "The missing ones follow, then EndOfReplay.";
        SNAPSHOT = 2, "A snapshot follows, as asked.";
        TOO_OLD = 3, "A snapshot follows, because the venue does not keep the missing ones any more.";
        NOT_KNOWN = 4, "A snapshot follows, because the venue never had the message that the client names, or has lost it.";
    }
    /// When a session's end cancels the account's orders.
    cancel_on_disconnect { NEVER = 0, "They stay."; ALL = 1, "All of them are cancelled when the grace time is over."; }
    /// Bits of a key's permissions.
    permissions { READ = 1, "Sees the account."; TRADE = 2, "Trades with it."; }
    /// Where an order stands.
    status {
        PENDING = 1, "It comes when the first order of its list has been filled.";
        WAITING = 2, "It waits for its trigger or auction.";
        NEW = 3, "Open, nothing filled.";
        PARTIALLY_FILLED = 4, "Open, a part filled.";
    }
    /// What an order was in a trade.
    liquidity { MAKER = 1, "It rested."; TAKER = 2, "It took."; AUCTION = 3, "Both came in an auction."; }
    /// Phases of instruments.
    phase {
        CONTINUOUS = 1, "Orders match as they come.";
        AUCTION = 2, "Orders are collected.";
        HALTED = 3, "Only cancels are taken.";
        CLOSED = 4, "Only cancels are taken; the session is over.";
    }
    /// In which asset fees are taken.
    fee_asset { QUOTE = 1, "Always in quote."; RECEIVED = 2, "In what is received: buyers pay in base."; }
}

/// No instrument in particular.
pub const ANY_INSTRUMENT: u16 = u16::MAX;
