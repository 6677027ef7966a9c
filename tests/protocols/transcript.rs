//! Reads recorded transcripts into connections of whole frames.
//!
//! A file of REST or gRPC calls becomes one connection of requests and responses.

mod calls;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use wspect::frame::{Direction, FrameKind, Opening, close_payload};
use wspect::protocol::{End, System};

/// Seconds since the epoch where a recording tells no time: 2026-01-01.
const SOME_DAY: i64 = 1_767_225_600;

/// One recorded scenario.
pub(crate) struct Transcript {
    /// File name without extension.
    pub(crate) name: String,
    pub(crate) system: System,
    /// Wall clock of the first connect, microseconds since the epoch.
    pub(crate) started_us: i64,
    /// Those that were upgraded, in the order they opened; or the one of a file of calls.
    pub(crate) connections: Vec<Connection>,
    /// What the others were answered.
    pub(crate) refused: Vec<Opening>,
}

/// One upgraded connection.
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) opening: Opening,
    pub(crate) opened_ms: f64,
    pub(crate) frames: Vec<Recorded>,
    /// When the last frame or the end of TCP was seen.
    pub(crate) ended_ms: f64,
    /// How it ended, where the peer was the first to end it.
    pub(crate) end: Option<End>,
}

/// One whole message or control frame.
pub(crate) struct Recorded {
    pub(crate) t_ms: f64,
    pub(crate) direction: Direction,
    pub(crate) kind: FrameKind,
    pub(crate) payload: Vec<u8>,
    /// True if the payload is not what crossed the wire: cut in the file, or compressed.
    pub(crate) altered: bool,
}

