//! States for tests: a clock that stands still and a few sessions with made-up traffic.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;

use crate::body::{Body, Node};
use crate::entry::{Badge, Chunk, Draft, EntryKind, Outcome, Totals};
use crate::frame::{Direction, Frame, FrameKind, Seq, Stamp, Wire};
use crate::protocol::{Decoder, System};
use crate::schema::Schema;
use crate::session::{
    Countdown, Delivery, LatencySummary, Rates, Rtt, SessionId, Snapshot, State as Lifecycle,
};
use crate::store::Timeline;
use crate::transport::clock;

use super::composer::Terms;
use super::effect::Effect;
use super::input::{Input, Joined};
use super::keymap::Chord;
use super::state::picker::{Choice, Origin};
use super::state::{Options, State};
use super::update::{start, update};

/// 2026-01-01T12:00:00Z.
const NOON: i64 = 1_767_268_800_000_000;

/// The time at which everything in a test begins.
pub(crate) fn noon() -> Stamp {
    Stamp {
        wall_us: NOON,
        ..clock::now()
    }
}

/// The demo's schema, and settings nobody changed.
fn terms() -> Terms {
    Terms {
        schema: Arc::new(Schema::demo().clone()),
        ..Terms::default()
    }
}

/// A state being driven: inputs in, effects collected.
pub(crate) struct Stage {
    pub(crate) state: State,
    pub(crate) effects: Vec<Effect>,
    pub(crate) noon: Stamp,
}

impl Stage {
    /// The picker with a few choices.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let choice = |target: &str, origin, url: &str, description: &str| Choice {
            target: target.to_owned(),
            origin,
            system: "Raccoon".to_owned(),
            url: url.to_owned(),
            description: description.to_owned(),
            problem: None,
        };
        let options = Options {
            choices: vec![
                choice(
                    "demo:raccoon",
                    Origin::Demo,
                    "ws://127.0.0.1",
                    "Batches and acks",
                ),
                choice(
                    "demo:stellar",
                    Origin::Demo,
                    "ws://127.0.0.1",
                    "A filtered event stream",
                ),
                choice(
                    "staging",
                    Origin::User,
                    "wss://staging.example/ws",
                    "Our own",
                ),
                choice(
                    "raccoon",
                    Origin::BuiltIn,
                    "ws://127.0.0.1:8080",
                    "Raccoon, local",
                ),
            ],
            ..Options::default()
        };
        let noon = noon();
        Self {
            state: State::new(options, Size { width, height }, noon),
            effects: Vec::new(),
            noon,
        }
    }

    /// Sessions 1 (live, with traffic) and 2 (waiting to dial again).
    pub(crate) fn live(width: u16, height: u16) -> Self {
        let mut stage = Self::new(width, height);
        for target in ["demo:raccoon", "stellar"] {
            let mut effects = start(&mut stage.state, target);
            stage.effects.append(&mut effects);
        }
        for number in [1, 2] {
            stage.input(Input::Started {
                session: SessionId(number),
                result: Ok(Joined {
                    terms: terms(),
                    ..Joined::default()
                }),
            });
        }
        let chunk = stage.conversation();
        stage.deliver(1, chunk, Some(stage.snapshot()), Some(Arc::new(Fake)));
        let mut waiting = stage.snapshot();
        waiting.name = "stellar".to_owned();
        waiting.state = Lifecycle::Waiting;
        waiting.detail = "connection refused by 127.0.0.1:9".to_owned();
        waiting.retry_at = Some(stage.noon.after(Duration::from_secs(15)));
        stage.deliver(2, Chunk::new(0, Vec::new()), Some(waiting), None);
        stage.keys("1");
        stage.due(12);
        stage.effects.clear();
        stage
    }

    /// Lets `input` happen.
    pub(crate) fn input(&mut self, input: Input) {
        let mut effects = update(&mut self.state, input);
        self.effects.append(&mut effects);
    }

    /// Presses keys, separated by spaces.
    pub(crate) fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            let chord = Chord::parse(key).unwrap_or_else(|| panic!("{key} is no key"));
            self.input(Input::Key(chord.event()));
        }
    }

    /// Types text.
    pub(crate) fn text(&mut self, text: &str) {
        for c in text.chars() {
            let key = if c == ' ' {
                "space".to_owned()
            } else {
                c.to_string()
            };
            let chord = Chord::parse(&key);
            self.input(Input::Key(chord.expect("a character is a key").event()));
        }
    }

    /// Runs what filters and searches ask for until they ask for nothing more.
    pub(crate) fn settle(&mut self) {
        let looks = |effect: &Effect| matches!(effect, Effect::Look(_));
        while let Some(at) = self.effects.iter().position(looks) {
            if let Effect::Look(task) = self.effects.remove(at) {
                self.input(Input::Answered(task.run()));
            }
        }
    }

    /// It is that many seconds past noon and the screen is about to be drawn.
    pub(crate) fn due(&mut self, seconds: u64) {
        let at = self.noon.after(Duration::from_secs(seconds));
        self.input(Input::Due(at));
    }

    /// A session hands something over.
    pub(crate) fn deliver(
        &mut self,
        session: u32,
        chunk: Chunk,
        snapshot: Option<Snapshot>,
        decoder: Option<Arc<dyn Decoder>>,
    ) {
        let mut delivery = Delivery::new(SessionId(session), chunk);
        delivery.snapshot = snapshot.map(Arc::new);
        delivery.decoder = decoder;
        self.input(Input::Delivered(Box::new(delivery)));
    }

    /// `count` small frames for session 1, following what it has.
    pub(crate) fn more(&mut self, count: u64) {
        let next = self.next();
        let mut chunk = Chunk::new(next, Vec::new());
        for seq in next..next + count {
            let payload = format!("{{\"n\":{seq}}}");
            chunk.push(&self.draft(10_000 + seq, Direction::In, Badge::Event, "tick", &payload));
        }
        self.deliver(1, chunk, None, None);
    }

    fn next(&self) -> Seq {
        let timeline = self.state.store.timeline(SessionId(1));
        timeline.map_or(0, Timeline::next)
    }

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
    fn conversation(&self) -> Chunk {
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
            rates: Rates {
                frames_in: 1_234.0,
                bytes_in: 480_000.0,
                frames_out: 200.0,
                bytes_out: 42_000.0,
            },
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
            open_asks: 3,
            oldest_ask: Some(ms(400)),
            outcomes: [890, 7, 1, 1, 1],
            lost: 2,
            refusals: 0,
            countdowns: vec![Countdown {
                name: "read deadline".to_owned(),
                at: self.noon.after(Duration::from_mins(1)),
            }],
            server_ping_every: Some(Duration::from_secs(10)),
            server_ping_at: Some(self.noon.after(Duration::from_secs(6))),
            behind: 0,
        }
    }
}

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
