use bytes::Bytes;

use super::*;
use crate::protocol::websocketmq::{Client, Clients, Identity, Subscription, Topic};
use crate::schema::Schema;
use crate::transport::clock;
use crate::tui::composer::Environment;

fn terms() -> Terms {
    Terms {
        settings: Arc::default(),
        schema: Arc::new(Schema::demo().clone()),
    }
}

fn client(id: &str, own: bool) -> Client {
    Client {
        id: id.to_owned(),
        name: format!("name of {id}"),
        own,
        ..Client::default()
    }
}

fn picture(now: Stamp) -> Arc<Picture> {
    let topic = |name: &str, subscription| Topic {
        name: name.to_owned(),
        subscription,
        received: 3,
        ..Topic::default()
    };
    let call = Call {
        number: 1,
        id: "c1".to_owned(),
        topic: "client:get_status".to_owned(),
        payload: Some(Bytes::from_static(b"{}")),
        seq: 1,
        at: now,
        due: now.after(Duration::from_secs(10)),
        state: CallState::Held,
        by: String::new(),
        proxied: None,
        digest: 0,
    };
    Arc::new(Picture {
        dialect: Some((Dialect::G2_3, String::new())),
        identity: Identity {
            id: "own-id-0".to_owned(),
            ..Identity::default()
        },
        topics: [
            topic("chat.lobby", Subscription::Held),
            topic("server:announcements", Subscription::Held),
            topic("seen", Subscription::None),
        ]
        .into(),
        clients: Some(Arc::new(Clients {
            rows: vec![client("own-id-0", true), client("browser-7", false)],
            ..Clients::default()
        })),
        calls: [call].into(),
        ..Picture::default()
    })
}

fn composer(now: Stamp) -> (Composer, Terms) {
    let mut terms = terms();
    let mut composer = Composer::default();
    composer.hear(Some(&picture(now)), &mut terms);
    composer.open(System::WebSocketMq, &terms);
    (composer, terms)
}

fn offered(composer: &Composer) -> Vec<String> {
    let offer = composer.line_offer();
    let choices = offer.map_or(Vec::new(), |offer| offer.choices);
    choices.into_iter().map(|choice| choice.text).collect()
}

fn convention(topic: &str) -> &'static Convention {
    conventions::of(topic, Generation::Two).unwrap()
}

#[test]
fn topics_clients_and_calls_are_offered_where_they_fit() {
    let (mut composer, terms) = composer(clock::now());
    for (kind, field, expected) in [
        (
            Kind::Publish,
            0,
            &[
                "chat.lobby",
                "server:announcements",
                "seen",
                "system:hot_reload",
            ][..],
        ),
        (Kind::Request, 0, &["system:list_clients"]),
        (Kind::Proxy, 0, &["browser-7", "self"]),
        (Kind::Proxy, 1, &["browser.info"]),
        (Kind::Subscribe, 0, &["seen", "system:client_error"]),
        (
            Kind::Unsubscribe,
            0,
            &["chat.lobby", "server:announcements"],
        ),
        (Kind::Reply, 0, &["c1"]),
    ] {
        composer.turn_to(kind, &terms);
        composer.focus = Slot::Line(field);
        let all = offered(&composer);
        let first: Vec<_> = all
            .iter()
            .take(expected.len())
            .map(String::as_str)
            .collect();
        assert_eq!(first, expected, "{kind:?} {field}");
        let held = all.iter().any(|one| one == "server:announcements");
        assert!(kind != Kind::Subscribe || !held, "held already: {all:?}");
    }
}

#[test]
fn a_topic_brings_its_payload_unless_something_was_written() {
    let (mut composer, terms) = composer(clock::now());
    composer.turn_to(Kind::Request, &terms);
    composer.focus = Slot::Line(0);
    composer.draft_mut().unwrap().lines[0] = LineEdit::new("user:get");
    assert!(composer.complete(&terms));
    let draft = composer.draft().unwrap();
    assert_eq!(draft.lines[0].text(), "user:get_details");
    assert!(
        draft.body.text().contains("\"userId\": \"user123\""),
        "{}",
        draft.body.text()
    );
    composer.draft_mut().unwrap().body = TextEdit::new("{\"mine\": 1}");
    composer.draft_mut().unwrap().lines[0] = LineEdit::new("server:slow");
    assert!(composer.complete(&terms));
    assert_eq!(composer.draft().unwrap().body.text(), "{\"mine\": 1}");
}

