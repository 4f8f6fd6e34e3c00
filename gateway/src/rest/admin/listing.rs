//! Assets and markets: what is listed, and listing more.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use papertape_engine::{Command, Event};

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::translate::admin::listing::{self, AssetBody, AssetDone, AssetMessage, InstrumentBody};
use crate::translate::admin::markets::{self, AdminInstrumentMessage, InstrumentDone};
use crate::venue::admin::carry_out;

/// The assets, with what they are to accounts that borrow.
#[utoipa::path(get, path = "/api/v1/admin/assets", tag = "admin", summary = "Assets", security(("operator" = [])),
    responses((status = 200, description = "In the order of listing.", body = Vec<AssetMessage>), AdminProblems),
)]
pub(crate) async fn assets(State(app): State<Arc<App>>, _: Operator) -> Json<Vec<AssetMessage>> {
    let views = app.views.read();
    let numbers = (0..views.assets().len()).filter_map(|number| u16::try_from(number).ok());
    let message = |number| listing::asset_message(&views, papertape_engine::AssetId(number));
    Json(numbers.filter_map(message).collect())
}

/// Lists an asset. Refused with `ALREADY_LISTED`, or `INVALID_ASSET` for more than 18 decimals.
#[utoipa::path(post, path = "/api/v1/admin/assets", tag = "admin", summary = "List an asset",
    security(("operator" = [])), request_body = AssetBody,
    responses((status = 201, description = "The asset.", body = AssetDone), AdminProblems),
)]
pub(crate) async fn list_asset(
    State(app): State<Arc<App>>,
    operator: Operator,
    JsonBody(body): JsonBody<AssetBody>,
) -> Result<(StatusCode, Json<AssetDone>), Failure> {
    let reply = carry_out(&app, operator, "list an asset", Command::ListAsset(body.asset()?)).await?;
    let listed = reply.events.iter().find_map(|event| match event {
        Event::AssetListed { asset, .. } => Some(*asset),
        _ => None,
    });
    let asset = listed.and_then(|id| listing::asset_message(&app.views.read(), id));
    let asset = asset.ok_or_else(|| Failure::internal("a listing without an asset"))?;
    Ok((StatusCode::CREATED, Json(AssetDone { seq: reply.seq, asset })))
}

/// The markets with all of their settings, schedule, phase and fee table included.
#[utoipa::path(get, path = "/api/v1/admin/instruments", tag = "admin", summary = "Markets with all settings",
    security(("operator" = [])),
    responses((status = 200, description = "In the order of listing.", body = Vec<AdminInstrumentMessage>), AdminProblems),
)]
pub(crate) async fn instruments(
    State(app): State<Arc<App>>,
    _: Operator,
) -> Result<Json<Vec<AdminInstrumentMessage>>, Failure> {
    let views = app.views.read();
    views.instruments().map(|(id, _)| markets::message(&views, id)).collect::<Result<_, _>>().map(Json)
}

/// One market with all of its settings.
#[utoipa::path(get, path = "/api/v1/admin/instruments/{symbol}", tag = "admin", summary = "One market with all settings",
    security(("operator" = [])), params(("symbol" = String, Path, description = "The market.", example = "BTC-USD")),
    responses((status = 200, description = "The market.", body = AdminInstrumentMessage), AdminProblems),
)]
pub(crate) async fn instrument(
    State(app): State<Arc<App>>,
    _: Operator,
    Path(symbol): Path<String>,
) -> Result<Json<AdminInstrumentMessage>, Failure> {
    markets::named(&app.views.read(), &symbol).map(Json)
}

/// Lists a market. Refused with `ALREADY_LISTED`, `INVALID_ASSETS` (base and quote are the same), `INVALID_STEP`,
/// `INVALID_GRANULARITY`, `INVALID_FEES`, `INVALID_FILTERS` (a least above its most, or of zero), `INVALID_ALLOCATION`,
/// `INVALID_BANDS`.
#[utoipa::path(post, path = "/api/v1/admin/instruments", tag = "admin", summary = "List a market",
    security(("operator" = [])), request_body = InstrumentBody,
    responses((status = 201, description = "The market.", body = InstrumentDone), AdminProblems),
)]
pub(crate) async fn list_instrument(
    State(app): State<Arc<App>>,
    operator: Operator,
    JsonBody(body): JsonBody<InstrumentBody>,
) -> Result<(StatusCode, Json<InstrumentDone>), Failure> {
    let spec = body.spec(&app.views.read())?;
    let reply = carry_out(&app, operator, "list a market", Command::ListInstrument(spec)).await?;
    let listed = reply.events.iter().find_map(|event| match event {
        Event::InstrumentListed { instrument, .. } => Some(*instrument),
        _ => None,
    });
    let id = listed.ok_or_else(|| Failure::internal("a listing without a market"))?;
    let instrument = markets::message(&app.views.read(), id)?;
    Ok((StatusCode::CREATED, Json(InstrumentDone { seq: reply.seq, orders_ended: 0, instrument })))
}
