//! Simpler variants of a command: smaller numbers, fewer attributes. Each is nearer to the simplest command there is.

use papertape_engine::{
    Allocation, Amount, Asset, AssetId, Command, FeeAsset, Filters, InstrumentId, InstrumentSpec, LedgerEntry,
    OrderKind, Phase, PlaceOrder, Ppm, Price, ProRata, Qty, SelfTradePrevention, TimeInForce, TradeGroup,
};

/// Smaller numbers to try, the smallest first.
fn less(number: u64) -> Vec<u64> {
    let fewer = [1, 2, 3, 5, 10, 100, 1_000, number / 10, number / 2, number.saturating_sub(1)];
    let mut fewer: Vec<u64> = fewer.into_iter().filter(|fewer| *fewer < number && *fewer > 0).collect();
    fewer.dedup();
    fewer
}

fn less_money(amount: Amount) -> Vec<Amount> {
    let fewer = [1, 10, 1_000, 1_000_000, 10_i128.pow(9), 10_i128.pow(12), amount.0 / 10, amount.0 / 2, amount.0 - 1];
    fewer.into_iter().filter(|fewer| *fewer < amount.0 && *fewer > 0).map(Amount).collect()
}

/// Variants of a command, to be tried in this order.
pub(super) fn simpler(command: &Command) -> Vec<Command> {
    match *command {
        Command::Place(order) => simpler_orders(order).into_iter().map(Command::Place).collect(),
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
        Command::Withdraw(entry) => simpler_entries(entry).into_iter().map(Command::Withdraw).collect(),
        Command::Transfer { from, to } => {
            simpler_entries(from).into_iter().map(|from| Command::Transfer { from, to }).collect()
        }
        Command::Uncross { instrument, reference: Some(price), then } => {
            let fewer = less(price.0).into_iter().map(|price| Some(Price(price)));
            let references = std::iter::once(None).chain(fewer);
            references.map(|reference| Command::Uncross { instrument, reference, then }).collect()
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
    if order.instrument != InstrumentId(0) {
        variants.push(PlaceOrder { instrument: InstrumentId(0), ..order });
    }
    if order.time_in_force != TimeInForce::Gtc && matches!(order.kind, OrderKind::Limit { .. }) {
        variants.push(PlaceOrder { time_in_force: TimeInForce::Gtc, ..order });
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
        OrderKind::MarketQuote { budget } => {
            kinds.extend(less_money(budget).into_iter().map(|budget| OrderKind::MarketQuote { budget }));
        }
    }
    variants.extend(kinds.into_iter().map(|kind| PlaceOrder { kind, ..order }));
    variants
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
    match command {
        Command::Place(PlaceOrder { kind: OrderKind::Limit { price, .. }, .. }) => Some(*price),
        Command::Amend(amend) => amend.price,
        Command::Uncross { reference, .. } => *reference,
        _ => None,
    }
    .filter(|price| price.0 > 0)
}

fn with_price(command: &Command, change: &dyn Fn(u64) -> u64) -> Command {
    let changed = |price: Price| if price.0 == 0 { price } else { Price(change(price.0)) };
    match *command {
        Command::Place(PlaceOrder { kind: OrderKind::Limit { price, qty }, .. }) => {
            let Command::Place(order) = *command else { return *command };
            Command::Place(PlaceOrder { kind: OrderKind::Limit { price: changed(price), qty }, ..order })
        }
        Command::Amend(mut amend) => {
            amend.price = amend.price.map(changed);
            Command::Amend(amend)
        }
        Command::Uncross { instrument, reference, then } => {
            Command::Uncross { instrument, reference: reference.map(changed), then }
        }
        _ => *command,
    }
}
