//! Events: how the stream is doing, what the filters make of it, silence.

use std::fmt::Write as _;

use wspect::protocol::savetowebsocket::{Filters, Settings};

use super::play::{MS, Play, SECOND, says, types};

fn payment(n: u32, ledger: u32) -> String {
    format!(
        r#"{{"timestamp":"1767225605","asset_code":"native","amount":"5.0000000","type":"payment","memo":"{n}","ledger_seq_num":{ledger}}}"#
    )
}

#[test]
fn rates_ledgers_gaps_and_repetitions() {
    let mut play = Play::live();
    for n in 0..40 {
        play.pass(MS * 100);
        play.receive(&payment(n, 60_000_000 + n / 10 * 2));
    }
    play.receive(&payment(39, 60_000_006));
    says(&play.fact("rates"), "payment");
    says(&play.fact("newest ledger"), "60000006");
    says(
        &play.fact("ledger gaps"),
        "3 gaps, 3 ledgers without an event: nothing is filtered",
    );
    says(
        &play.fact("repeated"),
        "1 events had the bytes of one before",
    );
    says(&play.fact("largest"), "(payment)");
    says(&play.fact("risk"), "low");
}

#[test]
fn a_restarted_pipeline_goes_back_and_repeats() {
    let mut play = Play::live();
    for ledger in [60_000_000, 60_000_001, 59_000_000, 59_000_001] {
        play.pass(SECOND * 5);
        play.receive(&payment(0, ledger));
    }
    says(
        &play.told(),
        "the stream went back from ledger 60000001 to 59000000",
    );
}

#[test]
fn silence_is_told_with_its_likely_causes_and_cleared() {
    let mut play = Play::live_with(Settings {
        filters: Filters {
            account_ids: vec![
                "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV".to_owned(),
            ],
            ..types(&["contract_event"])
        },
        ..Settings::default()
    });
    play.until(SECOND * 31);
    let text = play.told();
    says(
        &text,
        "no event for 30 s since the registration; no ledger was seen",
    );
    says(&text, "account_ids drops every event without");
    says(&text, "contract_event");
    says(&play.fact("silent"), "no event since");
    play.receive(&payment(0, 60_000_000));
    says(&play.told(), "events again, after 31 s");
    assert_eq!(play.fact("silent"), "");
    play.until(SECOND * 70);
    says(&play.told(), "last ledger 60000000, 30 s ago");
}

#[test]
fn events_the_documented_filter_drops_are_counted_and_told_once() {
    let mut play = Play::live_with(Settings {
        filters: Filters {
            min_amount: "100".to_owned(),
            ..types(&["payment"])
        },
        ..Settings::default()
    });
    for n in 0..5 {
        play.receive(&payment(n, 60_000_000));
    }
    says(&play.fact("not as documented"), "5 of 5 (min_amount: 5)");
    let told = play.told();
    assert_eq!(told.lines().count(), 1, "{told}");
    says(&told, "`min_amount` as documented");
}

#[test]
fn hostile_events_are_counted_within_bounds() {
    let mut play = Play::live();
    let deep = "[".repeat(5_000);
    let mut many = String::from("{");
    for n in 0..500 {
        let _ = write!(many, "\"k{n}\":{n},");
    }
    many.push_str("\"type\":\"x\"}");
    for text in [
        "null",
        "{}",
        "[1]",
        "",
        "\u{1b}[2J",
        &deep,
        &many,
        r#"{"ledger":99999999999999999999,"type":"\u001b"}"#,
    ] {
        play.receive(text);
        play.frame(
            wspect::frame::Direction::In,
            wspect::frame::FrameKind::Text,
            b"{\"type\":\"\xff\"}",
        );
    }
    says(&play.fact("events"), "types, last");
}
