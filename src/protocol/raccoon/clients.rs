//! Which published client wrote a batch, by its habits. Asked for only when a frame is looked at.

use super::is_json;
use crate::frame::Frame;
use crate::schema::gojson;
use crate::schema::scan;

/// A sentence, if the spelling is one client's own.
///
/// JavaScript writes payloads as arrays of integers and times in milliseconds; Python leaves
/// blanks after `:` and `,`; Java never sets `sent_time`. Go's JSON is what everybody's compact
/// JSON looks like, and so is nobody's.
pub(super) fn recognise(frame: &Frame<'_>) -> Option<String> {
    if !is_json(frame) {
        return None;
    }
    let text = frame.message();
    let first = |name| scan::member(text, name);
    let guid = first("req_guid")?;
    let events = first("events")?;
    if !is_uuid(guid) {
        return None;
    }
    let time = first("sent_time");
    let spaced = text.starts_with(br#"{"req_guid": ""#);
    let in_millis = time
        .and_then(nanos)
        .is_some_and(|nanos| nanos % 1_000_000 == 0);
    let event = gojson::Value::parse(events).ok()?.elements().next()?;
    let payload = event
        .members()
        .find_map(|(name, value)| (name == "event_bytes").then_some(value))?;
    let is_array = payload.kind() == gojson::Kind::Array;
    let what = match (is_array, spaced, time.is_some()) {
        (true, false, true) if in_millis => {
            "payloads as arrays of integers and a time in milliseconds"
        }
        (false, true, true) => {
            return Some(sentence("Python", "blanks after colons and commas"));
        }
        (false, false, false) => return Some(sentence("Java", "no sent_time, compact base64")),
        _ => return None,
    };
    Some(sentence("JavaScript", what))
}

fn sentence(client: &str, habit: &str) -> String {
    format!("written as the {client} client writes it: {habit}")
}

/// A quoted UUID of 36 characters.
fn is_uuid(raw: &[u8]) -> bool {
    raw.len() == 38
        && raw[1..37].iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn nanos(time: &[u8]) -> Option<u64> {
    let nanos = scan::member(time, "nanos")?;
    std::str::from_utf8(nanos).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Direction, FrameKind};
    use crate::protocol::raccoon::batch::Batch;
    use crate::transport::clock;

    const GUID: &str = "0b1c7a52-2f6a-4c8e-9a40-7d1f3f0e8a11";

    fn written(text: &str) -> (Option<String>, u32) {
        let frame = Frame {
            seq: 0,
            at: clock::now(),
            direction: Direction::Out,
            kind: FrameKind::Text,
            payload: text.as_bytes(),
        };
        let batch = Batch::read(&frame);
        assert_eq!((batch.error, batch.guid.as_ref()), (None, GUID), "{text}");
        assert_eq!(batch.hollow, 0);
        (recognise(&frame), batch.tally.total())
    }

    #[test]
    fn the_javascript_client_writes_arrays_and_milliseconds() {
        let text = format!(
            r#"{{"req_guid":"{GUID}","sent_time":{{"seconds":1700000000,"nanos":123000000}},"events":[{{"event_bytes":[123,125],"type":"page"}}]}}"#
        );
        let (client, events) = written(&text);
        assert!(client.unwrap().contains("JavaScript") && events == 1);
    }

    #[test]
    fn the_python_client_leaves_blanks() {
        let text = format!(
            r#"{{"req_guid": "{GUID}", "sent_time": {{"seconds": 1700000000, "nanos": 123456789}}, "events": [{{"event_bytes": "e30=", "type": "page"}}]}}"#
        );
        assert!(written(&text).0.unwrap().contains("Python"));
    }

    #[test]
    fn the_java_client_never_sets_sent_time() {
        let text =
            format!(r#"{{"req_guid":"{GUID}","events":[{{"event_bytes":"e30=","type":"page"}}]}}"#);
        assert!(written(&text).0.unwrap().contains("Java "));
    }

    #[test]
    fn the_go_client_has_no_habit_of_its_own() {
        let text = format!(
            r#"{{"req_guid":"{GUID}","sent_time":{{"seconds":1700000000,"nanos":123456789}},"events":[{{"event_bytes":"e30=","type":"page"}}]}}"#
        );
        assert_eq!(written(&text), (None, 1));
    }
}
