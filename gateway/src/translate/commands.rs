//! Requests become commands: words and decimals in, ids, ticks and lots out. The only place where this happens.

use papertape_engine::decimal::{self, DecimalError};
use papertape_engine::{
    AccountId, AmendOrder, ClientOrderId, Command, Instrument, InstrumentId, Leg, OrderId, OrderKind, OrderRef, Peg,
    PlaceOrder, Price, Qty, SelfTradePrevention, Side, TimeInForce,
};

use super::number::{Decimal, without_trailing_zeros};
use super::requests::{KindWord, OrderBody, SideWord, TimeInForceWord, TradeBody};
use super::time;
use super::triggers::{TriggerBody, trigger};
use crate::errors::Failure;

/// What an order by itself and an order of a list both say.
pub(super) struct Terms<'a> {
    pub side: SideWord,
    pub kind: KindWord,
    pub time_in_force: Option<TimeInForceWord>,
    pub expires_at_ms: Option<u64>,
    pub price: Option<&'a Decimal>,
    pub qty: Option<&'a Decimal>,
    pub quote_qty: Option<&'a Decimal>,
    pub post_only: bool,
    pub trigger: Option<&'a TriggerBody>,
}

/// A new order of `account` in `instrument`, which is the one that `body.symbol` names.
pub(crate) fn place(
    account: AccountId,
    id: InstrumentId,
    instrument: &Instrument,
    body: &OrderBody,
) -> Result<PlaceOrder, Failure> {
    let terms = Terms {
        side: body.side,
        kind: body.kind,
        time_in_force: body.time_in_force,
        expires_at_ms: body.expires_at_ms,
        price: body.price.as_ref(),
        qty: body.qty.as_ref(),
        quote_qty: body.quote_qty.as_ref(),
        post_only: body.post_only,
        trigger: body.trigger.as_ref(),
    };
    let Leg { side, kind, time_in_force, post_only, trigger } = leg(instrument, &terms)?;
    Ok(PlaceOrder {
        account,
        instrument: id,
        side,
        kind,
        time_in_force,
        post_only,
        self_trade_prevention: body.self_trade_prevention.map(SelfTradePrevention::from),
        display_qty: body.display_qty.as_ref().map(|text| qty("display_qty", instrument, text)).transpose()?,
        min_qty: body.min_qty.as_ref().map_or(Ok(Qty::ZERO), |text| qty("min_qty", instrument, text))?,
        reduce_only: body.reduce_only,
        imbalance_only: body.imbalance_only,
        peg: body.peg.map(Peg::from),
        trigger,
        client_order_id: body.client_order_id.as_deref().map(client_order_id).transpose()?,
    })
}

/// The terms in ticks and lots.
pub(super) fn leg(instrument: &Instrument, terms: &Terms<'_>) -> Result<Leg, Failure> {
    let default = if terms.kind == KindWord::Market { TimeInForceWord::Ioc } else { TimeInForceWord::Gtc };
    Ok(Leg {
        side: terms.side.into(),
        kind: kind(instrument, terms)?,
        time_in_force: time_in_force(terms.time_in_force.unwrap_or(default), terms.expires_at_ms)?,
        post_only: terms.post_only,
        trigger: terms.trigger.map(|body| trigger(instrument, body)).transpose()?,
    })
}

fn time_in_force(word: TimeInForceWord, expires_at_ms: Option<u64>) -> Result<TimeInForce, Failure> {
    let refused = |why: &str| Err(Failure::field("expires_at_ms", why));
    match (word, expires_at_ms) {
        (TimeInForceWord::Gtd, Some(ms)) => match ms.checked_mul(time::NS_PER_MS) {
            Some(until_ns) => Ok(TimeInForce::Gtd { until_ns }),
            None => refused("beyond the year 2554"),
        },
        (TimeInForceWord::Gtd, None) => refused("a gtd order needs one"),
        (_, Some(_)) => refused("only for gtd orders"),
        (TimeInForceWord::Gtc, None) => Ok(TimeInForce::Gtc),
        (TimeInForceWord::Ioc, None) => Ok(TimeInForce::Ioc),
        (TimeInForceWord::Fok, None) => Ok(TimeInForce::Fok),
        (TimeInForceWord::Day, None) => Ok(TimeInForce::Day),
        (TimeInForceWord::AtOpen, None) => Ok(TimeInForce::AtOpen),
        (TimeInForceWord::AtClose, None) => Ok(TimeInForce::AtClose),
    }
}

