use super::queue::{BYTES_MAX, CALLS_MAX};
use super::*;
use crate::frame::FrameKind;
use crate::protocol::websocketmq::dialect::Dialect;
use crate::transport::clock;

const MS: Duration = Duration::from_millis(1);

/// Calls of a broker that speaks generation 2, and what they are answered with.
struct Rig {
    calls: Calls,
    pen: Pen,
    start: Stamp,
    seq: u64,
}

impl Rig {
    fn new(toml: &str, holding: bool) -> Self {
        #[derive(serde::Deserialize)]
        struct Table {
            rules: Vec<Responder>,
        }
        let table: Table = toml::from_str(&format!("rules = [{toml}]")).unwrap();
        Self {
            calls: Calls::new(table.rules, holding, [9; 16]),
            pen: Pen::new([8; 16], Dialect::G2_3),
            start: clock::now(),
            seq: 0,
        }
    }

    fn at(&self, ms: u32) -> Stamp {
        self.start.after(MS * ms)
    }

    fn came_as(&mut self, text: &str, ms: u32) -> Came {
        let frame = Frame {
            seq: self.seq,
            at: self.at(ms),
            direction: Direction::In,
            kind: FrameKind::Text,
            payload: text.as_bytes(),
        };
        self.seq += 1;
        let envelope = Envelope::read(text.as_bytes(), Direction::Out);
        self.calls.came(&mut self.pen, &frame, &envelope, None)
    }

