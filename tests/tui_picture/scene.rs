//! A screen worth a picture: the four demos, Raccoon's in front, one batch looked at. Frames are
//! made by the demo's own traffic and read by the real protocol and decoder; time stands still.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use serde_json::json;

use wspect::compose::demo::Traffic;
use wspect::entry::{Badge, Chunk, Correlation, Draft, EntryKind, Outcome, Verdict};
use wspect::frame::{Direction, Frame, FrameKind, Seq, Stamp, Wire};
use wspect::protocol::{Command, Outbox, Protocol, Settings, System, raccoon};
use wspect::schema::Schema;
use wspect::session::{
    Countdown, Delivery, LatencySummary, Rates, Rtt, SessionId, Snapshot, State as Lifecycle,
};
use wspect::transport::clock;
use wspect::tui::input::{Input, Joined};
use wspect::tui::state::{Options, State};
use wspect::tui::update::{start, update};

pub(crate) const WIDTH: u16 = 120;
pub(crate) const HEIGHT: u16 = 36;

/// 2026-01-01T12:00:00Z.
const NOON: i64 = 1_767_268_800_000_000;

/// The session's log as it grows.
struct Log {
    start: Stamp,
    at: Duration,
    chunk: Chunk,
    protocol: Box<dyn Protocol>,
    next: Seq,
}

impl Log {
    fn new(start: Stamp) -> Self {
        Self {
            start,
            at: Duration::ZERO,
            chunk: Chunk::new(0, Vec::new()),
            protocol: (System::Raccoon.row().make)(&Settings::default()),
            next: 0,
        }
    }

    fn now(&self) -> Stamp {
        self.start.after(self.at)
    }

    fn wait(&mut self, micros: u64) {
        self.at += Duration::from_micros(micros);
    }

    fn state(&mut self, label: &str, facts: &serde_json::Value) {
        let payload = facts.to_string();
        let draft = Draft {
            kind: EntryKind::Lifecycle,
            badge: Badge::State,
            ..blank(self.now(), Direction::In, label, payload.as_bytes())
        };
        self.chunk.push(&draft);
        self.next += 1;
    }

    /// A frame as the session would log it; `ask` is what it answers, and how long that took.
    fn frame(
        &mut self,
        direction: Direction,
        kind: FrameKind,
        payload: &[u8],
        ask: Option<(Seq, Duration)>,
    ) -> Seq {
        let seq = self.next;
        let frame = Frame {
            seq,
            at: self.now(),
            direction,
            kind,
            payload,
        };
        let summary = self.protocol.observed(&frame, &mut Outbox::default());
        let outcome = match summary.correlation {
            Correlation::Answers { verdict, .. } => Some(match verdict {
                Verdict::Ok => Outcome::Ok,
                Verdict::Error => Outcome::Error,
            }),
            _ => None,
        };
        self.chunk.push(&Draft {
            kind: EntryKind::Frame(kind),
            badge: summary.badge,
            asks: matches!(summary.correlation, Correlation::Asks { .. }),
            outcome,
            latency: ask.map(|(_, took)| took),
            pair: ask.map(|(seq, _)| seq),
            note: summary.note.clone(),
            ..blank(self.now(), direction, &summary.label, payload)
        });
        self.next += 1;
        seq
    }
}

fn blank<'a>(at: Stamp, direction: Direction, label: &'a str, payload: &'a [u8]) -> Draft<'a> {
    static WIRE: Wire = Wire {
        bytes: 0,
        rsv: 0,
        mask: None,
        fragments: Vec::new(),
    };
    Draft {
        at,
        kind: EntryKind::Lifecycle,
        direction,
        payload,
        wire: &WIRE,
        badge: Badge::State,
        label,
        outcome: None,
        latency: None,
        pair: None,
        asks: false,
        note: None,
        error: None,
    }
}

/// A reply as the server writes it.
fn ack(guid: &str, ok: bool, at: Stamp) -> Vec<u8> {
    let schema = Schema::default();
    let message = schema
        .message("raystack.raccoon.v1beta1.SendEventResponse", "the picture")
        .expect("every schema has the contract");
    let reason = "error publishing events to kafka: Local: Queue full";
    let reply = json!({
        "status": if ok { "STATUS_SUCCESS" } else { "STATUS_ERROR" },
        "code": if ok { "CODE_OK" } else { "CODE_INTERNAL_ERROR" },
        "sent_time": at.wall_us / 1_000_000,
        "reason": if ok { "" } else { reason },
        "data": { "req_guid": guid },
    });
    let encoded = schema.encode(&message, &reply);
    encoded.expect("the reply is one of the contract")
}

