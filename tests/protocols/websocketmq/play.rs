//! A conversation at a clock of its own, played by hand.

use std::time::Duration;

use wspect::frame::{Direction, FrameKind, Opening, Stamp};
use wspect::protocol::websocketmq::{Dialect, Picture, Settings, Speak};
use wspect::protocol::{Command, Milestone, Outbox, Outgoing, Protocol, System};
use wspect::transport::clock;

use crate::replay;

/// A conversation, and all it has said and sent.
pub(super) struct Play {
    pub(super) protocol: Box<dyn Protocol>,
    pub(super) now: Stamp,
    pub(super) sent: Vec<String>,
    pub(super) said: Vec<String>,
    due: Vec<(String, Stamp)>,
    wake: Option<Stamp>,
    seq: u64,
}

impl Play {
    /// Speaks as told, at that address.
    pub(super) fn speaking(speak: Speak, url: &str) -> Self {
        let mut settings = replay::settings();
        settings.websocketmq.generation = speak;
        Self::with(settings.websocketmq, url)
    }

    pub(super) fn told(dialect: Dialect) -> Self {
        Self::speaking(Speak::Told(dialect), "ws://h/ws")
    }

    pub(super) fn with(websocketmq: Settings, url: &str) -> Self {
        let mut settings = replay::settings();
        settings.websocketmq = websocketmq;
        let opening = Opening {
            url: url.to_owned(),
            status: 101,
            ..Opening::default()
        };
        let mut play = Self {
            protocol: (System::WebSocketMq.row().make)(&settings),
            now: clock::now(),
            sent: Vec::new(),
            said: Vec::new(),
            due: Vec::new(),
            wake: None,
            seq: 0,
        };
        play.open(&opening);
        play
    }

    pub(super) fn open(&mut self, opening: &Opening) {
        let mut out = Outbox::default();
        self.protocol.opened(opening, self.now, &mut out);
        self.take(out);
    }

    /// A text message of the server; returns label and note of its row.
    pub(super) fn hear(&mut self, text: &str) -> String {
        self.cross(Direction::In, FrameKind::Text, text.as_bytes())
    }

    pub(super) fn cross(&mut self, direction: Direction, kind: FrameKind, bytes: &[u8]) -> String {
        let mut out = Outbox::default();
        let frame = replay::frame(self.seq, self.now, direction, kind, bytes);
        self.seq += 1;
        let summary = self.protocol.observed(&frame, &mut out);
        let row = format!(
            "{} {} · {}",
            summary.badge.name(),
            summary.label,
            summary.note.unwrap_or_default()
        );
        self.take(out);
        row
    }

    pub(super) fn tell(&mut self, command: Command) {
        let mut out = Outbox::default();
        self.protocol
            .commanded(command, self.now, &mut out)
            .unwrap();
        self.take(out);
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, span: Duration) {
        let until = self.now.after(span);
        for _ in 0..100 {
            let dues = self.due.iter().map(|(_, at)| *at).chain(self.wake);
            let next = dues.min_by_key(|at| at.mono);
            let Some(next) = next.filter(|at| at.mono <= until.mono) else {
                self.now = until;
                return;
            };
            self.now = next;
            self.due.retain(|(_, at)| at.mono > next.mono);
            self.wake.take_if(|at| at.mono <= next.mono);
            let mut out = Outbox::default();
            self.protocol.elapsed(next, &mut out);
            self.take(out);
        }
        panic!("time that never passes: {:?}", self.said);
    }

    /// The newest message sent that has this text in it.
    pub(super) fn newest(&self, part: &str) -> &str {
        let found = self.sent.iter().rev().find(|text| text.contains(part));
        found.unwrap_or_else(|| panic!("no {part} among {:#?}", self.sent))
    }

    /// A text member of the newest message with `part` in it.
    pub(super) fn member(&self, part: &str, name: &str) -> String {
        let text = self.newest(part);
        let start = text.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 4;
        text[start..].split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    pub(super) fn says(&self, part: &str) {
        let found = self.said.iter().any(|sentence| sentence.contains(part));
        assert!(found, "{part} is not in {:#?}", self.said);
    }

    pub(super) fn picture(&self) -> std::sync::Arc<Picture> {
        self.protocol.broker(self.now).unwrap()
    }

    pub(super) fn dialect(&self) -> &'static str {
        let picture = self.picture();
        picture
            .dialect
            .as_ref()
            .map_or("", |(known, _)| known.name())
    }

    fn take(&mut self, out: Outbox) {
        for milestone in out.milestones {
            self.said.push(match milestone {
                Milestone::Live(how) => format!("live: {how}"),
                Milestone::Registering(what) => format!("registering: {what}"),
                other => format!("{other:?}"),
            });
        }
        self.said.extend(out.notes.into_iter().map(|note| note.0));
        for (name, at) in out.deadlines {
            self.due.retain(|(known, _)| *known != name);
            self.due.extend(at.map(|at| (name.into_owned(), at)));
        }
        let wakes = [self.wake, out.wake];
        self.wake = wakes.into_iter().flatten().min_by_key(|at| at.mono);
        for send in out.sends {
            if let Outgoing::Text(bytes) = send {
                self.sent.push(String::from_utf8(bytes.to_vec()).unwrap());
                self.cross(Direction::Out, FrameKind::Text, &bytes);
            }
        }
    }
}
