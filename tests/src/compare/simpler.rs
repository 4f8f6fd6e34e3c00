//! Simpler variants of a command: smaller numbers, fewer attributes. Each is nearer to the simplest command there is.

use papertape_engine::{
    Allocation, AmendPriority, Amount, Asset, AssetId, Bands, Command, FeeAsset, FeeTier, FeeTiers, Filters,
    InstrumentId, InstrumentSpec, KillScope, LedgerEntry, Leg, ListOrders, OrderKind, Phase, PlaceList, PlaceOrder,
    PostOnlyRule, Ppm, Price, ProRata, Purpose, Qty, SelfTradePrevention, Stage, TimeInForce, TradeGroup, Trail,
    Trigger, TriggerAtEntry, TriggerKind, TriggerSource,
};

/// Smaller numbers to try, the smallest first: what must be large loses a quarter, a sixteenth, or one.
fn less(number: u64) -> Vec<u64> {
    let parts = [2, 4, 8].map(|bits| number - (number >> bits));
    let fewer = [1, 2, 3, 5, 10, 100, 1_000, number / 10, number / 2].into_iter();
    let fewer = fewer.chain(parts).chain([number.saturating_sub(1)]);
    let mut fewer: Vec<u64> = fewer.filter(|fewer| *fewer < number && *fewer > 0).collect();
    fewer.dedup();
    fewer
}

fn less_money(amount: Amount) -> Vec<Amount> {
    let number = amount.0.max(0);
    let parts = [2, 4, 8].map(|bits| number - (number >> bits));
    let fewer = [1, 10, 1_000, 1_000_000, 10_i128.pow(9), 10_i128.pow(12), number / 10, number / 2].into_iter();
    let fewer = fewer.chain(parts).chain([number - 1]);
    let mut fewer: Vec<i128> = fewer.filter(|fewer| *fewer < number && *fewer > 0).collect();
    fewer.dedup();
    fewer.into_iter().map(Amount).collect()
}

/// Fewer tiers, and smaller numbers in one of them.
fn simpler_tiers(tiers: &FeeTiers) -> Vec<FeeTiers> {
    let rows: Vec<FeeTier> = tiers.iter().collect();
    let mut variants = Vec::new();
    for at in 0..rows.len() {
        let mut fewer = rows.clone();
        fewer.remove(at);
        variants.extend(FeeTiers::new(&fewer));
    }
    for at in 0..rows.len() {
        let row = rows[at];
        let volumes = less_money(row.volume_min).into_iter().map(|volume_min| FeeTier { volume_min, ..row });
        let maker = (row.maker_fee.0 != 0).then_some(FeeTier { maker_fee: Ppm(row.maker_fee.0 / 2), ..row });
        let taker = (row.taker_fee.0 != 0).then_some(FeeTier { taker_fee: Ppm(row.taker_fee.0 / 2), ..row });
        for row in volumes.chain(maker).chain(taker) {
            let mut changed = rows.clone();
            changed[at] = row;
            variants.extend(FeeTiers::new(&changed));
        }
    }
    variants
}

