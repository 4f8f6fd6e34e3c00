//! The API Security Top 10 (OWASP, 2023), item by item, through sockets: `api01_…` to `api10_…`. What is asked of every route
//! is asked of every route that the served document describes, so that a new one is covered by itself.

mod flows;
mod headers;
mod inventory;
mod limits;
mod objects;
mod properties;
mod sessions;
mod unknown_users;
mod upstream;

use papertape_gateway::document;
use reqwest::Method;
use serde_json::Value;

/// A described operation.
pub(super) struct Operation {
    pub(super) method: Method,
    /// The path with its parameters in braces.
    pub(super) path: String,
    pub(super) is_users: bool,
    pub(super) is_operators: bool,
    described: Value,
}

/// All of them, by path.
pub(super) fn operations() -> (Vec<Operation>, Value) {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap() {
            let schemes = described["security"].as_array().cloned().unwrap_or_default();
            let takes = |scheme: &str| schemes.iter().any(|choice| choice.get(scheme).is_some());
            all.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                is_operators: takes("operator"),
                is_users: !schemes.is_empty() && !takes("operator"),
                described: described.clone(),
            });
        }
    }
    assert!(all.len() >= 90, "only {} operations are described", all.len());
    (all, document)
}

impl Operation {
    /// The names in the path.
    pub(super) fn in_path(&self) -> Vec<&str> {
        self.path.split(['{', '}']).skip(1).step_by(2).collect()
    }

    /// The schema of a JSON body, with its name.
    pub(super) fn json_body<'a>(&self, document: &'a Value) -> Option<(String, &'a Value)> {
        let reference = &self.described["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let name = reference.as_str()?.rsplit('/').next()?.to_owned();
        let schema = &document["components"]["schemas"][&name];
        Some((name, schema))
    }

    /// Names of what the query may say.
    pub(super) fn in_query(&self) -> Vec<String> {
        let parameters = self.described["parameters"].as_array().cloned().unwrap_or_default();
        let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
        query.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
    }

    /// What it is called in a message.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
