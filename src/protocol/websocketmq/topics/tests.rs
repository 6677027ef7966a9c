use proptest::prelude::*;

use super::*;
use crate::frame::{Direction, FrameKind};
use crate::transport::clock;

const LIMIT: Duration = Duration::from_secs(10);

/// A session's topics, and the time.
struct Session {
    topics: Topics,
    now: Stamp,
    seq: u64,
    dialect: Dialect,
}

impl Session {
    fn new(dialect: Dialect) -> Self {
        Self {
            topics: Topics::default(),
            now: clock::now(),
            seq: 0,
            dialect,
        }
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now.after(Duration::from_millis(millis));
    }

    fn frame<'a>(&mut self, text: &'a str, direction: Direction) -> Frame<'a> {
        self.seq += 1;
        Frame {
            seq: self.seq,
            at: self.now,
            direction,
            kind: FrameKind::Text,
            payload: text.as_bytes(),
        }
    }

    fn ask(&mut self, id: &str, topic: &str, on: bool) -> Option<String> {
        let times = (self.now, self.now.after(LIMIT));
        self.topics
            .asked((Some(id), topic), on, self.dialect, times)
    }

    fn ack(&mut self, id: &str, topic: &str) -> Option<String> {
        let text = format!(
            r#"{{"id":"{id}","type":"subscription_ack","topic":"{topic}","payload":{{"status":"x","topic":"{topic}"}}}}"#
        );
        let envelope = Envelope::read(text.as_bytes(), Direction::In);
        self.topics.acknowledged(&envelope, self.now)
    }

    fn came(&mut self, text: &str) -> Came {
        let frame = self.frame(text, Direction::In);
        let envelope = Envelope::read(text.as_bytes(), Direction::In);
        self.topics.came(&frame, &envelope, self.dialect)
    }

    fn send(&mut self, text: &str) -> (Option<String>, bool) {
        let frame = self.frame(text, Direction::Out);
        let envelope = Envelope::read(text.as_bytes(), Direction::Out);
        self.topics.sent(&frame, &envelope, self.dialect)
    }

    fn subscribed(&mut self, topic: &str) {
        self.ask("s", topic, true);
        self.ack("s", topic);
    }

    fn all(&self) -> Vec<Topic> {
        self.topics.picture(self.now).0.to_vec()
    }

    fn topic(&self, name: &str) -> Topic {
        let found = self.all().into_iter().find(|topic| topic.name == name);
        found.unwrap_or_else(|| panic!("no topic {name}"))
    }

    fn state(&self, name: &str) -> Subscription {
        self.topic(name).subscription
    }
}

fn two() -> Session {
    Session::new(Dialect::G2_3)
}

const T: &str = r#"{"type":"publish","topic":"t","payload":{"n":1}}"#;

#[test]
fn asked_held_ending_ended() {
    let mut session = two();
    assert_eq!(session.ask("1", "t", true), None);
    assert_eq!(session.state("t"), Subscription::Asked);
    session.wait(3);
    session.ack("1", "t");
    let topic = session.topic("t");
    assert_eq!(topic.subscription, Subscription::Held);
    assert_eq!(topic.latency, Some(Duration::from_millis(3)));
    session.ask("2", "t", false);
    assert_eq!(session.state("t"), Subscription::Ending);
    session.ack("2", "t");
    assert_eq!(session.state("t"), Subscription::Ended);
}

#[test]
fn an_older_ack_does_not_settle_a_newer_change() {
    let mut session = two();
    session.ask("1", "t", true);
    session.ask("2", "t", false);
    session.ack("1", "t");
    assert_eq!(session.state("t"), Subscription::Ending);
    session.ack("2", "t");
    assert_eq!(session.state("t"), Subscription::Ended);
}

