//! Envelopes as we write them: the members in the order the Go peers use.

use super::answer::Answer;
use crate::schema::gojson;

/// Largest message the broker takes; a larger one is answered with close 1009.
pub(super) const SIZE_MAX: usize = 1_048_576;

/// A request; without a payload if there is none.
pub(super) fn request(id: &str, topic: &str, payload: Option<&[u8]>) -> Vec<u8> {
    envelope(Some(id), "request", topic, payload)
}

/// A publish; it carries no id, as nobody answers it.
pub(super) fn publish(topic: &str, payload: Option<&[u8]>) -> Vec<u8> {
    envelope(None, "publish", topic, payload)
}

/// Asks for a topic's messages.
pub(super) fn subscribe(id: &str, topic: &str) -> Vec<u8> {
    envelope(Some(id), "subscribe_request", topic, None)
}

/// Asks for no more of them.
pub(super) fn unsubscribe(id: &str, topic: &str) -> Vec<u8> {
    envelope(Some(id), "unsubscribe_request", topic, None)
}

/// A reply to a call that had this id, if it had one; nothing for silence.
pub(super) fn reply(id: Option<&str>, topic: &str, answer: &Answer) -> Option<Vec<u8>> {
    let message = match answer {
        Answer::Payload(payload) => envelope(id, "response", topic, payload.as_deref()),
        Answer::Unhandled => {
            let message = format!("Client has no handler for topic: {topic}");
            return reply(id, topic, &Answer::Failure { code: 404, message });
        }
        Answer::Soft { message } => {
            let mut payload = b"{\"error\":".to_vec();
            gojson::quote(message, &mut payload);
            payload.push(b'}');
            envelope(id, "error", topic, Some(&payload))
        }
        Answer::Verbatim(bytes) => bytes.to_vec(),
        Answer::Silence => return None,
        Answer::Failure { code, message } => {
            let mut out = envelope(id, "error", topic, None);
            out.pop();
            out.extend_from_slice(format!(r#","error":{{"code":{code},"message":"#).as_bytes());
            gojson::quote(message, &mut out);
            out.extend_from_slice(b"}}");
            out
        }
    };
    Some(message)
}

/// The registration.
pub(super) fn register(id: &str, client_id: &str, name: &str, kind: &str) -> Vec<u8> {
    let mut payload = Vec::new();
    for (member, value) in [
        (r#"{"clientId":"#, client_id),
        (r#","clientName":"#, name),
        (r#","clientType":"#, kind),
        (r#","clientUrl":"#, ""),
    ] {
        payload.extend_from_slice(member.as_bytes());
        gojson::quote(value, &mut payload);
    }
    payload.push(b'}');
    request(id, super::envelope::REGISTER, Some(&payload))
}

fn envelope(id: Option<&str>, kind: &str, topic: &str, payload: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(96 + topic.len() + payload.map_or(0, <[u8]>::len));
    out.push(b'{');
    if let Some(id) = id {
        out.extend_from_slice(br#""id":"#);
        gojson::quote(id, &mut out);
        out.push(b',');
    }
    out.extend_from_slice(br#""type":"#);
    gojson::quote(kind, &mut out);
    if !topic.is_empty() {
        out.extend_from_slice(br#","topic":"#);
        gojson::quote(topic, &mut out);
    }
    if let Some(payload) = payload {
        out.extend_from_slice(br#","payload":"#);
        out.extend_from_slice(payload);
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_the_go_peers_write() {
        let answer = |payload: &'static str| {
            Answer::Payload(Some(bytes::Bytes::from_static(payload.as_bytes())))
        };
        for (written, expected) in [
            (
                request("1", "t", None),
                r#"{"id":"1","type":"request","topic":"t"}"#,
            ),
            (
                publish("t", Some(b"[1]")),
                r#"{"type":"publish","topic":"t","payload":[1]}"#,
            ),
            (
                subscribe("1", "a\"b"),
                r#"{"id":"1","type":"subscribe_request","topic":"a\"b"}"#,
            ),
            (
                unsubscribe("1", "t"),
                r#"{"id":"1","type":"unsubscribe_request","topic":"t"}"#,
            ),
            (
                reply(Some("1"), "t", &answer("{}")).unwrap(),
                r#"{"id":"1","type":"response","topic":"t","payload":{}}"#,
            ),
            (
                reply(None, "t", &Answer::Payload(None)).unwrap(),
                r#"{"type":"response","topic":"t"}"#,
            ),
            (
                reply(Some("1"), "client:nope", &Answer::Unhandled).unwrap(),
                r#"{"id":"1","type":"error","topic":"client:nope","error":{"code":404,"message":"Client has no handler for topic: client:nope"}}"#,
            ),
            (
                register("1", "abc", "wspect", "inspector"),
                r#"{"id":"1","type":"request","topic":"system:register","payload":{"clientId":"abc","clientName":"wspect","clientType":"inspector","clientUrl":""}}"#,
            ),
        ] {
            assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
    }
}
