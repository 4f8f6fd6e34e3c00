//! Read models against the engine.

use std::sync::Arc;

use papertape_engine::{
    Amount, CancelCause, Command, Engine, Event, FeeTier, FeeTiers, InstrumentId, KillScope, Ppm, Price, Qty, Side,
    WaitState,
};
use papertape_platform::{
    Accounts, BookOrder, BookOrderChange, Change, Directory, NewUser, OrderEvent, OrderStatus, OrderView, Output,
    SignUpCredit, Views,
};
use rustc_hash::FxHashMap;

use crate::support::{BTC_USD, Folder, Port, Random, Venue};

pub(crate) fn folded(outputs: &[Output]) -> Views {
    let mut views = Views::new(Arc::new(Directory::default()));
    let mut changes = Vec::new();
    for output in outputs {
        views.fold(output, &mut changes);
    }
    views
}

fn assert_equals_engine(views: &Views, engine: &Engine) {
    for id in [InstrumentId(0), InstrumentId(1)] {
        let depth = views.depth(id, usize::MAX);
        assert_eq!(depth.bids, engine.depth(id, Side::Buy, usize::MAX));
        assert_eq!(depth.asks, engine.depth(id, Side::Sell, usize::MAX));
        let shown = views.book_orders(id, usize::MAX);
        for (side, shown) in [(Side::Buy, shown.bids), (Side::Sell, shown.asks)] {
            let orders = engine.open_orders(id, side).into_iter().filter(|order| !order.shown_qty.is_zero());
            let orders = orders.map(|order| (order.order, order.price, order.shown_qty));
            assert!(shown.iter().map(|order| (order.order, order.price, order.qty)).eq(orders), "by order");
        }
        assert_eq!(views.last_price(id), engine.last_trade(id).map(|trade| trade.1));
        assert_eq!(views.phase(id), engine.phase(id));
        assert_equals_what_waits(views, engine, id);
        let mut open: Vec<_> = [Side::Buy, Side::Sell].into_iter().flat_map(|s| engine.open_orders(id, s)).collect();
        open.sort_by_key(|order| order.order);
        for account in 1..engine.account_count() {
            let account = papertape_engine::AccountId(account);
            let mine = open.iter().rev().filter(|order| order.account == account);
            let mut shown = views.open_orders(account, Some(id));
            shown.retain(|view| !waits(view));
            assert!(mine.clone().map(|order| order.order).eq(shown.iter().map(|order| order.order)));
            for (order, view) in mine.zip(&shown) {
                assert_eq!((view.price(), view.qty()), (Some(order.price), Some(order.qty)));
                assert_eq!((view.leaves_qty, view.display_qty), (order.leaves_qty, order.display_qty));
                assert_eq!(view.filled_qty, order.qty - order.leaves_qty);
                let place = views.queue_place(account, order.order);
                assert_eq!(place.map(|ahead| (ahead.orders_ahead, ahead.qty_ahead)), engine.queue_place(order.order));
            }
        }
    }
    for account in (1..engine.account_count()).map(papertape_engine::AccountId) {
        let balances = views.balances(account).into_iter().filter(|b| (b.free, b.held) != (Amount(0), Amount(0)));
        let expected = engine.balances(account);
        assert!(balances.map(|b| (b.asset, b.free, b.held)).eq(expected.iter().map(|(a, b)| (*a, b.free, b.held))));
        assert_eq!(views.trade_group(account), engine.trade_group(account));
        let positions: Vec<_> = views.positions(account).iter().map(|p| (p.instrument, p.position)).collect();
        assert_eq!(positions, engine.positions(account));
    }
}

#[test]
fn fees_follow_tables_and_volumes() {
    const DAY_NS: u64 = 24 * 3_600 * 1_000_000_000;
    let mut venue = Venue::listed();
    let accounts: Vec<_> = (1..=4).map(|reference| venue.open_funded(reference)).collect();
    let mut random = Random(9);
    let row =
        |volume, maker, taker| FeeTier { volume_min: Amount(volume), maker_fee: Ppm(maker), taker_fee: Ppm(taker) };
    let tiers = FeeTiers::new(&[row(1, 100, 400), row(Amount::MAX.0, 0, 0)]).unwrap();
    venue.send(Command::SetFeeTiers { instrument: BTC_USD, tiers });
    (0..300).for_each(|_| venue.random_step(&mut random, &accounts));
    let before = folded(&venue.outputs);
    venue.time_ns += DAY_NS;
    venue.send(Command::Tick);
    let after = folded(&venue.outputs);
    for account in accounts {
        let volume = venue.engine.volume(account, venue.engine.instruments().next().unwrap().spec.quote);
        assert!(volume > Amount::ZERO, "everybody has traded");
        let (then, now) = (before.fees(account, BTC_USD).unwrap(), after.fees(account, BTC_USD).unwrap());
        assert_eq!((then.tier, then.volume, then.next), (0, Amount::ZERO, Some(row(1, 100, 400))));
        assert_eq!((now.tier, now.volume, now.next), (1, volume, Some(row(Amount::MAX.0, 0, 0))));
        assert_eq!((now.maker_fee, now.taker_fee), (Ppm(100), Ppm(400)));
    }
    assert_eq!(after.fee_tiers(BTC_USD), tiers);
}

