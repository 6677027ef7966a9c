//! From a command back to the document that sends exactly it: for what was not acked, and to be
//! sent again later.

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::Captured;
use super::websocketmq::SELF;
use crate::protocol::savetowebsocket::Filters;
use crate::protocol::websocketmq::{Answer, Order};
use crate::protocol::{Command, Outgoing};

/// The document, on one line, of which [`parse`](super::parse) makes `command` again: the same
/// bytes, ids and times included. `None` where no document says it: control frames and texts whose
/// payload is not UTF-8, and bare calls.
#[must_use]
pub fn written(command: &Command) -> Option<String> {
    let document = match command {
        Command::Batch(batch) => {
            let sent = Captured {
                transport: batch.transport,
                wire: batch.wire,
                message: &batch.bytes,
            };
            return Some(sent.document());
        }
        Command::Raw(outgoing) => frame(outgoing)?,
        Command::Register(filters) => register(filters)?,
        Command::Subscribe { topic } => json!({ "subscribe": topic }).to_string(),
        Command::Unsubscribe { topic } => json!({ "unsubscribe": topic }).to_string(),
        Command::Publish { topic, payload } => members(
            &[("publish", topic.as_str().into())],
            ("payload", payload.as_ref()),
        )?,
        Command::Request {
            topic,
            payload,
            within,
        } => {
            let mut known = vec![("request", Value::from(topic.as_str()))];
            known.extend(within.map(|within| ("within", span(within).into())));
            members(&known, ("payload", payload.as_ref()))?
        }
        Command::Proxy {
            target,
            topic,
            payload,
            within,
        } => {
            let target = target.as_deref().unwrap_or(SELF);
            let mut known = vec![
                ("proxy", Value::from(target)),
                ("topic", topic.as_str().into()),
            ];
            known.extend(within.map(|within| ("within", span(within).into())));
            members(&known, ("payload", payload.as_ref()))?
        }
        Command::Reply { id, topic, answer } => reply(id, topic, answer)?,
        Command::Steer(order) => steer(order),
    };
    // Nothing in it is a template.
    Some(document.replace("${", "$${"))
}

fn reply(id: &str, topic: &str, answer: &Answer) -> Option<String> {
    let known = [("reply", Value::from(id)), ("topic", topic.into())];
    let with = |name, value: Value| {
        let text = Bytes::from(value.to_string());
        members(&known, (name, Some(&text)))
    };
    match answer {
        Answer::Payload(payload) => members(&known, ("payload", payload.as_ref())),
        Answer::Failure { code, message } => {
            with("error", json!({"code": code, "message": message}))
        }
        Answer::Soft { message } => with("soft", message.as_str().into()),
        Answer::Unhandled => with("unhandled", true.into()),
        Answer::Silence => with("silence", true.into()),
        Answer::Verbatim(bytes) => with("verbatim", std::str::from_utf8(bytes).ok()?.into()),
    }
}

fn steer(order: &Order) -> String {
    let document = match order {
        Order::HoldCalls(on) => json!({ "hold_calls": on }),
        Order::WatchClients(None) => json!({ "clients": false }),
        Order::WatchClients(Some(every)) => json!({ "clients": span(*every) }),
        Order::Register { name, kind, url } => {
            json!({ "register": { "name": name, "type": kind, "url": url } })
        }
        Order::Probe => json!({ "probe": true }),
        Order::Speak(dialect) => json!({ "speak": dialect.name() }),
    };
    document.to_string()
}

fn frame(outgoing: &Outgoing) -> Option<String> {
    let text = |bytes: &Bytes| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let document = match outgoing {
        Outgoing::Text(bytes) => json!({ "text": text(bytes)? }),
        Outgoing::Binary(bytes) => json!({ "base64": STANDARD.encode(bytes) }),
        Outgoing::Ping(bytes) => json!({ "ping": text(bytes)? }),
        Outgoing::Pong(bytes) => json!({ "pong": text(bytes)? }),
        Outgoing::Close { code, reason } => json!({"close": code, "reason": reason}),
        Outgoing::Call(_) => return None,
    };
    Some(document.to_string())
}

fn register(filters: &Filters) -> Option<String> {
    let custom = filters.custom.as_ref();
    let known = [
        ("types", Value::from(filters.types.clone())),
        ("account_ids", filters.account_ids.clone().into()),
        ("asset_codes", filters.asset_codes.clone().into()),
        ("min_amount", filters.min_amount.clone().into()),
    ];
    let custom = custom.map(|text| Bytes::from(text.clone()));
    let inside = members(&known, ("custom", custom.as_ref()))?;
    Some(format!("{{\"register\":{inside}}}"))
}

