use proptest::prelude::*;

use super::*;

const SAMPLES: &str = include_str!("../../../../tests/fixtures/stellar-events.jsonl");
const A: &str = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";
const B: &str = "GCA3MN6Y7TJMNWTDLHTJMMITUELQ3Z4V4S3SLOCNDYFUZ7M6YWGOTE64";
const ISS: &str = "GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC";

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

fn usdc() -> String {
    format!("USDC:{ISS}")
}

/// Numbers of the sample lines for which `which` holds.
fn lines(filters: &Filters, which: fn(Judgement) -> bool) -> Vec<usize> {
    let reasoner = Reasoner::new(filters);
    let judged = (1..=20).map(|number| (number, reasoner.judge(line(number))));
    let passed = judged.filter(|(_, judgement)| which(*judgement));
    passed.map(|(number, _)| number).collect()
}

fn documented(filters: &Filters, event: &str) -> Step {
    Reasoner::new(filters).judge(event.as_bytes()).documented
}

/// Which of the twenty samples the guide promises for a filter.
#[test]
fn as_documented_every_account_asset_and_amount_counts() {
    let all: Vec<usize> = (1..=20).collect();
    let usdc = usdc();
    let usdc = usdc.as_str();
    for (filters, expected) in [
        (filters(&[], &[], &[], ""), &all[..]),
        (filters(&["payment"], &[], &[], ""), &[1, 2, 3, 5, 10]),
        (filters(&["contract_event"], &[], &[], ""), &[]),
        (filters(&["trade"], &[], &[], ""), &[6, 7]),
        (filters(&[], &[A], &[], ""), &[1, 3, 8, 15, 17, 19]),
        (filters(&[], &[""], &[], ""), &[]),
        (
            filters(&[], &[], &["USDC"], ""),
            &[1, 3, 6, 7, 10, 11, 12, 13, 15, 19],
        ),
        (
            filters(&[], &[], &[usdc], ""),
            &[1, 3, 6, 7, 10, 11, 12, 13, 15, 19],
        ),
        (filters(&[], &[], &["USD"], ""), &[9]),
        (filters(&[], &[], &["native"], ""), &[2, 4, 5, 6, 7, 11, 12]),
        (filters(&[], &[], &["XLM"], ""), &[2, 4, 5, 6, 7, 11, 12]),
        (filters(&[], &[], &[], "100"), &[1, 3, 6, 10, 15, 19]),
        (filters(&[], &[], &[], "125.5"), &[1, 3, 6, 10, 15, 19]),
        (filters(&[], &[], &[], "125.50000001"), &[6]),
        (filters(&[], &[], &[], "lots"), &[]),
        (filters(&["payment"], &[A], &[usdc], "125.5000000"), &[1, 3]),
    ] {
        let promised = lines(&filters, |judgement| judgement.documented.passes());
        assert_eq!(promised, expected, "{filters:?}");
    }
}

#[test]
fn as_documented_step_by_step() {
    let any = filters(&[], &[], &[], "");
    assert_eq!(documented(&any, "{}"), Step::Unfiltered);
    assert_eq!(documented(&any, "[1]"), Step::NoEvent);
    assert_eq!(documented(&any, "oops"), Step::NoEvent);
    let all = filters(&["payment"], &[A], &["EURC"], "5");
    let event = |kind: &str, account: &str, asset: &str, amount: &str| {
        format!(
            r#"{{"type":"{kind}","account":"{account}","sell_asset":"{asset}","amount":"{amount}"}}"#
        )
    };
    let eurc = format!("EURC:{ISS}");
    for (event, step) in [
        (event("trade", A, &eurc, "5.0000000"), Step::Type),
        (event("payment", B, &eurc, "5.0000000"), Step::Accounts),
        (event("payment", A, "eurc", "5.0000000"), Step::Asset),
        (event("payment", A, &eurc, "4.9999999"), Step::Amount),
        (event("payment", A, &eurc, ""), Step::Amount),
        (event("payment", A, &eurc, "5.0000000"), documented::MATCHED),
        (
            event("payment", A, "EURC\\u0000", "5.0"),
            documented::MATCHED,
        ),
    ] {
        assert_eq!(documented(&all, &event), step, "{event}");
    }
}

