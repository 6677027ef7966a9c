use super::super::super::Filters;
use super::super::Step;
use super::*;

fn filters(types: &[&str], accounts: &[&str], assets: &[&str]) -> Filters {
    let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
    Filters {
        types: own(types),
        account_ids: own(accounts),
        asset_codes: own(assets),
        ..Filters::default()
    }
}

fn decide(event: &str, filters: &Filters) -> Step {
    Facts::read(event.as_bytes()).unwrap().decide(filters)
}

const SENDER: &str = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";
const USDC: &str = "USDC:GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC";

/// Lines of the sample file each filter lets through, as the real server did.
#[test]
fn the_twenty_samples_pass_as_recorded() {
    let samples = include_str!("../../../../../tests/fixtures/stellar-events.jsonl");
    let all: Vec<usize> = (1..=20).collect();
    let cases: [(Filters, &[usize]); 9] = [
        (
            filters(&["payment"], &[], &[]),
            &[1, 2, 3, 5, 10, 11, 19, 20],
        ),
        (filters(&["contract_event"], &[], &[]), &[11, 19, 20]),
        (filters(&["trade"], &[], &[]), &[6, 7, 11, 19, 20]),
        (filters(&[], &[SENDER], &[]), &[1]),
        (filters(&[], &[""], &[]), &[2]),
        (
            filters(&[], &[], &["USDC"]),
            &[6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
        ),
        (
            filters(&[], &[], &[USDC]),
            &[1, 3, 6, 7, 8, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20],
        ),
        (
            filters(&[], &[], &["USD"]),
            &[6, 7, 8, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20],
        ),
        (filters(&["payment"], &[], &["USDC"]), &[10, 11, 19, 20]),
    ];
    for (filters, expected) in cases {
        let passed: Vec<usize> = samples
            .lines()
            .zip(1..)
            .filter(|(line, _)| decide(line, &filters).passes())
            .map(|(_, number)| number)
            .collect();
        assert_eq!(passed, expected, "{filters:?}");
    }
    let by_amount = Filters {
        min_amount: "1000000".to_owned(),
        custom: Some("{\"a\":1}".to_owned()),
        ..Filters::default()
    };
    let passed = samples
        .lines()
        .zip(1..)
        .filter(|(line, _)| decide(line, &by_amount).passes());
    assert_eq!(passed.map(|(_, number)| number).collect::<Vec<_>>(), all);
}

#[test]
fn the_step_that_decided_is_named() {
    let given = filters(&["payment"], &[SENDER], &["XLM"]);
    let matched = |type_unread, asset_unread| Step::Matched {
        type_unread,
        asset_unread,
    };
    for (event, step) in [
        (r#"{"type":"trade"}"#.to_owned(), Step::Type),
        (r#"{"type":"Payment"}"#.to_owned(), Step::Type),
        (r#"{"type":"payment"}"#.to_owned(), Step::Accounts),
        (
            format!(r#"{{"type":"payment","buyer_account_id":"{SENDER}","asset_code":"x"}}"#),
            Step::Asset,
        ),
        (
            format!(r#"{{"type":"payment","buyer_account_id":"{SENDER}","asset_code":"XLM"}}"#),
            matched(false, false),
        ),
        (
            format!(r#"{{"type":5,"seller_account_id":"{SENDER}"}}"#),
            matched(true, true),
        ),
        (
            format!(
                r#"{{"TYPE":"trade","type":"trade","type":"payment","seller_account_id":"{SENDER}"}}"#
            ),
            matched(false, true),
        ),
    ] {
        assert_eq!(decide(&event, &given), step, "{event}");
    }
    assert_eq!(decide("{}", &Filters::default()), Step::Unfiltered);
    assert!(decide("null", &filters(&["payment"], &[], &["XLM"])).passes());
    assert!(!decide("null", &filters(&[], &[SENDER], &[])).passes());
}

#[test]
fn what_is_no_object_is_no_event() {
    assert_eq!(Facts::read(b"[1,2]"), Err(NoEvent::NoObject(Kind::Array)));
    assert_eq!(
        Facts::read(b"\"str\""),
        Err(NoEvent::NoObject(Kind::String))
    );
    assert!(matches!(Facts::read(b"not json"), Err(NoEvent::Syntax(_))));
    assert!(Facts::read(b"{\"type\":\"payment\",\"bad\":\"\xff\xfe\"}").is_ok());
}
