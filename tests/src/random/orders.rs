//! New orders, and what a stream does to those that it has.

use papertape_engine::{
    AccountId, AmendOrder, Amount, Command, OrderId, OrderKind, OrderRef, Peg, PegTo, Phase, PlaceOrder, Price, Qty,
    SelfTradePrevention, Side, TimeInForce,
};

use super::flow::Flow;
use super::known::Open;
use super::venue::Place;

impl Flow {
    pub(super) fn side(&mut self) -> Side {
        self.dice.pick(&[Side::Buy, Side::Sell])
    }

    pub(super) fn price(&mut self, place: &Place) -> Price {
        if self.edge() {
            return Price(self.dice.wide());
        }
        // Some keep nearer to the middle than others.
        let close = self.dice.chance(self.habits.close);
        let width = if close {
            place.width.min(3)
        } else if self.dice.chance(30) {
            place.width / 3 + 1
        } else {
            place.width
        };
        let up = self.dice.below(width.saturating_mul(2));
        Price(place.middle.saturating_sub(width).saturating_add(up).max(1))
    }

    pub(super) fn qty(&mut self, place: &Place) -> Qty {
        if self.edge() {
            return Qty(self.dice.wide());
        }
        // Where many lots are usual, two orders are more than a level can hold.
        if place.lots > 1 << 60 && self.dice.chance(20) {
            return Qty(u64::MAX >> self.dice.below(3));
        }
        // Most are small beside the few that sweep.
        let most = if self.dice.chance(80) { place.lots / 4 } else { place.lots };
        Qty(1 + self.dice.below(most.max(1)))
    }

    pub(super) fn place(&mut self) -> PlaceOrder {
        let repeated = self.habits.repeated;
        if !self.sent.is_empty() && self.dice.chance(repeated) {
            let at = self.dice.below(self.sent.len() as u64) as usize;
            let mut order = self.sent[at];
            if self.dice.chance(30) {
                order.side = order.side.opposite();
            }
            return order;
        }
        let place = self.somewhere();
        let waits = self.habits.waits;
        if self.dice.chance(waits) {
            return self.waiting_order(&place);
        }
        // An auction hardly takes anything but plain limit orders.
        let plain = place.phase == Phase::Auction && self.dice.chance(90);
        let kind = match self.dice.below(20) {
            _ if plain => OrderKind::Limit { price: self.price(&place), qty: self.qty(&place) },
            0 | 1 => OrderKind::Market { qty: self.qty(&place) },
            2 | 3 => OrderKind::MarketQuote { budget: self.budget(&place) },
            4 => OrderKind::MarketToLimit { qty: self.qty(&place) },
            _ => OrderKind::Limit { price: self.price(&place), qty: self.qty(&place) },
        };
        let may_stay = matches!(kind, OrderKind::Limit { .. } | OrderKind::MarketToLimit { .. });
        let is_limit = matches!(kind, OrderKind::Limit { .. });
        let immediate = if is_limit { self.habits.immediate } else { 5 };
        let stays = may_stay && (plain || !self.dice.chance(immediate));
        let time_in_force = if stays || self.dice.chance(3) {
            self.staying()
        } else {
            self.dice.pick(&[TimeInForce::Ioc, TimeInForce::Ioc, TimeInForce::Ioc, TimeInForce::Fok])
        };
        // Some wait for an auction; more where there are many.
        let auctions = if plain { 20 } else { 3 };
        if matches!(kind, OrderKind::Limit { .. } | OrderKind::Market { .. }) && self.dice.chance(auctions) {
            return self.at_auction(&place, kind);
        }
        let (named, side) = (self.habits.named, self.side());
        let (min_qty, reduce_only, kind) = self.attributes(side, kind);
        PlaceOrder {
            account: self.account(),
            instrument: if self.strange() { self.instrument() } else { place.instrument },
            side,
            kind,
            time_in_force,
            post_only: !plain && self.dice.chance(if stays && is_limit { 12 } else { 1 }),
            self_trade_prevention: self.mode(),
            display_qty: self.display(&place, kind, time_in_force),
            min_qty,
            reduce_only,
            imbalance_only: self.strange(),
            peg: self.peg(&place, kind, time_in_force),
            trigger: None,
            client_order_id: if self.dice.chance(named) { Some(self.name()) } else { None },
        }
    }

