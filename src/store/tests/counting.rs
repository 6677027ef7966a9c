//! Tests of the owner's, tallies and visits.

use std::sync::Mutex;

use super::*;
use crate::store::job::Task;
use crate::store::sieve::Test;
use crate::store::tally::{Assay, Count, EXAMPLES};
use crate::store::visit::Visitor;

fn large() -> Vec<u8> {
    vec![b'x'; 9_000]
}

/// `count` pairs of entries: a large one, labelled `yes` every third time, and a small `yes`.
fn fill(feeder: &mut Feeder, count: usize) {
    for number in 0..count {
        let label = if number % 3 == 0 { "yes" } else { "no" };
        feeder.add(A, &[(&large(), label, None), (b"small", "yes", None)]);
    }
}

fn by_label() -> Assay {
    Assay::new(|entry| match entry.label {
        "yes" => Some(1),
        "no" => Some(7),
        _ => None,
    })
}

fn run(task: Task) -> crate::store::job::Answer {
    task.run()
}

#[test]
fn a_test_of_the_owners_works_alone_and_before_a_filter() {
    let mut feeder = Feeder::new(16 << 20);
    fill(&mut feeder, 30);
    let timeline = feeder.store.timeline(A).unwrap();
    let small: Test = Arc::new(|entry| entry.payload == b"small");
    let found = |sieve: Sieve| {
        let mut sifting = Sifting::new(sieve, timeline);
        while let Some(task) = sifting.next_task(timeline) {
            assert!(sifting.take(run(task)));
        }
        assert!(sifting.is_done(timeline));
        let matches = sifting.matches();
        (matches.len(), matches.refused())
    };
    assert_eq!(found(Sieve::default()), (60, 0));
    assert_eq!(
        found(Sieve::default().testing(Arc::clone(&small))),
        (30, 30)
    );
    let filter = Arc::new(Filter::compile(".seq < 20").unwrap());
    let view = View {
        session: "demo".to_owned(),
        system: None,
        decode: Arc::new(|_| crate::body::Body::default()),
        verbatim: true,
    };
    let sieve = Sieve::of(filter, Arc::new(view));
    assert_eq!(found(sieve.clone()), (20, 0));
    assert_eq!(found(sieve.testing(small)), (10, 30));
}

#[test]
fn what_comes_later_passes_another_test_without_a_second_look_at_the_rest() {
    let mut feeder = Feeder::new(16 << 20);
    fill(&mut feeder, 3);
    let everything: Test = Arc::new(|_| true);
    let nothing: Test = Arc::new(|_| false);
    let timeline = feeder.store.timeline(A).unwrap();
    let mut sifting = Sifting::new(Sieve::default().testing(everything), timeline);
    while let Some(task) = sifting.next_task(timeline) {
        sifting.take(run(task));
    }
    sifting.go_on_with(Sieve::default().testing(nothing));
    fill(&mut feeder, 2);
    let timeline = feeder.store.timeline(A).unwrap();
    while let Some(task) = sifting.next_task(timeline) {
        sifting.take(run(task));
    }
    assert_eq!(sifting.matches().len(), 6);
    assert_eq!(sifting.matches().refused(), 4);
}