fn kind(instrument: &Instrument, terms: &Terms<'_>) -> Result<OrderKind, Failure> {
    let lots = |text: &Decimal| qty("qty", instrument, text);
    match (terms.kind, terms.price, terms.qty, terms.quote_qty) {
        (KindWord::Limit, Some(limit), Some(text), None) => {
            Ok(OrderKind::Limit { price: price("price", instrument, limit)?, qty: lots(text)? })
        }
        (KindWord::Limit, None, _, _) => Err(Failure::field("price", "a limit order needs one")),
        (KindWord::Limit, _, None, _) => Err(Failure::field("qty", "a limit order needs one")),
        (KindWord::Limit | KindWord::MarketToLimit, _, _, Some(_)) => {
            Err(Failure::field("quote_qty", "only for market orders"))
        }
        (KindWord::Market | KindWord::MarketToLimit, Some(_), _, _) => {
            Err(Failure::field("price", "only for limit orders"))
        }
        (KindWord::Market, None, Some(text), None) => Ok(OrderKind::Market { qty: lots(text)? }),
        (KindWord::Market, None, None, Some(budget)) => {
            let budget = instrument.quote.parse(budget.as_str());
            Ok(OrderKind::MarketQuote { budget: budget.map_err(|error| Failure::field("quote_qty", error))? })
        }
        (KindWord::Market, None, _, _) => Err(Failure::field("qty", "a market order needs either qty or quote_qty")),
        (KindWord::MarketToLimit, None, Some(text), None) => Ok(OrderKind::MarketToLimit { qty: lots(text)? }),
        (KindWord::MarketToLimit, None, None, None) => Err(Failure::field("qty", "a market-to-limit order needs one")),
    }
}

/// New terms of a resting order. At least one of them must be named.
pub(crate) fn amend(
    account: AccountId,
    order: OrderRef,
    instrument: &Instrument,
    new_price: Option<&Decimal>,
    new_qty: Option<&Decimal>,
) -> Result<Command, Failure> {
    let price = new_price.map(|text| price("price", instrument, text)).transpose()?;
    let qty = new_qty.map(|text| qty("qty", instrument, text)).transpose()?;
    Ok(Command::Amend(AmendOrder { account, order, price, qty }))
}

/// The plain trade: a limit order that trades at once or not at all.
pub(crate) fn trade(
    account: AccountId,
    id: InstrumentId,
    instrument: &Instrument,
    body: &TradeBody,
) -> Result<PlaceOrder, Failure> {
    let side = match body.trade_type.as_str() {
        "BUY" => Side::Buy,
        "SELL" => Side::Sell,
        _ => return Err(Failure::field("trade_type", "must be BUY or SELL")),
    };
    let qty = qty("quantity", instrument, &body.quantity)?;
    let kind = OrderKind::Limit { price: price("price", instrument, &body.price)?, qty };
    Ok(PlaceOrder { time_in_force: TimeInForce::Ioc, ..PlaceOrder::new(account, id, side, kind) })
}

/// An order's number or name; exactly one of the two must be given.
pub(crate) fn order_ref(order_id: Option<&str>, client: Option<&str>) -> Result<OrderRef, Failure> {
    match (order_id, client) {
        (Some(number), None) => order_id_of(number).map(OrderRef::Id),
        (None, Some(name)) => client_order_id(name).map(OrderRef::Client),
        _ => Err(Failure::field("order_id", "name either order_id or client_order_id")),
    }
}

/// An order's number from its decimal text.
pub(crate) fn order_id_of(text: &str) -> Result<OrderId, Failure> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.map(OrderId).ok_or_else(|| Failure::field("order_id", "not an order's number"))
}

/// A client's name for an order.
pub(crate) fn client_order_id(text: &str) -> Result<ClientOrderId, Failure> {
    let rule = "must be 1 to 36 of A-Z a-z 0-9 . : / _ -";
    ClientOrderId::new(text).ok_or_else(|| Failure::field("client_order_id", rule))
}

/// Ticks from the text of a field.
pub(crate) fn price(field: &str, instrument: &Instrument, text: &Decimal) -> Result<Price, Failure> {
    instrument.parse_price(text.as_str()).map_err(|error| {
        let tick = decimal::format(i128::from(instrument.spec.tick_mantissa), instrument.spec.price_decimals);
        off_grid(field, text, error, &tick)
    })
}

/// Lots from the text of a field.
pub(crate) fn qty(field: &str, instrument: &Instrument, text: &Decimal) -> Result<Qty, Failure> {
    instrument.parse_qty(text.as_str()).map_err(|error| {
        let lot = instrument.base.format(instrument.spec.lot);
        off_grid(field, text, error, &lot)
    })
}

