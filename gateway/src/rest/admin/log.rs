//! The log of administrators: what was done to what is nobody's own, and whether the log is what was written.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use papertape_platform::{ADMIN_LOG_PAGE_MAX, ADMIN_LOG_STATUSES, AdminLogFilter, Receipt, UserId, database, rfc3339};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::AdminProblems;
use crate::app::App;
use crate::edge::body::QueryOf;
use crate::edge::operator::Operator;
use crate::errors::Failure;
use crate::translate::cursor::{self, Of};

/// Most rows that one request looks at.
const ROWS_MAX: u64 = 50_000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogQuery {
    /// Only what this administrator did.
    #[serde(default)]
    user_id: Option<i64>,
    /// Only what was done to this, as in `object`.
    #[serde(default)]
    #[param(example = "user 7")]
    object: Option<String>,
    /// `done`, `refused`, or `unknown`: no answer came in time, or the venue failed on the way, and it may have been done.
    #[serde(default)]
    status: Option<String>,
    /// At most this many, 1 to 500.
    #[serde(default)]
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u64>,
    /// The `next_cursor` of the page before; the rest of the query stays the same.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerificationQuery {
    /// Look at the rows after this one; without it from the first one on.
    #[serde(default)]
    #[param(minimum = 0)]
    after: Option<i64>,
    /// A `Papertape-Admin-Log` that somebody kept: whether the log has that row, as it was.
    #[serde(default)]
    receipt: Option<String>,
}

/// An action that was carried out, or refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdminLogMessage {
    /// Its place: from 1, without a gap.
    id: i64,
    /// When, RFC 3339.
    created_at: String,
    /// `operator`, `admin`, `setup` (the first administrator is made) or `venue` (by time).
    actor: String,
    /// The administrator.
    user_id: Option<i64>,
    /// Where it came from.
    ip_address: Option<String>,
    /// The program, as it calls itself.
    user_agent: Option<String>,
    /// Method and path, with names for the parts that vary.
    action: String,
    /// What it was done to: `user 7`, `account 7`, `market BTC-USD`, `venue`.
    object: String,
    /// `done`, `refused`, or `unknown`: no answer came in time, or the venue failed on the way, and it may have been done.
    status: String,
    /// Why it was refused.
    code: Option<String>,
    /// What was asked, without what is secret.
    #[schema(value_type = Option<Object>)]
    request: Option<Value>,
    /// The fields of the object that changed, as they were.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// The same as they are since; of what is new, the answer.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// The hash of the row before it, 64 hexadecimal digits.
    previous_hash: String,
    /// The hash of this row and of all before it.
    hash: String,
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdminLogPage {
    /// Newest first.
    rows: Vec<AdminLogMessage>,
    /// Number and hash of the newest row of all, as `Papertape-Admin-Log` has them; null before the first.
    head: Option<String>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// Whether the log is what was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerificationMessage {
    /// Whether all rows that were looked at are as they were written, and the receipt's among them.
    is_intact: bool,
    /// So many rows are.
    rows: u64,
    /// The last of them; look at the rest with it as `after`, unless `is_complete`.
    last: i64,
    /// Its hash.
    hash: String,
    /// Whether no row is left to look at.
    is_complete: bool,
    /// The first row that is not as it was written.
    broken: Option<i64>,
    /// `missing`, `altered` or `unchained`.
    fault: Option<&'static str>,
    /// Whether the row of the receipt is there, as it was; null without one.
    has_receipt: Option<bool>,
}

impl AdminLogMessage {
    fn of(row: database::admin_log::Model) -> Self {
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            id: row.id,
            created_at: rfc3339(row.created_at),
            actor: row.actor,
            user_id: row.user_id,
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            action: row.action,
            object: row.object,
            status: row.status,
            code: row.code,
            request: json(row.request),
            before: json(row.state_before),
            after: json(row.state_after),
            previous_hash: row.previous_hash,
            hash: row.hash,
        }
    }
}

