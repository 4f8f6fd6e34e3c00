//! What numbers are called, at a moment of the venue.

use papertape_engine::{
    AccountId, Amount, AssetId, Engine, FeeAsset, Instrument, InstrumentId, OrderRef, Price, Qty, Side,
};

/// Says things by what a state has listed. What it does not know it calls by its number.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    engine: &'a Engine,
}

impl<'a> Names<'a> {
    /// The names that a state knows.
    pub fn of(engine: &'a Engine) -> Self {
        Self { engine }
    }

    /// The instrument, if it is listed.
    pub fn instrument(self, id: InstrumentId) -> Option<&'a Instrument> {
        self.engine.instruments().nth(usize::from(id.0))
    }

    /// `BTC-USD`, or `instrument#7` if there is none of this number.
    pub fn symbol(self, id: InstrumentId) -> String {
        self.instrument(id).map_or_else(|| format!("instrument#{id}"), |of| of.spec.symbol.to_string())
    }

    /// `BTC`, or `asset#7`.
    pub fn asset(self, id: AssetId) -> String {
        self.engine.assets().get(usize::from(id.0)).map_or_else(|| format!("asset#{id}"), |of| of.symbol.to_string())
    }

    /// A price as decimal text, or `7 ticks` where nobody knows what a tick is.
    pub fn price(self, id: InstrumentId, price: Price) -> String {
        self.instrument(id).map_or_else(|| format!("{price} ticks"), |of| of.format_price(price))
    }

    /// A quantity as decimal text, or `7 lots`.
    pub fn qty(self, id: InstrumentId, qty: Qty) -> String {
        self.instrument(id).map_or_else(|| format!("{qty} lots"), |of| of.format_qty(qty))
    }

    /// An amount as decimal text, or `7 units`.
    pub fn amount(self, id: AssetId, amount: Amount) -> String {
        let asset = self.engine.assets().get(usize::from(id.0));
        asset.map_or_else(|| format!("{amount} units"), |of| of.format(amount))
    }

    /// `12.50 USD`.
    pub fn money(self, id: AssetId, amount: Amount) -> String {
        format!("{} {}", self.amount(id, amount), self.asset(id))
    }

    /// An amount of the instrument's quote asset: `12.50 USD`.
    pub fn quote_money(self, id: InstrumentId, amount: Amount) -> String {
        match self.instrument(id) {
            Some(of) => self.money(of.spec.quote, amount),
            None => format!("{amount} units of quote"),
        }
    }

    /// An amount of the instrument's base asset.
    pub fn base_money(self, id: InstrumentId, amount: Amount) -> String {
        match self.instrument(id) {
            Some(of) => self.money(of.spec.base, amount),
            None => format!("{amount} units of base"),
        }
    }

    /// The asset in which a party of a trade pays its fee.
    pub fn fee_asset(self, id: InstrumentId, side: Side) -> Option<AssetId> {
        let spec = &self.instrument(id)?.spec;
        Some(if side == Side::Buy && spec.fee_asset == FeeAsset::Received { spec.base } else { spec.quote })
    }

    /// The asset in which the debts of accounts that borrow are reckoned.
    pub fn reference_asset(self) -> Option<AssetId> {
        let terms = self.engine.margin_terms();
        terms.into_iter().find(|(_, terms)| terms.priced_by.is_none()).map(|(asset, _)| asset)
    }

    /// A fee: `fee 0.35 USD`, `rebate 0.10 USD`, or `no fee`.
    pub fn fee(self, id: InstrumentId, side: Side, fee: Amount) -> String {
        let money = |amount| match self.fee_asset(id, side) {
            Some(asset) => self.money(asset, amount),
            None => format!("{amount} units"),
        };
        match fee.0 {
            0 => "no fee".to_owned(),
            below if below < 0 => format!("rebate {}", money(-fee)),
            _ => format!("fee {}", money(fee)),
        }
    }
}

/// `account 7`, or `the fee account`.
pub fn account(id: AccountId) -> String {
    if id == AccountId::FEES { "the fee account".to_owned() } else { format!("account {id}") }
}

/// `order 7`, or `order "name"`.
pub fn order_ref(order: &OrderRef) -> String {
    match order {
        OrderRef::Id(id) => format!("order {id}"),
        OrderRef::Client(name) => format!("order \"{name}\""),
    }
}

/// `1 order`, `2 orders`.
pub fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
