//! The OpenAPI document: made of the routes themselves, so that it cannot lag behind them.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{PathItem, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::edge::acknowledged::SEQ;
use crate::edge::caller::DURABILITY;
use crate::edge::signed;
use crate::rest;
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
    components(schemas(ReasonCode, TickerMessage)),
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
    document.paths.paths.values_mut().flat_map(operations).for_each(describe_acknowledgement);
    let own = document.paths.paths.iter_mut().filter(|(path, _)| signed::is_open_to_keys(path));
    own.flat_map(|(_, item)| operations(item)).for_each(describe_signature);
    // The document is made of strings, numbers and lists; there is nothing in it that JSON could refuse.
    let json = document.to_json().expect("an OpenAPI document is JSON");
    (router, Encoded(json.into()))
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = path;
    [get, put, post, delete, options, head, patch, trace].into_iter().filter_map(Option::as_mut)
}

/// What a route that a user's programs may ask takes instead of a token, and answers to those that may not.
fn describe_signature(operation: &mut Operation) {
    let Some(ways) = operation.security.as_mut() else { return };
    ways.push(SecurityRequirement::new("signed", Vec::<String>::new()));
    let sentence = "`PERMISSION_DENIED`: the API key may not do that. `USER_SHUT_OUT`: its user may not.";
    let response = ResponseBuilder::new().description(sentence).build();
    operation.responses.responses.entry("403".to_owned()).or_insert(RefOr::T(response));
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
    let header = |kind, sentence: &str| {
        let schema = ObjectBuilder::new().schema_type(kind).build();
        RefOr::T(HeaderBuilder::new().schema(Some(schema)).description(Some(sentence)).build())
    };
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            let seq = header(Type::Integer, "The command's number in the journal.");
            response.headers.insert(SEQ.to_string(), seq);
            let durability = header(Type::String, "How durable the command was when this left.");
            response.headers.insert(DURABILITY.to_string(), durability);
        }
    }
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
