//! A conversation played by hand: frames and moments in, what is told out.

use std::time::Duration;

use wspect::entry::Summary;
use wspect::frame::{Direction, FrameKind, Opening, Stamp};
use wspect::protocol::raccoon::{self};
use wspect::protocol::{End, Milestone, Outbox, Protocol, Settings, System};
use wspect::transport::clock;

use crate::replay;

/// 2023-11-14T22:13:20Z.
pub(super) const SECONDS: i64 = 1_700_000_000;
pub(super) const MS: Duration = Duration::from_millis(1);
pub(super) const SECOND: Duration = Duration::from_secs(1);

/// A conversation being played, and the sentences it told.
pub(super) struct Play {
    pub(super) protocol: Box<dyn Protocol>,
    pub(super) start: Stamp,
    pub(super) now: Stamp,
    pub(super) notes: Vec<String>,
    pub(super) milestones: Vec<Milestone>,
}

impl Play {
    pub(super) fn new() -> Self {
        Self::with(raccoon::Settings::default(), Opening::default())
    }

    pub(super) fn with(raccoon: raccoon::Settings, opening: Opening) -> Self {
        let settings = Settings {
            raccoon,
            ..replay::settings()
        };
        let now = Stamp {
            wall_us: SECONDS * 1_000_000,
            ..clock::now()
        };
        let mut play = Self {
            protocol: (System::Raccoon.row().make)(&settings),
            start: now,
            now,
            notes: Vec::new(),
            milestones: Vec::new(),
        };
        let opening = Opening {
            url: "ws://h/api/v1/events".to_owned(),
            status: 101,
            ..opening
        };
        let mut out = Outbox::default();
        play.protocol.opened(&opening, now, &mut out);
        play.keep(out);
        play
    }

    pub(super) fn keep(&mut self, out: Outbox) {
        self.notes.extend(out.notes.into_iter().map(|note| note.0));
        self.milestones.extend(out.milestones);
    }

    pub(super) fn frame<'a>(
        &mut self,
        direction: Direction,
        kind: FrameKind,
        payload: &'a [u8],
    ) -> Summary<'a> {
        self.now = self.now.after(MS);
        let frame = replay::frame(0, self.now, direction, kind, payload);
        let mut out = Outbox::default();
        let summary = self.protocol.observed(&frame, &mut out);
        self.keep(out);
        summary
    }

    /// A batch as JSON; returns its note.
    pub(super) fn batch(&mut self, text: &str) -> String {
        let summary = self.frame(Direction::Out, FrameKind::Text, text.as_bytes());
        summary.note.unwrap_or_default()
    }

    /// A plain batch of these types.
    pub(super) fn send(&mut self, guid: &str, types: &[&str]) -> String {
        let events: Vec<_> = types
            .iter()
            .map(|kind| format!(r#"{{"event_bytes":"e30=","type":"{kind}"}}"#))
            .collect();
        let seconds = self.now.wall_us / 1_000_000;
        self.batch(&format!(
            r#"{{"req_guid":"{guid}","sent_time":{{"seconds":{seconds}}},"events":[{}]}}"#,
            events.join(",")
        ))
    }

    /// A reply as JSON; returns its note.
    pub(super) fn reply(&mut self, guid: &str, code: i64, reason: &str) -> String {
        let status = if code == 1 { 1 } else { 2 };
        let seconds = self.now.wall_us / 1_000_000;
        let text = format!(
            r#"{{"status":{status},"code":{code},"sent_time":{seconds},"reason":"{reason}","data":{{"req_guid":"{guid}"}}}}"#
        );
        let summary = self.frame(Direction::In, FrameKind::Text, text.as_bytes());
        summary.note.unwrap_or_default()
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
        let mut out = Outbox::default();
        self.protocol.elapsed(self.now, &mut out);
        self.keep(out);
    }

    pub(super) fn ended(&self, code: u16) -> String {
        let end = End {
            after: self.now.since(self.start),
            code,
            by_us: false,
            reset: false,
            cut: false,
        };
        self.protocol.explain_end(&end).unwrap_or_default()
    }

    /// What stands under that name.
    pub(super) fn fact(&self, name: &str) -> String {
        let facts = self.protocol.standing(self.now);
        let fact = facts.into_iter().find(|fact| fact.name == name);
        fact.map(|fact| fact.value).unwrap_or_default()
    }

    pub(super) fn told(&self, part: &str) -> bool {
        self.notes.iter().any(|note| note.contains(part))
    }
}

#[track_caller]
pub(super) fn says(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text:?}");
}
