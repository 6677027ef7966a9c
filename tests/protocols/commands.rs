//! What each system sends when told to, and what it does when time passes.

use std::time::Duration;

use bytes::Bytes;
use wspect::entry::{Correlation, Verdict};
use wspect::frame::{Direction, Frame, FrameKind, Opening, Stamp};
use wspect::protocol::websocketmq::{Answer, Responder};
use wspect::protocol::{
    Command, CommandError, End, Milestone, Outbox, Outgoing, Protocol, Settings, System, raccoon,
    savetowebsocket,
};
use wspect::transport::clock;

use crate::replay;

/// A conversation that has just opened, and what that put into the outbox.
fn opened(system: System, settings: &Settings, url: &str) -> (Box<dyn Protocol>, Outbox, Stamp) {
    let mut protocol = (system.row().make)(settings);
    let opening = Opening {
        url: url.to_owned(),
        status: 101,
        ..Opening::default()
    };
    let (now, mut out) = (clock::now(), Outbox::default());
    protocol.opened(&opening, now, &mut out);
    (protocol, out, now)
}

fn told(protocol: &mut dyn Protocol, command: Command) -> Result<Vec<Outgoing>, CommandError> {
    let mut out = Outbox::default();
    protocol.commanded(command, clock::now(), &mut out)?;
    Ok(out.sends)
}

fn sees<'a>(
    protocol: &mut dyn Protocol,
    frame: &Frame<'a>,
) -> (wspect::entry::Summary<'a>, Outbox) {
    let mut out = Outbox::default();
    let summary = protocol.observed(frame, &mut out);
    (summary, out)
}

fn text(sent: &Outgoing) -> String {
    match sent {
        Outgoing::Text(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        other => panic!("{other:?} is no text"),
    }
}

fn incoming(at: Stamp, text: &str) -> Frame<'_> {
    replay::frame(0, at, Direction::In, FrameKind::Text, text.as_bytes())
}

fn live(out: &Outbox) -> bool {
    matches!(out.milestones.last(), Some(Milestone::Live(_)))
}

#[test]
fn every_system_sends_raw_frames_and_refuses_what_it_does_not_speak() {
    let foreign = |system| match system {
        System::Raccoon => Command::Subscribe { topic: "t".into() },
        _ => Command::Batch(raccoon::EncodedBatch {
            guid: "g".into(),
            transport: raccoon::Transport::WebSocket,
            wire: raccoon::Wire::Json,
            bytes: Bytes::from_static(b"{}"),
        }),
    };
    for system in wspect::protocol::PROTOCOLS.iter().map(|row| row.system) {
        let (mut protocol, ..) = opened(system, &replay::settings(), "ws://h/");
        let ping = Outgoing::Ping(Bytes::from_static(b"x"));
        let sent = told(&mut *protocol, Command::Raw(ping.clone())).unwrap();
        assert_eq!(sent, [ping]);
        let refused = told(&mut *protocol, foreign(system)).unwrap_err();
        assert!(
            refused.to_string().contains(system.row().title),
            "{refused}"
        );
    }
}

#[test]
fn a_batch_goes_out_with_the_opcode_of_its_wire() {
    let (mut protocol, ..) = opened(System::Raccoon, &replay::settings(), "ws://h/");
    for (wire, binary) in [
        (raccoon::Wire::Protobuf, true),
        (raccoon::Wire::Json, false),
    ] {
        let batch = raccoon::EncodedBatch {
            guid: "g".into(),
            transport: raccoon::Transport::WebSocket,
            wire,
            bytes: Bytes::from_static(b"{}"),
        };
        let sent = told(&mut *protocol, Command::Batch(batch)).unwrap();
        assert_eq!(matches!(sent[0], Outgoing::Binary(_)), binary);
    }
}

#[test]
fn raccoon_is_live_when_no_refusal_comes() {
    let (mut protocol, out, now) = opened(System::Raccoon, &replay::settings(), "ws://h/");
    assert_eq!(out.deadlines[0].0, "refusal window");
    assert!(out.milestones.is_empty());
    let mut out = Outbox::default();
    protocol.elapsed(now.after(Duration::from_millis(299)), &mut out);
    assert!(out.is_empty());
    protocol.elapsed(now.after(Duration::from_millis(300)), &mut out);
    assert!(live(&out));
}

