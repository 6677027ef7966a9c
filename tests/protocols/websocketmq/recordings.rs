//! What matters in each recording is told: the sentence, the badge, the pairing.

use wspect::protocol::System;

use crate::{replay, transcript};

fn told(recording: &str) -> String {
    replay::lines(&transcript::named(recording))
}

#[test]
fn what_each_recording_of_generation_2_is_about() {
    for (recording, parts) in RECORDINGS_2 {
        let text = told(recording);
        for part in *parts {
            assert!(text.contains(part), "{recording}: {part}\n{text}");
        }
    }
}

#[test]
fn what_each_recording_of_generation_1_is_about() {
    for (recording, parts) in RECORDINGS_1 {
        let text = told(recording);
        for part in *parts {
            assert!(text.contains(part), "{recording}: {part}\n{text}");
        }
    }
}

#[test]
fn every_recording_is_checked() {
    let named = |name: &str| {
        let mut known = RECORDINGS_1.iter().chain(RECORDINGS_2);
        known.any(|(recording, _)| *recording == name) || name == "go-websocketmq-upgrade-refused"
    };
    let all = transcript::all();
    let ours = all
        .iter()
        .filter(|one| one.system == System::WebSocketMq)
        .map(|one| &one.name);
    let missing: Vec<_> = ours.filter(|name| !named(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_correlation_id_is_never_a_label_in_generation_1() {
    for (recording, _) in RECORDINGS_1 {
        for line in told(recording).lines() {
            let words = line.split(" · ").collect::<Vec<_>>();
            let Some(key) = words.iter().find_map(|word| word.strip_prefix("answers ")) else {
                continue;
            };
            let key = key.split(' ').next().unwrap_or_default();
            assert!(
                !words[0].split(' ').any(|word| word == key),
                "{recording}: {line}"
            );
        }
    }
}

#[test]
fn every_refused_upgrade_is_explained() {
    let mut told = Vec::new();
    for recording in [
        "go-websocketmq-upgrade-refused",
        "go-websocketmq-gen1-compression",
        "go-websocketmq-gen1-g11-bad-input-and-closing",
    ] {
        for answer in transcript::named(recording).refused {
            let row = System::WebSocketMq.row();
            let why = (row.refused_upgrade)(&replay::settings(), &answer);
            told.push(format!("{} {}", answer.status, why.unwrap_or_default()));
        }
    }
    let text = told.join("\n");
    for part in [
        "403 The broker (generation 2, by its words)",
        "403 The broker (generation 1, by its words)",
        "426 The upgrade came to the broker without",
        "400 A broker answers 400 to a Sec-WebSocket-Version",
        "400 A server of generation 1 refuses an offer of permessage-deflate",
        "404 The broker upgrades on one path alone",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

type Recording = (&'static str, &'static [&'static str]);

const RECORDINGS_2: &[Recording] = &[
    (
        "go-websocketmq-bad-input",
        &[
            "A ended 1007 · a message of ours could not be decoded",
            "H   @ registration dropped",
            "H < close        1007 failed to unmarshal JSON\n    note: a message of ours could not be decoded: `id` is not a string",
            "error: not JSON at byte 53: expected nothing after the value",
            "the broker knows no such type and ignores the message",
            "only the broker sends this type",
            "> request      system:get_time · asks frag within 10s",
            "K > ping         mid",
        ],
    ),
    (
        "go-websocketmq-closing",
        &[
            "C < close        no code",
            "E < close        4000 app close",
            "D ended 1006",
        ],
    ),
    (
        "go-websocketmq-duplicate-client-id",
        &[
            "B   ! the broker does not list this connection any more: another one with the same client_id has replaced it and ended",
        ],
    ),
    (
        "go-websocketmq-go-client-reconnect",
        &["c2 < registered   system:register"],
    ),
    (
        "go-websocketmq-go-client",
        &[
            "< request      client:get_status",
            "Client has no handler for topic",
        ],
    ),
    (
        "go-websocketmq-js-client",
        &[
            "as the browser client reports failures",
            "> register     system:register",
        ],
    ),
    (
        "go-websocketmq-message-limit",
        &[
            "1009 read limited at 1048577 bytes",
            "the broker takes messages of up to 1 MiB",
        ],
    ),
    (
        "go-websocketmq-no-ping-idle",
        &["< registered   system:register"],
    ),
    (
        "go-websocketmq-no-pong",
        &[
            "< close        1008 ping failure\n    note: no pong came within half the broker's ping interval",
            "ended 1008 · no pong came within half",
        ],
    ),
    (
        "go-websocketmq-ping-default",
        &["< ping         1", "> pong         1"],
    ),
    (
        "go-websocketmq-ping",
        &["< ping         3", "> ping ", "< pong "],
    ),
    (
        "go-websocketmq-proxy",
        &[
            "> request      system:proxy",
            "proxy request missing target client ID",
            "not found",
            "timed out after 2s",
        ],
    ),
    (
        "go-websocketmq-publish-fanout",
        &["the broker ignores a publish without a topic", "< publish "],
    ),
    (
        "go-websocketmq-register",
        &["= live: registered as Inspector one, id inspector-0001"],
    ),
    (
        "go-websocketmq-request-response",
        &[
            "< error        404",
            "< error        500",
            "< error        400",
        ],
    ),
    (
        "go-websocketmq-server-announcements",
        &["< publish      server:announcements"],
    ),
    (
        "go-websocketmq-server-request",
        &[
            "type `error` without an error object",
            "type `response` with an error object",
            "answers never-asked ok",
        ],
    ),
    (
        "go-websocketmq-server-shutdown",
        &["A ended 1006 · TCP ended without a close frame: the broker does so when it shuts down"],
    ),
    (
        "go-websocketmq-short-client-id",
        &[
            "! the client_id has fewer than 8 bytes: a broker of generation 2 goes dead",
            "= registering: system:register was not answered: the client_id has fewer than 8 bytes, so this connection is dead",
        ],
    ),
    (
        "go-websocketmq-slow-consumer-two",
        &["1008 too many dropped messages"],
    ),
    (
        "go-websocketmq-slow-consumer",
        &[
            "ended 1006 · TCP ended without a close frame",
            "< publish      flood",
        ],
    ),
    (
        "go-websocketmq-unregistered",
        &["< subscribed ", "< publish "],
    ),
];

const RECORDINGS_1: &[Recording] = &[
    (
        "go-websocketmq-gen1-bad-input",
        &[
            "a broker of generation 2 closes the connection over this with 1007, a server of generation 1 ignores it",
            "a server of generation 1 ignores this in silence and stays connected\n    error: `timestamp` is not a whole number",
            "error: `ttl` is not a whole number",
            "error: `correlationID` is not a string",
            "JSON in a binary frame: servers of 1.1 and later ignore it",
            "ended 1009 · the broker takes messages of up to 1 MiB",
        ],
    ),
    (
        "go-websocketmq-gen1-compression",
        &[
            "A   = registering: waiting for the acknowledgement of _client.register",
            "D < response     server.ping · answers l ok",
        ],
    ),
    (
        "go-websocketmq-gen1-events",
        &[
            "A < registered   _internal.client.registered · answers page-a ok",
            "! the server speaks generation 1, and from here on so do we",
            "A < event        event.system.alert",
            "A > message      x (hello)\n    note: 1.3 hands a message of any type",
        ],
    ),
    (
        "go-websocketmq-gen1-g11-bad-input-and-closing",
        &[
            "= live: usable without a registration: generation 1.1 has none",
            r#""type":"subscribe","topic":"subscribe""#,
        ],
    ),
    (
        "go-websocketmq-gen1-g11-js-client",
        &[
            "c1 > subscribe    server.tick",
            "note: context deadline exceeded",
        ],
    ),
    (
        "go-websocketmq-gen1-g11-request-response",
        &[
            "A < error        no.handler · answers c-2 error\n    note: context deadline exceeded",
            "note: correlation ID is required for requests",
            "A < event        peer.topic · answers c-6 ok",
            "the server of 1.1 drops every reply of a client",
        ],
    ),
    (
        "go-websocketmq-gen1-idle-and-closing",
        &[
            "1000 server shutting down connection\n    note: generation 1.3: the server shuts down",
            "I ended 1000 · generation 1.3",
        ],
    ),
    (
        "go-websocketmq-gen1-js-client-min",
        &[
            "note: Cannot read properties of undefined",
            "> response     response",
        ],
    ),
    (
        "go-websocketmq-gen1-js-client",
        &["< request      browser.click · asks "],
    ),
    (
        "go-websocketmq-gen1-register",
        &[
            "this registration is never acknowledged",
            "registered   _internal.client.registered",
        ],
    ),
    (
        "go-websocketmq-gen1-request-response",
        &[
            "< response     test.two_handlers · answers c-4 ok\n    note: reply 2 to one request",
            "< response     response\n    note: a stray reply",
            "> request      no.handler · asks c-2 within 800ms",
        ],
    ),
    (
        "go-websocketmq-gen1-server-request",
        &[
            "W > error        browser.input · answers 1795219415748072937-2474163715376630989 error\n    note: no such element",
            "note: boom",
            "note: bare string",
            "note: its topic is not its correlationID",
            "note: the call was answered already",
            "W > event        browser.click\n    note: an event on the correlation id of a request: only 1.1 takes that for an answer",
            r#""body":{"error":"no handler for topic: browser.click"}}"#,
        ],
    ),
];
