use std::time::Duration;

use super::*;
use crate::transport::clock;

fn take(history: &mut History, seconds: u64, text: &str) {
    let at = Stamp {
        wall_us: 0,
        ..START.with(|start| *start)
    };
    history.take(
        &Page::read(text.as_bytes()),
        at.after(Duration::from_secs(seconds)),
    );
}

thread_local! {
    static START: Stamp = clock::now();
}

const COUNTER: &str = "# TYPE batches_read_total counter\n";

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-6
}

#[test]
fn counters_grow_over_a_restart_and_a_late_series_counts_from_zero() {
    let mut history = History::default();
    for (seconds, page) in [
        (0, "batches_read_total{status=\"success\"} 100\n"),
        (
            10,
            "batches_read_total{status=\"success\"} 130\nbatches_read_total{status=\"failed\"} 2\n",
        ),
        (
            20,
            "batches_read_total{status=\"success\"} 5\nbatches_read_total{status=\"failed\"} 0\n",
        ),
    ] {
        take(&mut history, seconds, &format!("{COUNTER}{page}"));
    }
    let moved = |status| history.moved("batches_read_total", &[("status", status)]);
    assert!(near(moved("success"), 35.0) && near(moved("failed"), 2.0));
    assert!(near(history.moved("batches_read_total", &[]), 37.0));
    assert_eq!(history.restarts(), 1);
    let success = history.of("batches_read_total").last().unwrap();
    assert_eq!(success.key(), "batches_read_total{status=\"success\"}");
    assert!(near(success.rate().unwrap(), 0.5));
    assert_eq!(success.course(9), [30.0, 5.0]);
    let late = history.of("batches_read_total").next().unwrap();
    assert_eq!(late.course(9), [2.0, 0.0]);
}

#[test]
fn histograms_are_one_series_with_quantiles_of_what_was_measured_since() {
    let page = |counts: [u32; 3], sum: u32| {
        let [a, b, c] = counts;
        format!(
            "# TYPE x_ms histogram\nx_ms_bucket{{w=\"1\",le=\"5\"}} {a}\nx_ms_bucket{{w=\"1\",le=\"+Inf\"}} {c}\n\
             x_ms_bucket{{w=\"1\",le=\"10\"}} {b}\nx_ms_sum{{w=\"1\"}} {sum}\nx_ms_count{{w=\"1\"}} {c}\n"
        )
    };
    let mut history = History::default();
    take(&mut history, 0, &page([100, 100, 100], 50));
    take(&mut history, 10, &page([100, 110, 110], 150));
    assert_eq!(history.series().len(), 1);
    let series = &history.series()[0];
    assert_eq!(
        (series.key().as_str(), series.kind),
        ("x_ms{w=\"1\"}", Kind::Histogram)
    );
    let measured = series.measured().unwrap();
    assert!(near(measured.count, 10.0) && near(measured.mean().unwrap(), 10.0));
    assert!(near(measured.quantile(0.5).unwrap(), 7.5));
    assert!(near(measured.quantile(0.99).unwrap(), 9.95));
    assert_eq!(Buckets::default().quantile(0.5), None);
    let endless = Buckets {
        bounds: vec![(5.0, 0.0), (f64::INFINITY, 4.0)],
        sum: 1e9,
        count: 4.0,
    };
    assert!(near(endless.quantile(0.5).unwrap(), 5.0));
}

#[test]
fn too_many_series_leave_room_for_those_of_the_server() {
    let mut text = String::new();
    for n in 0..2_000 {
        text.push_str("foreign{n=\"");
        text.push_str(&n.to_string());
        text.push_str("\"} 1\n");
    }
    text.push_str("events_rx_total{event_type=\"a\"} 7\n");
    let mut history = History::default();
    for seconds in 0..300 {
        take(&mut history, seconds, &text[text.len() - 2_000..]);
    }
    assert!(
        history
            .series()
            .iter()
            .all(|series| series.points.len() <= SCRAPES_MAX)
    );
    take(&mut history, 301, &text);
    assert_eq!(history.series().len(), SERIES_MAX);
    assert_eq!(history.left_out(), 2_001 - SERIES_MAX);
    assert_eq!(history.of("events_rx_total").count(), 1);
}

#[test]
fn the_real_server_fills_the_groups() {
    let text = include_str!("../../../../../tests/fixtures/metrics/raccoon-v0.3.0.txt");
    let mut history = History::default();
    take(&mut history, 0, text);
    let groups: Vec<_> = history
        .series()
        .iter()
        .map(|series| Group::of(&series.name))
        .collect();
    assert!(groups.is_sorted());
    for group in [
        Group::Connections,
        Group::Batches,
        Group::Events,
        Group::Times,
        Group::Process,
    ] {
        assert!(groups.contains(&group), "{group:?}");
    }
    let idle = history.of("batch_idle_in_channel_milliseconds").count();
    assert_eq!(idle, 4, "one series for each worker");
}

#[test]
fn values_that_are_no_numbers_move_nothing() {
    let mut history = History::default();
    for (seconds, value) in [(0, "NaN"), (1, "5"), (2, "+Inf"), (3, "7")] {
        take(
            &mut history,
            seconds,
            &format!("connections_count_current {value}\n"),
        );
    }
    assert!(history.moved("connections_count_current", &[]).is_finite());
}
