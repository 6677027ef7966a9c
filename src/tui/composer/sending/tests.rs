use std::sync::Arc;

use super::*;
use crate::entry::{Badge, Draft};
use crate::frame::{FrameKind, Wire};
use crate::protocol::{Outgoing, Settings, System};
use crate::schema::Schema;
use crate::tui::sample::noon;

static WIRE: std::sync::LazyLock<Wire> = std::sync::LazyLock::new(Wire::default);

fn sending(plan: &str, text: &str, now: Stamp) -> Sending {
    let settings = Arc::new(Settings::default());
    let schema = Arc::new(Schema::demo().clone());
    let context = Context::new(now.wall_us, 1);
    let recipes = Recipe::all(text, System::Generic, &settings, &schema, &context).unwrap();
    Sending::new(Plan::parse(plan).unwrap(), recipes, context, now)
}

fn portion(sending: &mut Sending, now: Stamp) -> Vec<String> {
    let made = sending.portion(now, &|_| None);
    made.iter().map(text).collect()
}

fn text(command: &Command) -> String {
    match command {
        Command::Raw(Outgoing::Text(text)) => String::from_utf8_lossy(text).into_owned(),
        other => panic!("{other:?}"),
    }
}

/// A log of frames, the way the session tells of them.
struct Log {
    chunk: Chunk,
    at: Stamp,
}

impl Log {
    fn new(at: Stamp) -> Self {
        let chunk = Chunk::new(7, Vec::new());
        Self { chunk, at }
    }

    fn draft<'a>(&self, direction: Direction, payload: &'a str) -> Draft<'a> {
        Draft {
            at: self.at,
            kind: EntryKind::Frame(FrameKind::Text),
            direction,
            payload: payload.as_bytes(),
            wire: &WIRE,
            badge: Badge::Message,
            label: payload,
            outcome: None,
            latency: None,
            pair: None,
            asks: direction == Direction::Out,
            note: None,
            error: None,
        }
    }

    fn out(&mut self, payload: &str) -> Seq {
        self.at = self.at.after(Duration::from_millis(100));
        self.chunk.push(&self.draft(Direction::Out, payload))
    }

    fn reply(&mut self, ask: Seq, outcome: Outcome) {
        let draft = Draft {
            outcome: Some(outcome),
            latency: Some(Duration::from_millis(3)),
            pair: Some(ask),
            ..self.draft(Direction::In, "reply")
        };
        self.chunk.push(&draft);
    }

    fn loss(&mut self, ask: Seq) {
        let draft = Draft {
            kind: EntryKind::Lost,
            pair: Some(ask),
            ..self.draft(Direction::In, "{}")
        };
        self.chunk.push(&draft);
    }
}

#[test]
fn every_command_is_followed_to_its_end() {
    let now = noon();
    let mut sending = sending("2", r#"{"text":"a${counter}"} {"text":"b"}"#, now);
    assert!(sending.is_many());
    assert_eq!(portion(&mut sending, now), ["a1", "b", "a3", "b"]);
    assert!(!sending.is_running() && sending.is_under_way());
    let mut log = Log::new(now);
    log.out("not ours");
    let asks = ["a1", "b", "a3"].map(|text| log.out(text));
    log.reply(asks[1], Outcome::Error);
    log.reply(asks[0], Outcome::Ok);
    log.loss(asks[2]);
    sending.follow(&log.chunk);
    sending.rejected();
    let expected = Counts {
        sent: 3,
        acked: 1,
        failed: 1,
        lost: 1,
        rejected: 1,
    };
    assert_eq!(sending.counts(), expected);
    assert!(!sending.is_under_way());
    assert!(sending.progress(now) > 0.999);
    assert_eq!(sending.rate(), Some(10.0));
    let reply = sending.reply().unwrap();
    assert_eq!((reply.outcome, reply.latency), (None, None));
}

#[test]
fn what_the_queue_does_not_take_is_handed_over_later_in_order() {
    let now = noon();
    let mut sending = sending("5", r#"{"text":"${counter}"}"#, now);
    let made = sending.portion(now, &|_| None);
    assert_eq!((made.len(), sending.waiting()), (5, 5));
    sending.give_back(made[2..].to_vec());
    assert!(sending.is_running());
    assert_eq!(sending.waiting(), 5);
    assert_eq!(portion(&mut sending, now), ["3", "4", "5"]);
    assert!(portion(&mut sending, now).is_empty());
}

#[test]
fn a_rate_makes_what_is_due_and_ends_with_its_time() {
    let now = noon();
    let mut sending = sending("10/s for 1s", r#"{"text":"${counter}"}"#, now);
    let at = |ms| now.after(Duration::from_millis(ms));
    let made: Vec<_> = [0, 50, 100, 350, 2_000]
        .map(|ms| portion(&mut sending, at(ms)).len())
        .into();
    // What was not made in time is not made: the time is over.
    assert_eq!(made, [1, 0, 1, 2, 0]);
    assert!(!sending.is_running());
}

#[test]
fn replies_that_do_not_come_hold_what_has_no_rate() {
    let now = noon();
    let mut sending = sending("1000000", r#"{"text":"x"}"#, now);
    let made: Vec<_> = (0..4).map(|_| portion(&mut sending, now).len()).collect();
    assert_eq!(made, [PORTION, WINDOW - PORTION, 0, 0]);
    sending.stop("enough".to_owned(), now);
    assert!(!sending.is_running() && sending.is_under_way());
    assert_eq!(sending.stopped(), Some("enough"));
    sending.abandon(now);
    assert_eq!(sending.counts().lost, WINDOW as u64);
}

#[test]
fn a_template_that_no_longer_fits_stops_it() {
    let now = noon();
    let text = r#"{"text":"${random:1,2}", "x": ${random:1,]}}"#;
    let settings = Arc::new(Settings::default());
    let schema = Arc::new(Schema::demo().clone());
    for seed in 0..20 {
        let context = Context::new(0, seed);
        let Ok(recipes) = Recipe::all(text, System::Generic, &settings, &schema, &context) else {
            continue;
        };
        let plan = Plan::parse("100").unwrap();
        let mut sending = Sending::new(plan, recipes, context, now);
        let made = sending.portion(now, &|_| None).len();
        assert!(made < 100);
        assert!(
            sending
                .stopped()
                .is_some_and(|why| why.contains("not JSON"))
        );
        assert!(!sending.is_running());
    }
}
