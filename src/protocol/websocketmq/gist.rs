//! What a message tells in one line: whom it calls, who is there, what failed, else its payload.
//!
//! Follows from the frame alone, in either format, and reads no more than the first bytes of a
//! large one: it is made anew for every row on screen.

use std::borrow::Cow;

use super::clients::LIST;
use super::envelope::REGISTER;
use super::proxied::PROXY;
use crate::frame::Frame;
use crate::schema::scan;

/// Larger messages are not read: their beginning is shown as it stands.
const READ_MAX: usize = 64 * 1024;
/// Bytes of a payload that are shown at most.
const NEAR: usize = 240;
/// Names of a list of clients that are told.
const NAMES: usize = 6;

/// The line; `None` where label and badge say all there is.
pub(super) fn gist(frame: &Frame<'_>) -> Option<String> {
    let text = frame.payload;
    if text.len() > READ_MAX {
        return large(text);
    }
    let line = match member(text, "header").filter(|raw| raw.first() == Some(&b'{')) {
        Some(header) => Some(first(header, member(text, "body"))),
        None => second(text),
    };
    line.filter(|line| !line.is_empty())
}

fn member<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    scan::member_any_case(text, name)
}

fn text<'a>(object: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    member(object, name).and_then(scan::string)
}

/// Generation 2.
fn second(envelope: &[u8]) -> Option<String> {
    let kind = text(envelope, "type")?;
    let topic = text(envelope, "topic").unwrap_or_default();
    if let Some(error) = member(envelope, "error").filter(|raw| raw.first() == Some(&b'{')) {
        return text(error, "message").map(Cow::into_owned);
    }
    let payload = member(envelope, "payload").filter(|raw| *raw != b"null");
    match (&*kind, &*topic) {
        ("subscription_ack" | "subscribe_request" | "unsubscribe_request", _) => None,
        ("request", REGISTER) => {
            let payload = payload?;
            let said = ["clientName", "clientType", "clientUrl"];
            Some(joined(said.iter().filter_map(|name| text(payload, name))))
        }
        ("response", REGISTER) => {
            let payload = payload?;
            let said = ["clientName", "serverAssignedId", "serverTime"];
            Some(joined(said.iter().filter_map(|name| text(payload, name))))
        }
        ("response", LIST) => listed(payload?),
        ("request", PROXY) => Some(proxied(payload?)),
        _ => payload.map(glance),
    }
}

/// Generation 1.
fn first(header: &[u8], body: Option<&[u8]>) -> String {
    let body = body.filter(|raw| *raw != b"null");
    let line = match text(header, "topic").as_deref() {
        Some("_client.register") => body.and_then(|body| text(body, "pageSessionID")),
        Some("_internal.client.registered") => body.and_then(|body| text(body, "brokerClientID")),
        _ => None,
    };
    let line = match line {
        Some(line) => line.into_owned(),
        None => body.map(glance).unwrap_or_default(),
    };
    let limit = member(header, "ttl")
        .and_then(scan_number)
        .filter(|ttl| *ttl > 0);
    match limit {
        Some(ttl) => format!("within {ttl} ms  {line}"),
        None => line,
    }
}

fn scan_number(raw: &[u8]) -> Option<i64> {
    std::str::from_utf8(raw).ok()?.parse().ok()
}

