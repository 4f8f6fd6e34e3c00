//! The OpenAPI document: made of the routes themselves, so that it cannot lag behind them.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::http::{HeaderName, Method, header};
use axum::response::IntoResponse;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, PathItem, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::audit;
use crate::edge::acknowledged::SEQ;
use crate::edge::caller::DURABILITY;
use crate::edge::signed;
use crate::rest::{self, PendingMessage};
use crate::translate::codes::ReasonCode;
use crate::translate::market::TickerMessage;

#[derive(OpenApi)]
#[openapi(
    info(title = "Papertape", description = "A trading venue: market data, order entry and accounts. Decimals are strings in `/api/v1`, numbers in the plain routes. Every answer carries `X-Request-Id`; every failure a stable `code`."),
    tags(
        (name = "market", description = "Public market data"),
        (name = "charts", description = "TradingView's Universal Data Feed: numbers, seconds, failures as `{s: \"error\", errmsg}` with status 200"),
        (name = "users", description = "Sessions, profiles, passwords, second factors"),
        (name = "orders", description = "Order entry"),
        (name = "account", description = "Balances and positions"),
        (name = "wallets", description = "Addresses on chains, and their private keys"),
        (name = "stream", description = "WebSocket"),
        (name = "operations", description = "Health and status"),
        (name = "admin", description = "The operator's: listing, phases, fees, switches, accounts, money, borrowing, users. Authorised by the operator's key, or by an administrator's session that began with a second factor"),
        (name = "plain", description = "Sign-up, log-in and simple trading"),
    ),
    components(schemas(ReasonCode, TickerMessage, PendingMessage)),
    modifiers(&Keys),
)]
struct Document;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        let sentence = "The operator's key, which the venue made at its first start; or the token of an administrator's session that began with a second factor.";
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(sentence)).build();
        components.add_security_scheme("operator", SecurityScheme::Http(scheme));
        let sentence = "The id of an API key whose request is signed, with `papertape-timestamp`, `papertape-signature` and, if wanted, `papertape-recv-window` and `papertape-nonce`: docs/how-to/sign-requests.md. Instead of a token, on routes of orders, lists, fills and the account.";
        let scheme = ApiKeyValue::with_description(signed::KEY.as_str(), sentence);
        components.add_security_scheme("signed", SecurityScheme::ApiKey(ApiKey::Header(scheme)));
    }
}

/// The encoded document, shared by all requests.
#[derive(Clone)]
pub(crate) struct Encoded(Bytes);

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", summary = "OpenAPI 3.1 document", responses(
    (status = 200, description = "The document.", content_type = "application/json", body = Object),
))]
async fn openapi(Extension(Encoded(document)): Extension<Encoded>) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];
    (headers, document)
}

/// All documented routes and their document.
pub(crate) fn documented() -> (axum::Router<Arc<App>>, Encoded) {
    let routes = OpenApiRouter::with_openapi(Document::openapi()).merge(rest::routes()).routes(routes!(openapi));
    let (router, mut document) = routes.split_for_parts();
    for (path, item) in &mut document.paths.paths {
        item_methods(item).for_each(|(method, operation)| describe(path, &method, operation));
    }
    // The document is made of strings, numbers and lists; there is nothing in it that JSON could refuse.
    let json = document.to_json().expect("an OpenAPI document is JSON");
    (router, Encoded(json.into()))
}

fn item_methods(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let methods = [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::PATCH];
    let operations = [get, put, post, delete, patch].into_iter().map(Option::as_mut);
    methods.into_iter().zip(operations).filter_map(|(method, operation)| Some((method, operation?)))
}

/// What is true of routes of a kind, and is not said at each of them.
fn describe(path: &str, method: &Method, operation: &mut Operation) {
    describe_acknowledgement(operation);
    describe_limits(path, operation);
    if signed::is_open_to_keys(path) {
        describe_signature(path, operation);
    }
    if audit::is_action(method, path) {
        let sentence =
            "Number and hash of the row in the log of administrators: keep it to prove later that it was there.";
        add_header(operation, |status| status.starts_with('2'), audit::RECEIPT.as_str(), (Type::String, sentence));
    }
}

/// Every route is counted by address, and says what is left.
fn describe_limits(path: &str, operation: &mut Operation) {
    let sentence = "`RATE_LIMITED`: too many requests from this address (`Retry-After`).";
    let failure = || RefOr::T(failure(path, sentence));
    operation.responses.responses.entry("429".to_owned()).or_insert_with(failure);
    let limited = |status: &str| status == "429";
    add_header(operation, limited, "retry-after", (Type::Integer, "Seconds after which it may succeed."));
    let sentence = "What is left of each limit that the request fell under: `r` requests, and all of them again in `t` seconds (draft-ietf-httpapi-ratelimit-headers-10).";
    add_header(operation, limited, "ratelimit", (Type::String, sentence));
    let sentence = "The limits that the request fell under: `q` requests in `w` seconds.";
    add_header(operation, limited, "ratelimit-policy", (Type::String, sentence));
}

fn add_header(operation: &mut Operation, whose: impl Fn(&str) -> bool, name: &str, (kind, sentence): (Type, &str)) {
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (whose(status), response) {
            let schema = ObjectBuilder::new().schema_type(kind.clone()).build();
            let header = HeaderBuilder::new().schema(Some(schema)).description(Some(sentence)).build();
            response.headers.insert(name.to_owned(), RefOr::T(header));
        }
    }
}

/// A failure in the shape of its path.
fn failure(path: &str, sentence: &str) -> Response {
    let (schema, kind) = match path.starts_with("/api/") {
        true => ("Problem", "application/problem+json"),
        false => ("Detail", "application/json"),
    };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(sentence).content(kind, content).build()
}

/// What a route that a user's programs may ask takes instead of a token, and answers to those that may not.
fn describe_signature(path: &str, operation: &mut Operation) {
    let Some(ways) = operation.security.as_mut() else { return };
    ways.push(SecurityRequirement::new("signed", Vec::<String>::new()));
    let sentence = "`PERMISSION_DENIED`: the API key may not do that. `USER_SHUT_OUT`: its user may not.";
    let failure = || RefOr::T(failure(path, sentence));
    operation.responses.responses.entry("403".to_owned()).or_insert_with(failure);
}

/// What a route that takes the header of durability answers with.
fn describe_acknowledgement(operation: &mut Operation) {
    let takes = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.name == DURABILITY.as_str(),
        RefOr::Ref(_) => false,
    };
    if !operation.parameters.iter().flatten().any(takes) {
        return;
    }
    let done = |status: &str| status.starts_with('2');
    add_header(operation, done, SEQ.as_str(), (Type::Integer, "The command's number in the journal."));
    let sentence = "How durable the command was when this left.";
    add_header(operation, done, DURABILITY.as_str(), (Type::String, sentence));
}

/// The templates of all documented paths.
pub(crate) fn templates() -> Vec<String> {
    let routes = OpenApiRouter::with_openapi(Document::openapi()).merge(rest::routes()).routes(routes!(openapi));
    routes.into_openapi().paths.paths.into_keys().collect()
}

/// The document as text.
pub fn document() -> String {
    let (_, Encoded(json)) = documented();
    String::from_utf8_lossy(&json).into_owned()
}
