//! Commands that are the operator's, as requests of the operator, and what must be answered.

use papertape_engine::{
    Allocation, Amount, Asset, Bands, Command, Event, FeeAsset, FeeTiers, Filters, Instrument, InstrumentSpec,
    KillScope, LedgerEntry, MarginTerms, ProRata, Qty, Schedule, Stage, decimal,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::words::{Listed, money};

/// Where the operator's routes are.
const ADMIN: &str = "/api/v1/admin";

/// One request.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

fn request(method: Method, path: impl AsRef<str>, body: Value) -> Option<Request> {
    Some(Request { method, path: format!("{ADMIN}{}", path.as_ref()), body: Some(body) })
}

fn delete(path: String) -> Option<Request> {
    Some(Request { method: Method::DELETE, path: format!("{ADMIN}{path}"), body: None })
}

/// The operator's request for a command; `None` if there is none, or no words for what the command says.
pub(super) fn ask(listed: &Listed, command: &Command) -> Option<Request> {
    let market = |instrument, what: &str| format!("/instruments/{}{what}", listed.symbol(instrument));
    let of = |account: papertape_engine::AccountId, what: &str| format!("/accounts/{account}{what}");
    match *command {
        Command::ListAsset(Asset { symbol, decimals }) => {
            request(Method::POST, "/assets", json!({"symbol": symbol.as_str(), "decimals": decimals}))
        }
        Command::ListInstrument(spec) => request(Method::POST, "/instruments", listing(listed, &spec)?),
        Command::OpenAccount { reference } => {
            request(Method::POST, "/accounts", json!({"reference": reference.0.to_string()}))
        }
        Command::SetTradeGroup { account, group: Some(group) } => {
            request(Method::PUT, of(account, "/trade-group"), json!({"group": group.0}))
        }
        Command::SetTradeGroup { account, group: None } => delete(of(account, "/trade-group")),
        Command::SetKillSwitch { scope, engaged } => {
            let path = match scope {
                KillScope::Venue => "/kill-switch".to_owned(),
                KillScope::Instrument(instrument) => market(instrument, "/kill-switch"),
                KillScope::Account(account) => of(account, "/kill-switch"),
            };
            request(Method::PUT, path, json!({"engaged": engaged}))
        }
        Command::SetSuspended { account, suspended } => {
            request(Method::PUT, of(account, "/suspension"), json!({"suspended": suspended}))
        }
        Command::Deposit(entry) => request(Method::POST, of(entry.account, "/deposits"), entry_body(listed, &entry)?),
        Command::Withdraw(entry) => {
            request(Method::POST, of(entry.account, "/withdrawals"), entry_body(listed, &entry)?)
        }
        Command::Transfer { from, to } => {
            let mut body = entry_body(listed, &from)?;
            (body["from"], body["to"]) = (json!(from.account.0), json!(to.0));
            request(Method::POST, "/transfers", body)
        }
        Command::SetMarginTerms { asset, terms } => {
            let asset = listed.assets.get(usize::from(asset.0))?;
            let path = format!("/assets/{}/margin-terms", asset.symbol);
            request(Method::PUT, path, terms_body(listed, asset, &terms))
        }
        Command::SetMarginAccount { account, margin } => {
            request(Method::PUT, of(account, "/margin"), json!({"margin": margin}))
        }
        Command::SetPhase { instrument, stage } => {
            request(Method::PUT, market(instrument, "/phase"), stage_body(&stage))
        }
        Command::SetSchedule { instrument, schedule: Some(schedule) } => {
            request(Method::PUT, market(instrument, "/schedule"), schedule_body(&schedule))
        }
        Command::SetSchedule { instrument, schedule: None } => delete(market(instrument, "/schedule")),
        Command::SetMark { instrument, price } => {
            let price = listed.any(instrument)?.format_price(price);
            request(Method::PUT, market(instrument, "/mark"), json!({"price": price}))
        }
        Command::SetFeeTiers { instrument, tiers } => {
            request(Method::PUT, market(instrument, "/fee-tiers"), tiers_body(listed.any(instrument)?, &tiers))
        }
        Command::Uncross { instrument, reference, then } => {
            let reference = reference.map(|price| listed.any(instrument).map(|known| known.format_price(price)));
            let then = format!("{then:?}").to_lowercase();
            let body = json!({"reference_price": reference.flatten(), "then": then});
            request(Method::POST, market(instrument, "/uncross"), body)
        }
        _ => None,
    }
}

/// A stage as it is asked for, and as it is told.
pub(super) fn stage_body(stage: &Stage) -> Value {
    let auction = stage.phase == papertape_engine::Phase::Auction || stage.purpose != Default::default();
    json!({
        "phase": format!("{:?}", stage.phase).to_lowercase(),
        "auction": auction.then(|| stage.purpose.name()),
        "phase_ends_ms": stage.until_ns.map(millis),
    })
}

fn schedule_body(schedule: &Schedule) -> Value {
    let Schedule { pre_open_ns, open_ns, closing_ns, close_ns } = *schedule;
    json!({"pre_open_ms": millis(pre_open_ns), "open_ms": millis(open_ns), "closing_ms": millis(closing_ns),
        "close_ms": millis(close_ns)})
}

/// Whole milliseconds; a scenario says no others here.
pub(super) fn millis(time_ns: u64) -> u64 {
    time_ns / 1_000_000
}

fn entry_body(listed: &Listed, entry: &LedgerEntry) -> Option<Value> {
    // Of an asset that is not listed nobody knows the decimals, or the name.
    let asset = listed.assets.get(usize::from(entry.asset.0));
    let (symbol, amount) = match asset {
        Some(asset) => (asset.symbol.to_string(), asset.format(entry.amount)),
        None => ("NONE".to_owned(), entry.amount.0.to_string()),
    };
    Some(json!({"asset": symbol, "amount": amount, "reference": entry.reference.0.to_string()}))
}

fn terms_body(listed: &Listed, asset: &Asset, terms: &MarginTerms) -> Value {
    json!({"priced_by": terms.priced_by.map(|market| listed.symbol(market)), "collateral_ppm": terms.collateral.0,
        "initial_ppm": terms.initial.0, "maintenance_ppm": terms.maintenance.0,
        "max_debt": asset.format(terms.borrow_max)})
}

fn tiers_body(instrument: &Instrument, tiers: &FeeTiers) -> Value {
    let row = |tier: papertape_engine::FeeTier| {
        json!({"min_volume": instrument.quote.format(tier.volume_min), "maker_fee_ppm": tier.maker_fee.0,
            "taker_fee_ppm": tier.taker_fee.0})
    };
    json!({"tiers": tiers.iter().map(row).collect::<Vec<_>>()})
}

/// Everything that a listing can say, said.
fn listing(listed: &Listed, spec: &InstrumentSpec) -> Option<Value> {
    let symbol = |id: papertape_engine::AssetId| {
        listed.assets.get(usize::from(id.0)).map_or_else(|| "NONE".to_owned(), |asset| asset.symbol.to_string())
    };
    let lot = listed.assets.get(usize::from(spec.base.0)).map(|asset| asset.format(spec.lot));
    let Bands { static_points, dynamic_points } = spec.bands;
    let mut body = json!({
        "symbol": spec.symbol.as_str(), "base": symbol(spec.base), "quote": symbol(spec.quote),
        "tick_size": decimal::format_unsigned(spec.tick_mantissa.into(), spec.price_decimals),
        "lot_size": lot.unwrap_or_else(|| "1".to_owned()),
        "maker_fee_ppm": spec.maker_fee.0, "taker_fee_ppm": spec.taker_fee.0,
        "fee_asset": if spec.fee_asset == FeeAsset::Quote { "quote" } else { "received" },
        "self_trade_prevention": spec.self_trade_prevention.name(), "post_only_rule": spec.post_only.name(),
        "amend_priority": spec.amend_priority.name(), "trigger_source": spec.trigger_source.name(),
        "trigger_at_entry": spec.trigger_at_entry.name(), "phase": format!("{:?}", spec.phase).to_lowercase(),
        "bands": {"static_bps": static_points, "dynamic_bps": dynamic_points,
            "volatility_auction_ms": millis(spec.volatility_auction_ns)},
    });
    let open = InstrumentSpec {
        filters: Filters::OPEN,
        allocation: Allocation::Fifo,
        bands: Bands::NONE,
        maker_fee: papertape_engine::Ppm(0),
        taker_fee: papertape_engine::Ppm(0),
        ..*spec
    };
    // Without steps there are no words for limits; the listing is refused for its steps.
    if let Ok(known) = Instrument::new(open, &listed.assets) {
        filters(&known, &spec.filters, &mut body);
        if let Allocation::ProRata(ProRata { top_max, share_min, leveling }) = spec.allocation {
            let (top_max, share_min) = (known.format_qty(top_max), known.format_qty(share_min));
            body["allocation"] =
                json!({"type": "pro_rata", "top_max": top_max, "share_min": share_min, "leveling": leveling});
        }
    }
    Some(body)
}

fn filters(known: &Instrument, filters: &Filters, body: &mut Value) {
    let lots = |qty: Qty| Some(qty).filter(|most| most.0 < u64::MAX).map(|qty| known.format_qty(qty));
    let count = |most: u32| Some(most).filter(|most| *most < u32::MAX);
    let quote = |amount: Amount| Some(amount).filter(|most| *most != Amount::MAX).map(|most| money(&known.quote, most));
    body["min_price"] = json!(known.format_price(filters.price_min));
    body["max_price"] =
        json!(Some(filters.price_max).filter(|most| most.0 < u64::MAX).map(|most| known.format_price(most)));
    body["min_qty"] = json!(known.format_qty(filters.qty_min));
    body["max_qty"] = json!(lots(filters.qty_max));
    body["max_market_qty"] = json!(lots(filters.market_qty_max));
    body["min_notional"] = json!(known.quote.format(filters.notional_min));
    body["max_notional"] = json!(quote(filters.notional_max));
    body["max_open_orders"] = json!(count(filters.open_orders_max));
    body["max_orders_per_second"] = json!(count(filters.orders_per_second_max));
    let position = Some(filters.position_max).filter(|most| *most != Amount::MAX);
    body["max_position"] = json!(position.map(|most| known.base.format(most)));
}

/// What the answer must say, beside that it was done.
pub(super) fn answered(listed: &Listed, command: &Command, events: &[Event]) -> Value {
    let ended = events.iter().filter(|event| matches!(event, Event::Cancelled(_))).count();
    match command {
        Command::SetPhase { stage, .. } => json!({"orders_ended": ended, "instrument": stage_body(stage)}),
        Command::SetSchedule { schedule, .. } => {
            json!({"instrument": {"schedule": schedule.as_ref().map(schedule_body)}})
        }
        Command::SetKillSwitch { scope: KillScope::Venue, engaged } => {
            json!({"orders_ended": ended, "venue": {"kill_switch": engaged}})
        }
        Command::SetKillSwitch { scope: KillScope::Instrument(_), engaged } => {
            json!({"orders_ended": ended, "instrument": {"kill_switch": engaged}})
        }
        Command::SetSuspended { suspended, .. } => json!({"orders_ended": ended, "account": {"suspended": suspended}}),
        Command::SetMarginAccount { margin, .. } => json!({"account": {"margin": margin}}),
        Command::SetTradeGroup { group, .. } => json!({"account": {"trade_group": group.map(|group| group.0)}}),
        Command::Deposit(entry) | Command::Withdraw(entry) | Command::Transfer { from: entry, .. } => {
            let repeated = events.iter().any(|event| matches!(event, Event::EntryRepeated { .. }));
            let amount = listed.assets.get(usize::from(entry.asset.0)).map(|asset| money(asset, entry.amount));
            json!({"repeated": repeated, "amount": amount})
        }
        Command::Uncross { instrument, .. } => {
            let told = events.iter().find_map(|event| match event {
                Event::Uncrossed { price, qty, surplus, .. } => Some((*price, *qty, *surplus)),
                _ => None,
            });
            let (Some((price, qty, surplus)), Some(known)) = (told, listed.instrument(*instrument)) else {
                return json!({});
            };
            json!({"price": price.map(|price| known.format_price(price)), "qty": known.format_qty(qty),
                "imbalance_side": surplus.map(|(side, _)| side.name()), "orders_ended": ended})
        }
        _ => json!({}),
    }
}
