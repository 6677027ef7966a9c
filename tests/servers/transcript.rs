//! Recorded scenarios as steps: what the client did, what came back, what was done to the server.

use std::path::Path;

use serde_json::Value;
use wspect::frame::close_payload;

/// One recorded scenario.
pub(crate) struct Transcript {
    pub(crate) name: String,
    pub(crate) meta: Value,
    /// In the order they happened.
    pub(crate) steps: Vec<Step>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Milliseconds since the first connect.
    pub(crate) at_ms: f64,
    /// Which connection; empty if there is only one.
    pub(crate) conn: String,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// The client dialed and sent this head.
    Dial(String),
    /// The server answered the head with this, body included.
    Opened(String),
    /// The client sent a frame.
    Send(Frame),
    /// The server sent a frame.
    Receive(Frame),
    /// TCP ended without a close frame, by the client or by the server.
    Leave,
    Left,
    /// An HTTP exchange beside the WebSocket.
    Request(Box<Http>),
    Response(Box<Http>),
    /// A gRPC call, and how it ended.
    Call(Box<Rpc>),
    Called(Box<RpcEnd>),
    /// Something done on the server's side, from `meta.driver` or added by a test.
    Drive(Value),
}

/// A frame as recorded.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    pub(crate) fin: bool,
    pub(crate) rsv: u8,
    pub(crate) masked: bool,
    pub(crate) payload: Vec<u8>,
    /// Real payload length, where the file holds only the beginning.
    pub(crate) cut_from: Option<usize>,
    /// How many equal frames followed each other.
    pub(crate) count: u64,
}

/// Half of an HTTP exchange.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    /// `POST /path`, or the status.
    pub(crate) start: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a gRPC client sent.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    /// `/package.Service/Method`.
    pub(crate) path: String,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) message: Vec<u8>,
}

/// What a gRPC client got.
#[derive(Clone, Debug)]
pub(crate) struct RpcEnd {
    /// Name of the status: `OK`, `UNKNOWN`.
    pub(crate) status: String,
    /// Text of the status.
    pub(crate) details: String,
    /// Metadata beyond what every call has.
    pub(crate) initial: Vec<(String, String)>,
    pub(crate) trailing: Vec<(String, String)>,
    /// Empty if there was none.
    pub(crate) message: Vec<u8>,
}

impl Transcript {
    /// The transcript of that name under `tests/fixtures/transcripts`.
    pub(crate) fn named(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transcripts");
        let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
        let mut lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let meta = lines.next().unwrap()["meta"].take();
        let mut steps: Vec<Step> = lines.map(|line| step(&line)).collect();
        for entry in meta["driver"].as_array().into_iter().flatten() {
            insert(&mut steps, entry["t_ms"].as_f64(), entry.clone());
        }
        Self {
            name: name.to_owned(),
            meta,
            steps,
        }
    }

    /// A value of the recorded server's configuration.
    pub(crate) fn config(&self, key: &str) -> &Value {
        &self.meta["config"][key]
    }
}

/// Puts something done to the server where its time says; without a time, first of all.
pub(crate) fn insert(steps: &mut Vec<Step>, at_ms: Option<f64>, entry: Value) {
    let at_ms = at_ms.unwrap_or(0.0);
    let place = steps.partition_point(|step| step.at_ms < at_ms);
    let drive = Step {
        at_ms,
        conn: String::new(),
        what: What::Drive(entry),
    };
    steps.insert(place, drive);
}

fn step(line: &Value) -> Step {
    let out = line["dir"] == "out";
    let text = || line["text"].as_str().unwrap_or_default().to_owned();
    let what = match (line["op"].as_str().unwrap(), out) {
        ("open", true) => What::Dial(text()),
        ("open", false) => What::Opened(text()),
        ("http", true) => What::Request(Box::new(http(line))),
        ("http", false) => What::Response(Box::new(http(line))),
        ("grpc", true) => What::Call(Box::new(Rpc {
            path: line["method"].as_str().unwrap().to_owned(),
            metadata: pairs(&line["metadata"]),
            message: payload(line),
        })),
        ("grpc", false) => What::Called(Box::new(RpcEnd {
            status: line["status"].as_str().unwrap().to_owned(),
            details: line["details"].as_str().unwrap_or_default().to_owned(),
            initial: pairs(&line["initial_metadata"]),
            trailing: pairs(&line["trailing_metadata"]),
            message: payload(line),
        })),
        ("close", true) if line["code"] == 1006 => What::Leave,
        ("close", false) if line["code"] == 1006 => What::Left,
        (op, true) => What::Send(frame(op, line)),
        (op, false) => What::Receive(frame(op, line)),
    };
    Step {
        at_ms: line["t_ms"].as_f64().unwrap(),
        conn: line["conn"].as_str().unwrap_or_default().to_owned(),
        what,
    }
}

fn frame(op: &str, line: &Value) -> Frame {
    let opcode = match op {
        "continuation" => 0,
        "text" => 1,
        "binary" => 2,
        "close" => 8,
        "ping" => 9,
        "pong" => 10,
        other => panic!("no opcode {other}"),
    };
    let payload = match opcode {
        8 if line["empty"] == true => Vec::new(),
        8 => close_payload(
            u16::try_from(line["code"].as_u64().unwrap()).unwrap(),
            line["reason"].as_str().unwrap_or_default(),
        ),
        _ => payload(line),
    };
    let cut_from = line["text_len"].as_u64().or(line["hex_len"].as_u64());
    Frame {
        opcode,
        fin: line["fin"] != false,
        rsv: line["rsv"].as_u64().unwrap_or(0) as u8,
        masked: true,
        payload,
        cut_from: cut_from.map(|length| length as usize),
        count: line["repeated"].as_u64().unwrap_or(1),
    }
}

fn payload(line: &Value) -> Vec<u8> {
    match (line["text"].as_str(), line["hex"].as_str()) {
        (Some(text), _) => text.trim_end_matches('…').as_bytes().to_vec(),
        (None, Some(hex)) => unhex(hex.trim_end_matches('…')),
        (None, None) => Vec::new(),
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn http(line: &Value) -> Http {
    let start = match line["method"].as_str() {
        Some(method) => format!("{method} {}", line["path"].as_str().unwrap()),
        None => line["status"].to_string(),
    };
    Http {
        start,
        headers: pairs(&line["headers"]),
        body: payload(line),
    }
}

/// Names and values, written as `[["name", "value"]]`.
fn pairs(list: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let list = list.as_array().into_iter().flatten();
    list.map(|pair| (word(&pair[0]), word(&pair[1]))).collect()
}
