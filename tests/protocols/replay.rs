//! Feeds a recorded connection to its protocol, as a session would, and keeps what came out.

use std::fmt::Write as _;
use std::time::Duration;

use wspect::entry::{Correlation, Summary, Verdict};
use wspect::frame::{Direction, Frame, FrameKind, Opening, Seq, Stamp};
use wspect::protocol::savetowebsocket::Change;
use wspect::protocol::{Milestone, Outbox, Outgoing, Protocol, Settings, System};
use wspect::transport::clock;

use crate::transcript::{Connection, Transcript};

/// Settings all replays use.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings {
        instance: *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
        ..Settings::default()
    };
    settings.websocketmq.subscribe = vec!["server:announcements".to_owned()];
    settings
}

/// A clock that starts where a recording does.
pub(crate) struct Clock {
    start: Stamp,
}

impl Clock {
    pub(crate) fn at(started_us: i64) -> Self {
        Self {
            start: Stamp {
                wall_us: started_us,
                ..clock::now()
            },
        }
    }

    pub(crate) fn stamp(&self, t_ms: f64) -> Stamp {
        self.start.after(Duration::from_secs_f64(t_ms / 1_000.0))
    }

    fn millis(&self, stamp: Stamp) -> u128 {
        stamp.since(self.start).as_millis()
    }
}

/// A frame of a recording, at the time it was recorded.
pub(crate) fn frame(
    seq: Seq,
    at: Stamp,
    direction: Direction,
    kind: FrameKind,
    payload: &[u8],
) -> Frame<'_> {
    Frame {
        seq,
        at,
        direction,
        kind,
        payload,
    }
}

/// A conversation under test: the protocol, its deadlines, and everything it said, as text.
pub(crate) struct Replay {
    protocol: Box<dyn Protocol>,
    clock: Clock,
    deadlines: Vec<(String, Stamp)>,
    wake: Option<Stamp>,
    prefix: String,
    pub(crate) lines: Vec<String>,
}

impl Replay {
    pub(crate) fn new(system: System, clock: Clock, prefix: &str) -> Self {
        Self {
            protocol: (system.row().make)(&settings()),
            clock,
            deadlines: Vec::new(),
            wake: None,
            prefix: prefix.to_owned(),
            lines: Vec::new(),
        }
    }

    pub(crate) fn open(&mut self, opening: &Opening, t_ms: f64) {
        let mut out = Outbox::default();
        self.protocol
            .opened(opening, self.clock.stamp(t_ms), &mut out);
        self.line("open");
        self.drain(out);
    }

    /// Lets time pass, telling the protocol of every deadline on the way.
    pub(crate) fn pass(&mut self, t_ms: f64) {
        let until = self.clock.stamp(t_ms);
        for _ in 0..1_000 {
            let due = self
                .deadlines
                .iter()
                .map(|(_, at)| *at)
                .chain(self.wake)
                .min_by_key(|at| at.mono);
            let Some(due) = due.filter(|due| due.mono <= until.mono) else {
                return;
            };
            self.deadlines.retain(|(_, at)| at.mono > due.mono);
            self.wake.take_if(|at| at.mono <= due.mono);
            let mut out = Outbox::default();
            self.protocol.elapsed(due, &mut out);
            let wake = out.wake.take();
            if !out.is_empty() {
                self.line(&format!("elapsed at {} ms", self.clock.millis(due)));
            }
            out.wake = wake;
            self.drain(out);
        }
        panic!("deadlines that never end");
    }

    pub(crate) fn observe<'a>(&mut self, frame: &Frame<'a>) -> Summary<'a> {
        let mut out = Outbox::default();
        let summary = self.protocol.observed(frame, &mut out);
        self.line(&show(frame, &summary));
        self.drain(out);
        summary
    }

    fn line(&mut self, text: &str) {
        self.lines.push(format!("{}{text}", self.prefix));
    }

    fn drain(&mut self, out: Outbox) {
        for milestone in out.milestones {
            self.line(&format!("  = {}", show_milestone(&milestone)));
        }
        for send in out.sends {
            self.line(&format!("  + {}", show_send(&send)));
        }
        for note in out.notes {
            self.line(&format!("  ! {}", note.0));
        }
        for change in out.filters {
            let what = match change {
                Change::Asked { .. } => "asked for",
                Change::Confirmed(_) => "confirmed",
                Change::Settled(_) => "in effect for sure",
            };
            self.line(&format!("  % filters {what}"));
        }
        let wakes = [self.wake, out.wake];
        self.wake = wakes.into_iter().flatten().min_by_key(|at| at.mono);
        for (name, at) in out.deadlines {
            self.deadlines.retain(|(known, _)| *known != name);
            match at {
                Some(at) => {
                    self.line(&format!("  @ {name} at {} ms", self.clock.millis(at)));
                    self.deadlines.push((name.into_owned(), at));
                }
                None => self.line(&format!("  @ {name} dropped")),
            }
        }
    }
}