/// Variants of a command, to be tried in this order.
pub(super) fn simpler(command: &Command) -> Vec<Command> {
    match *command {
        Command::Place(order) => simpler_orders(order).into_iter().map(Command::Place).collect(),
        Command::PlaceList(list) => simpler_lists(list),
        Command::SetFeeTiers { instrument, tiers } => {
            simpler_tiers(&tiers).into_iter().map(|tiers| Command::SetFeeTiers { instrument, tiers }).collect()
        }
        Command::SetMark { instrument, price } => {
            less(price.0).into_iter().map(|price| Command::SetMark { instrument, price: Price(price) }).collect()
        }
        Command::SetKillSwitch { scope: KillScope::Venue, .. } => Vec::new(),
        Command::SetKillSwitch { engaged, .. } => vec![Command::SetKillSwitch { scope: KillScope::Venue, engaged }],
        Command::Amend(amend) => {
            let mut variants = Vec::new();
            if amend.price.is_some() && amend.qty.is_some() {
                variants.push(Command::Amend(papertape_engine::AmendOrder { price: None, ..amend }));
                variants.push(Command::Amend(papertape_engine::AmendOrder { qty: None, ..amend }));
            }
            for price in amend.price.into_iter().flat_map(|price| less(price.0)) {
                variants.push(Command::Amend(papertape_engine::AmendOrder { price: Some(Price(price)), ..amend }));
            }
            for qty in amend.qty.into_iter().flat_map(|qty| less(qty.0)) {
                variants.push(Command::Amend(papertape_engine::AmendOrder { qty: Some(Qty(qty)), ..amend }));
            }
            variants
        }
        Command::CancelAll { account, instrument, side } => {
            let mut variants = Vec::new();
            if instrument.is_some() {
                variants.push(Command::CancelAll { account, instrument: None, side });
            }
            if side.is_some() {
                variants.push(Command::CancelAll { account, instrument, side: None });
            }
            variants
        }
        Command::ListInstrument(spec) => simpler_specs(spec).into_iter().map(Command::ListInstrument).collect(),
        Command::ListAsset(mut asset) if asset.decimals > 0 => {
            asset.decimals = 0;
            vec![Command::ListAsset(asset)]
        }
        Command::Deposit(entry) => simpler_entries(entry).into_iter().map(Command::Deposit).collect(),
        Command::Borrow(entry) => simpler_entries(entry).into_iter().map(Command::Borrow).collect(),
        Command::Repay(entry) => simpler_entries(entry).into_iter().map(Command::Repay).collect(),
        Command::Withdraw(entry) => simpler_entries(entry).into_iter().map(Command::Withdraw).collect(),
        Command::Transfer { from, to } => {
            simpler_entries(from).into_iter().map(|from| Command::Transfer { from, to }).collect()
        }
        Command::Uncross { instrument, reference: Some(price), then } => {
            let fewer = less(price.0).into_iter().map(|price| Some(Price(price)));
            let references = std::iter::once(None).chain(fewer);
            references.map(|reference| Command::Uncross { instrument, reference, then }).collect()
        }
        Command::SetSchedule { instrument, schedule: Some(_) } => {
            vec![Command::SetSchedule { instrument, schedule: None }]
        }
        Command::SetPhase { instrument, stage } if stage != stage.phase.into() => {
            let variants =
                [stage.phase.into(), Stage { until_ns: None, ..stage }, Stage { purpose: Purpose::Intraday, ..stage }];
            let variants = variants.into_iter().filter(|simpler| *simpler != stage);
            variants.map(|stage| Command::SetPhase { instrument, stage }).collect()
        }
        Command::SetTradeGroup { account, group: Some(group) } if group.0 != 1 => {
            vec![Command::SetTradeGroup { account, group: Some(TradeGroup(1)) }]
        }
        _ => Vec::new(),
    }
}

