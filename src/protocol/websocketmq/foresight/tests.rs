use serde_json::Value as Json;

use super::*;

/// What a recorded broker did about a message.
#[derive(Debug, PartialEq, Eq)]
enum Done {
    Closed(i64),
    Failed(i64),
    Replied,
    Nothing,
}

/// Every data message a client sent in a recording, and what came of it before it sent the next.
fn recorded(recording: &str) -> Vec<(Vec<u8>, bool, Done)> {
    let rows: Vec<Json> = recording
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|row: &Json| row.get("op").is_some())
        .collect();
    let is_out = |row: &Json, op: &str| row["dir"] == "out" && row["op"] == op;
    let mut found = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let is_data = is_out(row, "text") || is_out(row, "binary");
        if !is_data || row["fin"] == false || row.get("sent").is_some() {
            continue;
        }
        let bytes = match (row["text"].as_str(), row["hex"].as_str()) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, hex) => crate::hex::decode(hex.unwrap_or_default()).unwrap(),
        };
        let rest = rows[at + 1..].iter();
        let same = rest.filter(|later| later["conn"] == row["conn"]);
        let same: Vec<_> = same.collect();
        // A reply may come after what was sent next.
        let id = id(&bytes);
        let by_id = id.as_ref().and_then(|id| {
            let mut replies = same.iter().filter(|later| later["dir"] == "in");
            let holds = |text: &Json| text.as_str().is_some_and(|text| text.contains(id));
            replies.find(|later| holds(&later["text"]) || holds(&later["inflated"]))
        });
        let next = by_id.or_else(|| {
            let mut next = same.iter().take_while(|later| later["dir"] == "in");
            let counts = |later: &Json| match later["op"].as_str() {
                Some("text") => id.is_none(),
                op => op == Some("close") && later["code"] != 1000,
            };
            next.find(|later| counts(later))
        });
        let done = next.map_or(Done::Nothing, |reply| {
            let text = reply["text"].as_str().unwrap_or_default();
            let reply: Json = match reply["op"].as_str() {
                Some("close") => return Done::Closed(reply["code"].as_i64().unwrap()),
                // Compressed.
                _ if text.is_empty() => return Done::Replied,
                _ => serde_json::from_str(text).unwrap(),
            };
            if reply["type"] == "error" {
                Done::Failed(reply["error"]["code"].as_i64().unwrap())
            } else if reply["header"]["type"] == "error" {
                Done::Failed(0)
            } else {
                Done::Replied
            }
        });
        found.push((bytes, row["op"] == "text", done));
    }
    found
}

/// The id a reply to that message would carry, with its quotes.
fn id(message: &[u8]) -> Option<String> {
    let message: Json = serde_json::from_slice(message).ok()?;
    let id = message["id"]
        .as_str()
        .or(message["header"]["correlationID"].as_str())?;
    Some(format!("\"{id}\""))
}

macro_rules! recording {
    ($name:literal) => {
        include_str!(concat!(
            "../../../../tests/fixtures/transcripts/",
            $name,
            ".jsonl"
        ))
    };
}

#[test]
fn recorded_brokers_did_what_is_foreseen() {
    for (dialect, recording, least) in [
        (Dialect::G2_3, recording!("go-websocketmq-bad-input"), 30),
        (Dialect::G2_3, recording!("go-websocketmq-unregistered"), 2),
        (
            Dialect::G1_3,
            recording!("go-websocketmq-gen1-bad-input"),
            14,
        ),
        (Dialect::G1_3, recording!("go-websocketmq-gen1-events"), 7),
        (
            Dialect::G1_1,
            recording!("go-websocketmq-gen1-g11-bad-input-and-closing"),
            6,
        ),
    ] {
        let all = recorded(recording);
        assert!(all.len() >= least, "{}", all.len());
        for (bytes, is_text, done) in all {
            let reaction = foresee(dialect, &bytes, is_text);
            let fits = match (&reaction, &done) {
                (Reaction::Close { code, .. }, Done::Closed(real)) => i64::from(*code) == *real,
                (Reaction::Error { code, .. }, Done::Failed(real)) => code == real,
                // Whether somebody handles the topic is not known beforehand, and own publishes
                // come back.
                (Reaction::Answered(_), Done::Replied | Done::Failed(_))
                | (Reaction::Taken(_), Done::Nothing | Done::Replied)
                | (Reaction::Ignored(_), Done::Nothing) => true,
                _ => false,
            };
            let shown = String::from_utf8_lossy(&bytes);
            assert!(fits, "{shown}\nforeseen {reaction:?}\nreally {done:?}");
        }
    }
}

