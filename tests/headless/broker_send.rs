//! `wspect send` to a `WebSocketMQ` broker.

use std::fmt::Write as _;

use wspect::server::websocketmq;

use super::*;

/// Runs `send` with these documents against a broker with the library's own queue of 16.
fn sent(documents: &str, flags: &[&str]) -> Ran {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = websocketmq::Settings {
        send_buffer: 16,
        traffic: websocketmq::Traffic::NONE,
        ..websocketmq::Settings::default()
    };
    let (broker, _handle) = runtime.block_on(websocketmq::start(settings)).unwrap();
    let target = format!("{}?client_id=headless-0001", broker.url());
    let ran = run_with(&[&["send", target.as_str()], flags].concat(), documents);
    runtime.block_on(broker.stop());
    ran
}

#[test]
fn a_burst_of_requests_is_answered_whole() {
    let ran = sent(
        r#"{"request":"system:get_time"}"#,
        &["-", "--repeat", "200", "--quiet"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.err.contains("sent 200") && ran.err.contains("ok 200"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("held back to 15 replies"), "{}", ran.err);
    let ran = sent(
        r#"{"request":"system:get_time"}"#,
        &[
            "-", "--repeat", "60", "--rate", "5000", "--window", "0", "-q",
        ],
    );
    assert!(!ran.err.contains("held back"), "{}", ran.err);
}

#[test]
fn own_publishes_are_waited_for_as_replies_are() {
    let mut documents = r#"{"subscribe":"own"}"#.to_owned();
    for n in 0..100 {
        write!(documents, r#"{{"publish":"own","payload":{{"n": {n}}}}}"#).unwrap();
    }
    documents.push_str(r#"{"request":"system:get_time"}"#);
    let ran = sent(&documents, &["-"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.err.contains("sent 102") && ran.err.contains("ok 2"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("held back to 15 replies"), "{}", ran.err);
    let badges: Vec<_> = ran.lines.iter().map(|line| &line["badge"]).collect();
    assert_eq!(badges, ["subscribed", "response"]);
}

#[test]
fn a_call_to_ourselves_goes_through_the_broker_and_back() {
    // Nothing of the profile answers: the refusal of the call comes back as the call's failure.
    let ran = sent(r#"{"proxy":"self","topic":"no.such"}"#, &["-"]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let line = &ran.lines[0];
    assert_eq!(
        (&line["badge"], &line["outcome"]),
        (&"error".into(), &"error".into())
    );
    assert!(line["latency_us"].is_u64(), "{line}");
    let told = line["body"].to_string();
    assert!(
        told.contains("client headless-0001 responded with error"),
        "{line}"
    );
}

#[test]
fn orders_are_carried_out_without_a_message() {
    let documents = r#"{"hold_calls":true} {"clients":false} {"register":{"name":"desk"}}
        {"request":"system:list_clients"}"#;
    let ran = sent(documents, &["-"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.err.contains("sent 2") && ran.err.contains("orders 2"),
        "{}",
        ran.err
    );
    let names: Vec<_> = ran.lines.iter().map(|line| &line["badge"]).collect();
    assert_eq!(names, ["registered", "response"]);
    assert_eq!(
        ran.lines[1]["body"]["payload"]["clients"][0]["name"],
        "desk"
    );
}

#[test]
fn what_hurts_others_takes_a_yes() {
    for document in [
        r#"{"publish":"system:hot_reload","payload":{}}"#,
        r#"{"proxy":"self","topic":"browser.exec","payload":{"code":"1"}}"#,
        r#"{"text":"{\"type\":\"publish\",\"topic\":\"system:hot_reload\"}"}"#,
    ] {
        let ran = sent(document, &["-"]);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains("with --yes it is"), "{}", ran.err);
    }
    let ran = sent(
        r#"{"publish":"system:hot_reload","payload":{}}"#,
        &["-", "--yes"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.err.contains("reloads"),
        "told all the same: {}",
        ran.err
    );
}

#[test]
fn what_would_end_the_connection_is_told_or_refused_before_it_is_sent() {
    let ran = sent(r#"{"publish":""}"#, &["-"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("has no topic"), "{}", ran.err);
    let ran = sent(r#"{"publish":""}"#, &["-", "--no-lint"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let ran = sent(r#"{"text":"{\"id\":7,\"type\":\"request\"}"}"#, &["-"]);
    assert!(
        ran.err
            .contains("closes with 1007 failed to unmarshal JSON"),
        "{}",
        ran.err
    );
}

#[test]
fn an_older_broker_is_spoken_to_in_its_own_form() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("profiles")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = websocketmq::Settings {
        dialect: websocketmq::Dialect::V1_3,
        ..websocketmq::Settings::default()
    };
    let (broker, _handle) = runtime
        .block_on(websocketmq::generation1::start(settings))
        .unwrap();
    let profile = format!(
        "url = \"{}\"\nsystem = \"websocketmq\"\n[websocketmq]\ngeneration = \"1.3\"\n",
        broker.url()
    );
    std::fs::write(home.path().join("profiles/old.toml"), profile).unwrap();
    let documents = r#"{"subscribe":"t"} {"publish":"client.hello","payload":{}}
        {"request":"server.ping","payload":{"a":1}}"#;
    let config = home.path().to_str().unwrap();
    let ran = run_with(&["--config", config, "send", "old", "-"], documents);
    runtime.block_on(broker.stop());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.err.contains("sent 2 ") && ran.err.contains("orders 1"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("no subscriptions on the wire"),
        "{}",
        ran.err
    );
    assert_eq!(ran.lines[0]["body"]["body"]["client_data"]["a"], 1);
}
