use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::entry::{Badge, Draft, EntryKind, Outcome};
use crate::frame::{Direction, FrameKind, Stamp, Wire};
use crate::transport::clock;

mod counting;
mod looking;

const A: SessionId = SessionId(1);
const B: SessionId = SessionId(2);

/// Feeds a store as sessions do.
struct Feeder {
    store: Store,
    start: Stamp,
    next: BTreeMap<SessionId, Seq>,
    clock: u64,
}

impl Feeder {
    fn new(budget: usize) -> Self {
        Self {
            store: Store::new(budget),
            start: clock::now(),
            next: BTreeMap::new(),
            clock: 0,
        }
    }

    /// One chunk of rows: payload, label, and for replies the ask.
    fn add(&mut self, session: SessionId, rows: &[(&[u8], &str, Option<Seq>)]) -> Option<Vec<u8>> {
        let next = self.next.entry(session).or_default();
        let mut chunk = Chunk::new(*next, Vec::with_capacity(Chunk::FULL_BYTES));
        for (payload, label, ask) in rows {
            self.clock += 1;
            chunk.push(&Draft {
                at: self.start.after(Duration::from_millis(self.clock)),
                kind: EntryKind::Frame(FrameKind::Text),
                direction: Direction::In,
                payload,
                wire: &Wire::default(),
                badge: Badge::Message,
                label,
                outcome: ask.map(|_| Outcome::Ok),
                latency: None,
                pair: *ask,
                asks: false,
                note: None,
                error: None,
            });
        }
        *next = chunk.next();
        self.store.add(session, chunk)
    }
}

#[test]
fn ten_budgets_pushed_through_stay_in_one_and_every_entry_is_counted() {
    let budget = 4 << 20;
    let mut feeder = Feeder::new(budget);
    let payload = [b'x'; 400];
    let rows = vec![(&payload[..], "label", None); 100];
    let mut free = 0;
    let chunks = 10 * budget / (100 * 432);
    for _ in 0..chunks {
        free += usize::from(feeder.add(A, &rows).is_some());
        assert!(feeder.store.used() <= budget);
    }
    let timeline = feeder.store.timeline(A).unwrap();
    assert_eq!(timeline.next(), feeder.next[&A]);
    assert_eq!(timeline.evicted() + timeline.len(), timeline.next());
    assert_eq!(timeline.footprint(), feeder.store.used());
    let kept = timeline.len() as usize * 432;
    assert!(
        kept > budget * 8 / 10,
        "{kept} of {budget} bytes are entries"
    );
    assert!(
        free > chunks * 8 / 10,
        "{free} of {chunks} buffers come back"
    );
    for seq in timeline.first()..timeline.next() {
        assert_eq!(timeline.entry(seq).unwrap().seq, seq);
    }
    assert!(timeline.entry(timeline.first() - 1).is_none());
    assert!(timeline.entry(timeline.next()).is_none());
}

#[test]
fn a_selection_stays_where_it_is_until_it_is_gone() {
    let mut feeder = Feeder::new(1 << 20);
    let payload = [b'x'; 1_000];
    for number in 0..700 {
        feeder.add(A, &[(&payload[..], &number.to_string(), None)]);
    }
    let selected = feeder.next[&A] - 200;
    let label = selected.to_string();
    while let Some(entry) = feeder.store.entry(A, selected) {
        assert_eq!(entry.label, label);
        let next = feeder.next[&A].to_string();
        feeder.add(A, &[(&payload[..], &next, None)]);
    }
    assert!(feeder.store.timeline(A).unwrap().first() > selected);
}

#[test]
fn the_oldest_chunk_of_whichever_session_leaves() {
    let mut feeder = Feeder::new(2 << 20);
    let payload = vec![b'x'; Chunk::FULL_BYTES];
    feeder.add(A, &[(&payload, "", None)]);
    feeder.add(B, &[(&payload, "", None)]);
    for _ in 0..6 {
        feeder.add(A, &[(&payload, "", None)]);
    }
    assert_eq!(feeder.store.timeline(A).unwrap().evicted(), 1);
    assert_eq!(feeder.store.timeline(B).unwrap().evicted(), 0);
    feeder.add(A, &[(&payload, "", None)]);
    assert_eq!(feeder.store.timeline(B).unwrap().evicted(), 1);
    assert!(feeder.store.timeline(B).unwrap().is_empty());
    assert_eq!(feeder.store.timeline(B).unwrap().next(), 1);
    let used = feeder.store.used();
    feeder.store.remove(A);
    assert!(used > 0 && feeder.store.used() == 0);
}

#[test]
fn an_entry_larger_than_the_budget_is_counted_and_gone() {
    let mut feeder = Feeder::new(1 << 20);
    feeder.add(A, &[(&vec![0; 3 << 20], "", None)]);
    let timeline = feeder.store.timeline(A).unwrap();
    assert_eq!((timeline.evicted(), timeline.len()), (1, 0));
    assert_eq!(feeder.store.used(), 0);
    feeder.add(A, &[(b"small", "", None)]);
    assert_eq!(feeder.store.entry(A, 1).unwrap().payload, b"small");
}

