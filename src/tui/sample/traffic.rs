//! Made-up traffic: every kind of row, a healthy session, decoders.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::body::{Body, Node};
use crate::entry::{Badge, Chunk, Draft, EntryKind, Outcome, Totals};
use crate::frame::{Direction, Frame, FrameKind, Wire};
use crate::protocol::{Decoder, System};
use crate::session::{
    Countdown, LatencySummary, LostAsk, OpenAsk, Rates, Rtt, Snapshot, State as Lifecycle,
};

use super::Stage;

impl Stage {
    /// An entry of session 1 that many milliseconds past noon.
    pub(crate) fn draft<'a>(
        &self,
        millis: u64,
        direction: Direction,
        badge: Badge,
        label: &'a str,
        payload: &'a str,
    ) -> Draft<'a> {
        static WIRE: std::sync::LazyLock<Wire> = std::sync::LazyLock::new(|| Wire {
            bytes: 200,
            rsv: 0,
            mask: Some([1, 2, 3, 4]),
            fragments: Vec::new(),
        });
        Draft {
            at: self.noon.after(Duration::from_millis(millis)),
            kind: EntryKind::Frame(FrameKind::Text),
            direction,
            payload: payload.as_bytes(),
            wire: &WIRE,
            badge,
            label,
            outcome: None,
            latency: None,
            pair: None,
            asks: false,
            note: None,
            error: None,
        }
    }

    /// Every kind of row there is.
    pub(super) fn conversation(&self) -> Chunk {
        use Direction::{In, Out};
        const OPEN: &str = "{\"state\":\"open\",\"detail\":\"upgraded by 127.0.0.1:8080\"}";
        const BATCH: &str = "{\"req_guid\":\"55F648D1\",\"events\":[{\"type\":\"click\"}]}";
        let mut chunk = Chunk::new(0, Vec::new());
        chunk.push(&Draft {
            kind: EntryKind::Lifecycle,
            ..self.draft(0, In, Badge::State, "open", OPEN)
        });
        let ask = Draft {
            asks: true,
            ..self.draft(1_123, Out, Badge::Batch, "click×2 page×1", BATCH)
        };
        let reply = self.draft(1_124, In, Badge::Ack, "OK", "{\"status\":\"OK\"}");
        let took = Some(Duration::from_micros(1_100));
        chunk.push(&ask);
        chunk.push(&Draft {
            outcome: Some(Outcome::Ok),
            latency: took,
            pair: Some(1),
            ..reply.clone()
        });
        chunk.push(&ask);
        chunk.push(&Draft {
            label: "INTERNAL_ERROR",
            outcome: Some(Outcome::Error),
            latency: Some(Duration::from_micros(9_800)),
            pair: Some(3),
            note: Some("the server could not publish; it will not try again".to_owned()),
            ..reply.clone()
        });
        self.troubles(&mut chunk, &ask, &reply);
        chunk
    }

    /// What goes wrong, and a ping.
    fn troubles(&self, chunk: &mut Chunk, ask: &Draft<'_>, reply: &Draft<'_>) {
        use Direction::In;
        chunk.push(&Draft {
            outcome: Some(Outcome::Orphan),
            ..reply.clone()
        });
        chunk.push(ask);
        chunk.push(&Draft {
            kind: EntryKind::Lost,
            pair: Some(6),
            ..self.draft(
                5_000,
                In,
                Badge::Lost,
                "click×2 page×1",
                "{\"why\":\"timeout\"}",
            )
        });
        chunk.push(&Draft {
            kind: EntryKind::Frame(FrameKind::Ping),
            ..self.draft(6_000, In, Badge::Ping, "--ping--", "--ping--")
        });
        chunk.push(&Draft {
            error: Some("not UTF-8 at byte 3".to_owned()),
            ..self.draft(
                7_000,
                In,
                Badge::Malformed,
                "esc \x1b[31m red",
                "abc\u{202e}",
            )
        });
        chunk.push(ask);
    }

    /// A session with an ask that waits, one that was lost, and one whose reply came too late.
    pub(crate) fn without_replies(&self) -> Snapshot {
        let ms = Duration::from_millis;
        let ask = |seq, label: &str, ago| OpenAsk {
            seq,
            key: format!("0b1c7a52-2f6a-4c8e-9a40-7d1f3f0e8a{seq:02}"),
            label: label.to_owned(),
            group: "WebSocket protobuf",
            asked: self.noon.before(ms(ago)),
        };
        let lost = |ask: OpenAsk, late| LostAsk {
            at: ask.asked.after(ms(10_000)),
            why: "timeout".into(),
            ask,
            late,
        };
        Snapshot {
            open: vec![ask(2, "click×2 page×1", 400)],
            lost_asks: Arc::new([
                lost(ask(0, "esc\u{1b}[2J", 30_000), false),
                lost(ask(1, "page", 20_000), true),
            ]),
            open_asks: 1,
            ..self.snapshot()
        }
    }

    /// A healthy session.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let ms = Duration::from_millis;
        Snapshot {
            at: self.noon,
            name: "raccoon-local".to_owned(),
            url: "ws://127.0.0.1:8080/api/v1/events".to_owned(),
            system: Some(System::Raccoon),
            system_why: "told by the profile".to_owned(),
            state: Lifecycle::Live,
            since: self.noon,
            detail: "acks arrive".to_owned(),
            attempt: 1,
            connections: 1,
            retry_at: None,
            opening: None,
            ending: None,
            insecure: false,
            rtt: Rtt {
                last: Some(Duration::from_micros(400)),
                recent: [4, 5, 4, 9, 4, 3].map(ms).to_vec(),
            },
            rates: RATES,
            totals: Totals {
                frames_in: 41_200,
                bytes_in: 17_000_000,
                ..Totals::default()
            },
            latency: LatencySummary {
                count: 900,
                p50: Duration::from_micros(1_100),
                p90: ms(2),
                p99: Duration::from_micros(4_200),
                max: ms(31),
            },
            by_label: Vec::new(),
            by_group: Vec::new(),
            answers: crate::session::Answers::default(),
            open: Vec::new(),
            lost_asks: Arc::default(),
            standing: Arc::default(),
            broker: None,
            filters: Arc::default(),
            counts: Vec::new(),
            open_asks: 3,
            oldest_ask: Some(ms(400)),
            outcomes: [890, 7, 1, 1, 1],
            metrics: None,
            lost: 2,
            refusals: 0,
            countdowns: vec![Countdown {
                name: "read deadline".to_owned(),
                at: self.noon.after(Duration::from_mins(1)),
            }],
            server_ping_every: Some(Duration::from_secs(10)),
            server_ping_at: Some(self.noon.after(Duration::from_secs(6))),
            health_check: None,
            behind: 0,
        }
    }
}

