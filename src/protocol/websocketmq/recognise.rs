//! Is this a `WebSocketMQ` broker?

use super::envelope::{Envelope, Kind};
use crate::frame::{Direction, Frame};
use crate::protocol::{Confidence, Evidence, url};
use crate::schema::scan;

/// By the first message, else by the query and the path: the broker never speaks first.
pub(super) fn recognise(evidence: &Evidence<'_>) -> Confidence {
    let first = evidence
        .first
        .filter(|frame| frame.direction == Direction::In && !frame.kind.is_control());
    if let Some(confidence) = first.and_then(by_message) {
        return confidence;
    }
    let url = &evidence.opening.url;
    if url::query(url, "client_id").is_some() {
        return Confidence::new(75, "the URL has a client_id");
    }
    match url::path(url) {
        "/wsmq" => Confidence::new(70, "the path is /wsmq"),
        "/ws" => Confidence::new(10, "the path is /ws"),
        _ => Confidence::NONE,
    }
}

fn by_message(frame: &Frame<'_>) -> Option<Confidence> {
    let envelope = Envelope::read(frame.payload, Direction::Out);
    if let Some(head) = &envelope.head {
        let named =
            !head.message_id.is_empty() && scan::path(frame.payload, &["header", "type"]).is_some();
        return named
            .then(|| Confidence::new(80, "the first message has the header of generation 1"));
    }
    let closed = scan::members(frame.payload)
        .all(|(key, _)| matches!(key, b"id" | b"type" | b"topic" | b"payload" | b"error"));
    let routed = !envelope.topic.is_empty();
    let known = !matches!(envelope.kind, Kind::Unknown(_));
    (closed && routed && known && envelope.fault.is_none())
        .then(|| Confidence::new(85, "the first message is a WebSocketMQ envelope"))
}
