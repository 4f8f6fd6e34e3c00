//! What becomes known of an action while it is carried out: who acts, what was asked, and how things were before.

use std::sync::Arc;

use axum::body::Bytes;
use papertape_platform::{Actor, Origin};
use parking_lot::Mutex;
use serde_json::{Map, Value};

use super::object::Object;
use crate::app::App;

/// The notes of one request, which goes through many hands.
#[derive(Clone)]
pub(crate) struct Notes(Arc<Noted>);

struct Noted {
    object: Object,
    query: Option<String>,
    begun: Mutex<Option<Begun>>,
    body: Mutex<Option<Bytes>>,
}

/// An action whose actor is known.
pub(super) struct Begun {
    pub(super) actor: Actor,
    pub(super) origin: Origin,
    pub(super) before: Option<Value>,
}

impl Notes {
    pub(super) fn new(object: Object, query: Option<&str>) -> Self {
        let query = query.map(|query| query.chars().take(QUERY_MAX).collect());
        Self(Arc::new(Noted { object, query, begun: Mutex::default(), body: Mutex::default() }))
    }

    /// Somebody who may do it does it: how the object is before is looked at now, and not for strangers. If that fails,
    /// it is known who acts all the same.
    pub(crate) async fn begin(&self, app: &App, actor: Actor, origin: Origin) {
        *self.0.begun.lock() = Some(Begun { actor, origin: origin.clone(), before: None });
        let before = self.0.object.state(app).await;
        *self.0.begun.lock() = Some(Begun { actor, origin, before });
    }

    /// The body, as it came.
    pub(crate) fn body(&self, bytes: &Bytes) {
        *self.0.body.lock() = Some(bytes.clone());
    }

    pub(super) fn take_begun(&self) -> Option<Begun> {
        self.0.begun.lock().take()
    }

    pub(super) fn object(&self) -> &Object {
        &self.0.object
    }

    /// What was asked, without what is secret.
    pub(super) fn request(&self) -> Option<Value> {
        let body = self.0.body.lock().clone();
        let body = body.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let query = || self.0.query.as_ref().map(|query| serde_json::json!({ "query": query }));
        // What is no object is no request of any route.
        body.filter(Value::is_object).map(without_secrets).or_else(query)
    }
}

/// Most characters of a query that are kept.
const QUERY_MAX: usize = 1_024;

/// Parts of names whose values are nobody's to read, not even later.
const SECRET: [&str; 8] = ["password", "secret", "token", "private", "seed", "mnemonic", "recovery", "signature"];

pub(super) fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(fields.into_iter().map(without_secret).collect::<Map<_, _>>()),
        Value::Array(values) => Value::Array(values.into_iter().map(without_secrets).collect()),
        other => other,
    }
}

fn without_secret((name, value): (String, Value)) -> (String, Value) {
    let lower = name.to_ascii_lowercase();
    let is_secret = lower == "code" || SECRET.iter().any(|part| lower.contains(part));
    let value = if is_secret { Value::from("left out") } else { without_secrets(value) };
    (name, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_secret_is_not_kept() {
        let body = json!({"token": "t", "email": "a@b.cd", "confirm_password": "p", "code": 1,
            "list": [{"private_key": "k", "reason": "r"}]});
        let kept = json!({"token": "left out", "email": "a@b.cd", "confirm_password": "left out", "code": "left out",
            "list": [{"private_key": "left out", "reason": "r"}]});
        assert_eq!(without_secrets(body), kept);
    }
}
