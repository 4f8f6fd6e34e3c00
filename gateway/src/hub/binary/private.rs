//! Messages about one account.

use papertape_engine::{Amount, AssetId};
use papertape_platform::{Change, Liquidity, OrderEvent, OrderStatus, OrderView, PositionView, Views};
use papertape_wire::feed::{self, event, status};
use papertape_wire::{Text, values};

use super::super::json::Position;
use super::super::numbers::Mark;
use super::super::update::{Body, Update};
use super::{Topic, count};
use crate::translate::Markets;
use crate::translate::wire as translate;

/// What a new listener gets first; whether there is any.
pub(super) fn snapshot(views: &Views, topic: Topic, at: Position, out: &mut Vec<u8>) -> bool {
    let seq = views.seq();
    match topic {
        Topic::Orders(account) => {
            let open = views.open_orders(account, None);
            feed::Orders { seq, sequence: at.sequence, count: count(&open), ..feed::Orders::default() }.put(out);
            open.iter().for_each(|view| order(view).put(out));
        }
        Topic::Balances(account) => {
            let balances = views.balances(account);
            put_balances(views, seq, balances.iter().map(|balance| (balance.asset, (balance.free, balance.held))), out);
        }
        Topic::Positions(account) => put_positions(seq, &views.positions(account), out),
        _ => return false,
    }
    true
}

/// One message; whether there is any.
pub(super) fn update(markets: &impl Markets, update: &Update, out: &mut Vec<u8>) -> bool {
    let seq = update.mark.seq;
    match &update.body {
        Body::Order(change, named) => put_order(change, named.as_deref(), update.mark, out),
        Body::Balances(balances) => {
            put_balances(markets, seq, balances.iter().map(|(asset, balance)| (*asset, *balance)), out);
            true
        }
        Body::Positions(positions) => {
            put_positions(seq, positions, out);
            true
        }
        _ => false,
    }
}

fn put_order(change: &Change, named: Option<&OrderView>, Mark { seq, sequence }: Mark, out: &mut Vec<u8>) -> bool {
    let head = feed::Orders { seq, sequence, ..feed::Orders::default() };
    let (head, view) = match change {
        Change::Order { order, event, .. } => (happened(head, event), Some(&**order)),
        Change::Rejected { client_order_id, reason, .. } => {
            let client_order_id = client_order_id.and_then(|name| Text::new(name.as_str())).unwrap_or(Text::NONE);
            (feed::Orders { event: event::REJECTED, code: reason.code(), client_order_id, ..head }, named)
        }
        _ => return false,
    };
    feed::Orders { count: u32::from(view.is_some()), ..head }.put(out);
    view.into_iter().for_each(|view| order(view).put(out));
    true
}

/// What an event says beside the order.
fn happened(head: feed::Orders, what: &OrderEvent) -> feed::Orders {
    let event = match what {
        OrderEvent::Accepted => event::ACCEPTED,
        OrderEvent::Released => event::RELEASED,
        OrderEvent::Triggered => event::TRIGGERED,
        OrderEvent::Rested => event::RESTED,
        OrderEvent::Cancelled => event::CANCELLED,
        OrderEvent::Amended => event::AMENDED,
        OrderEvent::SelfTradePrevented { price, qty, other } => {
            let (event, price, qty) = (event::SELF_TRADE_PREVENTED, price.0, qty.0);
            return feed::Orders { event, price, qty, other_order_id: other.0, ..head };
        }
        OrderEvent::Trade { trade_id, price, qty, fee, liquidity, .. } => {
            let liquidity = match liquidity {
                Liquidity::Maker => values::liquidity::MAKER,
                Liquidity::Taker => values::liquidity::TAKER,
                Liquidity::Auction => values::liquidity::AUCTION,
            };
            let (event, trade_id, price, qty, fee) = (event::TRADE, trade_id.0, price.0, qty.0, fee.0);
            return feed::Orders { event, trade_id, price, qty, fee, liquidity, ..head };
        }
    };
    feed::Orders { event, ..head }
}

fn order(view: &OrderView) -> feed::Order {
    let shown = translate::open_order(view);
    feed::Order {
        order_id: shown.order_id,
        list_id: shown.list_id,
        client_order_id: shown.client_order_id,
        terms: shown.terms,
        peg_limit: view.peg.map_or(0, |(_, limit)| limit.0),
        leaves_qty: shown.leaves_qty,
        filled_qty: shown.filled_qty,
        filled_quote: view.filled_quote.0,
        prevented_qty: view.prevented_qty.0,
        fee: view.fee.0,
        fee_asset: view.fee_asset.0,
        triggered_price: view.triggered_price.map_or(0, |price| price.0),
        created_ns: view.created_ns,
        updated_ns: view.updated_ns,
        seq: view.seq,
        cause: view.cancel_cause.map_or(0, |cause| cause.code()),
        status: match view.status {
            OrderStatus::Filled => status::FILLED,
            OrderStatus::Cancelled => status::CANCELLED,
            _ => shown.status,
        },
    }
}

fn put_balances(
    markets: &impl Markets,
    seq: u64,
    balances: impl Iterator<Item = (AssetId, (Amount, Amount))>,
    out: &mut Vec<u8>,
) {
    let of = |(id, (free, held)): (AssetId, (Amount, Amount))| {
        let asset = markets.asset(id)?;
        let name = Text::new(asset.symbol.as_str()).unwrap_or_default();
        Some(feed::AssetBalance { asset: name, asset_id: id.0, decimals: asset.decimals, free: free.0, held: held.0 })
    };
    let balances: Vec<_> = balances.filter_map(of).collect();
    feed::Balances { seq, count: count(&balances) }.put(out);
    balances.iter().for_each(|balance| balance.put(out));
}

fn put_positions(seq: u64, positions: &[PositionView], out: &mut Vec<u8>) {
    feed::Positions { seq, count: count(positions) }.put(out);
    for PositionView { instrument, position, mark, unrealized } in positions {
        let position = feed::Position {
            instrument: instrument.0,
            qty: position.qty.0,
            cost: position.cost.0,
            basis: position.basis.0,
            realized: position.realized.0,
            fees_quote: position.fees_quote.0,
            mark_price: mark.map_or(0, |mark| mark.0),
            unrealized: unrealized.map_or(0, |unrealized| unrealized.0),
        };
        position.put(out);
    }
}
