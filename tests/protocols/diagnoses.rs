//! The signals of a Raccoon connection worth telling, one by one: each test is named after the
//! signal, plays the frames that show it, and looks for the sentence a person gets.

mod play;

use std::time::Duration;

use wspect::entry::Badge;
use wspect::frame::{Direction, FrameKind, Opening, exchange_payload};
use wspect::protocol::raccoon::{self, AckMode, Identity};
use wspect::protocol::{Milestone, System, Unanswered};

use crate::replay;

use play::{Play, SECOND, says};

const DUPLICATE: &[u8] =
    b"\x08\x02\x10\x05\x18\x81\xe2\xcf\xaa\x06\x22\x2cduplicated connection: [--default--] user-1,";

#[test]
fn code_4_or_5_then_1008_after_the_101_is_a_refusal_also_on_a_json_only_connection() {
    let mut play = Play::with(
        raccoon::Settings {
            wire: raccoon::Wire::Json,
            ..raccoon::Settings::default()
        },
        Opening::default(),
    );
    let summary = play.frame(Direction::In, FrameKind::Binary, DUPLICATE);
    assert_eq!(
        (summary.badge, &*summary.label),
        (Badge::Refusal, "MAX_USER_LIMIT_REACHED")
    );
    assert_eq!(summary.counted, "CODE_MAX_USER_LIMIT_REACHED");
    says(&summary.note.unwrap(), "already connected");
    assert!(matches!(
        play.milestones.last(),
        Some(Milestone::Refused { code: 5, reason, retry_after_ms: 5_000, .. })
            if reason == "duplicated connection: [--default--] user-1,"
    ));
    says(&play.ended(1008), "frame before says why");
}

#[test]
fn binary_code_5_and_eof_without_close_is_a_duplicate_with_an_id_over_101_bytes() {
    let id = "i".repeat(102);
    let reason = format!("duplicated connection: [--default--] {id},");
    let mut refusal = vec![0x08, 2, 0x10, 5, 0x22, reason.len() as u8 | 0x80, 1];
    assert!((128..256).contains(&reason.len()));
    refusal.extend_from_slice(reason.as_bytes());
    let mut play = Play::new();
    play.frame(Direction::In, FrameKind::Binary, &refusal);
    says(&play.ended(1006), "more than 101 bytes");
}

#[test]
fn code_5_right_after_a_dropped_link_is_a_stale_entry() {
    let cut = Opening {
        reconnect: true,
        since_cut: Some(SECOND * 12),
        ..Opening::default()
    };
    let mut play = Play::with(raccoon::Settings::default(), cut);
    let summary = play.frame(Direction::In, FrameKind::Binary, DUPLICATE);
    says(
        &summary.note.unwrap(),
        "cut 12 s ago and its entry is still there",
    );
    assert!(matches!(
        play.milestones.last(),
        Some(Milestone::Refused {
            retry_after_ms: 15_000,
            ..
        })
    ));
}