#[test]
fn raccoon_never_becomes_live_once_refused() {
    let (mut protocol, _, now) = opened(System::Raccoon, &replay::settings(), "ws://h/");
    let refusal = replay::frame(
        0,
        now,
        Direction::In,
        FrameKind::Binary,
        b"\x08\x02\x10\x04\x22\x16max connection reached",
    );
    let (_, out) = sees(&mut *protocol, &refusal);
    let Some(Milestone::Refused {
        code: 4,
        reason,
        retry_after_ms,
        ..
    }) = out.milestones.last()
    else {
        panic!("{:?}", out.milestones)
    };
    assert_eq!(reason, "max connection reached");
    assert!(*retry_after_ms >= 10_000);
    let mut out = Outbox::default();
    protocol.elapsed(now.after(Duration::from_mins(2)), &mut out);
    assert!(out.is_empty(), "{out:?}");
}

#[test]
fn raccoon_tells_a_reply_of_the_wrong_opcode() {
    let (mut protocol, _, now) = opened(System::Raccoon, &replay::settings(), "ws://h/");
    let batch = replay::frame(0, now, Direction::Out, FrameKind::Binary, b"\x0a\x01g");
    sees(&mut *protocol, &batch);
    let ack = incoming(now, r#"{"status":1,"code":1,"data":{"req_guid":"g"}}"#);
    let (summary, _) = sees(&mut *protocol, &ack);
    assert!(summary.note.unwrap().contains("opcode"));
}

#[test]
fn stellar_registers_without_a_welcome_after_a_while() {
    let (mut protocol, out, now) =
        opened(System::SaveToWebSocket, &replay::settings(), "ws://h/ws");
    assert!(out.sends.is_empty());
    let mut out = Outbox::default();
    protocol.elapsed(now.after(Duration::from_secs(2)), &mut out);
    assert_eq!(out.sends.len(), 1);
    let mut out = Outbox::default();
    protocol.elapsed(now.after(Duration::from_secs(10)), &mut out);
    assert!(out.sends.is_empty() && out.notes[0].0.contains("within 10 s"));
}

#[test]
fn stellar_register_by_command_and_filters_that_cannot_be_sent() {
    let (mut protocol, ..) = opened(System::SaveToWebSocket, &replay::settings(), "ws://h/ws");
    let filters = savetowebsocket::Filters {
        types: vec!["payment".into()],
        ..Default::default()
    };
    let sent = told(&mut *protocol, Command::Register(filters.clone())).unwrap();
    assert!(text(&sent[0]).starts_with(r#"{"type":"register","filters":{"types":["payment"]"#));
    let broken = savetowebsocket::Filters {
        custom: Some("{".into()),
        ..filters
    };
    assert!(matches!(
        told(&mut *protocol, Command::Register(broken.clone())),
        Err(CommandError::Invalid(_))
    ));
    let mut settings = replay::settings();
    settings.savetowebsocket.filters = broken;
    let (mut protocol, _, now) = opened(System::SaveToWebSocket, &settings, "ws://h/ws");
    let mut out = Outbox::default();
    protocol.elapsed(now.after(Duration::from_secs(2)), &mut out);
    assert!(matches!(out.milestones[0], Milestone::Failed(_)), "{out:?}");
}

#[test]
fn mq_commands_become_envelopes() {
    let (mut protocol, ..) = opened(System::WebSocketMq, &replay::settings(), "ws://h/wsmq");
    let payload = Some(Bytes::from_static(b"{\"a\":1}"));
    let topic = || "t".to_owned();
    let mut sent = |command| {
        let sent = told(&mut *protocol, command).unwrap();
        let mut json: serde_json::Value = serde_json::from_str(&text(&sent[0])).unwrap();
        if let Some(id) = json.get_mut("id").filter(|id| *id != "asked") {
            assert_eq!(id.as_str().unwrap().len(), 32);
            *id = "ID".into();
        }
        json.to_string()
    };
    for (command, expected) in [
        (
            Command::Subscribe { topic: topic() },
            r#"{"id":"ID","type":"subscribe_request","topic":"t"}"#,
        ),
        (
            Command::Unsubscribe { topic: topic() },
            r#"{"id":"ID","type":"unsubscribe_request","topic":"t"}"#,
        ),
        (
            Command::Publish {
                topic: topic(),
                payload: payload.clone(),
            },
            r#"{"type":"publish","topic":"t","payload":{"a":1}}"#,
        ),
        (
            Command::Request {
                topic: topic(),
                payload: None,
                within: None,
            },
            r#"{"id":"ID","type":"request","topic":"t"}"#,
        ),
        (
            Command::Reply {
                id: "asked".into(),
                topic: topic(),
                answer: Answer::Payload(payload),
            },
            r#"{"id":"asked","type":"response","topic":"t","payload":{"a":1}}"#,
        ),
        (
            Command::Reply {
                id: "asked".into(),
                topic: topic(),
                answer: Answer::Failure {
                    code: 500,
                    message: "no".into(),
                },
            },
            r#"{"id":"asked","type":"error","topic":"t","error":{"code":500,"message":"no"}}"#,
        ),
    ] {
        assert_eq!(sent(command), expected);
    }
}

#[test]
fn mq_refuses_what_the_broker_would_ignore_or_hang_up_over() {
    let (mut protocol, ..) = opened(System::WebSocketMq, &replay::settings(), "ws://h/wsmq");
    let big = Bytes::from(format!("\"{}\"", "x".repeat(1 << 20)));
    for command in [
        Command::Subscribe {
            topic: String::new(),
        },
        Command::Publish {
            topic: String::new(),
            payload: None,
        },
        Command::Publish {
            topic: "t".into(),
            payload: Some(Bytes::from_static(b"{oops")),
        },
        Command::Publish {
            topic: "t".into(),
            payload: Some(big),
        },
    ] {
        assert!(matches!(
            told(&mut *protocol, command),
            Err(CommandError::Invalid(_))
        ));
    }
}

#[test]
fn mq_request_keeps_its_own_time_limit() {
    let (mut protocol, _, now) = opened(System::WebSocketMq, &replay::settings(), "ws://h/wsmq");
    let command = Command::Request {
        topic: "t".into(),
        payload: None,
        within: Some(Duration::from_secs(3)),
    };
    let sent = text(&told(&mut *protocol, command).unwrap()[0]);
    let frame = replay::frame(0, now, Direction::Out, FrameKind::Text, sent.as_bytes());
    let (summary, _) = sees(&mut *protocol, &frame);
    let Correlation::Asks { within, .. } = summary.correlation else {
        panic!("{summary:?}")
    };
    assert_eq!(within, Some(Duration::from_secs(3)));
}

#[test]
fn mq_responders_answer_at_once_or_later_and_anything_else_gets_404() {
    let mut settings = replay::settings();
    let responder = |topic: &str, reply: Option<&str>, delay| Responder {
        topic: topic.to_owned(),
        reply: reply.map(str::to_owned),
        delay: Duration::from_millis(delay),
        ..Responder::default()
    };
    settings.websocketmq.responders = vec![
        responder("now", Some(r#"{"pong":true}"#), 0),
        responder("later", None, 500),
    ];
    let (mut protocol, _, now) = opened(System::WebSocketMq, &settings, "ws://h/wsmq");
    let mut call = |topic: &str| {
        let text = format!(r#"{{"id":"c1","type":"request","topic":"{topic}"}}"#);
        let (summary, out) = sees(&mut *protocol, &incoming(now, &text));
        assert!(matches!(summary.correlation, Correlation::Asks { .. }));
        (out.sends.first().map(self::text), out.wake)
    };
    assert_eq!(
        call("now").0.unwrap(),
        r#"{"id":"c1","type":"response","topic":"now","payload":{"pong":true}}"#
    );
    assert!(
        call("other")
            .0
            .unwrap()
            .contains(r#""code":404,"message":"Client has no handler for topic: other""#)
    );
    let (none, wake) = call("later");
    let wait = wake.unwrap().since(now);
    assert_eq!((none, wait), (None, Duration::from_millis(500)));
    let mut out = Outbox::default();
    protocol.elapsed(now.after(Duration::from_millis(500)), &mut out);
    assert_eq!(
        text(&out.sends[0]),
        r#"{"id":"c1","type":"response","topic":"later"}"#
    );
}

#[test]
fn mq_registers_then_subscribes_then_is_live() {
    let (mut protocol, out, now) = opened(
        System::WebSocketMq,
        &replay::settings(),
        "ws://h/wsmq?client_id=my-client%31",
    );
    let register = text(&out.sends[0]);
    assert!(
        register.contains(r#""clientId":"my-client1""#),
        "{register}"
    );
    let id = register.split('"').nth(3).unwrap();
    let answer = format!(
        r#"{{"id":"{id}","type":"response","topic":"system:register","payload":{{"serverAssignedId":"other","clientName":"n","serverTime":"2025-05-21T08:35:46-07:00"}}}}"#
    );
    let (summary, out) = sees(&mut *protocol, &incoming(now, &answer));
    assert!(matches!(
        summary.correlation,
        Correlation::Answers {
            verdict: Verdict::Ok,
            ..
        }
    ));
    assert!(live(&out));
    assert!(text(&out.sends[0]).contains("server:announcements"));
    let notes: Vec<_> = out.notes.iter().map(|note| note.0.as_str()).collect();
    assert!(
        notes[0].contains("another id") || notes[0].contains("instead of"),
        "{notes:?}"
    );
    assert!(notes[1].contains("clock"), "{notes:?}");
}

#[test]
fn mq_is_live_even_if_the_registration_is_answered_late() {
    let (mut protocol, _, now) = opened(System::WebSocketMq, &replay::settings(), "ws://h/wsmq");
    let mut out = Outbox::default();
    // Generation 1 is tried as well, in silence, before the registration is given up.
    for tenth in 1..=100 {
        protocol.elapsed(now.after(Duration::from_millis(100 * tenth)), &mut out);
    }
    assert!(matches!(out.milestones[0], Milestone::Registering(_)) && !out.notes.is_empty());
    assert!(live(&out), "usable although nothing answered");
    let answer = r#"{"id":"x","type":"response","topic":"system:register","payload":{}}"#;
    let (_, out) = sees(&mut *protocol, &incoming(now, answer));
    assert!(live(&out));
}

#[test]
fn ids_differ_between_connections_of_a_session() {
    let register = |now| {
        let mut protocol = (System::WebSocketMq.row().make)(&replay::settings());
        let mut out = Outbox::default();
        protocol.opened(&Opening::default(), now, &mut out);
        text(&out.sends[0])
    };
    let now = clock::now();
    assert_ne!(register(now), register(now.after(Duration::from_secs(1))));
}

#[test]
fn ends_are_explained_by_what_was_going_on() {
    let end = |after, code| End {
        after: Duration::from_millis(after),
        code,
        by_us: false,
        reset: false,
        cut: false,
    };
    let explained = |system, end: End| {
        let (protocol, ..) = opened(system, &replay::settings(), "ws://h/ws?client_id=abc");
        protocol.explain_end(&end).unwrap_or_default()
    };
    for (system, end, part) in [
        (
            System::SaveToWebSocket,
            end(10_004, 1006),
            "no register was taken",
        ),
        (
            System::SaveToWebSocket,
            end(60_000, 1006),
            "60 s after our last pong",
        ),
        (System::SaveToWebSocket, end(5_000, 1006), "pipeline"),
        (System::SaveToWebSocket, end(5_000, 1005), "256 events"),
        (
            System::Raccoon,
            end(60_010, 1006),
            "60 s after our last pong",
        ),
        (System::Raccoon, end(5_000, 1006), "shuts down"),
        (System::WebSocketMq, end(5_000, 1006), "fewer than 8 bytes"),
        (System::Generic, end(5_000, 1006), ""),
        (
            System::Raccoon,
            End {
                by_us: true,
                ..end(5_000, 1006)
            },
            "",
        ),
    ] {
        let told = explained(system, end);
        assert!(
            told.contains(part) && told.is_empty() == part.is_empty(),
            "{system:?}: {told}"
        );
    }
}