fn simpler_orders(order: PlaceOrder) -> Vec<PlaceOrder> {
    let mut variants = Vec::new();
    if order.client_order_id.is_some() {
        variants.push(PlaceOrder { client_order_id: None, ..order });
    }
    if order.self_trade_prevention.is_some() {
        variants.push(PlaceOrder { self_trade_prevention: None, ..order });
    }
    if order.post_only {
        variants.push(PlaceOrder { post_only: false, ..order });
    }
    if order.reduce_only {
        variants.push(PlaceOrder { reduce_only: false, ..order });
    }
    if order.imbalance_only {
        variants.push(PlaceOrder { imbalance_only: false, ..order });
    }
    if let Some(peg) = order.peg {
        variants.push(PlaceOrder { peg: None, ..order });
        if peg.offset != 0 {
            let offset = peg.offset / 2;
            variants.push(PlaceOrder { peg: Some(papertape_engine::Peg { offset, ..peg }), ..order });
        }
    }
    if order.min_qty.0 > 0 {
        variants.push(PlaceOrder { min_qty: Qty(0), ..order });
        variants.extend(less(order.min_qty.0).into_iter().map(|least| PlaceOrder { min_qty: Qty(least), ..order }));
    }
    if let Some(display) = order.display_qty {
        variants.push(PlaceOrder { display_qty: None, ..order });
        let fewer = less(display.0).into_iter();
        variants.extend(fewer.map(|display| PlaceOrder { display_qty: Some(Qty(display)), ..order }));
    }
    if order.instrument != InstrumentId(0) {
        variants.push(PlaceOrder { instrument: InstrumentId(0), ..order });
    }
    let may_stay = matches!(order.kind, OrderKind::Limit { .. }) || order.trigger.is_some();
    if order.time_in_force != TimeInForce::Gtc && may_stay {
        variants.push(PlaceOrder { time_in_force: TimeInForce::Gtc, ..order });
    }
    if let Some(trigger) = order.trigger {
        variants.extend(simpler_triggers(trigger).into_iter().map(|trigger| PlaceOrder { trigger, ..order }));
    }
    let mut kinds = Vec::new();
    match order.kind {
        OrderKind::Limit { price, qty } => {
            kinds.extend(less(qty.0).into_iter().map(|qty| OrderKind::Limit { price, qty: Qty(qty) }));
            kinds.extend(less(price.0).into_iter().map(|price| OrderKind::Limit { price: Price(price), qty }));
        }
        OrderKind::Market { qty } => {
            kinds.extend(less(qty.0).into_iter().map(|qty| OrderKind::Market { qty: Qty(qty) }));
        }
        OrderKind::MarketToLimit { qty } => {
            kinds.extend(less(qty.0).into_iter().map(|qty| OrderKind::MarketToLimit { qty: Qty(qty) }));
            kinds.push(OrderKind::Market { qty });
            kinds.push(OrderKind::Limit { price: Price(1), qty });
        }
        OrderKind::MarketQuote { budget } => {
            kinds.extend(less_money(budget).into_iter().map(|budget| OrderKind::MarketQuote { budget }));
        }
    }
    variants.extend(kinds.into_iter().map(|kind| PlaceOrder { kind, ..order }));
    variants
}

/// None at all, a plain price, an offset by itself, smaller numbers.
fn simpler_triggers(trigger: Trigger) -> Vec<Option<Trigger>> {
    let Trigger { kind, price, trail } = trigger;
    let mut variants = vec![None];
    let mut add = |trigger: Trigger| variants.push(Some(trigger));
    if price.is_some() && trail.is_some() {
        add(Trigger { kind, price, trail: None });
        add(Trigger { kind, price: None, trail });
    }
    if kind == TriggerKind::TakeProfit && price.is_none() {
        add(Trigger { kind: TriggerKind::Stop, price, trail });
    }
    let offsets = match trail {
        Some(Trail::Ticks(ticks)) => less(ticks.into()).into_iter().map(|ticks| Trail::Ticks(ticks as u32)).collect(),
        Some(Trail::BasisPoints(points)) => {
            let points = less(points.into()).into_iter().map(|points| Trail::BasisPoints(points as u32));
            std::iter::once(Trail::Ticks(1)).chain(points).collect()
        }
        None => Vec::new(),
    };
    offsets.into_iter().for_each(|trail| add(Trigger { kind, price, trail: Some(trail) }));
    let prices = price.map_or_else(Vec::new, |price| less(price.0));
    prices.into_iter().for_each(|price| add(Trigger { kind, price: Some(Price(price)), trail }));
    variants
}