#[test]
fn success_with_empty_guid_though_one_was_sent_means_the_content_was_discarded() {
    let mut play = Play::new();
    let note = play.batch(r#"{"reqGuid":"a","events":[{"eventBytes":"e30=","type":"x"}]}"#);
    says(&note, "camelCase");
    says(&play.reply("", 1, ""), "probably discarded");
}

#[test]
fn events_without_event_bytes_or_type_are_told() {
    let mut play = Play::new();
    let hollow = r#"{"req_guid":"a","sent_time":{"seconds":1700000000},"events":[{"type":"x"}]}"#;
    says(&play.batch(hollow), "events without event_bytes: 1 of 1");
    let untyped =
        r#"{"req_guid":"b","sent_time":{"seconds":1700000000},"events":[{"event_bytes":"e30="}]}"#;
    says(&play.batch(untyped), "events without a type: 1 of 1");
}

#[test]
fn ack_for_a_guid_never_sent_on_this_connection() {
    let mut play = Play::new();
    play.send("a", &["x"]);
    says(&play.reply("b", 1, ""), "never sent on this connection");
    says(&play.fact("unknown guids"), "1");
}

#[test]
fn no_ack_within_the_expected_time() {
    let mut play = Play::new();
    play.send("a", &["x"]);
    let why = |play: &Play, cut| {
        let ask = Unanswered {
            key: "a",
            label: "x",
            direction: Direction::Out,
            cut,
        };
        play.protocol.unanswered(&ask, play.now).unwrap()
    };
    says(&why(&play, false), "SYNC with a slow sink, back-pressure");
    says(&why(&play, true), "not sent again after a reconnect");
    play.frame(Direction::Out, FrameKind::Ping, b"wspect 1");
    play.pass(SECOND * 10);
    says(&why(&play, false), "reader is blocked");
    play.frame(Direction::In, FrameKind::Pong, b"wspect 1");
    play.send("b", &["x"]);
    play.reply("b", 3, "");
    says(
        &why(&play, false),
        "the server is SYNC and its sink is slow",
    );
}

#[test]
fn two_acks_for_one_guid() {
    let mut play = Play::new();
    play.send("a", &["x"]);
    assert_eq!(play.reply("a", 1, ""), "");
    says(&play.reply("a", 1, ""), "answers each message once");
    says(
        &play.reply("a", 3, "cannot publish events: x"),
        "the final state is the failure",
    );
    says(&play.fact("double acks"), "2");
}

#[test]
fn success_then_failure_under_one_guid_is_the_dedup_race() {
    let mut play = Play::new();
    play.send("a", &["x"]);
    play.send("a", &["x"]);
    play.reply("a", 1, "");
    let note = play.reply("a", 3, "cannot publish events: x");
    says(&note, "swallowed by dedup");
    says(&note, "the final state is the failure");
    says(&play.fact("dedup"), "probably on");
}

#[test]
fn same_guid_sent_twice() {
    let mut play = Play::new();
    play.send("a", &["x"]);
    play.reply("a", 1, "");
    let note = play.send("a", &["x"]);
    says(&note, "sent before on this connection: with dedup on");
    play.reply("a", 1, "");
    says(
        &play.fact("dedup"),
        "unknown: repeated guids were acknowledged",
    );
}

#[test]
fn empty_or_repeated_constant_guid() {
    let mut play = Play::new();
    says(&play.send("", &["x"]), "its ack cannot be matched");
    says(&play.reply("", 1, ""), "which one cannot be told");
    play.send("const", &["x"]);
    says(&play.send("const", &["y"]), "with other content");
}

/// Sends `a` and `b`, and has them answered the other way round.
fn reordered(mode: Option<AckMode>, code: i64) -> (Play, String) {
    let settings = raccoon::Settings {
        ack_mode: mode,
        ..raccoon::Settings::default()
    };
    let mut play = Play::with(settings, Opening::default());
    play.send("a", &["x"]);
    play.send("b", &["x"]);
    play.reply("b", code, "");
    let note = play.reply("a", 1, "");
    (play, note)
}

#[test]
fn acks_out_of_order_are_normal_in_sync_and_not_in_async() {
    let (play, note) = reordered(None, 1);
    assert_eq!(note, "");
    assert!(play.told("acks came out of order once"), "{:?}", play.notes);
    assert_eq!(play.fact("ack mode"), "SYNC (EVENT_ACK=1)");
    let (play, note) = reordered(Some(AckMode::Async), 1);
    says(&note, "with EVENT_ACK=0 acks come in request order");
    says(&play.fact("because"), "contradicted");
}

#[test]
fn code_2_overtaking_older_acks_is_normal_in_sync() {
    let (play, note) = reordered(None, 2);
    assert_eq!(note, "");
    says(&play.fact("overtaken by code 2"), "normal in SYNC");
    assert_eq!(play.fact("ack mode"), "SYNC (EVENT_ACK=1)");
}

#[test]
fn reason_contains_panic_is_a_partial_failure_whose_first_event_succeeded() {
    let mut play = Play::new();
    play.send("a", &["page", "click"]);
    let note = play.reply(
        "a",
        3,
        "cannot publish events: %!s(PANIC=Error method: runtime error)",
    );
    says(&note, "the first event (page) was published");
}

#[test]
fn reason_list_containing_nil_maps_entry_n_to_event_n() {
    let mut play = Play::new();
    play.send("a", &["page", "click"]);
    let reason = "cannot publish events: error when sending messages: no topic, <nil>";
    let note = play.reply("a", 3, reason);
    says(
        &note,
        "events[0] page failed: no topic, events[1] click published",
    );
    says(&play.fact("mixed failures"), "1");
}

#[test]
fn any_code_3_means_sync_and_a_blind_resend_duplicates() {
    let mut play = Play::new();
    assert_eq!(play.fact("ack mode"), "unknown");
    play.send("a", &["page", "click"]);
    let reason = "cannot publish events: error when sending messages: <nil>, b";
    says(
        &play.reply("a", 3, reason),
        "publishes the good events twice",
    );
    assert!(play.told("code 3 came once"), "{:?}", play.notes);
    says(&play.send("a", &["page", "click"]), "published again");
}

#[test]
fn success_acks_followed_by_an_abrupt_1006_is_the_shutdown_window() {
    let mut play = Play::new();
    for guid in ["a", "b"] {
        play.send(guid, &["x"]);
        play.reply(guid, 1, "");
    }
    let text = play.ended(1006);
    says(&text, "shuts down or crashes");
    says(&text, "the last 2 successes came just before");
}

#[test]
fn eof_about_pong_wait_after_the_last_pong_we_sent() {
    let settings = raccoon::Settings {
        pong_wait: SECOND * 20,
        ..raccoon::Settings::default()
    };
    let mut play = Play::with(settings, Opening::default());
    play.frame(Direction::Out, FrameKind::Pong, b"--ping--");
    play.pass(SECOND * 20);
    says(&play.ended(1006), "about 20 s after our last pong");
}

#[test]
fn observed_ping_period_close_to_a_known_pong_wait_is_a_misconfiguration() {
    let settings = raccoon::Settings {
        pong_wait: SECOND * 10,
        ..raccoon::Settings::default()
    };
    let mut play = Play::with(settings, Opening::default());
    for _ in 0..2 {
        play.frame(Direction::In, FrameKind::Ping, b"--ping--");
        play.frame(Direction::Out, FrameKind::Pong, b"--ping--");
        play.pass(Duration::from_millis(9_998));
    }
    assert!(
        play.told("PING_INTERVAL that close to PONG_WAIT"),
        "{:?}",
        play.notes
    );
    says(&play.fact("server's deadline"), "periodic cuts ahead");
}

#[test]
fn no_ping_for_much_longer_than_the_observed_period() {
    let mut play = Play::new();
    for _ in 0..3 {
        play.frame(Direction::In, FrameKind::Ping, b"--ping--");
        play.frame(Direction::Out, FrameKind::Pong, b"--ping--");
        play.pass(SECOND * 5);
    }
    assert!(!play.told("no ping"), "{:?}", play.notes);
    play.pass(SECOND * 6);
    assert!(play.told("swallows control frames"), "{:?}", play.notes);
}

#[test]
fn reply_opcode_differs_from_request_opcode() {
    let mut play = Play::new();
    play.send("a", &["x"]);
    let ack = b"\x08\x01\x10\x01\x18\x81\xe2\xcf\xaa\x06\x2a\x0d\x0a\x08req_guid\x12\x01a";
    let summary = play.frame(Direction::In, FrameKind::Binary, ack);
    says(&summary.note.unwrap(), "opcode differs");
    assert!(play.told("answers text with text"), "{:?}", play.notes);
}

#[test]
fn an_endpoint_of_another_system_is_named() {
    let mut play = Play::new();
    let batch = r#"{"req_guid":"a","sent_time":{"seconds":1700000000},"events":[]}"#;
    play.batch(batch);
    let echoed = play.frame(Direction::In, FrameKind::Text, batch.as_bytes());
    says(&echoed.note.unwrap(), "echo server, not Raccoon");
    assert!(play.told("--system generic"));
    says(&play.fact("not Raccoon"), "echo server");
    let mut play = Play::new();
    let welcome = br#"{"format":{"filters":{}},"message":"","type":"welcome"}"#;
    let summary = play.frame(Direction::In, FrameKind::Text, welcome);
    says(&summary.note.unwrap(), "--system savetowebsocket");
}

#[test]
fn reply_sent_time_off_by_more_than_the_window_is_clock_skew() {
    let mut play = Play::new();
    play.send("a", &["x"]);
    assert!(play.notes.is_empty(), "{:?}", play.notes);
    let text = br#"{"status":1,"code":1,"sent_time":1700000061,"data":{"req_guid":"a"}}"#;
    play.frame(Direction::In, FrameKind::Text, text);
    assert!(
        play.told("at least 60 s ahead of this one"),
        "{:?}",
        play.notes
    );
    says(
        &play.fact("server's clock"),
        "61.00 s ahead and 62.00 s ahead",
    );
}

#[test]
fn request_sent_time_missing_1970_in_the_future_or_negative() {
    for (time, part) in [
        ("", "no sent_time"),
        (r#""sent_time":{"seconds":0},"#, "1970"),
        (r#""sent_time":{"seconds":-5},"#, "1970 or before"),
        (
            r#""sent_time":{"seconds":1700000100},"#,
            "ahead of this clock",
        ),
    ] {
        let text = format!(r#"{{"req_guid":"a",{time}"events":[]}}"#);
        says(&Play::new().batch(&text), part);
    }
}

#[test]
fn request_sent_time_older_than_a_retry_interval_is_a_batch_sent_again() {
    let text = r#"{"req_guid":"a","sent_time":{"seconds":1699999990},"events":[]}"#;
    let mut play = Play::new();
    says(
        &play.batch(text),
        "sent_time is 10 s old: a batch sent again",
    );
    says(&play.fact("batches' sent_time"), "10 s before the frame");
}

#[test]
fn oversized_single_event_is_taken_and_likely_refused_by_the_sink() {
    let payload = "A".repeat(1_400_000);
    let text = format!(
        r#"{{"req_guid":"a","sent_time":{{"seconds":1700000000}},"events":[{{"event_bytes":"{payload}","type":"x"}}]}}"#
    );
    says(&Play::new().batch(&text), "sinks do not (Kafka 1000000");
}

fn call(play: &mut Play, guid: &str, answer: &[u8]) -> (String, String) {
    let headers = [("content-type", "application/json")];
    let body =
        format!(r#"{{"req_guid":"{guid}","sent_time":{{"seconds":1700000000}},"events":[]}}"#);
    let request = exchange_payload(
        "POST http://h/api/v1/events HTTP/1.1",
        headers,
        body.as_bytes(),
    );
    play.frame(Direction::Out, FrameKind::Request, &request);
    let summary = play.frame(Direction::In, FrameKind::Response, answer);
    (summary.label.into_owned(), summary.note.unwrap_or_default())
}

#[test]
fn http_400_invalid_content_type_from_a_json_request() {
    let body = br#"{"status":2,"code":2,"sent_time":1700000000,"reason":"invalid content type"}"#;
    let headers = [("Content-Type", "application/json; charset=utf-8")];
    let answer = exchange_payload("HTTP/1.1 400 Bad Request", headers, body);
    let (label, note) = call(&mut Play::new(), "a", &answer);
    assert_eq!(label, "BAD_REQUEST");
    says(&note, "no parameter such as charset");
    says(&note, "HTTP 400");
}

#[test]
fn rpc_ok_with_status_2_is_a_failure_behind_a_successful_call() {
    let ack = b"\x08\x02\x10\x03\x18\x80\xe2\xcf\xaa\x06\x2a\x0d\x0a\x08req_guid\x12\x01a";
    let headers = [("content-type", "application/grpc"), ("grpc-status", "0")];
    let answer = exchange_payload("HTTP/2 200", headers, ack);
    let mut play = Play::new();
    let (label, note) = call(&mut play, "a", &answer);
    assert_eq!(label, "INTERNAL_ERROR");
    says(&note, "the RPC is OK and the batch is not");
    says(&note, "over gRPC the server does not say why");
    assert_eq!(play.fact("ack mode"), "SYNC (EVENT_ACK=1)");
}

#[test]
fn http_403_on_upgrade_is_an_origin_mismatch() {
    let mut settings = replay::settings();
    settings.raccoon.identity = Some(Identity {
        origin: Some("http://app".to_owned()),
        ..Identity::default()
    });
    let answer = Opening {
        url: "ws://h/api/v1/events".to_owned(),
        status: 403,
        ..Opening::default()
    };
    let explain = System::Raccoon.row().refused_upgrade;
    says(&explain(&settings, &answer).unwrap(), "Origin");
}

#[test]
fn client_library_asks_for_a_subprotocol_which_is_never_granted() {
    let settings = raccoon::Settings {
        identity: Some(Identity {
            id: Some("wspect-1".to_owned()),
            subprotocols: true,
            ..Identity::default()
        }),
        ..raccoon::Settings::default()
    };
    let play = Play::with(settings, Opening::default());
    assert!(
        play.told("a strict client library may abort"),
        "{:?}",
        play.notes
    );
}

#[test]
fn an_id_that_is_missing_or_a_users_own_is_warned_of() {
    let with = |id: Option<&str>| {
        let settings = raccoon::Settings {
            identity: Some(Identity {
                id: id.map(str::to_owned),
                ..Identity::default()
            }),
            ..raccoon::Settings::default()
        };
        Play::with(settings, Opening::default())
    };
    assert!(with(None).told("for the server the id is empty"));
    assert!(with(Some("user-1")).told("not marked as wspect's"));
    let ours = with(Some("wspect-host-1"));
    assert!(ours.notes.is_empty(), "{:?}", ours.notes);
    says(&ours.fact("id"), "X-User-ID: wspect-host-1");
}
