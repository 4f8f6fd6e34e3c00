//! One's own fills, page by page, as JSON or as lines for a spreadsheet.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use papertape_platform::FillFilter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::OwnProblems;
use crate::app::App;
use crate::edge::body::QueryOf;
use crate::edge::caller::Caller;
use crate::errors::Failure;
use crate::translate::cursor::{self, Of};
use crate::translate::fills::{self, FillsMessage};
use crate::translate::{find, time};

/// Most fills of a page.
const LIMIT_MAX: usize = 500;

/// Fills of a page when no limit is given.
const LIMIT_DEFAULT: usize = 100;

/// How fills are written.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// A JSON object.
    Json,
    /// RFC 4180, with a header line.
    Csv,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FillsQuery {
    /// Only in this market.
    #[serde(default)]
    #[param(example = "BTC-USD")]
    symbol: Option<String>,
    /// At most this many, 1 to 500.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<usize>,
    /// The `next_cursor` of the page before; the rest of the query stays the same.
    #[serde(default)]
    cursor: Option<String>,
    /// No fill before this time, in milliseconds since 1970.
    #[serde(default)]
    from: Option<u64>,
    /// No fill at this time or later, in milliseconds since 1970.
    #[serde(default)]
    to: Option<u64>,
    /// `json` or `csv`. Without it: `csv`, if `Accept` names `text/csv` before `application/json`.
    #[serde(default)]
    #[param(inline)]
    format: Option<Format>,
}

/// One's own fills. Fills that come while the pages are read are newer than the first page, and shift nothing.
#[utoipa::path(get, path = "/api/v1/fills", tag = "account", summary = "My fills", security(("bearer" = [])),
    params(FillsQuery),
    responses(
        (status = 200, description = "Newest first.", headers(
            ("papertape-next-cursor" = String, description = "The same as `next_cursor`; absent on the last page."),
        ), content((FillsMessage = "application/json"), (String = "text/csv"))),
        OwnProblems,
    ),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    QueryOf(query): QueryOf<FillsQuery>,
) -> Result<Response, Failure> {
    caller.account()?;
    let (filter, limit) = (filter(&app, &query)?, limit(query.limit)?);
    let before = query.cursor.as_deref().map(|text| cursor::read(Of::Fills, text).map(fills::name_of)).transpose()?;
    let format = query.format.unwrap_or_else(|| accepted(&headers));
    app.rows_are_current().await;
    let history = app.platform.history();
    let before = match before {
        None => None,
        Some(name) => {
            let row = history.fill_row(caller.user, name).await.map_err(Failure::internal)?;
            Some(row.ok_or_else(cursor::unknown)?)
        }
    };
    let filter = FillFilter { before, ..filter };
    let rows = history.fills(caller.user, filter, limit as u64).await.map_err(Failure::internal)?;
    let older = FillFilter { before: rows.last().map(|row| row.id), ..filter };
    let is_last =
        rows.len() < limit || history.fills(caller.user, older, 1).await.map_err(Failure::internal)?.is_empty();
    let last = rows.last().filter(|_| !is_last);
    let next_cursor = last.map(|row| cursor::write(Of::Fills, fills::numbers_of(row)));
    let next = cursor::headers(next_cursor.as_deref());
    let fills: Vec<_> = rows.iter().map(fills::fill).collect();
    Ok(match format {
        Format::Json => (next, Json(FillsMessage { fills, next_cursor })).into_response(),
        Format::Csv => (next, csv_headers(), fills::as_csv(&fills)).into_response(),
    })
}

fn csv_headers() -> [(header::HeaderName, HeaderValue); 2] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"fills.csv\"")),
    ]
}

fn limit(asked: Option<usize>) -> Result<usize, Failure> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) { Ok(limit) } else { Err(Failure::field("limit", "must be 1 to 500")) }
}

fn filter(app: &App, query: &FillsQuery) -> Result<FillFilter, Failure> {
    if query.from.zip(query.to).is_some_and(|(from, to)| from > to) {
        return Err(Failure::field("from", "must not be after to"));
    }
    let symbol = query.symbol.as_deref();
    let instrument = symbol.map(|symbol| find(&app.views.read(), symbol).map(|(id, _)| id)).transpose()?;
    let nanos = |ms: u64| ms.saturating_mul(time::NS_PER_MS);
    Ok(FillFilter { instrument, before: None, from_ns: query.from.map(nanos), to_ns: query.to.map(nanos) })
}

/// What the client names first; JSON, if it names neither.
fn accepted(headers: &HeaderMap) -> Format {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let kinds = values.flat_map(|value| value.split(',')).map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let mut known = kinds.filter_map(|kind| match kind.to_ascii_lowercase().as_str() {
        "text/csv" => Some(Format::Csv),
        "application/json" => Some(Format::Json),
        _ => None,
    });
    known.next().unwrap_or(Format::Json)
}
