use crate::protocol::savetowebsocket::{Filters, Reasoner};

const A: &str = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";
const ISS: &str = "GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC";

fn of(types: &[&str], accounts: &[&str], assets: &[&str]) -> Reasoner {
    let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
    Reasoner::new(&Filters {
        types: own(types),
        account_ids: own(accounts),
        asset_codes: own(assets),
        ..Filters::default()
    })
}

/// What would have let an event through, as the server really behaves.
fn fixed<const N: usize>(cases: [(Reasoner, &str, &str); N]) {
    for (reasoner, event, fix) in cases {
        let coded = reasoner.explain(event.as_bytes()).coded;
        let found = coded.fix.unwrap_or_default();
        assert!(!coded.passes && found.contains(fix), "{event}: {found}");
    }
}

#[test]
fn the_nearest_account_or_none() {
    let elsewhere = format!(r#"{{"type":"trade","seller_id":"{A}"}}"#);
    let seller = format!(r#"{{"buyer_account_id":"{A}","seller_account_id":""}}"#);
    fixed([
        (
            of(&[], &[A], &[]),
            &elsewhere,
            "stands in `seller_id`, which the server never compares",
        ),
        (
            of(&[], &[A], &[]),
            r#"{"sequence":5}"#,
            "leave account_ids empty",
        ),
        (
            of(&[], &[&A.to_lowercase()], &[]),
            &seller,
            "letter case counts, write `GAV5",
        ),
        (of(&[], &["GX"], &[]), &seller, "add `GAV5"),
        (
            of(&[], &["GX"], &[]),
            r#"{"seller_account_id":""}"#,
            "it is the transaction's source",
        ),
    ]);
}

#[test]
fn the_nearest_type() {
    fixed([
        (
            of(&["Payment"], &[], &[]),
            r#"{"type":"payment"}"#,
            "letter case counts, write `payment`",
        ),
        (
            of(&["payment "], &[], &[]),
            r#"{"type":"payment"}"#,
            "white space around it: write `payment`",
        ),
        (
            of(&["contract_event"], &[], &[]),
            r#"{"type":"contract"}"#,
            "no event has the type `contract_event`: write `contract`",
        ),
        (
            of(&["paymant"], &[], &[]),
            r#"{"type":"payment"}"#,
            "no event has the type `paymant`: write `payment`",
        ),
        (
            of(&["trade"], &[], &[]),
            r#"{"type":"payment"}"#,
            "add `payment` to types",
        ),
    ]);
}

#[test]
fn the_nearest_asset() {
    let usdc = format!(r#"{{"asset_code":"USDC:{ISS}"}}"#);
    let other = format!("USDC:{A}");
    fixed([
        (
            of(&[], &[], &["USDC"]),
            &usdc,
            "your list has `USDC`, which is compared as a whole: write `USDC:G",
        ),
        (
            of(&[], &[], &[&other]),
            &usdc,
            "the same code of another issuer: write `USDC:GBQL",
        ),
        (
            of(&[], &[], &["XLM"]),
            r#"{"asset_code":"native"}"#,
            "your list has `XLM`, which is compared as a whole: write `native`",
        ),
        (
            of(&[], &[], &["USD"]),
            r#"{"asset_code":"USD\u0000"}"#,
            "padded with NUL, which the server compares too: write `USD\\u0000`",
        ),
        (of(&[], &[], &["EURC"]), &usdc, "add `USDC:GBQL"),
    ]);
}

#[test]
fn what_no_filter_reads_is_said() {
    let amount = Filters {
        min_amount: "5".to_owned(),
        custom: Some("{}".to_owned()),
        ..Filters::default()
    };
    let explanation = Reasoner::new(&amount).explain(br#"{"amount":"4.0000000"}"#);
    assert!(explanation.coded.passes && !explanation.documented.passes);
    assert!(
        explanation
            .coded
            .why
            .contains("the server looks at neither")
    );
    let documented = &explanation.documented;
    assert_eq!(documented.filter, Some("min_amount"));
    assert_eq!(documented.found.as_deref(), Some("4.0000000"));
    assert!(documented.why.contains("less than min_amount 5"));
    assert!(documented.why.contains("custom is not in the guide"));
    let refused = Reasoner::new(&amount).explain(b"[1]").coded;
    assert!(
        refused.why.contains("nobody gets this one"),
        "{}",
        refused.why
    );
}

#[test]
fn what_a_filter_cannot_read_passes_and_is_marked() {
    let reasoner = of(&["payment"], &[], &[]);
    let verdict = reasoner.explain(br#"{"type":1}"#).coded;
    assert!(verdict.passes && verdict.unread);
    assert_eq!(verdict.found.as_deref(), Some("number"));
    assert!(!reasoner.explain(br#"{"type":"payment"}"#).coded.unread);
}
