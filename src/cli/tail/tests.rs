use std::sync::Arc;

use serde_json::Value as Json;

use super::*;
use crate::body::{Body, Node};
use crate::entry::{Badge, Chunk, Draft, EntryKind};
use crate::frame::{Direction, Frame, FrameKind, Wire};
use crate::protocol::Decoder;
use crate::session::Delivery;

struct Words;

impl Decoder for Words {
    fn body(&self, frame: &Frame<'_>) -> Body {
        Body {
            root: Node::text("", String::from_utf8_lossy(frame.payload)),
            key: Some(format!("k{}", frame.seq)),
            ..Body::default()
        }
    }
}

fn delivery(first: u64, rows: &[(EntryKind, &str)]) -> Delivery {
    let mut chunk = Chunk::new(first, Vec::new());
    for (kind, payload) in rows {
        chunk.push(&Draft {
            at: clock::now(),
            kind: *kind,
            direction: Direction::In,
            payload: payload.as_bytes(),
            wire: &Wire::default(),
            badge: Badge::Event,
            label: payload,
            outcome: None,
            latency: None,
            pair: None,
            asks: false,
            note: None,
            error: None,
        });
    }
    let mut delivery = Delivery::new(SessionId(1), chunk);
    delivery.decoder = (first == 0).then(|| Arc::new(Words) as Arc<dyn Decoder>);
    delivery
}

const TEXT: EntryKind = EntryKind::Frame(FrameKind::Text);
const LIVE: (EntryKind, &str) = (EntryKind::Lifecycle, r#"{"state":"live"}"#);

fn printer(flags: &[&str]) -> Printer {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }
    let words = ["tail", "demo:echo"].iter().chain(flags);
    let cli = <Cli as clap::Parser>::try_parse_from(words).unwrap();
    Printer::new(cli.args.wanted().unwrap(), "demo".to_owned())
}

fn lines(printer: &mut Printer) -> Vec<Json> {
    let out = std::mem::take(&mut printer.out);
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    out.lines().map(parse).collect()
}

#[test]
fn every_entry_is_a_line() {
    let mut printer = printer(&[]);
    assert_eq!(printer.take(&delivery(0, &[LIVE, (TEXT, "a")])), None);
    assert_eq!(printer.take(&delivery(2, &[(TEXT, "b")])), None);
    let lines = lines(&mut printer);
    let brief: Vec<_> = lines
        .iter()
        .map(|line| (&line["seq"], &line["type"], &line["body"], &line["key"]))
        .map(|line| format!("{line:?}").replace("String", ""))
        .collect();
    assert_eq!(lines.len(), 3);
    assert!(brief[0].contains("lifecycle"), "{brief:?}");
    assert_eq!(lines[1]["body"], "a");
    assert_eq!(lines[2]["key"], "k2");
}

#[test]
fn the_limit_counts_printed_frames() {
    let mut printer = printer(&[
        "--limit",
        "2",
        "--filter",
        r#".type == "lifecycle" or .body != "b""#,
    ]);
    let rows = [LIVE, (TEXT, "a"), (TEXT, "b"), (TEXT, "c"), (TEXT, "d")];
    assert_eq!(printer.take(&delivery(0, &rows)), Some(Done::Limit));
    let bodies: Vec<_> = lines(&mut printer)
        .iter()
        .map(|line| line["body"].clone())
        .collect();
    assert_eq!(bodies, [Json::Null, "a".into(), "c".into()]);
}

#[test]
fn until_ends_the_run_at_its_line_even_if_the_filter_would_hide_it() {
    let mut printer = printer(&["--until", r#".label == "b""#, "--filter", r#".body == "a""#]);
    let rows = [LIVE, (TEXT, "a"), (TEXT, "b"), (TEXT, "c")];
    assert_eq!(printer.take(&delivery(0, &rows)), Some(Done::Until));
    let bodies: Vec<_> = lines(&mut printer)
        .iter()
        .map(|line| line["body"].clone())
        .collect();
    assert_eq!(bodies, ["a", "b"]);
}

#[test]
fn without_bodies_the_filter_still_sees_them() {
    let mut printer = printer(&["--no-body", "--raw", "--filter", r#".key == "k1""#]);
    assert_eq!(
        printer.take(&delivery(0, &[(TEXT, "a"), (TEXT, "b")])),
        None
    );
    let lines = lines(&mut printer);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["text"], "b");
    assert_eq!(lines[0].get("body"), None);
    assert_eq!(lines[0].get("key"), None);
}

#[test]
fn the_session_s_end_is_printed_and_ends_the_run() {
    let mut printer = printer(&["--filter", "false"]);
    let closed = r#"{"state":"closed","detail":"connecting to ws://x: refused"}"#;
    let rows = [(EntryKind::Lifecycle, closed), (TEXT, "never")];
    assert_eq!(
        printer.take(&delivery(0, &rows)),
        Some(Done::Ended(End::Lost(
            "connecting to ws://x: refused".to_owned()
        )))
    );
}

#[test]
fn a_filter_that_fails_is_counted() {
    let mut printer = printer(&["--filter", ".body - 1"]);
    assert_eq!(
        printer.take(&delivery(0, &[(TEXT, "a"), (TEXT, "b")])),
        None
    );
    let (count, failure) = printer.failures().unwrap();
    assert_eq!(count, 2);
    assert!(failure.contains("`.body - 1`"), "{failure}");
    printer.summarise("limit", clock::now(), Duration::from_millis(1_500), None);
    let summary = &lines(&mut printer)[0];
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["why"], "limit");
    assert_eq!(summary["elapsed_ms"], 1_500);
    assert_eq!(summary["frames_in"], 2);
    assert_eq!(summary["printed"], 0);
    assert_eq!(summary["filter_failures"], 2);
}

#[test]
fn exit_codes_by_reason() {
    let lost = || Why::Printer(Done::Ended(End::Lost("x".to_owned())));
    let refused = || Why::Printer(Done::Ended(End::Refused("x".to_owned())));
    let code = |why, until| verdict(why, until, 7).unwrap_or_else(|error| exit::code(&error));
    assert_eq!(code(Why::Printer(Done::Limit), None), 0);
    assert_eq!(code(Why::Printer(Done::Limit), Some("x")), 3);
    assert_eq!(code(Why::Printer(Done::Until), Some("x")), 0);
    assert_eq!(code(Why::Period, None), 0);
    assert_eq!(code(Why::Period, Some("x")), 3);
    assert_eq!(code(Why::Interrupted, Some("x")), 130);
    assert_eq!(code(lost(), Some("x")), 1);
    assert_eq!(code(refused(), None), 3);
    let pipe = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    assert_eq!(exit::code(&given_up(pipe).unwrap_err()), 0);
}
