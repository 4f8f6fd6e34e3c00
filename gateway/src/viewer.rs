//! `/docs`: the API's description for readers, drawn from `/openapi.json` in the browser. Its few files are part of every
//! build, and nothing of it comes from another host.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A file of the viewer: its path, its type, what is in it.
type File = (&'static str, &'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

const FILES: [File; 6] = [
    ("docs", HTML, include_str!("../page/docs/index.html")),
    ("docs/viewer.js", SCRIPT, include_str!("../page/docs/viewer.js")),
    ("docs/dom.js", SCRIPT, include_str!("../page/docs/dom.js")),
    ("docs/schema.js", SCRIPT, include_str!("../page/docs/schema.js")),
    ("docs/try.js", SCRIPT, include_str!("../page/docs/try.js")),
    ("docs/viewer.css", STYLE, include_str!("../page/docs/viewer.css")),
];

/// The viewer's file of this path, without its first slash. Nothing, if there is none.
pub(crate) fn file(path: &str) -> Option<Response> {
    let wanted = path.trim_end_matches('/');
    let (_, kind, text) = FILES.iter().find(|(path, _, _)| *path == wanted)?;
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a file of the viewer loads is another file of it: the policy of the page allows nothing else, and a machine
    /// without a network has nothing else.
    #[test]
    fn everything_that_is_loaded_is_here() {
        let mut loaded = 0;
        for (path, _, text) in FILES {
            for (begin, end) in [("from '", '\''), ("href=\"/docs", '"'), ("src=\"/docs", '"')] {
                for rest in text.split(begin).skip(1) {
                    let name = rest.split(end).next().unwrap_or_default();
                    let name = format!("docs/{}", name.trim_start_matches(['.', '/']));
                    assert!(FILES.iter().any(|(path, _, _)| *path == name), "{path} loads {name}");
                    loaded += 1;
                }
            }
            assert!(!text.contains("https:") && !text.contains("http:"), "{path} names another host");
        }
        assert!(loaded >= 6, "only {loaded} were found");
        assert!(file("docs/").is_some() && file("docs/other.js").is_none());
    }
}
