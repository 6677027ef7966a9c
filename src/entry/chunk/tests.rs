use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::entry::{Badge, Entry, Outcome};
use crate::frame::{FrameKind, Wire};
use crate::transport::clock;

const TEXT: EntryKind = EntryKind::Frame(FrameKind::Text);

/// An entry of its own, to compare with.
#[derive(Clone, Debug)]
struct Row {
    after_us: u32,
    kind: EntryKind,
    direction: Direction,
    payload: Vec<u8>,
    wire: Wire,
    badge: Badge,
    label: String,
    outcome: Option<Outcome>,
    latency: Option<Duration>,
    back: Option<u8>,
    asks: bool,
    note: Option<String>,
    error: Option<String>,
}

impl Row {
    fn push(&self, chunk: &mut Chunk, start: Stamp) -> Seq {
        chunk.push(&Draft {
            at: start.after(Duration::from_micros(self.after_us.into())),
            kind: self.kind,
            direction: self.direction,
            payload: &self.payload,
            wire: &self.wire,
            badge: self.badge,
            label: &self.label,
            outcome: self.outcome,
            latency: self.latency,
            pair: self.pair(chunk.next()),
            asks: self.asks,
            note: self.note.clone(),
            error: self.error.clone(),
        })
    }

    fn pair(&self, seq: Seq) -> Option<Seq> {
        let answers = self.outcome.is_some() || self.kind == EntryKind::Lost;
        let back = self.back.filter(|_| answers)?;
        seq.checked_sub(Seq::from(back) + 1)
    }

    fn assert_is(&self, entry: &Entry<'_>, start: Stamp) {
        let after = Duration::from_micros(self.after_us.into());
        assert_eq!(entry.at, start.after(after));
        assert_eq!(entry.kind, self.kind);
        assert_eq!(entry.direction, self.direction);
        assert_eq!(entry.payload, self.payload);
        assert_eq!(entry.wire, self.wire);
        assert_eq!(entry.badge, self.badge);
        assert_eq!(entry.label, self.label);
        assert_eq!(entry.outcome, self.outcome);
        assert_eq!(entry.latency, self.latency);
        assert_eq!(entry.asks, self.asks);
        assert_eq!(entry.note, self.note.as_deref());
        assert_eq!(entry.error, self.error.as_deref());
        if self.outcome.is_some() || self.kind == EntryKind::Lost {
            assert_eq!(entry.pair, self.pair(entry.seq));
        }
    }
}

fn plain(payload: &[u8], label: &str) -> Row {
    Row {
        after_us: 0,
        kind: TEXT,
        direction: Direction::In,
        payload: payload.to_vec(),
        wire: Wire {
            bytes: payload.len() as u64,
            ..Wire::default()
        },
        badge: Badge::Message,
        label: label.to_owned(),
        outcome: None,
        latency: None,
        back: None,
        asks: false,
        note: None,
        error: None,
    }
}

fn row() -> impl Strategy<Value = Row> {
    let kinds = prop::sample::select(vec![
        TEXT,
        EntryKind::Frame(FrameKind::Response),
        EntryKind::Lifecycle,
        EntryKind::Lost,
    ]);
    let wire = (
        0_u8..8,
        prop::option::of(any::<[u8; 4]>()),
        prop::collection::vec(any::<u32>(), 0..3),
        0_u64..60,
    );
    let texts = (
        "[a-c]{0,2}",
        prop::option::of("[a-z]{0,9}"),
        prop::option::of("[a-z]{0,9}"),
    );
    let reply = (
        prop::option::of(prop::sample::select(Outcome::ALL.to_vec())),
        prop::option::of(0_u64..9_000_000),
        prop::option::of(0_u8..12),
        any::<bool>(),
    );
    let payload = prop::collection::vec(any::<u8>(), 0..12);
    (
        kinds,
        any::<bool>(),
        payload,
        wire,
        texts,
        reply,
        prop::sample::select(Badge::ALL.to_vec()),
    )
        .prop_map(|(kind, out, payload, wire, texts, reply, badge)| Row {
            after_us: 0,
            kind,
            direction: if out { Direction::Out } else { Direction::In },
            wire: Wire {
                bytes: payload.len() as u64 + wire.3,
                rsv: wire.0,
                mask: wire.1,
                fragments: wire.2,
            },
            payload,
            badge,
            label: texts.0,
            outcome: reply.0,
            latency: reply.1.map(Duration::from_micros),
            back: reply.2,
            asks: reply.3,
            note: texts.1,
            error: texts.2,
        })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((row(), 0_u32..2_000_000), 1..24).prop_map(|rows| {
        let mut at = 0;
        rows.into_iter()
            .map(|(mut row, gap)| {
                at += gap;
                row.after_us = at;
                row
            })
            .collect()
    })
}

