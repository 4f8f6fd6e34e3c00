//! Every reader of what strangers send, over any bytes. For tests that feed them with what nobody meant; no part of the
//! gateway asks it for anything.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use papertape_engine::{AccountId, Amount, Asset, AssetId, Instrument, InstrumentId, InstrumentSpec, Ppm, Symbol};
use papertape_platform::Network;
use serde::de::DeserializeOwned;

use crate::edge::body::read_json;
use crate::edge::{cookie, network, origin};
use crate::rest;
use crate::translate::admin::{accounts, listing, margin, markets, money};
use crate::translate::cursor::{self, Of};
use crate::translate::lists::{self, ListBody};
use crate::translate::requests::{
    AmendBody, AmendParams, CancelAllParams, CancelParams, KillSwitchBody, OrderBody, TradeBody,
};
use crate::translate::{commands, number, udf};
use crate::ws::frame;
use crate::ws::protocol::Ask;

/// A market like those of a demonstration.
static MARKET: LazyLock<Option<Instrument>> = LazyLock::new(|| {
    let asset = |name: &str| Some(Asset { symbol: Symbol::new(name)?, decimals: 8 });
    let spec = InstrumentSpec {
        tick_mantissa: 5,
        price_decimals: 2,
        lot: Amount(1_000),
        maker_fee: Ppm(1_000),
        taker_fee: Ppm(1_000),
        ..InstrumentSpec::new(Symbol::new("BTC-USD")?, AssetId(0), AssetId(1))
    };
    Instrument::new(spec, &[asset("BTC")?, asset("USD")?]).ok()
});

fn reads<T: DeserializeOwned>(bytes: &[u8]) -> bool {
    read_json::<T>(bytes).is_ok()
}

/// Readers of JSON: messages over WebSocket, and bodies of requests.
pub const BODIES: [fn(&[u8]) -> bool; 21] = [
    reads::<Ask>,
    order,
    list,
    amend,
    reads::<AmendBody>,
    reads::<CancelParams>,
    reads::<CancelAllParams>,
    reads::<KillSwitchBody>,
    reads::<TradeBody>,
    reads::<accounts::AccountBody>,
    reads::<accounts::SuspensionBody>,
    reads::<listing::AssetBody>,
    reads::<listing::InstrumentBody>,
    reads::<margin::MarginTermsBody>,
    reads::<markets::PhaseBody>,
    reads::<markets::ScheduleBody>,
    reads::<markets::FeeTiersBody>,
    reads::<money::EntryBody>,
    reads::<money::TransferBody>,
    rest::reads_account_body,
    rest::reads_key_body,
];

/// An order, as far as a command for the core.
fn order(bytes: &[u8]) -> bool {
    let (Ok(body), Some(market)) = (read_json::<OrderBody>(bytes), &*MARKET) else { return false };
    commands::place(AccountId(1), InstrumentId(0), market, &body).is_ok()
}

fn list(bytes: &[u8]) -> bool {
    let (Ok(body), Some(market)) = (read_json::<ListBody>(bytes), &*MARKET) else { return false };
    lists::place(AccountId(1), InstrumentId(0), market, &body).is_ok()
}

fn amend(bytes: &[u8]) -> bool {
    let Ok(body) = read_json::<AmendParams>(bytes) else { return false };
    commands::order_ref(body.order_id.as_deref(), body.client_order_id.as_deref()).is_ok()
}

/// Readers of queries and forms.
pub const PAIRS: [fn(&[u8]) -> bool; 5] = rest::PAIRS;

/// What a WebSocket's reader makes of bytes that come in two parts: how many messages there were, and whether it went on.
pub fn websocket(first: &[u8], second: &[u8]) -> (usize, bool) {
    frame::heard_of(first, second)
}

/// Readers of texts: what stands in fields, queries and headers. Whether one of them knew it.
pub fn text(text: &str) -> bool {
    let price = MARKET.as_ref().and_then(|market| {
        let decimal = serde_json::to_string(text).ok().and_then(|json| serde_json::from_str(&json).ok())?;
        commands::price("price", market, &decimal).ok()
    });
    let pages = [cursor::read::<3>(Of::Fills, text).is_ok(), cursor::read::<1>(Of::Orders, text).is_ok()];
    let names = [commands::client_order_id(text).is_ok(), commands::order_id_of(text).is_ok()];
    let others = [
        udf::interval(text).is_some(),
        text.parse::<Network>().is_ok(),
        !number::without_trailing_zeros(text).is_empty(),
    ];
    price.is_some() || pages.contains(&true) || names.contains(&true) || others.contains(&true) || headers(text)
}

/// The same text in every header that is read here.
fn headers(text: &str) -> bool {
    let Ok(value) = HeaderValue::from_str(text) else { return false };
    let names = [header::COOKIE, header::ORIGIN, header::HOST, HeaderName::from_static("x-forwarded-for")];
    let headers: HeaderMap = names.into_iter().map(|name| (name, value.clone())).collect();
    let proxy = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let trusted: Vec<Network> = ["127.0.0.0/8"].iter().filter_map(|network| network.parse().ok()).collect();
    network::client_of(proxy, &headers, &trusted) != proxy
        || cookie::sent(&headers).is_some()
        || origin::is_allowed(&headers)
}
