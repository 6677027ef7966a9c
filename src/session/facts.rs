//! The facts that go into the log with a change of state.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::lifecycle::Ending;
use crate::frame::Opening;
use crate::profile::secret;

/// The facts of a handshake, for the log. Values of cookies are masked.
pub(super) fn opening_facts(opening: &Opening) -> Map<String, Value> {
    let headers: Vec<Value> = opening
        .headers
        .iter()
        .map(|(name, value)| json!([name, secret::mask_url(secret::mask_header(name, value))]))
        .collect();
    let mut facts = Map::from_iter([
        ("url".to_owned(), opening.url.clone().into()),
        ("peer".to_owned(), opening.peer.clone().into()),
    ]);
    // A gRPC connection opens without an HTTP answer.
    if opening.status != 0 {
        facts.insert("status".to_owned(), opening.status.into());
    }
    facts.extend([
        ("headers".to_owned(), headers.into()),
        ("attempt".to_owned(), opening.attempt.into()),
        ("reconnect".to_owned(), opening.reconnect.into()),
        ("took_ms".to_owned(), json!(millis(opening.took))),
    ]);
    if let Some(subprotocol) = &opening.subprotocol {
        facts.insert("subprotocol".to_owned(), subprotocol.clone().into());
    }
    if let Some(tls) = &opening.tls {
        facts.insert("tls".to_owned(), tls.clone().into());
    }
    if !opening.body.is_empty() {
        facts.insert(
            "body".to_owned(),
            String::from_utf8_lossy(&opening.body).into(),
        );
    }
    facts
}

/// The facts of an ending, for the log.
pub(super) fn ending_facts(ending: &Ending) -> Map<String, Value> {
    let mut facts = Map::from_iter([
        ("by".to_owned(), json!(ending.by)),
        ("how".to_owned(), ending.how.into()),
    ]);
    // Without a WebSocket there are no close frames.
    if ending.code != 0 {
        let reason = String::from_utf8_lossy(&ending.reason);
        facts.insert("code".to_owned(), ending.code.into());
        facts.insert("reason".to_owned(), reason.into());
        facts.insert("close_frame".to_owned(), ending.close_frame_seen.into());
    }
    facts.insert("clean".to_owned(), ending.clean.into());
    if std::str::from_utf8(&ending.reason).is_err() {
        let hex = crate::sanitise::hex(&ending.reason);
        facts.insert("reason_hex".to_owned(), hex.into());
    }
    facts
}

/// Milliseconds with three decimals.
pub(super) fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