    /// An order at the open or at the close; few of them are such as cannot be.
    fn at_auction(&mut self, place: &Place, kind: OrderKind) -> PlaceOrder {
        // Where many lots are usual, two of them are more than a level can hold.
        let many = place.lots > 1 << 60 && self.dice.chance(30);
        let qty = if many { Qty(u64::MAX >> 1) } else { kind.qty().unwrap_or(Qty(1)) };
        let kind = match self.dice.below(60) {
            0 => OrderKind::MarketToLimit { qty },
            1 => OrderKind::MarketQuote { budget: self.budget(place) },
            2..=20 => OrderKind::Market { qty },
            _ if many => OrderKind::Limit { price: Price(place.middle), qty },
            _ => kind,
        };
        let time_in_force = self.dice.pick(&[TimeInForce::AtOpen, TimeInForce::AtClose]);
        let order = PlaceOrder::new(self.account(), place.instrument, self.side(), kind);
        let (post_only, reduce_only) = (self.dice.chance(2), self.dice.chance(2));
        let imbalance_only = self.dice.chance(if matches!(kind, OrderKind::Limit { .. }) { 40 } else { 3 });
        let display_qty = self.dice.chance(2).then_some(Qty(1));
        let named = self.habits.named;
        let client_order_id = if self.dice.chance(named) { Some(self.name()) } else { None };
        PlaceOrder { time_in_force, post_only, reduce_only, imbalance_only, display_qty, client_order_id, ..order }
    }

    /// What a price follows, for some limit orders that stay and few of the others.
    pub(super) fn peg(&mut self, place: &Place, kind: OrderKind, time_in_force: TimeInForce) -> Option<Peg> {
        let fits = matches!(kind, OrderKind::Limit { .. }) && time_in_force.stays();
        let pegs = if fits && place.by_time { self.habits.rare * 2 } else { self.habits.rare / 6 };
        let offset = if self.edge() { self.dice.wide() as i32 } else { self.dice.below(9) as i32 - 4 };
        self.dice.chance(pegs).then(|| Peg { to: self.dice.pick(&PegTo::ALL), offset })
    }

    /// A minimum quantity and reduce-only, for some orders; and the order, which is small more often where a position is to
    /// cover it.
    pub(super) fn attributes(&mut self, side: Side, kind: OrderKind) -> (Qty, bool, OrderKind) {
        let rare = self.habits.rare;
        let qty = kind.qty().unwrap_or(Qty(2)).0;
        let least = self.dice.chance(rare).then(|| match self.dice.below(20) {
            0 => qty.saturating_add(1),
            1..=4 => qty,
            5..=8 => 1,
            _ => 1 + self.dice.below(qty.max(1)),
        });
        let reduces = self.dice.chance(if side == Side::Sell { rare * 4 } else { rare / 4 });
        let kind = match kind {
            OrderKind::Limit { price, qty } if reduces && self.dice.chance(70) => {
                OrderKind::Limit { price, qty: Qty(qty.0 / (1 + self.dice.below(8))).max(Qty(1)) }
            }
            kind => kind,
        };
        (Qty(least.unwrap_or(0)), reduces, kind)
    }

    /// A part of an order that shows, for some of those that may be icebergs and few of the others. It is not shown in very
    /// many parts: each of them is told.
    pub(super) fn display(&mut self, place: &Place, kind: OrderKind, time_in_force: TimeInForce) -> Option<Qty> {
        let fits = matches!(kind, OrderKind::Limit { .. }) && time_in_force.stays() && place.by_time;
        let icebergs = if fits { self.habits.icebergs } else { self.habits.icebergs / 12 };
        if !self.dice.chance(icebergs) {
            return None;
        }
        let qty = kind.qty().unwrap_or(Qty(2)).0;
        let parts = 1 + self.dice.below(12);
        Some(Qty(match self.dice.below(40) {
            0..=9 => 0,
            10 => qty,
            11 => u64::MAX,
            12 => (qty / 100).max(1),
            _ => (qty / parts).min(qty.saturating_sub(1)).max(1),
        }))
    }

    pub(super) fn mode(&mut self) -> Option<SelfTradePrevention> {
        let modes = self.habits.modes;
        self.dice.chance(modes).then(|| self.dice.pick(&SelfTradePrevention::ALL))
    }