fn totals_of(chunk: &Chunk) -> Totals {
    let mut totals = Totals::default();
    for entry in chunk.iter() {
        if entry.frame().is_some() {
            let bytes = entry.payload.len() as u64;
            if entry.direction == Direction::In {
                totals.frames_in += 1;
                totals.bytes_in += bytes;
            } else {
                totals.frames_out += 1;
                totals.bytes_out += bytes;
            }
        }
        totals.errors += u64::from(entry.error.is_some());
        totals.notes += u64::from(entry.note.is_some());
    }
    totals
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn entries_come_out_as_they_went_in_however_chunks_are_merged(
        rows in rows(),
        cut in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
    ) {
        let start = clock::now();
        let first = 1_000;
        let cut = cut.index(rows.len() + 1);
        let mut left = Chunk::new(first, Vec::new());
        rows[..cut].iter().for_each(|row| { row.push(&mut left, start); });
        let mut right = Chunk::new(left.next(), Vec::new());
        rows[cut..].iter().for_each(|row| { row.push(&mut right, start); });
        right.seal();
        left.absorb(&right, right.first());
        prop_assert_eq!(left.len(), rows.len());
        prop_assert_eq!(left.totals(), totals_of(&left));
        for (row, entry) in rows.iter().zip(left.iter()) {
            row.assert_is(&entry, start);
        }
        for (index, byte_owner) in left.payloads().iter().enumerate() {
            let owner = left.owner_of(index).expect("every byte has an owner");
            let range = left.payload_range(owner).expect("it is here");
            prop_assert!(range.contains(&index));
            prop_assert_eq!(&left.entry(owner).unwrap().payload[index - range.start], byte_owner);
        }
        prop_assert_eq!(left.owner_of(left.payloads().len()), None);

        let from = first + from.index(rows.len()) as Seq;
        let mut copy = Chunk::new(from, Vec::new());
        copy.absorb(&left, from);
        prop_assert_eq!(copy.next(), left.next());
        prop_assert_eq!(copy.totals(), totals_of(&copy));
        for (row, entry) in rows[(from - first) as usize..].iter().zip(copy.iter()) {
            row.assert_is(&entry, start);
        }
    }
}

#[test]
fn a_pair_is_linked_once_and_only_from_an_ask() {
    let now = clock::now();
    let mut chunk = Chunk::new(10, Vec::new());
    plain(b"ask", "").push(&mut chunk, now);
    let orphan = Row {
        outcome: Some(Outcome::Orphan),
        ..plain(b"orphan", "")
    };
    orphan.push(&mut chunk, now);
    chunk.link(10, 40);
    chunk.link(10, 41);
    chunk.link(11, 42);
    chunk.link(9, 40);
    chunk.link(12, 40);
    assert_eq!(chunk.entry(10).unwrap().pair, Some(40), "the first stays");
    assert_eq!(chunk.entry(11).unwrap().pair, None, "a reply asks nothing");
    assert_eq!(chunk.replies().count(), 0, "an orphan answers nobody");
}

#[test]
fn links_survive_merging() {
    let now = clock::now();
    let mut left = Chunk::new(0, Vec::new());
    plain(b"before", "").push(&mut left, now);
    let mut right = Chunk::new(1, Vec::new());
    plain(b"ask", "").push(&mut right, now);
    let reply = Row {
        outcome: Some(Outcome::Ok),
        back: Some(0),
        ..plain(b"reply", "")
    };
    reply.push(&mut right, now);
    right.link(1, 2);
    left.absorb(&right, 1);
    assert_eq!(left.entry(1).unwrap().pair, Some(2));
    assert_eq!(left.entry(2).unwrap().pair, Some(1));
    assert_eq!(left.replies().collect::<Vec<_>>(), [(1, 2)]);
}

#[test]
fn a_chunk_refuses_what_its_addresses_cannot_hold() {
    let now = clock::now();
    let mut chunk = Chunk::new(0, Vec::new());
    assert!(chunk.accepts(now, 16 << 20));
    plain(b"x", "").push(&mut chunk, now);
    assert!(chunk.accepts(now.after(Duration::from_secs(3_999)), 1));
    assert!(!chunk.accepts(now.after(Duration::from_secs(4_000)), 1));
    assert!(!chunk.accepts(now, 1 << 31));
}

#[test]
fn an_entry_may_be_a_little_earlier_than_the_first() {
    let now = clock::now();
    let mut chunk = Chunk::new(0, Vec::new());
    let mut moments = Vec::new();
    for micros in [0, 900, 1_000_000, 3_000_000] {
        let at = now.before(Duration::from_micros(micros));
        moments.push(now.before(Duration::from_micros(micros.min(1_000_000))));
        plain(b"x", "").push(&mut chunk, at);
    }
    let kept: Vec<_> = chunk.iter().map(|entry| entry.at).collect();
    assert_eq!(kept, moments);
    let mut copy = Chunk::new(1, Vec::new());
    copy.absorb(&chunk, 1);
    assert_eq!(copy.entry(1).unwrap().at, moments[1]);
}

#[test]
fn sealing_gives_back_what_was_reserved() {
    let now = clock::now();
    let mut chunk = Chunk::new(0, Vec::with_capacity(Chunk::FULL_BYTES));
    for number in 0..100 {
        plain(b"0123456789", &format!("label {}", number % 10)).push(&mut chunk, now);
    }
    let before = chunk.footprint();
    chunk.seal();
    assert!(before > Chunk::FULL_BYTES);
    let fixed = size_of::<Chunk>();
    assert!(
        chunk.footprint() <= fixed + 100 * (10 + 32) + 10 * 12,
        "{}",
        chunk.footprint()
    );
    assert_eq!(chunk.entry(99).unwrap().label, "label 9");
}

#[test]
fn labels_are_found_by_number() {
    let now = clock::now();
    let mut chunk = Chunk::new(5, Vec::new());
    for label in ["a", "b", "a", "c"] {
        plain(b"", label).push(&mut chunk, now);
    }
    assert_eq!(chunk.labels().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(chunk.labelled(0).collect::<Vec<_>>(), [5, 7]);
    assert_eq!(chunk.labelled(2).collect::<Vec<_>>(), [8]);
}
