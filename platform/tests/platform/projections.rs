//! Rows T2 and T3: SQL projections are the same fold, written whole or not at all.

use std::sync::Arc;
use std::time::Duration;

use papertape_engine::{AccountId, Event, InstrumentId, Qty, Side};
use papertape_platform::database::{candle, order, portfolio, tape, trade};
use papertape_platform::{
    Accounts, FillFilter, FillName, Interval, NewUser, OrderFilter, Output, Platform, Projector, UserId, Views,
    position_price_text,
};
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};

use crate::support::{BTC_USD, Folder, Port, Random, Venue};

const PATIENCE: Duration = Duration::from_secs(30);

/// Three users, one account that is nobody's, and a random stream.
async fn streamed(platform: &Platform, seed: u64, steps: usize) -> (Venue, Vec<(UserId, AccountId)>) {
    println!("seed {seed}");
    let port = Port::new(Venue::listed());
    let accounts = Accounts::new(Arc::clone(platform.users()), None);
    let mut users = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let new = NewUser { email: format!("{name}@example.com"), password: "analytical engine".to_owned() };
        let user = accounts.sign_up(&new, &port).await.unwrap();
        users.push((user.id, user.account.unwrap()));
    }
    let mut venue = port.venue.into_inner();
    let mut everybody: Vec<_> = users.iter().map(|user| user.1).collect();
    let references: Vec<_> = everybody.iter().map(|a| venue.engine.opening_reference(*a).unwrap()).collect();
    for reference in references {
        venue.open_funded(reference.0);
    }
    everybody.push(venue.open_funded(99));
    let mut random = Random(seed);
    for _ in 0..steps {
        venue.random_step(&mut random, &everybody);
    }
    (venue, users)
}

/// All tables but the rows' own numbers, which differ when rows are written in other batches.
async fn dump(platform: &Platform) -> String {
    let database = platform.database();
    let orders = order::Entity::find().order_by_asc(order::Column::Id).all(database).await.unwrap();
    let mut trades = trade::Entity::find()
        .order_by_asc(trade::Column::Seq)
        .order_by_asc(trade::Column::EventIndex)
        .order_by_asc(trade::Column::TradeType)
        .all(database)
        .await
        .unwrap();
    trades.iter_mut().for_each(|row| row.id = 0);
    let mut holdings = portfolio::Entity::find()
        .order_by_asc(portfolio::Column::UserId)
        .order_by_asc(portfolio::Column::Symbol)
        .all(database)
        .await
        .unwrap();
    holdings.iter_mut().for_each(|row| row.id = 0);
    let mut tape = tape::Entity::find().all(database).await.unwrap();
    tape.sort_by_key(|row| (row.instrument_id, row.trade_id));
    let mut candles = candle::Entity::find().all(database).await.unwrap();
    candles.sort_by_key(|row| (row.instrument_id, row.start_s));
    format!("{orders:#?}\n{trades:#?}\n{holdings:#?}\n{tape:#?}\n{candles:#?}")
}

