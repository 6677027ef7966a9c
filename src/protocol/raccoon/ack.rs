//! A reply of the server: an ack, or the refusal of a connection.

use std::borrow::Cow;

use super::is_json;
use super::names;
use super::tags::{self, Broken, Value};
use crate::frame::Frame;
use crate::schema::scan;

/// What stands for a successful event in the list of a partial failure.
const PUBLISHED: &str = "<nil>";
/// What Go's formatter makes of such a list when its first entry is a success.
const FIRST_PUBLISHED: &str = "%!s(PANIC=";

/// What a frame from the server says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ack<'a> {
    /// 1 success, 2 error.
    pub(super) status: i64,
    /// Why; see [`names`].
    pub(super) code: i64,
    /// Server clock, Unix seconds; 0 if missing.
    pub(super) sent: i64,
    /// The server's words; empty on success. Bytes that are not UTF-8 come as U+FFFD.
    pub(super) reason: Cow<'a, str>,
    /// `data["req_guid"]`: empty if the batch had none, `None` if there is no such entry.
    pub(super) guid: Option<Cow<'a, str>>,
    /// Why it does not decode.
    pub(super) error: Option<String>,
}

impl<'a> Ack<'a> {
    /// Reads a text or binary frame.
    pub(super) fn read(frame: &Frame<'a>) -> Self {
        if is_json(frame) {
            Self::json(frame.message())
        } else {
            Self::protobuf(frame.message())
        }
    }

    /// Walks the top-level tags of a `SendEventResponse`.
    pub(super) fn protobuf(bytes: &'a [u8]) -> Self {
        let mut ack = Self::default();
        if let Err(broken) = ack.walk(bytes) {
            ack.error = Some(broken.to_string());
        }
        ack
    }

    fn walk(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        for field in tags::fields(bytes) {
            let field = field?;
            match (field.number, field.value) {
                (1, Value::Varint(number)) => self.status = number as i64,
                (2, Value::Varint(number)) => self.code = number as i64,
                (3, Value::Varint(seconds)) => self.sent = seconds as i64,
                (4, Value::Bytes(reason)) => self.reason = String::from_utf8_lossy(reason),
                (5, Value::Bytes(entry)) => self.entry(entry, field.inside())?,
                _ => {}
            }
        }
        Ok(())
    }

    fn entry(&mut self, bytes: &'a [u8], at: usize) -> Result<(), Broken> {
        let (mut key, mut value) = (&[][..], &[][..]);
        for field in tags::fields(bytes) {
            let field = field.map_err(|broken| broken.after(at))?;
            match (field.number, field.value) {
                (1, Value::Bytes(bytes)) => key = bytes,
                (2, Value::Bytes(bytes)) => value = bytes,
                _ => {}
            }
        }
        if key == b"req_guid" {
            self.guid = Some(String::from_utf8_lossy(value));
        }
        Ok(())
    }

    /// Looks at the top-level members of the server's own JSON.
    pub(super) fn json(text: &'a [u8]) -> Self {
        let mut ack = Self::default();
        let mut known = 0;
        for (key, value) in scan::members(text) {
            known += 1;
            match key {
                b"status" => ack.status = number(value),
                b"code" => ack.code = number(value),
                b"sent_time" => ack.sent = number(value),
                b"reason" => ack.reason = scan::string(value).unwrap_or_default(),
                b"data" => ack.guid = scan::member(value, "req_guid").and_then(scan::string),
                _ => known -= 1,
            }
        }
        if known == 0 {
            ack.error = Some("a text frame that is no JSON object with status and code".to_owned());
        }
        ack
    }

