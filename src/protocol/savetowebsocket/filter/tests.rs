use super::*;

const SAMPLES: &str = include_str!("../../../../tests/fixtures/stellar-events.jsonl");

fn line(number: usize) -> &'static [u8] {
    SAMPLES.lines().nth(number - 1).unwrap().as_bytes()
}

fn filters(types: &[&str], accounts: &[&str], assets: &[&str], min_amount: &str) -> Filters {
    let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
    Filters {
        types: own(types),
        account_ids: own(accounts),
        asset_codes: own(assets),
        min_amount: min_amount.to_owned(),
        custom: None,
    }
}

fn lines(filters: &Filters, which: fn(Judgement) -> bool) -> Vec<usize> {
    let reasoner = Reasoner::new(filters);
    let judged = (1..=20).map(|number| (number, reasoner.judge(line(number))));
    let passed = judged.filter(|(_, judgement)| which(*judgement));
    passed.map(|(number, _)| number).collect()
}

/// "USDC payments over 100" of the guide: what is promised, and what really comes.
#[test]
fn the_guides_example_promises_payments_and_gets_none() {
    let filters = filters(&["payment"], &[], &["USDC"], "100");
    assert_eq!(lines(&filters, |j| j.documented.passes()), [1, 3, 10]);
    assert_eq!(lines(&filters, |j| j.coded.passes()), [10, 11, 19, 20]);
    let explanation = Reasoner::new(&filters).explain(line(1));
    assert!(explanation.documented.passes);
    assert!(!explanation.coded.passes);
    assert_eq!(explanation.coded.filter, Some("asset_codes"));
    assert_eq!(explanation.coded.field.as_deref(), Some("asset_code"));
    let fix = explanation.coded.fix.unwrap();
    assert!(fix.contains("your list has `USDC`"), "{fix}");
}
