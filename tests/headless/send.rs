use std::fs;
use std::time::Duration;

use wspect::server::raccoon;

use super::*;

const BATCH: &str = r#"{"req_guid":"${uuid}","sent_time":"${now}","events":[
  {"type":"click","data":{"button":"buy"}},{"type":"page","data":{"url":"/home"}}]}"#;

#[test]
fn a_batch_from_a_file_is_acked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("batch.json");
    fs::write(&path, BATCH).unwrap();
    for wire in ["protobuf", "json"] {
        let ran = run(&[
            "send",
            "demo:raccoon",
            path.to_str().unwrap(),
            "--wire",
            wire,
        ]);
        assert_eq!(ran.lines.len(), 1, "{}", ran.err);
        let ack = &ran.lines[0];
        assert_eq!(
            (&ack["badge"], &ack["type"]),
            (&"ack".into(), &"frame".into())
        );
        assert!(ack["latency_us"].is_u64() && ack["key"].is_string());
        // The demo fails a batch now and then.
        let fine = ack["outcome"] == "ok";
        assert_eq!(ran.code, Some(if fine { 0 } else { 3 }), "{}", ran.err);
        assert!(ran.err.contains("sent 1 · "), "{}", ran.err);
    }
}

#[test]
fn repetitions_have_guids_of_their_own_and_keep_their_rate() {
    let ran = run_with(
        &["send", "demo:raccoon", "--repeat", "20", "--rate", "100"],
        BATCH,
    );
    let guids: BTreeSet<_> = ran
        .lines
        .iter()
        .map(|line| line["key"].as_str().unwrap())
        .collect();
    assert_eq!((ran.lines.len(), guids.len()), (20, 20), "{}", ran.err);
    assert!(ran.err.contains("sent 20 at "), "{}", ran.err);
}

#[test]
fn a_schedule_ends_with_its_time_and_says_what_was_asked_and_reached() {
    let ran = run_with(
        &[
            "send",
            "demo:raccoon",
            "--for",
            "500ms",
            "--rate",
            "40",
            "--quiet",
        ],
        BATCH,
    );
    assert!(ran.lines.is_empty(), "{:?}", ran.lines);
    // Document number n is due n / 40 s after the first, so the 20th is due after 475 ms.
    assert!(ran.err.contains("sent 20 at "), "{}", ran.err);
    assert!(ran.err.contains("/s of 40/s asked"), "{}", ran.err);
}

