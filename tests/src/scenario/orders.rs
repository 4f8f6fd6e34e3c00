//! New orders in words: how much, at which price, how long, and what they wait for.

use papertape_engine::{
    AccountId, Amount, ClientOrderId, Command, InstrumentId, Leg, ListOrders, OrderKind, Peg, PegTo, PlaceList,
    PlaceOrder, Price, Qty, SelfTradePrevention, Side, TimeInForce, Trail, Trigger, TriggerKind,
};

use super::allocation::mode;
use super::commands::{Reader, client_id};
use super::words::{Words, number};

/// What counts for all orders of a line.
#[derive(Default)]
struct Common {
    instrument: Option<InstrumentId>,
    self_trade_prevention: Option<SelfTradePrevention>,
    client_order_id: Option<ClientOrderId>,
    display_qty: Option<Qty>,
    min_qty: Option<Qty>,
    reduce_only: bool,
    imbalance_only: bool,
    peg: Option<Peg>,
}

impl Common {
    fn is_nothing(&self) -> bool {
        let Self { instrument, self_trade_prevention, client_order_id, .. } = self;
        let is_named = instrument.is_some() || self_trade_prevention.is_some() || client_order_id.is_some();
        !is_named && !self.is_one_orders()
    }

    /// Whether it says what only an order by itself can be.
    fn is_one_orders(&self) -> bool {
        let flags = self.reduce_only || self.imbalance_only;
        self.display_qty.is_some() || self.min_qty.is_some() || flags || self.peg.is_some()
    }
}

impl Reader {
    /// One order, or several that hang together: `… or sells …` is one that cancels the other, `… then sells …` one that
    /// comes when the one before was filled.
    pub(super) fn place(&mut self, account: AccountId, side: Side, words: &mut Words<'_>) -> Result<Command, String> {
        let mut common = Common::default();
        let (mut legs, mut links) = (vec![self.leg(side, &mut common, words)?], String::new());
        while let Some(link @ ("or" | "then")) = words.peek() {
            if !common.is_nothing() {
                return Err(words.expected("a self-trade mode, `in` and `as` after the last order of a list, and nothing that is an order's by itself"));
            }
            words.must(link)?;
            links.push_str(link);
            let complaint = words.expected("`buys` or `sells`");
            let side = match words.next("`buys` or `sells`")? {
                "buys" => Side::Buy,
                "sells" => Side::Sell,
                _ => return Err(complaint),
            };
            legs.push(self.leg(side, &mut common, words)?);
        }
        let own = common.is_one_orders();
        let Common { instrument, self_trade_prevention, client_order_id, display_qty, min_qty, .. } = common;
        let Common { reduce_only, imbalance_only, peg, .. } = common;
        let min_qty = min_qty.unwrap_or(Qty::ZERO);
        let instrument = instrument.unwrap_or_default();
        let orders = match (links.as_str(), &legs[..]) {
            ("or", [one, other]) => ListOrders::Oco([*one, *other]),
            ("then", [working, pending]) => ListOrders::Oto { working: *working, pending: *pending },
            ("thenor", [working, one, other]) => ListOrders::Otoco { working: *working, pending: [*one, *other] },
            ("", [Leg { side, kind, time_in_force, post_only, trigger }]) => {
                let (side, kind, time_in_force) = (*side, *kind, *time_in_force);
                let (post_only, trigger) = (*post_only, *trigger);
                return Ok(Command::Place(PlaceOrder {
                    account,
                    instrument,
                    side,
                    kind,
                    time_in_force,
                    post_only,
                    self_trade_prevention,
                    display_qty,
                    min_qty,
                    reduce_only,
                    imbalance_only,
                    peg,
                    trigger,
                    client_order_id,
                }));
            }
            _ => return Err("expected a list: one `or` other, one `then` other, or one `then` other `or` third".into()),
        };
        if own {
            return Err(
                "an order of a list has no display quantity, no least quantity, no peg, and is not reduce-only or imbalance-only".into(),
            );
        }
        Ok(Command::PlaceList(PlaceList { account, instrument, orders, self_trade_prevention, client_order_id }))
    }

