use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::protocol::savetowebsocket::Shape;
use crate::schema::gojson;

const CLOSED: i64 = 1_767_225_605_412_345;

fn names(event: &[u8]) -> Vec<String> {
    let value = gojson::Value::parse(event).unwrap();
    value.members().map(|(name, _)| name).collect()
}

fn generator(seed: u64, mix: &str, payload: Option<usize>) -> Generator {
    Generator::new(seed, 60_123_456, &mix.parse().unwrap(), payload)
}

fn many() -> Vec<Vec<u8>> {
    let mut generator = generator(1, "all", None);
    (0..60)
        .flat_map(|n| generator.ledger(CLOSED + n, 40))
        .collect()
}

#[test]
fn the_same_seed_makes_the_same_events() {
    let run = |seed| generator(seed, "all", None).ledger(CLOSED, 30);
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

#[test]
fn every_ledger_opens_with_itself_and_its_metrics() {
    let mut generator = generator(1, "all", None);
    let first = generator.ledger(CLOSED, 5);
    let second = generator.ledger(CLOSED, 2);
    assert_eq!((first.len(), second.len()), (5, 2));
    for (ledger, sequence) in [(first, 60_123_456), (second, 60_123_457)] {
        let latest = gojson::Value::parse(&ledger[0]).unwrap();
        assert_eq!(latest.member("sequence").unwrap().integer(), Some(sequence));
        assert_eq!(
            latest.member("closed_at").unwrap().string().unwrap(),
            "2026-01-01T00:00:05Z"
        );
        let metrics = gojson::Value::parse(&ledger[1]).unwrap();
        assert_eq!(
            metrics.member("type").unwrap().string().unwrap(),
            "network_metrics"
        );
    }
}

/// Members of each sample line, by the events the generator makes of that kind.
#[test]
fn shapes_are_those_of_the_samples() {
    let samples = include_str!("../../../../tests/fixtures/stellar-events.jsonl");
    let known: BTreeSet<Vec<String>> = samples.lines().map(|line| names(line.as_bytes())).collect();
    let made: BTreeSet<Vec<String>> = many().iter().map(|event| names(event)).collect();
    let missing: Vec<_> = known.difference(&made).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_mix_is_varied() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut long = 0;
    for event in many() {
        let value = gojson::Value::parse(&event).unwrap();
        let kind = value.member("type").and_then(gojson::Value::string);
        *kinds.entry(kind.unwrap_or_default()).or_default() += 1;
        long += usize::from(event.len() > 1024);
    }
    for kind in [
        "",
        "payment",
        "trade",
        "contract",
        "swap",
        "trustline",
        "create_account",
        "path_payment_strict_send",
        "network_metrics",
        "sync",
    ] {
        assert!(
            kinds.get(kind).is_some_and(|count| *count > 2),
            "{kind}: {kinds:?}"
        );
    }
    assert!(long > 50, "{long} events over 1024 bytes");
}

#[test]
fn every_kind_is_an_event_with_its_marks_filled_in() {
    let mut shapes = BTreeSet::new();
    for kind in kinds::KINDS {
        let mut generator = generator(9, &format!("{}=1", kind.name), None);
        generator.open(CLOSED);
        for _ in 0..20 {
            let event = generator.event().unwrap();
            let text = std::str::from_utf8(&event).unwrap();
            assert!(!text.contains("88888888888888800"), "{}: {text}", kind.name);
            assert!(
                !text.contains(|c| ('\u{e000}'..'\u{f000}').contains(&c)),
                "{}: {text}",
                kind.name
            );
            let value = gojson::Value::parse(&event).unwrap();
            assert_eq!(value.kind(), gojson::Kind::Object, "{text}");
            assert_ne!(Shape::of(&event), Shape::Unknown, "{}: {text}", kind.name);
            shapes.insert(Shape::of(&event));
        }
    }
    assert_eq!(shapes.len(), 38, "all the shapes there are: {shapes:?}");
}

#[test]
fn a_stock_drawn_from_for_long_repeats_hardly_anything() {
    let mut generator = generator(2, "payments,market,contracts", None);
    generator.open(CLOSED);
    let events: Vec<_> = (0..20_000).filter_map(|_| generator.event()).collect();
    let known: BTreeSet<_> = events.iter().collect();
    assert!(known.len() > 19_000, "{} of {}", known.len(), events.len());
}

#[test]
fn the_average_length_is_about_what_is_asked() {
    for (mix, payload) in [
        ("all", 400),
        ("payments", 400),
        ("payments", 2_000),
        ("soroswap-sync", 500),
        ("ledger-reader", 300_000),
        ("all", 20_000),
    ] {
        let mut generator = generator(2, mix, Some(payload));
        generator.open(CLOSED);
        let count = if payload > 10_000 { 50 } else { 4_000 };
        let bytes: usize = (0..count).map(|_| generator.event().unwrap().len()).sum();
        let average = bytes / count;
        let off = average.abs_diff(payload) as f64 / payload as f64;
        assert!(off < 0.1, "{mix} {payload}: {average}");
    }
}

#[test]
fn ledgers_can_be_left_out_and_come_again() {
    let mut generator = generator(1, "ledgers", None);
    let mut sequence = |jump| {
        generator.jump(jump);
        let events = generator.open(CLOSED);
        let latest = gojson::Value::parse(&events[0]).unwrap();
        latest.member("sequence").unwrap().integer().unwrap()
    };
    assert_eq!(
        [sequence(0), sequence(2), sequence(-3)],
        [60_123_456, 60_123_459, 60_123_457]
    );
}