/// Fewer orders, or the same ones made simpler one by one.
fn simpler_lists(list: PlaceList) -> Vec<Command> {
    let PlaceList { orders, client_order_id, self_trade_prevention, .. } = list;
    let first = orders.legs().next().map(|leg| Command::Place(list.order(leg)));
    let mut variants: Vec<Command> = first.into_iter().collect();
    let mut add = |list: PlaceList| variants.push(Command::PlaceList(list));
    if client_order_id.is_some() {
        add(PlaceList { client_order_id: None, ..list });
    }
    if self_trade_prevention.is_some() {
        add(PlaceList { self_trade_prevention: None, ..list });
    }
    if list.instrument != InstrumentId(0) {
        add(PlaceList { instrument: InstrumentId(0), ..list });
    }
    if let ListOrders::Otoco { working, pending } = orders {
        for pending in pending {
            add(PlaceList { orders: ListOrders::Oto { working, pending }, ..list });
        }
        add(PlaceList { orders: ListOrders::Oco(pending), ..list });
    }
    // Both orders of an OCO have one quantity: it shrinks everywhere at once.
    let most = orders.legs().filter_map(|leg| leg.kind.qty()).map(|qty| qty.0).max().unwrap_or(1);
    for qty in less(most) {
        let leg = |leg: Leg| Leg { kind: with_qty_at_most(leg.kind, Qty(qty)), ..leg };
        add(PlaceList { orders: map_legs(orders, leg), ..list });
    }
    for n in 0..orders.legs().count() {
        let Some(leg) = orders.legs().nth(n) else { continue };
        for order in simpler_orders(list.order(leg)) {
            let PlaceOrder { side, kind, time_in_force, post_only, trigger, .. } = order;
            let simpler = Leg { side, kind, time_in_force, post_only, trigger };
            let mut at = 0;
            let swap = |leg: Leg| {
                at += 1;
                if at == n + 1 { simpler } else { leg }
            };
            add(PlaceList { orders: map_legs(orders, swap), ..list });
        }
    }
    variants.retain(|variant| *variant != Command::PlaceList(list));
    variants
}

fn with_qty_at_most(kind: OrderKind, most: Qty) -> OrderKind {
    match kind {
        OrderKind::Limit { price, qty } => OrderKind::Limit { price, qty: qty.min(most) },
        OrderKind::Market { qty } => OrderKind::Market { qty: qty.min(most) },
        OrderKind::MarketToLimit { qty } => OrderKind::MarketToLimit { qty: qty.min(most) },
        by_amount @ OrderKind::MarketQuote { .. } => by_amount,
    }
}

/// The list with each order changed, in their order.
pub(super) fn map_legs(orders: ListOrders, mut change: impl FnMut(Leg) -> Leg) -> ListOrders {
    match orders {
        ListOrders::Oco(pair) => ListOrders::Oco(pair.map(change)),
        ListOrders::Oto { working, pending } => ListOrders::Oto { working: change(working), pending: change(pending) },
        ListOrders::Otoco { working, pending } => {
            ListOrders::Otoco { working: change(working), pending: pending.map(change) }
        }
    }
}

fn simpler_entries(entry: LedgerEntry) -> Vec<LedgerEntry> {
    let amounts = less_money(entry.amount).into_iter().map(|amount| LedgerEntry { amount, ..entry });
    let first = LedgerEntry { asset: AssetId(0), ..entry };
    amounts.chain((entry.asset != first.asset).then_some(first)).collect()
}

fn simpler_specs(spec: InstrumentSpec) -> Vec<InstrumentSpec> {
    let plain = InstrumentSpec {
        self_trade_prevention: SelfTradePrevention::None,
        ..InstrumentSpec::new(spec.symbol, spec.base, spec.quote)
    };
    let mut variants = vec![
        plain,
        InstrumentSpec { filters: Filters::OPEN, ..spec },
        InstrumentSpec { maker_fee: Ppm(0), taker_fee: Ppm(0), ..spec },
        InstrumentSpec { maker_fee: Ppm(0), ..spec },
        InstrumentSpec { taker_fee: Ppm(0), ..spec },
        InstrumentSpec { fee_asset: FeeAsset::Quote, ..spec },
        InstrumentSpec { tick_mantissa: 1, ..spec },
        InstrumentSpec { price_decimals: 0, ..spec },
        InstrumentSpec { phase: Phase::Continuous, ..spec },
        InstrumentSpec { self_trade_prevention: SelfTradePrevention::None, ..spec },
        InstrumentSpec { allocation: Allocation::Fifo, ..spec },
        InstrumentSpec { bands: Bands::NONE, ..spec },
        InstrumentSpec { bands: Bands { static_points: 0, ..spec.bands }, ..spec },
        InstrumentSpec { bands: Bands { dynamic_points: 0, ..spec.bands }, ..spec },
        InstrumentSpec { volatility_auction_ns: 0, ..spec },
        InstrumentSpec { post_only: PostOnlyRule::Reject, ..spec },
        InstrumentSpec { amend_priority: AmendPriority::KeepIfReduced, ..spec },
        InstrumentSpec { trigger_source: TriggerSource::LastTrade, ..spec },
        InstrumentSpec { trigger_at_entry: TriggerAtEntry::Refuse, ..spec },
    ];
    if let Allocation::ProRata(rules) = spec.allocation {
        let fewer_steps = [
            ProRata { top_max: Qty(0), ..rules },
            ProRata { top_max: Qty(1), ..rules },
            ProRata { share_min: Qty(1), ..rules },
            ProRata { leveling: false, ..rules },
        ];
        let fewer_steps = fewer_steps.into_iter().filter(|fewer| fewer.top_max <= rules.top_max);
        variants.extend(fewer_steps.map(|fewer| InstrumentSpec { allocation: Allocation::ProRata(fewer), ..spec }));
    }
    variants.extend(less_money(spec.lot).into_iter().map(|lot| InstrumentSpec { lot, ..spec }));
    let (filters, open) = (spec.filters, Filters::OPEN);
    let fewer = [
        Filters { price_min: open.price_min, price_max: open.price_max, ..filters },
        Filters { qty_min: open.qty_min, qty_max: open.qty_max, market_qty_max: open.market_qty_max, ..filters },
        Filters { notional_min: open.notional_min, notional_max: open.notional_max, ..filters },
        Filters { open_orders_max: open.open_orders_max, ..filters },
        Filters { position_max: open.position_max, ..filters },
        Filters { orders_per_second_max: open.orders_per_second_max, ..filters },
    ];
    variants.extend(fewer.into_iter().map(|filters| InstrumentSpec { filters, ..spec }));
    variants.retain(|variant| *variant != spec);
    variants
}

