//! States for tests: a clock that stands still and a few sessions with made-up traffic.

mod broker;
mod stellar;
mod traffic;

use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;

use crate::entry::{Badge, Chunk};
use crate::frame::{Direction, Frame, FrameKind, Seq, Stamp};
use crate::protocol::raccoon::metrics::{Doings, History, Page, Picture, advice, rows};
use crate::protocol::{Decoder, System};
use crate::schema::Schema;
use crate::session::{Delivery, SessionId, Snapshot, State as Lifecycle};
use crate::store::Timeline;
use crate::transport::clock;

use super::composer::Terms;
use super::effect::Effect;
use super::input::{Input, Joined};
use super::keymap::Chord;
use super::state::picker::{Choice, Origin};
use super::state::{Options, State};
use super::update::{start, update};

pub(crate) use broker::{HELD, OWN, PAGE};
pub(crate) use stellar::UPDATE;
pub(crate) use traffic::{Blank, Fake};

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

    /// A batch of an order (as a message of the demo's) and of a page (as JSON), read as the
    /// session would, with the cursor on its detail.
    pub(crate) fn batch(&mut self) {
        let text = r#"{"req_guid":"g1","sent_time":{"seconds":1767268800},"events":[
{"type":"order_v2","event_bytes":"CgNvLTEiCgoFcy0xMDAQwAcqA0VVUg=="},
{"type":"page","event_bytes":"eyJ1cmwiOiIvaG9tZSJ9"}]}"#;
        let mut chunk = Chunk::new(self.next(), Vec::new());
        let label = "order_v2×1 page×1";
        chunk.push(&self.draft(10_000, Direction::Out, Badge::Batch, label, text));
        let terms = terms();
        let decoder = (System::Raccoon.row().decoder)(&terms.settings, terms.schema);
        self.deliver(1, chunk, None, Some(decoder));
        self.keys("enter");
        self.due(12);
    }

    /// The session's server has told its metrics twice; the newest attempt failed if `error` says
    /// so.
    pub(crate) fn metrics(&mut self, error: Option<&str>) {
        const PAGE: &str = include_str!("../../tests/fixtures/metrics/raccoon-v0.3.0.txt");
        // Ten batches more for the first worker, most of which have waited.
        let worker = |line: &str| {
            let (series, value) = line.rsplit_once(' ').unwrap_or((line, ""));
            let value = match series
                .rsplit_once("le=")
                .map(|(_, le)| le.trim_matches(['"', '}']))
            {
                Some("250" | "500") => "9",
                Some("1000" | "2500" | "5000" | "+Inf") => "11",
                Some(_) => value,
                None if series.contains("_sum") => "4200",
                None => "11",
            };
            format!("{series} {value}")
        };
        let later: Vec<String> = PAGE
            .lines()
            .map(|line| match line {
                line if line.contains("worker=\"worker-1\"") => worker(line),
                line => line.replace("status=\"success\"} 4", "status=\"success\"} 24"),
            })
            .collect();
        let later = later.join("\n");
        let mut history = History::default();
        for (seconds, page) in [(0, PAGE), (10, &later)] {
            let at = self.noon.after(Duration::from_secs(seconds));
            history.take(&Page::read(page.as_bytes()), at);
        }
        let mut doings = Doings::default();
        doings.connected();
        for _ in 0..20 {
            doings.observed(&Frame {
                seq: 0,
                at: self.noon,
                direction: Direction::In,
                kind: FrameKind::Text,
                payload: b"{\"status\":1,\"code\":1,\"data\":{\"req_guid\":\"g\"}}",
            });
        }
        let mut snapshot = self.snapshot();
        snapshot.metrics = Some(Arc::new(Picture {
            url: "http://127.0.0.1:9090/metrics".to_owned(),
            every: Duration::from_secs(10),
            at: self.noon,
            attempts: 2 + u64::from(error.is_some()),
            failures: u64::from(error.is_some()),
            error: error.map(str::to_owned),
            took: Duration::from_millis(3),
            read_at: Some(self.noon.after(Duration::from_secs(10))),
            rows: rows(&history, &Doings::default(), &doings),
            advice: advice(&history),
            history: Arc::new(history),
        }));
        let chunk = Chunk::new(self.next(), Vec::new());
        self.deliver(1, chunk, Some(snapshot), None);
    }

    fn next(&self) -> Seq {
        let timeline = self.state.store.timeline(SessionId(1));
        timeline.map_or(0, Timeline::next)
    }
}
