//! Orders that wait for a price, and orders that hang together.

use papertape_engine::{
    Leg, ListOrders, OrderKind, PlaceList, PlaceOrder, Price, Qty, Side, TimeInForce, Trail, Trigger, TriggerKind,
};

use super::flow::Flow;
use super::venue::Place;

impl Flow {
    /// Next to where the reference of triggers is.
    pub(super) fn near(&mut self, place: &Place) -> Price {
        let reference = place.reference();
        let apart = self.dice.below(place.width.min(60) / 2 + 2);
        Price(
            if self.dice.chance(50) { reference.saturating_add(apart) } else { reference.saturating_sub(apart) }.max(1),
        )
    }

    /// A new order with a trigger, in any phase.
    pub(super) fn waiting_order(&mut self, place: &Place) -> PlaceOrder {
        let side = self.side();
        let leg = self.waiting_leg(place, side);
        let named = self.habits.named;
        let (min_qty, reduce_only, kind) = self.attributes(side, leg.kind);
        PlaceOrder {
            account: self.account(),
            instrument: if self.strange() { self.instrument() } else { place.instrument },
            side,
            kind,
            time_in_force: leg.time_in_force,
            post_only: leg.post_only,
            self_trade_prevention: self.mode(),
            display_qty: self.display(place, kind, leg.time_in_force),
            min_qty,
            reduce_only,
            imbalance_only: self.strange(),
            peg: if self.strange() { self.peg(place, kind, TimeInForce::Gtc) } else { None },
            trigger: leg.trigger,
            client_order_id: if self.dice.chance(named) { Some(self.name()) } else { None },
        }
    }

    fn waiting_leg(&mut self, place: &Place, side: Side) -> Leg {
        let trigger = self.trigger(place, side);
        // One lot by itself is often worth too little.
        let qty = match self.dice.below(12) {
            0 => Qty(1),
            // What no level holds twice has no room when it fires.
            1..=4 if place.lots > 1 << 60 => Qty(u64::MAX >> self.dice.below(2)),
            _ => self.qty(place),
        };
        let kind = match self.dice.below(40) {
            0 => OrderKind::MarketQuote { budget: self.budget(place) },
            1..=14 => OrderKind::Market { qty },
            15..=20 => OrderKind::MarketToLimit { qty },
            // Where many lots are usual, a level is soon full.
            21..=36 if place.lots > 1 << 60 => OrderKind::Limit { price: Price(place.middle), qty },
            21..=30 => OrderKind::Limit { price: self.near(place), qty },
            _ => OrderKind::Limit { price: self.price(place), qty },
        };
        let any = [TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok];
        let is_limit = matches!(kind, OrderKind::Limit { .. });
        let time_in_force = match kind {
            OrderKind::MarketToLimit { .. } if !self.dice.chance(5) => self.staying(),
            OrderKind::Market { .. } if self.dice.chance(60) => self.dice.pick(&any),
            _ if self.dice.chance(25) => self.dice.pick(&any),
            _ => self.staying(),
        };
        let post_only = self.dice.chance(if is_limit && time_in_force.stays() { 15 } else { 1 });
        Leg { side, kind, time_in_force, post_only, trigger: Some(trigger) }
    }

    /// Mostly one that is not reached yet and soon will be.
    fn trigger(&mut self, place: &Place, side: Side) -> Trigger {
        let kind = self.dice.pick(&[TriggerKind::Stop, TriggerKind::Stop, TriggerKind::TakeProfit]);
        let above = (side == Side::Buy) == (kind == TriggerKind::Stop);
        let reference = place.reference();
        let apart = 1 + self.dice.below(place.width.min(60) / 2 + 1);
        let price = match self.dice.below(10) {
            0 => self.price(place),
            1 => self.near(place),
            _ if above => Price(reference.saturating_add(apart)),
            _ => Price(reference.saturating_sub(apart).max(1)),
        };
        let trail = self.trail(place);
        let (price, trail) = match self.dice.below(40) {
            0 => (None, None),
            1..=20 => (Some(price), None),
            21..=30 => (None, Some(trail)),
            _ => (Some(price), Some(trail)),
        };
        Trigger { kind, price, trail }
    }

    fn trail(&mut self, place: &Place) -> Trail {
        if self.dice.chance(50) {
            let far = self.dice.chance(3);
            let ticks =
                if far { self.dice.wide() as u32 } else { 1 + self.dice.below(place.width.min(60) / 3 + 2) as u32 };
            return Trail::Ticks(if self.strange() { 0 } else { ticks });
        }
        let points = self.dice.pick(&[1, 5, 10, 10, 30, 50, 100, 100, 300, 2_000, 5_000, 9_999]);
        let odd = self.dice.pick(&[0, 10_000, u32::MAX]);
        Trail::BasisPoints(if self.strange() { odd } else { points })
    }

