use super::*;
use crate::frame::FrameKind;
use crate::protocol::raccoon::metrics::Page;
use crate::transport::clock;

fn frame(direction: Direction, payload: &[u8]) -> Frame<'_> {
    Frame {
        seq: 0,
        at: clock::now(),
        direction,
        kind: FrameKind::Text,
        payload,
    }
}

fn out(doings: &mut Doings, text: &str) {
    doings.observed(&frame(Direction::Out, text.as_bytes()));
}

fn reply(doings: &mut Doings, text: &str) {
    doings.observed(&frame(Direction::In, text.as_bytes()));
}

const BATCH: &str = r#"{"req_guid":"g1","events":[{"type":"page","event_bytes":"AAEC"},{"type":"page","event_bytes":"AA=="},{"type":"click"}]}"#;
const OK: &str = r#"{"status":1,"code":1,"data":{"req_guid":"g1"}}"#;

/// A history of two pages with these counters on the second, all zero on the first.
fn history(counters: &[(&str, f64)]) -> History {
    let mut history = History::default();
    for factor in [0.0, 1.0] {
        let mut text = String::new();
        for (name, value) in counters {
            let metric = name.split('{').next().unwrap();
            let line = format!("# TYPE {metric} counter\n{name} {}\n", value * factor);
            text.push_str(&line);
        }
        history.take(&Page::read(text.as_bytes()), clock::now());
    }
    history
}

fn row<'a>(rows: &'a [Row], what: &str) -> &'a Row {
    rows.iter()
        .find(|row| row.what == what)
        .unwrap_or_else(|| panic!("{what}: {rows:?}"))
}

#[test]
fn an_acked_batch_should_have_moved_batches_events_and_bytes() {
    let mut doings = Doings::default();
    doings.connected();
    out(&mut doings, BATCH);
    let before = Doings::default();
    assert!(
        doings.events.is_empty(),
        "an event counts once its batch is acked"
    );
    reply(&mut doings, OK);
    let history = history(&[
        ("batches_read_total{status=\"success\"}", 5.0),
        ("events_rx_total{event_type=\"page\"}", 2.0),
        ("events_rx_bytes_total{event_type=\"page\"}", 3.0),
    ]);
    let rows = rows(&history, &before, &doings);
    let read = row(&rows, "batches read");
    assert_eq!(
        (read.did, read.moved, read.remark.as_deref()),
        (1, Some(5.0), None)
    );
    assert_eq!(read.counter, "batches_read_total{status=\"success\"}");
    assert_eq!(row(&rows, "events \"page\"").remark, None);
    let bytes = row(&rows, "bytes of \"page\"");
    assert_eq!(bytes.did, 4);
    assert!(bytes.remark.as_ref().unwrap().contains("less"), "{bytes:?}");
    let click = row(&rows, "events \"click\"");
    assert!(
        click.remark.as_ref().unwrap().contains("no such series"),
        "{click:?}"
    );
    let connected = row(&rows, "connections accepted");
    assert_eq!(connected.moved, None);
}

#[test]
fn what_dedup_suppressed_is_not_missed_among_the_batches() {
    let mut doings = Doings::default();
    doings.connected();
    for _ in 0..3 {
        out(&mut doings, BATCH);
        reply(&mut doings, OK);
    }
    assert_eq!(doings.count(Finding::Repeated), 2);
    let history = history(&[
        ("batches_read_total{status=\"success\"}", 1.0),
        ("events_duplicate_total{reason=\"duplicate\"}", 2.0),
    ]);
    let rows = rows(&history, &Doings::default(), &doings);
    assert_eq!(row(&rows, "batches read").remark, None);
    assert_eq!(row(&rows, "guids sent again").remark, None);
    doings.connected();
    out(&mut doings, BATCH);
    assert_eq!(doings.count(Finding::Repeated), 2, "another connection");
}

#[test]
fn a_refusal_was_no_accepted_connection_and_its_end_counts_nowhere() {
    let mut doings = Doings::default();
    doings.connected();
    reply(
        &mut doings,
        r#"{"status":2,"code":5,"reason":"duplicated connection: [g] i,"}"#,
    );
    doings.ended(false);
    for (finding, count) in [
        (Finding::Connected, 0),
        (Finding::Duplicate, 1),
        (Finding::Ended, 0),
    ] {
        assert_eq!(doings.count(finding), count, "{finding:?}");
    }
    doings.connected();
    doings.ended(true);
    assert_eq!(doings.count(Finding::Closed), 1);
}

#[test]
fn every_reply_names_the_counters_it_should_have_moved() {
    for (text, counters) in [
        (OK, &["batches_read_total{status=\"success\"}"][..]),
        (
            r#"{"status":2,"code":2,"reason":"cannot deserialize request: x"}"#,
            &["batches_read_total{status=\"failed\",reason=\"serde\"}"],
        ),
        (
            r#"{"status":2,"code":2,"reason":"invalid content type"}"#,
            &["batches_read_total{status=\"failed\",reason=\"unknowncontentype\"}"],
        ),
        (
            r#"{"status":2,"code":4,"reason":"max connection reached"}"#,
            &["user_connection_failure_total{reason=\"serverlimit\"}"],
        ),
        ("no reply", &[]),
    ] {
        assert_eq!(
            should_move(&frame(Direction::In, text.as_bytes())),
            counters,
            "{text}"
        );
    }
    let failed = br#"{"status":2,"code":3,"reason":"cannot publish events: x"}"#;
    assert_eq!(should_move(&frame(Direction::In, failed)).len(), 4);
    let close = Frame {
        kind: FrameKind::Close,
        ..frame(Direction::Out, b"\x03\xe8")
    };
    assert_eq!(
        should_move(&close),
        [
            "batches_read_total{status=\"failed\",reason=\"closeerror\"}",
            "server_ping_failure_total"
        ]
    );
    assert!(should_move(&frame(Direction::Out, BATCH.as_bytes())).is_empty());
}