impl LogQuery {
    fn filter(self) -> Result<(AdminLogFilter, u64), Failure> {
        let limit = self.limit.unwrap_or(100);
        if !(1..=ADMIN_LOG_PAGE_MAX).contains(&limit) {
            return Err(Failure::field("limit", "must be 1 to 500"));
        }
        if self.status.as_deref().is_some_and(|status| !ADMIN_LOG_STATUSES.contains(&status)) {
            return Err(Failure::field("status", "must be done, refused or unknown"));
        }
        let before = self.cursor.as_deref().map(|text| cursor::read::<1>(Of::AdminLog, text)).transpose()?;
        let before = before.map(|[id]| i64::try_from(id).unwrap_or(i64::MAX));
        Ok((AdminLogFilter { before, user: self.user_id.map(UserId), object: self.object, status: self.status }, limit))
    }
}

/// What the operator, administrators and the venue itself did to what is nobody's own, and what was refused to them. Each
/// row is bound to the one before it by a hash; every answer to such an action carries its number and hash
/// (`Papertape-Admin-Log`).
#[utoipa::path(get, path = "/api/v1/admin/log", tag = "admin", summary = "The log of administrators",
    security(("operator" = [])), params(LogQuery),
    responses((status = 200, description = "Newest first.", body = AdminLogPage), AdminProblems),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    QueryOf(query): QueryOf<LogQuery>,
) -> Result<Json<AdminLogPage>, Failure> {
    let (filter, limit) = query.filter()?;
    let log = app.platform.admin_log();
    let mut rows = log.page(&filter, limit).await.map_err(Failure::internal)?;
    let last = rows.last().map(|row| row.id);
    let filter = AdminLogFilter { before: last, ..filter };
    // A page of the most rows has none besides that could tell whether there is another one.
    let is_last = last.is_none() || log.page(&filter, 1).await.map_err(Failure::internal)?.is_empty();
    let next_cursor = last.filter(|_| !is_last).map(|id| cursor::write(Of::AdminLog, [id.unsigned_abs()]));
    let head = Some(log.head().await).filter(|head| head.id > 0).map(|head| head.to_string());
    Ok(Json(AdminLogPage { rows: rows.drain(..).map(AdminLogMessage::of).collect(), head, next_cursor }))
}

/// Whether the log is what was written: each row is hashed again and compared with the one after it, at most 50,000 at a
/// time. A log that was written anew from some row on has other hashes from there: whoever kept a receipt finds that out.
#[utoipa::path(get, path = "/api/v1/admin/log/verification", tag = "admin", summary = "Is the log what was written",
    security(("operator" = [])), params(VerificationQuery),
    responses((status = 200, description = "What was found.", body = VerificationMessage), AdminProblems),
)]
pub(crate) async fn verification(
    State(app): State<Arc<App>>,
    _: Operator,
    QueryOf(query): QueryOf<VerificationQuery>,
) -> Result<Json<VerificationMessage>, Failure> {
    let receipt = query.receipt.as_deref().map(str::parse::<Receipt>).transpose();
    let receipt = receipt.map_err(|error| Failure::field("receipt", error))?;
    let after = query.after.unwrap_or(0);
    if after < 0 {
        return Err(Failure::field("after", "must be 0 or more"));
    }
    let log = app.platform.admin_log();
    let verified = log.verify(after, ROWS_MAX).await.map_err(Failure::internal)?;
    let has_receipt = match receipt {
        Some(receipt) => Some(log.has(receipt).await.map_err(Failure::internal)?),
        None => None,
    };
    Ok(Json(VerificationMessage {
        is_intact: verified.broken.is_none() && has_receipt != Some(false),
        rows: verified.rows,
        last: verified.last.id,
        hash: papertape_platform::hex(&verified.last.hash),
        is_complete: verified.is_complete,
        broken: verified.broken.map(|broken| broken.id),
        fault: verified.broken.map(|broken| broken.fault.name()),
        has_receipt,
    }))
}