    /// Until it is cancelled, until the close, or until a time: soon, far away, or gone already.
    pub(super) fn staying(&mut self) -> TimeInForce {
        match self.dice.below(20) {
            0 | 1 => TimeInForce::Day,
            2 => TimeInForce::Gtd { until_ns: self.dice.wide() },
            3..=8 => TimeInForce::Gtd { until_ns: (self.time_ns + self.dice.below(60)).saturating_sub(2) },
            _ => TimeInForce::Gtc,
        }
    }

    pub(super) fn budget(&mut self, place: &Place) -> Amount {
        if self.edge() {
            return self.dice.wider();
        }
        let one_lot = place.unit.saturating_mul(i128::from(place.middle));
        let lots = one_lot.saturating_mul(i128::from(self.qty(place).0)).min(Amount::MAX.0);
        // A whole number of lots at the middle, next to nothing, or anything.
        match self.dice.below(6) {
            0 => Amount(i128::from(1 + self.dice.below(3))),
            1 | 2 => Amount(lots),
            _ => Amount(lots / 16 * i128::from(1 + self.dice.below(32)) + i128::from(self.dice.below(3))),
        }
    }

    fn open(&mut self) -> Option<Open> {
        let count = self.orders.open.len() as u64;
        (count > 0).then(|| self.orders.open[self.dice.below(count) as usize])
    }

    /// An order and its owner; sometimes another's, sometimes one that ended, sometimes none.
    pub(super) fn own_order(&mut self) -> (AccountId, OrderRef) {
        let open = self.open();
        match (self.dice.below(20), open) {
            (0, _) | (_, None) => (self.account(), OrderRef::Id(OrderId(self.dice.wide()))),
            (1, _) => (self.account(), OrderRef::Client(self.name())),
            (2, Some(open)) => (self.account(), OrderRef::Id(open.id)),
            (3, _) if !self.orders.ended.is_empty() => {
                let at = self.dice.below(self.orders.ended.len() as u64) as usize;
                let (account, order) = self.orders.ended[at];
                (account, OrderRef::Id(order))
            }
            (4..=11, Some(open)) => (open.account, open.order),
            (_, Some(open)) => (open.account, OrderRef::Id(open.id)),
        }
    }

    pub(super) fn amend(&mut self) -> AmendOrder {
        let open = self.open();
        let Some(open) = open.filter(|_| !self.dice.chance(10)) else {
            let (account, order) = self.own_order();
            let place = self.somewhere();
            let (price, qty) = (self.price(&place), self.qty(&place));
            return AmendOrder { account, order, price: Some(price), qty: Some(qty) };
        };
        let listed = self.places.iter().find(|place| place.instrument == open.instrument).copied();
        let place = listed.unwrap_or(self.places[0]);
        let price = match self.dice.below(10) {
            0..=3 => None,
            4 => Some(open.price),
            5 => Some(Price(open.price.0.wrapping_add(1))),
            _ => Some(self.price(&place)),
        };
        let filled = open.qty.0 - open.leaves.0;
        let qty = match self.dice.below(13) {
            0 | 1 => None,
            2 => Some(filled + self.dice.below(2)),
            3..=6 => Some(filled + 1 + self.dice.below(open.leaves.0.max(1))),
            7 | 8 => Some(open.qty.0.saturating_add(1 + self.dice.below(3))),
            9 => Some(open.qty.0),
            10 => Some(open.qty.0.saturating_mul(1 + self.dice.below(4))),
            _ => Some(self.qty(&place).0),
        };
        AmendOrder { account: open.account, order: open.order, price, qty: qty.map(Qty) }
    }

    pub(super) fn cancel_all(&mut self) -> Command {
        let instrument = if self.dice.chance(50) { Some(self.instrument()) } else { None };
        let side = if self.dice.chance(50) { Some(self.side()) } else { None };
        Command::CancelAll { account: self.account(), instrument, side }
    }

    /// There are many open orders: an old one ends, or all of an account's on a side.
    pub(super) fn fewer_orders(&mut self) -> Command {
        let oldest = self.orders.open[0];
        if self.dice.chance(10) {
            let side = if self.dice.chance(60) { Some(self.side()) } else { None };
            return Command::CancelAll { account: oldest.account, instrument: None, side };
        }
        Command::Cancel { account: oldest.account, order: oldest.order }
    }
}
