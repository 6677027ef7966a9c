//! From a frame of the log to a draft that sends the like of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::body::{Body, Node, Value};
use crate::frame::{Exchange, FrameKind};
use crate::hex;
use crate::protocol::raccoon::{Transport, Wire, lint};
use crate::protocol::{Settings, System};
use crate::schema::Schema;
use crate::schema::json;
use crate::tui::state::line::LineEdit;

use super::draft::{Draft, EVENTS_MAX};
use super::event::{Encoding, Event};
use super::kind::Kind;
use super::pretty;
use super::text::{MAX, TextEdit};

/// A frame as it was.
#[derive(Clone, Copy, Debug)]
pub struct Original<'a> {
    /// Its kind.
    pub kind: FrameKind,
    /// Its payload.
    pub payload: &'a [u8],
    /// What it decodes to.
    pub body: &'a Body,
    /// Raccoon: what it went over.
    pub transport: Option<Transport>,
}

/// A draft that sends the like of `frame`: in the system's own form if all of it fits there, else
/// as it stands. Ids and times are made anew in the system's own form. `None` if it is too large.
#[must_use]
pub fn draft(frame: Original<'_>, system: System, schema: &Schema) -> Option<Draft> {
    // Hex takes three columns a byte.
    if frame.payload.len() > MAX / 4 {
        return None;
    }
    let own = match (system, frame.kind) {
        (System::Raccoon, FrameKind::Text | FrameKind::Binary | FrameKind::Request) => {
            batch(frame, schema)
        }
        (System::SaveToWebSocket, FrameKind::Text) => register(frame.payload),
        (System::WebSocketMq, FrameKind::Text) => message(frame.payload),
        _ => None,
    };
    let mut draft = own.unwrap_or_else(|| as_it_stands(frame));
    draft.transport = frame.transport;
    // It went out like this before; whether it is meant now is seen in what is said of it.
    draft.lint = system != System::Raccoon || is_sound(frame);
    Some(draft)
}

/// True if lint has nothing against it.
fn is_sound(frame: Original<'_>) -> bool {
    let wire = match frame.kind {
        FrameKind::Text => Wire::Json,
        FrameKind::Binary => Wire::Protobuf,
        _ => return true,
    };
    lint::read(wire, frame.payload, 0).refused.is_empty()
}

fn as_it_stands(frame: Original<'_>) -> Draft {
    let text = std::str::from_utf8(frame.payload).ok();
    match (frame.kind, text) {
        (FrameKind::Text, Some(text)) => with_body(Kind::Text, plain(text)),
        (FrameKind::Ping, Some(text)) => with_line(Kind::Ping, &plain(text)),
        (FrameKind::Pong, Some(text)) => with_line(Kind::Pong, &plain(text)),
        (FrameKind::Close, _) => close(frame.payload),
        // The head of a call belongs to its transport; what can be sent again is the message.
        (FrameKind::Request | FrameKind::Response, _) => {
            let body = Exchange::of(frame.payload).body;
            with_body(Kind::Hex, spaced_hex(body))
        }
        _ => with_body(Kind::Hex, spaced_hex(frame.payload)),
    }
}

/// Text in which nothing is taken for a template.
fn plain(text: &str) -> String {
    text.replace("${", "$${")
}

fn with_body(kind: Kind, body: String) -> Draft {
    let mut draft = Draft::blank(kind);
    draft.body = TextEdit::new(body);
    draft
}

fn with_line(kind: Kind, text: &str) -> Draft {
    let mut draft = Draft::blank(kind);
    draft.lines[0] = LineEdit::new(text);
    draft
}

fn close(payload: &[u8]) -> Draft {
    let (code, reason) = payload.split_at(payload.len().min(2));
    let code = <[u8; 2]>::try_from(code).map_or(1000, u16::from_be_bytes);
    let mut draft = with_line(Kind::Close, &code.to_string());
    draft.lines[1] = LineEdit::new(plain(&String::from_utf8_lossy(reason)));
    draft
}

/// Sixteen bytes a line, as dumps have them.
fn spaced_hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 3);
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            out.push(if index % 16 == 0 { '\n' } else { ' ' });
        }
        out.push_str(&hex::encode(&[*byte]));
    }
    out
}

fn batch(frame: Original<'_>, schema: &Schema) -> Option<Draft> {
    let root = &frame.body.root;
    let is_known = |member: &Node| {
        let names = ["req_guid", "sent_time", "events"];
        names.contains(&member.name.as_str())
    };
    if frame.body.error.is_some() || !root.children.iter().all(is_known) {
        return None;
    }
    let events = &root.child("events")?.children;
    if events.is_empty() || events.len() > EVENTS_MAX {
        return None;
    }
    let mut draft = Draft::blank(Kind::Batch);
    draft.wire = wire(frame);
    for node in events {
        draft.events.push(event(node, frame, schema)?);
    }
    Some(draft)
}

/// The wire of a batch.
fn wire(frame: Original<'_>) -> Wire {
    let is_json = match frame.kind {
        FrameKind::Text => true,
        FrameKind::Request => {
            let exchange = Exchange::of(frame.payload);
            exchange.is_json() && !exchange.is_grpc()
        }
        _ => false,
    };
    if is_json { Wire::Json } else { Wire::Protobuf }
}

