use super::*;
use crate::transport::clock;

fn after(start: Stamp, millis: u64) -> Stamp {
    start.after(Duration::from_millis(millis))
}

#[test]
fn nothing_is_said_of_ordinary_traffic() {
    let start = clock::now();
    let mut pressure = Pressure::default();
    for n in 0..100 {
        let now = after(start, n * 10);
        pressure.asked(Brings::Reply, &n.to_string(), now);
        pressure.answered(&n.to_string(), after(now, 1));
    }
    let now = after(start, 1_100);
    let picture = pressure.picture(now);
    assert_eq!((picture.outstanding, picture.most), (0, 1));
    assert_eq!((picture.dropped, picture.hint), (0, None));
    assert!(pressure.facts(now).iter().all(|fact| !fact.warning));
    assert_eq!(pressure.likely_cause(), None);
}

#[test]
fn a_burst_is_named_with_its_figures() {
    let start = clock::now();
    let mut pressure = Pressure::default();
    for n in 0..200 {
        pressure.asked(Brings::Reply, &n.to_string(), after(start, n / 50));
    }
    let now = after(start, 40);
    assert!(
        pressure
            .picture(now)
            .hint
            .unwrap()
            .contains("200 messages are owed")
    );
    assert!(pressure.facts(now)[0].warning);
    for n in 0..30 {
        pressure.answered(&n.to_string(), now);
    }
    let cause = pressure.likely_cause().unwrap();
    assert!(cause.contains("200 messages of ours"), "{cause}");
    assert!(cause.contains("within 3 ms"), "{cause}");
    assert!(cause.contains("up to 200 answers"), "{cause}");
}

#[test]
fn an_ack_overtaken_by_a_later_one_is_presumed_dropped() {
    let start = clock::now();
    let mut pressure = Pressure::default();
    for id in ["a", "b", "c"] {
        pressure.asked(Brings::Ack, id, start);
    }
    pressure.answered("a", after(start, 1));
    assert_eq!(pressure.picture(start).dropped, 0);
    pressure.answered("c", after(start, 2));
    let picture = pressure.picture(after(start, 2));
    assert_eq!((picture.dropped, picture.outstanding), (1, 0));
    assert!(picture.hint.unwrap().contains("missing: 1 acks"));
}

#[test]
fn replies_come_in_any_order_and_are_missing_only_after_their_time() {
    let start = clock::now();
    let mut pressure = Pressure::default();
    for n in 0..20 {
        pressure.asked(Brings::Reply, &n.to_string(), start);
    }
    for n in (1..20).rev() {
        pressure.answered(&n.to_string(), after(start, 5));
    }
    assert_eq!(pressure.picture(after(start, 5)).dropped, 0);
    let late = after(start, 11_000);
    pressure.asked(Brings::Reply, "late", late);
    pressure.answered("late", late);
    assert_eq!(pressure.picture(late).dropped, 1);
    assert_eq!(pressure.picture(late).outstanding, 0);
}

#[test]
fn a_silent_handler_is_no_drop() {
    let start = clock::now();
    let mut pressure = Pressure::default();
    pressure.asked(Brings::Reply, "silent", start);
    let late = after(start, 11_000);
    pressure.asked(Brings::Reply, "late", late);
    pressure.answered("late", late);
    assert_eq!(pressure.picture(late).dropped, 0);
}

#[test]
fn missing_echoes_are_counted() {
    let start = clock::now();
    let mut pressure = Pressure::default();
    for _ in 0..5 {
        pressure.published(start);
    }
    pressure.echoed(0, start);
    pressure.echoed(2, start);
    let picture = pressure.picture(start);
    assert_eq!((picture.outstanding, picture.dropped), (1, 2));
}

#[test]
fn a_pause_is_named_for_a_minute() {
    let start = clock::now();
    let mut pressure = Pressure::default();
    pressure.paused(Duration::from_millis(20), start);
    assert_eq!(pressure.likely_cause(), None);
    pressure.paused(Duration::from_millis(2_500), start);
    pressure.paused(Duration::from_millis(300), after(start, 1_000));
    let cause = pressure.likely_cause().unwrap();
    assert!(
        cause.contains("we read nothing for 2.5 s, until 1.0 s before"),
        "{cause}"
    );
    assert!(pressure.picture(after(start, 59_000)).hint.is_some());
    assert!(pressure.picture(after(start, 61_000)).hint.is_none());
}

#[test]
fn what_is_remembered_is_bounded() {
    let start = clock::now();
    let mut pressure = Pressure::default();
    for n in 0..3 * OWED_MAX {
        pressure.asked(Brings::Reply, &n.to_string(), start);
    }
    assert_eq!(pressure.owed.len(), OWED_MAX);
    pressure.published(after(start, 120_000));
    assert_eq!(pressure.owed.len(), 1);
}
