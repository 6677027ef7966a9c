use super::*;
use crate::compose::{Context, Prepared, parse};
use crate::protocol::{Command, PROTOCOLS, System};
use crate::schema::Schema;
use crate::tui::composer::text::TextEdit;
use crate::tui::state::line::LineEdit;

/// Of frames as they stand a system without a word on what is in them.
fn system_of(kind: Kind) -> System {
    let has = |system: &System| Kind::of(*system).contains(&kind);
    let systems = PROTOCOLS.iter().map(|row| row.system);
    systems.rev().find(has).unwrap()
}

fn prepared(draft: &Draft) -> Vec<Prepared> {
    let settings = Settings::default();
    let text = write(draft, &settings).text;
    let mut context = Context::new(0, 1);
    let system = system_of(draft.kind);
    let parsed = parse(&text, system, &settings, Schema::demo(), &mut context);
    parsed.unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A draft of that kind with something in every field.
fn filled(kind: Kind) -> Draft {
    let mut draft = Draft::new(kind, &Settings::default(), Schema::demo());
    let lines: &[&str] = match kind {
        Kind::Register => &["payment, trade", "GABC", "native USDC:GX", "1.5"],
        Kind::Request => &["system:list_clients", "5s"],
        Kind::Publish | Kind::Subscribe | Kind::Unsubscribe => &["a \"topic\""],
        Kind::Ping | Kind::Pong => &["beat"],
        Kind::Close => &["4000", "enough"],
        _ => &[],
    };
    for (line, text) in draft.lines.iter_mut().zip(lines) {
        *line = LineEdit::new(*text);
    }
    let body = match kind {
        Kind::Document => "{\"ping\": \"x\"}\n{\"ping\": \"y\"}",
        Kind::Text => "one\n  \"two\"",
        Kind::Hex => "00 01\nfe",
        Kind::Base64 => "AAH+",
        _ => "{\n  \"a\": [1,\n    2.50]\n}",
    };
    if kind == Kind::Batch {
        draft.add_event(Schema::demo());
        draft.events[1].encoding = Encoding::Json;
        draft.events[1].data = TextEdit::new(body);
        draft.add_event(Schema::demo());
        draft.events[2].encoding = Encoding::Hex;
        draft.events[2].data = TextEdit::new("0a 0b");
        draft.wire = Wire::Json;
        draft.guid = LineEdit::new("g-${counter}");
        draft.sent_time = LineEdit::new("{\"seconds\": 7}");
        draft.transport = Some(Transport::Rest);
        draft.lint = false;
        draft.events[0].message = LineEdit::new("demo.ClickEvent");
    } else if kind.body().is_some() {
        draft.body = TextEdit::new(body);
    }
    draft
}

const ALL: [Kind; 13] = [
    Kind::Batch,
    Kind::Register,
    Kind::Publish,
    Kind::Request,
    Kind::Subscribe,
    Kind::Unsubscribe,
    Kind::Document,
    Kind::Text,
    Kind::Hex,
    Kind::Base64,
    Kind::Ping,
    Kind::Pong,
    Kind::Close,
];

#[test]
fn every_form_is_a_document_and_comes_back_as_the_same_form() {
    for kind in ALL {
        let draft = filled(kind);
        let expected = if kind == Kind::Document { 2 } else { 1 };
        assert_eq!(prepared(&draft).len(), expected, "{kind:?}");
        let settings = Settings::default();
        let written = write(&draft, &settings);
        let back = read(kind, &written.text, &settings).unwrap_or_else(|| panic!("{kind:?}"));
        assert_eq!(write(&back, &settings), written, "{kind:?}");
        let texts = |draft: &Draft| -> Vec<String> {
            let events = draft
                .events
                .iter()
                .map(|event| event.data.text().to_owned());
            events.chain([draft.body.text().to_owned()]).collect()
        };
        assert_eq!(texts(&back), texts(&draft), "{kind:?}");
    }
}

#[test]
fn forms_become_the_commands_they_name() {
    for (kind, name) in [
        (Kind::Batch, "batch"),
        (Kind::Register, "register"),
        (Kind::Publish, "publish"),
        (Kind::Request, "request"),
        (Kind::Subscribe, "subscribe"),
        (Kind::Unsubscribe, "unsubscribe"),
        (Kind::Text, "raw frame"),
        (Kind::Close, "raw frame"),
    ] {
        assert_eq!(prepared(&filled(kind))[0].command.name(), name);
    }
    let Command::Register(filters) = &prepared(&filled(Kind::Register))[0].command else {
        panic!("no register");
    };
    assert_eq!(filters.types, ["payment", "trade"]);
    assert_eq!(filters.asset_codes, ["native", "USDC:GX"]);
    assert_eq!(filters.min_amount, "1.5");
}

#[test]
fn texts_of_several_lines_are_found_in_the_document() {
    let written = write(&filled(Kind::Batch), &Settings::default());
    let lines: Vec<_> = written.text.lines().collect();
    let starts: Vec<_> = written.starts.iter().flatten().collect();
    assert_eq!((written.starts.len(), starts.len()), (3, 2));
    for start in starts {
        assert!(lines[start - 1].contains("\"data\": {"), "{}", written.text);
    }
}

#[test]
fn documents_with_more_than_the_form_shows_are_no_form() {
    let settings = Settings::default();
    for (kind, text) in [
        (
            Kind::Batch,
            r#"{"req_guid":"","events":[{"type":"a","data":{}}]}"#,
        ),
        (
            Kind::Batch,
            r#"{"events":[{"type":"a","message":"M","text":""}]}"#,
        ),
        (
            Kind::Batch,
            r#"{"legacy_keys":true,"events":[{"type":"a","text":""}]}"#,
        ),
        (Kind::Batch, r#"{"events":[]}"#),
        (
            Kind::Batch,
            r#"{"events":[{"type":"a","serialization":"raw","data":"x"}]}"#,
        ),
        (Kind::Register, r#"{"register":{"types":["a b"]}}"#),
        (Kind::Publish, r#"{"request":"t"}"#),
        (Kind::Publish, r#"{"publish":"t","publish":"u"}"#),
        (Kind::Text, r#"{"text":1}"#),
        (Kind::Text, "{"),
        (Kind::Close, r#"{"reason":"x"}"#),
    ] {
        assert!(read(kind, text, &settings).is_none(), "{text}");
    }
}

#[test]
fn a_text_that_would_break_out_of_its_place_is_found() {
    for (text, expected) in [
        (r#"{"a":"}"}"#, None),
        (r#"{"a":[{}],"b":${counter}}"#, None),
        ("1", None),
        (r#""a\"b""#, None),
        (r#"{"a":1}},{"type":"x""#, Some(7)),
        (r#"{}, "extra": {}"#, Some(2)),
        ("{]", Some(1)),
        ("{\"a\": [1}", Some(8)),
        ("[{}", Some(0)),
        ("{\"a", Some(1)),
        ("  ", Some(0)),
    ] {
        assert_eq!(one_value(text).err().map(|(at, _)| at), expected, "{text}");
    }
}

#[test]
fn packing_leaves_strings_alone() {
    assert_eq!(
        packed("{\n  \"a b\": [1, 2],\t\"c\\\" d\": \" x \"\n}"),
        r#"{"a b":[1,2],"c\" d":" x "}"#
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_in_any_form_makes_a_document_that_is_read_or_refused(
        text in "[a{}\\[\\]\",:$\\\\ \n1é]{0,16}",
        which in 0_usize..13,
    ) {
        let mut draft = filled(ALL[which]);
        for line in &mut draft.lines {
            *line = LineEdit::new(text.clone());
        }
        if let Some(body) = draft.text_mut() {
            *body = TextEdit::new(text.clone());
        }
        let settings = Settings::default();
        let written = write(&draft, &settings).text;
        let mut context = Context::new(0, 1);
        let system = system_of(draft.kind);
        let _ = parse(&written, system, &settings, Schema::demo(), &mut context);
        let _ = (one_value(&text), packed(&text), read(draft.kind, &text, &settings));
    }
}
