use super::*;
use crate::body::Look;
use crate::schema::json;

const SAMPLES: &str = include_str!("../../../../tests/fixtures/stellar-events.jsonl");

fn annotated(event: &str) -> Body {
    let mut body = Body {
        root: json::tree(event.as_bytes(), 0).unwrap(),
        ..Body::default()
    };
    annotate(&mut body, Shape::of(event.as_bytes()));
    body
}

/// The hint of the node at that path.
fn hint(body: &Body, path: &str) -> Option<String> {
    let node = path
        .split('.')
        .try_fold(&body.root, |node, name| node.child(name));
    node.unwrap_or_else(|| panic!("{path}")).hint.clone()
}

fn sample(line: usize) -> Body {
    annotated(SAMPLES.lines().nth(line - 1).unwrap())
}

#[test]
fn members_that_mislead_have_a_hint() {
    for (line, path, expected) in [
        (1, "buyer_account_id", Some("the receiver")),
        (1, "timestamp", Some("2026-01-01T00:00:05Z")),
        (1, "amount", None),
        (
            2,
            "seller_account_id",
            Some("the transaction's account, which is not told"),
        ),
        (2, "asset_code", Some("XLM")),
        (3, "source_account_id", Some("swapped: really the receiver")),
        (3, "successful", Some("always true, also if it failed")),
        (5, "ledger_sequence", Some("never filled")),
        (6, "sell_asset_details.timestamp", Some("no date")),
        (6, "orderbook_id", Some("the offer's id: a new one")),
        (7, "bid_volume", Some("always 0")),
        (
            9,
            "asset_code",
            Some("padded with NUL, which no filter value matches"),
        ),
        (9, "limit", Some("no limit")),
        (10, "amount", Some("125.5 in units")),
        (
            14,
            "max_fee",
            Some("really the most transactions a ledger may have"),
        ),
        (14, "payment_volume", Some("9041.25 in units")),
        (16, "created_at", Some("no date")),
        (
            17,
            "amount_a",
            Some("5 in units, with 7 decimals; low 64 bits only"),
        ),
        (19, "details.amount", Some("125.5 in units")),
    ] {
        assert_eq!(
            hint(&sample(line), path).as_deref(),
            expected,
            "{line} {path}"
        );
    }
}

#[test]
fn the_processor_and_what_is_true_of_all_its_events_are_told() {
    let offer = sample(6);
    assert_eq!(offer.shape, Some("TransformToAppTrade"));
    assert!(offer.aside.unwrap().starts_with("an offer, not a trade"));
    assert_eq!(hint_of_root(&offer), Some("TransformToAppTrade"));
    let unknown = annotated(r#"{"a":1}"#);
    assert_eq!((unknown.shape, unknown.aside), (None, None));
    assert_eq!(hint_of_root(&unknown), None);
}

fn hint_of_root(body: &Body) -> Option<&str> {
    body.root.hint.as_deref()
}

#[test]
fn raw_values_start_closed_without_their_empty_arms_and_say_what_they_are() {
    let body = sample(15);
    let topic = body.root.child("topic").unwrap();
    assert_eq!(topic.look, Look::Closed);
    assert_eq!(
        topic.hint.as_deref(),
        Some("raw; topic_decoded says it for people")
    );
    let symbol = &topic.children[0];
    assert_eq!(
        symbol.hint.as_deref(),
        Some("symbol “transfer”; 19 empty arms not shown")
    );
    let shown = symbol
        .children
        .iter()
        .filter(|arm| arm.look != Look::Hidden);
    assert_eq!(
        shown.map(|arm| &*arm.name).collect::<Vec<_>>(),
        ["Type", "Sym"]
    );
    let account = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";
    let from = topic.children[1].hint.as_deref().unwrap();
    assert!(from.starts_with(&format!("account {account}")), "{from}");
    let key = hint(&body, "topic.1.Address.AccountId.Ed25519");
    assert_eq!(key.as_deref(), Some(account));
    let amount = hint(&body, "data.V0.Data").unwrap();
    assert!(amount.starts_with("i128 1255000000"), "{amount}");
    assert_eq!(body.root.child("topic_decoded").unwrap().look, Look::Plain);
}

#[test]
fn what_is_written_stays_as_it_came() {
    for line in SAMPLES.lines() {
        assert_eq!(annotated(line).root.to_json(), line);
    }
}

#[test]
fn repeated_members_are_kept_and_told() {
    let body = annotated(r#"{"a":1,"b":{"c":1,"c":2},"a":3,"a":4}"#);
    assert_eq!(
        body.notes,
        ["`a` stands here more than once; the server's filters go by the last"]
    );
    let hints: Vec<_> = body
        .root
        .children
        .iter()
        .map(|child| child.hint.as_deref())
        .collect();
    let again = Some("stands here again below");
    assert_eq!(hints, [again, None, again, None]);
    assert_eq!(hint(&body, "b.c").as_deref(), again);
    let body = annotated(r#"{"a":1,"a":1,"b":1,"b":1,"c":1,"c":1,"d":1,"d":1}"#);
    let note = &body.notes[0];
    assert!(
        note.starts_with("`a`, `b`, `c` and others stand here"),
        "{note}"
    );
}

#[test]
fn wide_numbers_are_put_together_from_their_halves() {
    let arms = |kind: &str, value: &str| {
        let mut text = r#"{"Type":10"#.to_owned();
        for arm in [
            "B",
            "Error",
            "U32",
            "I32",
            "U64",
            "I64",
            "Timepoint",
            "Duration",
            "U128",
            "I128",
            "U256",
            "I256",
            "Bytes",
            "Str",
            "Sym",
            "Vec",
            "Map",
            "Address",
            "Instance",
            "NonceKey",
        ] {
            let value = if arm == kind { value } else { "null" };
            text.extend([",\"", arm, "\":", value]);
        }
        text + "}"
    };
    for (kind, value, said) in [
        ("I128", r#"{"Hi":-1,"Lo":18446744073709551615}"#, "i128 -1"),
        (
            "U128",
            r#"{"Hi":18446744073709551615,"Lo":18446744073709551615}"#,
            "u128 340282366920938463463374607431768211455",
        ),
        ("U64", "18446744073709551615", "u64 18446744073709551615"),
        ("B", "true", "bool true"),
        ("Vec", "[]", "vec of 0"),
        ("none", "", "void"),
    ] {
        let body = annotated(&format!(r#"{{"data":{}}}"#, arms(kind, value)));
        let hint = hint(&body, "data").unwrap();
        assert!(hint.contains(said), "{hint}");
    }
}