/// Replays one connection of a transcript; `each` sees every frame with its summary.
pub(crate) fn connection(
    transcript: &Transcript,
    system: System,
    connection: &Connection,
    mut each: impl FnMut(&Frame<'_>, &Summary<'_>, bool),
) -> Vec<String> {
    let prefix = if connection.name.is_empty() {
        String::new()
    } else {
        format!("{} ", connection.name)
    };
    let mut replay = Replay::new(system, Clock::at(transcript.started_us), &prefix);
    replay.open(&connection.opening, connection.opened_ms);
    for (seq, recorded) in connection.frames.iter().enumerate() {
        replay.pass(recorded.t_ms);
        let frame = frame(
            seq as Seq,
            replay.clock.stamp(recorded.t_ms),
            recorded.direction,
            recorded.kind,
            &recorded.payload,
        );
        let summary = replay.observe(&frame);
        each(&frame, &summary, recorded.altered);
    }
    replay.pass(connection.ended_ms);
    // The other systems' endings have tests of their own.
    if let Some(end) = connection.end.filter(|_| system == System::WebSocketMq) {
        let told = replay.protocol.explain_end(&end);
        replay.line(&format!(
            "ended {} · {}",
            end.code,
            told.as_deref().unwrap_or("nothing to explain")
        ));
    }
    replay.lines
}

/// Replays a whole transcript into lines, connection after connection.
pub(crate) fn lines(transcript: &Transcript) -> String {
    let mut text = String::new();
    for one in &transcript.connections {
        for line in connection(transcript, transcript.system, one, |_, _, _| {}) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

fn show(frame: &Frame<'_>, summary: &Summary<'_>) -> String {
    let arrow = match frame.direction {
        Direction::In => '<',
        Direction::Out => '>',
    };
    let mut line = format!(
        "{arrow} {:<12} {}",
        summary.badge.name(),
        wspect::sanitise::line(&summary.label)
    );
    match &summary.correlation {
        Correlation::None => {}
        Correlation::Asks { key, within } => {
            let _ = write!(line, " · asks {key}");
            if let Some(within) = within {
                let _ = write!(line, " within {}", wspect::duration::show(*within));
            }
        }
        Correlation::Answers { key, verdict } => {
            let verdict = match verdict {
                Verdict::Ok => "ok",
                Verdict::Error => "error",
            };
            let _ = write!(line, " · answers {key} {verdict}");
        }
    }
    if let Some(note) = &summary.note {
        let _ = write!(line, "\n    note: {note}");
    }
    if let Some(error) = &summary.error {
        let _ = write!(line, "\n    error: {error}");
    }
    line
}

fn show_milestone(milestone: &Milestone) -> String {
    match milestone {
        Milestone::Registering(what) => format!("registering: {what}"),
        Milestone::Live(how) => format!("live: {how}"),
        Milestone::Refused {
            code,
            reason,
            retry_after_ms,
            ..
        } => format!("refused: code {code}, {reason}, again after {retry_after_ms} ms"),
        Milestone::Failed(why) => format!("failed: {why}"),
    }
}

fn show_send(outgoing: &Outgoing) -> String {
    match outgoing {
        Outgoing::Text(bytes) => format!("text {}", String::from_utf8_lossy(bytes)),
        Outgoing::Binary(bytes) => format!("binary {bytes:?}"),
        Outgoing::Ping(bytes) => format!("ping {bytes:?}"),
        Outgoing::Pong(bytes) => format!("pong {bytes:?}"),
        Outgoing::Call(call) => format!("{} {:?}", call.route.name(), call.body),
        Outgoing::Close { code, reason } => format!("close {code} {reason}"),
    }
}