/// Whether an order is open and in no book.
fn waits(view: &OrderView) -> bool {
    matches!(view.status, OrderStatus::PendingNew | OrderStatus::Waiting)
}

fn assert_equals_what_waits(views: &Views, engine: &Engine, id: InstrumentId) {
    let waiting = engine.waiting_orders(id);
    for account in (1..engine.account_count()).map(papertape_engine::AccountId) {
        assert_eq!(views.is_suspended(account), engine.is_suspended(account));
        let scope = KillScope::Account(account);
        assert_eq!(views.is_killed(scope), engine.kill_switches().contains(&scope));
        let mut shown = views.open_orders(account, Some(id));
        shown.retain(waits);
        let mut mine: Vec<_> = waiting.iter().filter(|order| order.terms.account == account).collect();
        mine.sort_by_key(|order| std::cmp::Reverse(order.order));
        assert_eq!(mine.len(), shown.len());
        for (order, view) in mine.into_iter().zip(&shown) {
            let pending = view.status == OrderStatus::PendingNew;
            assert_eq!((order.order, order.state == WaitState::Pending), (view.order, pending));
            assert_eq!((order.terms.kind, order.terms.trigger), (view.kind, view.trigger));
            assert!(order.list.is_none() || order.list == view.list);
        }
    }
}

#[test]
fn read_models_equal_the_engine_after_every_random_command() {
    for seed in 0..4 {
        println!("seed {seed}");
        let mut random = Random(seed);
        let mut venue = Venue::listed();
        let accounts: Vec<_> = (1..=4).map(|reference| venue.open_funded(reference)).collect();
        let mut views = Views::new(Arc::new(Directory::default()));
        let mut changes = Vec::new();
        let mut told = 0;
        for step in 0..2_500 {
            venue.random_step(&mut random, &accounts);
            for output in &venue.outputs[told..] {
                views.fold(output, &mut changes);
            }
            told = venue.outputs.len();
            if step % 50 == 0 {
                assert_equals_engine(&views, &venue.engine);
            }
        }
        assert_equals_engine(&views, &venue.engine);
        let happened = |what: fn(&Event) -> bool| venue.outputs.iter().any(|output| what(&output.event));
        assert!(happened(|event| matches!(event, Event::Triggered { .. })), "something fired");
        assert!(happened(|event| matches!(event, Event::Released { .. })), "something was released");
        let part =
            |event: &Event| matches!(event, Event::Rested { leaves_qty, shown_qty, .. } if shown_qty < leaves_qty);
        assert!(happened(part), "something rested in parts");
        let banded = |event: &Event| matches!(event, Event::Cancelled(ended) if ended.cause == CancelCause::PriceBand);
        assert!(happened(banded), "a band stopped something");
        assert_eq!(views.seq(), venue.seq);
        rebuild_books(&changes, &views);
    }
}

/// A client that applies every change in order has the same book.
fn rebuild_books(changes: &[Change], views: &Views) {
    let mut books: FxHashMap<(InstrumentId, Side, Price), Qty> = FxHashMap::default();
    let mut ids: FxHashMap<InstrumentId, u64> = FxHashMap::default();
    let mut queues: FxHashMap<InstrumentId, Vec<BookOrder>> = FxHashMap::default();
    for change in changes {
        if let Change::Depth { instrument, first_update_id, last_update_id, levels, orders, .. } = change {
            orders.iter().for_each(|change| requeue(queues.entry(*instrument).or_default(), *change));
            let known = ids.insert(*instrument, *last_update_id);
            assert!(known.is_none_or(|known| known + 1 == *first_update_id));
            for (side, price, qty) in levels {
                books.insert((*instrument, *side, *price), *qty);
            }
        }
    }
    books.retain(|_, qty| !qty.is_zero());
    for (id, update_id) in ids {
        let depth = views.depth(id, usize::MAX);
        assert_eq!(depth.update_id, update_id);
        let shown = views.book_orders(id, usize::MAX);
        let mut queue = queues.remove(&id).unwrap_or_default();
        queue.sort_by_key(|order| order.price);
        let asks: Vec<_> = queue.iter().filter(|order| order.side == Side::Sell).copied().collect();
        assert_eq!(shown.asks, asks);
        queue.sort_by_key(|order| std::cmp::Reverse(order.price));
        let bids: Vec<_> = queue.iter().filter(|order| order.side == Side::Buy).copied().collect();
        assert_eq!(shown.bids, bids);
        for (side, levels) in [(Side::Buy, depth.bids), (Side::Sell, depth.asks)] {
            assert!(levels.iter().all(|(price, qty)| books.get(&(id, side, *price)) == Some(qty)));
            assert_eq!(levels.len(), books.keys().filter(|key| (key.0, key.1) == (id, side)).count());
        }
    }
}