/// A whole list with something made simpler everywhere: no decimals, all prices moved nearer to 1.
pub(super) fn nearer(commands: &[Command]) -> Vec<Vec<Command>> {
    let lowest = commands.iter().filter_map(price_of).map(|price| price.0).min().unwrap_or(1).max(1);
    let priced = |change: &dyn Fn(u64) -> u64| commands.iter().map(|command| with_price(command, change)).collect();
    let whole = commands.iter().map(|command| match *command {
        Command::ListAsset(asset) => Command::ListAsset(Asset { decimals: 0, ..asset }),
        other => other,
    });
    let mut lists: Vec<Vec<Command>> = vec![whole.collect()];
    lists.retain(|list| list != commands);
    if lowest > 1 {
        lists.push(priced(&|price| price.saturating_sub(lowest - 1).max(1)));
        lists.push(priced(&|price| price.saturating_sub(lowest / 2).max(1)));
    }
    lists
}

fn price_of(command: &Command) -> Option<Price> {
    let lowest = std::cell::Cell::new(u64::MAX);
    with_price(command, &|price| {
        lowest.set(lowest.get().min(price));
        price
    });
    Some(Price(lowest.get())).filter(|price| price.0 < u64::MAX)
}

/// The command with every price changed that it names.
fn with_price(command: &Command, change: &dyn Fn(u64) -> u64) -> Command {
    let changed = |price: Price| if price.0 == 0 { price } else { Price(change(price.0)) };
    let kind = |kind| match kind {
        OrderKind::Limit { price, qty } => OrderKind::Limit { price: changed(price), qty },
        other => other,
    };
    let trigger =
        |trigger: Option<Trigger>| trigger.map(|trigger| Trigger { price: trigger.price.map(changed), ..trigger });
    match *command {
        Command::Place(order) => {
            Command::Place(PlaceOrder { kind: kind(order.kind), trigger: trigger(order.trigger), ..order })
        }
        Command::PlaceList(list) => {
            let leg = |leg: Leg| Leg { kind: kind(leg.kind), trigger: trigger(leg.trigger), ..leg };
            Command::PlaceList(PlaceList { orders: map_legs(list.orders, leg), ..list })
        }
        Command::Amend(mut amend) => {
            amend.price = amend.price.map(changed);
            Command::Amend(amend)
        }
        Command::SetMark { instrument, price } => Command::SetMark { instrument, price: changed(price) },
        Command::Uncross { instrument, reference, then } => {
            Command::Uncross { instrument, reference: reference.map(changed), then }
        }
        _ => *command,
    }
}
