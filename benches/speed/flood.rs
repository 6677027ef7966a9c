//! A server that writes one pre-serialised frame over and over, in 256 KiB writes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wspect::protocol::System;

/// What is flooded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sample {
    /// 64 bytes of JSON.
    Small,
    /// 400 bytes of JSON: a Stellar payment.
    Payment,
    /// 400 bytes of JSON with a member `type` first, read by the generic reading.
    Plain,
    /// A Raccoon ack, protobuf.
    Ack,
    /// 400 bytes of JSON: a publish of `WebSocketMQ`.
    Publish,
    /// 256 bytes of nested protobuf.
    Nested,
}

impl Sample {
    pub(crate) fn all() -> [Self; 6] {
        [
            Self::Small,
            Self::Plain,
            Self::Payment,
            Self::Publish,
            Self::Ack,
            Self::Nested,
        ]
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "64 B JSON, generic",
            Self::Plain => "400 B JSON, generic",
            Self::Payment => "400 B JSON, stellar event",
            Self::Publish => "400 B JSON, publish on a topic",
            Self::Ack => "54 B protobuf, Raccoon ack",
            Self::Nested => "256 B protobuf, generic",
        }
    }

    pub(crate) fn system(self) -> System {
        match self {
            Self::Small | Self::Plain | Self::Nested => System::Generic,
            Self::Payment => System::SaveToWebSocket,
            Self::Publish => System::WebSocketMq,
            Self::Ack => System::Raccoon,
        }
    }

    /// What the server sends before the flood, so that the session is where a real one would be.
    pub(crate) fn prologue(self) -> Vec<u8> {
        if self != Self::Payment {
            return Vec::new();
        }
        let registered = r#"{"filters":{"types":null,"account_ids":null,"asset_codes":null,"min_amount":"","custom":null},"message":"Registration successful, processing queued events","type":"registered"}"#;
        framed(1, registered.as_bytes())
    }

    /// The whole unmasked frame.
    pub(crate) fn frame(self) -> Vec<u8> {
        let (opcode, payload) = match self {
            Self::Small => (1, pad(r#"{"type":"tick","n":12345,"pad":""#, 64)),
            Self::Plain => (1, pad(r#"{"type":"trade","price":"12.25","pad":""#, 400)),
            Self::Payment => (1, payment()),
            Self::Publish => (1, publish()),
            Self::Ack => (2, ack()),
            Self::Nested => (2, nested()),
        };
        framed(opcode, &payload)
    }
}

/// An unmasked frame.
fn framed(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match u8::try_from(payload.len()) {
        Ok(len) if len < 126 => frame.push(len),
        _ => {
            frame.push(126);
            frame.extend_from_slice(&(payload.len() as u16).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

fn pad(start: &str, len: usize) -> Vec<u8> {
    let mut text = start.as_bytes().to_vec();
    text.resize(len - 2, b'x');
    text.extend_from_slice(b"\"}");
    text
}

fn payment() -> Vec<u8> {
    let account = "GCA3MN6Y7TJMNWTDLHTJMMITUELQ3Z4V4S3SLOCNDYFUZ7M6YWGOTE64";
    let start = format!(
        r#"{{"timestamp":"1767225605","buyer_account_id":"{account}","seller_account_id":"{account}","asset_code":"USDC:{account}","amount":"125.5000000","type":"payment","ledger_seq_num":60123456,"memo":""#
    );
    pad(&start, 400)
}

fn publish() -> Vec<u8> {
    let start = r#"{"type":"publish","topic":"prices.eurusd","payload":{"bid":"1.0841","ask":"1.0843","at":1767225605123,"pad":""#;
    let mut text = pad(start, 399);
    text.push(b'}');
    text
}

fn ack() -> Vec<u8> {
    let mut bytes = vec![0x08, 1, 0x10, 1, 0x18, 0x81, 0xe2, 0xcf, 0xaa, 0x06, 0x2a];
    let guid = b"5b0f7c1e-9a3d-4e62-b7c8-d9e0f1";
    let mut entry = vec![0x0a, 8];
    entry.extend_from_slice(b"req_guid");
    entry.extend_from_slice(&[0x12, guid.len() as u8]);
    entry.extend_from_slice(guid);
    bytes.push(entry.len() as u8);
    bytes.extend_from_slice(&entry);
    bytes
}

/// Fields 1 (varint), 2 (text) and 3 (message of the same kind), five levels deep.
fn nested() -> Vec<u8> {
    let mut inner = Vec::new();
    while inner.len() < 220 {
        let mut outer = vec![0x08, 0x96, 0x01, 0x12, 28];
        outer.extend_from_slice(b"a text of twenty-eight bytes");
        if !inner.is_empty() {
            outer.push(0x1a);
            if inner.len() > 127 {
                outer.push(inner.len() as u8 | 0x80);
                outer.push((inner.len() >> 7) as u8);
            } else {
                outer.push(inner.len() as u8);
            }
            outer.append(&mut inner);
        }
        inner = outer;
    }
    inner
}

/// A flood server; its threads end with their connections, the listener with the program.
pub(crate) struct Flood {
    addr: SocketAddr,
}

impl Flood {
    /// Starts flooding whoever connects with `frame`, after `prologue`; an empty one is a server that says nothing.
    pub(crate) fn start(prologue: Vec<u8>, frame: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
        let addr = listener.local_addr().expect("bound");
        let block = frame.repeat((256 << 10) / frame.len().max(1));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (prologue, block) = (prologue.clone(), block.clone());
                std::thread::spawn(move || serve(stream, &prologue, &block));
            }
        });
        Self { addr }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}/", self.addr)
    }
}

fn serve(mut stream: TcpStream, prologue: &[u8], block: &[u8]) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read_exact(&mut byte).is_err() {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head);
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then_some(value)
    });
    let Some(key) = key else { return };
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    let started = stream.write_all(answer.as_bytes());
    if started.and_then(|()| stream.write_all(prologue)).is_err() {
        return;
    }
    if block.is_empty() {
        // A server that says nothing: read until the client has gone.
        let mut sink = [0; 1024];
        while matches!(stream.read(&mut sink), Ok(count) if count > 0) {}
    }
    while !block.is_empty() && stream.write_all(block).is_ok() {}
}
