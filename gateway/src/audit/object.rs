//! What an action is done to, by the path that names it, and how that is.

use papertape_platform::UserId;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::translate::admin::fields::{asset, known_account};
use crate::translate::admin::{accounts, listing, markets};
use crate::translate::users::UserMessage;

/// Most characters of a part of a path that are kept.
const PART_MAX: usize = 64;

/// The named parts of a path, in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Object(Vec<(String, String)>);

impl Object {
    /// Of what the router found in the path.
    pub(crate) fn new<'a>(parts: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let part = |(name, value): (&str, &str)| (name.to_owned(), value.chars().take(PART_MAX).collect());
        Self(parts.map(part).collect())
    }

    /// A user.
    pub(crate) fn user(user: UserId) -> Self {
        Self(vec![("user_id".to_owned(), user.0.to_string())])
    }

    /// In words: `account 7, order 12`; the venue itself, where the path names nothing.
    pub(crate) fn name(&self) -> String {
        let word = |name: &'_ str| match name {
            "symbol" => "market".to_owned(),
            other => other.trim_end_matches("_id").replace('_', " "),
        };
        let named: Vec<String> = self.0.iter().map(|(name, value)| format!("{} {value}", word(name))).collect();
        if named.is_empty() { "venue".to_owned() } else { named.join(", ") }
    }

    /// How it is now; none of what has no state of its own.
    pub(crate) async fn state(&self, app: &App) -> Option<Value> {
        let (name, text) = self.0.first()?;
        match name.as_str() {
            "user_id" => {
                let found = app.platform.users().find(UserId(text.parse().ok()?)).await.ok()??;
                shown(&UserMessage::of(&found))
            }
            "account_id" => {
                let views = app.views.read();
                shown(&accounts::message(&views, known_account(&views, text).ok()?))
            }
            "symbol" => shown(&markets::named(&app.views.read(), text).ok()?),
            "asset" => {
                let views = app.views.read();
                shown(&listing::asset_message(&views, asset(&views, text).ok()?.0)?)
            }
            _ => None,
        }
    }
}

fn shown(message: &impl Serialize) -> Option<Value> {
    serde_json::to_value(message).ok()
}

/// The fields that differ, as they were and as they are: nothing, if none does.
pub(crate) fn changed(before: Option<Value>, after: Option<Value>) -> (Option<Value>, Option<Value>) {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) else { return (None, None) };
    let differs = |(name, value): &(String, Value), other: &Map<String, Value>| other.get(name) != Some(value);
    let was: Map<_, _> = before.clone().into_iter().filter(|field| differs(field, &after)).collect();
    let is: Map<_, _> = after.into_iter().filter(|field| differs(field, &before)).collect();
    let some = |fields: Map<String, Value>| (!fields.is_empty()).then_some(Value::Object(fields));
    (some(was), some(is))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_is_named_by_its_path() {
        let named = |parts: &[(&str, &str)]| Object::new(parts.iter().copied()).name();
        assert_eq!(named(&[]), "venue");
        assert_eq!(named(&[("user_id", "7")]), "user 7");
        assert_eq!(named(&[("symbol", "BTC-USD")]), "market BTC-USD");
        assert_eq!(named(&[("account_id", "7"), ("order_id", "12")]), "account 7, order 12");
        assert_eq!(named(&[("asset", &"x".repeat(100))]).len(), 6 + PART_MAX);
    }

    #[test]
    fn only_what_differs_is_kept() {
        let (before, after) = (json!({"a": 1, "b": 2, "c": 3}), json!({"a": 1, "b": 4, "d": 5}));
        assert_eq!(
            changed(Some(before.clone()), Some(after)),
            (Some(json!({"b": 2, "c": 3})), Some(json!({"b": 4, "d": 5})))
        );
        assert_eq!(changed(Some(before.clone()), Some(before.clone())), (None, None));
        assert_eq!(changed(None, Some(before)), (None, None));
    }
}