/// The folder all fixtures are in.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Every transcript, by name.
pub(crate) fn all() -> Vec<Transcript> {
    let mut paths: Vec<_> = std::fs::read_dir(fixtures().join("transcripts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "jsonl"))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// The transcript of that name.
pub(crate) fn named(name: &str) -> Transcript {
    read(&fixtures().join("transcripts").join(format!("{name}.jsonl")))
}

fn read(path: &Path) -> Transcript {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let meta = lines.next().unwrap()["meta"].clone();
    let lines: Vec<_> = lines.collect();
    let mut connections: Vec<Connection> = Vec::new();
    for line in &lines {
        take(line, &mut connections);
    }
    let answered = connections
        .iter()
        .filter(|connection| connection.opening.status > 101);
    let refused = answered
        .map(|connection| connection.opening.clone())
        .collect();
    connections.retain(|connection| connection.opening.status == 101);
    connections.extend(calls::read(&meta, &lines));
    Transcript {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        system: match meta["system"].as_str().unwrap() {
            "raccoon" => System::Raccoon,
            "savetowebsocket" => System::SaveToWebSocket,
            "go-websocketmq" | "go-websocketmq-gen1" => System::WebSocketMq,
            "gowse" => System::Generic,
            other => panic!("no system {other}"),
        },
        started_us: lines
            .iter()
            .find_map(started)
            .unwrap_or(SOME_DAY * 1_000_000),
        connections,
        refused,
    }
}

fn take(line: &Value, connections: &mut Vec<Connection>) {
    let name = line["conn"].as_str().unwrap_or_default();
    let direction = if line["dir"] == "out" {
        Direction::Out
    } else {
        Direction::In
    };
    let t_ms = line["t_ms"].as_f64().unwrap();
    match line["op"].as_str().unwrap() {
        "open" => open(line, name, direction, t_ms, connections),
        "http" | "grpc" => {}
        op => {
            let connection = connections.iter_mut().rfind(|known| known.name == name);
            if let Some(connection) = connection {
                connection.ended_ms = t_ms;
                connection.end(line, op, direction);
                connection.frame(line, op, direction, t_ms);
            }
        }
    }
}

fn open(
    line: &Value,
    name: &str,
    direction: Direction,
    t_ms: f64,
    connections: &mut Vec<Connection>,
) {
    let head = line["text"].as_str().unwrap_or_default();
    if direction == Direction::Out {
        let path = head.split(' ').nth(1).unwrap_or("/");
        let host = header_lines(head).find(|(key, _)| key.eq_ignore_ascii_case("host"));
        connections.push(Connection {
            name: name.to_owned(),
            opening: Opening {
                url: format!(
                    "ws://{}{path}",
                    host.map_or("localhost", |(_, value)| value)
                ),
                ..Opening::default()
            },
            opened_ms: t_ms,
            frames: Vec::new(),
            ended_ms: t_ms,
            end: None,
        });
    } else if let Some(connection) = connections.iter_mut().rfind(|known| known.name == name) {
        connection.opened_ms = t_ms;
        connection.opening.status = line["status"].as_u64().unwrap_or(0) as u16;
        let body = head.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        connection.opening.body = body.as_bytes().to_vec();
        connection.opening.headers = header_lines(head)
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
    }
}

fn header_lines(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
}

impl Connection {
    /// The first close frame or end of TCP, if it is the peer's.
    fn end(&mut self, line: &Value, op: &str, direction: Direction) {
        let ours =
            |known: &Recorded| known.kind == FrameKind::Close && known.direction == Direction::Out;
        if op != "close" || self.end.is_some() || self.frames.iter().any(ours) {
            return;
        }
        let code = line["code"].as_u64().unwrap_or(1005) as u16;
        let after = Duration::from_secs_f64((self.ended_ms - self.opened_ms).max(0.0) / 1e3);
        self.end = Some(End {
            after,
            code,
            by_us: direction == Direction::Out,
            reset: line["tcp"] == "reset",
            cut: false,
        });
    }

    fn frame(&mut self, line: &Value, op: &str, direction: Direction, t_ms: f64) {
        let kind = match op {
            "text" => FrameKind::Text,
            "binary" => FrameKind::Binary,
            "ping" => FrameKind::Ping,
            "pong" => FrameKind::Pong,
            "close" if line["code"] == 1006 => return,
            "close" => FrameKind::Close,
            "continuation" => return self.continuation(line, direction),
            other => panic!("no op {other}"),
        };
        let payload = if kind == FrameKind::Close {
            close(line)
        } else {
            payload(line)
        };
        let derived = ["text_len", "hex_len", "sent", "rsv"];
        self.frames.push(Recorded {
            t_ms,
            direction,
            kind,
            payload,
            altered: derived.iter().any(|key| line.get(key).is_some()),
        });
    }

    fn continuation(&mut self, line: &Value, direction: Direction) {
        let started = self
            .frames
            .iter_mut()
            .rfind(|frame| frame.direction == direction && !frame.kind.is_control());
        if let Some(started) = started {
            match line["inflated"].as_str() {
                Some(text) => started.payload = text.as_bytes().to_vec(),
                None => started.payload.extend(payload(line)),
            }
        }
    }
}

fn payload(line: &Value) -> Vec<u8> {
    let text = line["inflated"].as_str().or(line["text"].as_str());
    match (text, line["hex"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(hex)) => (0..hex.len() / 2)
            .map_while(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok())
            .collect(),
        (None, None) => Vec::new(),
    }
}

fn close(line: &Value) -> Vec<u8> {
    if line.get("empty").is_some() || line["code"] == 1005 {
        return Vec::new();
    }
    close_payload(
        line["code"].as_u64().unwrap() as u16,
        line["reason"].as_str().unwrap_or_default(),
    )
}

/// When the recording began, as far as this line tells it: to the second.
fn started(line: &Value) -> Option<i64> {
    let since = line["t_ms"].as_f64()? * 1_000.0;
    Some(wall_seconds(line)? * 1_000_000 - since as i64)
}

/// The server's clock as far as this line tells it.
fn wall_seconds(line: &Value) -> Option<i64> {
    if line["op"] == "open" {
        let head = line["text"].as_str()?;
        let (_, date) = header_lines(head).find(|(key, _)| key.eq_ignore_ascii_case("date"))?;
        let time = jiff::fmt::rfc2822::parse(date).ok()?;
        return Some(time.timestamp().as_second());
    }
    if line["dir"] != "in" {
        return None;
    }
    let sent = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    sent(&line["decoded"]["sent_time"]).or_else(|| {
        let reply: Value = serde_json::from_str(line["text"].as_str()?).ok()?;
        sent(&reply["sent_time"])
    })
}
