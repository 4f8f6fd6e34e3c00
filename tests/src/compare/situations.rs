//! Situations: what a command and its events, or what the model came upon, show together.

use papertape_engine::{
    CancelCause, Command, Event, OrderKind, PlaceOrder, Reason, SelfTradePrevented, SelfTradePrevention, Side,
    TimeInForce,
};

use super::coverage::Coverage;

impl Coverage {
    /// A match that did not take place.
    pub(super) fn prevented(&mut self, command: &Command, prevented: &SelfTradePrevented) {
        self.note("prevented by", prevented.mode.name());
        if prevented.taker.account != prevented.maker.account {
            self.note("situation", "trade group met itself");
        }
        if prevented.mode == SelfTradePrevention::Decrement {
            match (prevented.taker.leaves_qty.is_zero(), prevented.maker.leaves_qty.is_zero()) {
                (true, true) => self.note("situation", "decrement ended both"),
                (true, false) => self.note("situation", "decrement ended the taker"),
                (false, true) => self.note("situation", "decrement ended the maker"),
                (false, false) => {}
            }
        }
        match command {
            Command::Amend(_) => self.note("situation", "amend met its own side"),
            Command::Place(PlaceOrder { kind: OrderKind::MarketQuote { .. }, .. }) => {
                self.note("situation", "budget met its own side");
            }
            Command::Place(PlaceOrder { kind: OrderKind::Market { .. }, .. }) => {
                self.note("situation", "market order met its own side");
            }
            _ => {}
        }
    }

    /// What a command and its events together show.
    pub(super) fn situations(&mut self, command: &Command, events: &[Event]) {
        let expired = events.iter().take_while(|event| is_expiry(event)).count();
        let (expired, events) = events.split_at(expired);
        match (command, expired) {
            (Command::Tick, [_, _, ..]) => self.note("situation", "tick ended several"),
            (Command::Tick, [_]) => self.note("situation", "tick ended one"),
            (_, [_, ..]) => self.note("situation", "orders ended before a command"),
            _ => {}
        }
        if matches!(command, Command::SetPhase { .. } | Command::Uncross { .. }) && events.iter().any(is_expiry) {
            self.note("situation", "close ended day orders");
        }
        let trades = || {
            events.iter().filter_map(|event| match event {
                Event::Trade(trade) => Some(trade),
                _ => None,
            })
        };
        let traded = trades().next().is_some();
        self.triggers(command, events);
        if trades().any(|trade| trade.buy.account == trade.sell.account) {
            self.note("situation", "traded with itself");
        }
        if trades().any(|trade| trade.buy.fee.is_negative() || trade.sell.fee.is_negative()) {
            self.note("situation", "rebate");
        }
        if trades().count() > 5 {
            self.note("situation", "more than five fills");
        }
        match (command, events.first()) {
            (Command::Place(order), Some(Event::Accepted(_))) => {
                let rested = events.iter().any(|event| matches!(event, Event::Rested { .. }));
                match (order.kind, order.time_in_force) {
                    (OrderKind::Limit { .. }, TimeInForce::Fok) if traded => self.note("situation", "fok filled"),
                    (OrderKind::Limit { .. }, TimeInForce::Gtc) if traded && rested => {
                        self.note("situation", "took and rested");
                    }
                    (OrderKind::Market { .. }, TimeInForce::Fok) if traded => {
                        self.note("situation", "market fok filled");
                    }
                    (OrderKind::MarketQuote { .. }, _) if traded => match order.side {
                        Side::Buy => self.note("situation", "bought for a budget"),
                        Side::Sell => self.note("situation", "sold for a budget"),
                    },
                    (OrderKind::MarketQuote { .. }, _) => self.note("situation", "budget without a fill"),
                    _ => {}
                }
            }
            (Command::Amend(_), Some(Event::Amended(amended))) => {
                let kept = amended.kept_priority;
                self.note("situation", if kept { "amend kept its place" } else { "amend lost its place" });
                if traded {
                    self.note("situation", "amend traded");
                }
            }
            (Command::Uncross { .. }, _) => {
                match events.iter().find(|event| matches!(event, Event::Uncrossed { .. })) {
                    Some(Event::Uncrossed { price: Some(_), surplus: None, .. }) => {
                        self.note("situation", "uncross without surplus");
                    }
                    Some(Event::Uncrossed { price: Some(_), surplus: Some((Side::Buy, _)), .. }) => {
                        self.note("situation", "uncross with bids left");
                    }
                    Some(Event::Uncrossed { price: Some(_), .. }) => self.note("situation", "uncross with asks left"),
                    Some(_) => self.note("situation", "uncross of nothing"),
                    None => {}
                }
            }
            (_, Some(Event::Rejected { reason, .. })) => self.refused(command, *reason),
            (Command::CancelAll { .. }, Some(Event::Cancelled(_))) => self.note("situation", "mass cancel of some"),
            _ => {}
        }
    }
}