#[test]
fn an_issuer_that_is_listed_must_be_there() {
    let listed = filters(&[], &[], &[&usdc(), &format!("XLM:{ISS}")], "");
    for (asset, passes) in [
        (format!(r#""asset_code":"USDC:{ISS}""#), true),
        (
            format!(r#""asset_code":"USDC","asset_issuer":"{ISS}""#),
            true,
        ),
        (format!(r#""asset_code":"USDC:{A}""#), false),
        (r#""asset_code":"USDC""#.to_owned(), false),
        (r#""asset_code":"native""#.to_owned(), false),
        (format!(r#""asset_code":"XLM:{ISS}""#), true),
    ] {
        let step = documented(&listed, &format!("{{{asset}}}"));
        assert_eq!(step.passes(), passes, "{asset}");
    }
}

/// "USDC payments over 100" of the guide: what is promised, and what really comes.
#[test]
fn the_guides_example_promises_payments_and_gets_none() {
    let filters = filters(&["payment"], &[], &["USDC"], "100");
    assert_eq!(lines(&filters, |j| j.documented.passes()), [1, 3, 10]);
    assert_eq!(lines(&filters, |j| j.coded.passes()), [10, 11, 19, 20]);
    let standings = |standing| move |j: &Judgement| j.standing() == standing;
    let reasoner = Reasoner::new(&filters);
    let judged: Vec<Judgement> = (1..=20).map(|n| reasoner.judge(line(n))).collect();
    let count = |standing| judged.iter().filter(|j| standings(standing)(j)).count();
    assert_eq!(Standing::ALL.map(count), [1, 3, 2, 14]);
}

/// The recorded run of eleven clients: each gets of the eleven events what the steps say.
#[test]
fn eleven_clients_got_what_the_steps_say() {
    let transcript =
        include_str!("../../../../tests/fixtures/transcripts/savetowebsocket-filters.jsonl");
    let frames: Vec<serde_json::Value> = transcript
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let text = |frame: &serde_json::Value, op: &str, dir: &str| {
        (frame["op"] == op && frame["dir"] == dir)
            .then(|| frame["text"].as_str().unwrap().to_owned())
    };
    let mut clients: std::collections::BTreeMap<String, (Reasoner, Vec<String>)> =
        std::collections::BTreeMap::new();
    for frame in &frames {
        let name = frame["conn"].as_str().unwrap_or_default().to_owned();
        if let Some(register) = text(frame, "text", "out") {
            let given = given::Given::read(&register).unwrap();
            clients.insert(name, (Reasoner::new(&given.filters), Vec::new()));
        } else if let Some(event) = text(frame, "text", "in") {
            let greeting =
                event.contains(r#""type":"welcome""#) || event.contains(r#""type":"registered""#);
            if !greeting {
                clients.get_mut(&name).unwrap().1.push(event);
            }
        }
    }
    let everything = clients["A"].1.clone();
    assert_eq!((clients.len(), everything.len()), (11, 11));
    for (name, (reasoner, got)) in clients {
        let passes = |event: &&String| reasoner.judge(event.as_bytes()).coded.passes();
        let expected: Vec<_> = everything.iter().filter(passes).cloned().collect();
        assert_eq!(got, expected, "{name}");
    }
}

prop_compose! {
    fn some_filters()(
        types in proptest::collection::vec(prop_oneof![Just("payment"), Just("trade"), Just(""), Just("x")], 0..3),
        accounts in proptest::collection::vec(prop_oneof![Just(A), Just(B), Just("")], 0..3),
        assets in proptest::collection::vec(prop_oneof![Just("native"), Just("USDC"), Just("")], 0..3),
        amount in prop_oneof![Just(""), Just("1"), Just("-0.5"), Just("1e3"), Just("no number")],
    ) -> Filters {
        filters(&types, &accounts, &assets, amount)
    }
}

/// Members the filters look at, with values they do and do not expect.
fn some_event() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        Just("type"),
        Just("buyer_account_id"),
        Just("seller_account_id"),
        Just("account"),
        Just("asset_code"),
        Just("asset_issuer"),
        Just("amount"),
        Just("topic_decoded"),
    ];
    let value = prop_oneof![
        Just(r#""payment""#.to_owned()),
        Just(format!("\"{A}\"")),
        Just(format!("\"USDC:{ISS}\"")),
        Just(r#""native""#.to_owned()),
        Just(r#""USDC\u0000""#.to_owned()),
        Just(r#""12.5000000""#.to_owned()),
        Just("7".to_owned()),
        Just("null".to_owned()),
        Just(r#"[{"address":"G"},{"a":1}]"#.to_owned()),
    ];
    proptest::collection::vec((key, value), 0..6).prop_map(|members| {
        let members: Vec<_> = members
            .into_iter()
            .map(|(key, value)| format!("\"{key}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #[test]
    fn any_bytes_are_judged_and_explained_alike(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        filters in some_filters(),
    ) {
        let reasoner = Reasoner::new(&filters);
        let judgement = reasoner.judge(&bytes);
        let explanation = reasoner.explain(&bytes);
        prop_assert_eq!(judgement.documented.passes(), explanation.documented.passes);
        prop_assert_eq!(judgement.coded.passes(), explanation.coded.passes);
    }

    #[test]
    fn verdicts_in_words_are_the_verdicts(event in some_event(), filters in some_filters()) {
        let reasoner = Reasoner::new(&filters);
        let judgement = reasoner.judge(event.as_bytes());
        let explanation = reasoner.explain(event.as_bytes());
        for (step, verdict) in [
            (judgement.documented, &explanation.documented),
            (judgement.coded, &explanation.coded),
        ] {
            prop_assert_eq!(step.passes(), verdict.passes);
            prop_assert!(!verdict.why.is_empty());
            if !step.passes() {
                prop_assert_eq!(step.filter(), verdict.filter);
            }
        }
        // The server's own reading of the same event, without what was made ready.
        let facts = Facts::read(event.as_bytes()).unwrap();
        prop_assert_eq!(facts.decide(&filters), judgement.coded);
    }

    /// Where no account is asked for, whatever the guide promises comes: the server drops only
    /// strings that are not listed, and compares assets by the whole text alone.
    #[test]
    fn what_is_promised_by_type_comes(event in some_event(), filters in some_filters()) {
        let filters = Filters { account_ids: Vec::new(), asset_codes: Vec::new(), ..filters };
        let judgement = Reasoner::new(&filters).judge(event.as_bytes());
        prop_assert!(judgement.coded.passes() || !judgement.documented.passes());
    }
}