    /// A call comes: the messages sent at once.
    fn came(&mut self, id: &str, topic: &str, ms: u32) -> Vec<String> {
        let text = format!(r#"{{"id":"{id}","type":"request","topic":"{topic}","payload":{{}}}}"#);
        texts(self.came_as(&text, ms).sends)
    }

    fn due(&mut self, ms: u32) -> Vec<String> {
        let now = self.at(ms);
        texts(self.calls.due(&mut self.pen, now))
    }

    fn by_hand(&mut self, id: &str, topic: &str, answer: &Answer, ms: u32) -> Option<String> {
        let now = self.at(ms);
        let sent = self.calls.by_hand(&mut self.pen, id, topic, answer, now);
        sent.map(|message| String::from_utf8(message).unwrap())
    }

    /// A message of ours is seen leaving: what is remarked.
    fn left(&mut self, text: &str, ms: u32) -> String {
        let envelope = Envelope::read(text.as_bytes(), Direction::Out);
        let now = self.at(ms);
        let replied = self.calls.replied(&envelope, now);
        replied.remark.unwrap_or_default()
    }

    fn state(&self, place: usize) -> (CallState, String) {
        let call = &self.calls.picture().0[place];
        (call.state.clone(), call.by.clone())
    }
}

fn texts(messages: Vec<Vec<u8>>) -> Vec<String> {
    let text = |message| String::from_utf8(message).unwrap();
    messages.into_iter().map(text).collect()
}

fn ok() -> Answer {
    Answer::Payload(Some(Bytes::from_static(b"1")))
}

#[test]
fn what_nobody_handles_is_refused_at_once_and_answered_when_that_leaves() {
    let mut rig = Rig::new("", false);
    let sent = rig.came("c1", "t", 0);
    assert!(sent[0].contains(r#""code":404"#), "{sent:?}");
    assert!(matches!(rig.state(0).0, CallState::Planned(_)));
    assert_eq!(rig.left(&sent[0], 3), "");
    let (state, by) = rig.state(0);
    assert_eq!(state, CallState::Answered(MS * 3));
    assert!(by.starts_with("refused"), "{by}");
    assert!(rig.calls.next_due().is_none());
}

#[test]
fn a_delayed_answer_waits_for_its_time() {
    let mut rig = Rig::new(r#"{ topic = "t", reply = "1", delay = "2s" }"#, false);
    assert!(rig.came("c1", "t", 0).is_empty());
    let due = rig.calls.next_due().unwrap();
    assert_eq!(rig.state(0).0, CallState::Planned(due));
    assert_eq!(due.since(rig.start), MS * 2_000);
    assert!(rig.due(1_999).is_empty());
    let sent = rig.due(2_000);
    assert_eq!(sent.len(), 1);
    assert_eq!(rig.left(&sent[0], 2_001), "");
    assert_eq!(rig.state(0).0, CallState::Answered(MS * 2_001));
}

#[test]
fn an_answer_by_hand_comes_before_the_planned_one_and_instead_of_it() {
    let mut rig = Rig::new(r#"{ topic = "t", reply = "1", delay = "2s" }"#, false);
    rig.came("c1", "t", 0);
    let sent = rig.by_hand("c1", "t", &ok(), 500).unwrap();
    assert_eq!(rig.left(&sent, 501), "");
    assert_eq!(
        rig.state(0),
        (CallState::Answered(MS * 501), "by hand".to_owned())
    );
    assert!(rig.due(3_000).is_empty());
}

#[test]
fn a_held_call_is_refused_just_before_its_time_is_over() {
    let mut rig = Rig::new("", true);
    assert!(rig.came("c1", "t", 0).is_empty());
    assert_eq!(rig.state(0).0, CallState::Held);
    assert!(rig.due(9_499).is_empty());
    let sent = rig.due(9_500);
    assert!(sent[0].contains("404"), "{sent:?}");
    assert_eq!(rig.left(&sent[0], 9_501), "");
    let (state, by) = rig.state(0);
    assert_eq!(state, CallState::Answered(MS * 9_501));
    assert!(by.contains("in time"), "{by}");
}

#[test]
fn a_held_call_is_answered_by_any_way_once() {
    let mut rig = Rig::new("", true);
    rig.came("c1", "t", 0);
    rig.came("c2", "t", 0);
    let sent = rig.by_hand("c2", "t", &ok(), 10).unwrap();
    assert_eq!(rig.left(&sent, 11), "");
    assert!(rig.left(&sent, 12).contains("answered already"));
    assert_eq!(rig.left(r#"{"id":"c1","type":"error","error":{}}"#, 20), "");
    assert_eq!(rig.state(0).1, "by hand: a raw frame");
    assert_eq!(
        rig.state(1),
        (CallState::Answered(MS * 11), "by hand".to_owned())
    );
    assert!(
        rig.left(r#"{"id":"c3","type":"response"}"#, 20)
            .contains("no call")
    );
    assert!(rig.due(60_000).is_empty() && rig.calls.next_due().is_none());
}

#[test]
fn an_answer_after_the_time_is_sent_and_remarked() {
    let mut rig = Rig::new(r#"{ topic = "*", misbehave = "silence" }"#, false);
    let text = r#"{"id":"c1","type":"request","topic":"t"}"#;
    let came = rig.came_as(text, 0);
    assert!(came.sends.is_empty() && came.remark.unwrap().contains("on purpose"));
    assert_eq!(rig.state(0).0, CallState::Silent);
    assert!(rig.calls.is_silent("c1"));
    let sent = rig.by_hand("c1", "t", &ok(), 12_000).unwrap();
    assert!(
        rig.left(&sent, 12_000)
            .contains("given up on this call 2.0 s ago")
    );
    assert_eq!(rig.state(0).0, CallState::Expired);
}

#[test]
fn a_delay_beyond_the_brokers_patience_is_an_answer_too_late() {
    let mut rig = Rig::new(r#"{ topic = "t", reply = "1", delay = "11s" }"#, false);
    rig.came("c1", "t", 0);
    let sent = rig.due(11_000);
    assert!(rig.left(&sent[0], 11_001).contains("given up"));
    assert_eq!(rig.state(0).0, CallState::Expired);
}

#[test]
fn what_is_handed_out_and_never_leaves_expires() {
    let mut rig = Rig::new("", false);
    rig.came("c1", "t", 0);
    assert!(rig.due(10_000).is_empty());
    assert_eq!(rig.state(0).0, CallState::Expired);
}

#[test]
fn manners_on_the_wire() {
    let mut rig = Rig::new(
        r#"{ topic = "twice", reply = "1", misbehave = "duplicate" },
           { topic = "half", reply = "1", misbehave = "malformed" },
           { topic = "text", text = "{oops", misbehave = "malformed" },
           { topic = "soft", misbehave = "soft" }"#,
        false,
    );
    let twice = rig.came("c1", "twice", 0);
    assert_eq!((twice.len(), &twice[0]), (2, &twice[1]));
    let half = rig.came("c2", "half", 0);
    assert_eq!(half, [r#"{"id":"c2","type":"response""#]);
    assert_eq!(rig.came("c3", "text", 0), ["{oops"]);
    for place in [1, 2] {
        assert_eq!(rig.state(place).0, CallState::Silent, "not an answer");
    }
    let soft = rig.came("c4", "soft", 0);
    assert!(soft[0].contains(r#""type":"error""#) && soft[0].contains(r#""payload":{"error""#));
}

#[test]
fn a_call_without_an_id_is_answered_without_one() {
    let mut rig = Rig::new("", true);
    rig.came_as(r#"{"type":"request","topic":"t"}"#, 0);
    let sent = rig.by_hand("", "t", &ok(), 5).unwrap();
    assert_eq!(sent, r#"{"type":"response","topic":"t","payload":1}"#);
    assert_eq!(rig.left(&sent, 6), "");
    assert_eq!(rig.state(0).0, CallState::Answered(MS * 6));
}

#[test]
fn calls_under_one_id_are_answered_in_order() {
    let mut rig = Rig::new("", true);
    rig.came("c1", "a", 0);
    rig.came("c1", "b", 1);
    for place in [0, 1] {
        let sent = rig.by_hand("c1", "a", &ok(), 5).unwrap();
        assert_eq!(rig.left(&sent, 6), "");
        assert!(matches!(rig.state(place).0, CallState::Answered(_)));
    }
}

#[test]
fn an_answer_too_large_for_the_broker_becomes_an_error() {
    let reply = format!("\"{}\"", "x".repeat(SIZE_MAX));
    let mut rig = Rig::new(&format!("{{ topic = 't', reply = '{reply}' }}"), true);
    let sent = rig.came("c1", "t", 0);
    assert!(
        sent[0].contains("larger than the 1 MiB"),
        "{}",
        sent[0].len()
    );
    rig.came("c2", "other", 0);
    let big = Answer::Payload(Some(reply.into()));
    assert!(
        rig.by_hand("c2", "other", &big, 0).is_some(),
        "refused by who sends"
    );
    assert_eq!(rig.state(1).0, CallState::Held);
    let id = "x".repeat(SIZE_MAX);
    assert!(rig.came(&id, "t", 0).is_empty(), "nothing can answer that");
}

#[test]
fn the_end_of_a_connection_cuts_what_waits() {
    let mut rig = Rig::new(r#"{ topic = "t", delay = "1s" }"#, true);
    rig.came("c1", "t", 0);
    rig.came("c2", "held", 0);
    rig.calls.ended(rig.at(10));
    for place in [0, 1] {
        assert_eq!(rig.state(place).0, CallState::Cut);
    }
    assert!(rig.due(20_000).is_empty());
    let sent = rig.by_hand("c1", "t", &ok(), 30).unwrap();
    assert!(rig.left(&sent, 30).contains("per connection"));
}

#[test]
fn only_the_newest_are_kept_and_what_waits_longest() {
    let mut rig = Rig::new(r#"{ topic = "t", reply = "1" }"#, true);
    rig.came("held", "held", 0);
    for n in 0..2 * CALLS_MAX {
        let sent = rig.came(&n.to_string(), "t", 1);
        assert_eq!(sent.len(), 1);
        rig.left(&sent[0], 1);
    }
    let (calls, _) = rig.calls.picture();
    assert_eq!((calls.len(), &*calls[0].id), (CALLS_MAX, "held"));
    assert_eq!(rig.calls.forgotten(), CALLS_MAX as u64 + 1);
    // More that wait than there is room for: the oldest is refused.
    let mut refused = Vec::new();
    for n in 0..CALLS_MAX + 10 {
        refused.extend(rig.came(&format!("h{n}"), "held", 2));
    }
    assert_eq!(refused.len(), 11);
    assert!(refused[0].contains("held") && refused[0].contains("404"));
}

#[test]
fn hostile_texts_cannot_fill_the_memory() {
    let mut rig = Rig::new("", true);
    let long = "x".repeat(1 << 20);
    let mut answered = 0;
    for n in 0..40 {
        answered += rig.came(&format!("{n}{long}"), &long, 0).len();
    }
    let (calls, _) = rig.calls.picture();
    let held: usize = calls
        .iter()
        .map(|call| call.id.len() + call.topic.len())
        .sum();
    assert!(held <= BYTES_MAX && !calls.is_empty(), "{held}");
    assert_eq!(answered, 0, "no answer of that size is taken");
    let payload = format!(r#"{{"id":"p","type":"request","topic":"t","payload":"{long}"}}"#);
    rig.came_as(&payload, 0);
    let (calls, _) = rig.calls.picture();
    assert_eq!(
        calls.last().unwrap().payload.as_ref().unwrap().len(),
        PAYLOAD_MAX
    );
}

#[test]
fn the_time_to_answer_is_what_the_call_says() {
    let wait = |text: &str| wait(&Envelope::read(text.as_bytes(), Direction::Out));
    let header = |ttl: &str| wait(&format!(r#"{{"header":{{"type":"request","ttl":{ttl}}}}}"#));
    assert_eq!(wait(r#"{"type":"request"}"#), WAIT);
    for (ttl, expected) in [
        ("20000", MS * 20_000),
        ("0", WAIT),
        ("-5", WAIT),
        ("1.5", WAIT),
        ("\"x\"", WAIT),
        ("9223372036854775807", Duration::from_hours(24)),
    ] {
        assert_eq!(header(ttl), expected, "{ttl}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_calls_and_replies_do_no_harm(
        texts in proptest::collection::vec(("[a-c]{0,2}", "[tu*?]{0,2}", "\\PC{0,12}", 0_u32..20_000), 0..40),
        holding: bool,
    ) {
        let rules = r#"{ topic = "t", reply = '"${.payload.x} ${uuid}"', when = ".y | not", delay = "3s" },
            { topic = "t?", misbehave = "duplicate", reply = "${.payload}" },
            { topic = "u*", misbehave = "malformed" }"#;
        let mut rig = Rig::new(rules, holding);
        let mut now = 0;
        for (id, topic, payload, after) in texts {
            now += after;
            let text = format!(r#"{{"id":"{id}","type":"request","topic":"{topic}","payload":{payload}}}"#);
            for sent in super::tests::texts(rig.came_as(&text, now).sends) {
                rig.left(&sent, now);
            }
            for sent in rig.due(now) {
                rig.left(&sent, now);
            }
            rig.by_hand(&id, &topic, &ok(), now);
            rig.left(&payload, now);
        }
        rig.due(now + 100_000);
        let (calls, _) = rig.calls.picture();
        let waits = |call: &Call| matches!(call.state, CallState::Held | CallState::Planned(_));
        proptest::prop_assert!(!calls.iter().any(waits));
        proptest::prop_assert!(rig.calls.next_due().is_none());
    }
}