/// An object of `known` members and one whose value is JSON text already.
fn members(known: &[(&str, Value)], (name, text): (&str, Option<&Bytes>)) -> Option<String> {
    let mut out = String::from("{");
    for (name, value) in known {
        let gap = if out.len() > 1 { "," } else { "" };
        let _ = write!(out, "{gap}\"{name}\":{value}");
    }
    if let Some(text) = text {
        let text = std::str::from_utf8(text).ok()?;
        let _ = write!(out, ",\"{name}\":{text}");
    }
    out.push('}');
    Some(out)
}

/// A time span as documents have it, to the microsecond.
fn span(within: Duration) -> String {
    format!("{}us", within.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Context, parse};
    use crate::protocol::raccoon::{EncodedBatch, Transport, Wire};
    use crate::protocol::{Settings, System};
    use crate::schema::Schema;

    fn again(system: System, command: &Command) -> Command {
        let text = written(command).unwrap_or_else(|| panic!("{command:?} has a document"));
        assert!(!text.contains('\n'), "{text}");
        let mut context = Context::new(0, 1);
        let parsed = parse(
            &text,
            system,
            &Settings::default(),
            Schema::demo(),
            &mut context,
        );
        let mut parsed = parsed.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(parsed.len(), 1, "{text}");
        parsed.remove(0).command
    }

    fn bytes(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }

    #[test]
    fn a_batch_comes_again_with_its_id_its_time_and_its_way() {
        let documents = [
            r#"{"events":[{"type":"page","serialization":"json","data":{"a":"$${b}"}}]}"#,
            r#"{"wire":"json","events":[{"type":"page","serialization":"json","data":{}}]}"#,
            r#"{"transport":"rest","wire":"json","events":[]}"#,
            r#"{"transport":"grpc","events":[{"type":"$${uuid}","base64":"AP8="}]}"#,
            r#"{"req_guid":null,"sent_time":null,"events":[],"lint":false}"#,
        ];
        for document in documents {
            let mut context = Context::new(1_700_000_000_123_456, 7);
            let settings = Settings::default();
            let schema = Schema::demo();
            let made = parse(document, System::Raccoon, &settings, schema, &mut context);
            let command = made.unwrap().remove(0).command;
            assert_eq!(again(System::Raccoon, &command), command, "{document}");
        }
    }

    #[test]
    fn bytes_that_are_no_batch_come_again_too() {
        for (wire, bytes) in [
            (Wire::Protobuf, Bytes::from_static(b"\xff\xff")),
            (Wire::Json, Bytes::from_static(b"[null")),
        ] {
            let batch = EncodedBatch {
                guid: String::new(),
                transport: Transport::Rest,
                wire,
                bytes,
            };
            let command = Command::Batch(batch);
            assert_eq!(again(System::Raccoon, &command), command);
        }
    }

    #[test]
    fn the_other_systems_commands_come_again() {
        let filters = Filters {
            types: vec!["payment".to_owned()],
            custom: Some(r#"{"a":"$${x}"}"#.replace("$${", "${")),
            ..Filters::default()
        };
        let request = Command::Request {
            topic: "system:get_time".to_owned(),
            payload: Some(bytes(r#"{"n":1.50}"#)),
            within: Some(Duration::from_millis(1_500)),
        };
        let reply = |answer| Command::Reply {
            id: "7".to_owned(),
            topic: "t \"${now}\"".to_owned(),
            answer,
        };
        let topic = "t".to_owned();
        for (system, command) in [
            (System::SaveToWebSocket, Command::Register(filters)),
            (System::WebSocketMq, request),
            (
                System::WebSocketMq,
                reply(Answer::Payload(Some(bytes("[1]")))),
            ),
            (System::WebSocketMq, reply(Answer::Payload(None))),
            (
                System::WebSocketMq,
                reply(Answer::Failure {
                    code: 404,
                    message: "no".to_owned(),
                }),
            ),
            (
                System::WebSocketMq,
                Command::Publish {
                    topic: topic.clone(),
                    payload: None,
                },
            ),
            (System::WebSocketMq, Command::Subscribe { topic }),
            (
                System::Generic,
                Command::Raw(Outgoing::Text(bytes("a${b}\n"))),
            ),
            (
                System::Generic,
                Command::Raw(Outgoing::Binary(Bytes::from_static(b"\x00\xff"))),
            ),
            (System::Generic, Command::Raw(Outgoing::Ping(bytes("p")))),
        ] {
            assert_eq!(again(system, &command), command);
        }
    }
}
