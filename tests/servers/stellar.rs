//! The Stellar event server against recordings of the real one.
//!
//! Long scenarios are played many times as fast, against a server whose timers are shortened
//! alike. `server-crash` is played beside the other troubles.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wspect::server::savetowebsocket::{Handle, Recording, Settings, Traffic, start};
use wspect::server::{Running, ServerError};

use crate::client::{Connection, PATIENCE};
use crate::replay::{Replay, Subject};
use crate::transcript::{Frame, Step, What};

pub(crate) const HEAD: &str = "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

pub(crate) struct Stellar {
    pub(crate) address: SocketAddr,
    running: Option<Running>,
    pub(crate) handle: Handle,
}

impl Stellar {
    pub(crate) async fn new(settings: Settings) -> Self {
        let (running, handle) = start(settings).await.unwrap();
        Self {
            address: running.address(),
            running: Some(running),
            handle,
        }
    }

    /// Every timer that many times as short.
    async fn sped_up(speed: f64) -> Self {
        let real = Settings::default();
        Self::new(Settings {
            registration_deadline: real.registration_deadline.div_f64(speed),
            ping_every: real.ping_every.div_f64(speed),
            pong_deadline: real.pong_deadline.div_f64(speed),
            ..real
        })
        .await
    }
}

impl Subject for Stellar {
    fn address(&self) -> SocketAddr {
        self.address
    }

    async fn drive(&mut self, entry: &Value) {
        if entry["call"] == "crash" {
            self.handle.crash();
        } else if entry["call"] == "consumer.Close()" {
            self.handle.cut_clients();
        } else if entry["call"] == "stop" {
            self.running.take().unwrap().stop().await;
        } else {
            let event = match entry["hex"].as_str() {
                Some(hex) => Bytes::from(unhex(hex)),
                None => Bytes::from(entry["fed"].as_str().unwrap().to_owned()),
            };
            for _ in 0..entry["n"].as_u64().unwrap_or(1) {
                let fed = self.handle.feed(event.clone());
                assert_eq!(fed.is_err(), entry["errors"].is_array(), "{event:?}");
            }
        }
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

pub(crate) fn frame(opcode: u8, payload: &[u8]) -> Frame {
    Frame {
        opcode,
        fin: true,
        rsv: 0,
        masked: true,
        payload: payload.to_vec(),
        cut_from: None,
        count: 1,
    }
}

fn sent(step: &mut Step) -> &mut Frame {
    match &mut step.what {
        What::Send(frame) => frame,
        other => panic!("the client sent nothing here: {other:?}"),
    }
}

/// After each update of the filters, a ping and its pong: an update is met with silence, so the
/// pong is what tells that it has been taken.
fn with_fences(steps: &mut Vec<Step>) {
    let mut registered = false;
    let mut fenced = Vec::new();
    for step in steps.drain(..) {
        let registers = matches!(&step.what, What::Send(frame) if frame.opcode == 1);
        let (at_ms, conn) = (step.at_ms, step.conn.clone());
        fenced.push(step);
        if registers && registered {
            for what in [
                What::Send(frame(9, b"taken")),
                What::Receive(frame(10, b"taken")),
            ] {
                let conn = conn.clone();
                fenced.push(Step { at_ms, conn, what });
            }
        }
        registered |= registers;
    }
    *steps = fenced;
}

#[tokio::test]
async fn recorded_register() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-register").run(subject).await;
}

#[tokio::test]
async fn recorded_upgrade() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-upgrade").run(subject).await;
}

#[tokio::test]
async fn recorded_filters() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-filters").run(subject).await;
}

