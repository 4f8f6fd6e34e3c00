//! Whether the venue lives, and where it stands.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use papertape_pipeline::Status;
use serde::Serialize;
use utoipa::ToSchema;

use super::Problems;
use crate::app::App;
use crate::edge::operator::Operator;
use crate::errors::{Detail, Failure};
use crate::metrics;

/// The core runs.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// Where the venue stands.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok", "version": "0.1.0", "seq": 90001, "durable_seq": 90001,
    "state_hash": "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", "durability": "group",
    "uptime_s": 3600, "instruments": 5}))]
pub(crate) struct StatusMessage {
    /// Always `ok`.
    status: &'static str,
    /// The program's version.
    version: &'static str,
    /// The last command that was carried out.
    seq: u64,
    /// The last command that is durable.
    durable_seq: u64,
    /// Hash of the whole state exactly after `seq`: the same journal always gives the same.
    state_hash: String,
    /// What "durable" means here.
    durability: String,
    /// Seconds since the start.
    uptime_s: u64,
    /// Listed markets.
    instruments: usize,
}

/// Whether the core runs.
#[utoipa::path(get, path = "/healthz", tag = "operations", summary = "Is the venue alive", responses(
    (status = 200, description = "The core's heartbeat is fresh.", body = Health),
    (status = 503, description = "The core does not run.", body = Detail),
))]
pub(crate) async fn healthz(State(app): State<Arc<App>>) -> Result<Json<Health>, Failure> {
    if app.is_alive() {
        return Ok(Json(Health { status: "ok" }));
    }
    Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "NOT_RUNNING", "The core does not run."))
}

/// Whether new work may be sent here: the core runs, and nobody has told the venue to stop.
#[utoipa::path(get, path = "/readyz", tag = "operations", summary = "Does the venue take new work", responses(
    (status = 200, description = "It does.", body = Health),
    (status = 503, description = "The venue drains or stops, or its core does not run.", body = Detail),
))]
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Result<Json<Health>, Failure> {
    if app.is_ready() { Ok(Json(Health { status: "ok" })) } else { Err(Failure::stopping()) }
}

/// What the venue counts and measures, in Prometheus' text format. The operator's: it tells how busy the venue is.
#[utoipa::path(get, path = "/metrics", tag = "operations", summary = "Metrics", security(("operator" = [])), responses(
    (status = 200, description = "Prometheus' text format 0.0.4.", content_type = "text/plain", body = String),
    (status = 401, description = "No key, or a wrong one (`WWW-Authenticate: Bearer`).", body = Detail),
    (status = 403, description = "A user's token.", body = Detail),
    (status = 429, description = "Too many wrong keys from this address (`Retry-After`).", body = Detail),
))]
pub(crate) async fn metrics(State(app): State<Arc<App>>, _: Operator) -> impl IntoResponse {
    told(&app)
}

/// The same for whoever reaches the port that `--metrics-listen` opens.
pub(crate) async fn open_metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    told(&app)
}

fn told(app: &App) -> impl IntoResponse + use<> {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::scrape(app))
}

/// Where the venue stands.
#[utoipa::path(get, path = "/api/v1/status", tag = "operations", summary = "Where the venue stands", responses(
    (status = 200, description = "As of `seq`.", body = StatusMessage), Problems,
))]
pub(crate) async fn status(State(app): State<Arc<App>>) -> Result<Json<StatusMessage>, Failure> {
    let status = status_of(&app).await?;
    if status.failed.is_some() {
        return Err(Failure::stopping());
    }
    Ok(Json(StatusMessage {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        seq: status.seq,
        durable_seq: status.durable_seq,
        state_hash: status.state_hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        durability: app.durability.to_string(),
        uptime_s: app.started.elapsed().as_secs(),
        instruments: app.views.read().instruments().len(),
    }))
}

/// Asks the core, off the runtime's threads: it answers between two batches.
async fn status_of(app: &App) -> Result<Status, Failure> {
    let client = app.client.clone();
    tokio::task::spawn_blocking(move || client.status()).await.map_err(Failure::internal)
}
