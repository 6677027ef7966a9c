use super::*;

const A: &str = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";

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

/// What stands out: the filter, the effect and a part of the sentence.
fn advised<const N: usize>(cases: [(Filters, &str, Effect, &str); N]) {
    for (filters, filter, effect, part) in cases {
        let all = advice(&filters);
        let found = all.iter().any(|advice| {
            let is_it = (advice.filter, advice.effect) == (filter, effect);
            is_it && advice.is_remarkable() && advice.sentence().contains(part)
        });
        assert!(found, "{filters:?}: {all:?}");
    }
}

#[test]
fn types_nobody_emits() {
    advised([
        (
            filters(&["contract_event"], &[], &[], ""),
            "types",
            Effect::NeverMatches,
            "such events say `contract`",
        ),
        (
            filters(&["transfer"], &[], &[], ""),
            "types",
            Effect::NeverMatches,
            "such events say `contract`",
        ),
        (
            filters(&["account_credited"], &[], &[], ""),
            "types",
            Effect::NeverMatches,
            "leave types empty",
        ),
        (
            filters(&["Payment"], &[], &[], ""),
            "types",
            Effect::NeverMatches,
            "letter case counts, write `payment`",
        ),
        (
            filters(&["payments"], &[], &[], ""),
            "types",
            Effect::NeverMatches,
            "did you mean `payment`?",
        ),
        (
            filters(&["trade "], &[], &[], ""),
            "types",
            Effect::NeverMatches,
            "`trade`",
        ),
        (
            filters(&[""], &[], &[], ""),
            "types",
            Effect::Suspicious,
            "an empty type",
        ),
    ]);
}

#[test]
fn accounts_assets_and_amounts() {
    advised([
        (
            filters(&[], &[A], &[], ""),
            "account_ids",
            Effect::FailsClosed,
            "drops every event without",
        ),
        (
            filters(&["payment"], &[A], &[], ""),
            "account_ids",
            Effect::FailsClosed,
            "drops every event without",
        ),
        (
            filters(&["trade"], &[A], &[], ""),
            "account_ids",
            Effect::NeverMatches,
            "together they let nothing through",
        ),
        (
            filters(&[], &[""], &[], ""),
            "account_ids",
            Effect::Suspicious,
            "an empty account",
        ),
        (
            filters(&[], &[], &["USDC"], ""),
            "asset_codes",
            Effect::Suspicious,
            "has no issuer",
        ),
        (
            filters(&[], &[], &["XLM"], ""),
            "asset_codes",
            Effect::Suspicious,
            "write `native`",
        ),
        (
            filters(&[], &[], &[], "100"),
            "min_amount",
            Effect::Ignored,
            "never compared",
        ),
    ]);
}

#[test]
fn nothing_remarkable() {
    let whole = format!("USDC:{A}");
    for filters in [
        filters(&[], &[], &[], ""),
        filters(&["payment", "trade"], &[], &["native", &whole], ""),
    ] {
        let remarkable = advice(&filters).into_iter().filter(Advice::is_remarkable);
        assert_eq!(remarkable.collect::<Vec<_>>(), [], "{filters:?}");
    }
}

#[test]
fn what_fails_open_is_told_once_per_filter() {
    let all = advice(&filters(&["payment"], &[], &["native"], ""));
    let open = all
        .iter()
        .filter(|advice| advice.effect == Effect::FailsOpen);
    let filters: Vec<_> = open.map(|advice| advice.filter).collect();
    assert_eq!(filters, ["types", "asset_codes"]);
}
