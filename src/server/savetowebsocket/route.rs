//! What Go's router and gorilla's upgrader do with a request before there is a WebSocket.

use crate::server::http::{Head, Response, path, upgrade};

/// The answer to a request that is not for the WebSocket; `None` for one that is.
pub(super) fn page(head: &Head, served: &str, rules: &upgrade::Rules) -> Option<Response> {
    if head.target == "*" && head.method == "OPTIONS" {
        return Some(Response::empty(200));
    }
    if let Some(clean) = path::cleaned(head.path())
        && head.method != "CONNECT"
    {
        return Some(moved(head, &clean));
    }
    if head.path() != served {
        return Some(Response::not_found());
    }
    if upgrade::check(head, rules).is_err() {
        tracing::info!("WebSocket upgrade error: websocket: {}", complaint(head));
    }
    None
}

/// gorilla's words for what is wrong with an upgrade; the client is not told them.
fn complaint(head: &Head) -> &'static str {
    if !head.has_token("Connection", "upgrade") {
        "the client is not using the websocket protocol: \
         'upgrade' token not found in 'Connection' header"
    } else if !head.has_token("Upgrade", "websocket") {
        "the client is not using the websocket protocol: \
         'websocket' token not found in 'Upgrade' header"
    } else if head.method != "GET" {
        "the client is not using the websocket protocol: request method is not GET"
    } else if !head.has_token("Sec-WebSocket-Version", "13") {
        "unsupported version: 13 not found in 'Sec-Websocket-Version' header"
    } else {
        "not a websocket handshake: \
         'Sec-WebSocket-Key' header must be Base64 encoded value of 16-byte in length"
    }
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
