use super::*;

const PAYMENT: &str = r#"{"timestamp":"1767225605","buyer_account_id":"GB","seller_account_id":"GA","asset_code":"USDC:G","amount":"1.0000000","type":"payment","memo":"","ledger_seq_num":5}"#;

fn filters(types: &[&str], accounts: &[&str], assets: &[&str]) -> Filters {
    let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
    Filters {
        types: own(types),
        account_ids: own(accounts),
        asset_codes: own(assets),
        ..Filters::default()
    }
}

fn situation(filters: &Filters) -> Situation<'_> {
    Situation {
        filters,
        registered_us: Some(1_767_225_000_000_000),
        events: 0,
        ended: None,
        event: None,
    }
}

/// The answers in order, one letter each: explains, excluded (x), open.
fn answers(situation: &Situation<'_>) -> String {
    checks(situation)
        .iter()
        .map(|check| match check.answer {
            Answer::Explains => 'E',
            Answer::Excluded => 'x',
            Answer::Open => 'o',
        })
        .collect()
}

#[test]
fn answers_by_what_is_known() {
    let none = Filters::default();
    let quiet = situation(&none);
    assert_eq!(answers(&quiet), "xxxxooox");
    for (situation, expected) in [
        (
            Situation {
                registered_us: None,
                ..quiet
            },
            "Exxxooox",
        ),
        (Situation { events: 9, ..quiet }, "xxxxoxoo"),
        (
            Situation {
                events: 9,
                ended: Some(1005),
                ..quiet
            },
            "xxxxoxoE",
        ),
        (
            Situation {
                ended: Some(1006),
                ..quiet
            },
            "xxxxoooE",
        ),
        (
            Situation {
                event: Some(PAYMENT.as_bytes()),
                ..quiet
            },
            "xxxxxoxx",
        ),
        (
            Situation {
                event: Some(PAYMENT.as_bytes()),
                registered_us: Some(1_767_225_606_000_000),
                ..quiet
            },
            "xxxxxoEx",
        ),
    ] {
        assert_eq!(answers(&situation), expected, "{situation:?}");
    }
}

#[test]
fn filters_are_looked_at_with_and_without_an_event() {
    for (filters, without, with) in [
        (
            filters(&["contract_event"], &[], &[]),
            "xxExooox",
            "xxExxoxx",
        ),
        (
            filters(&["payment", "transfer"], &[], &[]),
            "xxoxooox",
            "xxxxxoxx",
        ),
        (filters(&["trade"], &["GA"], &[]), "xEoxooox", "xxExxoxx"),
        (filters(&[], &[], &["USDC"]), "xxxoooox", "xxxExoxx"),
        (filters(&[], &["GX"], &[]), "xExxooox", "xExxxoxx"),
    ] {
        let quiet = situation(&filters);
        assert_eq!(answers(&quiet), without, "{filters:?}");
        let event = Some(PAYMENT.as_bytes());
        assert_eq!(answers(&Situation { event, ..quiet }), with, "{filters:?}");
    }
}