impl Coverage {
    /// Limits that meet more than plain orders.
    fn refused(&mut self, command: &Command, reason: Reason) {
        match (command, reason) {
            (Command::Amend(_), Reason::PriceOutOfBand) => self.note("situation", "amend refused by the band"),
            (Command::Amend(_), Reason::OrderRate) => self.note("situation", "amend refused by the order rate"),
            (Command::Amend(_), Reason::PositionLimit) => self.note("situation", "amend refused by the position limit"),
            (Command::PlaceList(_), Reason::PriceOutOfBand) => self.note("situation", "list refused by the band"),
            (Command::PlaceList(_), Reason::OrderRate) => self.note("situation", "list refused by the order rate"),
            (Command::PlaceList(_), Reason::PositionLimit) => {
                self.note("situation", "list refused by the position limit");
            }
            _ => {}
        }
    }

    /// When triggers fire.
    fn triggers(&mut self, command: &Command, events: &[Event]) {
        let fired = |event: &&Event| matches!(event, Event::Triggered { .. });
        let count = events.iter().filter(fired).count();
        if count > 1 {
            self.note("situation", "cascade");
        }
        if count > 4 {
            self.note("situation", "cascade of five or more");
        }
        match (command, events) {
            (Command::Uncross { .. }, _) if count > 0 => self.note("situation", "an uncross fired"),
            (Command::SetPhase { .. }, _) if count > 0 => self.note("situation", "continuous trading fired"),
            (Command::Place(_), [Event::Accepted(accepted), Event::Triggered { order, .. }, ..])
                if accepted.order == *order =>
            {
                self.note("situation", "fired at entry");
            }
            (Command::PlaceList(_), _) if count > 0 => self.note("situation", "a list fired"),
            (Command::Place(PlaceOrder { kind: OrderKind::MarketToLimit { .. }, trigger: None, .. }), _) => {
                let rested = events.iter().any(|event| matches!(event, Event::Rested { .. }));
                let traded = events.iter().any(|event| matches!(event, Event::Trade(_)));
                match (traded, rested) {
                    (true, true) => self.note("situation", "market-to-limit took and rested"),
                    (true, false) => self.note("situation", "market-to-limit was filled"),
                    (false, _) => {}
                }
            }
            _ => {}
        }
        let ended = |event: &Event| match event {
            Event::Cancelled(cancelled) => Some(cancelled.cause),
            _ => None,
        };
        for cause in events.iter().filter_map(ended) {
            match cause {
                CancelCause::KillSwitch => self.note("situation", "kill switch ended orders"),
                CancelCause::Suspended => self.note("situation", "suspension ended orders"),
                _ => {}
            }
        }
    }
}

/// Whether an order's time was up.
fn is_expiry(event: &Event) -> bool {
    matches!(event, Event::Cancelled(cancelled) if cancelled.cause == CancelCause::Expired)
}

