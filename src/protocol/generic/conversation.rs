//! One connection's conversation with a system of which only the profile knows something.

use super::correlate::{self, Paths};
use super::steps::Steps;
use super::{ROW, Settings, label};
use crate::entry::{Badge, Summary};
use crate::frame::{Direction, Frame, Opening, Stamp};
use crate::protocol::{Command, CommandError, Outbox, Protocol, control};

/// What is remembered of the connection.
pub(super) struct Conversation {
    paths: Paths,
    steps: Steps,
}

impl Conversation {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            paths: Paths::new(&settings.correlate),
            steps: Steps::new(settings.on_open.clone()),
        }
    }
}

impl Protocol for Conversation {
    fn opened(&mut self, _: &Opening, now: Stamp, out: &mut Outbox) {
        self.steps.begin(now, out);
    }

    fn observed<'a>(&mut self, frame: &Frame<'a>, out: &mut Outbox) -> Summary<'a> {
        if let Some(summary) = control::summary(frame) {
            return summary;
        }
        let badge = if !self.steps.over() && self.steps.take(frame, out) {
            Badge::Step
        } else {
            Badge::Message
        };
        let summary = Summary::new(badge, label::of(frame));
        let Some(key) = self.paths.key(frame.payload, frame.direction) else {
            return summary;
        };
        match frame.direction {
            Direction::Out => summary.asking(key, None),
            Direction::In => {
                let (verdict, words) = correlate::verdict(frame.payload);
                let mut summary = summary.answering(key, verdict);
                summary.note = words;
                summary
            }
        }
    }

    fn commanded(
        &mut self,
        command: Command,
        _: Stamp,
        out: &mut Outbox,
    ) -> Result<(), CommandError> {
        match command {
            Command::Raw(outgoing) => {
                out.sends.push(outgoing);
                Ok(())
            }
            other => Err(CommandError::NotSpoken {
                system: ROW.title,
                command: other.name(),
            }),
        }
    }

    fn elapsed(&mut self, now: Stamp, out: &mut Outbox) {
        self.steps.elapsed(now, out);
    }
}