fn event(node: &Node, frame: Original<'_>, schema: &Schema) -> Option<Event> {
    let is_known = |member: &Node| ["type", "event_bytes"].contains(&member.name.as_str());
    if !node.children.iter().all(is_known) {
        return None;
    }
    let kind = match node.child("type").map(|kind| &kind.value) {
        None => "",
        Some(Value::Text(text)) => text,
        Some(_) => return None,
    };
    let Some(data) = node.child("event_bytes") else {
        return Some(Event::with_data(
            &plain(kind),
            Encoding::Base64,
            String::new(),
        ));
    };
    let bytes = event_bytes(data, frame)?;
    let encoding = match (data.hint.as_deref(), schema.message_for(kind)) {
        // Only if writing it again gives as many bytes: what the message does not know would be
        // lost.
        (Some(hint), Some(message)) if hint == message.full_name() => {
            let json = serde_json::from_str(&data.to_json()).ok();
            let again = json.and_then(|json| schema.encode(&message, &json).ok());
            let same = again.is_some_and(|again| again.len() == bytes.len());
            same.then_some(Encoding::Protobuf)
        }
        (Some("json"), _) => Some(Encoding::Json),
        _ => None,
    };
    let readable = encoding.and_then(|encoding| Some((encoding, json_text(data)?)));
    let (encoding, text) = readable.unwrap_or_else(|| (Encoding::Base64, STANDARD.encode(&bytes)));
    Some(Event::with_data(&plain(kind), encoding, text))
}

/// JSON to be edited; `None` if it is longer than the composer takes.
fn json_text(node: &Node) -> Option<String> {
    Some(plain(&pretty::json(node))).filter(|text| text.len() <= MAX)
}

/// The payload's bytes, which stand in the frame as they are or in base64.
fn event_bytes(node: &Node, frame: Original<'_>) -> Option<Vec<u8>> {
    let raw = frame.payload.get(node.span.clone()?)?;
    if wire(frame) == Wire::Protobuf {
        return Some(raw.to_vec());
    }
    match serde_json::from_slice(raw).ok()? {
        serde_json::Value::String(text) => {
            let packed: String = text.split_whitespace().collect();
            STANDARD.decode(packed).ok()
        }
        other => serde_json::from_value(other).ok(),
    }
}

/// Filters, if the message is a register with nothing else in it.
fn register(payload: &[u8]) -> Option<Draft> {
    let root = json::tree(payload, 0).ok()?;
    is_text(root.child("type")?, "register")?;
    if root.children.len() != 2 {
        return None;
    }
    let mut filters = root.child("filters")?.clone();
    filters
        .children
        .retain(|member| member.value != Value::Null);
    let text = json_text(&filters)?;
    let document = format!("{{\"register\": {text}}}");
    super::document::read(Kind::Register, &document, &Settings::default())
}

/// A publish, request, subscription or its end.
fn message(payload: &[u8]) -> Option<Draft> {
    let root = json::tree(payload, 0).ok()?;
    let Value::Text(verb) = &root.child("type")?.value else {
        return None;
    };
    let kind = match verb.as_str() {
        "publish" => Kind::Publish,
        "request" => Kind::Request,
        "subscribe_request" => Kind::Subscribe,
        "unsubscribe_request" => Kind::Unsubscribe,
        _ => return None,
    };
    let is_known = |member: &Node| {
        let names = ["id", "type", "topic", "payload"];
        names.contains(&member.name.as_str())
    };
    if !root.children.iter().all(is_known) {
        return None;
    }
    let Value::Text(topic) = &root.child("topic")?.value else {
        return None;
    };
    if let Some(draft) = proxied(kind, topic, root.child("payload")) {
        return Some(draft);
    }
    let mut draft = with_line(kind, &plain(topic));
    if let Some(payload) = root.child("payload") {
        kind.body()?;
        draft.body = TextEdit::new(json_text(payload)?);
    }
    Some(draft)
}

/// A call to another client, if the request is one with nothing else in it.
fn proxied(kind: Kind, topic: &str, payload: Option<&Node>) -> Option<Draft> {
    let payload = payload.filter(|_| kind == Kind::Request && topic == "system:proxy")?;
    let is_known = |member: &Node| {
        let names = ["targetId", "topic", "payload"];
        names.contains(&member.name.as_str())
    };
    if !payload.children.iter().all(is_known) {
        return None;
    }
    let text = |name: &str| match &payload.child(name)?.value {
        Value::Text(text) => Some(plain(text)),
        _ => None,
    };
    let mut draft = with_line(Kind::Proxy, &text("targetId")?);
    draft.lines[1] = LineEdit::new(text("topic")?);
    if let Some(inner) = payload.child("payload") {
        draft.body = TextEdit::new(json_text(inner)?);
    }
    Some(draft)
}

fn is_text(node: &Node, expected: &str) -> Option<()> {
    matches!(&node.value, Value::Text(text) if text == expected).then_some(())
}

#[cfg(test)]
mod tests;