#[tokio::test]
async fn recorded_filter_update() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-filter-update")
        .edit(with_fences)
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_queue_before_register() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-queue-before-register")
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_fragmented() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-fragmented")
        .edit(|steps| {
            // The file does not tell which frame was unmasked.
            let unmasked = steps
                .iter_mut()
                .find(|step| step.conn == "B" && matches!(step.what, What::Send(_)));
            sent(unmasked.unwrap()).masked = false;
        })
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_payloads() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-payloads")
        .edit(|steps| {
            for step in steps {
                let What::Drive(entry) = &mut step.what else {
                    continue;
                };
                let fed = entry["fed"].as_str().unwrap();
                if fed.contains('\u{fffd}') {
                    *entry = json!({ "hex": "7b2274797065223a227061796d656e74222c22626164223a22fffe227d" });
                } else if fed.len() == 400 {
                    // Cut in the file; the length is that of the reply.
                    let start = r#"{"type":"big","pad":""#;
                    let pad = "x".repeat(200_023 - start.len() - 2);
                    *entry = json!({ "fed": format!("{start}{pad}\"}}") });
                }
            }
        })
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_closing() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-closing")
        .edit(|steps| {
            let too_big = steps
                .iter_mut()
                .find(|step| step.conn == "E" && matches!(step.what, What::Send(_)));
            sent(too_big.unwrap()).payload = vec![b'x'; 600_000];
        })
        .drive_at(249.0, json!({ "call": "stop" }))
        .run(subject)
        .await;
}

/// The real feed and the writer ran side by side, so that 396 events got through; here all are
/// fed before the writer runs, so it is what the queue holds.
#[tokio::test]
async fn recorded_burst_while_reading() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-burst-while-reading")
        .edit(|steps| {
            for step in steps {
                match &mut step.what {
                    What::Receive(frame) if frame.count == 396 => frame.count = 256,
                    _ => {}
                }
            }
        })
        .run(subject)
        .await;
}

/// The file does not tell what was fed, but the client without filters got all of it: each event
/// is fed before somebody first receives it.
#[tokio::test]
async fn recorded_rate_200() {
    let subject = Stellar::new(Settings::default()).await;
    Replay::of("savetowebsocket-rate-200")
        .edit(|steps| {
            let mut known = HashSet::new();
            let mut fed = Vec::new();
            for step in steps.drain(..) {
                if let What::Receive(frame) = &step.what
                    && frame.payload.starts_with(b"{\"amount\"")
                    && known.insert(frame.payload.clone())
                {
                    let event = std::str::from_utf8(&frame.payload).unwrap();
                    let (at_ms, conn) = (step.at_ms, String::new());
                    let what = What::Drive(json!({ "fed": event }));
                    fed.push(Step { at_ms, conn, what });
                }
                fed.push(step);
            }
            *steps = fed;
        })
        .run(subject)
        .await;
}

#[tokio::test]
async fn recorded_no_registration() {
    Replay::of("savetowebsocket-no-registration")
        .at_speed(20.0)
        .run(Stellar::sped_up(20.0).await)
        .await;
}

#[tokio::test]
async fn recorded_ping() {
    Replay::of("savetowebsocket-ping")
        .at_speed(50.0)
        .run(Stellar::sped_up(50.0).await)
        .await;
}

#[tokio::test]
async fn recorded_no_pong() {
    Replay::of("savetowebsocket-no-pong")
        .at_speed(60.0)
        .run(Stellar::sped_up(60.0).await)
        .await;
}

/// Reads the frames of `stream` until TCP ends: opcode and payload length of each.
async fn frames_to_the_end(mut stream: TcpStream) -> Vec<(u8, usize)> {
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the server ends TCP")
        .expect("without a reset");
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let mut rest = &bytes[end + 4..];
    let mut frames = Vec::new();
    while let [first, second, tail @ ..] = rest {
        let (length, tail) = match second {
            126 => {
                let (length, tail) = tail.split_at(2);
                (
                    usize::from(u16::from_be_bytes([length[0], length[1]])),
                    tail,
                )
            }
            short => (usize::from(*short), tail),
        };
        frames.push((first & 15, length));
        rest = &tail[length..];
    }
    frames
}

