//! What Go's own router answers before any handler sees a request.

use super::{Head, Response, path};

/// The answer to `OPTIONS *`, and the redirect from a path with doubled slashes or dots; `None`
/// for a request that goes on to a handler.
#[must_use]
pub fn answer(head: &Head) -> Option<Response> {
    if head.target == "*" && head.method == "OPTIONS" {
        return Some(Response::empty(200).with("Content-Length", "0"));
    }
    let clean = path::cleaned(head.path())?;
    (head.method != "CONNECT").then(|| moved(head, &clean))
}

/// Go's redirect to the path without doubled slashes and dots.
fn moved(head: &Head, clean: &str) -> Response {
    let query = head
        .query()
        .map_or(String::new(), |query| format!("?{query}"));
    let location = format!("{}{query}", path::escaped(clean));
    let mut response = Response::empty(307).with("Location", &location);
    if matches!(head.method.as_str(), "GET" | "HEAD") {
        let link = format!(
            "<a href=\"{}\">Temporary Redirect</a>.\n\n",
            quoted(&location)
        );
        response = response
            .with("Content-Type", "text/html; charset=utf-8")
            .body(link.into_bytes());
    }
    response
}

/// Text in HTML, as Go escapes it.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}
