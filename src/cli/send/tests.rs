use bytes::Bytes;
use serde_json::Value as Json;

use super::desk::{Counts, Due, Taken};
use super::*;
use crate::entry::{Badge, Chunk, Draft, EntryKind, Outcome};
use crate::frame::{Direction, FrameKind, Seq, Stamp, Wire as Crossing};
use crate::protocol::{Command, CommandError, Outgoing};
use crate::session::{Delivery, Rejection};
use crate::transport::clock;

struct Bench {
    desk: Desk,
    start: Stamp,
    next: Seq,
}

/// One entry: milliseconds after the start, direction, payload, outcome, pair, asks.
type Row<'a> = (u64, Direction, &'a str, Option<Outcome>, Option<Seq>, bool);

impl Bench {
    fn new(from_due: bool) -> Self {
        Self {
            desk: Desk::new("demo".to_owned(), from_due),
            start: clock::now(),
            next: 0,
        }
    }

    fn at(&self, millis: u64) -> Stamp {
        self.start.after(Duration::from_millis(millis))
    }

    fn hand(&mut self, text: &str, due: u64) {
        let at = self.at(due);
        let text = Bytes::copy_from_slice(text.as_bytes());
        self.desk
            .hand(Due::new(Command::Raw(Outgoing::Text(text)), at));
    }

    fn draft<'a>(&self, row: Row<'a>, kind: EntryKind, wire: &'a Crossing) -> Draft<'a> {
        let (after, direction, payload, outcome, pair, asks) = row;
        Draft {
            at: self.at(after),
            kind,
            direction,
            payload: payload.as_bytes(),
            wire,
            badge: Badge::Message,
            label: payload,
            outcome,
            latency: outcome.map(|_| Duration::from_millis(1)),
            pair,
            asks,
            note: None,
            error: None,
        }
    }

    fn deliver(&mut self, kind: EntryKind, rows: &[Row<'_>]) -> Delivery {
        let mut chunk = Chunk::new(self.next, Vec::new());
        let wire = Crossing::default();
        for row in rows {
            chunk.push(&self.draft(*row, kind, &wire));
        }
        self.next = chunk.next();
        Delivery::new(SessionId(1), chunk)
    }

    fn frames(&mut self, rows: &[Row<'_>]) {
        let delivery = self.deliver(EntryKind::Frame(FrameKind::Text), rows);
        assert_eq!(self.desk.take(&delivery), Taken::default());
    }

    fn lines(&mut self) -> Vec<Json> {
        let out = std::mem::take(&mut self.desk.out);
        let lines = out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

const IN: Direction = Direction::In;
const OUT: Direction = Direction::Out;

#[test]
fn a_reply_is_a_line_and_settles_its_ask() {
    let mut bench = Bench::new(false);
    bench.hand("a", 0);
    bench.hand("b", 0);
    bench.frames(&[
        (0, OUT, "register by the protocol", None, None, true),
        (1, OUT, "a", None, None, true),
        (2, IN, "welcome", None, None, false),
        (3, IN, "registered", Some(Outcome::Ok), Some(0), false),
        (4, IN, "yes", Some(Outcome::Ok), Some(1), false),
    ]);
    assert_eq!(bench.desk.under_way(), 1, "b is not out yet");
    assert!(bench.desk.is_waiting_to_go_out());
    bench.frames(&[
        (5, OUT, "b", None, None, true),
        (6, IN, "no", Some(Outcome::Error), Some(5), false),
        (7, IN, "no again", Some(Outcome::Duplicate), Some(5), false),
    ]);
    assert!(bench.desk.is_idle());
    assert!(!bench.desk.counts.is_fine());
    let lines = bench.lines();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (&line["label"], &line["latency_us"]))
        .collect();
    assert_eq!(
        told,
        [
            (&"yes".into(), &1_000.into()),
            (&"no".into(), &1_000.into()),
            (&"no again".into(), &1_000.into())
        ]
    );
    assert_eq!(
        bench.desk.sentence(None),
        "sent 2 at 250.0/s · ok 1 · error 1 · duplicate 1 · latency p50 1.0 p90 1.0 p99 1.0 \
         max 1.0 ms"
    );
}

#[test]
fn at_a_rate_latency_counts_from_when_it_was_due() {
    let mut bench = Bench::new(true);
    bench.hand("a", 10);
    bench.frames(&[
        (40, OUT, "a", None, None, true),
        (41, IN, "yes", Some(Outcome::Ok), Some(0), false),
    ]);
    assert_eq!(bench.lines()[0]["latency_us"], 31_000);
}

#[test]
fn what_is_not_asked_is_done_once_it_is_out() {
    let mut bench = Bench::new(false);
    bench.hand("a", 0);
    assert!(!bench.desk.is_idle());
    bench.frames(&[(1, OUT, "a", None, None, false)]);
    assert!(bench.desk.is_idle() && bench.desk.counts.is_fine());
    assert_eq!(bench.desk.sentence(None), "sent 1");
}

#[test]
fn a_lost_ask_is_a_line_and_a_failure() {
    let mut bench = Bench::new(false);
    bench.hand("a", 0);
    bench.frames(&[(1, OUT, "a", None, None, true)]);
    let facts = r#"{"key":"k","label":"a","age_ms":10000,"why":"timeout"}"#;
    let lost = bench.deliver(EntryKind::Lost, &[(9, IN, facts, None, Some(0), false)]);
    bench.desk.take(&lost);
    assert!(bench.desk.is_idle());
    assert_eq!(bench.desk.counts.lost, 1);
    assert!(!bench.desk.counts.is_fine());
    assert_eq!(bench.lines()[0]["why"], "timeout");
}

#[test]
fn what_found_no_connection_is_handed_over_again_and_the_rest_is_rejected() {
    let mut bench = Bench::new(false);
    bench.hand("a", 0);
    bench.hand("b", 0);
    let mut delivery = bench.deliver(EntryKind::Lifecycle, &[]);
    let command = "raw frame";
    let offline = CommandError::NotConnected {
        state: "waiting",
        command,
    };
    let wrong = CommandError::Invalid("no".to_owned());
    for error in [offline, wrong.clone()] {
        delivery.rejections.push(Rejection {
            command,
            error,
            count: 1,
        });
    }
    assert_eq!(bench.desk.take(&delivery).rejected, [wrong]);
    assert_eq!(
        bench.desk.counts,
        Counts {
            rejected: 1,
            ..Counts::default()
        }
    );
    assert!(!bench.desk.is_idle());
    assert!(bench.desk.again().is_some());
    assert!(bench.desk.is_idle());
}

#[test]
fn rates_are_numbers_within_reason() {
    assert_eq!(rate("100"), Ok(100.0));
    for wrong in ["0", "-1", "inf", "NaN", "x", "1e9"] {
        assert!(rate(wrong).is_err(), "{wrong}");
    }
}
