use super::*;

const SAMPLES: &str = include_str!("../../../../tests/fixtures/stellar-events.jsonl");

#[test]
fn the_samples_by_their_gists() {
    let expected = [
        "GAV5…BKNV → GCA3…TE64  125.5 USDC  “invoice 4711”  ledger 60123456",
        "? → GBGC…LQ7N  10 XLM",
        "GAV5…BKNV → GCA3…TE64  125.5 USDC  “invoice 4711”  ledger 60123456",
        "GBGC…LQ7N → GBQ6…4BMV  42.0000001 XLM  ledger 60123457",
        "? → GBGC…LQ7N  10 XLM",
        "GBQ6…4BMV offers  250 XLM  for USDC  at 0.3125",
        "XLM/USDC  at 0.3125  0.31 – 0.3125  3 trades",
        "GAV5…BKNV → GBQ6…4BMV  5 XLM",
        "GBGC…LQ7N  created  USD (GBQL…)  no limit  ledger 60123456",
        "USDC (GBQL…)  125.5  seen in payment  ledger 60123456",
        "XLM/USDC  bid 0.3125 / ask 0.3125",
        "XLM/USDC  at 0.3125  0 trades in 24 h",
        "USDC (GBQL…)  41 holders  supply 18250.5",
        "212 transactions  548 operations  ledger 60123456",
        "transfer  GAV5…BKNV → GCA3…TE64  125.5 USDC  ledger 60123456",
        "id 0258228277312421888-0000000001  ledger 60123456",
        "GAV5…BKNV  5 CBQO…DH35 → 1.5601234 CCU3…HMWB  ledger 60123456",
        "pair CBD5…4B23  reserves 77100.2340091 / 24098.7110552  ledger 60123456",
        "GAV5…BKNV → GCA3…TE64  125.5 USDC  ledger 60123456",
        "212 transactions  548 operations  ledger 60123456",
    ];
    let gists: Vec<_> = SAMPLES.lines().map(|line| gist(line.as_bytes())).collect();
    let gists: Vec<_> = gists
        .iter()
        .map(|gist| gist.as_deref().unwrap_or(""))
        .collect();
    assert_eq!(gists, expected);
}

#[test]
fn the_other_shapes_by_their_gists() {
    let shapes = include_str!("../../../../tests/fixtures/stellar-shapes.jsonl");
    let expected = [
        "GBQ6…4BMV  EURC (GBQL…)  ledger 60123458",
        "USDC (GBQL…)  41 holders  supply 18250.5",
        "CBQO…DH35 / CCU3…HMWB  pair CBD5…4B23  ledger 60123456",
        "ledger 60123456",
        "GAV5…BKNV → GCA3…TE64  payment  125.5 USDC  ledger 60123456",
        "GAV5…BKNV → CDIJ…FEEM  ledger 60123456",
        "GAV5…BKNV → CAB5…JJ6G.transfer()  ledger 60123456",
        "GAV5…BKNV → CAUN…7FNA.sink()  1000000  VCS1360  ledger 60123456",
        "block 60123  1 farmers  500 staked",
        "Offer removed  key …79c2eeee  ledger 60123456",
        "1 event  tx 709b55bd  ledger 60123456",
        "GAV5…BKNV → CAB5…JJ6G.transfer()  ledger 60123456",
        "GAV5…BKNV → CAB5…JJ6G.transfer()  failed  ledger 60123456",
        "contract  CAB5…JJ6G.transfer()  ledger 60123456",
        "2 events  tx 709b55bd",
        "GAV5…BKNV  1204 transactions  77 on the busiest day",
        "GCA3…TE64  125.5 USDC  ledger 60123456",
        "ledger 60123456",
        "131 transactions  81 failed  ledger 60123456",
        "212 transactions  ledger 60123456",
        "unknown → GCA3…TE64  7 USDC  ledger 60123456",
    ];
    let gists: Vec<_> = shapes.lines().map(|line| gist(line.as_bytes())).collect();
    let gists: Vec<_> = gists
        .iter()
        .map(|gist| gist.as_deref().unwrap_or(""))
        .collect();
    assert_eq!(gists, expected);
}

#[test]
fn what_is_no_known_event_has_no_gist() {
    for text in ["", "null", "{}", "[1]", r#"{"a":1}"#, "\u{1b}[2J"] {
        assert_eq!(gist(text.as_bytes()), None, "{text}");
    }
    let ledger = br#"{"ledger":7,"topics":[]}"#;
    assert_eq!(gist(ledger).as_deref(), Some("ledger 7"));
}

#[test]
fn a_call_in_an_accounts_transaction_names_contract_and_function() {
    let event = br#"{"ledger_sequence":5,"account_id":"GBEXWBDE","type":"soroban","operation":"invoke_contract","transaction_status":false,"contract_id":"CCP3","function_name":"swap"}"#;
    assert_eq!(
        gist(event).as_deref(),
        Some("GBEXWBDE  invoke_contract  CCP3.swap()  failed  ledger 5")
    );
}

#[test]
fn hostile_texts_are_cut_and_left_for_the_sanitiser() {
    let long = "x".repeat(10_000);
    let event = format!(
        r#"{{"buyer_account_id":"{long}","seller_account_id":"\u001b[2J","asset_code":"{long}","amount":"{long}","memo":"{long}","ledger_seq_num":1}}"#
    );
    let gist = gist(event.as_bytes()).unwrap();
    assert!(gist.chars().count() < 6 * TEXT_MAX, "{gist}");
    assert!(gist.starts_with("\u{1b}[2J → "), "{gist}");
}

#[test]
fn a_long_event_is_known_by_its_beginning() {
    let rest = "[0],".repeat(READ_MAX);
    let event = format!(
        r#"{{"previous_ledger_hash":"","sequence":9,"total_coins":1,"successful_transaction_count":3,"transactions":[{rest}0]}}"#
    );
    assert_eq!(
        gist(event.as_bytes()).as_deref(),
        Some("3 transactions  ledger 9")
    );
    let event =
        format!(r#"{{"Transaction":{{"Ledger":[{rest}0]}},"CloseTime":1,"LedgerSeqNum":7}}"#);
    assert_eq!(gist(event.as_bytes()).as_deref(), Some("ledger 7"));
}
