mod page;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::protocol::savetowebsocket::{Columns, gist};

const SAMPLES: &str = include_str!("../../../../tests/fixtures/stellar-events.jsonl");
const SHAPES: &str = include_str!("../../../../tests/fixtures/stellar-shapes.jsonl");

fn shapes(lines: &str) -> Vec<Shape> {
    lines
        .lines()
        .map(|line| Shape::of(line.as_bytes()))
        .collect()
}

#[test]
fn every_shape_is_known_by_its_members() {
    assert_eq!(
        shapes(SAMPLES),
        [
            Shape::FilterPayments,
            Shape::Blank,
            Shape::AppPayment,
            Shape::AppPayment,
            Shape::AppAccountPayment,
            Shape::AppTrade,
            Shape::MarketMetrics,
            Shape::CreateAccount,
            Shape::AppTrustline,
            Shape::TickerAsset,
            Shape::TickerOrderbook,
            Shape::TokenPrice,
            Shape::AssetStats,
            Shape::AppMetrics,
            Shape::ContractEvent,
            Shape::GetEventsRpc,
            Shape::SoroswapRouter,
            Shape::SoroswapSync,
            Shape::AccountEffect,
            Shape::LatestLedger,
        ]
    );
    assert_eq!(
        shapes(SHAPES),
        [
            Shape::AppTrustline,
            Shape::MarketCap,
            Shape::SoroswapPair,
            Shape::LatestLedgerRpc,
            Shape::AccountTransaction,
            Shape::ContractCreation,
            Shape::FilteredContractInvocation,
            Shape::ContractInvocationExtractor,
            Shape::Kale,
            Shape::LedgerChanges,
            Shape::StellarContractEvent,
            Shape::ContractInvocation,
            Shape::ContractInvocationV3,
            Shape::ContractInvocationV2,
            Shape::ContractInvocationV2Bundle,
            Shape::AccountYear,
            Shape::ContractData,
            Shape::LedgerReader,
            Shape::LedgerToJson,
            Shape::Passthrough,
            Shape::AppPayment,
        ]
    );
    let met: BTreeSet<_> = [SAMPLES, SHAPES].into_iter().flat_map(shapes).collect();
    assert_eq!(met.len(), Shape::Unknown as usize, "each has a sample");
}

#[test]
fn the_order_of_members_does_not_matter() {
    for line in SAMPLES.lines().chain(SHAPES.lines()) {
        let event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        let turned: Vec<_> = event.iter().rev().collect();
        let members = turned
            .iter()
            .map(|(name, value)| format!("{name:?}:{value}"));
        let text = format!("{{{}}}", members.collect::<Vec<_>>().join(", "));
        assert_eq!(Shape::of(text.as_bytes()), Shape::of(line.as_bytes()));
    }
}

#[test]
fn what_no_processor_writes_is_unknown() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"type":"payment"}"#,
        // The sample of the public guide, which nothing emits.
        r#"{"type":"contract_event","ledger":1,"transaction_hash":"","contract_id":"","topics":[],"data":""}"#,
    ] {
        assert_eq!(Shape::of(text.as_bytes()), Shape::Unknown, "{text}");
    }
    assert_eq!(Shape::Unknown.defects(), [""; 0]);
}

#[test]
fn labels_stand_in_parentheses_and_cautions_are_defects() {
    for shape in [SAMPLES, SHAPES].into_iter().flat_map(shapes) {
        let label = shape.label();
        assert!(label.starts_with('(') && label.ends_with(')'), "{label}");
        if let Some(caution) = shape.caution() {
            assert!(shape.defects().contains(&caution));
        }
    }
}

/// All there is to read of an event, for what it may do to any bytes.
fn look(event: &[u8]) {
    let shape = Shape::of(event);
    let columns = Columns::read(event);
    assert_eq!(columns.shape, shape);
    let _ = columns.time.and_then(|time| time.at());
    let _ = gist(event);
}

proptest! {
    #[test]
    fn any_bytes_are_read(event in prop::collection::vec(any::<u8>(), 0..200)) {
        look(&event);
    }

    #[test]
    fn samples_with_a_byte_changed_or_the_end_lost_are_read(
        line in any::<Index>(), at in any::<Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let lines: Vec<_> = SAMPLES.lines().chain(SHAPES.lines()).collect();
        let mut event = lines[line.index(lines.len())].as_bytes().to_vec();
        let at = at.index(event.len());
        if cut {
            event.truncate(at);
        } else {
            event[at] = byte;
        }
        look(&event);
    }

    #[test]
    fn members_of_the_wrong_kind_are_read(
        line in any::<Index>(), at in any::<Index>(),
        value in prop::sample::select(vec![
            "null", "true", "-1", "1e999", "[]", "{}", "\"\"", "\"\\u0000\"", "[[[1]]]",
            "99999999999999999999999999", "{\"value\":{}}", "\"é\"", "\"\\ud800\"",
        ]),
    ) {
        let lines: Vec<_> = SAMPLES.lines().chain(SHAPES.lines()).collect();
        let line = lines[line.index(lines.len())];
        let event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        let at = at.index(event.len());
        let members = event.iter().enumerate().map(|(index, (name, own))| {
            if index == at { format!("{name:?}:{value}") } else { format!("{name:?}:{own}") }
        });
        look(format!("{{{}}}", members.collect::<Vec<_>>().join(",")).as_bytes());
    }
}
