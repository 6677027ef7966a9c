use super::*;
use crate::transport::clock;

fn responders(toml: &str) -> Responders {
    #[derive(serde::Deserialize)]
    struct Table {
        rules: Vec<Responder>,
    }
    let table: Table = toml::from_str(&format!("rules = [{toml}]")).unwrap();
    Responders::new(table.rules, Ids::new([1; 16]))
}

fn ask(responders: &mut Responders, topic: &str, payload: &str) -> (Option<Chosen>, Vec<String>) {
    let mut notes = Vec::new();
    let asked = Asked {
        id: "c1",
        topic,
        payload: Some(payload.as_bytes()),
        at: clock::now(),
    };
    (responders.choose(&asked, &mut notes), notes)
}

fn answered(responders: &mut Responders, topic: &str, payload: &str) -> Answer {
    ask(responders, topic, payload)
        .0
        .expect("one matches")
        .answer
}

fn payload(json: &'static str) -> Answer {
    Answer::Payload(Some(Bytes::from_static(json.as_bytes())))
}

#[test]
fn the_first_that_matches_counts() {
    let mut all = responders(
        r#"{ topic = "calc", when = ".a > 9", reply = '"much"' },
           { topic = "calc", reply = '{"sum":${.payload | .a + .b},"n":"${.n}"}' },
           { topic = "browser.*", error = { message = "no browser" } },
           { topic = "*", misbehave = "silence" }"#,
    );
    assert_eq!(
        answered(&mut all, "calc", r#"{"a":10}"#),
        payload("\"much\"")
    );
    for n in 1..3 {
        let json = format!(r#"{{"sum":5,"n":{n}}}"#);
        let expected = Answer::Payload(Some(json.into()));
        assert_eq!(answered(&mut all, "calc", r#"{"a":2,"b":3}"#), expected);
    }
    let failed = answered(&mut all, "browser.click", "{}");
    assert!(matches!(failed, Answer::Failure { code: 500, .. }));
    assert_eq!(answered(&mut all, "other", "null"), Answer::Silence);
    let mut none = responders(r#"{ topic = "a" }"#);
    assert!(ask(&mut none, "A", "null").0.is_none(), "case counts");
    assert_eq!(answered(&mut none, "a", "null"), Answer::Payload(None));
}

#[test]
fn a_when_that_fails_is_no_match_and_is_said_once() {
    let mut all =
        responders(r#"{ topic = "t", when = ".a - 1 > 0" }, { topic = "t", reply = "2" }"#);
    let (chosen, notes) = ask(&mut all, "t", r#"{"a":"x"}"#);
    assert_eq!(chosen.unwrap().answer, payload("2"));
    assert!(notes[0].contains("counts as no match"), "{notes:?}");
    for broken in [r#"{"a":"x"}"#, "{oops"] {
        assert!(ask(&mut all, "t", broken).1.is_empty());
    }
    assert_eq!(answered(&mut all, "t", r#"{"a":2}"#), Answer::Payload(None));
}

#[test]
fn a_reply_that_fails_is_an_error_500() {
    let mut all = responders(r#"{ topic = "t", reply = '${.payload.a - 1}' }"#);
    let (chosen, notes) = ask(&mut all, "t", r#"{"a":"x"}"#);
    assert!(
        matches!(chosen.unwrap().answer, Answer::Failure { code: 500, message } if message.contains("fails")),
    );
    assert_eq!(notes.len(), 1);
    assert_eq!(answered(&mut all, "t", r#"{"a":2}"#), payload("1"));
}

#[test]
fn manners_by_case() {
    let mut all = responders(
        r#"{ topic = "twice", reply = "1", misbehave = "duplicate" },
           { topic = "half", misbehave = "malformed" },
           { topic = "text", misbehave = "malformed", text = "{oops" },
           { topic = "soft", misbehave = "soft", error = { message = "boom" }, delay = "2s" }"#,
    );
    for (topic, manner, answer) in [
        ("twice", Manner::Twice, payload("1")),
        ("half", Manner::Half, Answer::Payload(None)),
        (
            "text",
            Manner::Once,
            Answer::Verbatim(Bytes::from_static(b"{oops")),
        ),
        (
            "soft",
            Manner::Once,
            Answer::Soft {
                message: "boom".to_owned(),
            },
        ),
    ] {
        let chosen = ask(&mut all, topic, "{}").0.unwrap();
        assert_eq!((chosen.manner, chosen.answer), (manner, answer), "{topic}");
        assert!(chosen.by.contains(topic) && chosen.by.contains(": "));
        assert_eq!(chosen.delay.is_zero(), topic != "soft");
    }
}