#[test]
fn each_transport_carries_a_batch_and_says_so() {
    for (transport, start) in [("rest", "HTTP/1.1 "), ("grpc", "HTTP/2 200")] {
        let ran = run_with(&["send", "demo:raccoon", "--transport", transport], BATCH);
        assert_eq!(ran.lines.len(), 1, "{}", ran.err);
        let answer = &ran.lines[0];
        assert_eq!(answer["kind"], "response");
        let line = answer["http"]["start"].as_str().unwrap();
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn a_batch_that_keeps_failing_is_tried_as_often_as_asked_and_counted_once() {
    // Neither JSON nor protobuf: the log publisher fails it each time.
    let batch = r#"{"req_guid":"again","events":[{"type":"page","base64":"////"}]}"#;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = raccoon::Settings {
        ack: raccoon::Ack::Sync,
        ..raccoon::Settings::default()
    };
    let server = runtime.block_on(raccoon::start(settings)).unwrap();
    let url = server.url().to_owned();
    for transport in ["websocket", "rest"] {
        let ran = run_with(
            &["send", &url, "--transport", transport, "--retry", "2"],
            batch,
        );
        assert_eq!(ran.code, Some(3), "{}", ran.err);
        let outcomes: Vec<_> = ran.lines.iter().map(|line| &line["outcome"]).collect();
        assert_eq!(outcomes, ["error", "error"], "{}", ran.err);
        let note = |at: usize| ran.lines[at]["notes"][0].as_str().unwrap();
        assert!(note(0).starts_with("attempt 1 of 2: "), "{}", note(0));
        assert!(
            note(1).starts_with("2 of 2 attempts used up"),
            "{}",
            note(1)
        );
        assert!(
            ran.err.contains("sent 1 · error 1 · sent again 1 · "),
            "{}",
            ran.err
        );
    }
    runtime.block_on(server.stop());
}

#[test]
fn calls_are_answered_and_a_soft_error_is_exit_code_3() {
    let calls =
        r#"{"request":"system:get_time","payload":{}} {"publish":"chat.lobby","payload":1}"#;
    let ran = run_with(&["send", "demo:mq", "-"], calls);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(ran.lines.len(), 1);
    assert_eq!(ran.lines[0]["badge"], "response");
    assert!(ran.err.contains("sent 2"), "{}", ran.err);

    let ran = run_with(&["send", "demo:mq"], r#"{"request":"no.such.topic"}"#);
    assert_eq!(ran.code, Some(3));
    assert_eq!(ran.lines[0]["outcome"], "error");
    assert!(ran.err.contains("1 were refused or failed"), "{}", ran.err);
}

#[test]
fn a_wrong_document_is_exit_code_2_and_nothing_is_sent() {
    let ran = run_with(
        &["send", "demo:raccoon"],
        r#"{"events":[{"type":"click","dat":{}}]}"#,
    );
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("Nothing of it was sent") && ran.err.contains("dat"),
        "{}",
        ran.err
    );
    let ran = run(&["send", "demo:raccoon", "/nonexistent/batch.json"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("reading /nonexistent/batch.json"),
        "{}",
        ran.err
    );
}

#[test]
fn nobody_there_is_exit_code_1() {
    let address = free_address();
    let ran = run_with(&["send", &format!("ws://{address}")], r#"{"text":"hello"}"#);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("refused the connection"), "{}", ran.err);
    assert!(ran.err.contains("sent 0"), "{}", ran.err);
}

#[test]
fn what_was_not_acked_is_kept_and_can_be_sent_again_as_it_was() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serve = |least| {
        let settings = raccoon::Settings {
            ack: raccoon::Ack::Sync,
            flush_timeout: Duration::from_millis(100),
            publisher: raccoon::Publisher::Broker {
                least,
                most: least,
                fail_one_in: 0,
            },
            ..raccoon::Settings::default()
        };
        runtime.block_on(raccoon::start(settings)).unwrap()
    };
    let (slow, prompt) = (serve(Duration::from_mins(1)), serve(Duration::ZERO));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("unacked.jsonl");
    let file = file.to_str().unwrap();
    let arguments = ["--unacked", file, "--timeout", "2s", "--repeat", "3"];
    let batch = r#"{"events":[{"type":"click","serialization":"json","data":{"a":1}}]}"#;
    let ran = run_with(&[&["send", slow.url()], &arguments[..]].concat(), batch);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(
        ran.err.contains("3 documents without an answer"),
        "{}",
        ran.err
    );
    let lost: BTreeSet<_> = ran
        .lines
        .iter()
        .map(|line| line["key"].clone().to_string())
        .collect();
    assert_eq!(lost.len(), 3, "{:?}", ran.lines);

    let again = run(&["send", prompt.url(), file]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    let acked: BTreeSet<_> = again
        .lines
        .iter()
        .map(|line| line["key"].clone().to_string())
        .collect();
    assert_eq!(acked, lost, "the same ids");
    runtime.block_on(async {
        slow.stop().await;
        prompt.stop().await;
    });
}

#[test]
fn an_update_of_filters_ends_with_what_the_server_does_not_say() {
    let ran = run_with(
        &["send", "demo:stellar"],
        r#"{"register":{"types":["payment"],"min_amount":"5"}}"#,
    );
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.lines.is_empty(), "nobody answers");
    for part in [
        "min_amount is echoed but never compared",
        "sent 1 · not acknowledged 1, as the server answers only the first register",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
}

#[test]
fn filters_the_server_would_drop_are_refused_unless_asked_for() {
    let broken = r#"{"register":{"min_amount":5}}"#;
    let ran = run_with(&["send", "demo:stellar"], broken);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    let part = "`register.min_amount` must be a string, found a number";
    assert!(ran.err.contains(part), "{}", ran.err);
    let ran = run_with(&["send", "demo:stellar", "--no-lint"], broken);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("drops this in silence"), "{}", ran.err);
    assert!(ran.err.contains("sent 1"), "{}", ran.err);
}