/// Those that a run must have come upon.
pub(super) const SITUATIONS: [&str; 132] = [
    "a list fired",
    "amend kept its place",
    "amend lost its place",
    "amend met its own side",
    "amend refused by the band",
    "amend refused by the order rate",
    "amend refused by the position limit",
    "amend traded",
    "an uncross fired",
    "auction ended by its time",
    "auction would no longer trade",
    "auction would trade",
    "bad debt that nobody paid",
    "bad debt that was paid",
    "band stopped a limit order",
    "band stopped a market order",
    "band stopped a market-to-limit order",
    "band stopped an amend",
    "band stopped an order by amount",
    "band stopped an order whose turn came",
    "began to trail",
    "bought for a budget",
    "budget met its own side",
    "budget without a fill",
    "cascade",
    "cascade of five or more",
    "close ended day orders",
    "continuous trading fired",
    "crossed halt ended by its time",
    "decrement ended both",
    "decrement ended the maker",
    "decrement ended the taker",
    "fee table taken away",
    "filled at the rates of another tier",
    "fired at entry",
    "fired by the last trade",
    "fired by the mark",
    "fired by the middle",
    "fok filled",
    "fok filled, own orders in the way",
    "fok killed, more outside the band",
    "fok killed, own orders in the way",
    "halt ended by its time",
    "hidden order amended",
    "hidden order traded",
    "hidden order traded in an uncross",
    "iceberg amended",
    "iceberg refreshed by a decrement",
    "iceberg refreshed in a sweep",
    "iceberg refreshed in an uncross",
    "iceberg restored from a snapshot",
    "imbalance-only order could not come",
    "imbalance-only order not needed",
    "imbalance-only order traded",
    "imbalance-only orders left nothing over",
    "kill switch ended orders",
    "leveling gave a lot",
    "limit order came to its auction",
    "limit order fired",
    "liquidation ended orders",
    "liquidation spent all it had",
    "liquidation that goes on",
    "liquidation that paid all",
    "list refused by the band",
    "list refused by the order rate",
    "list refused by the position limit",
    "list: a part of one was filled",
    "list: one expired",
    "list: one fired",
    "list: one met its own side",
    "list: one was cancelled",
    "list: one was filled",
    "list: the working order ended",
    "market fok filled",
    "market order came to its auction",
    "market order fired",
    "market order met its own side",
    "market-to-limit order fired",
    "market-to-limit took and rested",
    "market-to-limit was filled",
    "mass cancel of some",
    "minimum could not trade",
    "minimum traded",
    "more than five fills",
    "order could not come to its auction",
    "order in the queue went on waiting",
    "order of a higher fee tier",
    "orders ended before a command",
    "peg followed",
    "peg took when it followed",
    "phase has another end or purpose",
    "post-only order repriced",
    "post-only order repriced by an amend",
    "post-only order repriced when its turn came",
    "rebate",
    "reduce-only ended before an uncross",
    "reduce-only ended by a smaller position",
    "reduce-only took what it may",
    "released pair",
    "released pair ended at once",
    "released pair traded at once",
    "released to the book",
    "released to wait",
    "restored from a snapshot",
    "schedule began the closing auction",
    "schedule began the opening auction",
    "schedule closed",
    "schedule closed without an auction",
    "schedule opened",
    "several liquidated at once",
    "share below the least",
    "sold for a budget",
    "step of a schedule slept through",
    "stop fired",
    "suspension ended orders",
    "take-profit fired",
    "tick ended one",
    "tick ended several",
    "took and rested",
    "top order got its part",
    "trade group met itself",
    "traded with itself",
    "trailing by points fired",
    "trailing by ticks fired",
    "uncross of nothing",
    "uncross with asks left",
    "uncross with bids left",
    "uncross without surplus",
    "volatility auction began",
    "volume ceased to count",
    "volume grew",
    "whole level taken",
];
