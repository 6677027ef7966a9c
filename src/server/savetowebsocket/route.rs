//! What Go's router and gorilla's upgrader do with a request before there is a WebSocket.

use crate::server::http::{Head, Response, mux, upgrade};

/// The answer to a request that is not for the WebSocket; `None` for one that is.
pub(super) fn page(head: &Head, served: &str, rules: &upgrade::Rules) -> Option<Response> {
    if let Some(answer) = mux::answer(head) {
        return Some(answer);
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
