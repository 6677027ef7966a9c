use super::*;
use crate::compose::{Context, parse};
use crate::frame::{Direction, Frame};
use crate::protocol::Command;
use crate::protocol::raccoon::EncodedBatch;
use crate::transport::clock;
use crate::tui::composer::document;

fn encoded(text: &str) -> EncodedBatch {
    let mut context = Context::new(0, 1);
    let settings = Settings::default();
    let schema = Schema::demo();
    let parsed = parse(text, System::Raccoon, &settings, schema, &mut context).unwrap();
    match parsed.into_iter().next().unwrap().command {
        Command::Batch(batch) => batch,
        other => panic!("{other:?}"),
    }
}

fn again(system: System, kind: FrameKind, payload: &[u8]) -> Draft {
    let decoder = (system.row().decoder)(&Settings::default(), Schema::demo().clone().into());
    let frame = Frame {
        seq: 0,
        at: clock::now(),
        direction: Direction::Out,
        kind,
        payload,
    };
    let body = decoder.body(&frame);
    let body = &body;
    let original = Original {
        kind,
        payload,
        body,
        transport: (system == System::Raccoon).then_some(Transport::WebSocket),
    };
    draft(original, system, Schema::demo()).unwrap()
}

const EVENTS: &str = r#""events":[
    {"type":"click","data":{"button":"a ${uuid}","at":"2026-01-01T00:00:00Z","device":"DEVICE_PHONE"}},
    {"type":"page-view","serialization":"json","data":{"n":1.50,"x":[1,{"a":"b"}]}},
    {"type":"blob","base64":"/wAB"}]"#;

#[test]
fn a_sent_batch_comes_back_as_a_batch_that_is_sent_the_same() {
    for (wire, kind) in [("protobuf", FrameKind::Binary), ("json", FrameKind::Text)] {
        let head = format!(r#"{{"req_guid":"g","sent_time":null,"wire":"{wire}","#);
        let events = EVENTS.replace("${", "$${");
        let first = encoded(&format!("{head}{events}}}"));
        let draft = again(System::Raccoon, kind, &first.bytes);
        assert_eq!(draft.kind, Kind::Batch, "{wire}");
        let encodings: Vec<_> = draft.events.iter().map(|event| event.encoding).collect();
        let expected = [Encoding::Protobuf, Encoding::Json, Encoding::Base64];
        assert_eq!(encodings, expected, "{wire}");
        let written = document::write(&draft, &Settings::default()).text;
        let with_ids = written.replacen('{', r#"{"req_guid":"g","sent_time":null,"#, 1);
        assert_eq!(encoded(&with_ids), first, "{written}");
    }
}

#[test]
fn what_a_message_does_not_know_is_kept_as_bytes() {
    // Field 99 of a ClickEvent.
    let events = r#""events":[{"type":"click","hex":"0a0161 9a0601 78"}]"#;
    let first = encoded(&format!(r#"{{"req_guid":"g","sent_time":null,{events}}}"#));
    let draft = again(System::Raccoon, FrameKind::Binary, &first.bytes);
    assert_eq!(draft.events[0].encoding, Encoding::Base64);
    assert_eq!(draft.events[0].data.text(), "CgFhmgYBeA==");
}

#[test]
fn frames_without_a_form_are_sent_as_they_stand() {
    for (system, kind, payload, expected, text) in [
        (
            System::Raccoon,
            FrameKind::Binary,
            &b"\xff\x01"[..],
            Kind::Hex,
            "ff 01",
        ),
        (
            System::Generic,
            FrameKind::Text,
            b"[\"${x}\"]",
            Kind::Text,
            "[\"$${x}\"]",
        ),
        (
            System::Generic,
            FrameKind::Ping,
            b"beat",
            Kind::Ping,
            "beat",
        ),
        (
            System::Generic,
            FrameKind::Close,
            b"\x0f\xa0bye",
            Kind::Close,
            "4000",
        ),
        (System::Generic, FrameKind::Close, b"", Kind::Close, "1000"),
        (
            System::WebSocketMq,
            FrameKind::Text,
            b"{\"type\":1}",
            Kind::Text,
            "{\"type\":1}",
        ),
        (
            System::SaveToWebSocket,
            FrameKind::Text,
            b"[]",
            Kind::Text,
            "[]",
        ),
    ] {
        let draft = again(system, kind, payload);
        let line = draft
            .lines
            .first()
            .map_or(draft.body.text(), LineEdit::text);
        assert_eq!((draft.kind, line), (expected, text));
    }
}

#[test]
fn a_broker_message_becomes_its_form() {
    let payload = br#"{"id":"7","type":"request","topic":"a:b","payload":{"n":[1,2.50]}}"#;
    let draft = again(System::WebSocketMq, FrameKind::Text, payload);
    assert_eq!((draft.kind, draft.lines[0].text()), (Kind::Request, "a:b"));
    assert_eq!(draft.body.text(), "{\n  \"n\": [1, 2.50]\n}");
    let payload = br#"{"type":"register","filters":{"types":["payment"],"account_ids":[],"asset_codes":["native","X:G"],"min_amount":"","custom":null}}"#;
    let draft = again(System::SaveToWebSocket, FrameKind::Text, payload);
    let lines: Vec<_> = draft.lines.iter().map(LineEdit::text).collect();
    assert_eq!(lines, ["payment", "", "native, X:G", ""]);
}

#[test]
fn what_is_too_large_is_not_opened() {
    let body = Body::default();
    let payload = vec![b'x'; MAX / 2];
    let original = Original {
        kind: FrameKind::Text,
        payload: &payload,
        body: &body,
        transport: None,
    };
    assert!(draft(original, System::Generic, Schema::demo()).is_none());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_frame_can_be_opened(payload in proptest::collection::vec(0_u8.., 0..40)) {
        for row in &crate::protocol::PROTOCOLS {
            for kind in [FrameKind::Text, FrameKind::Binary, FrameKind::Ping, FrameKind::Close] {
                let _ = again(row.system, kind, &payload);
            }
        }
    }
}
