use super::*;
use crate::transport::clock;

/// Time in a test: seconds and thousandths after its beginning.
struct Scene {
    shadow: Shadow,
    start: Stamp,
    found: Vec<Mismatch>,
    seq: Seq,
}

const PAYMENT: &str = r#"{"type":"payment","n":1}"#;
const TRADE: &str = r#"{"type":"trade"}"#;
const LEDGER: &str = r#"{"sequence":5}"#;

impl Scene {
    /// Both sides live at 0 and settled from 2 s on, filtered by payments.
    fn new() -> Self {
        let filters = Filters {
            types: vec!["payment".to_owned()],
            ..Filters::default()
        };
        let start = clock::now();
        let mut shadow = Shadow::new(&filters);
        shadow.live(Side::Unfiltered, start);
        shadow.live(Side::Filtered, start);
        Self {
            shadow,
            start,
            found: Vec::new(),
            seq: 0,
        }
    }

    fn at(&self, ms: u64) -> Stamp {
        self.start.after(Duration::from_millis(ms))
    }

    fn event(&mut self, side: Side, ms: u64, text: &str) {
        let at = self.at(ms);
        self.seq += 1;
        self.shadow
            .event(side, self.seq, at, text.as_bytes(), &mut self.found);
    }

    fn elapsed(&mut self, ms: u64) {
        let at = self.at(ms);
        self.shadow.elapsed(at, &mut self.found);
    }

    fn misfits(&self) -> Vec<(Misfit, Seq)> {
        let found = self.found.iter();
        found.map(|found| (found.misfit, found.seq)).collect()
    }
}

use Side::{Filtered, Unfiltered};

#[test]
fn what_comes_on_both_sides_in_either_order_fits() {
    let mut scene = Scene::new();
    scene.event(Unfiltered, 3_000, PAYMENT);
    scene.event(Filtered, 3_001, PAYMENT);
    scene.event(Filtered, 3_002, PAYMENT);
    scene.event(Unfiltered, 3_003, PAYMENT);
    scene.event(Unfiltered, 3_004, TRADE);
    assert_eq!(scene.shadow.waits(), 0);
    scene.elapsed(60_000);
    assert_eq!(scene.misfits(), []);
    assert_eq!(scene.shadow.tally().paired, 2);
    assert_eq!(scene.shadow.waits(), 0);
}

#[test]
fn a_promised_event_is_missed_when_its_time_is_over() {
    let mut scene = Scene::new();
    scene.event(Unfiltered, 3_000, PAYMENT);
    assert_eq!(scene.shadow.due(), Some(scene.at(8_000)));
    scene.elapsed(7_999);
    assert_eq!(scene.misfits(), []);
    scene.elapsed(8_000);
    assert_eq!(scene.misfits(), [(Misfit::Missing, 1)]);
    assert_eq!(scene.found[0].event.as_deref(), Some(PAYMENT.as_bytes()));
    assert_eq!(scene.shadow.due(), None);
}

#[test]
fn equal_events_are_counted_one_by_one() {
    let mut scene = Scene::new();
    for ms in [3_000, 3_100, 3_200] {
        scene.event(Unfiltered, ms, PAYMENT);
    }
    scene.event(Filtered, 3_300, PAYMENT);
    scene.elapsed(60_000);
    assert_eq!(
        scene.misfits(),
        [(Misfit::Missing, 2), (Misfit::Missing, 3)]
    );
}

#[test]
fn what_comes_against_the_documentation_is_told_at_once() {
    let mut scene = Scene::new();
    scene.event(Unfiltered, 3_000, LEDGER);
    scene.event(Filtered, 3_001, LEDGER);
    assert_eq!(scene.misfits(), [(Misfit::Undocumented, 2)]);
    scene.event(Filtered, 3_002, TRADE);
    scene.elapsed(60_000);
    scene.event(Filtered, 60_001, PAYMENT);
    scene.elapsed(70_000);
    assert_eq!(
        scene.misfits()[1..],
        [(Misfit::Unexplained, 3), (Misfit::Unseen, 4)]
    );
}

#[test]
fn nothing_is_said_of_beginnings_ends_and_changes() {
    let mut scene = Scene::new();
    scene.event(Filtered, 500, TRADE);
    scene.event(Unfiltered, 600, PAYMENT);
    scene.elapsed(30_000);
    assert_eq!(scene.misfits(), []);
    scene.event(Unfiltered, 31_000, PAYMENT);
    scene.shadow.ended(Filtered);
    scene.event(Unfiltered, 31_500, PAYMENT);
    scene.elapsed(60_000);
    assert_eq!(scene.misfits(), []);
    assert_eq!(scene.shadow.tally().undecided, 1);
    let back = scene.at(61_000);
    scene.shadow.live(Filtered, back);
    scene.event(Unfiltered, 64_000, PAYMENT);
    let changed = scene.at(65_000);
    scene.shadow.refilter(&Filters::default(), changed);
    scene.event(Unfiltered, 68_000, TRADE);
    scene.elapsed(100_000);
    assert_eq!(scene.misfits(), [(Misfit::Missing, 6)]);
    assert_eq!(scene.shadow.tally().undecided, 2);
}

#[test]
fn what_waits_is_bounded_in_number() {
    let mut scene = Scene::new();
    for n in 0..WAITING_MAX + 20 {
        scene.event(Unfiltered, 3_000, &format!("{{\"n\":{n}}}"));
    }
    assert_eq!(scene.shadow.waits(), WAITING_MAX);
    assert_eq!(scene.shadow.tally().undecided, 20);
}

#[test]
fn what_waits_is_bounded_in_bytes() {
    let mut scene = Scene::new();
    let long = "x".repeat(1 << 20);
    for n in 0..20 {
        let event = format!(r#"{{"n":{n},"x":"{long}"}}"#);
        scene.event(Unfiltered, 3_000, &event);
    }
    scene.elapsed(60_000);
    let kept = scene.found.iter().filter(|found| found.event.is_some());
    assert_eq!((kept.count(), scene.found.len()), (15, 20));
}

#[test]
fn pairs_take_no_room() {
    let mut scene = Scene::new();
    scene.event(Unfiltered, 3_000, PAYMENT);
    for n in 0..WAITING_MAX {
        let event = format!("{{\"n\":{n}}}");
        scene.event(Unfiltered, 3_000, &event);
        scene.event(Filtered, 3_000, &event);
    }
    assert_eq!(scene.shadow.waits(), 1);
    assert_eq!(scene.shadow.tally().undecided, 0);
    scene.event(Filtered, 3_001, PAYMENT);
    assert_eq!(scene.shadow.waits(), 0);
}