/// Dialect, message, and a part of what is said of it.
static CASES: &[(Dialect, &str, &str)] = &[
    (
        Dialect::G2,
        "hello",
        "closes with 1007 failed to unmarshal JSON",
    ),
    (
        Dialect::G2,
        r#"{"id":7,"type":"request"}"#,
        "`id` must be a string, not number",
    ),
    (
        Dialect::G2,
        r#"{"id":7,"ID":"7","type":"request","topic":"t"}"#,
        "closes with 1007",
    ),
    (
        Dialect::G2,
        r#"{"type":"error","error":{"code":1.5}}"#,
        "`error.code` must be a whole number",
    ),
    (
        Dialect::G2,
        r#"{"type":"error","error":"x"}"#,
        "`error` must be an object",
    ),
    (
        Dialect::G2,
        r#"{"id":null,"type":"error","error":null}"#,
        "belongs to no call",
    ),
    (Dialect::G2, "", "the message is empty"),
    (Dialect::G2, " null\n", "ignores this in silence"),
    (
        Dialect::G2,
        r#"{"type":"REQUEST"}"#,
        "knows no type REQUEST",
    ),
    (
        Dialect::G2,
        r#"{"header":{"type":"event"}}"#,
        "of generation 1",
    ),
    (
        Dialect::G2,
        r#"{"id":"1","type":"request"}"#,
        "answered by error 404 No handler for topic: ",
    ),
    (
        Dialect::G2,
        r#"{"id":"1","type":"subscribe_request"}"#,
        "answered by error 400 Subscription topic cannot be empty",
    ),
    (
        Dialect::G2,
        r#"{"type":"unsubscribe_request"}"#,
        "gets no answer",
    ),
    (
        Dialect::G2_3,
        r#"{"type":"publish","topic":"t"}"#,
        "never acknowledged",
    ),
    (
        Dialect::G2_0,
        r#"{"type":"publish","topic":"t"}"#,
        "2.0 takes no publish",
    ),
    (
        Dialect::G2_1,
        r#"{"id":"1","type":"request","topic":"system:proxy"}"#,
        "404 No handler for topic: system:proxy",
    ),
    (
        Dialect::G2_3,
        r#"{"id":"1","type":"request","topic":"system:proxy","payload":"x"}"#,
        "answered by error 400",
    ),
    (
        Dialect::G2_3,
        r#"{"id":"1","type":"request","topic":"system:proxy","payload":{}}"#,
        "500 proxy request missing target client ID",
    ),
    (
        Dialect::G1_3,
        r#"{"type":"publish","topic":"t"}"#,
        "an envelope of generation 2",
    ),
    (
        Dialect::G1_3,
        r#"{"header":{"type":"event","ttl":1.0e3}}"#,
        "not of its type",
    ),
    (
        Dialect::G1_3,
        r#"{"header":{"type":"event","topic":"_client.register"},"body":{}}"#,
        "no pageSessionID",
    ),
    (
        Dialect::G1_2,
        r#"{"header":{"type":"subscribe","topic":"subscribe"},"body":"t"}"#,
        "no subscriptions on the wire",
    ),
    (
        Dialect::G1_1,
        r#"{"header":{"type":"subscribe","topic":"subscribe"},"body":{"t":1}}"#,
        "the body must be the topic",
    ),
    (
        Dialect::G1_1,
        r#"{"header":{"type":"request","topic":"t","ttl":5}}"#,
        "correlation ID is required",
    ),
    (
        Dialect::G1_1,
        r#"{"header":{"type":"request","topic":"t","correlationID":"c","ttl":0}}"#,
        "context deadline exceeded",
    ),
    (Dialect::G1_3, "not json", "ignores this in silence"),
];

#[test]
fn sentences_by_case() {
    for (dialect, message, part) in CASES {
        let sentence = foresee(*dialect, message.as_bytes(), true).sentence();
        let shown = &message[..message.len().min(80)];
        assert!(sentence.contains(part), "{shown}: {sentence}");
    }
}

#[test]
fn a_message_over_a_mebibyte_ends_the_connection_in_every_dialect() {
    let large = vec![b'x'; SIZE_MAX + 1];
    for dialect in Dialect::ALL {
        let sentence = foresee(dialect, &large, true).sentence();
        assert!(
            sentence.contains("closes with 1009 read limited"),
            "{sentence}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_have_a_reaction(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..64),
        text in r#"[{}\[\]":,a-z0-9 .\\é-]{0,48}"#,
        dialect in 0..10_usize,
    ) {
        for message in [&bytes[..], text.as_bytes()] {
            let reaction = foresee(Dialect::ALL[dialect], message, true);
            assert!(!reaction.sentence().is_empty());
        }
    }
}