const RATES: Rates = Rates {
    frames_in: 1_234.0,
    bytes_in: 480_000.0,
    frames_out: 200.0,
    bytes_out: 42_000.0,
};

/// Reads the first bytes of any frame as two fields and the whole as a third.
pub(crate) struct Fake;

impl Decoder for Fake {
    fn body(&self, frame: &Frame<'_>) -> Body {
        let half = frame.payload.len() / 2;
        let mut text = String::new();
        let _ = write!(text, "{}", String::from_utf8_lossy(frame.payload));
        let events = Node::array(
            "events",
            vec![Node::object(
                "0",
                vec![
                    Node::text("type", "click").with_span(half..frame.payload.len()),
                    Node::number("at", frame.seq),
                ],
            )],
        );
        Body {
            root: Node::object(
                "",
                vec![
                    Node::text("req_guid", "55F648D1").with_span(0..half),
                    Node::text("text", text).with_hint("all of it"),
                    events,
                ],
            ),
            via: "SendEventRequest".to_owned(),
            key: Some("55F648D1".to_owned()),
            notes: Vec::new(),
            error: None,
            ..Body::default()
        }
    }
}

/// Reads nothing.
pub(crate) struct Blank;

impl Decoder for Blank {
    fn body(&self, _: &Frame<'_>) -> Body {
        Body::default()
    }
}
