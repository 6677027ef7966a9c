use super::*;

const SAMPLES: &str = include_str!("../../../../tests/fixtures/stellar-events.jsonl");
const SHAPES: &str = include_str!("../../../../tests/fixtures/stellar-shapes.jsonl");

fn sample(line: usize) -> Columns<'static> {
    Columns::read(SAMPLES.lines().nth(line - 1).unwrap().as_bytes())
}

fn shape(line: usize) -> Columns<'static> {
    Columns::read(SHAPES.lines().nth(line - 1).unwrap().as_bytes())
}

fn fields<'a>(named: &'a [Named<'_>]) -> Vec<&'a str> {
    named.iter().map(|named| &*named.field).collect()
}

fn amounts(columns: &Columns<'_>) -> Vec<(&'static str, String, Unit, String)> {
    let told = columns.amounts.iter().map(|amount| {
        let value = amount.value.as_ref().map(ToString::to_string);
        (
            amount.field,
            amount.text.to_string(),
            amount.unit,
            value.unwrap_or_default(),
        )
    });
    told.collect()
}

fn one(
    field: &'static str,
    text: &str,
    unit: Unit,
    value: &str,
) -> (&'static str, String, Unit, String) {
    (field, text.to_owned(), unit, value.to_owned())
}

#[test]
fn a_payment_has_them_all() {
    let payment = sample(1);
    assert_eq!(payment.kind.as_deref(), Some("payment"));
    assert_eq!(payment.ledger, Some(60_123_456));
    let time = payment.time.clone().unwrap();
    assert_eq!((time.field, &*time.text), ("timestamp", "1767225605"));
    assert_eq!(time.at().unwrap().to_string(), "2026-01-01T00:00:05Z");
    assert_eq!(
        fields(&payment.accounts),
        ["buyer_account_id", "seller_account_id"]
    );
    assert_eq!(fields(&payment.assets), ["asset_code"]);
    assert_eq!(
        amounts(&payment),
        [one("amount", "125.5000000", Unit::Units, "125.5")]
    );
    assert!(matches!(payment.accounts[0].text, Cow::Borrowed(_)));
}

#[test]
fn ledgers_are_found_under_all_their_names() {
    for (line, ledger) in [
        (1, 60_123_456),
        (3, 60_123_456),
        (9, 60_123_456),
        (10, 60_123_456),
        (16, 60_123_456),
        (20, 60_123_456),
    ] {
        assert_eq!(sample(line).ledger, Some(ledger), "{line}");
    }
    for line in [8, 18, 19, 20] {
        assert_eq!(shape(line).ledger, Some(60_123_456), "{line}");
    }
    assert_eq!(shape(9).ledger, None);
    // Never filled there.
    assert_eq!(sample(5).ledger, None);
    assert_eq!(Columns::read(br#"{"block_height":"9"}"#).ledger, Some(9));
    assert_eq!(
        Columns::read(br#"{"ledger":-1,"sequence":2.5}"#).ledger,
        None
    );
}

#[test]
fn amounts_tell_their_unit() {
    for (columns, expected) in [
        (
            sample(6),
            vec![one("sell_amount", "250.0000000", Unit::Units, "250")],
        ),
        (
            sample(8),
            vec![one("starting_balance", "5.0000000", Unit::Units, "5")],
        ),
        (
            sample(10),
            vec![one("amount", "1255000000", Unit::Stroops, "125.5")],
        ),
        (
            sample(15),
            vec![one(
                "data_decoded.value",
                "1255000000",
                Unit::Stroops,
                "125.5",
            )],
        ),
        (
            sample(17),
            vec![
                one("amount_a", "50000000", Unit::Token, "5"),
                one("amount_b", "15601234", Unit::Token, "1.5601234"),
            ],
        ),
        (
            sample(19),
            vec![one("details.amount", "1255000000", Unit::Stroops, "125.5")],
        ),
        (
            shape(8),
            vec![one("amount", "1000000", Unit::Unknown, "1000000")],
        ),
    ] {
        assert_eq!(amounts(&columns), expected);
    }
}

#[test]
fn amounts_keep_every_digit() {
    let digits = "92233720368547758089007199254740993.0000001";
    let event = format!(r#"{{"amount":"{digits}"}}"#);
    let columns = Columns::read(event.as_bytes());
    assert_eq!(
        amounts(&columns),
        [one("amount", digits, Unit::Units, digits)]
    );
    let event = br#"{"data_decoded":{"entries":{"amount":{"value":"18446744073709551617"}}}}"#;
    assert_eq!(
        amounts(&Columns::read(event)),
        [one(
            "data_decoded.entries.amount.value",
            "18446744073709551617",
            Unit::Token,
            "1844674407370.9551617"
        )]
    );
    let none = Columns::read(br#"{"amount":"","starting_balance":"much"}"#);
    assert_eq!(
        amounts(&none),
        [one("starting_balance", "much", Unit::Units, "")]
    );
}

#[test]
fn decoded_topics_and_nested_members_are_looked_at() {
    let event = sample(15);
    assert_eq!(
        fields(&event.accounts),
        ["topic_decoded[1].address", "topic_decoded[2].address"]
    );
    assert_eq!(fields(&event.assets), ["topic_decoded[3]"]);
    assert_eq!(event.index, Some(0));
    assert!(event.hash.unwrap().starts_with("709b55bd"));
    let effect = sample(19);
    assert_eq!(fields(&effect.accounts), ["account_id", "details.from"]);
    assert_eq!(fields(&effect.assets), ["details.asset"]);
    let entry = shape(17);
    assert_eq!(fields(&entry.accounts), ["contract_data.balance_holder"]);
    assert!(entry.assets[0].asset().canonical().starts_with("USDC:GBQL"));
    assert_eq!(fields(&shape(9).accounts), ["farmers[0]"]);
}

#[test]
fn assets_carry_the_issuer_that_stands_beside_them() {
    let trustline = sample(9);
    assert_eq!(trustline.assets[0].text, "USD\0");
    assert!(
        trustline.assets[0]
            .asset()
            .canonical()
            .starts_with("USD:GBQL")
    );
    assert!(
        sample(12).assets[1]
            .issuer
            .as_deref()
            .unwrap()
            .starts_with("GBQL")
    );
    let lumens = Columns::read(
        br#"{"accounts_authorized":1,"asset_code":"","asset_issuer":"","num_holders":1}"#,
    );
    assert!(lumens.assets[0].asset().is_native());
    assert!(Columns::read(br#"{"asset_code":""}"#).assets.is_empty());
}

#[test]
fn times_are_read_in_every_form() {
    let rpc = sample(16).time.unwrap();
    assert!(rpc.is_zero() && rpc.at().is_none());
    let millis = shape(19).time.unwrap();
    assert_eq!(millis.at().unwrap().to_string(), "2026-01-01T00:00:05Z");
    let local = Columns::read(br#"{"timestamp":"2026-01-01T02:00:05.25+02:00"}"#);
    let at = local.time.unwrap().at().unwrap();
    assert_eq!(at.to_string(), "2026-01-01T00:00:05.25Z");
    let broken = Columns::read(br#"{"timestamp":"yesterday"}"#);
    assert!(broken.time.unwrap().at().is_none());
}

#[test]
fn what_a_hostile_event_holds_is_bounded() {
    let topics = r#"{"address":"G"},"native","#.repeat(10_000);
    let event = format!(
        r#"{{"topic_decoded":[{topics}1],"farmers":[{}1]}}"#,
        r#""G","#.repeat(10_000)
    );
    let columns = Columns::read(event.as_bytes());
    assert!(columns.accounts.len() <= NAMED_MAX && columns.assets.len() <= NAMED_MAX);
    let deep = format!("{{\"details\":{}", "{\"asset\":".repeat(100_000));
    assert!(Columns::read(deep.as_bytes()).assets.is_empty());
}
