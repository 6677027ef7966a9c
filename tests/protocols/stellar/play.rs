//! A conversation played by hand: frames and moments in, what is told out.

use std::time::Duration;

use wspect::entry::Summary;
use wspect::frame::{Direction, FrameKind, Opening, Stamp};
use wspect::protocol::savetowebsocket::{self, Change, Filters, Introduction};
use wspect::protocol::{Command, End, Milestone, Outbox, Outgoing, Protocol, Settings, System};
use wspect::transport::clock;

use crate::replay;

pub(super) const MS: Duration = Duration::from_millis(1);
pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const WELCOME: &str = r#"{"format":{"filters":{"account_ids":[],"asset_codes":[],"min_amount":"","types":[]},"type":"register"},"message":"Please send registration message to begin receiving events","type":"welcome"}"#;
pub(super) const REGISTERED: &str = r#"{"filters":{"types":[],"account_ids":[],"asset_codes":[],"min_amount":"","custom":null},"message":"Registration successful, processing queued events","type":"registered"}"#;

/// A conversation being played, and what it told.
pub(super) struct Play {
    pub(super) protocol: Box<dyn Protocol>,
    start: Stamp,
    pub(super) now: Stamp,
    seq: u64,
    pub(super) notes: Vec<String>,
    pub(super) milestones: Vec<Milestone>,
    pub(super) sends: Vec<String>,
    pub(super) changes: Vec<Change>,
    deadlines: Vec<(String, Stamp)>,
    wake: Option<Stamp>,
}

impl Play {
    /// Opened with the default settings.
    pub(super) fn new() -> Self {
        Self::with(savetowebsocket::Settings::default())
    }

    pub(super) fn with(savetowebsocket: savetowebsocket::Settings) -> Self {
        let settings = Settings {
            savetowebsocket,
            ..replay::settings()
        };
        Self::opened(&settings, Opening::default())
    }

    pub(super) fn opened(settings: &Settings, opening: Opening) -> Self {
        let now = clock::now();
        let mut play = Self {
            protocol: (System::SaveToWebSocket.row().make)(settings),
            start: now,
            now,
            seq: 0,
            notes: Vec::new(),
            milestones: Vec::new(),
            sends: Vec::new(),
            changes: Vec::new(),
            deadlines: Vec::new(),
            wake: None,
        };
        let url = if opening.url.is_empty() {
            "ws://h/ws".to_owned()
        } else {
            opening.url.clone()
        };
        let opening = Opening {
            url,
            status: 101,
            ..opening
        };
        let mut out = Outbox::default();
        play.protocol.opened(&opening, now, &mut out);
        play.keep(out);
        play
    }

    /// Registered for everything, as the profile asks by default.
    pub(super) fn live() -> Self {
        Self::live_with(savetowebsocket::Settings::default())
    }

    pub(super) fn live_with(settings: savetowebsocket::Settings) -> Self {
        let mut play = Self::with(settings);
        play.receive(WELCOME);
        let register = play.sends.pop().expect("the register is sent");
        play.send(&register);
        let filters = register
            .strip_prefix(r#"{"type":"register","filters":"#)
            .and_then(|rest| rest.strip_suffix('}'))
            .expect("a register");
        let registered = format!(
            r#"{{"filters":{filters},"message":"Registration successful, processing queued events","type":"registered"}}"#
        );
        play.receive(&registered);
        play
    }

    fn keep(&mut self, out: Outbox) {
        self.notes.extend(out.notes.into_iter().map(|note| note.0));
        self.milestones.extend(out.milestones);
        self.changes.extend(out.filters);
        for send in out.sends {
            if let Outgoing::Text(text) = send {
                self.sends.push(String::from_utf8_lossy(&text).into_owned());
            }
        }
        for (name, at) in out.deadlines {
            self.deadlines.retain(|(known, _)| *known != name);
            self.deadlines.extend(at.map(|at| (name.into_owned(), at)));
        }
        let wakes = [self.wake, out.wake];
        self.wake = wakes.into_iter().flatten().min_by_key(|at| at.mono);
    }

    pub(super) fn frame<'a>(
        &mut self,
        direction: Direction,
        kind: FrameKind,
        payload: &'a [u8],
    ) -> Summary<'a> {
        self.now = self.now.after(MS / 100);
        let frame = replay::frame(self.seq, self.now, direction, kind, payload);
        self.seq += 1;
        let mut out = Outbox::default();
        let summary = self.protocol.observed(&frame, &mut out);
        self.keep(out);
        summary
    }

    pub(super) fn receive<'a>(&mut self, text: &'a str) -> Summary<'a> {
        self.frame(Direction::In, FrameKind::Text, text.as_bytes())
    }

    /// A frame of ours; returns its note and error.
    pub(super) fn send(&mut self, text: &str) -> String {
        let summary = self.frame(Direction::Out, FrameKind::Text, text.as_bytes());
        let error = summary.error.unwrap_or_default();
        format!("{error} {}", summary.note.unwrap_or_default())
    }

    pub(super) fn register(&mut self, filters: Filters) {
        let mut out = Outbox::default();
        let command = Command::Register(filters);
        self.protocol
            .commanded(command, self.now, &mut out)
            .expect("a register can be sent");
        self.keep(out);
    }

    /// Lets time pass, with every deadline and wake on the way.
    pub(super) fn pass(&mut self, time: Duration) {
        let until = self.now.after(time);
        loop {
            let deadlines = self.deadlines.iter().map(|(_, at)| *at);
            let next = deadlines.chain(self.wake).min_by_key(|at| at.mono);
            let Some(at) = next.filter(|at| at.mono <= until.mono) else {
                break;
            };
            self.deadlines.retain(|(_, due)| due.mono > at.mono);
            self.wake.take_if(|wake| wake.mono <= at.mono);
            let mut out = Outbox::default();
            self.protocol.elapsed(at, &mut out);
            self.keep(out);
        }
        self.now = until;
    }

    /// Until that long after the upgrade.
    pub(super) fn until(&mut self, time: Duration) {
        self.pass(time.saturating_sub(self.now.since(self.start)));
    }

    /// A ping of the server, answered at once.
    pub(super) fn pinged(&mut self) {
        self.frame(Direction::In, FrameKind::Ping, b"");
        self.frame(Direction::Out, FrameKind::Pong, b"");
    }

    pub(super) fn end(&self, code: u16) -> End {
        End {
            after: self.now.since(self.start),
            code,
            by_us: false,
            reset: false,
            cut: false,
        }
    }

    pub(super) fn ended(&self, end: &End) -> String {
        self.protocol.explain_end(end).unwrap_or_default()
    }

    /// What stands under that name, all of it.
    pub(super) fn fact(&self, name: &str) -> String {
        let facts = self.protocol.standing(self.now);
        let found = facts.into_iter().filter(|fact| fact.name == name);
        found.map(|fact| fact.value).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn counts_down(&self, name: &str) -> Option<Duration> {
        let found = self.deadlines.iter().find(|(known, _)| known == name);
        found.map(|(_, at)| at.since(self.now))
    }

    /// The notes so far, one per line; forgotten then.
    pub(super) fn told(&mut self) -> String {
        std::mem::take(&mut self.notes).join("\n")
    }
}

pub(super) fn manual() -> savetowebsocket::Settings {
    savetowebsocket::Settings {
        register: Introduction::Manual,
        ..savetowebsocket::Settings::default()
    }
}

pub(super) fn types(types: &[&str]) -> Filters {
    Filters {
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        ..Filters::default()
    }
}

#[track_caller]
pub(super) fn says(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text:?}");
}