async fn project(platform: &Platform, outputs: &[Output]) {
    let (mut projector, projections, writer) = Projector::start(platform).await.unwrap();
    outputs.iter().for_each(|output| projector.push(output));
    writer.stop().await;
    assert_eq!(projections.flushed_seq(), outputs.last().unwrap().seq);
    assert_eq!(projections.failure(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn t2_t3_rows_equal_the_read_models_after_a_random_stream() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (mut venue, users) = streamed(&platform, 11, 2_500).await;
    let hidden = venue.open_funded(999);
    let events = venue.iceberg(hidden, Side::Buy, 9_900, (50, 3));
    assert!(events.iter().any(|event| matches!(event, Event::Rested { shown_qty: Qty(3), .. })), "{events:?}");
    project(&platform, &venue.outputs).await;
    assert_eq!(platform.cursor().await.unwrap(), venue.seq);

    let mut views = Views::new(Arc::clone(platform.users().directory()));
    venue.outputs.iter().for_each(|output| views.fold(output, &mut Vec::new()));
    let history = platform.history();
    for (user, account) in &users {
        let open = OrderFilter { open: Some(true), ..OrderFilter::default() };
        assert_eq!(history.orders(*user, open, 500).await.unwrap(), views.open_orders(*account, None));
        for view in views.ended_orders(*account, Some(BTC_USD)) {
            assert_eq!(history.order(*user, view.order).await.unwrap(), Some(view));
        }
        let rows = history.portfolio(*user).await.unwrap();
        let held: Vec<_> = views.positions(*account).into_iter().filter(|held| held.position.qty.0 > 0).collect();
        assert_eq!(rows.len(), held.len());
        for (row, held) in rows.iter().zip(held) {
            let instrument = views.instrument(held.instrument).unwrap();
            assert_eq!(row.symbol, instrument.spec.symbol.as_str());
            assert_eq!(row.quantity_text, instrument.base.format(held.position.qty));
            assert_eq!(row.avg_price_text, position_price_text(instrument, &held.position));
        }
        let fills = venue.outputs.iter().filter_map(|output| match output.event {
            Event::Trade(trade) => Some([trade.buy.account, trade.sell.account]),
            _ => None,
        });
        let fills = fills.flatten().filter(|party| party == account).count() as u64;
        let mine = trade::Entity::find().all(platform.database()).await.unwrap();
        assert_eq!(mine.iter().filter(|row| row.user_id == user.0).count() as u64, fills);
    }
    let loaded = Views::load(&venue.engine, &platform, venue.seq).await.unwrap();
    for id in [InstrumentId(0), InstrumentId(1)] {
        assert_eq!(loaded.trades(id, 2_000), views.trades(id, 2_000));
        let now = venue.time_ns;
        assert_eq!(loaded.candles(id, Interval::Minute1, 5_000, now), views.candles(id, Interval::Minute1, 5_000, now));
        assert_eq!(loaded.ticker(id, now), views.ticker(id, now));
        for (_, account) in &users {
            assert_eq!(loaded.open_orders(*account, Some(id)), views.open_orders(*account, Some(id)));
            assert_eq!(loaded.balances(*account), views.balances(*account));
            assert_eq!(loaded.fees(*account, id), views.fees(*account, id));
        }
        let (loaded, folded) = (loaded.depth(id, 1_000), views.depth(id, 1_000));
        assert_eq!((loaded.bids, loaded.asks), (folded.bids, folded.asks));
        assert!(loaded.update_id >= folded.update_id);
    }
}

#[test]
fn t4_a_crash_leaves_whole_batches_and_the_rest_is_written_again() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (folder, reference) = (Folder::new(), Folder::new());
    let (venue, expected) = {
        let runtime = runtime();
        let (venue, expected) = runtime.block_on(async {
            let platform = reference.platform().await;
            let (venue, _) = streamed(&platform, 12, 1_500).await;
            project(&platform, &venue.outputs).await;
            let expected = dump(&platform).await;
            platform.close().await.unwrap();
            (venue, expected)
        });
        (venue, expected)
    };
    // The users are the same; the projections begin from nothing.
    runtime().block_on(async {
        folder.copy_from(&reference).await;
        forget_projections(&folder.platform().await).await;
    });

    let mut random = Random(5);
    let mut crashes = 0;
    loop {
        let runtime = runtime();
        let done = runtime.block_on(async {
            let platform = folder.platform().await;
            let cursor = platform.cursor().await.unwrap();
            let until = cursor + 1 + random.below(400);
            let (mut projector, projections, writer) = Projector::start(&platform).await.unwrap();
            for output in venue.outputs.iter().filter(|output| output.seq > cursor && output.seq <= until) {
                projector.push(output);
            }
            let last = until.min(venue.seq);
            if last == venue.seq {
                writer.stop().await;
                return true;
            }
            // Half of the crashes come while the batch is being written.
            if random.below(2) == 0 {
                assert!(projections.flushed(last, PATIENCE).await);
            }
            false
        });
        runtime.shutdown_background();
        if done {
            break;
        }
        crashes += 1;
        assert!(crashes < 1_000, "the projection does not get on");
    }
    assert!(crashes > 3);
    let repeated = runtime().block_on(async { dump(&folder.platform().await).await });
    let differing = expected.lines().zip(repeated.lines()).position(|(one, other)| one != other);
    assert_eq!(differing, None, "first differing line after {crashes} crashes");
    assert_eq!(repeated.len(), expected.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn fills_page_by_page_survive_what_is_written_meanwhile_and_rows_that_are_written_anew() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let (venue, users) = streamed(&platform, 13, 1_200).await;
    let half = venue.outputs.iter().rposition(|output| output.last && output.seq <= venue.seq / 2).unwrap() + 1;
    project(&platform, &venue.outputs[..half]).await;
    let of = async |user: UserId, filter: FillFilter, limit: u64| {
        platform.history().fills(user, filter, limit).await.unwrap()
    };
    let mut first_pages = Vec::new();
    for (user, _) in &users {
        first_pages.push((
            *user,
            of(*user, FillFilter::default(), 500).await,
            of(*user, FillFilter::default(), 7).await,
        ));
    }
    // Rows get other numbers, and more of them come.
    forget_projections(&platform).await;
    project(&platform, &venue.outputs).await;
    for (user, whole, mut read) in first_pages {
        assert!(whole.len() > 14, "{}", whole.len());
        while let Some(last) = read.last() {
            let side = if last.trade_type == "BUY" { Side::Buy } else { Side::Sell };
            let (seq, event_index) = (last.seq.cast_unsigned(), last.event_index.cast_unsigned());
            let row = platform.history().fill_row(user, FillName { seq, event_index, side }).await.unwrap();
            let page = of(user, FillFilter { before: Some(row.unwrap()), ..FillFilter::default() }, 7).await;
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        let named = |rows: &[trade::Model]| {
            rows.iter().map(|row| (row.seq, row.event_index, row.trade_type.clone())).collect::<Vec<_>>()
        };
        assert_eq!(named(&read), named(&whole));
        // Time cuts where it says, in one instrument or all.
        let all = of(user, FillFilter::default(), 500).await;
        let time = |row: &trade::Model| u64::try_from(row.timestamp.unix_timestamp_nanos()).unwrap();
        let (from_ns, to_ns) = (time(&all[all.len() - 3]), time(&all[2]));
        for instrument in [None, Some(BTC_USD)] {
            let filter = FillFilter { instrument, before: None, from_ns: Some(from_ns), to_ns: Some(to_ns) };
            let is_meant = |row: &&trade::Model| {
                (from_ns..to_ns).contains(&time(row))
                    && instrument.is_none_or(|id| row.instrument_id == i32::from(id.0))
            };
            let wanted: Vec<_> = all.iter().filter(is_meant).cloned().collect();
            assert_eq!(of(user, filter, 500).await, wanted);
        }
    }
}

async fn forget_projections(platform: &Platform) {
    use papertape_platform::database::{asset, cursor, instrument};
    let database = platform.database();
    order::Entity::delete_many().exec(database).await.unwrap();
    trade::Entity::delete_many().exec(database).await.unwrap();
    portfolio::Entity::delete_many().exec(database).await.unwrap();
    tape::Entity::delete_many().exec(database).await.unwrap();
    candle::Entity::delete_many().exec(database).await.unwrap();
    instrument::Entity::delete_many().exec(database).await.unwrap();
    asset::Entity::delete_many().exec(database).await.unwrap();
    let row = cursor::ActiveModel { id: sea_orm::Set(cursor::ONLY), seq: sea_orm::Set(0) };
    cursor::Entity::update(row).exec(database).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn t3_the_average_is_of_buys_and_the_row_goes_at_zero() {
    let folder = Folder::new();
    let platform = folder.platform().await;
    let port = Port::new(Venue::listed());
    let accounts = Accounts::new(Arc::clone(platform.users()), None);
    let new = NewUser { email: "ada@example.com".to_owned(), password: "analytical engine".to_owned() };
    let user = accounts.sign_up(&new, &port).await.unwrap();
    let mut venue = port.venue.into_inner();
    let account = venue.open_funded(user.account_reference.0);
    let other = venue.open_funded(99);
    let mut trade = |side: Side, price, qty| {
        venue.limit(other, side.opposite(), price, qty);
        venue.limit(account, side, price, qty);
        venue.outputs.clone()
    };
    trade(Side::Buy, 10_000, 100_000);
    trade(Side::Buy, 20_000, 300_000);
    let held = trade(Side::Sell, 30_000, 200_000);
    project(&platform, &held).await;
    let rows = platform.history().portfolio(user.id).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].symbol.as_str(), rows[0].quantity, rows[0].avg_price), ("BTC-USD", 2.0, 175.0));
    assert_eq!((rows[0].quantity_text.as_str(), rows[0].avg_price_text.as_str()), ("2.00000000", "175.00000000"));
    let fills = platform.history().trades(user.id, 10).await.unwrap();
    let shown: Vec<_> = fills.iter().map(|row| (row.trade_type.as_str(), row.quantity, row.price)).collect();
    assert_eq!(shown, [("SELL", 2.0, 300.0), ("BUY", 3.0, 200.0), ("BUY", 1.0, 100.0)]);
    assert!(fills.iter().all(|row| row.liquidity == "taker" && row.fee_asset == "USD"));

    let sold = trade(Side::Sell, 30_000, 200_000);
    project(&platform, &sold).await;
    assert_eq!(portfolio::Entity::find().count(platform.database()).await.unwrap(), 0);
    assert_eq!(trade::Entity::find().count(platform.database()).await.unwrap(), 4);
}