#[test]
fn a_tally_counts_each_entry_once_while_entries_come_and_go() {
    let mut feeder = Feeder::new(600_000);
    fill(&mut feeder, 30);
    let mut tally = Tally::new(by_label(), feeder.store.timeline(A).unwrap());
    let mut seen = std::collections::BTreeSet::new();
    let mut tasks = 0;
    while let Some(task) = tally.next_task(feeder.store.timeline(A).unwrap()) {
        let timeline = feeder.store.timeline(A).unwrap();
        assert!(tally.next_task(timeline).is_none(), "one at a time");
        assert!(!tally.is_done(timeline));
        for seq in task.range.clone() {
            assert!(seen.insert(seq), "{seq} twice");
        }
        if tasks < 40 {
            fill(&mut feeder, 3);
        }
        tasks += 1;
        assert!(tally.take(&run(task)));
    }
    let timeline = feeder.store.timeline(A).unwrap();
    assert!(tally.is_done(timeline));
    assert!(timeline.evicted() > 0 && tasks > 20);
    let total: u64 = tally.counts().values().map(|count| count.entries).sum();
    assert_eq!(
        (total, tally.looked_at()),
        (seen.len() as u64, seen.len() as u64)
    );
    assert!(tally.counts()[&1].entries > tally.counts()[&7].entries);
    // The examples are the newest of their class, newest first.
    let newest: Vec<Seq> = (0..timeline.next())
        .rev()
        .filter(|seq| timeline.entry(*seq).is_some_and(|e| e.label == "no"))
        .take(EXAMPLES)
        .collect();
    assert_eq!(tally.counts()[&7].examples, newest);
}

#[test]
fn the_first_figures_of_a_tally_are_of_the_newest_entries() {
    let mut feeder = Feeder::new(64 << 20);
    let payload = vec![b'x'; Chunk::FULL_BYTES];
    for _ in 0..5 {
        feeder.add(A, &[(&payload, "yes", None)]);
    }
    feeder.add(A, &[(b"?", "not counted", None)]);
    let timeline = feeder.store.timeline(A).unwrap();
    let mut tally = Tally::new(by_label(), timeline);
    let mut other = Tally::new(by_label(), timeline);
    for tasks in 0..=5_u64 {
        let count = tally.counts().get(&1).cloned().unwrap_or_default();
        assert_eq!(
            count.entries,
            tasks.saturating_sub(1),
            "after {tasks} tasks"
        );
        let Some(task) = tally.next_task(timeline) else {
            panic!("there is more");
        };
        let answer = run(task);
        assert!(!other.take(&answer), "an answer to somebody else");
        assert!(tally.take(&answer));
        if tasks == 0 {
            assert_eq!(tally.counts().get(&1), None, "the tail is not counted");
            assert_eq!(tally.looked_at(), 1);
        }
    }
    assert!(tally.next_task(timeline).is_none());
    assert_eq!(
        tally.counts()[&1],
        Count {
            entries: 5,
            examples: vec![4, 3, 2, 1, 0],
        }
    );
    assert!(other.next_task(timeline).is_some());
    assert!(other.next_task(timeline).is_none());
    other.give_back();
    assert!(other.next_task(timeline).is_some());
}

#[test]
fn a_visit_sees_every_entry_in_order_and_counts_what_left_before() {
    let mut feeder = Feeder::new(600_000);
    fill(&mut feeder, 4);
    let seen: Arc<Mutex<Vec<Seq>>> = Arc::default();
    let visitor = {
        let seen = Arc::clone(&seen);
        Visitor::new(move |entry| seen.lock().unwrap().push(entry.seq))
    };
    let mut visit = Visit::new(visitor, 2);
    let all = |visit: &mut Visit, feeder: &Feeder| {
        let timeline = feeder.store.timeline(A).unwrap();
        while let Some(task) = visit.next_task(timeline) {
            assert!(visit.next_task(timeline).is_none(), "one at a time");
            assert!(visit.take(&run(task)));
        }
        assert_eq!(visit.next(), timeline.next());
    };
    all(&mut visit, &feeder);
    fill(&mut feeder, 2);
    all(&mut visit, &feeder);
    assert_eq!(*seen.lock().unwrap(), (2..12).collect::<Vec<_>>());
    assert_eq!(visit.missed(), 0);
    fill(&mut feeder, 200);
    all(&mut visit, &feeder);
    let first = feeder.store.timeline(A).unwrap().first();
    assert!(first > 12);
    assert_eq!(visit.missed(), first - 12);
    let seen = seen.lock().unwrap();
    assert!(seen.is_sorted_by(|a, b| a < b), "each once, in order");
    assert_eq!(seen.len() as u64 + visit.missed(), visit.next() - 2);
}