#[test]
fn asks_meet_their_replies_across_chunks_and_after_eviction() {
    let mut feeder = Feeder::new(1 << 20);
    let large = vec![b'x'; 300_000];
    feeder.add(A, &[(b"ask in the tail", "", None)]);
    feeder.add(A, &[(b"reply", "", Some(0))]);
    assert_eq!(feeder.store.entry(A, 0).unwrap().pair, Some(1));
    feeder.add(A, &[(&large, "sealed ask", None)]);
    feeder.add(A, &[(b"reply", "", Some(2)), (b"again", "", Some(2))]);
    assert_eq!(feeder.store.entry(A, 2).unwrap().pair, Some(3), "the first");
    assert_eq!(feeder.store.entry(A, 4).unwrap().pair, Some(2));
    feeder.add(A, &[(b"ask", "", None), (b"reply", "", Some(5))]);
    assert_eq!(
        feeder.store.entry(A, 5).unwrap().pair,
        Some(6),
        "in one chunk"
    );
    for _ in 0..4 {
        feeder.add(A, &[(&large, "", None)]);
    }
    assert!(feeder.store.entry(A, 2).is_none());
    feeder.add(A, &[(b"late reply", "", Some(2))]);
    let last = feeder.next[&A] - 1;
    assert_eq!(feeder.store.entry(A, last).unwrap().pair, Some(2));
}

#[test]
fn single_entries_do_not_pin_a_buffer_each() {
    let mut feeder = Feeder::new(64 << 20);
    feeder.add(A, &[(b"x", "", None)]);
    for _ in 0..2_000 {
        assert!(feeder.add(A, &[(b"x", "", None)]).is_some());
    }
    assert!(feeder.store.used() < Chunk::FULL_BYTES + 2_001 * 80);
    // A chunk may span little more than an hour; then a new one begins, and the old one shrinks.
    feeder.clock += 4_000_000;
    assert!(feeder.add(A, &[(b"x", "", None)]).is_none());
    assert!(feeder.store.used() < Chunk::FULL_BYTES + 2_001 * 40);
}

#[test]
fn a_worker_walks_all_pieces_in_both_directions() {
    let mut feeder = Feeder::new(64 << 20);
    for number in 0..300_usize {
        feeder.add(A, &[(&vec![b'x'; number * 10], "", None)]);
    }
    let timeline = feeder.store.timeline(A).unwrap();
    let mut at = 0;
    while let Some(piece) = timeline.piece(at) {
        assert!(piece.first() <= at && at < piece.next());
        at = piece.next();
    }
    assert_eq!(at, 300);
    while let Some(piece) = timeline.piece_before(at) {
        assert!(piece.first() < at && at <= piece.next());
        at = piece.first();
    }
    assert_eq!(at, 0);
}

#[derive(Clone, Debug)]
struct Step {
    session: SessionId,
    rows: Vec<(usize, u8, bool)>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let sizes = prop_oneof![8 => 0_usize..600, 1 => 20_000_usize..200_000];
    let rows = prop::collection::vec((sizes, any::<u8>(), any::<bool>()), 0..12);
    let step =
        (prop::sample::select(vec![A, B]), rows).prop_map(|(session, rows)| Step { session, rows });
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_store_is_a_bounded_list(steps in steps()) {
        let budget = 1_500_000;
        let mut feeder = Feeder::new(budget);
        let mut model: BTreeMap<SessionId, VecDeque<(Seq, Vec<u8>, String)>> =
            BTreeMap::new();
        for step in &steps {
            let first = feeder.next.get(&step.session).copied().unwrap_or_default();
            let rows: Vec<(Vec<u8>, String, Option<Seq>)> = step.rows.iter().enumerate()
                .map(|(index, (len, byte, replies))| {
                    let seq = first + index as Seq;
                    let ask = seq.checked_sub(Seq::from(*byte)).filter(|ask| *replies && *ask < seq);
                    (vec![*byte; *len], format!("{}", byte % 7), ask)
                })
                .collect();
            let borrowed: Vec<_> = rows.iter()
                .map(|(payload, label, ask)| (&payload[..], &label[..], *ask))
                .collect();
            feeder.add(step.session, &borrowed);
            let kept = model.entry(step.session).or_default();
            for (index, (payload, label, _)) in rows.into_iter().enumerate() {
                kept.push_back((first + index as Seq, payload, label));
            }
            prop_assert!(feeder.store.used() <= budget + 2 * (Chunk::FULL_BYTES + 600_000));
            let mut sum = 0;
            for (session, kept) in &mut model {
                let Some(timeline) = feeder.store.timeline(*session) else { continue };
                sum += timeline.footprint();
                kept.retain(|(seq, ..)| *seq >= timeline.first());
                prop_assert_eq!(kept.len() as u64, timeline.len());
                prop_assert_eq!(timeline.next(), feeder.next[session]);
                for (seq, payload, label) in kept.iter() {
                    let entry = timeline.entry(*seq).expect("it is kept");
                    prop_assert_eq!(entry.payload, &payload[..]);
                    prop_assert_eq!(entry.label, &label[..]);
                    if let Some(pair) = entry.pair {
                        prop_assert!((pair > *seq) == entry.outcome.is_none());
                    }
                }
            }
            prop_assert_eq!(sum, feeder.store.used());
        }
    }
}
