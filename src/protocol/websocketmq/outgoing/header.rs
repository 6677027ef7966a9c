//! Messages of generation 1: `header` and `body`.

use std::borrow::Cow;

use crate::schema::gojson;

/// What stands in a header.
#[derive(Clone, Debug)]
pub(super) struct Header<'a> {
    pub(super) message_id: Cow<'a, str>,
    /// Left out if there is none.
    pub(super) correlation: Option<&'a str>,
    pub(super) kind: &'static str,
    pub(super) topic: &'a str,
    /// Milliseconds since the Unix epoch.
    pub(super) timestamp: i64,
    /// Milliseconds; requests alone have it.
    pub(super) ttl: Option<u64>,
}

/// The message; without a body if there is none.
pub(super) fn message(header: &Header<'_>, body: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(160 + header.topic.len() + body.map_or(0, <[u8]>::len));
    out.extend_from_slice(br#"{"header":{"messageID":"#);
    gojson::quote(&header.message_id, &mut out);
    if let Some(correlation) = header.correlation {
        out.extend_from_slice(br#","correlationID":"#);
        gojson::quote(correlation, &mut out);
    }
    out.extend_from_slice(br#","type":"#);
    gojson::quote(header.kind, &mut out);
    out.extend_from_slice(br#","topic":"#);
    gojson::quote(header.topic, &mut out);
    out.extend_from_slice(format!(r#","timestamp":{}"#, header.timestamp).as_bytes());
    if let Some(ttl) = header.ttl {
        out.extend_from_slice(format!(r#","ttl":{ttl}"#).as_bytes());
    }
    out.push(b'}');
    if let Some(body) = body {
        out.extend_from_slice(br#","body":"#);
        out.extend_from_slice(body);
    }
    out.push(b'}');
    out
}