/// Batches and acks; a ping in between, one batch that fails, one that waits.
fn conversation(start: Stamp) -> Chunk {
    let mut log = Log::new(start);
    let mut shop = Traffic::new(3);
    log.state(
        "open",
        &json!({"state": "open", "detail": "upgraded by 127.0.0.1:8080"}),
    );
    log.wait(301_200);
    let live = "no refusal came within 300 ms of the upgrade";
    log.state("live", &json!({"state": "live", "detail": live}));
    for number in 0_u64..14 {
        log.wait(397_000 + number * 7_333 % 50_000);
        let prepared = shop.next(log.now().wall_us);
        let Command::Batch(batch) = prepared.command else {
            panic!("the demo sends batches");
        };
        let kind = match batch.wire {
            raccoon::Wire::Protobuf => FrameKind::Binary,
            raccoon::Wire::Json => FrameKind::Text,
        };
        let asked = log.frame(Direction::Out, kind, &batch.bytes, None);
        if number == 13 {
            break;
        }
        let ok = number != 8;
        let micros = if ok {
            900 + number * 377 % 1_500
        } else {
            9_800
        };
        log.wait(micros);
        let took = Duration::from_micros(micros);
        // Replies come in the opcode of their batch; those of the JSON wire are not shown here.
        let reply = ack(&batch.guid, ok, log.now());
        if kind == FrameKind::Binary {
            log.frame(Direction::In, kind, &reply, Some((asked, took)));
        } else {
            let json = json!({
                "status": 1, "code": 1, "sent_time": log.now().wall_us / 1_000_000, "reason": "",
                "data": { "req_guid": batch.guid },
            });
            log.frame(
                Direction::In,
                kind,
                json.to_string().as_bytes(),
                Some((asked, took)),
            );
        }
        if number == 5 {
            log.wait(120_000);
            log.frame(Direction::In, FrameKind::Ping, b"--ping--", None);
            log.wait(90);
            log.frame(Direction::Out, FrameKind::Pong, b"--ping--", None);
        }
    }
    log.chunk
}

const RATES: Rates = Rates {
    frames_in: 212.0,
    bytes_in: 12_900.0,
    frames_out: 211.0,
    bytes_out: 74_300.0,
};

fn snapshot(start: Stamp, name: &str, system: System) -> Snapshot {
    let ms = Duration::from_millis;
    let us = Duration::from_micros;
    let now = start.after(Duration::from_secs(751));
    Snapshot {
        at: now,
        name: name.to_owned(),
        url: "ws://127.0.0.1:8080/api/v1/events".to_owned(),
        system: Some(system),
        system_why: "told by the profile".to_owned(),
        state: Lifecycle::Live,
        since: start,
        detail: String::new(),
        broker: None,
        attempt: 1,
        connections: 1,
        retry_at: None,
        opening: None,
        ending: None,
        insecure: false,
        rtt: Rtt {
            last: Some(us(400)),
            recent: [310, 340, 420, 350, 720, 380, 330, 520, 390, 400]
                .map(us)
                .to_vec(),
        },
        rates: RATES,
        totals: wspect::entry::Totals::default(),
        latency: LatencySummary {
            count: 158_000,
            p50: us(1_100),
            p90: ms(2),
            p99: us(4_200),
            max: ms(31),
        },
        by_label: Vec::new(),
        by_group: Vec::new(),
        answers: wspect::session::Answers::default(),
        open: Vec::new(),
        lost_asks: Arc::default(),
        standing: Arc::default(),
        filters: Arc::default(),
        metrics: None,
        counts: Vec::new(),
        open_asks: 1,
        oldest_ask: Some(ms(4)),
        outcomes: [157_990, 10, 0, 0, 0],
        lost: 0,
        refusals: 0,
        countdowns: vec![Countdown {
            name: "pong deadline".to_owned(),
            at: now.after(Duration::from_secs(48)),
        }],
        server_ping_every: Some(Duration::from_secs(20)),
        server_ping_at: Some(start.after(Duration::from_secs(743))),
        health_check: None,
        behind: 0,
    }
}

fn deliver(state: &mut State, session: u32, chunk: Chunk, snapshot: Snapshot) {
    let mut delivery = Delivery::new(SessionId(session), chunk);
    let schema = Arc::new(Schema::demo().clone());
    delivery.decoder = snapshot
        .system
        .map(|system| (system.row().decoder)(&Settings::default(), schema));
    delivery.snapshot = Some(Arc::new(snapshot));
    update(state, Input::Delivered(Box::new(delivery)));
}

fn press(state: &mut State, code: KeyCode) {
    update(state, Input::Key(KeyEvent::new(code, KeyModifiers::NONE)));
}

/// The state the picture shows.
pub(crate) fn four_sessions() -> State {
    let began = Stamp {
        wall_us: NOON,
        ..clock::now()
    };
    let size = Size {
        width: WIDTH,
        height: HEIGHT,
    };
    let mut state = State::new(Options::default(), size, began);
    let sessions = [
        ("raccoon", System::Raccoon),
        ("stellar", System::SaveToWebSocket),
        ("mq", System::WebSocketMq),
        ("echo", System::Generic),
    ];
    for (number, (name, system)) in (1..).zip(sessions) {
        let _ = start(&mut state, &format!("demo:{name}"));
        let result = Ok(Joined::default());
        let session = SessionId(number);
        update(&mut state, Input::Started { session, result });
        let mut snapshot = snapshot(began, name, system);
        if name == "echo" {
            snapshot.state = Lifecycle::Waiting;
            snapshot.retry_at = Some(began.after(Duration::from_secs(754)));
        }
        let talk_began = began.after(Duration::from_secs(744));
        let chunk = match system {
            System::Raccoon => conversation(talk_began),
            _ => Chunk::new(0, Vec::new()),
        };
        deliver(&mut state, number, chunk, snapshot);
    }
    press(&mut state, KeyCode::Char('1'));
    let now = began.after(Duration::from_secs(751));
    update(&mut state, Input::Due(now));
    for _ in 0..SELECTED {
        press(&mut state, KeyCode::Up);
    }
    press(&mut state, KeyCode::Char('m'));
    for _ in 0..2 {
        update(&mut state, Input::Due(now));
    }
    state
}

/// How far above the newest entry the selected one is.
const SELECTED: usize = 6;