#[test]
fn every_convention_makes_a_draft_that_can_be_sent() {
    let now = clock::now();
    let (mut composer, terms) = composer(now);
    for one in presets(&terms.settings.websocketmq) {
        composer.take_convention(one, &terms);
        assert_eq!(composer.kind(), kind_of(one), "{}", one.topic);
        if one.topic == "system:proxy" {
            continue;
        }
        composer.look(&terms, &Environment::new(), now);
        let verdict = composer.verdict().unwrap();
        assert!(verdict.is_ok(), "{}: {verdict:?}", one.topic);
        if one.way == Way::ToClient {
            let draft = composer.draft().unwrap();
            assert_eq!(draft.lines[0].text(), "browser-7", "the only other client");
        }
    }
    composer.take_convention(convention("browser.exec"), &terms);
    composer.look(&terms, &Environment::new(), now);
    let Some(Ok(messages)) = composer.verdict() else {
        panic!("{:?}", composer.verdict());
    };
    assert!(messages[0].warnings[0].contains("runs in somebody's browser"));
    assert!(
        messages[0].foretold[0].contains("comes back as"),
        "{messages:?}"
    );
}

#[test]
fn an_answer_is_begun_with_the_shape_and_the_time_there_is() {
    let now = clock::now();
    let (mut composer, terms) = composer(now);
    let call = picture(now).calls[0].clone();
    composer.answer_call(&call, &terms);
    let draft = composer.draft().unwrap();
    assert_eq!((composer.kind(), composer.focus), (Kind::Reply, Slot::Body));
    assert!(
        draft.body.text().contains("\"uptime\""),
        "{}",
        draft.body.text()
    );
    let at = |millis| composer.time_left(now.after(Duration::from_millis(millis)));
    let ten = Duration::from_secs(10);
    assert_eq!(at(2_000), Some(Left::Time(Duration::from_secs(8), ten)));
    assert_eq!(at(10_001), Some(Left::Late));
    composer.look(&terms, &Environment::new(), now);
    let Some(Ok(messages)) = composer.verdict() else {
        panic!("{:?}", composer.verdict());
    };
    let text =
        String::from_utf8_lossy(&super::super::check::payload(&messages[0].frames[0])).into_owned();
    assert!(
        text.starts_with(r#"{"id":"c1","type":"response","topic":"client:get_status""#),
        "{text}"
    );
}

#[test]
fn a_call_to_ourselves_is_shown_with_our_id() {
    let now = clock::now();
    let (mut composer, terms) = composer(now);
    let text = r#"{"proxy": "self", "topic": "t"}"#;
    composer.take_document(Kind::Proxy, text, &terms);
    assert_eq!(composer.kind(), Kind::Proxy);
    composer.look(&terms, &Environment::new(), now);
    let Some(Ok(messages)) = composer.verdict() else {
        panic!("{:?}", composer.verdict());
    };
    let text =
        String::from_utf8_lossy(&super::super::check::payload(&messages[0].frames[0])).into_owned();
    assert!(text.contains(r#""targetId":"own-id-0""#), "{text}");
}

#[test]
fn the_dialect_found_out_is_what_messages_are_looked_at_by() {
    let now = clock::now();
    let (mut composer, mut terms) = composer(now);
    let old = Picture {
        dialect: Some((Dialect::G1_3, String::new())),
        ..Picture::default()
    };
    composer.hear(Some(&Arc::new(old)), &mut terms);
    composer.take_document(Kind::Text, r#"{"text":"{\"type\":\"publish\"}"}"#, &terms);
    composer.look(&terms, &Environment::new(), now);
    let Some(Ok(messages)) = composer.verdict() else {
        panic!("{:?}", composer.verdict());
    };
    assert!(
        messages[0].warnings[0].contains("generation 2"),
        "{messages:?}"
    );
}
