use super::*;

fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

fn publish(topic: &str, payload: &str) -> Command {
    Command::Publish {
        topic: topic.to_owned(),
        payload: Some(bytes(payload)),
    }
}

fn request(topic: &str, payload: &str) -> Command {
    Command::Request {
        topic: topic.to_owned(),
        payload: Some(bytes(payload)),
        within: None,
    }
}

fn proxy(topic: &str, payload: &str) -> Command {
    Command::Proxy {
        target: None,
        topic: topic.to_owned(),
        payload: Some(bytes(payload)),
        within: None,
    }
}

fn subscribe(topic: &str) -> Command {
    Command::Subscribe {
        topic: topic.to_owned(),
    }
}

fn unsubscribe(topic: &str) -> Command {
    Command::Unsubscribe {
        topic: topic.to_owned(),
    }
}

fn reply(payload: &str) -> Command {
    Command::Reply {
        id: "1".to_owned(),
        topic: "t".to_owned(),
        answer: Answer::Payload(Some(bytes(payload))),
    }
}

fn text(text: &str) -> Command {
    Command::Raw(Outgoing::Text(bytes(text)))
}

fn filled(length: usize) -> String {
    format!("\"{}\"", "x".repeat(length))
}

#[test]
fn what_is_refused_by_case() {
    for (command, dialect, part) in [
        (publish("", "1"), Dialect::G2, "has no topic"),
        (subscribe(""), Dialect::G2, "answers error 400"),
        (unsubscribe(""), Dialect::G2, "ignores it in silence"),
        (
            publish("t", &filled(SIZE_MAX)),
            Dialect::G2,
            "closes with 1009",
        ),
        (
            request("t", &filled(SIZE_MAX)),
            Dialect::G1_3,
            "closes with 1009",
        ),
        (
            proxy("t", &filled(SIZE_MAX)),
            Dialect::G2,
            "closes with 1009",
        ),
        (reply(&filled(SIZE_MAX)), Dialect::G2, "closes with 1009"),
        (
            proxy("t", "1"),
            Dialect::G1_3,
            "generation 1 has no system:proxy",
        ),
        (publish("t", "1"), Dialect::G2, ""),
        (text("hello"), Dialect::G2, ""),
    ] {
        let refused = Caution::of(&command, dialect).refused.join("; ");
        assert!(refused.contains(part), "{}: {refused}", command.name());
        assert_eq!(refused.is_empty(), part.is_empty(), "{refused}");
    }
}

fn is_odd(cases: Vec<(Command, Dialect, &str)>) {
    for (command, dialect, part) in cases {
        let odd = Caution::of(&command, dialect).odd.join("; ");
        let name = format!("{} {}", command.name(), dialect.name());
        assert!(odd.contains(part), "{name}: {odd}");
        assert_eq!(odd.is_empty(), part.is_empty(), "{name}: {odd}");
    }
}

#[test]
fn what_is_odd_about_publishes_and_requests() {
    let large = filled(GO_CLIENT_MAX);
    is_odd(vec![
        (publish("t", "1"), Dialect::G2_3, ""),
        (
            publish("t", &large),
            Dialect::G2_3,
            "over 32 KiB: every newest Go client",
        ),
        (publish("t", &large), Dialect::G1_1, ""),
        (
            publish("t", "1"),
            Dialect::G2_0,
            "ignores what clients publish",
        ),
        (publish("t", "1"), Dialect::G1_3, "no other client gets it"),
        (publish(" t", "1"), Dialect::G2, "white space around it"),
        (
            publish("system:client_error", "{}"),
            Dialect::G2,
            "served as a request",
        ),
        (publish("system:hot_reload", "{}"), Dialect::G2, "reloads"),
        (request("", "1"), Dialect::G2, "error 404"),
        (
            request("system:proxy", "{}"),
            Dialect::G2_1,
            "has no system:proxy",
        ),
    ]);
}

#[test]
fn what_is_odd_about_calls_subscriptions_and_frames() {
    let large = filled(GO_CLIENT_MAX);
    is_odd(vec![
        (proxy("t", "1"), Dialect::G2_0, "has no system:proxy"),
        (proxy("t", "1"), Dialect::G2_3, ""),
        (
            proxy("t", &large),
            Dialect::G2_3,
            "if the target is a newest Go client",
        ),
        (
            proxy("browser.exec", "{}"),
            Dialect::G2_3,
            "runs in somebody's browser",
        ),
        (subscribe("chat.*"), Dialect::G2, "no wildcards"),
        (
            subscribe("t"),
            Dialect::G1_3,
            "no subscriptions on the wire",
        ),
        (unsubscribe("t"), Dialect::G1_1, "delivery goes on"),
        (
            reply(&large),
            Dialect::G2,
            "through system:proxy from a newest Go client",
        ),
        (text("hello"), Dialect::G2, "closes with 1007"),
        (
            text(r#"{"id":7,"type":"request"}"#),
            Dialect::G2,
            "`id` must be a string",
        ),
        (
            text(r#"{"header":{"type":"event"}}"#),
            Dialect::G2,
            "of generation 1",
        ),
        (
            text(r#"{"type":"publish","topic":"t"}"#),
            Dialect::G1_3,
            "of generation 2",
        ),
        (text(r#"{"type":"publish","topic":"t"}"#), Dialect::G2, ""),
    ]);
}

#[test]
fn what_subscribers_get_counts_not_what_is_sent() {
    // The broker adds a newline and takes white space out.
    let overhead = r#"{"type":"publish","topic":"t","payload":""}"#.len() + 1;
    let fits = filled(GO_CLIENT_MAX - overhead);
    assert!(
        Caution::of(&publish("t", &fits), Dialect::G2)
            .odd
            .is_empty()
    );
    let spaced = format!("    {fits}    ");
    assert!(
        Caution::of(&publish("t", &spaced), Dialect::G2)
            .odd
            .is_empty()
    );
    let over = filled(GO_CLIENT_MAX - overhead + 1);
    assert_eq!(Caution::of(&publish("t", &over), Dialect::G2).odd.len(), 1);
}

#[test]
fn hazards_are_found_in_every_form() {
    let exec = r#"{"targetId":"a","topic":"browser.exec","payload":{"code":"1"}}"#;
    for (command, is_one) in [
        (publish("system:hot_reload", "{}"), true),
        (proxy("browser.navigate", "{}"), true),
        (request("system:proxy", exec), true),
        (
            text(r#"{"type":"publish","TOPIC":"system:hot_reload"}"#),
            true,
        ),
        (
            text(&format!(
                r#"{{"id":"1","type":"request","topic":"system:proxy","payload":{exec}}}"#
            )),
            true,
        ),
        (request("browser.exec", "{}"), false),
        (proxy("browser.info", "{}"), false),
        (text("hello"), false),
        (subscribe("system:hot_reload"), false),
    ] {
        assert_eq!(hazard(&command).is_some(), is_one, "{command:?}");
    }
}