/// The recorded client stops reading before it registers and reads on when all is fed. How many
/// of the 20000 events reach it depends on the operating system's buffers (1006 were recorded);
/// what is determined is the order, that those in the channel come, and how it ends.
#[tokio::test]
async fn recorded_slow_consumer() {
    let replay = Replay::of("savetowebsocket-slow-consumer");
    let recorded = replay.transcript();
    let [welcome, registered, event, close] = &recorded
        .steps
        .iter()
        .filter_map(|step| match &step.what {
            What::Receive(frame) => Some(frame),
            _ => None,
        })
        .collect::<Vec<_>>()[..]
    else {
        panic!("welcome, registered, events, close");
    };
    assert_eq!((event.cut_from, close.payload.len()), (Some(973), 0));
    let Stellar {
        address,
        running,
        handle,
    } = Stellar::new(Settings::default()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(HEAD.as_bytes()).await.unwrap();
    // The register may follow only once the 101 is there: one with it would end TCP.
    let mut answer = [0; 12];
    stream.peek(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
    let register = br#"{"type":"register","filters":{}}"#;
    let mut masked = vec![0x81, 0x80 | register.len() as u8, 0, 0, 0, 0];
    masked.extend_from_slice(register);
    stream.write_all(&masked).await.unwrap();
    while handle.clients() != (1, 1) {
        tokio::task::yield_now().await;
    }
    let mut event = event.payload.clone();
    let at = event.iter().rposition(|byte| *byte == b',').unwrap();
    event.truncate(at);
    let pad = "x".repeat(973 - at - 10);
    event.extend_from_slice(format!(r#","pad":"{pad}"}}"#).as_bytes());
    let event = Bytes::from(event);
    let mut fed = 0;
    while handle.clients() == (1, 1) {
        assert!(fed < 20_000, "the server never gave the client up");
        for _ in 0..50 {
            handle.feed(event.clone()).unwrap();
        }
        fed += 50;
        tokio::task::yield_now().await;
    }
    let frames = frames_to_the_end(stream).await;
    let events = frames
        .iter()
        .filter(|frame| **frame == (1, event.len()))
        .count();
    assert!((256..fed).contains(&events), "{events} of {fed}");
    assert_eq!(frames.len(), events + 3, "no others");
    let lengths = [welcome.payload.len(), registered.payload.len()];
    assert_eq!([frames[0].1, frames[1].1], lengths);
    assert_eq!(frames.last(), Some(&(8, 0)));
    running.unwrap().stop().await;
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let year_and_more = Settings {
        ping_every: Duration::MAX,
        ..Settings::default()
    };
    let no_path = Settings {
        path: "ws".to_owned(),
        ..Settings::default()
    };
    let no_file = Settings {
        recording: Some(Recording {
            path: "/nowhere/events.jsonl".into(),
            rate: 0.0,
            looped: false,
            ends: false,
        }),
        ..Settings::default()
    };
    let too_long = Settings {
        traffic: Some(Traffic {
            payload: Some(usize::MAX),
            ..Traffic::default()
        }),
        ..Settings::default()
    };
    for settings in [year_and_more, no_path, no_file, too_long] {
        let error = start(settings).await.expect_err("nonsense");
        assert!(matches!(error, ServerError::Settings { .. }), "{error}");
    }
}

#[tokio::test]
async fn traffic_comes_in_ledgers_and_long_events_in_fragments() {
    let traffic = Traffic {
        rate: 2_000.0,
        ledger_every: Duration::from_millis(20),
        ledger_jitter: Duration::ZERO,
        seed: 7,
        ..Traffic::default()
    };
    let (running, _) = start(Settings {
        traffic: Some(traffic),
        ..Settings::default()
    })
    .await
    .unwrap();
    let mut connection = Connection::dial(running.address()).await;
    connection.write(HEAD.as_bytes()).await;
    connection.answer().await;
    connection
        .send(&frame(
            1,
            br#"{"type":"register","filters":{"types":["contract","network_metrics"]}}"#,
        ))
        .await;
    let mut ledgers = Vec::new();
    let mut fragments = 0;
    while ledgers.len() < 3 || fragments < 3 {
        let received = timeout(PATIENCE, connection.receive())
            .await
            .unwrap()
            .unwrap();
        fragments += usize::from(!received.fin);
        if !received.fin || received.opcode != 1 {
            continue;
        }
        let event: Value = serde_json::from_slice(&received.payload).unwrap();
        if event["type"] == "network_metrics" {
            ledgers.push(event["ledger_sequence"].as_u64().unwrap());
        }
    }
    assert!(
        ledgers.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{ledgers:?}"
    );
    running.stop().await;
}