    /// True for the unsolicited frame that turns a connection away: it names no batch.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.code, names::MAX_CONNECTIONS | names::MAX_USER)
            && self.guid.as_deref().is_none_or(str::is_empty)
    }

    /// The key of the batch it answers; `None` if it names none.
    pub(super) fn key(&self) -> Option<&Cow<'a, str>> {
        self.guid.as_ref().filter(|guid| !guid.is_empty())
    }

    /// `OK`, `BAD_REQUEST`, …; for a code the contract does not have, its number.
    pub(super) fn label(&self) -> Cow<'static, str> {
        match names::short_code(self.code) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(format!("code {}", self.code)),
        }
    }

    /// True if both status and code say success.
    pub(super) fn is_success(&self) -> bool {
        self.status == names::STATUS_SUCCESS
    }

    /// True if the server can send this status with this code.
    pub(super) fn is_possible(&self) -> bool {
        matches!((self.status, self.code), (1, 1) | (2, 2..=5))
    }

    /// What this reply by itself tells a person, the most telling first; nothing on a plain
    /// success.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.error.is_some() {
            return notes;
        }
        match self.code {
            names::BAD_REQUEST => notes.push(format!(
                "{}: the batch was not decoded; the connection stays usable",
                self.reason
            )),
            names::INTERNAL_ERROR => notes.push(self.failure()),
            _ if self.is_refusal() => notes.push(self.refusal().advice),
            _ => {}
        }
        if !self.is_possible() {
            notes.push(format!(
                "status {} with code {} is no pair a Raccoon server sends",
                self.status, self.code
            ));
        }
        notes
    }

    /// What code 3 means; only a server that acknowledges after publishing sends it.
    fn failure(&self) -> String {
        const SYNC: &str = "the server acknowledges after publishing (EVENT_ACK=1)";
        const RESEND: &str = "sending the batch again publishes the good events twice";
        if self.reason.contains(FIRST_PUBLISHED) {
            return format!(
                "partial failure: the first event was published, and the PANIC text is Go's formatter hiding the rest; {RESEND}; {SYNC}"
            );
        }
        let list = self
            .reason
            .split("error when sending messages: ")
            .last()
            .unwrap_or_default();
        let entries = list.split(", ");
        let published: Vec<String> = entries
            .enumerate()
            .filter(|(_, entry)| *entry == PUBLISHED)
            .map(|(index, _)| format!("events[{index}]"))
            .take(20)
            .collect();
        if published.is_empty() {
            format!("{}; {SYNC}", self.reason)
        } else {
            format!(
                "partial failure: {} published (<nil> stands for a success), the others failed: {list}; {RESEND}; {SYNC}",
                published.join(", ")
            )
        }
    }

    /// The facts of a refusal.
    pub(super) fn refusal(&self) -> Refusal {
        if self.code == names::MAX_CONNECTIONS {
            Refusal {
                advice: "the server's connection table is full: wait for others to leave, or raise SERVER_WEBSOCKET_MAX_CONN".to_owned(),
                retry_after_ms: 30_000,
            }
        } else {
            Refusal {
                advice: "this id (and group) is already connected, and the newcomer is the one turned away; a stale entry clears within 60 s, otherwise use another id".to_owned(),
                retry_after_ms: 5_000,
            }
        }
    }
}

/// What to do about a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// A sentence a person can act on.
    pub(super) advice: String,
    /// The least time before dialing again, milliseconds.
    pub(super) retry_after_ms: u64,
}

fn number(raw: &[u8]) -> i64 {
    std::str::from_utf8(raw)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_hex(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn both_wires_read_the_same_success() {
        let binary = from_hex("080110011881e2cfaa062a150a087265715f67756964120964656d6f2d30303031");
        let text =
            br#"{"status":1,"code":1,"sent_time":1700000001,"data":{"req_guid":"demo-0001"}}"#;
        for ack in [Ack::protobuf(&binary), Ack::json(text)] {
            assert_eq!((ack.status, ack.code, ack.sent), (1, 1, 1_700_000_001));
            assert_eq!(ack.key().map(|key| &**key), Some("demo-0001"));
            assert_eq!(ack.label(), "OK");
            assert!(ack.notes().is_empty() && !ack.is_refusal());
        }
    }

    #[test]
    fn a_refusal_names_no_batch() {
        let binary = from_hex(
            "080210051881e2cfaa06222c6475706c69636174656420636f6e6e656374696f6e3a205b2d2d64656661756c742d2d5d20757365722d312c",
        );
        let ack = Ack::protobuf(&binary);
        assert!(ack.is_refusal());
        assert_eq!(ack.reason, "duplicated connection: [--default--] user-1,");
        assert!(ack.notes()[0].contains("within 60 s"));
    }

    #[test]
    fn a_reason_that_is_not_utf8_is_read_leniently() {
        let ack = Ack::protobuf(b"\x08\x02\x10\x05\x22\x03a\xe9,");
        assert!(ack.is_refusal());
        assert_eq!(ack.reason, "a\u{fffd},");
    }

    #[test]
    fn partial_failures_are_explained() {
        let reply = |reason: &str| {
            let text =
                format!(r#"{{"status":2,"code":3,"reason":"cannot publish events: {reason}"}}"#);
            Ack::json(text.as_bytes()).notes().remove(0)
        };
        let listed = reply(r"error when sending messages: Local: Unknown topic t, \u003cnil\u003e");
        assert!(
            listed.starts_with("partial failure: events[1] published"),
            "{listed}"
        );
        let hidden = reply("%!s(PANIC=Error method: runtime error)");
        assert!(hidden.contains("first event was published"), "{hidden}");
        let whole = reply("error when sending messages: no such topic");
        assert!(
            whole.contains("EVENT_ACK=1") && !whole.contains("partial"),
            "{whole}"
        );
    }

    #[test]
    fn what_is_no_reply_says_so() {
        assert!(Ack::json(b"hello").error.is_some());
        assert!(Ack::json(b"[1]").error.is_some());
        assert!(Ack::protobuf(b"\xff\xff").error.is_some());
        // An echo of a batch: its guid stands where the status should be.
        let echoed = Ack::protobuf(b"\x0a\x02g1");
        assert!(echoed.notes()[0].contains("no pair"));
    }
}
