//! A reply of the server: an ack, or the refusal of a connection.

use std::borrow::Cow;

use super::failure::Failure;
use super::is_json;
use super::names;
use super::tags::{self, Broken, Value};
use crate::frame::Frame;
use crate::schema::scan;

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
    /// The reason's bytes, if they are not UTF-8.
    pub(super) broken_reason: Option<&'a [u8]>,
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
                (4, Value::Bytes(reason)) => {
                    self.reason = String::from_utf8_lossy(reason);
                    let broken = matches!(self.reason, Cow::Owned(_));
                    self.broken_reason = broken.then_some(reason);
                }
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

    /// [`Self::notes_for`] a batch nothing is known of.
    pub(super) fn notes(&self) -> Vec<String> {
        self.notes_for(None)
    }

    /// What this reply tells a person, the most telling first; nothing on a plain
    /// success. `types` are those of its batch's events, if they are known.
    pub(super) fn notes_for(&self, types: Option<&[&str]>) -> Vec<String> {
        let mut notes = Vec::new();
        if self.error.is_some() {
            return notes;
        }
        match self.code {
            names::BAD_REQUEST => notes.push(bad_request(&self.reason)),
            names::INTERNAL_ERROR => notes.push(Failure::read(&self.reason).sentence(types)),
            _ => {}
        }
        if !self.is_possible() {
            notes.push(format!(
                "status {} with code {} is no pair a Raccoon server sends",
                self.status, self.code
            ));
        }
        if let Some(bytes) = self.broken_reason {
            let hex = crate::sanitise::hex(bytes);
            notes.push(format!(
                "the reason is not UTF-8, as for an id that is not: its bytes are {hex}"
            ));
        }
        notes
    }
}

/// What to do about a batch the server could not decode, by the decoder's text. The texts vary
/// with the server's build, so parts are looked for.
fn bad_request(reason: &str) -> String {
    let hints = [
        (
            "invalid content type",
            "over REST the Content-Type must be application/json or application/proto byte for byte: no parameter such as charset, no other letter case",
        ),
        (
            "invalid wire-format",
            "binary frames are read as protobuf; JSON goes in text frames",
        ),
        (
            "invalid UTF-8",
            "a string of the protobuf message is not UTF-8",
        ),
        ("unexpected end of JSON", "the JSON is empty or breaks off"),
        (
            "Timestamp",
            "sent_time is an object of whole seconds and nanos",
        ),
        (
            "illegal base64",
            "event_bytes is padded base64 of the standard alphabet",
        ),
        ("Go value of type", "a batch is a JSON object"),
        ("cannot unmarshal", "a member has the wrong JSON type"),
        (
            "invalid character",
            "it is no JSON; text frames are read as JSON",
        ),
        (
            "deserialization failure",
            "over REST the server does not say why; over a WebSocket it does",
        ),
    ];
    let hint = hints.iter().find(|(part, _)| reason.contains(part));
    let hint = hint.map_or(String::new(), |(_, hint)| format!(" ({hint})"));
    format!("{reason}: the batch was not decoded{hint}; the connection stays usable")
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
        assert!(ack.notes().is_empty());
    }

    #[test]
    fn a_reason_that_is_not_utf8_is_read_leniently() {
        let ack = Ack::protobuf(b"\x08\x02\x10\x05\x22\x03a\xe9,");
        assert!(ack.is_refusal());
        assert_eq!(ack.reason, "a\u{fffd},");
        assert!(ack.notes()[0].contains("61e92c"), "{:?}", ack.notes());
    }

    #[test]
    fn http_400_invalid_content_type_from_a_json_request() {
        let ack =
            Ack::json(br#"{"status":2,"code":2,"sent_time":1,"reason":"invalid content type"}"#);
        let note = ack.notes().remove(0);
        assert!(note.contains("no parameter such as charset"), "{note}");
    }

    #[test]
    fn decoder_texts_say_what_to_change_in_every_build() {
        for (reason, part) in [
            (
                "proto:\u{a0}cannot parse invalid wire-format data",
                "binary frames",
            ),
            ("string field contains invalid UTF-8", "not UTF-8"),
            (
                "json: cannot unmarshal string into Go struct field SendEventRequest.sent_time of type timestamppb.Timestamp",
                "whole seconds",
            ),
            ("illegal base64 data at input byte 4", "padded base64"),
            ("invalid character 'x' after top-level value", "text frames"),
        ] {
            let note = bad_request(&format!("cannot deserialize request: {reason}"));
            assert!(note.contains(part), "{part}: {note}");
        }
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
