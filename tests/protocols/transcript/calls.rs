//! Recorded REST and gRPC calls as the two halves a session logs of each.

use serde_json::Value;
use wspect::frame::{Direction, FrameKind, Opening, exchange_payload};

use super::{Connection, Recorded, payload};

/// The calls of a file of them; `None` for a WebSocket scenario, beside which calls are not ours.
pub(super) fn read(meta: &Value, lines: &[Value]) -> Option<Connection> {
    let of_calls = |line: &Value| matches!(line["op"].as_str(), Some("http" | "grpc"));
    if meta["system"] != "raccoon" || !lines.iter().all(of_calls) {
        return None;
    }
    let grpc = lines.first()?["op"] == "grpc";
    let url = if grpc {
        "grpc://127.0.0.1:8081"
    } else {
        "http://127.0.0.1:8080/api/v1/events"
    };
    let frames: Vec<Recorded> = lines
        .chunks_exact(2)
        .filter(|pair| grpc || is_batch(&pair[0]))
        .flat_map(|pair| [request(&pair[0], url), response(&pair[1])])
        .collect();
    Some(Connection {
        name: String::new(),
        opening: Opening {
            url: url.to_owned(),
            status: if grpc { 0 } else { 200 },
            body: if grpc { Vec::new() } else { b"pong".to_vec() },
            ..Opening::default()
        },
        opened_ms: 0.0,
        ended_ms: frames.last()?.t_ms,
        frames,
        end: None,
    })
}

/// Batches are posted; the other requests of the recordings look at what else the port does.
fn is_batch(line: &Value) -> bool {
    line["method"] == "POST"
}

fn request(line: &Value, url: &str) -> Recorded {
    let (start, fixed) = if line["op"] == "grpc" {
        let method = line["method"].as_str().unwrap();
        let grpc = Some(("content-type", "application/grpc"));
        (format!("POST {url}{method} HTTP/2"), grpc)
    } else {
        (format!("POST {url} HTTP/1.1"), None)
    };
    let own = headers(line, "headers").chain(headers(line, "metadata"));
    let payload = exchange_payload(&start, fixed.into_iter().chain(own), &payload(line));
    half(line, FrameKind::Request, Direction::Out, payload)
}

fn response(line: &Value) -> Recorded {
    let payload = if line["op"] == "grpc" {
        let code = match line["status"].as_str().unwrap() {
            "OK" => "0",
            "UNKNOWN" => "2",
            other => panic!("no number for {other}"),
        };
        let message = line["details"].as_str().unwrap_or_default();
        let headers = [
            ("content-type", "application/grpc"),
            ("grpc-status", code),
            ("grpc-message", message),
        ];
        exchange_payload("HTTP/2 200", headers, &payload(line))
    } else {
        let start = format!("HTTP/1.1 {}", line["status"]);
        exchange_payload(&start, headers(line, "headers"), &payload(line))
    };
    half(line, FrameKind::Response, Direction::In, payload)
}

fn half(line: &Value, kind: FrameKind, direction: Direction, payload: Vec<u8>) -> Recorded {
    let expected = if direction == Direction::Out {
        "out"
    } else {
        "in"
    };
    assert_eq!(line["dir"], expected, "halves alternate");
    Recorded {
        t_ms: line["t_ms"].as_f64().unwrap(),
        direction,
        kind,
        payload,
        altered: false,
    }
}

fn headers<'a>(line: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let all = line[key].as_array().map_or(&[][..], Vec::as_slice);
    all.iter()
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
}