#[test]
fn no_ack_in_time_is_said_once_and_a_late_one_counts() {
    let mut session = two();
    session.ask("1", "t", true);
    session.ask("2", "u", true);
    session.wait(9_999);
    assert!(session.topics.elapsed(session.now).is_empty());
    session.wait(1);
    let said = session.topics.elapsed(session.now);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("to t and 1 more was not"), "{said:?}");
    assert_eq!(session.state("t"), Subscription::Unacknowledged);
    assert!(session.topics.elapsed(session.now).is_empty());
    assert!(session.ack("1", "t").unwrap().contains("late"));
    assert_eq!(session.state("t"), Subscription::Held);
    let came = session.came(&T.replace("\"t\"", "\"u\""));
    assert!(came.remark.unwrap().contains("in force all the same"));
}

#[test]
fn a_refusal_without_a_topic_finds_its_ask_by_the_id() {
    let mut session = two();
    session.ask("7", "t", true);
    let text = r#"{"id":"7","type":"error","error":{"code":400,"message":"no"}}"#;
    let envelope = Envelope::read(text.as_bytes(), Direction::In);
    session.topics.acknowledged(&envelope, session.now);
    assert_eq!(session.state("t"), Subscription::Refused);
}

#[test]
fn the_draft_acknowledges_with_a_truth() {
    for (body, state) in [
        (r#"{"success":true}"#, Subscription::Held),
        (r#"{"success":false}"#, Subscription::Refused),
    ] {
        let mut session = Session::new(Dialect::G1_0);
        session.ask("m1", "t", true);
        let text = format!(r#"{{"id":"m1","type":"response","topic":"t","payload":{body}}}"#);
        let envelope = Envelope::read(text.as_bytes(), Direction::In);
        session.topics.acknowledged(&envelope, session.now);
        assert_eq!(session.state("t"), state, "{body}");
    }
}

#[test]
fn generation_1_1_acknowledges_nothing_doubles_and_never_ends() {
    let mut session = Session::new(Dialect::G1_1);
    assert_eq!(session.ask("1", "t", true), None);
    assert_eq!(session.state("t"), Subscription::Assumed);
    let remark = session.ask("2", "t", true).unwrap();
    assert!(remark.contains("2 times"), "{remark}");
    assert!(session.topic("t").hint.unwrap().contains("2 times"));
    let remark = session.ask("3", "t", false).unwrap();
    assert!(remark.contains("ignores"), "{remark}");
    assert_eq!(session.state("t"), Subscription::Assumed);
    assert!(session.topics.wanted(&[]).is_empty());
    session.wait(60_000);
    assert!(session.topics.elapsed(session.now).is_empty());
}

#[test]
fn where_nothing_is_subscribed_on_the_wire_it_stays_here() {
    let mut session = Session::new(Dialect::G1_3);
    assert!(
        session
            .ask("1", "t", true)
            .unwrap()
            .contains("no subscriptions")
    );
    assert_eq!(session.state("t"), Subscription::Local);
    let pushed = r#"{"header":{"messageID":"1","type":"event","topic":"x"},"body":{"a":1}}"#;
    let envelope = Envelope::read(br#"{"type":"publish","topic":"x"}"#, Direction::In);
    let frame = session.frame(pushed, Direction::In);
    let came = session.topics.came(&frame, &envelope, Dialect::G1_3);
    assert_eq!(came.remark, None);
    assert_eq!(&*session.topic("x").last, br#"{"a":1}"#);
    session.topics.ended();
    assert_eq!(session.state("t"), Subscription::Local);
    assert_eq!(session.topics.wanted(&[]), ["t"]);
}

#[test]
fn wanted_again_after_a_reconnect_is_what_was_not_given_up() {
    let mut session = two();
    let profile = ["a", "", "b", "a"].map(str::to_owned);
    assert_eq!(session.topics.wanted(&profile), ["a", "b"]);
    for topic in ["a", "b", "c", "d"] {
        session.subscribed(topic);
    }
    session.ask("x", "b", false);
    session.ask("x", "d", false);
    session.topics.ended();
    assert_eq!(session.topics.wanted(&profile), ["a", "c"]);
    assert_eq!(session.state("c"), Subscription::Owed);
    assert_eq!(session.state("d"), Subscription::Ended);
    session.subscribed("c");
    assert_eq!(session.state("c"), Subscription::Held);
}

#[test]
fn order_races_and_pushes_are_told_once() {
    let mut session = two();
    session.ask("1", "t", true);
    assert!(
        session
            .came(T)
            .remark
            .unwrap()
            .contains("before its subscription")
    );
    assert_eq!(session.came(T).remark, None);
    session.ack("1", "t");
    assert_eq!(session.came(T).remark, None);
    session.ask("2", "t", false);
    assert_eq!(session.came(T).remark, None);
    session.ack("2", "t");
    assert!(session.came(T).remark.unwrap().contains("under way"));
    assert_eq!(session.came(T).remark, None);
    session.wait(5_000);
    assert!(
        session
            .came(T)
            .remark
            .unwrap()
            .contains("server code can push")
    );
    assert_eq!(session.came(T).remark, None);
    assert_eq!(session.topic("t").received, 8);
}

#[test]
fn the_own_echo_is_known_by_its_payload() {
    let mut session = two();
    session.subscribed("t");
    let own = r#"{"type":"publish","topic":"t","payload":{ "n": 1, "tag": "<a>" }}"#;
    let relayed = r#"{"type":"publish","topic":"t","payload":{"n":1,"tag":"\u003ca\u003e"}}"#;
    assert_eq!(session.send(own), (None, true));
    assert_eq!(session.came(T).echo, None);
    session.wait(2);
    let echo = session.came(relayed).echo.unwrap();
    assert_eq!((echo.after, echo.missed), (Duration::from_millis(2), 0));
    let topic = session.topic("t");
    assert_eq!((topic.sent, topic.received, topic.echoes), (1, 2, 1));
    assert_eq!(topic.echo, Some(Duration::from_millis(2)));
    assert_eq!(session.came(relayed).echo, None);
}

#[test]
fn an_echo_that_overtakes_others_tells_they_are_missing() {
    let mut session = two();
    session.subscribed("t");
    let own = |n: u32| format!(r#"{{"type":"publish","topic":"t","payload":{n}}}"#);
    for n in 0..4 {
        session.send(&own(n));
    }
    assert_eq!(session.came(&own(0)).echo.unwrap().missed, 0);
    assert_eq!(session.came(&own(3)).echo.unwrap().missed, 2);
}

#[test]
fn generation_1_1_echoes_are_known_by_their_message_id() {
    let mut session = Session::new(Dialect::G1_1);
    session.ask("1", "t", true);
    let text = |id: &str| {
        format!(r#"{{"header":{{"messageID":"{id}","type":"event","topic":"t"}},"body":1}}"#)
    };
    let mut envelope = Envelope::read(br#"{"type":"publish","topic":"t"}"#, Direction::Out);
    envelope.generation = Some(super::super::dialect::Generation::One);
    let own = text("mine");
    let frame = session.frame(&own, Direction::Out);
    session.topics.sent(&frame, &envelope, Dialect::G1_1);
    for (id, echo) in [("other", false), ("mine", true), ("mine", false)] {
        let text = text(id);
        let frame = session.frame(&text, Direction::In);
        let came = session.topics.came(&frame, &envelope, Dialect::G1_1);
        assert_eq!(came.echo.is_some(), echo, "{id}");
    }
}

#[test]
fn what_can_only_be_a_mistake_is_remarked() {
    let mut session = two();
    session.subscribed("chat.room1");
    for (topic, remark) in [
        ("chat.*", "no patterns"),
        (" chat.room1", "blanks at its ends"),
        ("Chat.Room1", "letter case"),
        ("chat.room2", ""),
    ] {
        let said = session.ask("x", topic, true).unwrap_or_default();
        assert_eq!(said.contains("match exactly"), !remark.is_empty(), "{said}");
        assert!(said.contains(remark), "{said}");
    }
    let sent = r#"{"type":"publish","topic":"CHAT.room1","payload":1}"#;
    assert!(session.send(sent).0.unwrap().contains("`chat.room1`"));
    assert_eq!(session.send(sent).0, None);
    let hint = session.topic("CHAT.room1").hint.unwrap();
    assert!(hint.contains("without any subscriber"), "{hint}");
    assert!(
        session
            .topic("chat.*")
            .hint
            .unwrap()
            .contains("no patterns")
    );
}

#[test]
fn rates_fall_to_zero_and_the_panels_are_woken_for_it() {
    let mut session = two();
    session.subscribed("t");
    let mut woken = 0;
    for _ in 0..300 {
        woken += u32::from(session.came(T).wake.is_some());
        session.wait(10);
    }
    assert_eq!(woken, 1);
    let rate = session.topic("t").rate;
    assert!((rate - 100.0).abs() < 5.0, "{rate}");
    let mut steps = 0;
    while let Some(due) = session.topics.next_due() {
        session.now = due;
        session.topics.elapsed(due);
        steps += 1;
        assert!(steps < 20);
    }
    assert!(session.topic("t").rate.abs() < 1e-9);
    assert!(session.came(T).wake.is_some());
}

#[test]
fn topics_are_bounded_and_what_is_needed_stays() {
    let mut session = two();
    session.subscribed("kept");
    for n in 0..5_000 {
        session.wait(1);
        session.came(&format!(
            r#"{{"type":"publish","topic":"t{n}","payload":{n}}}"#
        ));
    }
    let (topics, forgotten) = session.topics.picture(session.now);
    assert!(topics.len() <= ROWS_MAX);
    assert_eq!(topics.len() as u64 + forgotten, 5_001);
    assert_eq!(topics[0].name, "kept");
    assert!(topics.iter().any(|topic| topic.name == "t4999"));
}

#[test]
fn subscriptions_beyond_the_bound_are_counted() {
    let mut session = two();
    for n in 0..ROWS_MAX {
        session.ask("x", &format!("t{n}"), true);
    }
    assert!(
        session
            .ask("x", "more", true)
            .unwrap()
            .contains("not followed")
    );
    let (topics, forgotten) = session.topics.picture(session.now);
    assert_eq!((topics.len(), forgotten), (ROWS_MAX, 1));
}

#[test]
fn long_names_are_cut_told_apart_and_not_subscribed_again() {
    let mut session = two();
    let long = "é".repeat(5_000);
    let other = format!("{long}x");
    assert!(
        session
            .ask("1", &long, true)
            .unwrap()
            .contains("not subscribed to again")
    );
    session.ask("2", &other, true);
    let all = session.all();
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|topic| topic.name.len() < 600));
    assert!(session.topics.wanted(&[]).is_empty());
}

#[test]
fn a_topics_memory_does_not_grow_with_its_messages() {
    let mut session = two();
    let big = format!(
        r#"{{"type":"publish","topic":"t","payload":"{}"}}"#,
        "x".repeat(1 << 20)
    );
    session.came(&big);
    let topic = session.topic("t");
    assert_eq!((topic.last.len(), topic.cut), (1_024, true));
    assert_eq!(topic.size, big.len());
}

proptest! {
    #[test]
    fn any_messages_in_any_order_are_survived(
        steps in prop::collection::vec((0u8..6, "[a-c *]{0,3}", ".{0,40}", 0u64..3_000), 0..60),
        dialect in prop::sample::select(Dialect::ALL.to_vec()),
    ) {
        let mut session = Session::new(dialect);
        for (what, topic, text, millis) in steps {
            session.wait(millis);
            let known = format!(r#"{{"id":"i","type":"publish","topic":"{topic}","payload":{text}"#);
            match what {
                0 => drop(session.ask(&text, &topic, true)),
                1 => drop(session.ask(&text, &topic, false)),
                2 => drop(session.ack("s", &topic)),
                3 => drop(session.came(&known)),
                4 => drop(session.send(&known)),
                _ => session.topics.ended(),
            }
            session.topics.elapsed(session.now);
            let (topics, _) = session.topics.picture(session.now);
            prop_assert!(topics.iter().all(|topic| topic.rate.is_finite() && topic.rate >= 0.0));
        }
    }
}