/// Orders in the order of their arrival.
fn requeue(queue: &mut Vec<BookOrder>, change: BookOrderChange) {
    match change {
        BookOrderChange::Added(order) => queue.push(order),
        BookOrderChange::Reduced(order, qty) => {
            queue.iter_mut().filter(|known| known.order == order).for_each(|known| known.qty = qty);
        }
        BookOrderChange::Removed(order) => queue.retain(|known| known.order != order),
    }
}

#[test]
fn symbols_are_found_in_every_usual_spelling() {
    let venue = Venue::listed();
    let views = folded(&venue.outputs);
    for name in ["BTC-USD", "btc-usd", "BTCUSD", "btc/usd", "BTC_USD", "BTC", "btc"] {
        assert_eq!(views.find_symbol(name), Some(BTC_USD), "{name}");
    }
    assert_eq!(views.find_symbol("XBTUSD"), Some(InstrumentId(1)));
    assert_eq!(views.find_symbol("DOGE"), None);
}

#[tokio::test]
async fn t4_an_owner_is_told_everything_about_an_order() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let port = Port::new(Venue::listed());
    let assets = port.venue.lock().engine.assets().to_vec();
    let accounts = Accounts::new(Arc::clone(platform.users()), SignUpCredit::parse(&assets, SignUpCredit::DEMO));
    let new = NewUser { email: "ada@example.com".to_owned(), password: "analytical engine".to_owned() };
    let user = accounts.sign_up(&new, &port).await.unwrap().account.unwrap();

    let mut venue = port.venue.lock();
    let maker = venue.open_funded(77);
    venue.limit(maker, Side::Sell, 10_000, 30);
    let mut views = Views::new(Arc::clone(platform.users().directory()));
    let mut changes = Vec::new();
    venue.outputs.iter().for_each(|output| views.fold(output, &mut changes));
    changes.clear();
    let told = venue.outputs.len();
    let events = venue.limit(user, Side::Buy, 10_001, 50);
    venue.outputs[told..].iter().for_each(|output| views.fold(output, &mut changes));

    let orders: Vec<(&OrderView, &OrderEvent)> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Order { account, order, event } => {
                assert_eq!(*account, user);
                Some((&**order, event))
            }
            _ => None,
        })
        .collect();
    assert!(matches!(orders[0].1, OrderEvent::Accepted));
    assert!(matches!(orders[1].1, OrderEvent::Trade { qty: Qty(30), price: Price(10_000), .. }));
    assert_eq!(orders[1].0.status, OrderStatus::PartiallyFilled);
    assert_eq!(orders[1].0.leaves_qty, Qty(20));
    assert_eq!(orders.len(), 2);
    let balances =
        changes.iter().filter(|change| matches!(change, Change::Balance { account, .. } if *account == user));
    assert_eq!(
        balances.count(),
        events.iter().filter(|e| matches!(e, Event::Balance { account, .. } if *account == user)).count()
    );
    let position = views.positions(user)[0];
    assert_eq!((position.mark, position.unrealized), (Some(Price(10_000)), Some(Amount(0))));
    let instrument = views.instrument(BTC_USD).unwrap();
    assert_eq!(papertape_platform::position_price_text(instrument, &position.position), "100.00000000");
    assert_eq!(orders[1].0.average_price_text(instrument).unwrap(), "100.00000000");
}

#[tokio::test]
async fn t4_an_order_whose_budget_is_spent_to_the_last_unit_is_told_as_filled() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let port = Port::new(Venue::listed());
    let accounts = Accounts::new(Arc::clone(platform.users()), None);
    let new = NewUser { email: "ada@example.com".to_owned(), password: "analytical engine".to_owned() };
    let user = accounts.sign_up(&new, &port).await.unwrap();
    let (account, reference) = (user.account.unwrap(), user.account_reference);
    let mut venue = port.venue.into_inner();
    venue.open_funded(reference.0);
    let maker = venue.open_funded(77);
    // 100.00 * 0.0003 = 0.03 for the bid; a seller by quote amount pays no fee out of the budget.
    venue.limit(maker, Side::Buy, 10_000, 30);
    let mut views = Views::new(Arc::clone(platform.users().directory()));
    let mut changes = Vec::new();
    venue.market_for(account, Side::Sell, Amount(3_000_000));
    venue.outputs.iter().for_each(|output| views.fold(output, &mut changes));
    let told = changes.iter().rev().find_map(|change| match change {
        Change::Order { order, .. } => Some(order),
        _ => None,
    });
    let last = told.unwrap();
    assert_eq!((last.status, last.filled_quote, last.cancel_cause), (OrderStatus::Filled, Amount(3_000_000), None));
    assert_eq!(views.order(account, last.order), Some(&**last));
    assert!(views.open_orders(account, None).is_empty());
}