    /// A list that can be accepted, mostly.
    pub(super) fn place_list(&mut self) -> PlaceList {
        let repeated = self.habits.repeated;
        if !self.sent_lists.is_empty() && self.dice.chance(repeated) {
            let at = self.dice.below(self.sent_lists.len() as u64) as usize;
            return self.sent_lists[at];
        }
        let place = self.somewhere();
        let side = self.side();
        let orders = match self.dice.below(10) {
            0..=3 => ListOrders::Oco(self.pair(&place, side)),
            4..=6 => {
                let working = self.working(&place, side);
                let pending = self.pending(&place, side);
                ListOrders::Oto { working, pending }
            }
            _ => {
                let working = self.working(&place, side);
                let of = if self.dice.chance(80) { side.opposite() } else { side };
                ListOrders::Otoco { working, pending: self.pair(&place, of) }
            }
        };
        let named = self.habits.named;
        PlaceList {
            account: self.account(),
            instrument: if self.strange() { self.instrument() } else { place.instrument },
            orders,
            self_trade_prevention: self.mode(),
            client_order_id: if self.dice.chance(named) { Some(self.name()) } else { None },
        }
    }

    /// A limit order that stays, next to the market so that it trades soon or at once.
    fn working(&mut self, place: &Place, side: Side) -> Leg {
        let (price, qty) = (self.near(place), self.qty(place));
        let price = if self.dice.chance(70) { price } else { self.price(place) };
        let mut leg = self.resting(side, OrderKind::Limit { price, qty });
        match self.dice.below(40) {
            0 => leg = self.waiting_leg(place, side),
            1 => leg.time_in_force = TimeInForce::Ioc,
            2 => leg.kind = OrderKind::Market { qty },
            3 => leg.kind = OrderKind::MarketToLimit { qty },
            _ => {}
        }
        leg
    }

    fn resting(&mut self, side: Side, kind: OrderKind) -> Leg {
        let (time_in_force, post_only) = (self.staying(), self.dice.chance(5));
        Leg { side, kind, time_in_force, post_only, trigger: None }
    }

    /// Anything that can come later.
    fn pending(&mut self, place: &Place, side: Side) -> Leg {
        let side = if self.dice.chance(80) { side.opposite() } else { side };
        if self.dice.chance(50) {
            return self.waiting_leg(place, side);
        }
        let (price, qty) = (self.near(place), self.qty(place));
        let kind = match self.dice.below(10) {
            0 => OrderKind::Market { qty },
            1 => OrderKind::MarketQuote { budget: self.budget(place) },
            2 => OrderKind::MarketToLimit { qty },
            _ => OrderKind::Limit { price, qty },
        };
        let mut leg = self.resting(side, kind);
        let immediate = matches!(kind, OrderKind::Market { .. } | OrderKind::MarketQuote { .. });
        if immediate != self.dice.chance(6) {
            leg.time_in_force = self.dice.pick(&[TimeInForce::Ioc, TimeInForce::Ioc, TimeInForce::Fok]);
        }
        leg
    }

    /// Two orders of an OCO: a limit on the far side and a stop, or two that wait. Now and then something does not fit.
    fn pair(&mut self, place: &Place, side: Side) -> [Leg; 2] {
        let mut waits = self.waiting_leg(place, side);
        let qty = waits.kind.qty().unwrap_or(self.qty(place));
        let apart = 1 + self.dice.below(place.width.min(60) / 2 + 1);
        let reference = place.reference();
        let price = match side {
            _ if self.dice.chance(20) => self.near(place),
            Side::Sell => Price(reference.saturating_add(apart)),
            Side::Buy => Price(reference.saturating_sub(apart).max(1)),
        };
        let mut other = self.resting(side, OrderKind::Limit { price, qty });
        if self.dice.chance(35) {
            other = self.waiting_leg(place, side);
            other.kind = match other.kind {
                OrderKind::Limit { price, .. } => OrderKind::Limit { price, qty },
                OrderKind::Market { .. } => OrderKind::Market { qty },
                OrderKind::MarketToLimit { .. } => OrderKind::MarketToLimit { qty },
                by_amount @ OrderKind::MarketQuote { .. } => by_amount,
            };
        }
        match self.dice.below(40) {
            0 => other.side = side.opposite(),
            1 => other.kind = OrderKind::Limit { price, qty: self.qty(place) },
            2 => other.time_in_force = TimeInForce::Ioc,
            3..=5 => other.post_only = true,
            6 => (waits.trigger, waits.kind) = (None, OrderKind::Limit { price, qty }),
            7 => other.kind = OrderKind::MarketToLimit { qty },
            _ => {}
        }
        if self.dice.chance(50) { [other, waits] } else { [waits, other] }
    }
}
