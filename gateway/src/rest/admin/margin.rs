//! Borrowing: on which terms, who does, and what will never be paid.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use papertape_engine::Command;

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::JsonBody;
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::translate::admin::fields::asset;
use crate::translate::admin::listing::{self, AssetDone};
use crate::translate::admin::margin::{self, AdminMarginMessage, MarginTermsBody};
use crate::venue::admin::carry_out;

/// The terms of borrowing, the accounts that borrow or may, what each owes and how it stands, and the bad debts.
#[utoipa::path(get, path = "/api/v1/admin/margin", tag = "admin", summary = "Terms, debts and bad debts",
    security(("operator" = [])),
    responses((status = 200, description = "At the prices of the moment.", body = AdminMarginMessage), AdminProblems),
)]
pub(crate) async fn margin(State(app): State<Arc<App>>, _: Operator) -> Json<AdminMarginMessage> {
    Json(margin::message(&app.views.read()))
}

/// Says what an asset is to accounts that borrow. The reference asset, which nothing prices, comes first; terms change, and
/// stay. Accounts that new terms leave short of margin are liquidated. Refused with `INVALID_MARGIN_TERMS`.
#[utoipa::path(put, path = "/api/v1/admin/assets/{asset}/margin-terms", tag = "admin", summary = "Set the terms of borrowing",
    security(("operator" = [])), params(("asset" = String, Path, description = "The asset's code.", example = "BTC")),
    request_body = MarginTermsBody,
    responses((status = 200, description = "The asset.", body = AssetDone), AdminProblems),
)]
pub(crate) async fn set_terms(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(symbol): Path<String>,
    JsonBody(body): JsonBody<MarginTermsBody>,
) -> Result<Json<AssetDone>, Failure> {
    let (id, command) = {
        let views = app.views.read();
        let (id, listed) = asset(&views, &symbol)?;
        (id, Command::SetMarginTerms { asset: id, terms: body.terms(&views, listed)? })
    };
    let reply = carry_out(&app, operator, "terms of borrowing", command).await?;
    let message = listing::asset_message(&app.views.read(), id);
    let asset = message.ok_or_else(|| Failure::internal("terms of an asset that is not listed"))?;
    Ok(Json(AssetDone { seq: reply.seq, asset }))
}
