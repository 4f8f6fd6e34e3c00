//! Small flows, and the orders behind them.

use super::*;

const FILES: Files<'static> = Files { orders: "orders.csv", trades: "trades.csv" };

/// An order row: number, time as hour, minute and milliseconds, action, side, price, quantity, id.
fn order(seq: u64, time_ms: u32, action: Action, side: Side, price: u64, qty: u64, id: u64) -> OrderRow {
    OrderRow { line: seq, key: (1, seq), time_ms, action, side, price: Price(price), qty: Qty(qty), id }
}

fn trade(seq: u64, time_ms: u32, side: Option<Side>, price: u64, qty: u64, buy: u64, sell: u64) -> TradeRow {
    TradeRow { line: seq, key: (1, seq), time_ms, aggressor: side, price: Price(price), qty: Qty(qty), buy, sell }
}

const NOON: u32 = time_ms(12, 0);

/// The steps after the phases that lead to continuous trading.
fn continuous(orders: Vec<OrderRow>, trades: Vec<TradeRow>) -> Vec<What> {
    let steps = rebuild(&Stock { orders, trades }, FILES).unwrap();
    let actions: Vec<_> = steps.into_iter().map(|step| step.action).collect();
    assert_eq!(actions[0], What::Uncross { then: Phase::Halted, trades: 0..0 });
    assert_eq!(actions[1], What::SetPhase(Phase::Continuous));
    actions[2..].to_vec()
}

fn placed(id: u64, side: Side, price: u64, qty: u64, trades: Range<usize>) -> What {
    What::Place { id, side, price: Price(price), qty: Qty(qty), trades }
}

#[test]
fn trades_and_the_residual_that_follows_are_one_order_at_the_residuals_price() {
    let orders =
        vec![order(1, NOON, Action::Add, Side::Sell, 1_000, 5, 1), order(4, NOON, Action::Add, Side::Buy, 1_005, 3, 3)];
    let trades = vec![trade(2, NOON, Some(Side::Buy), 1_000, 5, 3, 1), trade(3, NOON, Some(Side::Buy), 1_002, 2, 3, 2)];
    let expected = [placed(1, Side::Sell, 1_000, 5, 0..0), placed(3, Side::Buy, 1_005, 10, 0..2)];
    assert_eq!(continuous(orders, trades), expected);
}

#[test]
fn an_order_that_was_filled_whole_has_its_worst_trades_price() {
    let trades = vec![
        trade(2, NOON, Some(Side::Sell), 1_002, 5, 1, 3),
        trade(3, NOON, Some(Side::Sell), 1_000, 2, 2, 3),
        trade(4, NOON, Some(Side::Sell), 1_000, 4, 2, 4),
    ];
    let expected = [placed(3, Side::Sell, 1_000, 7, 0..2), placed(4, Side::Sell, 1_000, 4, 2..3)];
    assert_eq!(continuous(Vec::new(), trades), expected);
}

#[test]
fn a_delete_of_a_part_lives_on_only_if_the_order_is_named_again() {
    let add = order(1, NOON, Action::Add, Side::Buy, 1_000, 10, 1);
    let part = order(2, NOON, Action::Delete, Side::Buy, 1_000, 4, 1);
    let rest = order(3, NOON, Action::Delete, Side::Buy, 1_000, 6, 1);
    let (order, id, side, price) = (Some(0), 1, Side::Buy, Price(1_000));
    let both = continuous(vec![add, part, rest], Vec::new());
    assert_eq!(both[1], What::Reduce { order, id, side, price, qty: Qty(4) });
    assert_eq!(both[2], What::Cancel { order, id, side, price, qty: Qty(6) });
    assert_eq!(continuous(vec![add, part], Vec::new())[1], What::Cancel { order, id, side, price, qty: Qty(4) });
}

#[test]
fn the_day_goes_through_its_phases() {
    let orders = vec![
        order(1, time_ms(9, 15), Action::Add, Side::Buy, 1_000, 5, 1),
        order(2, time_ms(9, 16), Action::Add, Side::Sell, 1_000, 5, 2),
        order(5, CLOSING_MS, Action::Add, Side::Sell, 1_000, 5, 3),
    ];
    let trades = vec![trade(3, OPENING_ENDS_MS, None, 1_000, 5, 1, 2)];
    let steps = rebuild(&Stock { orders, trades }, FILES).unwrap();
    let actions: Vec<_> = steps.iter().map(|step| (step.time_ms, step.action.clone())).collect();
    let expected = [
        (time_ms(9, 15), placed(1, Side::Buy, 1_000, 5, 0..0)),
        (time_ms(9, 16), placed(2, Side::Sell, 1_000, 5, 0..0)),
        (OPENING_ENDS_MS, What::Uncross { then: Phase::Halted, trades: 0..1 }),
        (CONTINUOUS_MS, What::SetPhase(Phase::Continuous)),
        (CLOSING_MS, What::SetPhase(Phase::Auction)),
        (CLOSING_MS, placed(3, Side::Sell, 1_000, 5, 0..0)),
        (CLOSING_MS, What::Uncross { then: Phase::Closed, trades: 0..0 }),
    ];
    assert_eq!(actions, expected);
}

fn refusal(orders: Vec<OrderRow>, trades: Vec<TradeRow>) -> String {
    rebuild(&Stock { orders, trades }, FILES).unwrap_err().to_string()
}

#[test]
fn rows_that_cannot_be_are_refused_with_their_place() {
    let add = order(1, NOON, Action::Add, Side::Buy, 1_000, 10, 1);
    let text = refusal(vec![add, OrderRow { line: 9, key: (1, 2), ..add }], Vec::new());
    assert!(text.starts_with("orders.csv, line 9, field order_id: order 1 was placed before"), "{text}");
    let text = refusal(vec![add], vec![trade(1, NOON, Some(Side::Buy), 1_000, 1, 3, 1)]);
    assert!(text.starts_with("trades.csv, line 1, field seq: "), "{text}");
    let text = refusal(vec![order(1, time_ms(9, 26), Action::Add, Side::Buy, 1_000, 1, 1)], Vec::new());
    assert!(text.starts_with("orders.csv, line 1, field time: "), "{text}");
    let text = refusal(vec![add], vec![trade(2, NOON, None, 1_000, 1, 3, 1)]);
    assert!(text.starts_with("trades.csv, line 2, field aggressor: "), "{text}");
    let text = refusal(Vec::new(), vec![trade(2, time_ms(9, 20), Some(Side::Buy), 1_000, 1, 3, 1)]);
    assert!(text.starts_with("trades.csv, line 2, field aggressor: "), "{text}");
}