/// The parts that are not empty, one behind the other.
fn joined<'a>(parts: impl Iterator<Item = Cow<'a, str>>) -> String {
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// `3 clients: page, wspect, cli`.
fn listed(payload: &[u8]) -> Option<String> {
    let clients = member(payload, "clients")?;
    if clients == b"null" {
        return Some("no clients".to_owned());
    }
    let all: Vec<&[u8]> = scan::elements(clients).collect();
    let named = all.iter().take(NAMES).map(|client| {
        let name = text(client, "name").filter(|name| !name.is_empty());
        name.or_else(|| text(client, "id")).unwrap_or_default()
    });
    let named: Vec<_> = named.collect();
    let more = if all.len() > NAMES { ", …" } else { "" };
    let word = if all.len() == 1 { "client" } else { "clients" };
    Some(format!("{} {word}: {}{more}", all.len(), named.join(", ")))
}

/// `browser.info → id {…}`.
fn proxied(payload: &[u8]) -> String {
    let target = text(payload, "targetId").unwrap_or(Cow::Borrowed("(no target)"));
    let topic = text(payload, "topic").unwrap_or(Cow::Borrowed("(no topic)"));
    let inner = member(payload, "payload").filter(|raw| *raw != b"null");
    let inner = inner.map(glance).unwrap_or_default();
    format!("{topic} → {target}  {inner}")
}

/// The beginning of a JSON text as it stands.
fn glance(raw: &[u8]) -> String {
    let near = &raw[..raw.len().min(NEAR)];
    String::from_utf8_lossy(near).into_owned()
}

/// The beginning of the payload of a large message.
fn large(text: &[u8]) -> Option<String> {
    let near = &text[..1_024];
    let start = [&b"\"payload\":"[..], b"\"body\":"]
        .into_iter()
        .find_map(|name| memchr::memmem::find(near, name).map(|at| at + name.len()))?;
    Some(glance(&text[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Direction, FrameKind};

    fn of(payload: &[u8]) -> Option<String> {
        gist(&Frame {
            seq: 0,
            at: crate::transport::clock::now(),
            direction: Direction::In,
            kind: FrameKind::Text,
            payload,
        })
    }

    #[test]
    fn lines_by_message() {
        for (message, expected) in [
            (
                r#"{"type":"publish","topic":"t","payload":{"text":"hi"}}"#,
                r#"{"text":"hi"}"#,
            ),
            (
                r#"{"type":"response","topic":"system:list_clients","payload":{"clients":null}}"#,
                "no clients",
            ),
            (
                r#"{"type":"response","topic":"system:list_clients","payload":{"clients":[{"id":"a","name":""},{"name":"b"}]}}"#,
                "2 clients: a, b",
            ),
            (
                r#"{"type":"request","topic":"system:proxy","payload":{"targetId":"x","topic":"y","payload":[1]}}"#,
                "y → x  [1]",
            ),
            (
                r#"{"type":"request","topic":"system:proxy","payload":{}}"#,
                "(no topic) → (no target)  ",
            ),
            (
                r#"{"type":"error","topic":"nope","error":{"code":404,"message":"No handler"}}"#,
                "No handler",
            ),
            (
                r#"{"type":"request","topic":"system:register","payload":{"clientName":"w","clientType":"cli","clientUrl":""}}"#,
                "w · cli",
            ),
            (
                r#"{"header":{"type":"request","topic":"server.ping","ttl":5000},"body":{"data":1}}"#,
                r#"within 5000 ms  {"data":1}"#,
            ),
            (
                r#"{"header":{"topic":"_internal.client.registered"},"body":{"brokerClientID":"wsconn-1"}}"#,
                "wsconn-1",
            ),
        ] {
            assert_eq!(
                of(message.as_bytes()).as_deref(),
                Some(expected),
                "{message}"
            );
        }
    }

    #[test]
    fn what_says_all_there_is_has_no_line() {
        for message in [
            r#"{"type":"subscription_ack","topic":"t","payload":{"status":"subscribed"}}"#,
            r#"{"type":"response","topic":"t"}"#,
            r#"{"type":"response","topic":"t","payload":null}"#,
            "7",
            "",
            "\u{0}",
        ] {
            assert_eq!(of(message.as_bytes()), None, "{message}");
        }
    }

    #[test]
    fn a_large_message_is_not_read_to_its_end() {
        let payload = format!("\"{}", "x".repeat(READ_MAX));
        let message = format!(r#"{{"type":"publish","topic":"t","payload":{payload}"#);
        let line = of(message.as_bytes()).unwrap();
        assert!(line.starts_with("\"xxx") && line.len() <= NEAR);
    }
}
