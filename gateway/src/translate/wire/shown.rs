//! What can be asked for: instruments, open orders, balances, levels.

use papertape_engine::{Asset, FeeAsset, Instrument, InstrumentId, Phase, PlaceOrder, Symbol};
use papertape_pipeline::Durability;
use papertape_platform::{BalanceView, OrderStatus, OrderView};
use papertape_wire::{self as wire, Name, values};

use super::events::{terms, text};

fn name(symbol: &Symbol) -> Name {
    Name::new(symbol.as_str()).unwrap_or_default()
}

/// An instrument as it is listed, and its phase.
pub(crate) fn instrument(
    reference: u64,
    id: InstrumentId,
    known: &Instrument,
    phase: Option<Phase>,
) -> wire::Instrument {
    let Instrument { spec, base, quote, .. } = known;
    wire::Instrument {
        reference,
        symbol: name(&spec.symbol),
        base: name(&base.symbol),
        quote: name(&quote.symbol),
        tick_mantissa: spec.tick_mantissa,
        lot: spec.lot.0,
        price_min: spec.filters.price_min.0,
        price_max: spec.filters.price_max.0,
        qty_min: spec.filters.qty_min.0,
        qty_max: spec.filters.qty_max.0,
        instrument: id.0,
        base_asset: spec.base.0,
        quote_asset: spec.quote.0,
        price_decimals: spec.price_decimals,
        base_decimals: base.decimals,
        quote_decimals: quote.decimals,
        phase: match phase.unwrap_or(spec.phase) {
            Phase::Continuous => values::phase::CONTINUOUS,
            Phase::Auction => values::phase::AUCTION,
            Phase::Halted => values::phase::HALTED,
            Phase::Closed => values::phase::CLOSED,
        },
        fee_asset: match spec.fee_asset {
            FeeAsset::Quote => values::fee_asset::QUOTE,
            FeeAsset::Received => values::fee_asset::RECEIVED,
        },
    }
}

/// An open order.
pub(crate) fn open_order(view: &OrderView) -> wire::OpenOrder {
    let order = PlaceOrder {
        time_in_force: view.time_in_force,
        post_only: view.post_only,
        self_trade_prevention: Some(view.self_trade_prevention),
        display_qty: view.display_qty,
        min_qty: view.min_qty,
        reduce_only: view.reduce_only,
        imbalance_only: view.imbalance_only,
        peg: view.peg.map(|(peg, _)| peg),
        trigger: view.trigger,
        ..PlaceOrder::new(view.account, view.instrument, view.side, view.kind)
    };
    wire::OpenOrder {
        order_id: view.order.0,
        client_order_id: text(view.client_order_id.as_ref()),
        // The price that a market-to-limit order got is its own.
        terms: wire::Terms { price: view.price().map_or(0, |price| price.0), ..terms(&order) },
        leaves_qty: view.leaves_qty.0,
        filled_qty: view.filled_qty.0,
        list_id: view.list.map_or(0, |list| list.0),
        status: match view.status {
            OrderStatus::PendingNew => values::status::PENDING,
            OrderStatus::Waiting => values::status::WAITING,
            OrderStatus::PartiallyFilled => values::status::PARTIALLY_FILLED,
            OrderStatus::New | OrderStatus::Filled | OrderStatus::Cancelled => values::status::NEW,
        },
    }
}

/// A balance.
pub(crate) fn balance(view: &BalanceView, asset: &Asset) -> wire::Balance {
    let (free, held, asset_id) = (view.free.0, view.held.0, view.asset.0);
    wire::Balance { asset: name(&asset.symbol), free, held, asset_id, decimals: asset.decimals }
}

/// The name of the level that a login asks for; `None` if it asks for none.
pub(crate) fn level_name(login: &wire::Login) -> Result<Option<String>, super::Invalid> {
    use values::durability as levels;
    Ok(Some(match (login.durability, login.interval_ms) {
        (0, 0) => return Ok(None),
        (levels::MEMORY, 0) => Durability::Memory.to_string(),
        (levels::PROCESS, 0) => Durability::Process.to_string(),
        (levels::INTERVAL, ms @ 1..) => Durability::Interval { ms }.to_string(),
        (levels::GROUP, 0) => Durability::Group.to_string(),
        (levels::GROUP_MARK, 0) => Durability::GroupMark.to_string(),
        _ => return Err(super::Invalid),
    }))
}

/// The number of a level, and its milliseconds.
pub(crate) fn durability_of(durability: Durability) -> (u8, u32) {
    use values::durability as levels;
    match durability {
        Durability::Memory => (levels::MEMORY, 0),
        Durability::Process => (levels::PROCESS, 0),
        Durability::Interval { ms } => (levels::INTERVAL, ms),
        Durability::Group => (levels::GROUP, 0),
        Durability::GroupMark => (levels::GROUP_MARK, 0),
        // A level that this protocol has no number for is not said.
        _ => (0, 0),
    }
}