fn off_grid(field: &str, text: &Decimal, error: DecimalError, step: &str) -> Failure {
    match error {
        DecimalError::TooPrecise { .. } => {
            Failure::field(field, format_args!("not a multiple of {}", without_trailing_zeros(step)))
        }
        DecimalError::TooLarge if text.as_str().starts_with('-') => Failure::field(field, "must not be negative"),
        error => Failure::field(field, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::body::read_json;
    use papertape_engine::{Amount, Asset, AssetId, InstrumentSpec, Ppm, Symbol, Trail, TriggerKind};

    fn instrument() -> Instrument {
        let assets =
            [("BTC", 8), ("USD", 8)].map(|(symbol, decimals)| Asset { symbol: Symbol::new(symbol).unwrap(), decimals });
        let spec = InstrumentSpec {
            tick_mantissa: 5,
            price_decimals: 2,
            lot: Amount(1_000),
            maker_fee: Ppm(1_000),
            taker_fee: Ppm(1_000),
            ..InstrumentSpec::new(Symbol::new("BTC-USD").unwrap(), AssetId(0), AssetId(1))
        };
        Instrument::new(spec, &assets).unwrap()
    }

    fn placed(json: &str) -> Result<PlaceOrder, Failure> {
        let body: OrderBody = read_json(json.as_bytes())?;
        place(AccountId(7), InstrumentId(0), &instrument(), &body)
    }

    #[test]
    fn a_limit_order_is_read_in_ticks_and_lots() {
        let order =
            placed(r#"{"symbol":"BTC-USD","side":"buy","type":"limit","price":"100.05","qty":"0.00002"}"#).unwrap();
        assert_eq!(order.kind, OrderKind::Limit { price: Price(2_001), qty: Qty(2) });
        assert_eq!((order.time_in_force, order.side, order.post_only), (TimeInForce::Gtc, Side::Buy, false));
        let numbers = placed(r#"{"symbol":"BTC-USD","side":"buy","type":"limit","price":100.05,"qty":2e-5}"#).unwrap();
        assert_eq!(numbers, order);
    }

    #[test]
    fn a_display_quantity_is_read_in_lots() {
        let iceberg = r#""symbol":"x","side":"buy","type":"limit","price":"100","qty":"1","display_qty""#;
        let shown = |text: &str| placed(&format!("{{{iceberg}:{text}}}")).map(|order| order.display_qty);
        assert_eq!(shown(r#""0.00002""#), Ok(Some(Qty(2))));
        assert_eq!(shown("null"), Ok(None));
        assert_eq!(shown(r#""0.000001""#).unwrap_err().detail, "display_qty: not a multiple of 0.00001");
        assert_eq!(shown(r#""-1""#).unwrap_err().detail, "display_qty: must not be negative");
    }

    #[test]
    fn a_market_order_is_immediate_unless_said_otherwise() {
        let order = placed(r#"{"symbol":"x","side":"sell","type":"market","qty":"1"}"#).unwrap();
        assert_eq!((order.kind, order.time_in_force), (OrderKind::Market { qty: Qty(100_000) }, TimeInForce::Ioc));
        let budget = placed(r#"{"symbol":"x","side":"buy","type":"market","quote_qty":"10"}"#).unwrap();
        assert_eq!(budget.kind, OrderKind::MarketQuote { budget: Amount(1_000_000_000) });
    }

    #[test]
    fn a_trigger_is_read_in_ticks_or_basis_points() {
        let stop = r#""symbol":"x","side":"sell","type":"market","qty":"1","trigger""#;
        for (json, expected) in [
            (r#"{"kind":"stop","price":"95.00"}"#, (TriggerKind::Stop, Some(Price(1_900)), None)),
            (
                r#"{"kind":"take_profit","price":"95","trail":"0.50"}"#,
                (TriggerKind::TakeProfit, Some(Price(1_900)), Some(Trail::Ticks(10))),
            ),
            (r#"{"kind":"stop","trail_bps":50}"#, (TriggerKind::Stop, None, Some(Trail::BasisPoints(50)))),
        ] {
            let trigger = placed(&format!("{{{stop}:{json}}}")).unwrap().trigger.unwrap();
            assert_eq!((trigger.kind, trigger.price, trigger.trail), expected, "{json}");
        }
        let order = placed(r#"{"symbol":"x","side":"buy","type":"market_to_limit","qty":"1"}"#).unwrap();
        assert_eq!(
            (order.kind, order.time_in_force),
            (OrderKind::MarketToLimit { qty: Qty(100_000) }, TimeInForce::Gtc)
        );
    }

    #[test]
    fn q1_every_refusal_names_its_field() {
        let limit = r#""symbol":"x","side":"buy","type":"limit""#;
        for (fields, named) in [
            (format!(r#"{limit},"price":"100.01","qty":"1""#), "price: not a multiple of 0.05"),
            (format!(r#"{limit},"price":"100","qty":"0.000001""#), "qty: not a multiple of 0.00001"),
            (format!(r#"{limit},"price":"-1","qty":"1""#), "price: must not be negative"),
            (format!(r#"{limit},"price":"abc","qty":"1""#), "price: not a decimal number"),
            (format!(r#"{limit},"price":true,"qty":"1""#), "price: expected a decimal number"),
            (format!(r#"{limit},"qty":"1""#), "price: "),
            (format!(r#"{limit},"price":"1""#), "qty: "),
            (format!(r#"{limit},"price":"1","qty":"1","quote_qty":"1""#), "quote_qty: "),
            (format!(r#"{limit},"price":"1","qty":"1","client_order_id":"a b""#), "client_order_id: "),
            (format!(r#"{limit},"price":"1","qty":"1","stop_price":"1""#), "stop_price: unknown field"),
            (format!(r#"{limit},"price":"1","qty":"1","trigger":{{"price":"1"}}"#), "trigger: missing field `kind`"),
            (
                format!(r#"{limit},"price":"1","qty":"1","trigger":{{"kind":"stop","price":"1.01"}}"#),
                "trigger.price: not a multiple of 0.05",
            ),
            (
                format!(r#"{limit},"price":"1","qty":"1","trigger":{{"kind":"stop","trail":"0.01"}}"#),
                "trigger.trail: not a multiple of 0.05",
            ),
            (
                format!(r#"{limit},"price":"1","qty":"1","trigger":{{"kind":"stop","trail":"9999999999"}}"#),
                "trigger.trail: too large",
            ),
            (
                format!(r#"{limit},"price":"1","qty":"1","trigger":{{"kind":"stop","trail":"1","trail_bps":1}}"#),
                "trigger.trail: give either",
            ),
            (
                format!(r#"{limit},"price":"1","qty":"1","trigger":{{"kind":"stop","trail_bps":1.5}}"#),
                "trigger.trail_bps: ",
            ),
            (r#""symbol":"x","side":"buy","type":"market_to_limit""#.into(), "qty: "),
            (r#""symbol":"x","side":"buy","type":"market_to_limit","qty":"1","price":"1""#.into(), "price: "),
            (r#""symbol":"x","side":"buy","type":"market_to_limit","quote_qty":"1""#.into(), "quote_qty: "),
            (r#""symbol":"x","side":"buy","type":"market""#.into(), "qty: "),
            (r#""symbol":"x","side":"buy","type":"market","qty":"1","price":"1""#.into(), "price: "),
            (r#""symbol":"x","side":"long","type":"market","qty":"1""#.into(), "side: unknown variant"),
        ] {
            let failure = placed(&format!("{{{fields}}}")).unwrap_err();
            assert!(failure.detail.starts_with(named), "{fields}: {}", failure.detail);
            assert_eq!((failure.status.as_u16(), failure.code), (400, "INVALID_FIELD"), "{fields}");
        }
    }

    #[test]
    fn t4_a_trade_is_a_limit_order_that_does_not_stay() {
        let body = |json: &str| read_json::<TradeBody>(json.as_bytes()).unwrap();
        let good = body(r#"{"symbol":"BTC","trade_type":"SELL","quantity":0.1,"price":"60000.10"}"#);
        let order = trade(AccountId(7), InstrumentId(0), &instrument(), &good).unwrap();
        assert_eq!(order.kind, OrderKind::Limit { price: Price(1_200_002), qty: Qty(10_000) });
        assert_eq!((order.side, order.time_in_force), (Side::Sell, TimeInForce::Ioc));
        let bad = body(r#"{"symbol":"BTC","trade_type":"HOLD","quantity":1,"price":1}"#);
        assert!(
            trade(AccountId(7), InstrumentId(0), &instrument(), &bad).unwrap_err().detail.starts_with("trade_type")
        );
    }

    #[test]
    fn an_order_is_named_in_exactly_one_way() {
        assert_eq!(order_ref(Some("12"), None), Ok(OrderRef::Id(OrderId(12))));
        assert!(matches!(order_ref(None, Some("mine")), Ok(OrderRef::Client(_))));
        for (id, client) in [(None, None), (Some("1"), Some("x")), (Some("+1"), None), (Some("x"), None)] {
            assert!(order_ref(id, client).is_err());
        }
    }
}