    /// `5 @ 100 ioc` and so on, up to the next order or the end.
    fn leg(&mut self, side: Side, common: &mut Common, words: &mut Words<'_>) -> Result<Leg, String> {
        let kind = kind(words)?;
        let (mut time_in_force, mut post_only, mut trigger) = (None, false, None);
        while let Some(word) = words.peek().filter(|word| !matches!(*word, "or" | "then")) {
            use TimeInForce::{AtClose, AtOpen, Day, Fok, Gtc, Ioc};
            let tif = [Gtc, Ioc, Fok, Day, AtOpen, AtClose];
            let tif = tif.into_iter().find(|tif| show_time(*tif) == word);
            if time_in_force.is_none() && words.take("until") {
                let until_ns = words.number("the venue's time in nanoseconds")?;
                time_in_force = Some(TimeInForce::Gtd { until_ns });
            } else if let (Some(tif), None) = (tif, time_in_force) {
                time_in_force = Some(tif);
                words.must(word)?;
            } else if !post_only && words.take("post-only") {
                post_only = true;
            } else if common.display_qty.is_none() && words.take("hidden") {
                common.display_qty = Some(Qty::ZERO);
            } else if common.display_qty.is_none() && words.take("show") {
                common.display_qty = Some(Qty(words.number("how many lots show")?));
            } else if common.min_qty.is_none() && words.take("at") {
                words.must("least")?;
                common.min_qty = Some(Qty(words.number("how many lots trade at least")?));
            } else if common.peg.is_none() && words.take("pegged") {
                common.peg = Some(read_peg(words)?);
            } else if !common.reduce_only && words.take("reduce-only") {
                common.reduce_only = true;
            } else if !common.imbalance_only && words.take("imbalance-only") {
                common.imbalance_only = true;
            } else if trigger.is_none() && matches!(word, "stop" | "take-profit" | "trail") {
                trigger = Some(read_trigger(words)?);
            } else if let (Some(mode), None) = (mode(word), common.self_trade_prevention) {
                common.self_trade_prevention = Some(mode);
                words.must(word)?;
            } else if common.instrument.is_none() && word == "in" {
                common.instrument = Some(self.instrument(words)?);
            } else if common.client_order_id.is_none() && words.take("as") {
                common.client_order_id = Some(client_id(words)?);
            } else {
                return Err(words
                    .expected("gtc, ioc, fok, day, `until` a time, `show` lots, hidden, `at least` lots, `pegged to` a price, post-only, reduce-only, imbalance-only, stop, take-profit, trail, a self-trade mode, `in` a market or `as` a name, each once"));
            }
        }
        let usual = PlaceOrder::new(AccountId(0), InstrumentId(0), side, kind).time_in_force;
        Ok(Leg { side, kind, time_in_force: time_in_force.unwrap_or(usual), post_only, trigger })
    }
}

/// `5 @ 100`, `5 at market`, `5 at market to limit` or `for at most 1000 at market`.
fn kind(words: &mut Words<'_>) -> Result<OrderKind, String> {
    if words.take("for") {
        words.must("at most")?;
        let budget = Amount(words.number("an amount in units of quote")?);
        words.must("at market")?;
        return Ok(OrderKind::MarketQuote { budget });
    }
    let qty = Qty(words.number("a quantity in lots, or `for at most`")?);
    if words.take("@") {
        return Ok(OrderKind::Limit { price: Price(words.number("a price in ticks")?), qty });
    }
    if words.take("at") {
        words.must("market")?;
        if words.take("to") {
            words.must("limit")?;
            return Ok(OrderKind::MarketToLimit { qty });
        }
        return Ok(OrderKind::Market { qty });
    }
    Err(words.expected("`@` and a price, or `at market`"))
}

/// `to mid`, `to primary offset -2`.
fn read_peg(words: &mut Words<'_>) -> Result<Peg, String> {
    let complaint = words.expected("`to` primary, market or mid");
    words.must("to")?;
    let word = words.next("primary, market or mid")?;
    let to = PegTo::ALL.into_iter().find(|to| to.name() == word).ok_or(complaint)?;
    let offset = if words.take("offset") { words.number("an offset in ticks")? } else { 0 };
    Ok(Peg { to, offset })
}

/// `stop 95`, `take-profit 95 trail 5`, `stop trail 50bp`; `trail 5` alone is a stop's.
fn read_trigger(words: &mut Words<'_>) -> Result<Trigger, String> {
    let kind = if words.take("take-profit") { TriggerKind::TakeProfit } else { TriggerKind::Stop };
    words.take("stop");
    let names_price = words.peek().and_then(number).is_some();
    let price = if names_price { Some(Price(words.number("a price in ticks")?)) } else { None };
    let trail = if words.take("trail") { Some(read_trail(words)?) } else { None };
    Ok(Trigger { kind, price, trail })
}

fn read_trail(words: &mut Words<'_>) -> Result<Trail, String> {
    let wanted = "an offset in ticks, or in basis points with `bp`";
    match words.peek().and_then(|word| word.strip_suffix("bp")) {
        None => words.number(wanted).map(Trail::Ticks),
        Some(points) => {
            let complaint = words.expected(wanted);
            let points = number(points).and_then(|points| u32::try_from(points).ok()).ok_or(complaint)?;
            words.next(wanted)?;
            Ok(Trail::BasisPoints(points))
        }
    }
}

/// What [`read_trigger`] reads.
pub(super) fn show_trigger(trigger: &Trigger) -> String {
    let kind = match trigger.kind {
        TriggerKind::Stop => "stop",
        TriggerKind::TakeProfit => "take-profit",
    };
    let price = trigger.price.map_or_else(String::new, |price| format!(" {price}"));
    let trail = match trigger.trail {
        None => String::new(),
        Some(Trail::Ticks(ticks)) => format!(" trail {ticks}"),
        Some(Trail::BasisPoints(points)) => format!(" trail {points}bp"),
    };
    format!("{kind}{price}{trail}")
}

/// The word of a time in force that has no time.
pub(super) fn show_time(time_in_force: TimeInForce) -> &'static str {
    match time_in_force {
        TimeInForce::AtOpen => "at-open",
        TimeInForce::AtClose => "at-close",
        other => other.name(),
    }
}
